from odoo import api, models
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import split_every

from .mail_message import STEP

#: colleagues that are offered for a mention, and among how many they are looked for
MENTIONS = 8
MENTION_CANDIDATES = 100


class MailThread(models.AbstractModel):
    """On our records people talk to their colleagues: what they write is a note, and reaches nobody outside.

    Writing to a client is a step (`action_write_to_client`), which posts and mails as the company. `mail.message`
    judges whatever else is written.
    """

    _inherit = "mail.thread"

    #: whether what was said in the threads of the model is not even edited by its author
    _sig_keeps_messages = False

    @api.model
    def _sig_has_notes(self):
        """Whether only our own people talk here."""
        return self._name.startswith("sig.")

    @api.model
    def _sig_writes_by_hand(self):
        """Whether a user writes here: by a call of their own, or by a route of core, which posts as superuser."""
        return self._sig_has_notes() and (not self.env.su or bool(self.env.context.get("sig_user_words")))

    def _sig_as_step(self):
        """The records, for what a step writes in their threads."""
        return self.with_context(sig_step=STEP)

    def _sig_by_writer(self):
        """The records, for what a user writes by hand or code writes as superuser, which is part of a step."""
        is_step = self._sig_has_notes() and not self._sig_writes_by_hand()
        return self._sig_as_step() if is_step else self

    # -- What is written --------------------------------------------------------------------------------------------

    def message_post(self, **kwargs):
        if self._sig_writes_by_hand():
            kwargs = self._sig_prepare_note(kwargs)
        return super(MailThread, self._sig_by_writer()).message_post(**kwargs)

    def message_post_with_source(self, source_ref, **kwargs):
        return super(MailThread, self._sig_by_writer()).message_post_with_source(source_ref, **kwargs)

    def message_mail_with_source(self, source_ref, **kwargs):
        return super(MailThread, self._sig_by_writer()).message_mail_with_source(source_ref, **kwargs)

    def message_notify(self, **kwargs):
        if not self and self._sig_has_notes() and not self.env.su:
            # core checks nothing: it would go to anybody, in the name of anybody
            raise AccessError(self.env._("A notification is about a record."))
        return super(MailThread, self._sig_by_writer()).message_notify(**kwargs)

    def _message_log_batch(self, bodies, *args, message_type="notification", **kwargs):
        """What is logged is of a step, but for what its user sends, as text messages."""
        if self._sig_has_notes() and message_type == "notification":
            self = self._sig_as_step()
        return super()._message_log_batch(bodies, *args, message_type=message_type, **kwargs)

    def _sig_prepare_note(self, values):
        """Arguments of `message_post` with which a message stays inside."""
        parent_id, told = values.get("parent_id"), values.get("partner_ids")
        if isinstance(parent_id, int) and isinstance(told, list | tuple):
            # The inbox mentions whoever wrote what is answered.
            author = self.env["mail.message"].sudo().browse(parent_id).exists().author_id
            if not author._sig_is_ours():
                values = {**values, "partner_ids": [id_ for id_ in told if id_ not in author._ids]}
        self._sig_check_colleagues(values.get("partner_ids"), values.get("outgoing_email_to"))
        if values.get("message_type", "notification") == "notification" and not self.env.su:
            values = {**values, "message_type": "comment"}
        Subtype = self.env["mail.message.subtype"].sudo()
        subtype = Subtype.browse(values.get("subtype_id") or [])
        if xmlid := values.get("subtype_xmlid"):
            subtype = self.env.ref(xmlid, raise_if_not_found=False) or Subtype
        if subtype._name == Subtype._name and subtype.sudo().exists().internal:
            return values
        return {**values, "subtype_xmlid": "mail.mt_note", "subtype_id": False}

    def _check_can_update_message_content(self, messages):
        result = super()._check_can_update_message_content(messages)
        if self._sig_has_notes() and messages.author_id - self.env.user.partner_id:
            raise UserError(messages._sig_get_protection_refusal())
        if self._sig_keeps_messages and messages - messages._sig_filter_open_notes():
            raise UserError(messages._sig_get_protection_refusal())
        return result

    def _message_mail_after_hook(self, mails):
        if self._sig_writes_by_hand():
            self._sig_check_colleagues((), emails=True)
        return super()._message_mail_after_hook(mails)

    # -- Who hears of it --------------------------------------------------------------------------------------------

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

    def _sig_get_outsiders(self, partners):
        """Those of our own people who do not read the records."""
        users = partners.sudo().user_ids.filtered(lambda user: not user.share)
        readers = self._sig_get_readers(users)
        return (users - readers).partner_id - readers.partner_id

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Who follows a record from outside hears nothing: clients get the mails of steps alone. Our own people hear of
        what they read: neither a follower of former days nor a mention opens a record.
        """
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        if not self or not self._sig_has_notes():
            return recipients
        users = self.env["res.users"].browse({row["uid"] for row in recipients if row["uid"] and not row["share"]})
        readers, told = self._sig_get_readers(users), message.message_type == "user_notification"
        return [row for row in recipients if (told if row["share"] else not row["uid"] or row["uid"] in readers._ids)]

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        if self._sig_writes_by_hand():
            self._sig_check_colleagues(partner_ids)
            if partner_ids and self.env["sig.audit.access"]._get_audited_company_ids():  # core lets who reads follow
                self.check_access("write")
        return super().message_subscribe(partner_ids, subtype_ids)

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """Only our own people follow: clients get their notices and nothing else. Core adds who writes, too."""
        if partner_ids and self._sig_has_notes():
            partners = self.env["res.partner"].sudo().browse(partner_ids)
            partner_ids = partners.filtered(lambda partner: not partner.partner_share).ids
        return super()._message_subscribe(partner_ids, subtype_ids, customer_ids=customer_ids)

    def message_get_followers(self, after=None, limit=100, filter_recipients=False):
        """Who follows a record of ours is told to who reads it: core tells everybody inside."""
        if self._sig_has_notes():
            self.check_access("read")
        return super().message_get_followers(after=after, limit=limit, filter_recipients=filter_recipients)

    # -- Who is offered ---------------------------------------------------------------------------------------------

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        if self._sig_has_notes():
            return {record.id: [] for record in self}
        return super()._message_get_suggested_recipients_batch(*args, **kwargs)

    @api.readonly
    def get_note_mentions(self, search):
        """Colleagues whom a note may mention, because they read the record; as `get_mention_suggestions` of core.

        :param str search: part of a name or of an address.
        """
        self.ensure_one()
        if not self._sig_has_notes():
            raise UserError(self.env._("Only records of the SIG have notes."))
        self.check_access("read")
        Users = self.env["res.users"].sudo()
        named = Domain("name", "ilike", search or "") | Domain("email", "ilike", search or "")
        candidates, readers = Users.search(named & Domain("share", "=", False), limit=MENTION_CANDIDATES), Users
        for some in split_every(2 * MENTIONS, candidates.ids, Users.browse):
            readers |= self._sig_get_readers(some)
            if len(readers) >= MENTIONS:
                break
        partners = readers[:MENTIONS].partner_id.sudo(False)
        return Store().add(partners, extra_fields=partners._get_store_mention_fields()).get_result()
