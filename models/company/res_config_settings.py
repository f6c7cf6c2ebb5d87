from odoo import api, fields, models
from odoo.exceptions import UserError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sig_shown = fields.Json(compute="_compute_sig_shown", store=True, readonly=False)
    sig_tz = fields.Selection(related="company_id.sig_tz", readonly=False, required=True)
    sig_saturday_counts = fields.Boolean(related="company_id.sig_saturday_counts", readonly=False)
    sig_survey_reminders = fields.Integer(related="company_id.sig_survey_reminders", readonly=False)
    sig_survey_reminder_days = fields.Integer(related="company_id.sig_survey_reminder_days", readonly=False)
    sig_survey_basis = fields.Selection(related="company_id.sig_survey_basis", readonly=False, required=True)
    sig_survey_retention_years = fields.Integer(related="company_id.sig_survey_retention_years", readonly=False)
    sig_survey_retention_confirmed = fields.Boolean(related="company_id.sig_survey_retention_confirmed", readonly=False)
    sig_policy_days = fields.Integer(related="company_id.sig_policy_days", readonly=False)
    sig_due_soon_days = fields.Integer(related="company_id.sig_due_soon_days", readonly=False)
    sig_watch_hour = fields.Integer(related="company_id.sig_watch_hour", readonly=False)
    sig_active = fields.Boolean(related="company_id.sig_active", readonly=False)
    sig_director_id = fields.Many2one(related="company_id.sig_director_id", readonly=False)
    sig_legal_reviewer_id = fields.Many2one(related="company_id.sig_legal_reviewer_id", readonly=False)
    sig_service_email = fields.Char(related="company_id.sig_service_email", readonly=False)
    sig_low_rating = fields.Integer(related="company_id.sig_low_rating", readonly=False)
    sig_rating_reminder_days = fields.Integer(related="company_id.sig_rating_reminder_days", readonly=False)
    sig_alias_name = fields.Char(related="company_id.sig_alias_name", readonly=False)
    sig_alias_domain = fields.Char(related="company_id.alias_domain_id.name", string="Mail domain")
    sig_trusted_relays = fields.Char(related="company_id.sig_trusted_relays", readonly=False)
    sig_repetition_count = fields.Integer(related="company_id.sig_repetition_count", readonly=False)
    sig_repetition_days = fields.Integer(related="company_id.sig_repetition_days", readonly=False)
    sig_report_monthly = fields.Boolean(related="company_id.sig_report_monthly", readonly=False)
    sig_report_user_ids = fields.Many2many(related="company_id.sig_report_user_ids", readonly=False)

    @api.depends("company_id")
    def _compute_sig_shown(self):
        """What the company has: core would write it back as it was when the page was opened."""
        names = [name for name, field in self._fields.items() if (field.related or "").startswith("company_id.sig_")]
        for settings in self:
            company = settings.company_id
            settings.sig_shown = company._convert_to_write({name: company[name] for name in names})

    @api.onchange("sig_survey_retention_years")
    def _onchange_sig_survey_retention_years(self):
        if self.sig_survey_retention_years != self.company_id.sig_survey_retention_years:
            self.sig_survey_retention_confirmed = False

    @api.model_create_multi
    def create(self, vals_list):
        """What was changed elsewhere since the page was opened stays, where nobody touched it here."""
        years, confirmed = "sig_survey_retention_years", "sig_survey_retention_confirmed"
        for vals in vals_list:
            shown, is_confirmed = vals.get("sig_shown") or {}, vals.get(confirmed)
            for name in set(shown) & set(vals):
                field = self._fields[name]
                then, now = (field.convert_to_cache(values[name], self) for values in (shown, vals))
                if field.convert_to_record(then, self) == field.convert_to_record(now, self):
                    del vals[name]
            if is_confirmed and years in vals:  # together: one after the other, the years take it away
                self.env.company.write({years: vals.pop(years), confirmed: vals.pop(confirmed, True)})
            elif vals.get(confirmed) and shown.get(years) not in (None, self.env.company[years]):
                raise UserError(self.env._("The years changed since you opened this: open it again, and read them."))
        return super().create(vals_list)
