from odoo import api, models
from odoo.exceptions import UserError

from .. import clock

REMINDER = "sig_pqrs.mail_survey_reminder"


class SurveyRecipient(models.Model):
    """Reminders to who has not answered: some days apart, and only so many."""

    _inherit = "sig.survey.recipient"

    def _filter_to_remind(self, today):
        """Those who got the mail, have not answered, and were not written to on ``today`` (a local date) already."""
        return self.filtered(
            lambda recipient: (
                recipient.state in ("sent", "started")
                and recipient.channel == "email"
                and recipient.email
                and not recipient.queued
                and recipient.reminder_count < recipient.company_id.sig_survey_reminders
                and recipient.company_id._sig_local_date(recipient._get_last_written()) < today
            )
        )

    def _get_last_written(self):
        return max(filter(None, (self.date_sent, self.date_reminded)), default=clock.now())

    def _queue_reminders(self):
        if self:
            self.write({"queued": True, "reminding": True})
            self._trigger_queue()

    def _mail_reminder(self):
        self._mail(REMINDER)
        for count, recipients in self.grouped("reminder_count").items():
            recipients.write({"reminder_count": count + 1, "date_reminded": clock.now()})


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    def action_send_reminders(self):
        """Remind the clients who were written to and have not answered; a job sends the mails.

        :raises UserError: when there is nobody to remind, or the day that clients were told has passed.
        """
        self._check_is_sig()
        recipients = self.env["sig.survey.recipient"].sudo()
        for wave in self.sudo():
            if wave.state != "running":
                raise UserError(self.env._("%s is not running.", wave.name))
            wave._check_not_past()
            recipients |= wave.recipient_ids._filter_to_remind(wave.company_id._sig_today())
        if not recipients:
            raise UserError(
                self.env._("Nobody to remind: everybody answered, was reminded enough, or was written to today.")
            )
        recipients._queue_reminders()
        return self._notify_done(self.env._("Reminders on their way: %s.", len(recipients)))


class ReminderReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self._remind_surveyed]

    @api.model
    def _remind_surveyed(self, company):
        """The daily review reminds who was written to some business days ago."""
        days = company.sig_survey_reminder_days
        if not days:
            return
        today = company._sig_today()
        calendar = company._sig_calendar()
        waiting = (
            self.env["sig.survey.recipient"].search(
                [
                    ("company_id", "=", company.id),
                    ("wave_state", "=", "running"),
                    ("wave_id.date_end", ">=", today),
                    ("state", "in", ("sent", "started")),
                    ("reminder_count", "<", company.sig_survey_reminders),
                ]
            )
        )

        def is_due(recipient):
            day = company._sig_local_date(recipient._get_last_written())
            return not calendar.covers(day) or calendar.count(day, today) >= days

        waiting._filter_to_remind(today).filtered(is_due)._queue_reminders()
