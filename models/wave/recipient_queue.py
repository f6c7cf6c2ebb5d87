import uuid
from operator import methodcaller

from odoo import api, fields, models

BATCH = 200

INVITATION = "sig_pqrs.mail_survey_invitation"


class SurveyRecipient(models.Model):
    """The job that prepares answer sheets and mails, in batches. Safe to run twice, and on two workers."""

    _inherit = "sig.survey.recipient"

    queued = fields.Boolean(readonly=True, help="Waits for the job that prepares the answer sheet and the mail.")
    resend = fields.Boolean(readonly=True)
    reminding = fields.Boolean(readonly=True)

    _queue_index = models.Index("(wave_id, id) WHERE queued")

    @api.model
    def _cron_queue(self):
        domain = [("queued", "=", True), ("wave_state", "=", "running")]
        batch = self.search(domain, order="wave_id, id", limit=BATCH).try_lock_for_update()
        batch._process_queue()
        self.env["ir.cron"]._commit_progress(len(batch), remaining=self.search_count(domain))

    def _process_queue(self):
        """Prepare the answer sheet of each client, and the mail of those asked by email.

        What fails in a batch is tried again one by one, so that one client stops no other.
        """
        failed = self.env["sig.pqrs"]._in_isolation(self, methodcaller("_prepare_and_mail"))
        for company, recipients in failed.grouped("company_id").items():
            told = recipients.with_context(lang=company._sig_lang())
            reason = told.env._("The mail could not be prepared. The log of the server says why.")
            told.write({"state": "failed", "reason": reason, "queued": False})

    def _prepare_and_mail(self):
        self._create_answers()
        addressed = self.filtered(lambda recipient: recipient.channel == "email" and recipient.email)
        first = addressed.filtered(lambda recipient: recipient.resend or recipient.state == "to_send")
        reminded = (addressed - first).filtered(
            lambda recipient: recipient.reminding and recipient.state in ("sent", "started")
        )
        self.write({"queued": False, "resend": False, "reminding": False})
        first._mail(INVITATION)
        reminded._mail_reminder()

    def _trigger_queue(self):
        self.env["sig.pqrs"]._trigger("sig_pqrs.cron_survey")

    def _create_answers(self):
        """The answer sheets of those who have none: its token is the client's, whatever the channel."""
        todo = self.filtered(lambda recipient: not recipient.user_input_id)
        answers = (
            self.env["survey.user_input"]
            .sudo()
            .with_context(tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True)
            .create([recipient._prepare_answer() for recipient in todo])
        )
        for recipient, answer in zip(todo, answers, strict=True):
            recipient.user_input_id = answer

    def _prepare_answer(self):
        respondent = self._get_respondent()
        return {
            "survey_id": self.wave_id.survey_id.id,
            "partner_id": respondent.id,
            "email": self.email,
            "nickname": respondent.name,
            "invite_token": str(uuid.uuid4()),
            "lang_id": self.env["res.lang"]._get_data(code=self._get_lang()).id or False,
            "sig_recipient_id": self.id,
        }
