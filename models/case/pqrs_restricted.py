from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from . import transitions


class PqrsRestricted(models.Model):
    """Restricted cases: only the SIG and the people named on them see them."""

    _inherit = "sig.pqrs"

    restricted = fields.Boolean(help="Only the SIG and the people named here see the case.", tracking=True)
    authorized_user_ids = fields.Many2many("res.users", "sig_pqrs_authorized_rel", string="People who may see it")

    def _authorize(self, users):
        """Name people on those of the cases that are restricted.

        :param users: of all the cases, or ``{case: users}``.
        """
        for case in self.filtered("restricted"):
            people = users.get(case, self.env["res.users"]) if isinstance(users, dict) else users
            if people - case.authorized_user_ids:
                case.write({"authorized_user_ids": [Command.link(user.id) for user in people]})

    def _unauthorize(self, users):
        """Take people off a restricted case."""
        gone = users & self.authorized_user_ids
        if gone:
            self.write({"authorized_user_ids": [Command.unlink(user.id) for user in gone]})

    def _authorize_workers(self):
        """A case that becomes restricted keeps in who drafts, and who approved or approves, its answers."""
        assignments = self._get_standing_assignments()
        users = {}
        for assignment, approver in assignments._get_approvers(authorized=False).items():
            people = assignment.user_id | (assignment.approved_by_id or approver)
            users[assignment.pqrs_id] = users.get(assignment.pqrs_id, people) | people
        self._authorize(users)

    def _follow_restriction(self):
        """What follows when other people may see cases: approvals move, outsiders hear no more.

        :raises UserError: when somebody who drafts an answer is left out.
        """
        standing = self._get_standing_assignments()
        for assignment in standing:
            case, drafter = assignment.pqrs_id, assignment.user_id
            if case.restricted and case.state in transitions.OPEN and drafter not in case.authorized_user_ids:
                raise UserError(
                    self.env._(
                        "%(user)s drafts the answer of %(assignment)s. Give the draft to somebody else first.",
                        user=drafter.name,
                        assignment=assignment.display_name,
                    )
                )
        self._forget_outsiders()
        standing._forget_outsiders()
        standing.filtered(lambda assignment: assignment.pqrs_id.state in transitions.OPEN)._move_approvals()
