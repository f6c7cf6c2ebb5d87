from odoo import api, models
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

#: colleagues that are offered for a mention, and among how many they are looked for
MENTIONS = 8
MENTION_CANDIDATES = 100


class MailThread(models.AbstractModel):
    """On our records people talk to their colleagues: what they write is a note, and reaches nobody outside.

    To write to a client is a step (`action_write_to_client`), which posts and mails as the company. What else is
    written is judged by `mail.message`.
    """

    _inherit = "mail.thread"

    @api.model
    def _sig_is_internal(self):
        """Whether only our own people talk here."""
        return self._name.startswith("sig.")

    @api.model
    def _sig_writes_by_hand(self):
        """Whether it is a user who writes here, themselves or by a route of core."""
        by_user = not self.env.su or self.env.context.get("sig_user_words")
        return bool(by_user) and self._sig_is_internal()

    @api.model
    def _sig_check_colleagues(self, partner_ids, emails=False):
        """
        :raises UserError: when somebody who is not one of our own people would be written to.
        """
        ids = partner_ids if isinstance(partner_ids, list | tuple) else ()
        partners = self.env["res.partner"].browse(id_ for id_ in ids if isinstance(id_, int))
        if emails or not all(partner._sig_is_ours() for partner in partners):
            raise UserError(
                self.env._(
                    "What is written here goes to our own people alone. To write to the client, take the step “Write "
                    "to the client” of the case."
                )
            )

    # -- What is written --------------------------------------------------------------------------------------------

    def message_post(self, **kwargs):
        if self._sig_writes_by_hand():
            kwargs = self._sig_prepare_note(kwargs)
        return super().message_post(**kwargs)

    def _sig_prepare_note(self, values):
        """Arguments of `message_post` with which a message stays inside."""
        self._sig_check_colleagues(values.get("partner_ids"), values.get("outgoing_email_to"))
        Subtype = self.env["mail.message.subtype"].sudo()
        subtype = Subtype.browse(values.get("subtype_id") or [])
        if xmlid := values.get("subtype_xmlid"):
            subtype = self.env.ref(xmlid, raise_if_not_found=False) or Subtype
        if subtype._name == Subtype._name and subtype.sudo().exists().internal:
            return values
        return {**values, "subtype_xmlid": "mail.mt_note", "subtype_id": False}

    def _message_mail_after_hook(self, mails):
        if self._sig_writes_by_hand():
            self._sig_check_colleagues((), emails=True)
        return super()._message_mail_after_hook(mails)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Who follows a record from outside hears nothing: clients get the mails of steps alone. Our own people hear of
        what they read: neither a follower of former days nor a mention opens a record.
        """
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        if not self or not self._sig_is_internal():
            return recipients
        Users, told = self.env["res.users"], message.message_type == "user_notification"
        return [
            row
            for row in recipients
            if (told if row["share"] else not row["uid"] or self._sig_is_read_by(Users.browse(row["uid"])))
        ]

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        if self._sig_writes_by_hand():
            self._sig_check_colleagues(partner_ids)
        return super().message_subscribe(partner_ids, subtype_ids)

    # -- Who is offered ---------------------------------------------------------------------------------------------

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        if self._sig_is_internal():
            return {record.id: [] for record in self}
        return super()._message_get_suggested_recipients_batch(*args, **kwargs)

    @api.readonly
    def get_note_mentions(self, search):
        """Colleagues whom a note may mention, because they read the record; as `get_mention_suggestions` of core.

        :param str search: part of a name or of an address.
        """
        self.ensure_one()
        if not self._sig_is_internal():
            raise UserError(self.env._("Only records of the SIG have notes."))
        self.check_access("read")
        Users = self.env["res.users"].sudo()
        named = Domain("name", "ilike", search or "") | Domain("email", "ilike", search or "")
        readers = Users
        for user in Users.search(named & Domain("share", "=", False), limit=MENTION_CANDIDATES):
            if self._sig_is_read_by(user):
                readers |= user
            if len(readers) == MENTIONS:
                break
        partners = readers.partner_id.sudo(False)
        return Store().add(partners, extra_fields=partners._get_store_mention_fields()).get_result()

    def _sig_is_read_by(self, user):
        theirs = self.with_user(user).with_context(allowed_company_ids=user.sudo().company_ids.ids)
        return theirs.has_access("read")


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _send_check_access(self, res_ids):
        """Mails of our records are sent by steps: core lets whoever reads a record send any of them to anybody."""
        if not self.env.su and (self.model or "").startswith("sig."):
            raise AccessError(self.env._("The mails of the SIG are sent by the steps of the procedure."))
        return super()._send_check_access(res_ids)
