from odoo import api, models

#: values of Precedence with which programs write
AUTOMATIC_PRECEDENCE = ("auto_reply", "bulk", "junk")


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Tell the case which of its mails was returned: an answer or only a reminder."""
        bounced = message_dict.get("bounced_message")
        if bounced and bounced.model in ("sig.pqrs", "sig.pqrs.identity"):
            self = self.with_context(sig_bounced_message_id=bounced.id)  # noqa: PLW0642
        return super()._routing_handle_bounce(email_message, message_dict)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """What a program answered (out of office) is kept in the thread, and is nobody's work."""
        if self._is_automatic(message):
            self = self.with_context(sig_automatic_message=True)  # noqa: PLW0642
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _is_automatic(self, message):
        """Whether the headers of a mail say that nobody wrote it (RFC 3834, and what older programs send)."""
        submitted = (message.get("Auto-Submitted") or "no").split(";")[0].strip().lower()
        return (
            submitted != "no"
            or bool(message.get("X-Autoreply") or message.get("X-Autorespond"))
            or (message.get("Precedence") or "").strip().lower() in AUTOMATIC_PRECEDENCE
        )
