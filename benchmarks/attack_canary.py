"""A mark in every text of every record: whoever is told one of a record that they may not read was told too much."""

import re

from odoo.tools import SQL

MARK = re.compile(r"zz(\d+)q(\d+)zz", re.IGNORECASE)
#: models of core on which something of ours is said
CORE = (
    "ir.attachment", "mail.activity", "mail.message", "mail.scheduled.message", "rating.rating", "survey.user_input",
    "survey.user_input.line",
)  # fmt: skip
#: numbers and codes by which records are known, keys, digests, and what is parsed
PLAIN = re.compile(
    r"(^|_)(code|uuid|digest|head|salt|token|key|commitment|number|fname|mimetype|checksum|type|url|model|field|access|message_id|phone"
    r"|email_(to|cc)|reply_to|emails?|addresses|lang|tz|color|formula|reference|version|icon|state|medium|body_format)(_|$)"
)
#: what is shown of a record to whoever reads another, by design: {(model that is told, model that is read)}
KNOWN = ()


class Canaries:
    def __init__(self, env):
        self.env = env
        self.models = sorted(
            name for name, model in env.registry.items()
            if (name.startswith("sig.") or name in CORE) and model._auto and not model._abstract and not model._transient
        )  # fmt: skip
        self.numbers = dict(enumerate(self.models))

    def get_columns(self, model):
        """Texts of a model that are its own: neither computed of others, nor what records are looked up by."""
        for name, field in self.env[model]._fields.items():
            if (
                field.store and field.column_type and field.type in ("char", "text", "html")
                and not field.translate and not field.related and not field.compute and not PLAIN.search(name)
                and not (model == "sig.pqrs" and name == "name")
            ):  # fmt: skip
                yield name, field

    def plant(self, records=None):
        """Mark all that there is, past every guard.

        :param dict records: ``{model: ids}`` to mark these alone.
        """
        self.env.flush_all()
        for number, model in self.numbers.items():
            table = self.env[model]._table
            for name, field in self.get_columns(model):
                mark = f"' zz{number}q' || id || 'zz'" if field.type != "html" else f"'<p>zz{number}q' || id || 'zz</p>'"
                where = SQL("AND id = ANY(%s)", list(records.get(model, ()))) if records is not None else SQL()
                self.env.cr.execute(SQL(
                    "UPDATE %s SET %s = %s || %s WHERE %s <> '' %s",
                    SQL.identifier(table), SQL.identifier(name), SQL.identifier(name), SQL(mark), SQL.identifier(name), where,
                ))  # fmt: skip
        self.env.invalidate_all()

    def find(self, text):
        """``{(model, id)}`` of the marks in a text."""
        return {
            (self.numbers[int(number)], int(id_)) for number, id_ in MARK.findall(text) if int(number) in self.numbers
        }

    def get_mark(self, model, id_):
        return f"zz{self.models.index(model)}q{id_}zz"
