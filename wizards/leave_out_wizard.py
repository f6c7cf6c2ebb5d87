from odoo import fields, models


class LeaveOutWizard(models.TransientModel):
    _name = "sig.leave.out.wizard"
    _description = "Leave a Case Out of an Erasing"
    _inherit = ["sig.output.mixin"]

    line_id = fields.Many2one("sig.anonymization.line", required=True, readonly=True)
    pqrs_id = fields.Many2one(related="line_id.pqrs_id", related_sudo=False)
    is_of_another = fields.Boolean(
        "It is of somebody else", help="As in a mailbox of several people: who asks is told nothing of it."
    )
    reason = fields.Text(
        "Why it is left out", required=True, help="Without personal data of others: the person is told."
    )

    def action_leave_out(self):
        self.ensure_one()
        self.line_id.action_exclude(self.reason, self.is_of_another)
        return {"type": "ir.actions.act_window_close"}
