from functools import partial

from odoo import api, models
from odoo.service.model import retrying


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        """Retry a job of ours on a serialization failure, as core does with requests."""
        run = partial(super()._callback, cron_name, server_action_id)
        is_of_sig = (self.sudo().ir_actions_server_id.model_id.model or "").startswith("sig.")
        return retrying(run, self.env) if is_of_sig else run()

    @api.model
    def _sig_trigger(self, xmlid, at=None):
        self.env.ref(xmlid).sudo()._trigger(at)

    @api.model
    def _sig_trigger_mails(self):
        self._sig_trigger("mail.ir_cron_mail_scheduler_action")
