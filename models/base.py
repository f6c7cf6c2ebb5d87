import re

from odoo import SUPERUSER_ID, api, models
from odoo.tools import SQL, clean_context

#: models whose texts strangers write
OURS = ("sig.", "survey.user_input")

#: what a spreadsheet takes for a formula or an address when it opens a text
_FORMULA = re.compile(r"\s*(=|\{=|@|external:|internal:|file:)", re.IGNORECASE)


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def default_get(self, fields):
        """What a step of ours writes as superuser is what the step says.

        The defaults that its user brings, in the context of a call or as defaults of their own, would be written with
        rights that the user lacks.
        """
        if not self.env.su or self.env.uid == SUPERUSER_ID or self._transient or not self._name.startswith("sig."):
            return super().default_get(fields)
        self = self.with_context(clean_context(self.env.context))
        defaults = super().default_get(fields)
        kept = self.env["ir.default"]._get_model_defaults(self._name)
        shared = kept and self.env["ir.default"].with_user(SUPERUSER_ID)._get_model_defaults(self._name)
        for name in kept.keys() & defaults.keys():
            if name in shared:
                defaults[name] = shared[name]
                continue
            del defaults[name]
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults

    # -- Who reads --------------------------------------------------------------------------------------------------

    def _sig_as_read_by(self, user):
        """The records as a user works on them, in all of the user's companies."""
        companies = user.sudo().company_ids.ids
        return self.with_user(user).with_context(allowed_company_ids=companies, active_test=False)

    def _sig_filter_readable_by(self, user):
        """Those that a user reads, in all of the user's companies."""
        return self._sig_as_read_by(user)._filtered_access("read").with_env(self.env)

    def _sig_get_readers(self, users):
        """Those of the users who read all of the records, in one query."""
        queries = []
        for user in users:
            records = self._sig_as_read_by(user)
            if records.browse().has_access("read"):
                readable = records._search([("id", "in", self.ids)]).select()
                queries.append(
                    SQL("SELECT %s WHERE (SELECT COUNT(*) FROM (%s) AS readable) = %s", user.id, readable, len(self))
                )
        readers = {id_ for [id_] in self.env.execute_query(SQL(" UNION ALL ").join(queries))} if queries else ()
        return users.filtered(lambda user: user.id in readers)

    # -- What leaves, and what is given away ------------------------------------------------------------------------

    def _check_company(self, fnames=None):
        """Nobody gives a record to a company in which they do not work: of what is written, core asks for the rights on
        what it was alone.
        """
        if fnames and "company_id" in fnames and self._name.startswith("sig."):
            self.check_access("write")
        return super()._check_company(fnames)

    def export_data(self, fields_to_export):
        """Texts of strangers stay texts in the spreadsheet that opens them: core's own exports write formulas."""
        result = super().export_data(fields_to_export)
        if self._name.startswith(OURS):
            result["datas"] = [
                [f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell for cell in row]
                for row in result["datas"]
            ]
        return result
