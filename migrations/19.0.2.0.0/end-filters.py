"""Filters that people saved with a field that is gone are archived, and saved exports lose it: neither would open."""

import ast
from contextlib import suppress

from odoo import SUPERUSER_ID, api

#: keys of the context of a filter that name fields: of lists, charts and pivots
SHOWN = ("group_by", "graph_groupbys", "graph_measure", "pivot_row_groupby", "pivot_column_groupby", "pivot_measures")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for saved in env["ir.filters"].search([("model_id", "=like", "sig.%")]):
        with suppress(AttributeError, SyntaxError, TypeError, ValueError):  # what nobody can read was of no use before
            domain, context = ast.parse(saved.domain.strip(), mode="eval").body, ast.literal_eval(saved.context.strip())
            model = env.get(saved.model_id)
            if model is not None and not (is_possible(model, domain) and can_show(model, context)):
                saved.active = False
    for line in env["ir.exports.line"].search([("export_id.resource", "=like", "sig.%")]):
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
