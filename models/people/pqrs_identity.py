from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from ..choices import choices_of

#: fields that a case and its identity share
IDENTITY_FIELDS = (
    "partner_id", "partner_name", "email_from", "phone", "city", "person_type", "document_type", "document_number",
)  # fmt: skip


class PqrsIdentity(models.Model):
    """The petitioner of a case under reserve of identity, with the mails, letters and annexes that name them.

    It is a record of its own because rights on fields do not depend on the record: no list, search, export, message or
    file of the case can tell what the case does not hold. The SIG reads it; the steps of the case write it.
    """

    _name = "sig.pqrs.identity"
    _description = "Reserved Identity"
    _rec_names_search = ["pqrs_id"]
    _inherit = ["sig.petitioner.mixin", "sig.files.mixin", "sig.thread.mixin"]
    _order = "id desc"
    _primary_email = "email_from"
    _mail_post_access = "read"
    _sig_is_proof = True
    _sig_keeps_messages = True

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    partner_id = fields.Many2one(
        "res.partner", "Petitioner", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    client_id = fields.Many2one("res.partner", readonly=True, ondelete="restrict")
    partner_name = fields.Char("Name", readonly=True)
    email_from = fields.Char("Email", readonly=True)
    phone = fields.Char(readonly=True)
    city = fields.Char(readonly=True)
    person_type = fields.Selection(selection=choices_of("sig.pqrs", "person_type"), readonly=True)
    document_type = fields.Selection(selection=choices_of("sig.pqrs", "document_type"), readonly=True)
    document_number = fields.Char(readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_identity_attachment_rel",
        string="Private annexes",
        readonly=True,
        bypass_search_access=True,
    )
    text_ids = fields.One2many("sig.pqrs.reserved.text", "identity_id", "Texts to decide on", readonly=True)
    act_users = fields.Json(
        groups=fields.NO_ACCESS, help="Users of the acts that the petitioner took, by number of the act."
    )

    _pqrs_unique = models.Constraint("UNIQUE(pqrs_id)", "A case has one identity.")

    @api.depends("pqrs_id.name")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_display_name(self):
        for identity in self:
            number = identity.pqrs_id.sudo()._get_number()
            identity.display_name = self.env._("Identity of the petitioner of %s", number)

    @api.model
    def _store(self, cases, values):
        """Store ``{uuid of the case: values}``, in the record of an earlier reserve where there is one."""
        if not values:
            return
        self = self.sudo().with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        cases = cases.with_env(self.env).filtered(lambda case: case.uuid in values)
        known = self.search([("pqrs_id", "in", cases.ids)])
        for identity in known:
            identity.write(values[identity.pqrs_id.uuid])
        self.create([{"pqrs_id": case.id, **values[case.uuid]} for case in cases - known.pqrs_id])
        cases.invalidate_recordset(["identity_ids"])

    @api.model
    def _check_is_known(self, identity):
        if not (identity["partner_id"] or identity["partner_name"] or identity["email_from"]):
            text = self.env._("Say who asks: without a contact, a name or an email there is no identity to reserve.")
            raise UserError(text)

    def action_allow_texts(self):
        shown = self.env.context.get("texts_seen", self.text_ids.ids)
        return self.text_ids.filtered(lambda text: text.id in shown).action_allow()

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        self.sudo().pqrs_id._message_receive_bounce(email, partner)
        return result

    @api.model
    def _take_from_values(self, vals_list):
        """Remove identities from the values of new reserved cases, and return them by uuid."""
        identities = {}
        for vals in vals_list:
            if not vals.get("identity_reserved"):
                continue
            if vals.get("anonymous"):
                raise UserError(self.env._("A case is anonymous or under reserve of identity, not both."))
            partner = self.env["res.partner"].browse(vals.get("partner_id") or [])
            identity = {name: vals.get(name) or False for name in IDENTITY_FIELDS}
            identity["partner_name"] = identity["partner_name"] or partner.name
            identity["email_from"] = identity["email_from"] or partner.email_normalized
            identity["phone"] = identity["phone"] or partner.phone
            self._check_is_known(identity)
            company = self.env["res.company"].browse(vals["company_id"])
            client = partner.browse(vals.get("client_id") or []) or partner._sig_get_client(company)
            neutral = client._sig_filter_neutral(partner)
            identities[vals["uuid"]] = {**identity, "client_id": (client - neutral).id}
            vals.update(dict.fromkeys(IDENTITY_FIELDS, False), client_id=neutral.id)
        return identities

    @api.model
    def _prepare(self, case):
        identity = {name: case[name].id if name == "partner_id" else case[name] for name in IDENTITY_FIELDS}
        self._check_is_known(identity)
        client = case.client_id
        return {**identity, "client_id": (client - client._sig_filter_neutral(case.partner_id)).id}

    @api.model
    def _get_petitioner_users(self, case):
        """Users of the petitioner, and those from outside who acted on the case."""
        petitioners = case.partner_id.with_context(active_test=False).user_ids
        acting = case.act_ids.user_id | case.create_uid | case.write_uid
        return petitioners | acting.filtered(lambda user: not user._is_internal())

    def _take_attachments(self, attachments):
        """Take files; links that were shared to them stop working."""
        attachments.write({"res_model": self._name, "res_id": self.id, "access_token": False})

    def _take_messages(self, messages):
        self.ensure_one()
        others = (messages.partner_ids | messages.notification_ids.res_partner_id).filtered(
            lambda partner: (
                not partner.partner_share
                and not any(user.has_group("sig_pqrs.group_sig_director") for user in partner.user_ids)
            )
        )
        messages.notification_ids.filtered(lambda notification: notification.res_partner_id in others).unlink()
        without_others = [Command.unlink(partner.id) for partner in others]
        messages.write({"model": self._name, "res_id": self.id, "partner_ids": without_others})

    def _take_annexes(self, annexes):
        case = self.pqrs_id
        contents = set(annexes.mapped("checksum"))
        used = case.assignment_ids.filtered(
            lambda assignment: not contents.isdisjoint(assignment.attachment_ids.mapped("checksum"))
        )
        if used:
            args = {"process": ", ".join(used.process_id.mapped("name"))}
            raise UserError(self.env._("The answer of %(process)s has that annex: take it out of there first.", **args))
        self._take_attachments(annexes)
        self.attachment_ids |= annexes
        case.attachment_ids -= annexes

    def _take_conversation(self):
        """Texts of our own people wait for the decision of the SIG."""
        case = self.pqrs_id
        Message = self.env["mail.message"]
        for thread in (case, *case.with_context(active_test=False).assignment_ids):
            of_thread = [("model", "=", thread._name), ("res_id", "=", thread.id)]
            scheduled = self.env["mail.scheduled.message"].search(of_thread)
            for note in scheduled:
                values = {"subject": note.subject, "author_id": note.author_id.id}
                thread._message_log(body=note.body, attachment_ids=note.attachment_ids.ids, **values)
            scheduled.unlink()
            messages = Message.search(of_thread)
            private = messages._sig_filter_private(self)
            texts = (messages - private).filtered(
                lambda message: message.subject or message.attachment_ids or not tools.is_html_empty(message.body)
            )
            self.text_ids._store(self, texts, {"model": thread._name, "res_id": thread.id})
            self._take_attachments((private | texts).attachment_ids - case.attachment_ids - thread.attachment_ids)
            self._take_messages(private | texts)
        remaining = Message.search([("model", "=", case._name), ("res_id", "=", case.id)])
        public = case.attachment_ids | remaining.attachment_ids
        loose = self.env["ir.attachment"].search(
            [("res_model", "=", case._name), ("res_id", "=", case.id), ("id", "not in", public.ids)]
        )
        self._take_attachments(case._get_private_files() | loose)
        outsiders = case.message_partner_ids.filtered(
            lambda partner: partner == self.partner_id or partner.partner_share
        )
        case.message_unsubscribe(outsiders.ids)
        case.rating_ids.write({"partner_id": False, "feedback": False})

    def _take_texts(self):
        """Take the texts outside of the conversation, petition and answer; return the acts whose note was taken."""
        case, store = self.pqrs_id, self.text_ids._store
        for record in (case, *case.with_context(active_test=False).assignment_ids):
            for activity in record.with_context(active_test=False).activity_ids:
                names = ["note"] if activity.automated else ["note", "summary"]  # ours write their own summary
                if store(self, activity, {name: activity[name] for name in names if activity[name]}):
                    activity.write(dict.fromkeys(names, False))
        placeholder = case._get_comment_placeholder()
        for rated in (case, *case.answer_ids):
            if rated.rating_reason:
                store(self, rated, {"rating_reason": rated.rating_reason, "instead": placeholder})
                rated.rating_reason = placeholder
        noted = case.act_ids.filtered("note")
        for act in noted:
            store(self, act, {"note": act.note, "note_salt": act.note_salt})
        noted._erase_notes()
        return noted

    def _take_act_users(self, users):
        acts = self.pqrs_id.act_ids.filtered(lambda act: act.user_id & users)
        owners = {act: act.user_id.id for act in acts}
        if cleared := acts._clear_users():
            self.act_users = {**(self.act_users or {}), **{str(act.number): owners[act] for act in cleared}}
        return cleared.filtered(lambda act: not act.user_commitment)
