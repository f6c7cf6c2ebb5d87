from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .proposed import PROPOSED


class SurveySendWizard(models.TransientModel):
    """Send the results of a wave to the owners of the processes, and to top management if the SIG wants."""

    _name = "sig.survey.send.wizard"
    _description = "Send Survey Results"
    _inherit = ["sig.output.mixin"]

    wave_id = fields.Many2one("sig.survey.wave", required=True, readonly=True)
    include_management = fields.Boolean("Top management too", default=True)
    note = fields.Text("Message", help="Above the results, in the mail of each.")
    line_ids = fields.One2many(
        "sig.survey.send.wizard.line", "wizard_id", "Recipients", compute="_compute_line_ids", **PROPOSED
    )

    @api.depends("wave_id", "include_management")
    def _compute_line_ids(self):
        """The owners of all active processes; who is both is one."""
        for wizard in self:
            wave = wizard.wave_id
            if not wave:
                wizard.line_ids = False
                continue
            wave.check_access("read")
            reasons = {
                user: ", ".join(processes.mapped("name")) for user, processes in wave.sudo()._get_owners().items()
            }
            if wizard.include_management:
                for user in wave.sudo().company_id._sig_get_top_management():
                    reasons.setdefault(user, self.env._("Top management"))
            wizard.line_ids = [
                Command.clear(),
                *(Command.create({"user_id": user.id, "reason": reason}) for user, reason in reasons.items()),
            ]

    def action_send(self):
        """Queue the mails; the dialog closes at once."""
        self.ensure_one()
        readers = {line.user_id: line.reason for line in self.line_ids if line.chosen}
        if without := [user.name for user in readers if not user.sudo().email]:
            raise UserError(self.env._("No email: %s. Write it on the user, or leave them out.", ", ".join(without)))
        self.wave_id._send_results(readers, self.note)
        return self.wave_id._notify_done(self.env._("The results are on their way. Recipients: %s.", len(readers)))


class SurveySendWizardLine(models.TransientModel):
    _name = "sig.survey.send.wizard.line"
    _description = "Send Survey Results: Recipient"
    _inherit = ["sig.output.mixin"]

    wizard_id = fields.Many2one("sig.survey.send.wizard", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Recipient", required=True, domain=[("share", "=", False)])
    email = fields.Char(related="user_id.email")
    reason = fields.Char("Receives them as")
    chosen = fields.Boolean("Send", default=True)
