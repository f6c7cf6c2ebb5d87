from odoo import api, fields, models
from odoo.exceptions import UserError

from .dialog import PROPOSED


class SurveySendWizard(models.TransientModel):
    _name = "sig.survey.send.wizard"
    _description = "Send Survey Results"
    _inherit = ["sig.output.mixin"]

    wave_id = fields.Many2one("sig.survey.wave", required=True, readonly=True)
    note = fields.Text("Message")
    user_ids = fields.Many2many(
        "res.users", string="Recipients", compute="_compute_user_ids", domain=[("share", "=", False)], **PROPOSED
    )

    @api.depends("wave_id")
    def _compute_user_ids(self):
        """Propose the readers who did not receive the results yet; all readers once everybody did."""
        for wizard in self:
            readers = self.env["res.users"].union(*wizard._get_reasons())
            sent = wizard.wave_id.delivery_ids.filtered(lambda delivery: delivery.state != "failed")
            wizard.user_ids = readers - sent.user_id or readers

    def _get_reasons(self):
        """:return: ``{user: why they receive the results}``: owners of processes, and top management."""
        if not self.wave_id:
            return {}
        self.wave_id.check_access("read")
        wave = self.wave_id.sudo()
        reasons = {user: ", ".join(processes.mapped("name")) for user, processes in wave._get_owners().items()}
        for user in wave.company_id._sig_get_top_management():
            reasons.setdefault(user, self.env._("Top management"))
        return reasons

    def action_send(self):
        self.ensure_one()
        if without := [user.name for user in self.user_ids if not user.sudo().email]:
            raise UserError(self.env._("No email: %s. Write it on the user, or leave them out.", ", ".join(without)))
        reasons = self._get_reasons()
        self.wave_id._send_results({user: reasons.get(user, "") for user in self.user_ids}, self.note)
        message = self.env._("The results are on their way. Recipients: %s.", len(self.user_ids))
        return self.wave_id._show_message(message, "success", closes=True)
