import logging
from functools import partial
from xmlrpc.client import Binary

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.service.model import retrying

from ...tools.incoming_mail import IncomingMail
from .pqrs_mail import DOORS

_logger = logging.getLogger(__name__)

#: prefixes of models whose threads receive mail from gateways alone: core lets every user hand over mail
GATED = ("sig.", "survey.")


class MailOfPqrs(Exception):
    """Core routes a mail to a case that `_is_of_pqrs` did not recognise."""


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(
        self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None
    ):
        """Store a mail of PQRS before it is read, so that no failure loses it or stops the next.

        :return: id of its case, or False.
        :raises AccessError: for users who are no mail gateway.
        """
        raw = bytes(message.data) if isinstance(message, Binary) else message
        raw = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
        Mail, incoming = self.env["sig.pqrs.mail"].sudo(), IncomingMail(raw)
        if not Mail._is_of_pqrs(incoming, model):
            try:
                return super().message_process(
                    model, message, custom_values, save_original, strip_attachments, thread_id
                )
            except MailOfPqrs:
                _logger.info("A mail names a mailbox of PQRS as no mail program does it")
        Mail.sudo(False)._check_gateway()
        # Core's fetcher marks a mail as seen although it failed: nobody would bring it again.
        is_fetched, store = "default_fetchmail_server_id" in self.env.context, partial(Mail._store, incoming)
        if mails := retrying(store, self.env) if is_fetched else store():
            named = self.env[model].sudo().browse(thread_id) if thread_id and model in DOORS else None
            mails._process(incoming, named)
        return mails[:1].pqrs_id.id

    def _sig_read_by_core(self, incoming):
        """Core reads a mail of PQRS too, if it can: a report about one that left, or one that concerns other models."""
        if not incoming.is_bearable:
            return False
        # The object tells `message_route` that it is of PQRS: no caller over RPC can pass it.
        gateway = self.with_user(SUPERUSER_ID).with_context(sig_incoming=incoming)
        super(MailThread, gateway).message_process(None, incoming.raw)  # pylint: disable=super-method-mismatch  # of core
        return True

    @api.private
    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        incoming = self.env.context.get("sig_incoming")
        incoming = incoming if isinstance(incoming, IncomingMail) else None
        bounced = message_dict.get("bounced_message")
        is_report = message_dict.get("is_bounce") or (incoming and incoming.is_report)  # core knows fewer of them
        if incoming and is_report and not (bounced and message_dict["bounced_email"]):
            self.env["sig.pqrs.mail"]._ask_about_report(incoming)
        if message_dict.get("is_bounce"):
            if bounced and (bounced.model or "").startswith(GATED):
                self.env["sig.pqrs.mail"]._check_gateway()
                if not (incoming or IncomingMail(message.as_bytes())).reports_failure:
                    return []  # the mail is late, arrived or was displayed
                self = self.with_context(sig_bounced_message_id=bounced.id)
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        if any((route[0] or "").startswith(GATED) for route in routes or ()):
            self.env["sig.pqrs.mail"]._check_gateway()
        ours = [route for route in routes or () if route[0] in DOORS]
        if ours and not incoming:
            raise MailOfPqrs
        return [route for route in routes or () if route not in ours]

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        if self._name in DOORS:
            raise UserError(self.env._("Mail comes by the gateway."))
        return super().message_new(msg_dict, custom_values)
