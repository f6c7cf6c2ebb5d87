"""Where a process wants it, two of those who lead it approve each draft: first one, then another one."""

from odoo import fields, models
from odoo.addons.sig_pqrs.models.mixin.transitions import APPROVER


class Process(models.Model):
    _inherit = "sig.process"

    two_approvals = fields.Boolean("Two approve")


class Act(models.Model):
    _inherit = "sig.pqrs.act"

    kind = fields.Selection(
        selection_add=[("first_approved", "Approved by the first of two")],
        ondelete={"first_approved": lambda acts: None},
    )


class Assignment(models.Model):
    _inherit = "sig.pqrs.assignment"

    first_approver_id = fields.Many2one("res.users", "First approval", readonly=True)

    def action_submit(self):
        self._check_transition("submit").first_approver_id = False  # before it is asked who approves
        return super().action_submit()

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "first_approver_id"]

    def _get_present_approvers(self, authorized=True):
        present = super()._get_present_approvers(authorized)
        return {assignment: people - assignment.first_approver_id for assignment, people in present.items()}

    def _get_user_roles(self):
        roles = super()._get_user_roles()
        for assignment in self.sudo():
            if assignment.first_approver_id == self.env.user:
                roles[assignment].discard(APPROVER)
        return roles

    def _complete_approval(self, notes, data):
        first = self.filtered(lambda draft: draft.process_id.two_approvals and not draft.first_approver_id)
        first.first_approver_id = self.env.uid
        first._record("first_approved", notes, data)
        first._log(self.env._("Approved by the first of two."))
        first._close_activities()
        first._notify_approvers()
        return super(Assignment, self - first)._complete_approval(notes, data)
