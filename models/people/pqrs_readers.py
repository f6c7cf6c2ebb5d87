from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..mixin import transitions

#: states of a term that was missed
LATE = ("overdue", "answered_late")


class PqrsReaders(models.Model):
    """Record rules of cases and their parts use `is_worked_on`: a domain in searches, one query for records at hand."""

    _inherit = "sig.pqrs"

    is_worked_on = fields.Boolean("I work on it", compute="_compute_is_worked_on", search="_search_is_worked_on")
    restricted = fields.Boolean("Restricted access", help="Only the SIG and the people named here see the case.")
    # Read without the rules of users, a query less: domains on it reach users of other companies, whom the case names.
    authorized_user_ids = fields.Many2many(
        "res.users", "sig_pqrs_authorized_rel", string="People who may see it", bypass_search_access=True
    )

    # All that the rules read of a case: counting what a role reads asks the index alone.
    _reader_index = models.Index("(id) INCLUDE (company_id, restricted)")

    @api.depends(
        "restricted", "authorized_user_ids",
        *(f"assignment_ids.{name}" for name in ("active", "state", "user_id", "is_of_my_process", "approver_id")),
    )  # fmt: skip
    @api.depends_context("uid")
    def _compute_is_worked_on(self):
        domain = Domain("id", "in", self.ids) & self._search_is_worked_on("in", (True,))
        found = self.sudo().search(domain, order="id").with_env(self.env)
        for case in self:
            case.is_worked_on = case._origin in found

    def _search_is_worked_on(self, operator, _value):
        """Each is a query of its own: joined, as Odoo would, PostgreSQL has no index for what is of a process."""
        if operator != "in":
            return NotImplemented
        mine = Domain("user_id", "=", self.env.uid)
        if self.env.user.has_group("sig_pqrs.group_process_leader"):
            mine |= Domain("approver_id", "=", self.env.uid)
        standing = self._get_assigned_domain(mine) | self._get_assigned_domain(Domain("is_of_my_process", "=", True))
        named = SQL(
            "(SELECT sig_pqrs_id FROM sig_pqrs_authorized_rel WHERE res_users_id = %s)",
            self.env.uid,
            to_flush=self._fields["authorized_user_ids"],
        )
        return standing & (Domain("restricted", "=", False) | Domain("id", "in", named))

    def _get_assigned_domain(self, mine):
        """Cases with a standing assignment of a domain."""
        Assignment = self.env["sig.pqrs.assignment"].sudo()

        def to_sql(_case, alias, _query):
            found = Assignment._search(Domain(list(transitions.STANDING)) & mine)
            case_id = Assignment._field_to_sql(found.table, "pqrs_id", found)
            found.add_where(SQL("%s = %s", case_id, SQL.identifier(alias, "id")))
            return SQL("EXISTS (%s)", found.select(SQL("1")))

        return Domain.custom(to_sql=to_sql)

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        if self.env.su:  # others write the names once the case is created
            cases._record_readers({})
        return cases

    def write(self, vals):
        cases, restricted = self.sudo(), bool(vals.get("restricted"))
        moved = self.filtered(lambda case: "restricted" in vals and case.restricted != restricted)
        moves_readers = not vals.keys().isdisjoint({"restricted", "authorized_user_ids"})
        before = cases.filtered("restricted") if moves_readers else ()
        readers = {case.id: case.authorized_user_ids for case in before}
        result = super().write(vals)
        if moved:
            # The acts hold the state of the case: a report counts cases that were closed or late.
            states = {case: {"state": case.state, "deadline": case.deadline_state} for case in moved.sudo()}
            moved._record("restricted" if restricted else "unrestricted", data=states)
        if moves_readers:
            self._record_readers(readers)
            if restricted:
                moved.sudo()._authorize_workers()
            cases._follow_restriction()
        return result

    def _record_readers(self, before):
        """:param dict before: ``{id: users named on it}`` of the cases that were restricted."""
        notes, data = {}, {}
        for case in self.sudo().filtered("restricted"):
            now = case.authorized_user_ids
            was = before.get(case.id, now.browse())
            if now == was:
                continue
            added, removed = now - was, was - now
            texts = (
                added and self.env._("Named: %s.", ", ".join(added.mapped("name"))),
                removed and self.env._("No longer: %s.", ", ".join(removed.mapped("name"))),
            )
            notes[case] = " ".join(filter(None, texts))
            data[case] = {"added": added.ids, "removed": removed.ids}
        self.browse(case.id for case in notes)._record("readers_changed", notes, data=data)

    def _authorize(self, users):
        """Name users, or those of ``{case: users}``, on the restricted cases."""
        alike = {}
        for case in self.filtered("restricted"):
            people = users.get(case, self.env["res.users"]) if isinstance(users, dict) else users
            if people - case.authorized_user_ids:
                alike[people] = alike.get(people, self.browse()) | case
        for people, cases in alike.items():
            cases.write({"authorized_user_ids": [Command.link(user.id) for user in people]})

    def _authorize_workers(self):
        assignments = self.assignment_ids.filtered(transitions.is_standing)
        users = {case: case.filtered(transitions.is_in_legal_review).legal_reviewer_id for case in self}
        for commitment in self.commitment_ids.filtered(lambda each: each.state == "open"):
            users[commitment.pqrs_id] |= commitment.user_id
        for assignment, approver in assignments._get_approvers(authorized=False).items():
            users[assignment.pqrs_id] |= assignment.user_id | (assignment.approved_by_id or approver)
        self._authorize(users)

    def _follow_restriction(self):
        """Move approvals and remove followers when the readers changed; drafters and legal reviewers must be named."""
        standing = self._get_current_assignments()
        for assignment in standing:
            case, drafter = assignment.pqrs_id, assignment.user_id
            if case.restricted and case.state in transitions.OPEN and drafter not in case.authorized_user_ids:
                names = {"user": drafter.name, "assignment": assignment.display_name}
                text = self.env._("%(user)s drafts the answer of %(assignment)s. Reassign the draft first.", **names)
                raise UserError(text)
        for case in self.filtered(lambda case: case.restricted and transitions.is_in_legal_review(case)):
            self.env["sig.legal.review"]._check_reviewer(case)
        self._remove_outsiders()
        standing._remove_outsiders()
        standing.filtered(lambda assignment: assignment.pqrs_id.state in transitions.OPEN)._follow_people()
        self._restrict_duplicates()
