"""Filters that people saved with a field that is gone are archived, also those on contacts, and saved exports lose it:
neither would open. Automation rules of the company with such a field are archived: each write of a case would fail.
"""

import ast
import logging
from contextlib import suppress

from odoo import SUPERUSER_ID, api

_logger = logging.getLogger(__name__)

#: keys of the context of a filter that name fields: of lists, charts and pivots
SHOWN = ("group_by", "graph_groupbys", "graph_measure", "pivot_row_groupby", "pivot_column_groupby", "pivot_measures")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    ours = "|", ("domain", "like", r"sig\_"), ("context", "like", r"sig\_")
    for saved in env["ir.filters"].search(["|", ("model_id", "=like", "sig.%"), *ours]):
        with suppress(AttributeError, SyntaxError, TypeError, ValueError):  # what nobody can read was of no use before
            domain, context = ast.parse(saved.domain.strip(), mode="eval").body, ast.literal_eval(saved.context.strip())
            model = env.get(saved.model_id)
            if model is not None and not (is_possible(model, domain) and can_show(model, context)):
                saved.active = False
    for rule in env["base.automation"].search([("model_name", "=like", "sig.%")]):
        for text in filter(None, (rule.filter_domain, rule.filter_pre_domain)):
            with suppress(SyntaxError, ValueError):
                if not is_possible(env[rule.model_name], ast.parse(text.strip(), mode="eval").body):
                    rule.active = False
                    _logger.warning("The automation rule “%s” was archived: a field of its filter is gone", rule.name)
    named = ["|", ("export_id.resource", "=like", "sig.%"), ("name", "like", r"sig\_")]
    for line in env["ir.exports.line"].search(named):
        model, path = env.get(line.export_id.resource), (line.name or "").replace("/", ".").replace("..id", ".id")
        if model is not None and not find(model, path.removeprefix(".")):
            line.unlink()


def is_possible(model, domain):
    for condition in getattr(domain, "elts", ()):
        parts = getattr(condition, "elts", ())
        if len(parts) != 3 or not isinstance(parts[0], ast.Constant) or not isinstance(parts[0].value, str):
            continue
        field = find(model, parts[0].value)
        if not field or not field._description_searchable:
            return False
        if field.relational and not is_possible(model.env[field.comodel_name], parts[2]):  # of ``any``
            return False
    return True


def can_show(model, context):
    for key in SHOWN:
        names = context.get(key) or []
        for name in [names] if isinstance(names, str) else names:
            if name != "__count" and not find(model, name.split(":")[0]):
                return False
    return True


def find(model, path):
    """The field of a path, as far as it is of fields: parts of a date may follow."""
    field = None
    for name in path.split("."):
        field = model._fields.get(name)
        if not field or not field.relational:
            return field
        model = model.env[field.comodel_name]
    return field
