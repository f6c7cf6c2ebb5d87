from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models

from .. import clock
from .recipient import OPEN, TO_ASK


class SurveyConsent(models.Model):
    _inherit = "sig.privacy.consent"

    @api.model
    def _record(self, company, notice, surveys, how, version, vals_list, moment):
        consents = super()._record(company, notice, surveys, how, version, vals_list, moment)
        if surveys is False:
            people = consents.partner_id.ids
            asked = [("company_id", "=", company.id), ("wave_state", "=", "running"), ("state", "in", OPEN)]
            asked += ["|", ("partner_id", "in", people), ("contact_id", "in", people)]
            self.env["sig.survey.recipient"].with_user(SUPERUSER_ID).search(asked)._leave_out_refused()
        return consents


class SurveyReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    def _watch_surveys(self, company):
        running = [("company_id", "=", company.id), ("state", "=", "running")]
        self.env["sig.survey.wave"].search(running)._remind_closing()

    def _remind_surveyed(self, company):
        days, today, calendar = company.sig_survey_reminder_days, company._sig_today(), company._sig_calendar()
        if not days:
            return
        running = [("company_id", "=", company.id), ("wave_state", "=", "running"), ("wave_id.date_end", ">=", today)]
        asked = [("state", "in", ("sent", "started")), ("channel", "=", "email"), ("email", "not in", (False, ""))]
        again = [("queued", "=", False), ("reminder_count", "<", company.sig_survey_reminders)]
        waiting = self.env["sig.survey.recipient"].search([*running, *asked, *again])

        def is_due(recipient):
            written = max(filter(None, (recipient.date_sent, recipient.date_reminded)), default=clock.now())
            day = company._sig_local_date(written)
            return not calendar.covers(day) or calendar.count(day, today) >= days

        if due := waiting.filtered(is_due):
            due.write({"queued": True, "reminding": True})
            due._trigger_queue()


class SurveyMyDay(models.AbstractModel):
    _inherit = "sig.my.day"

    def _get_sig_tiles(self):
        company, of_wave = self.env.company, {"model": "sig.survey.wave", "order": "date_closed, id"}
        since = fields.Datetime.to_string(clock.now() - relativedelta(months=6))  # later, they were told otherwise
        closed = [("state", "=", "closed"), ("date_closed", ">=", since), ("recipient_ids.state", "=", "answered")]
        to_send = self._make_tile("survey_results", closed, self.env._("Survey results to send"), "warning", **of_wave)
        tiles = [*super()._get_sig_tiles(), to_send]
        if self.env["sig.survey.wave"]._is_to_propose(company):
            label = self.env._("Survey of the semester, to prepare")  # of which there may be no record yet
            once = {"method": "action_propose", "method_label": self.env._("Prepare it"), "fixed_count": 1}
            tiles.append(self._make_tile("survey_proposed", [], label, "warning", **once, **of_wave))
        return tiles

    def _get_my_day_tiles(self):
        tiles = super()._get_my_day_tiles()
        running = [("interviewer_id", "=", self.env.uid), ("wave_state", "=", "running")]
        mine = [*running, ("channel", "!=", "email"), ("state", "in", TO_ASK)]
        listed = {"action": "sig_pqrs.action_my_surveys", "order": "id"}
        if self.env["sig.survey.recipient"].has_access("read"):
            label = self.env._("Clients to visit or call")
            tiles.append(self._make_tile("surveys", mine, label, "info", model="sig.survey.recipient", **listed))
        return tiles
