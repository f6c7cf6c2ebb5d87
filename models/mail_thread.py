from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Tell the case which of its mails was returned: an answer or only a reminder."""
        bounced = message_dict.get("bounced_message")
        if bounced and bounced.model in ("sig.pqrs", "sig.pqrs.identity"):
            self = self.with_context(sig_bounced_message_id=bounced.id)  # noqa: PLW0642
        return super()._routing_handle_bounce(email_message, message_dict)
