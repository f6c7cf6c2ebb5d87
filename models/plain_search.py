"""Searching our models without accents and capitals, on databases where PostgreSQL has no ``unaccent``."""

import re

from odoo.fields import Domain
from odoo.tools import SQL, remove_accents

#: the accents that names and texts here have; few, because each multiplies what an index looks up
_ACCENTED = {"a": "áàã", "e": "éè", "i": "í", "o": "óö", "u": "úü", "n": "ñ"}
_ANY_ACCENT = {letter: f"[{letter}{accented}{accented.upper()}]" for letter, accented in _ACCENTED.items()}
_TOKEN = re.compile(r"\\(.)|(.)", re.DOTALL)
_WILDCARDS = {"%": ".*", "_": "."}
#: longer texts are pasted, as they were written; more wildcards would keep the server busy
_MAX_LENGTH, _MAX_WILDCARDS = 200, 5


def make_domain(domain, model):
    """The domain with each ``ilike`` replaced by its match without accents; as it is where core ignores them."""
    domain = Domain(domain)
    if model.env.registry.has_unaccent or not any(map(_is_typed, domain.iter_conditions())):
        return domain
    return domain.map_conditions(lambda condition: _make_condition(condition, model))


def _is_typed(condition):
    return condition.operator in ("ilike", "not ilike", "child_of") and isinstance(condition.value, str)


def _make_condition(condition, model):
    if not _is_typed(condition) or not (pattern := _get_pattern(condition.value)):
        return condition
    name, _dot, rest = condition.field_expr.partition(".")
    field, operator, value = model._fields.get(name), condition.operator, condition.value
    if operator == "not ilike":
        return ~_make_condition(Domain(name, "ilike", value), model) if _is_text(field) and not rest else condition
    if not field or name == "id":
        return condition
    if field.relational:
        comodel = model.env[field.comodel_name]
        found = make_domain(Domain(rest or "display_name", "ilike", value), comodel)
        if operator == "child_of":
            return Domain(name, operator, comodel.with_context(active_test=False).search(found).ids)
        return Domain(name, "any", found)
    if name == "display_name":
        if model._name.startswith("sig."):
            return make_domain(model._search_display_name(operator, value), model)
        # Other modules search names by methods of their own: what these find is found, too.
        return condition | make_domain(
            Domain((model._rec_names_search or [model._rec_name])[0], operator, value), model
        )
    if field.related and not field.store:
        model._check_field_access(field, "read")
        link, _dot, rest = field.related.partition(".")
        found = make_domain(Domain(rest, operator, value), model.env[model._fields[link].comodel_name])
        return Domain(link, "any!" if field.compute_sudo else "any", found)
    return Domain.custom(to_sql=_make_sql(name, pattern)) if _is_text(field) else condition


def _is_text(field):
    return field and field.store and field.type in ("char", "text", "html")


def _make_sql(name, pattern):
    return lambda model, alias, query: SQL("%s ~* %s", model._field_to_sql(alias, name, query), pattern)


def _get_pattern(value):
    """A ``LIKE`` pattern as a regular expression, which uses trigram indexes, too; none if it has no letter to vary."""
    plain = remove_accents(value.lower())
    wildcards = plain.count("%") + plain.count("_")
    if len(plain) > _MAX_LENGTH or wildcards > _MAX_WILDCARDS or _ANY_ACCENT.keys().isdisjoint(plain):
        return None
    return "".join(
        _ANY_ACCENT.get(escaped or char) or (char and _WILDCARDS.get(char)) or re.sub(r"(\W)", r"\\\1", escaped or char)
        for escaped, char in _TOKEN.findall(plain)
    )
