from odoo import api, fields, models, tools

from ...tools.incoming_mail import IncomingMail
from .. import clock

#: mails of clients of a wave that are taken at once
RECIPIENT = "sig.survey.recipient"


class SurveyRecipient(models.Model):
    """The mails of a wave, and what becomes of them."""

    _inherit = "sig.survey.recipient"

    is_shared_email = fields.Boolean(
        "Shared mailbox",
        compute="_compute_is_shared_email",
        search="_search_is_shared_email",
        help="Other clients of the wave have the same email: each gets its own link there.",
    )

    def _compute_is_shared_email(self):
        shared = self._get_shared_emails(self.wave_id)
        for recipient in self:
            recipient.is_shared_email = (recipient.wave_id.id, (recipient.email or "").lower()) in shared

    def _search_is_shared_email(self, operator, value):
        if operator != "in":
            return NotImplemented
        shared = self._get_shared_emails(self.env["sig.survey.wave"].search([]))
        emails = {email for _wave_id, email in shared}
        candidates = self.search_fetch([("email", "!=", False)], ["email", "wave_id"])
        ids = [
            recipient.id
            for recipient in candidates
            if recipient.email.lower() in emails and (recipient.wave_id.id, recipient.email.lower()) in shared
        ]
        return [("id", "in", ids)]

    def _get_shared_emails(self, waves):
        """``{(wave id, email in small letters)}`` of the mailboxes that several clients of a wave have."""
        groups = (
            self.env[RECIPIENT]
            .sudo()
            ._read_group([("wave_id", "in", waves.ids), ("email", "!=", False)], ["wave_id", "email"], ["__count"])
        )
        counts = {}
        for wave, email, count in groups:
            key = (wave.id, email.lower())
            counts[key] = counts.get(key, 0) + count
        return {key for key, count in counts.items() if count > 1}

    def _get_answer_url(self):
        """Absolute address of the questionnaire of the client."""
        self.ensure_one()
        return f"{self.get_base_url()}{self.sudo().user_input_id.get_start_url()}"

    def _get_decline_url(self):
        """Absolute address of the page where the client says that it does not take part."""
        self.ensure_one()
        return f"{self.get_base_url()}/pqrs/survey/{self.sudo().user_input_id.access_token}/decline"

    def _get_notice_url(self):
        """Absolute address of the privacy notice; empty when there is none in force."""
        notice = self.env["sig.privacy.notice"].sudo()._get_current(self.company_id)
        return f"{self.get_base_url()}{notice._get_path()}" if notice else ""

    def _mail(self, template):
        """Queue one mail to each."""
        if self:
            self.env.ref(template).sudo().send_mail_batch(self.ids, email_layout_xmlid="sig_pqrs.mail_layout")
            self.env["sig.pqrs"]._trigger_mail_queue()

    def _cancel_mails(self):
        """Take back the mails that have not left."""
        if self:
            waiting = [("model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "outgoing")]
            self.env["mail.mail"].sudo().search(waiting).write({"state": "cancel"})

    # -- What becomes of them ---------------------------------------------------------------------------------------

    def _on_mail_left(self):
        self.filtered(lambda recipient: recipient.state in ("to_send", "failed", "bounced")).write(
            {"state": "sent", "reason": False}
        )
        self.write({"date_sent": clock.now()})

    def _on_mail_failed(self, reason):
        self.filtered(lambda recipient: recipient.state in ("to_send", "sent")).write(
            {"state": "failed", "reason": (reason or "")[:500]}
        )

    def _message_receive_bounce(self, email, partner):
        """The mail server returned what was sent to the client; it counts until the client answers."""
        result = super()._message_receive_bounce(email, partner)
        address = tools.email_normalize(email or "")
        self.sudo().filtered(
            lambda recipient: (
                recipient.state in ("to_send", "sent", "failed")
                and (not address or tools.email_normalize(recipient.email or "") == address)
            )
        ).write({"state": "bounced", "reason": self.env._("The mail was returned.")})
        return result


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Clients of a wave follow their mail: sent, or not and why."""
        outcomes = [
            (mail.res_id, mail.state == "exception" or bool(failure_type), failure_reason or mail.failure_reason)
            for mail in self.sudo()
            if mail.model == RECIPIENT
        ]
        result = super()._postprocess_sent_message(success_pids, success_emails, failure_reason, failure_type)
        for res_id, failed, reason in outcomes:
            recipient = self.env[RECIPIENT].sudo().browse(res_id).exists()
            if failed:
                recipient._on_mail_failed(reason)
            else:
                recipient._on_mail_left()
        return result


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """A report that a mail to a client of a wave is late, or arrived, returns nothing."""
        bounced = message_dict.get("bounced_message")
        if bounced and bounced.model == RECIPIENT and not IncomingMail(email_message.as_bytes()).reports_failure:
            return None
        return super()._routing_handle_bounce(email_message, message_dict)
