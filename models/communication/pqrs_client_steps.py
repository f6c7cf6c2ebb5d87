import hashlib

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import clean_text
from .. import clock

MAX_TEXT = 20_000


class PqrsClientSteps(models.Model):
    """Steps of the client on the tracking page and in HERA, and messages of the SIG to the client.

    Callers of the client's steps have proven, by tracking code or user, that the case is the client's.
    """

    _inherit = "sig.pqrs"

    client_wrote_on = fields.Datetime("The client wrote on", readonly=True)

    # -- The client -------------------------------------------------------------------------------------------------

    def _client_write(self, text, files=(), token=None, step="write"):
        """Write to the SIG about the case.

        :param files: `sig.upload` uploads.
        :param str token: of the form: the same message is accepted once.
        :param str step: ``deliver`` to deliver the required information.
        """
        self._check_is_client()
        text = self._read_client_text(text)
        if not text and not files:
            raise UserError(self.env._("Write a message or attach a file."))
        if errors := self.env["sig.upload"]._check_uploads(files):
            raise UserError("\n".join(errors))
        if token and not self._claim_client_message(step, text, files, token):
            return
        # a concurrent step on the case comes first, or is retried
        self.env["sig.pqrs.act"]._lock_heads(self.sudo())
        self._check_client_step(step)
        case = self._for_client_step()
        case.client_wrote_on = clock.now()
        case._receive_online(text, files, step == "deliver")

    def _client_deliver(self, text, files=(), token=None):
        self._client_write(text, files, token, "deliver")

    def _client_withdraw(self, reason=""):
        """Withdraw the request (Ley 1755 de 2015, art. 18)."""
        self._check_is_client()
        reason = self._read_client_text(reason)
        self_sudo = self.sudo()
        self.env["sig.pqrs.act"]._lock_heads(self_sudo)
        if self_sudo.outcome == "withdrawn":
            return
        self._check_client_step("withdraw")
        case = self._for_client_step()
        unsaid = case.env._("The petitioner withdrew the request.")
        reason = case._redact(reason, unsaid)
        case.action_withdraw(reason or unsaid)
        case._notify_director(lambda env: env._("The petitioner withdrew the request"), reason)

    def _client_rate(self, rate, feedback=""):
        """Rate the answer; a rated one stays as it is.

        :param rate: stars, 1 to 5, as text or number.
        """
        self._check_is_client()
        feedback = self._read_client_text(feedback)
        if self.sudo().rating_state == "rated":
            return
        self._check_client_step("rate")
        case = self._for_client_step()
        case._apply_rating(case._rating_get_or_create(), rate, feedback)

    def _check_is_client(self):
        self.ensure_one()
        if self.env.user._is_internal():
            raise AccessError(self.env._("This is for the client: those who work on the case cannot do it."))

    def _check_client_step(self, step):
        if step not in self._get_client_steps():
            raise UserError(self.env._("This is not possible any more. Look at how your request stands now."))

    def _read_client_text(self, text):
        text = clean_text.paragraphs(text) if isinstance(text, str) else ""
        if len(text) > MAX_TEXT:
            raise UserError(
                self.env._("The text is too long: %s characters at most. Send the rest as a file.", f"{MAX_TEXT:,}")
            )
        return text

    def _for_client_step(self):
        """The case in the language of the company; under reserve or anonymous, without the user of the client."""
        case = self.sudo()._with_system_user()
        return case.with_context(lang=case.company_id._sig_lang())

    def _claim_client_message(self, step, text, files, token):
        content = hashlib.sha256(text.encode())
        for file in files:
            content.update(f"\0{file.name}\0{file.checksum}".encode())
        key = f"message/{self.sudo().uuid}/{step}/{str(token)[:100]}/{content.hexdigest()}"
        return self.env["sig.pqrs.submission"].sudo()._claim(key)

    def _receive_online(self, text, files, delivers):
        contact = self.with_user(SUPERUSER_ID)._get_contact()
        return self.env["sig.pqrs.communication"]._receive(
            self,
            "petitioner",
            self._get_online_channel(),
            text,
            self.env["sig.upload"]._prepare_attachments(files, self.anonymous),
            delivers=delivers,
            email_from=False if self.anonymous else contact.partner.name or contact.name or contact.email,
        )

    # -- The SIG ----------------------------------------------------------------------------------------------------

    def action_write_to_client(self, text, attachments=()):
        """Write to the client about the case: by mail, in HERA and on the tracking page.

        :param attachments: id or ids of files that the user may read.
        """
        self.ensure_one()
        self._check_transition("write_to_client")
        text = self._require_text(text, self.env._("Write the message."))
        if refusal := self._get_writing_refusal():
            raise UserError(refusal)
        self._write_to_client(text, self._read_evidence(attachments).attachments)
        return True

    def _get_writing_refusal(self):
        """Why nothing can be written to the client; empty when it can."""
        if self.anonymous or self._get_contact().mailbox or self._has_portal_user():
            return ""
        return self.env._(
            "%s: the petitioner has neither an email nor a HERA user. Call them or send them a letter, and log a note "
            "of it; or write their email in the contact first.",
            self.name,
        )

    def _write_to_client(self, text, files=()):
        """Write a message to the client, which is mailed, or owed when there is no address.

        :param files: attachments; the right to read them has been proven.
        """
        case = self.sudo()
        case._attend_answered()
        # Who filed an anonymous case reads it on the tracking page, and nowhere else.
        medium = "publication" if self.anonymous else False
        message = self.env["sig.pqrs.communication"]._open(case, "message", text, medium=medium)
        if files:
            message.attachment_ids = files
        if not self.anonymous:
            message._queue_message()
            case._ask_to_notify()
        bound = self.env["sig.case.binding"]._bind_records(case, message.attachment_ids, message)
        case._record("message_sent", {}, data={"communication": message.id, **bound})
        if self.anonymous:
            message._tell({message: clock.now()}, medium)
        self._trigger_mail_queue()

    def action_revoke_tracking(self, reason):
        """Replace the tracking code, for one that came into other hands. Pages opened with it close."""
        proven = self._check_transition("revoke_tracking")
        reason = self._require_text(reason)
        for case in proven:
            case.tracking_revision += 1
        self._record(
            "tracking_revoked",
            self._log_on_identity(reason, ""),
            data={case: {"revision": case.tracking_revision} for case in proven},
        )
        return True
