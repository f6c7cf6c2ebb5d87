from odoo import api, models
from odoo.exceptions import AccessError


class RatingRating(models.Model):
    """Ratings of cases are opened by their token, from the page that the client reaches by a link."""

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

    def _sig_check_place(self):
        """Users put no rating on our records, nor on what was said there: core's page writes both as superuser."""
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
