from odoo import models
from odoo.tools import SQL

#: models whose texts strangers write
OURS = ("sig.", "survey.user_input")


class Base(models.AbstractModel):
    _inherit = "base"

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
