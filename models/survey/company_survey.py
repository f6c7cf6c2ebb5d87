from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_duration


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_survey_reminders = fields.Integer("Reminders of a survey", default=2, help="At most, to each client.")
    sig_survey_reminder_days = fields.Integer(
        "Days between reminders", default=5, help="Business days; zero sends none by itself."
    )
    sig_survey_basis = fields.Selection(
        [("service", "Every client who has not refused"), ("consent", "Only who allowed surveys")],
        "Who is surveyed",
        required=True,
        default="service",
        help="To be confirmed by the company: the survey as part of the service that clients contracted, of which "
        "whoever does not want it says so; or only with consent, for which silence does not stand (Ley 1581 de 2012, "
        "art. 9; Decreto 1377 de 2013, art. 7).",
    )
    sig_call_from = fields.Float("Calls from", default=7.0, help="Monday to Friday (Ley 2300 de 2023, art. 3).")
    sig_call_to = fields.Float("Calls until", default=19.0)
    sig_call_saturday_from = fields.Float("Calls on Saturday from", default=8.0)
    sig_call_saturday_to = fields.Float("Calls on Saturday until", default=15.0)
    sig_survey_proposed = fields.Char(
        "Survey proposed", readonly=True, copy=False, help="Last semester whose survey was proposed."
    )

    sig_survey_activity_id = fields.Many2one(
        "mail.activity", "Activity that proposed it", readonly=True, copy=False, ondelete="set null"
    )

    @api.constrains("sig_survey_reminders", "sig_survey_reminder_days")
    def _check_sig_reminders(self):
        for company in self:
            if not 0 <= company.sig_survey_reminders <= 10 or not 0 <= company.sig_survey_reminder_days <= 90:
                raise ValidationError(self.env._("At most 10 reminders, at most 90 days apart."))

    @api.constrains("sig_call_from", "sig_call_to", "sig_call_saturday_from", "sig_call_saturday_to")
    def _check_sig_call_hours(self):
        for company in self:
            for start, end in (
                (company.sig_call_from, company.sig_call_to),
                (company.sig_call_saturday_from, company.sig_call_saturday_to),
            ):
                if not 0 <= start <= end <= 24:
                    raise ValidationError(self.env._("Clients are called between two hours of one day."))

    def _sig_get_survey_refusal(self, people, decisions):
        """Why a client is not surveyed; empty when it is.

        :param decisions: see `_get_survey_decisions`.
        """
        decided = {decisions[person.id] for person in people if person.id in decisions}
        if decided - {"given"}:
            return self.env._("Does not allow surveys.")
        if self.sig_survey_basis == "consent" and not decided:
            return self.env._("Has not allowed surveys yet.")
        return ""

    def _sig_get_call_refusal(self, moment):
        """Why clients may not be called at ``moment`` (naive UTC), by Ley 2300 de 2023, art. 3; empty when they may."""
        self.ensure_one()
        local = self._sig_local(moment)
        if local.weekday() == 6 or local.date() in self._sig_calendar(local.date()).holidays:
            return self.env._("Today is Sunday or a holiday: clients are not called (Ley 2300 de 2023).")
        saturday = local.weekday() == 5
        start = self.sig_call_saturday_from if saturday else self.sig_call_from
        end = self.sig_call_saturday_to if saturday else self.sig_call_to
        if start <= local.hour + local.minute / 60 < end:
            return ""
        return self.env._(
            "It is %(hour)s: today clients are called between %(start)s and %(end)s (Ley 2300 de 2023).",
            hour=local.strftime("%H:%M"),
            start=format_duration(start),
            end=format_duration(end),
        )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sig_survey_reminders = fields.Integer(related="company_id.sig_survey_reminders", readonly=False)
    sig_survey_reminder_days = fields.Integer(related="company_id.sig_survey_reminder_days", readonly=False)
    sig_survey_basis = fields.Selection(related="company_id.sig_survey_basis", readonly=False, required=True)
    sig_call_from = fields.Float(related="company_id.sig_call_from", readonly=False)
    sig_call_to = fields.Float(related="company_id.sig_call_to", readonly=False)
    sig_call_saturday_from = fields.Float(related="company_id.sig_call_saturday_from", readonly=False)
    sig_call_saturday_to = fields.Float(related="company_id.sig_call_saturday_to", readonly=False)
