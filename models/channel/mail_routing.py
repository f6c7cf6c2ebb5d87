import logging
from xmlrpc.client import Binary

from odoo import SUPERUSER_ID, api, fields, models, tools

from ...tools.incoming_mail import IncomingMail
from .pqrs_mail import DOORS, Delivery

_logger = logging.getLogger(__name__)

#: models in whose threads no mail arrives but from a gateway: core lets every user hand over mail
GATED = ("sig.", "survey.")


class MailOfPqrs(Exception):
    """Core routes to a case a mail that was not recognised as one of PQRS."""


class MailThread(models.AbstractModel):
    """The mail gateway, for mail of PQRS alone: what is of other models goes on as ever."""

    _inherit = "mail.thread"

    @api.model
    def _sig_get_delivery(self):
        """The mail of PQRS that is being read, as `Delivery`; None for mail of others."""
        delivery = self.env.context.get("sig_delivery")
        return delivery if isinstance(delivery, Delivery) else None

    # -- Reading ----------------------------------------------------------------------------------------------------

    @api.model
    def message_process(
        self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None
    ):
        """Keep a mail of PQRS before it is read, and read it so that no failure stops the next.

        :raises AccessError: when who hands it over is no mail gateway.
        """
        raw = bytes(message.data) if isinstance(message, Binary) else message
        raw = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
        Mail, incoming = self.env["sig.pqrs.mail"], IncomingMail(raw)
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
        Mail._check_gateway()
        mails = Mail._keep(incoming)
        return bool(mails) and self._sig_process(mails, incoming, model, thread_id)

    @api.model
    def _sig_process(self, mails, incoming, model=None, thread_id=None):
        """Have core read a mail of PQRS that is kept: with its files, without a copy of the raw mail on the case."""
        gateway = self.with_user(SUPERUSER_ID).with_context(
            sig_delivery=Delivery(incoming, mails),
            lang=mails[:1].company_id._sig_lang(),
            image_no_postprocess=True,  # what a petitioner sends stays as it came, and no picture is taken apart
        )
        parent = super(MailThread, gateway)
        return mails._process(incoming, lambda raw: parent.message_process(model, raw, thread_id=thread_id))

    @api.private
    @api.model
    def message_parse(self, message, save_original=False):
        """A mail of PQRS is dated when it reached the mailbox. A Message-Id that another mail has is no reason to drop
        it.
        """
        values = super().message_parse(message, save_original=save_original)
        if delivery := self._sig_get_delivery():
            values["date"] = fields.Datetime.to_string(delivery.mails[:1].date)
            if self.env["mail.message"].sudo().search_count([("message_id", "=", values["message_id"])], limit=1):
                values["message_id"] = f"<{delivery.incoming.digest[:32]}@again>"
        return values

    @api.model
    def _message_parse_post_process(self, message, message_dict, routes):
        """The author of a mail of PQRS is the contact that the company of the case has, unless the mail is disowned."""
        values = super()._message_parse_post_process(message, message_dict, routes)
        delivery = self._sig_get_delivery()
        if delivery and any(route[0] in DOORS for route in routes or ()):
            Petition, company = self.env["sig.mail.petition"], delivery.mails[:1].company_id
            author = Petition._get_author(company, delivery.incoming)
            values["author_id"] = Petition._get_writer(company, delivery.incoming).id
            if author.mailbox:  # core may read another one in the same header
                values["email_from"] = tools.formataddr((author.name, author.mailbox))
        return values

    # -- Routing ----------------------------------------------------------------------------------------------------

    @api.private
    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        delivery = self._sig_get_delivery()
        if not delivery:
            routes = super().message_route(message, message_dict, model, thread_id, custom_values)
            if any((route[0] or "").startswith(GATED) for route in routes or ()):
                self.env["sig.pqrs.mail"]._check_gateway()
            if any(route[0] in DOORS for route in routes or ()):
                raise MailOfPqrs
            return routes
        mails, incoming = delivery.mails, delivery.incoming
        if message_dict.get("is_bounce"):
            mails.pqrs_id = mails._get_reported_case(incoming)
            mails._ignore("report")
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        self._routing_reset_bounce(message, message_dict)
        is_named = thread_id and model in DOORS
        thread = self.env[model].browse(thread_id).exists() if is_named else self.env["sig.pqrs"]
        ours = mails._route(incoming, thread)
        others = []
        if self._sig_concerns_others(incoming):
            try:
                others = super().message_route(message, message_dict)
            except ValueError:  # it names who wrote
                _logger.info("Mail %s of PQRS goes nowhere else", mails.ids)
        # Those of others first: ours take the files out of what core passes on.
        return [route for route in others if route[0] not in DOORS] + ours

    @api.model
    def _sig_concerns_others(self, incoming):
        """Whether a mail of PQRS goes to aliases, or answers messages, of other models too."""
        ours = self.env["ir.model"]._get_id("sig.pqrs")
        goes = [("alias_full_name", "in", list(incoming.recipients)), ("alias_model_id", "!=", ours)]
        answers = [("message_id", "in", incoming.references), ("model", "not in", [*DOORS, False])]
        env = self.sudo().env
        return bool(env["mail.alias"].search_count(goes, limit=1) or env["mail.message"].search_count(answers, limit=1))

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Our own limits hold for mail of PQRS: core's would send the petition back."""
        if not self._sig_get_delivery():
            return super()._detect_loop_sender(message, message_dict, routes)
        others = [route for route in routes or () if route[0] not in DOORS]
        if not others or not super()._detect_loop_sender(message, message_dict, others):
            return False
        for route in others:
            routes.remove(route)
        return not routes

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Tell the case which of its mails was returned: an answer or only a reminder.

        Nothing was returned when a report says that a mail is late, arrived or was displayed.
        """
        bounced = message_dict.get("bounced_message")
        if bounced and (bounced.model or "").startswith(GATED):
            self.env["sig.pqrs.mail"]._check_gateway()
        if bounced and bounced.model in DOORS:
            delivery = self._sig_get_delivery()
            if delivery and not delivery.incoming.reports_failure:
                return None
            self = self.with_context(sig_bounced_message_id=bounced.id)
        return super()._routing_handle_bounce(email_message, message_dict)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """What a program answered (out of office) is kept in the thread, and is nobody's work."""
        delivery = self._sig_get_delivery()
        if delivery and delivery.mails[:1].reason == "automatic":
            self = self.with_context(sig_automatic_message=True)
        return super()._message_route_process(message, message_dict, routes)
