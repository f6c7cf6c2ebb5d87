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
        for activity in self.sudo():
            record = self.env[activity.res_model] if activity.res_model else None
            if record is None or not hasattr(record, "_filter_readable_by") or not activity.user_id:
                continue
            if not record.browse(activity.res_id)._filter_readable_by(activity.user_id):
                raise UserError(
                    self.env._("%s may not see this case, so nothing on it can wait for them.", activity.user_id.name)
                )
