import uuid
from operator import methodcaller

from odoo import fields, models, tools

from .. import clock

INVITATION = "sig_pqrs.mail_survey_invitation"
REMINDER = "sig_pqrs.mail_survey_reminder"

#: clients whose mails are prepared in one run of the job
BATCH = 200


class SurveyRecipient(models.Model):
    _inherit = "sig.survey.recipient"

    queued = fields.Boolean(readonly=True)
    resend = fields.Boolean(readonly=True)
    reminding = fields.Boolean(readonly=True)

    _queue_index = models.Index("(wave_id, id) WHERE queued")

    def _get_answer_url(self):
        return f"{self.get_base_url()}{self.sudo().user_input_id.get_start_url()}"

    def _get_decline_url(self):
        return f"{self.get_base_url()}/pqrs/survey/{self.sudo().user_input_id.access_token}/decline"

    def _get_notice_url(self):
        notice = self.env["sig.privacy.notice"]._get_current(self.company_id)
        return f"{self.get_base_url()}{notice._get_path(self.company_id)}" if notice else ""

    def _mail(self, template):
        if self:
            self.env.ref(template).sudo().send_mail_batch(self.ids, email_layout_xmlid="sig_pqrs.mail_layout")
            self.env["ir.cron"]._sig_trigger_mails()

    def _cancel_mails(self):
        own = [("model", "=", self._name), ("res_id", "in", self.ids), ("is_notification", "=", False)]
        self.env["mail.mail"].sudo().search([*own, ("state", "=", "outgoing")]).write({"state": "cancel"})

    def _on_mail_done(self, failure=""):
        running = self.filtered(lambda recipient: recipient.wave_state == "running")
        if failure:
            running.filtered(lambda recipient: recipient.state in ("to_send", "sent"))._fail_mail(failure)
            return
        running.filtered(lambda one: not one.date_sent or not one.date_reminded).date_sent = clock.now()
        waiting = running.filtered(lambda recipient: recipient.state in ("to_send", "sent", "failed", "bounced"))
        waiting.write({"state": "sent", "reason": False})

    def _fail_mail(self, reason):
        """Who was asked before stays asked."""
        for was_asked, recipients in self.grouped(lambda recipient: bool(recipient.date_sent)).items():
            waiting = recipients.filtered(lambda recipient: recipient.state in ("to_send", "sent"))
            waiting.state = "sent" if was_asked else "failed"
        self.reason = reason[:500]

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        address = tools.email_normalize(email or "")
        asked = [("wave_state", "=", "running"), ("state", "in", ("to_send", "sent", "failed"))]
        returned = self.sudo().filtered_domain(asked)
        returned = returned.filtered(lambda one: not address or tools.email_normalize(one.email or "") == address)
        for company, recipients in returned.grouped("company_id").items():
            localized = recipients._sig_in_language_of(company)
            localized.write({"state": "bounced", "reason": localized.env._("The mail was returned.")})
        return result

    def _cron_queue(self):
        domain = [("queued", "=", True), ("wave_state", "=", "running")]
        batch = self.search(domain, order="wave_id, id", limit=BATCH).try_lock_for_update()
        batch._process_queue()
        self.env["ir.cron"]._commit_progress(len(batch), remaining=self.search_count(domain))

    def _process_queue(self):
        """Create answer sheets and mails. A failed batch is retried one by one: one client stops no other."""
        failed = self._in_isolation(self, methodcaller("_prepare_and_mail"))
        for company, recipients in failed.grouped("company_id").items():
            localized = recipients._sig_in_language_of(company)
            localized.write({"queued": False, "resend": False, "reminding": False})
            localized._fail_mail(localized.env._("The mail could not be prepared. The log of the server says why."))

    def _prepare_and_mail(self):
        self._leave_out_refused()
        asked = self.filtered("queued")
        asked._create_answers()
        addressed = asked.filtered(lambda recipient: recipient.channel == "email" and recipient.email)
        first = addressed.filtered(lambda recipient: recipient.resend or recipient.state == "to_send")
        reminded = (addressed - first).filtered(lambda one: one.reminding and one.state in ("sent", "started"))
        self.write({"queued": False, "resend": False, "reminding": False})
        first._mail(INVITATION)
        reminded._mail(REMINDER)
        for count, recipients in reminded.grouped("reminder_count").items():
            recipients.write({"reminder_count": count + 1, "date_reminded": clock.now()})

    def _trigger_queue(self):
        self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_survey")

    def _create_answers(self):
        todo = self.filtered(lambda recipient: not recipient.user_input_id)
        sheets = self.env["survey.user_input"].sudo()
        context = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
        answers = sheets.with_context(**context).create([recipient._prepare_answer() for recipient in todo])
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
