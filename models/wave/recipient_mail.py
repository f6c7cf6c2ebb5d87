from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.incoming_mail import IncomingMail
from .. import clock

#: whose mails those of a wave are
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

    @api.depends("email", "wave_id")
    def _compute_is_shared_email(self):
        shared = self._get_shared_emails(self.wave_id)
        for recipient in self:
            recipient.is_shared_email = (recipient.wave_id.id, (recipient.email or "").lower()) in shared

    def _search_is_shared_email(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.custom(to_sql=self._get_shared_sql, predicate=lambda recipient: recipient.is_shared_email)

    @api.model
    def _get_shared_sql(self, recipients, alias, query):
        return SQL(
            "EXISTS (SELECT FROM %s other WHERE other.wave_id = %s AND LOWER(other.email) = LOWER(NULLIF(%s, ''))"
            " AND other.id != %s)",
            SQL.identifier(self._table),
            recipients._field_to_sql(alias, "wave_id", query),
            recipients._field_to_sql(alias, "email", query),
            SQL.identifier(alias, "id"),
        )

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
        self._get_waiting_mails().write({"state": "cancel"})

    def _redirect_mails(self):
        """The mails that have not left go to the address that each has now; without one they are taken back.

        What the server of another address would not take yet is tried at once.
        """
        addresses = {recipient.id: recipient.email for recipient in self}
        mails = self._get_waiting_mails()
        for mail in mails:
            address = addresses[mail.res_id]
            anew = {"email_to": address, "scheduled_date": False, "sig_attempts": 0}
            mail.write(anew if address else {"state": "cancel"})
        if mails:
            self.env["sig.pqrs"]._trigger_mail_queue()

    def _get_waiting_mails(self):
        waiting = Domain("model", "=", self._name) & Domain("res_id", "in", self.ids) & Domain("state", "=", "outgoing")
        return self.env["mail.mail"].sudo().search(waiting)

    # -- What becomes of them ---------------------------------------------------------------------------------------

    def _on_mail_left(self, purpose=False, mail=None):
        """The mail of each left. Hook of `mail.mail`."""
        sent = {"date_sent": clock.now()}
        waiting = self.filtered(lambda recipient: recipient.state in ("to_send", "failed", "bounced"))
        waiting.write({**sent, "state": "sent", "reason": False})
        (self - waiting).write(sent)

    def _on_mail_failed(self, purpose=False, reason=False, mail=None):
        """The mail of each did not leave. Hook of `mail.mail`."""
        self.filtered(lambda recipient: recipient.state in ("to_send", "sent")).write(
            {"state": "failed", "reason": (reason or "")[:500]}
        )

    def _message_receive_bounce(self, email, partner):
        """The mail server returned what was sent to the client; it counts until the client answers."""
        result = super()._message_receive_bounce(email, partner)
        address = tools.email_normalize(email or "")
        returned = self.sudo().filtered(
            lambda recipient: (
                recipient.state in ("to_send", "sent", "failed")
                and (not address or tools.email_normalize(recipient.email or "") == address)
            )
        )
        for company, recipients in returned.grouped("company_id").items():
            told = recipients.with_context(lang=company._sig_lang())
            told.write({"state": "bounced", "reason": told.env._("The mail was returned.")})
        return result


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _sig_get_follower(self):
        """Clients of a wave follow their mails."""
        return self._sig_follow(RECIPIENT) if self.model == RECIPIENT else super()._sig_get_follower()


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """A report that a mail to a client of a wave is late, or arrived, returns nothing."""
        bounced = message_dict.get("bounced_message")
        if bounced and bounced.model == RECIPIENT and not IncomingMail(email_message.as_bytes()).reports_failure:
            return None
        return super()._routing_handle_bounce(email_message, message_dict)
