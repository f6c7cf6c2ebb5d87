from odoo import api, models
from odoo.exceptions import UserError


class MailActivity(models.Model):
    """An activity tells its user of its record: nobody gives one to who may not see the case."""

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._check_sig_reader()
        return activities

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"user_id", "res_model_id", "res_id"}):
            self._check_sig_reader()
        return result

    def _check_sig_reader(self):
        """Refuse users who do not read the case. The steps of the procedure, as superuser, choose among who does."""
        if self.env.su:
            return
        for (model, user), activities in self.sudo().grouped(lambda row: (row.res_model, row.user_id)).items():
            if not user or not hasattr(self.env.get(model), "_filter_readable_by"):
                continue
            records = self.env[model].browse(set(activities.mapped("res_id")))
            if records - records._filter_readable_by(user):
                raise UserError(self.env._("%s may not see this case, so nothing on it can wait for them.", user.name))
