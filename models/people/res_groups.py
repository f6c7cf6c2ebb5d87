from odoo import models


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        """Who loses a role by its group is remembered as who loses it by the user."""
        staff = self.env["res.users"]
        if "user_ids" in vals and not staff._sig_get_role_ids().isdisjoint(self.all_implied_ids._ids):
            staff = self.sudo().with_context(active_test=False).user_ids._sig_filter_staff()
        result = super().write(vals)
        staff._sig_remember_former()
        return result
