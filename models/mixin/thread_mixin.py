from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

#: colleagues that are offered for a mention, and among how many they are looked for
MENTIONS, CANDIDATES = 8, 32


class ThreadMixin(models.AbstractModel):
    """What users write on our records is an internal note to colleagues. Writing to a client is a step
    (`action_write_to_client`), which posts and mails as the company; `mail.message` checks all other messages.
    """

    _name = "sig.thread.mixin"
    _description = "Notes on Records"
    _inherit = "mail.thread"

    #: whether not even authors edit their messages in threads of the model
    _sig_keeps_messages = False

    #: no page of a website shows them: as a link to messages, core would follow it at every message of the host
    website_message_ids = fields.One2many(inverse_name=None, compute="_compute_website_message_ids")

    def _compute_website_message_ids(self):
        self.website_message_ids = False

    @api.model
    def _sig_writes_by_hand(self):
        """Whether a user writes, by a call or by a route of core, which posts as superuser: not a step."""
        return not self.env.su or bool(self.env.context.get("sig_user_words"))

    def _sig_by_writer(self):
        return self if self._sig_writes_by_hand() else self._sig_as_step()

    def message_post(self, **kwargs):
        if self._sig_writes_by_hand():
            kwargs = self._sig_prepare_note(kwargs)
        return super(ThreadMixin, self._sig_by_writer()).message_post(**kwargs).with_context(sig_step=False)

    def message_post_with_source(self, source_ref, **kwargs):
        return super(ThreadMixin, self._sig_by_writer()).message_post_with_source(source_ref, **kwargs)

    def message_mail_with_source(self, source_ref, **kwargs):
        return super(ThreadMixin, self._sig_by_writer()).message_mail_with_source(source_ref, **kwargs)

    def message_notify(self, **kwargs):
        if not self and not self.env.su:
            # core checks neither recipients nor author
            raise AccessError(self.env._("A notification is about a record."))
        return super(ThreadMixin, self._sig_by_writer()).message_notify(**kwargs)

    def _creation_message(self):
        """Core's sentence names the model, of which it does not know the gender."""
        return self.env._("Record created")

    def _message_log_batch(self, bodies, *args, message_type="notification", **kwargs):
        """Write logs as steps do; what a user sends, as text messages, is written as the user."""
        if message_type == "notification":
            self = self._sig_as_step()
        return super()._message_log_batch(bodies, *args, message_type=message_type, **kwargs)

    def _sig_prepare_note(self, values):
        parent_id, partner_ids = values.get("parent_id"), values.get("partner_ids")
        if isinstance(parent_id, int) and isinstance(partner_ids, list | tuple):
            # The inbox mentions the author of the answered message.
            author = self.env["mail.message"].sudo().browse(parent_id).exists().author_id
            if not author._sig_is_ours():
                values = {**values, "partner_ids": [id_ for id_ in partner_ids if id_ not in author._ids]}
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

    def _message_mail_after_hook(self, mails):
        if self._sig_writes_by_hand():
            self._sig_check_colleagues((), emails=True)
        return super()._message_mail_after_hook(mails)

    @api.model
    def _sig_check_colleagues(self, partner_ids, emails=False):
        ids = partner_ids if isinstance(partner_ids, list | tuple) else ()
        partners = self.env["res.partner"].browse(id_ for id_ in ids if isinstance(id_, int))
        if emails or not all(partner._sig_is_ours() for partner in partners):
            text = self.env._(
                "What is written here goes to our own people alone. To write to the client, take the step “Write "
                "to the client” of the case."
            )
            raise UserError(text)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Our people who read the record: following or a mention does not open it. Outsiders get mails of steps."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        if not self:
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

    def message_get_followers(self, after=None, limit=100, filter_recipients=False):
        """Core lists the followers to every internal user."""
        self.check_access("read")
        return super().message_get_followers(after=after, limit=limit, filter_recipients=filter_recipients)

    def _message_get_suggested_recipients_batch(self, *_args, **_kwargs):
        return defaultdict(list)  # also for routes of core that ask about no record

    @api.readonly
    def get_note_mentions(self, search):
        """Colleagues who read the record, for mentions; as `get_mention_suggestions` of core."""
        self.ensure_one()
        self.check_access("read")
        Users = self.env["res.users"].sudo()
        named = Domain("name", "ilike", search or "") | Domain("email", "ilike", search or "")
        staff = Domain("share", "=", False) & Domain("all_group_ids", "in", Users._sig_get_role_ids())
        readers = self._sig_get_readers(Users.search(named & staff, limit=CANDIDATES))
        partners = readers[:MENTIONS].partner_id.sudo(False)
        return Store().add(partners, extra_fields=partners._get_store_mention_fields()).get_result()
