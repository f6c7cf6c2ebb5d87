import logging
import uuid

from odoo import api, models

_logger = logging.getLogger(__name__)

BATCH = 200

INVITATION = "sig_pqrs.mail_survey_invitation"


class SurveyRecipient(models.Model):
    """The job that prepares answer sheets and mails, in batches. Safe to run twice, and on two workers."""

    _inherit = "sig.survey.recipient"

    @api.model
    def _cron_queue(self):
        domain = [("queued", "=", True), ("wave_id.state", "=", "running")]
        batch = self.sudo().search(domain, order="wave_id, id", limit=BATCH).try_lock_for_update()
        batch._process_queue()
        self.env["ir.cron"]._commit_progress(len(batch), remaining=self.sudo().search_count(domain))

    def _process_queue(self):
        """Prepare the answer sheet of each client, and the mail of those asked by email.

        What fails in a batch is tried again one by one, so that one client stops no other.
        """
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._prepare_and_mail()
        except Exception:
            _logger.exception("A batch of the survey failed; each client is tried apart")
            for recipient in self:
                recipient._process_alone()

    def _process_alone(self):
        try:
            with self.env.cr.savepoint():
                self._prepare_and_mail()
        except Exception as error:
            _logger.exception("The survey of %s could not be prepared", self)
            self.write({"state": "failed", "reason": str(error)[:200], "queued": False})

    def _prepare_and_mail(self):
        self._create_answers()
        self.write({"queued": False})
        self.filtered(lambda recipient: recipient._can_be_mailed())._mail(INVITATION)

    def _can_be_mailed(self):
        return self.channel == "email" and self.email and self.state == "to_send"

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

    def _mail(self, template):
        """Queue one mail to each."""
        if self:
            self.env.ref(template).sudo().send_mail_batch(self.ids, email_layout_xmlid="sig_pqrs.mail_layout")
            self.env["sig.pqrs"]._trigger_mail_queue()

    def _cancel_mails(self):
        """Take back the mails that have not left."""
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "outgoing")])
        )
        mails.write({"state": "cancel"})

    def _get_answer_url(self):
        """Absolute address of the questionnaire of the client."""
        self.ensure_one()
        return f"{self.get_base_url()}{self.sudo().user_input_id.get_start_url()}"
