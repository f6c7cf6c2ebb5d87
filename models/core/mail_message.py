from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import email_normalize

from ...tools import mail_bounds
from .. import clock
from ..people.pqrs_identity import IDENTITY_FIELDS
from .base import OURS

#: fields of text, author, recipients, date and record
SAID_FIELDS = frozenset(
    {
        "subject", "body", "date", "message_type", "subtype_id", "is_internal", "tracking_value_ids",
        "author_id", "author_guest_id", "email_from", "reply_to", "message_id",
        "partner_ids", "notified_partner_ids", "incoming_email_to", "incoming_email_cc", "outgoing_email_to",
        "model", "res_id", "parent_id", "attachment_ids",
    }
)  # fmt: skip

#: types of message that users write
USER_TYPES = ("comment", "user_notification")

#: by how much the clocks of two servers may differ
SKEW = timedelta(minutes=5)


class MailMessage(models.Model):
    """Who writes messages on our records: by RPC, composer, scheduled messages, routes and mails.

    A step (`_sig_as_step`, or the superuser), or a user who may post on the record, in their own name.
    Messages of threads that are kept as proof are not edited; elsewhere, by their author.

    This holds under ``sudo`` too: core creates as superuser the mails of composer and templates, and the messages of
    ``/mail/message/post``.
    """

    _inherit = "mail.message"

    record_name = fields.Char(compute="_compute_sig_record_name")

    def _get_forbidden_access(self, operation):
        """On records of ours, only who may post creates, edits or reacts to messages. Core also lets who follows the
        record, answers a message or writes a notification.
        """
        forbidden = super()._get_forbidden_access(operation)
        if operation == "create" and (ours := self._sig_filter_ours() - forbidden):
            for model, messages in ours.sudo().grouped("model").items():
                ids = [id_ for id_ in set(messages.mapped("res_id")) if id_]
                allowed = self._filter_records_for_message_operation(model, ids, operation) if model in self.env else ()
                allowed_ids = {record.id for record in allowed}
                forbidden += messages.filtered(lambda m, ids=allowed_ids: m.res_id not in ids).with_env(self.env)
        return forbidden

    @api.model_create_multi
    def create(self, vals_list):
        if moment := clock.held():
            vals_list = [{**vals, "date": moment} for vals in vals_list]
        by_step = self._sig_is_step()
        if not by_step:
            self._sig_check_tracking(vals_list)
            self._sig_check_bodies(vals_list)
        messages = super().create(vals_list)
        if ours := messages._sig_filter_ours():
            if not by_step:
                ours._sig_check_own()
                ours._sig_untell_outsiders()
            ours._sig_own_files()
        # the files of mails are bound by the acts of the steps that send them
        messages.filtered(lambda message: message.message_type != "email_outgoing").attachment_ids._sig_bind_added()
        return messages

    def write(self, vals):
        if not self.env.su:
            self._sig_check_bodies([vals])
            if not SAID_FIELDS.isdisjoint(vals):
                self._sig_check_protected("write")
            if str(vals.get("model") or "").startswith("sig."):
                raise UserError(self._sig_get_protection_refusal())
        result = super().write(vals)
        if "partner_ids" in vals and not self._sig_is_step():
            self._sig_filter_ours()._sig_untell_outsiders()
        if not vals.keys().isdisjoint(("attachment_ids", "body")):
            self._sig_filter_ours()._sig_own_files()
        if "attachment_ids" in vals:
            self.attachment_ids._sig_bind_added()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_kept(self):
        self.env["sig.anonymizer"]._check_not_held(self, "model")
        if not self._sig_is_step():
            self._sig_check_protected("unlink")

    def _sig_filter_ours(self):
        of_sig = self.sudo().filtered(lambda m: (m.model or "").startswith("sig."))
        return of_sig.with_env(self.env).with_prefetch(self._prefetch_ids)

    @api.model
    def _sig_check_tracking(self, vals_list):
        """Core writes tracking values as superuser: commands on existing ones would change those of any record."""
        commands = [command for vals in vals_list for command in vals.get("tracking_value_ids") or ()]
        if any(not isinstance(command, list | tuple) or command[0] != Command.CREATE for command in commands):
            raise AccessError(self.env._("What was tracked of a record is written by the software alone."))

    @api.model
    def _sig_check_bodies(self, vals_list):
        """Core sanitizes bodies before it checks access: some hostile ones take minutes."""
        bodies = [vals["body"].encode("utf-8", "replace") for vals in vals_list if isinstance(vals.get("body"), str)]
        large = [body for body in bodies if len(body) > mail_bounds.SMALL]
        bearable = not large or self.env.user._is_internal() or all(mail_bounds.is_bearable(b, "html") for b in large)
        if not bearable:
            raise UserError(self.env._("The text has too many signs of format. Write it without format."))

    def _sig_check_protected(self, operation):
        if ours := self._sig_filter_ours():
            ours.check_access(operation)
            raise UserError(self._sig_get_protection_refusal())

    def _sig_check_editable(self):
        """Check that the user, whom the route of core lets write as superuser, edits the messages."""
        for message in self._sig_filter_ours().sudo():
            kept = getattr(self.env[message.model], "_sig_keeps_messages", False)
            if kept or message.author_id != self.env.user.partner_id:
                raise UserError(self._sig_get_protection_refusal())

    @api.model
    def _sig_get_protection_refusal(self):
        return self.env._(
            "What was said here stays as it was said: it is neither changed nor deleted. Write another message that "
            "puts it right."
        )

    def _sig_check_own(self):
        """Check access, author, date, type and recipients of a user's messages: the SIG alone writes to outsiders."""
        if self.env.su:
            self.sudo(False).check_access("create")
        now, author, note = clock.now(), self.env.user.partner_id, self.env.ref("mail.mt_note")
        for message in self.sudo():
            self.env["sig.pqrs"]._check_may_add(message, "model")
            named = message.email_from in (False, author.email_formatted) or (
                email_normalize(message.email_from) == author.email_normalized
            )
            if message.author_id != author or message.author_guest_id or not named or abs(message.date - now) > SKEW:
                raise UserError(self.env._("Here everybody writes in their own name, with the date of today."))
            parent = message.parent_id
            if (
                message.message_type not in USER_TYPES
                or message.subtype_id != note
                or message.tracking_value_ids
                or message.incoming_email_to
                or message.incoming_email_cc
                or (parent and (parent.model, parent.res_id) != (message.model, message.res_id))
            ):
                text = self.env._("People write comments and internal notes here. The software writes the rest.")
                raise UserError(text)
            addressees = message.partner_ids | message.notification_ids.res_partner_id
            outside = message.outgoing_email_to or addressees.filtered(lambda partner: not partner._sig_is_ours())
            if outside and not self.env.user.has_group("sig_pqrs.group_sig_director"):
                raise UserError(self.env._("Only the SIG writes to people outside the company."))

    def _sig_untell_outsiders(self):
        """A mention does not open the record: core shows a message to whom it mentions."""
        for message in self.with_user(SUPERUSER_ID).filtered("partner_ids"):
            record = self.env[message.model].browse(message.res_id)
            if outsiders := record._sig_get_outsiders(message.partner_ids):
                message.partner_ids -= outsiders

    def _sig_own_files(self):
        """Files and pictures become the record's, if its thread keeps messages; those of other case parts stay."""
        # pylint: disable=super-method-mismatch,missing-return  # past `write` above, which calls this
        for message in self.sudo():
            record = self.env[message.model].browse(message.res_id)
            if not getattr(record, "_sig_keeps_messages", False) or not hasattr(record, "_take_files"):
                continue
            files = message.attachment_ids
            foreign = files.filtered(lambda file, record=record: not record._is_beside(file) and file.type == "binary")
            if foreign:
                own = files - foreign | record._take_files(foreign)
                super(MailMessage, message).write({"attachment_ids": [Command.set(own.ids)]})
            by_user = not self.env.su and message.message_type != "email"
            if by_user and (own := record._take_pictures(message.body)) != message.body:
                super(MailMessage, message).write({"body": own})

    def _sig_get_bound_values(self):
        from_client = self.env["ir.model.data"]._xmlid_to_res_id("sig_pqrs.mt_from_client")
        return {
            "id": self.id,
            "date": fields.Datetime.to_string(self.date),
            "from": self.email_from or "",
            "by_petitioner": self.subtype_id.id == from_client,
            "subject": self.subject or "",
            "body": str(self.body or ""),
        }

    def _sig_filter_private(self, identity):
        """Messages of a case that tell its petitioner: mails, messages from or to people outside, tracked identity.

        :param identity: the ``sig.pqrs.identity`` of the case.
        """
        mailed = self.env["mail.mail"].search([("mail_message_id", "in", self.ids)]).mail_message_id
        return mailed | self.filtered(
            lambda message: (
                message._sig_is_with_outsiders(identity.partner_id) or message.attachment_ids & identity.attachment_ids
            )
        )

    def _sig_is_with_outsiders(self, petitioner):
        addressees = self.partner_ids | self.notification_ids.res_partner_id
        return bool(
            not self.author_id._sig_is_ours()
            or petitioner & (self.author_id | addressees)
            or addressees.filtered(lambda partner: not partner._sig_is_ours())
            or self.message_type in ("email", "email_outgoing")
            or self.tracking_value_ids.field_id.filtered(lambda field: field.name in (*IDENTITY_FIELDS, "client_id"))
        )

    def _record_by_message(self):
        found = super()._record_by_message()
        if not self.env.su:
            of_sig = self.filtered(lambda message: message in found and message.model.startswith(OURS))
            for model, messages in of_sig.grouped("model").items():
                named = self.env[model].browse(set(messages.mapped("res_id")))._sig_filter_named()._ids
                for message in messages.filtered(lambda message, ids=named: message.res_id not in ids):
                    del found[message]
        return found

    @api.depends("model", "res_id")
    @api.depends_context("uid")
    def _compute_sig_record_name(self):
        self.record_name = False  # core leaves out messages of which no record is found
        self._compute_record_name()
        if not self.env.su:
            self._sig_hide_unreadable("model", "record_name")
