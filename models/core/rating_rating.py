from odoo import api, models
from odoo.exceptions import AccessError


class RatingRating(models.Model):
    _inherit = "rating.rating"

    _sig_token_index = models.Index("(access_token) WHERE res_model = 'sig.pqrs'")

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._sig_check_place()
        return ratings

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("res_model_id", "res_id", "message_id")):
            self._sig_check_place()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_given(self):
        if not self._sig_is_step():
            self.sudo(False)._sig_check_place()

    def _sig_check_place(self):
        """Only core's page, as superuser, rates our records and messages."""
        if self.env.su:
            return
        self_sudo = self.sudo()
        if any((rating.res_model or "").startswith("sig.") for rating in self_sudo):
            raise AccessError(self.env._("The rating is the client's: those who work on the case cannot give it."))
        self_sudo.message_id.with_env(self.env)._sig_check_protected("write")

    def _compute_res_name(self):
        result = super()._compute_res_name()
        self._sig_hide_new("res_model", "res_name")
        return result
