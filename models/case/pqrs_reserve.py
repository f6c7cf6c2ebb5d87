from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, html2plaintext

from ...tools import mentions
from .pqrs_identity import IDENTITY_FIELDS


class PqrsReserve(models.Model):
    """Reserve of identity: the SIG knows who asks, the processes and top management do not.

    A reserved case holds no identity at all: it is in `sig.pqrs.identity`, with all that names the petitioner.
    `_get_contact` finds it there for who may know. An anonymous case has none anywhere.
    """

    _inherit = "sig.pqrs"

    identity_reserved = fields.Boolean(
        "Reserve of identity", copy=False, help="The SIG knows who asks; the processes and top management do not."
    )
    identity_ids = fields.One2many(
        "sig.pqrs.identity", "pqrs_id", readonly=True, copy=False, groups="sig_pqrs.group_sig_director"
    )
    petitioner = fields.Char(
        "Who asks", compute="_compute_petitioner", help="As anybody who reads the case may know it."
    )

    # By construction: whatever a program writes, a reserved case tells nothing.
    _identity_apart = models.Constraint(
        f"CHECK(identity_reserved IS NOT TRUE OR num_nonnulls({', '.join(IDENTITY_FIELDS)}) = 0)",
        "A case under reserve of identity does not hold who asks.",
    )

    @api.depends("partner_name", "anonymous", "identity_reserved")
    @api.depends_context("lang")
    def _compute_petitioner(self):
        for case in self:
            if case.identity_reserved:
                case.petitioner = self.env._("Identity reserved")
            else:
                case.petitioner = self.env._("Anonymous") if case.anonymous else case.partner_name

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "anonymous", "identity_reserved"]

    def _get_transition_refusal(self, name):
        if name == "reserve_identity" and self.anonymous:
            return self.env._("%s is anonymous: there is no identity to reserve.", self.name)
        if name == "reserve_identity" and self.identity_reserved:
            return self.env._("The identity of %s is reserved already.", self.name)
        if name in ("reveal_identity", "correct_contact", "hide_annexes") and not self.identity_reserved:
            return self.env._("The identity of %s is not reserved.", self.name)
        return super()._get_transition_refusal(name)

    @api.constrains("anonymous", "identity_reserved", "client_id")
    def _check_client_tells_nothing(self):
        for case in self:
            if (case.anonymous or case.identity_reserved) and case.client_id and not case.client_id.is_company:
                raise ValidationError(
                    self.env._("The client of an anonymous or reserved case is a company, or it would tell who asks.")
                )

    # -- Filing -----------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Who files for themself through a channel leaves no trace as a user on an anonymous or reserved case."""
        hidden = any(vals.get("anonymous") or vals.get("identity_reserved") for vals in vals_list)
        if self.env.su and hidden and not self.env.user._is_internal():
            return super(PqrsReserve, self._without_user()).create(vals_list).with_env(self.env)
        return super().create(vals_list)

    @api.model
    def _take_identities(self, vals_list):
        """Take who asks out of the values of new cases under reserve.

        :return: ``{uuid: values of the identity}``.
        """
        identities = {}
        for vals in vals_list:
            if not vals.get("identity_reserved"):
                continue
            if vals.get("anonymous"):
                raise UserError(self.env._("A case is anonymous or under reserve of identity, not both."))
            partner = self.env["res.partner"].sudo().browse(vals.get("partner_id") or [])
            identity = {name: vals.get(name) or False for name in IDENTITY_FIELDS}
            identity["partner_name"] = identity["partner_name"] or partner.name
            identity["email_from"] = identity["email_from"] or partner.email_normalized
            identity["phone"] = identity["phone"] or partner.phone
            client = self.env["res.partner"].sudo().browse(vals.get("client_id") or [])
            client = client or partner.commercial_partner_id
            kept = client._sig_tells_nothing_of(partner)
            identities[vals["uuid"]] = {**identity, "client_id": (client - kept).id}
            self._check_is_known(identity)
            vals.update(dict.fromkeys(IDENTITY_FIELDS, False), client_id=kept.id)
        return identities

    @api.model
    def _store_identities(self, cases, identities):
        """Store what `_take_identities` took, now that the cases are there."""
        values = {case: identities[case.sudo().uuid] for case in cases if case.sudo().uuid in identities}
        if values:
            self.env["sig.pqrs.identity"]._keep(cases, values)

    @api.model
    def _check_is_known(self, identity):
        if not (identity["partner_id"] or identity["partner_name"] or identity["email_from"]):
            raise UserError(
                self.env._("Say who asks: without a contact, a name or an email there is no identity to reserve.")
            )

    def _check_write_values(self, vals):
        result = super()._check_write_values(vals)
        reserved = self.filtered("identity_reserved")
        if reserved and not vals.keys().isdisjoint(IDENTITY_FIELDS):
            raise UserError(
                self.env._(
                    "The identity of %s is reserved: use “Correct the contact”, and the processes do not see it.",
                    ", ".join(reserved.mapped("name")),
                )
            )
        return result

    # -- Steps ------------------------------------------------------------------------------------------------------

    def action_reserve_identity(self, reason, private_attachment_ids=()):
        """Take who asks out of the case: fields, mails, letters, messages, followers. The SIG alone reads them then.

        Also once the case is closed: its file is read for years. What the petition and the answer say in their own
        words stays: whether it tells who asks is for the SIG to judge.

        :param str reason: kept with the identity; the act holds its digest.
        :param private_attachment_ids: ids of annexes of the cases that tell who asks.
        """
        self._check_transition("reserve_identity")
        reason = self._require_text(reason)
        cases = self.sudo()
        annexes = self._get_annexes(private_attachment_ids)
        cases._check_reserved_together()
        values = {case: case._prepare_identity() for case in cases}
        users = {case: case._get_petitioner_users() for case in cases}
        names = {case: case._get_mentions() for case in cases}
        self.env["sig.pqrs.identity"]._keep(cases, values)
        taken = {}
        cases._track_discard()
        for case in cases:
            case.with_context(tracking_disable=True).write(
                {
                    **dict.fromkeys(IDENTITY_FIELDS, False),
                    "client_id": (case.client_id - case.client_id.browse(values[case]["client_id"])).id,
                    "identity_reserved": True,
                }
            )
            case._hide_attachments(annexes & case.attachment_ids)
            case._hide_conversation(names[case])
            taken[case] = case._hide_acts(names[case], users[case])
            case._hide_users(users[case])
        self.env.invalidate_all()
        self._record_apart("identity_reserved", reason, taken)
        return True

    def action_reveal_identity(self, reason):
        """Put who asks back on the case, with the consent of the petitioner.

        What the SIG wrote under reserve, and the private annexes, stay with the identity; letters and notices return.

        :param str reason: how and when the petitioner consented.
        """
        self._check_transition("reveal_identity")
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Write how and when the petitioner consented."))
        self.sudo()._check_revealed_together()
        for case in self.sudo():
            identity = case.identity_ids
            case.with_context(tracking_disable=True).write(
                {
                    "identity_reserved": False,
                    **{name: identity[name] for name in IDENTITY_FIELDS},
                    "client_id": (case.client_id or identity.client_id).id,
                }
            )
            identity.write(dict.fromkeys((*IDENTITY_FIELDS, "client_id"), False))
            notices = (
                self.env["mail.mail"]
                .sudo()
                .search([("model", "=", identity._name), ("res_id", "=", identity.id), ("sig_purpose", "!=", False)])
            )
            own = {"res_model": self._name, "res_id": case.id}
            letters = case._get_private_files() | notices.attachment_ids
            letters.filtered_domain([("res_model", "=", identity._name)]).write(own)
            notices.mail_message_id.write({"model": self._name, "res_id": case.id})
            case.rating_ids.partner_id = case.partner_id
        self._record("identity_revealed", dict.fromkeys(self, reason.strip()))
        return True

    def action_correct_contact(self, email_from=None, phone=None, city=None):
        """Correct how a petitioner under reserve is reached. What is not given stays."""
        self._check_transition("correct_contact")
        given = {"email_from": email_from, "phone": phone, "city": city}
        vals = {name: value.strip() for name, value in given.items() if isinstance(value, str)}
        if not vals:
            raise UserError(self.env._("Write the new email, phone or city."))
        self._check_email(vals)
        cases = self.sudo()
        before = cases._get_checked_values()
        cases.identity_ids.write(vals)
        cases._void_identity_checks(before)
        self._record_apart("contact_corrected", ", ".join(filter(None, vals.values())))
        return True

    def action_hide_annexes(self, attachment_ids):
        """Keep with the identity those annexes that tell who asks; the processes no longer see them."""
        self._check_transition("hide_annexes")
        annexes = self._get_annexes(attachment_ids)
        if not annexes:
            raise UserError(self.env._("Choose the annexes that tell who asks."))
        self._record(
            "annexes_hidden",
            dict.fromkeys(self, ""),
            data={case: {"annexes": (annexes & case.attachment_ids).mapped("checksum")} for case in self.sudo()},
        )
        for case in self.sudo():
            case._hide_attachments(annexes & case.attachment_ids)
        return True

    def action_open_identity(self):
        """The identity of the case, with its mails and talk; for the SIG."""
        self.ensure_one()
        identity = self.identity_ids
        identity.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": identity._name,
            "res_id": identity.id,
            "view_mode": "form",
            "name": identity.display_name,
        }

    def _get_annexes(self, ids):
        wanted = ids if isinstance(ids, list | tuple) else [ids] if ids else []
        found = self.sudo().attachment_ids.filtered(lambda annex: annex.id in wanted)
        if len(found) != len(wanted):
            raise UserError(self.env._("Choose among the annexes of the petition."))
        return found

    def _get_linked_cases(self):
        """These cases, and all those that they tell of as of the same petitioner: repeated, or come from a message."""
        cases = self.sudo()
        while True:
            named = cases.duplicate_of_id | cases.origin_id
            naming = cases.search(["|", ("duplicate_of_id", "in", cases.ids), ("origin_id", "in", cases.ids)])
            if not (named | naming) - cases:
                return cases.with_env(self.env)
            cases |= named | naming

    def _find_linked(self, reserved):
        """Names of these cases, and of those linked to them but left out, that are reserved or not; if any are."""
        others = (self._get_linked_cases() - self).filtered(lambda other: other.identity_reserved == reserved)
        return others and {"case": ", ".join(self.mapped("name")), "others": ", ".join(others.mapped("name"))}

    def _check_reserved_together(self):
        """Cases of one petitioner that name each other are reserved together, or one would tell of the other."""
        if found := self._find_linked(reserved=False):
            raise UserError(
                self.env._(
                    "%(case)s and %(others)s are of one petitioner and name each other: reserve them together.", **found
                )
            )

    def _check_revealed_together(self):
        if found := self._find_linked(reserved=True):
            raise UserError(
                self.env._(
                    "%(case)s and %(others)s are of one petitioner and name each other: reveal them together.", **found
                )
            )

    def _check_same_petitioner(self, original):
        result = super()._check_same_petitioner(original)
        if self.identity_reserved != original.identity_reserved:
            raise UserError(
                self.env._(
                    "Reserve the identity in both cases or in neither: %(case)s would tell of %(original)s.",
                    case=self.name,
                    original=original.name,
                )
            )
        return result

    def _record_apart(self, kind, text, data=None):
        """An act whose text, which may name the petitioner, is kept with the identity; the act holds its digest.

        :param dict data: ``{case: dict}``, what else the act holds.
        """
        self._record(
            kind,
            dict.fromkeys(self, ""),
            data={case: {**(data or {}).get(case, {}), "text": case._commit_private(text)} for case in self.sudo()},
        )
        for case in self.sudo():
            case.identity_ids._message_log(body=text)

    # -- Taking away what names the petitioner ----------------------------------------------------------------------

    def _prepare_identity(self):
        """Values of the identity that the case gives away."""
        self.ensure_one()
        client = self.client_id
        kept = client._sig_tells_nothing_of(self.partner_id)
        identity = {name: self[name].id if name == "partner_id" else self[name] for name in IDENTITY_FIELDS}
        self._check_is_known(identity)
        return {**identity, "client_id": (client - kept).id}

    def _get_mentions(self):
        """What names the petitioner in texts."""
        contact = self._get_contact()
        client = self.client_id - self.client_id._sig_tells_nothing_of(contact.partner)
        person = self.person_type != "legal" and not contact.partner.is_company
        partner = contact.partner
        known = [contact.name, partner.name, partner.email, contact.email, contact.mailbox, client.name]
        return mentions.Mentions(
            [*known, *self._get_proof_texts()],
            [contact.phone, contact.partner.phone, contact.document_number],
            person=person,
        )

    def _get_proof_texts(self):
        """How it was proved that the petitioner was told: with a tracking number anybody learns who received it."""
        told = self.act_ids.filtered(lambda act: act.kind in ("delivered", "notified"))
        return [self.delivery_reference, *self.notice_ids.mapped("reference"), *told.mapped("note")]

    def _get_petitioner_users(self):
        """Users that acted on the case for the petitioner: those from outside, and the petitioner's own."""
        own = self.partner_id.with_context(active_test=False).user_ids
        acting = self.act_ids.user_id | self.create_uid | self.write_uid
        return own | acting.filtered(lambda user: not user._is_internal())

    def _hide_attachments(self, annexes):
        """Take annexes, and what was said of them, out of the case."""
        used = self.assignment_ids.filtered(lambda assignment: assignment.attachment_ids & annexes)
        if used:
            raise UserError(
                self.env._(
                    "The answer of %(process)s has that annex: take it out of there first.",
                    process=", ".join(used.process_id.mapped("name")),
                )
            )
        identity = self.identity_ids
        identity._take_attachments(annexes)
        identity.attachment_ids |= annexes
        self.attachment_ids -= annexes

    def _hide_conversation(self, names):
        """Take what names the petitioner, or comes from or goes to them, out of the threads of the case."""
        identity = self.identity_ids
        for thread in (self, self.with_context(active_test=False).assignment_ids):
            messages = self.env["mail.message"].sudo()._sig_find_of_petitioner(thread, identity, names)
            identity._take_attachments(messages.attachment_ids - self.attachment_ids - thread.attachment_ids)
            identity._take_messages(messages)
        identity._take_attachments(self._get_private_files() | self._get_loose_files())
        followers = self.message_partner_ids
        outsiders = followers.filtered(lambda partner: partner == identity.partner_id or partner.partner_share)
        self.message_unsubscribe(outsiders.ids)
        for activity in self.activity_ids | self.assignment_ids.activity_ids:
            if names.found_in(activity.summary, html2plaintext(activity.note or "")):
                identity._message_log(body=activity.note or activity.summary)
                activity.write({"note": False, "summary": activity.activity_type_id.summary})
        if names.found_in(self.delivery_failure):
            self.delivery_failure = self.env._("The mail was returned.")
        self.rating_ids.partner_id = False

    def _hide_acts(self, names, users):
        """Take from the acts the texts that name the petitioner, and the petitioner's users; the chain stays valid.

        :return: what the act of the reserve says of that (see `act_chain.find_excuses`).
        """
        identity = self.identity_ids
        named = self.act_ids.filtered(lambda act: act.note and names.found_in(act.note))
        for act in named:
            identity._message_log(body=self.env._("Act %(number)s: %(note)s", number=act.number, note=act.note))
        named._erase_notes()
        taken = self.act_ids.filtered(lambda act: act.user_id & users)
        owners = {act: act.user_id.id for act in taken}
        if forgotten := taken._forget_users():
            apart = {str(act.number): owners[act] for act in forgotten}
            identity.act_users = {**(identity.act_users or {}), **apart}
        bare = forgotten.filtered(lambda act: not act.user_commitment)
        return {"sealed": sorted(bare.mapped("number")), "notes": sorted(named.mapped("number"))}

    def _hide_users(self, users):
        """Who made or changed the records, when it was the petitioner."""
        if not users:
            return
        self.env.flush_all()
        for records in self._get_signed_records():
            for fname in ("create_uid", "write_uid"):
                if records:
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %(table)s SET %(field)s = %(system)s "
                            "WHERE id IN %(ids)s AND %(field)s IN %(users)s",
                            table=SQL.identifier(records._table),
                            field=SQL.identifier(fname),
                            system=SUPERUSER_ID,
                            ids=tuple(records.ids),
                            users=tuple(users.ids),
                        )
                    )

    def _get_signed_records(self):
        """Records that say who made or changed them, and that not only the SIG reads."""
        assignments = self.with_context(active_test=False).assignment_ids
        messages = self.env["mail.message"]
        for thread in (self, assignments):
            messages |= messages.search([("model", "=", thread._name), ("res_id", "in", thread.ids)])
        activities = self.activity_ids | assignments.activity_ids
        mails = self.env["mail.mail"].search([("mail_message_id", "in", messages.ids)]) | self.notice_ids.mail_id
        files = self.attachment_ids | assignments.attachment_ids | messages.attachment_ids
        beside = (self.act_ids, self.request_ids, self.notice_ids, self.rating_ids)
        return (self, assignments, *beside, activities, messages, mails, files)

    # -- Keeping apart what comes later -----------------------------------------------------------------------------

    def _get_private_files(self):
        """Files of the case that name its petitioner, besides its annexes and messages. Hook."""
        return self.letter_id | self.delivery_proof_ids | self.notice_ids.proof_ids

    def _get_loose_files(self):
        """Files of the case that are neither annexes nor part of what was said: letters and proofs of before."""
        messages = self.env["mail.message"].search([("model", "=", self._name), ("res_id", "=", self.id)])
        kept = self.attachment_ids | messages.attachment_ids
        return self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "=", self.id), ("id", "not in", kept.ids)]
        )

    def _get_petitioner_values(self):
        """Values of who asks for another case of the same petitioner, who is reserved there as here."""
        holder = self.identity_ids if self.identity_reserved else self
        values = {name: holder[name] for name in IDENTITY_FIELDS}
        return {
            **values,
            "partner_id": holder.partner_id.id,
            "client_id": (self.client_id or holder.client_id).id,
            "identity_reserved": self.identity_reserved,
        }

    def _get_private_record(self):
        """Where files and messages that name the petitioner belong: the case, or its identity under reserve."""
        self.ensure_one()
        return self.sudo().identity_ids if self.identity_reserved else self

    def _keep_apart(self, text, instead):
        """What the cases may say of a text that may name the petitioner.

        :param str instead: what reserved cases say; the text goes to their identity.
        :return: ``{case: text}``.
        """
        reserved = self.filtered("identity_reserved")
        for identity in reserved.sudo().identity_ids if text and text != instead else ():
            identity._message_log(body=text)
        return {case: instead if case in reserved else text for case in self}

    def _shelter(self, text, instead):
        """What the case may say of a text of its petitioner: under reserve, one that tells who asks is kept apart."""
        self.ensure_one()
        if self.identity_reserved and self._get_mentions().found_in(text):
            return self._keep_apart(text, instead)[self]
        return text

    def _send_notices(self, purpose, text, **email_values):
        """Mails to who asks under reserve are kept with the identity."""
        mails = super()._send_notices(purpose, text, **email_values)
        identities = (
            self.sudo().filtered("identity_reserved").identity_ids.grouped(lambda identity: identity.pqrs_id.id)
        )
        for mail in mails:
            if mail.res_id in identities:
                identities[mail.res_id]._take_messages(mail.mail_message_id)
        return mails

    def message_post(self, **kwargs):
        """On an anonymous or reserved case nothing is said to the petitioner, nor by them under their name."""
        if len(self) == 1 and self._hides_petitioner() and self._involves_outsiders(kwargs):
            if self.env.su and self.sudo().identity_reserved:
                return self.sudo().identity_ids.message_post(**kwargs)
            if self.env.su and not kwargs.get("partner_ids"):
                nobody = self._without_user().with_context(
                    sig_from_outside=True, sig_from_petitioner=self._posts_for_petitioner()
                )
                return super(PqrsReserve, nobody).message_post(
                    **{**kwargs, "author_id": nobody.env.user.partner_id.id, "email_from": False}
                )
            raise UserError(
                self.env._(
                    "Whom you write to would tell who asks. Under reserve, write from the identity; on an anonymous "
                    "case there is nobody to write to."
                )
            )
        return super().message_post(**kwargs)

    def _involves_outsiders(self, kwargs):
        if self._posts_for_petitioner():
            return True
        Partner = self.env["res.partner"].sudo()
        author = Partner.browse(kwargs.get("author_id") or [])
        if not author and not kwargs.get("email_from"):
            author = self.env.user.partner_id.sudo()
        recipients = Partner.browse(kwargs.get("partner_ids") or []) if kwargs.get("partner_ids") else Partner
        return bool(
            not author._sig_is_ours()
            or kwargs.get("outgoing_email_to")
            or recipients.filtered(lambda partner: not partner._sig_is_ours())
            or (author | recipients) & self.sudo().identity_ids.partner_id
        )

    def _message_log_batch(self, bodies, *args, **kwargs):
        return super(PqrsReserve, self._as_nobody())._message_log_batch(bodies, *args, **kwargs)

    def _hides_petitioner(self):
        return any(case.anonymous or case.identity_reserved for case in self.sudo())

    def _as_nobody(self):
        """The cases, for a petitioner who acts on them without leaving a trace as a user."""
        if self.env.user._is_internal() or not self._hides_petitioner():
            return self
        return self._without_user()

    def _without_user(self):
        """The cases as the system; so is all that the transaction stores from now on, computed fields included."""
        nobody = self.with_user(SUPERUSER_ID)
        self.env.transaction.default_env = nobody.env
        return nobody
