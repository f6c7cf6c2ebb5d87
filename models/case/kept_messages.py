from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

from .. import clock

#: what a message says, of whom, to whom, when and where
SAID_FIELDS = frozenset(
    {
        *("subject", "body", "date", "message_type", "subtype_id", "is_internal", "tracking_value_ids"),
        *("author_id", "author_guest_id", "email_from", "reply_to", "message_id"),
        *("partner_ids", "notified_partner_ids", "incoming_email_to", "incoming_email_cc", "outgoing_email_to"),
        *("model", "res_id", "parent_id", "attachment_ids"),
    }
)

#: by how much the clocks of two servers may differ
SKEW = timedelta(minutes=5)


class MailMessage(models.Model):
    """What was said in the threads of a case is printed as proof of it: it stays as it was said.

    An internal note in the talk over a draft proves nothing yet: who wrote it may edit it as core lets them, marked as
    edited, while the answer may still be written and no mail of the note went out.
    """

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        if moment := clock.held():
            vals_list = [{**vals, "date": moment} for vals in vals_list]
        messages = super().create(vals_list)
        if not self.env.su:
            messages._sig_check_own()
        return messages

    def write(self, vals):
        if not self.env.su and not SAID_FIELDS.isdisjoint(vals):
            self._sig_check_kept("write")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_kept(self):
        if not self.env.su:
            self._sig_check_kept("unlink")

    def _sig_filter_kept(self):
        """Those in threads that keep what was said in them."""
        models_ = filter(None, set(self.sudo().mapped("model")))
        keeping = {model for model in models_ if getattr(self.env.get(model), "_sig_keeps_messages", False)}
        kept = self.sudo().filtered(lambda message: message.model in keeping and message.res_id)
        return kept.with_env(self.env)

    def _sig_check_kept(self, operation):
        """
        :raises AccessError: for who may not ``operation`` them at all; UserError when what they say is kept.
        """
        if kept := self._sig_filter_kept():
            kept.check_access(operation)
            raise UserError(self._sig_get_kept_refusal())

    @api.model
    def _sig_get_kept_refusal(self):
        return self.env._(
            "What was said in a PQRS stays as it was said: it is neither changed nor deleted. Write another message "
            "that puts it right."
        )

    def _sig_check_own(self):
        """
        :raises UserError: for a message in the name of somebody from outside, of another moment, or made to look like
            a mail that came, in a thread that keeps what was said in it.
        """
        now = clock.now()
        own = self.env.user.partner_id | self.env.companies.partner_id
        for message in self._sig_filter_kept().sudo():
            author = message.author_id
            in_own_name = author and (author in own or author._sig_is_ours())
            if not in_own_name or message.message_type == "email" or abs(message.date - now) > SKEW:
                raise UserError(self.env._("In a PQRS everybody writes in their own name, and with the date of today."))

    def _sig_filter_open_notes(self):
        """Internal notes of the user in the talk over drafts that may still be written, of which no mail went out."""
        author = self.env.user.partner_id
        notes = self.sudo().filtered(
            lambda message: (
                message.model == "sig.pqrs.assignment"
                and message.message_type == "comment"
                and message.author_id == author
                and (message.is_internal or message.subtype_id.internal)
                and "email" not in message.notification_ids.mapped("notification_type")
            )
        )
        if not notes:
            return self.browse()
        assignments = self.env["sig.pqrs.assignment"].browse(set(notes.mapped("res_id")))._filter_writable()
        return self.browse(notes.filtered(lambda message: message.res_id in assignments.ids).ids)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    #: whether what was said in the threads of the model is neither changed nor deleted
    _sig_keeps_messages = False

    def _check_can_update_message_content(self, messages):
        result = super()._check_can_update_message_content(messages)
        if messages._sig_filter_kept() - messages._sig_filter_open_notes():
            raise UserError(messages._sig_get_kept_refusal())
        return result
