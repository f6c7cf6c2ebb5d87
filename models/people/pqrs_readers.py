from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class PqrsReaders(models.Model):
    """Who reads a case because of its assignments, for the record rules of cases and of what hangs on them.

    A rule on these fields is a domain where records are searched, and one query where those at hand are checked.
    """

    _inherit = "sig.pqrs"

    is_worked_on = fields.Boolean("I work on it", compute="_compute_is_worked_on", search="_search_is_worked_on")
    is_named_approver = fields.Boolean(
        "I was named to approve in it", compute="_compute_is_named_approver", search="_search_is_named_approver"
    )
    # All that the rules read of a case: counting what a role reads asks the index alone.
    _reader_index = models.Index("(id) INCLUDE (company_id, restricted)")

    @api.depends(
        "restricted",
        "authorized_user_ids",
        "assignment_ids.is_standing",
        "assignment_ids.user_id",
        "assignment_ids.is_of_my_process",
    )
    @api.depends_context("uid")
    def _compute_is_worked_on(self):
        found = self._filter_read(self._get_worked_on_domain())
        for case in self:
            case.is_worked_on = case._origin in found

    def _search_is_worked_on(self, operator, _value):
        return self._get_worked_on_domain() if operator == "in" else NotImplemented

    @api.model
    def _get_worked_on_domain(self):
        return self._get_reader_domain(Domain("user_id", "=", self.env.uid) | Domain("is_of_my_process", "=", True))

    @api.depends("restricted", "authorized_user_ids", "assignment_ids.is_standing", "assignment_ids.approver_id")
    @api.depends_context("uid")
    def _compute_is_named_approver(self):
        found = self._filter_read(self._get_named_approver_domain())
        for case in self:
            case.is_named_approver = case._origin in found

    def _search_is_named_approver(self, operator, _value):
        return self._get_named_approver_domain() if operator == "in" else NotImplemented

    @api.model
    def _get_named_approver_domain(self):
        return self._get_reader_domain(Domain("approver_id", "=", self.env.uid))

    @api.model
    def _get_reader_domain(self, mine):
        """Domain of the cases with a standing assignment of ``mine``; of the restricted, those that name the user."""
        standing = Domain("assignment_ids", "any", Domain("is_standing", "=", True) & mine)
        return standing & self._get_unreserved_domain()

    @api.model
    def _get_unreserved_domain(self):
        """Domain of the cases that are not restricted, and of those that name the user.

        The names are a query of their own: PostgreSQL does not ask it again for each case, and so joins assignments
        from the side that is shorter.
        """
        named = SQL(
            "(SELECT sig_pqrs_id FROM sig_pqrs_authorized_rel WHERE res_users_id = %s)",
            self.env.uid,
            to_flush=self._fields["authorized_user_ids"],
        )
        return Domain("restricted", "=", False) | Domain("id", "in", named)

    def _filter_read(self, domain):
        return self.sudo().search(Domain("id", "in", self.ids) & domain, order="id").with_env(self.env)
