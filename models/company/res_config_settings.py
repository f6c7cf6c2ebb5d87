from odoo import api, fields, models


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

    def _sig_get_values(self):
        """Values of ours that core would write back as they were when the page was opened."""
        ours = [field for field in self._fields.values() if field.name.startswith("sig_") and field.related]
        ours = [field for field in ours if field.type != "many2many" and not field.readonly]
        return {field.name: field.convert_to_write(self[field.name], self) for field in ours}

    @api.depends("company_id")
    def _compute_sig_shown(self):
        for settings in self:
            settings.sig_shown = settings._sig_get_values()

    @api.model_create_multi
    def create(self, vals_list):
        """What was changed elsewhere since the page was opened stays, where nobody touched it here."""
        for vals in vals_list:
            shown = vals.get("sig_shown") or {}
            for name in [name for name in shown if name in vals and vals[name] == shown[name]]:
                del vals[name]
        return super().create(vals_list)
