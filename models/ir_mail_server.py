from odoo import models

from .mail_mail import Outbox


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def _build_email__(self, *args, **kwargs):
        """Hand what is about to be sent to whoever keeps it."""
        message = super()._build_email__(*args, **kwargs)
        outbox = self.env.context.get("sig_outbox")
        if isinstance(outbox, Outbox):
            outbox.messages.append(message)
        return message
