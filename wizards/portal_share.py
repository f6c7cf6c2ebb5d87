from odoo import api, models
from odoo.exceptions import UserError


class PortalShare(models.TransientModel):
    _inherit = "portal.share"

    @api.model
    def default_get(self, fields):
        self._check_sig_model(self.env.context.get("active_model"))
        return super().default_get(fields)

    def action_send_mail(self):
        for share in self:
            share._check_sig_model(share.res_model)
        return super().action_send_mail()

    @api.model
    def _check_sig_model(self, model):
        if str(model).startswith("sig."):
            raise UserError(
                self.env._("Records of the SIG are not shared: clients follow their case with its code, or in HERA.")
            )
