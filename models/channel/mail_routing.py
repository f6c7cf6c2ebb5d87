import logging
from xmlrpc.client import Binary

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ...tools.incoming_mail import IncomingMail
from .pqrs_mail import DOORS, Delivery

_logger = logging.getLogger(__name__)

#: prefixes of models whose threads receive mail from gateways alone: core lets every user hand over mail
GATED = ("sig.", "survey.")


class MailOfPqrs(Exception):
    """Core routes a mail to a case that `_is_of_pqrs` did not recognise."""


class MailThread(models.AbstractModel):
    """The mail gateway for mail of PQRS; mail of other models is core's."""

    _inherit = "mail.thread"

    @api.model
    def _sig_get_delivery(self):
        """The `Delivery` that is being processed; None for mail of others."""
        delivery = self.env.context.get("sig_delivery")
        return delivery if isinstance(delivery, Delivery) else None

    # -- Reading ----------------------------------------------------------------------------------------------------

    @api.model
    def message_process(
        self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None
    ):
        """Store a mail of PQRS before it is read, so that no failure loses it or stops the next.

        :raises AccessError: for users who are no mail gateway.
        """
        raw = bytes(message.data) if isinstance(message, Binary) else message
        raw = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
        Mail, incoming = self.env["sig.pqrs.mail"].sudo(), IncomingMail(raw)
        if not Mail._is_of_pqrs(incoming, model):
            try:
                return super().message_process(
                    model,
                    message,
                    custom_values=custom_values,
                    save_original=save_original,
                    strip_attachments=strip_attachments,
                    thread_id=thread_id,
                )
            except MailOfPqrs:
                _logger.info("A mail names a mailbox of PQRS as no mail program does it")
        Mail.sudo(False)._check_gateway()
        mails = Mail._store(incoming)
        return bool(mails) and self._sig_process(mails, incoming, model, thread_id)

    @api.model
    def _sig_process(self, mails, incoming, model=None, thread_id=None):
        gateway = self.with_user(SUPERUSER_ID).with_context(
            sig_delivery=Delivery(incoming, mails),
            lang=mails[:1].company_id._sig_lang(),
            image_no_postprocess=True,  # pictures stay as they came
        )
        parent = super(MailThread, gateway)
        return mails._process(incoming, lambda raw: parent.message_process(model, raw, thread_id=thread_id))

    @api.private
    @api.model
    def message_parse(self, message, save_original=False):
        """Mail of PQRS has the date of its receipt; a Message-Id that another mail has does not drop it."""
        values = super().message_parse(message, save_original=save_original)
        if delivery := self._sig_get_delivery():
            values["date"] = fields.Datetime.to_string(delivery.mails[:1].date)
            if self.env["mail.message"].search_count([("message_id", "=", values["message_id"])], limit=1):
                values["message_id"] = f"<{delivery.incoming.digest[:32]}@again>"
        return values

    # -- Routing ----------------------------------------------------------------------------------------------------

    @api.private
    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        delivery = self._sig_get_delivery()
        if message_dict.get("is_bounce"):
            if delivery:
                delivery.mails.pqrs_id = delivery.mails._find_thread(delivery.incoming.reported_ids)
                delivery.mails._ignore("report")
            bounced = message_dict.get("bounced_message")
            if bounced and (bounced.model or "").startswith(GATED):
                self.env["sig.pqrs.mail"]._check_gateway()
                report = delivery.incoming if delivery else IncomingMail(message.as_bytes())
                if not report.reports_failure:  # the mail is late, arrived or was displayed
                    return []
                self = self.with_context(sig_bounced_message_id=bounced.id)
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        if not delivery:
            routes = super().message_route(message, message_dict, model, thread_id, custom_values)
            if any((route[0] or "").startswith(GATED) for route in routes or ()):
                self.env["sig.pqrs.mail"]._check_gateway()
            if any(route[0] in DOORS for route in routes or ()):
                raise MailOfPqrs
            return routes
        mails, incoming = delivery.mails, delivery.incoming
        self._routing_reset_bounce(message, message_dict)
        is_named = thread_id and model in DOORS
        thread = self.env[model].browse(thread_id).exists() if is_named else self.env["sig.pqrs"]
        ours = mails._route(incoming, thread)
        others = []
        if self._sig_concerns_others(incoming):
            try:
                others = super().message_route(message, message_dict)
            except ValueError:  # which names the author
                _logger.info("Mail %s of PQRS goes nowhere else", mails.ids)
        # Others first: our routes remove the files from the values that core passes on.
        return [route for route in others if route[0] not in DOORS] + ours

    @api.model
    def _sig_concerns_others(self, incoming):
        """Whether a mail also goes to aliases, or answers messages, of other models."""
        ours = self.env["ir.model"]._get_id("sig.pqrs")
        goes = [("alias_full_name", "in", list(incoming.recipients)), ("alias_model_id", "!=", ours)]
        answers = [("message_id", "in", incoming.references), ("model", "not in", [*DOORS, False])]
        Alias, Message = self.env["mail.alias"], self.env["mail.message"]
        return bool(Alias.search_count(goes, limit=1) or Message.search_count(answers, limit=1))

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Mail of PQRS has limits of its own: core's would bounce the petition."""
        if not self._sig_get_delivery():
            return super()._detect_loop_sender(message, message_dict, routes)
        others = [route for route in routes or () if route[0] not in DOORS]
        if not others or not super()._detect_loop_sender(message, message_dict, others):
            return False
        for route in others:
            routes.remove(route)
        return not routes


class Pqrs(models.Model):
    _inherit = "sig.pqrs"

    mail_ids = fields.One2many("sig.pqrs.mail", "pqrs_id", "Mails", groups="sig_pqrs.group_sig_director")

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Called by core's gateway."""
        delivery = self.env["mail.thread"]._sig_get_delivery()
        if not delivery:
            raise UserError(self.env._("Mail comes by the gateway."))
        company_id = (custom_values or {}).get("company_id")
        mail = delivery.mails.filtered(lambda mail: mail.company_id.id == company_id)
        case = mail.with_env(self.env)._file(delivery.incoming)
        self.env["sig.mail.petition"]._prepare_message(msg_dict, delivery)
        return case


class PqrsIdentity(models.Model):
    _inherit = "sig.pqrs.identity"

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        raise UserError(self.env._("Mail comes by the gateway."))
