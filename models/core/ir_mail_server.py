import logging
from copy import deepcopy

from odoo import api, models
from odoo.tools.mail import email_normalize_all

from .mail_mail import MARK

_logger = logging.getLogger(__name__)


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    @api.model
    def send_email(self, message, *args, **kwargs):
        """Ours leave before their copies: a message to several counts as sent once a server takes it for one."""
        headers = ((message[MARK] and message[name]) or "" for name in ("To", "Cc"))
        skipped = set(self.env.context.get("send_smtp_skip_to") or ())
        to, copied = (set(email_normalize_all(addresses)) - skipped for addresses in headers)
        copy = deepcopy(message) if to and copied - to else None
        first = self.with_context(send_smtp_skip_to=skipped | (copied - to)) if copy else self
        message_id = super(IrMailServer, first).send_email(message, *args, **kwargs)
        self.env["mail.mail"]._sig_store_original(message)
        if copy:
            try:
                super(IrMailServer, self.with_context(send_smtp_skip_to=skipped | to)).send_email(copy, *args, **kwargs)
            except Exception as error:
                _logger.warning("The copy of %s for %s did not leave: %s", message_id, message["Cc"], error)
        return message_id
