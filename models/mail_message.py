from odoo import api, models
from odoo.tools import html2plaintext

from .case.pqrs_identity import IDENTITY_FIELDS


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model
    def _sig_find_of_petitioner(self, thread, identity, names):
        """Messages of records that come from the petitioner, go to them, or name them.

        :param thread: cases or assignments.
        :param identity: the ``sig.pqrs.identity`` of their case.
        :param names: `tools.mentions.Mentions`.
        """
        messages = self.search([("model", "=", thread._name), ("res_id", "in", thread.ids)])
        notices = self.env["mail.mail"].search([("mail_message_id", "in", messages.ids)]).mail_message_id
        return notices | messages.filtered(
            lambda message: (
                message._sig_is_with_outsiders(identity.partner_id)
                or message.attachment_ids & identity.attachment_ids
                or names.found_in(*message._sig_get_texts())
            )
        )

    def _sig_is_with_outsiders(self, petitioner):
        """Whether a message of a case comes from or goes to people outside, or tells how who asks was noted."""
        told = self.partner_ids | self.notification_ids.res_partner_id
        return bool(
            not self.author_id._sig_is_ours()
            or petitioner & (self.author_id | told)
            or told.filtered(lambda partner: not partner._sig_is_ours())
            or self.message_type in ("email", "email_outgoing")
            or self.tracking_value_ids.field_id.filtered(lambda field: field.name in (*IDENTITY_FIELDS, "client_id"))
        )

    def _sig_get_texts(self):
        """What the message says, and of whom."""
        return [
            self.subject,
            html2plaintext(self.body or ""),
            self.email_from,
            self.reply_to,
            self.incoming_email_to,
            self.incoming_email_cc,
            self.outgoing_email_to,
            *self.attachment_ids.mapped("name"),
        ]
