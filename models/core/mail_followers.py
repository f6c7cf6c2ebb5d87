from odoo import api, models


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    @api.model_create_multi
    def create(self, vals_list):
        """Only our own people follow our records; core adds authors and recipients, too."""
        if ours := [vals for vals in vals_list if (vals.get("res_model") or "").startswith("sig.")]:
            partners = self.env["res.partner"].sudo().browse({vals.get("partner_id") for vals in ours})
            outside = partners.filtered("partner_share")._ids
            vals_list = [vals for vals in vals_list if vals not in ours or vals.get("partner_id") not in outside]
        return super().create(vals_list)
