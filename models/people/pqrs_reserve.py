from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .pqrs_identity import IDENTITY_FIELDS


class PqrsReserve(models.Model):
    """`sig.pqrs.identity` holds what names a reserved petitioner; `_get_contact` gives it to who may know it."""

    _inherit = "sig.pqrs"

    identity_reserved = fields.Boolean(
        "Reserve of identity", help="The SIG knows who asks; the processes and top management do not."
    )
    identity_ids = fields.One2many("sig.pqrs.identity", "pqrs_id", readonly=True, groups="sig_pqrs.group_sig_director")
    petitioner = fields.Char("Who asks", compute="_compute_petitioner")

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

    @api.constrains("anonymous", "identity_reserved", "client_id")
    def _check_client_tells_nothing(self):
        for case in self:
            if (case.anonymous or case.identity_reserved) and case.client_id and not case.client_id.is_company:
                raise ValidationError(
                    self.env._("The client of an anonymous or reserved case is a company, or it would tell who asks.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Petitioners who file through a channel leave no trace as users on anonymous or reserved cases."""
        hidden = any(vals.get("anonymous") or vals.get("identity_reserved") for vals in vals_list)
        if self.env.su and hidden and not self.env.user._is_internal():
            return super(PqrsReserve, self._without_user()).create(vals_list).with_env(self.env)
        return super().create(vals_list)

    def _check_write_values(self, vals):
        result = super()._check_write_values(vals)
        reserved = self.filtered("identity_reserved")
        if reserved and not vals.keys().isdisjoint(IDENTITY_FIELDS):
            text = self.env._(
                "The identity of %s is reserved: use “Correct the contact”, and the processes do not see it.",
                ", ".join(reserved.mapped("name")),
            )
            raise UserError(text)
        return result

    def action_reserve_identity(self, reason, private_attachment_ids=()):
        """Move the identity out of the case: fields, followers, mails, letters, proofs, users of acts.

        Messages and notes may name the petitioner too: they wait in `sig.pqrs.reserved.text` until the SIG allows them
        to those who work on the case. The texts of the petition and the answer stay. Closed cases can be reserved too,
        because their files are read for years.

        :param str reason: stored with the identity; the act holds its digest.
        :param private_attachment_ids: ids of annexes that tell who asks; exported chats always do.
        """
        cases = self._check_transition("reserve_identity")
        reason = self._require_text(reason)
        annexes = self._get_annexes(private_attachment_ids) | cases._get_chats()
        cases._check_together(reserve=True)
        Identity, Anonymizer = self.env["sig.pqrs.identity"], self.env["sig.anonymizer"].with_env(cases.env)
        values = {case.uuid: Identity._prepare(case) for case in cases}
        users = {case: Identity._get_petitioner_users(case) for case in cases}
        self.env["sig.finding"].sudo()._forget_reserved(cases)
        Identity._store(cases, values)
        taken = {}
        cases._track_discard()
        for case in cases:
            case.with_context(tracking_disable=True).write(
                {
                    **dict.fromkeys(IDENTITY_FIELDS, False),
                    "client_id": (case.client_id - case.client_id.browse(values[case.uuid]["client_id"])).id,
                    "identity_reserved": True,
                }
            )
            identity = case.identity_ids
            identity._take_annexes(annexes & case.attachment_ids)
            identity._take_conversation()
            notes, sealed = identity._take_texts(), identity._take_act_users(users[case])
            taken[case] = {"sealed": sorted(sealed.mapped("number")), "notes": sorted(notes.mapped("number"))}
            Anonymizer._hide_users(case, users[case])
        self.env.invalidate_all()
        for case, data in self.env["sig.case.binding"]._bind_missing(cases).items():
            taken[case].update(data)
        self._record_on_identity("identity_reserved", reason, taken)
        return True

    def action_reveal_identity(self, reason):
        """Move the identity back to the case, with the consent of the petitioner.

        Texts that the SIG wrote under reserve and private annexes stay with the identity.

        :param str reason: how and when the petitioner consented.
        """
        proven = self._check_transition("reveal_identity")
        reason = self._require_text(reason, self.env._("Write how and when the petitioner consented."))
        proven._check_together(reserve=False)
        for case in proven:
            identity = case.identity_ids
            identity.text_ids._restore()
            case.with_context(tracking_disable=True).write(
                {
                    "identity_reserved": False,
                    **{name: identity[name] for name in IDENTITY_FIELDS},
                    "client_id": (case.client_id or identity.client_id).id,
                }
            )
            identity.write(dict.fromkeys((*IDENTITY_FIELDS, "client_id"), False))
            of_identity = [("model", "=", identity._name), ("res_id", "=", identity.id)]
            notices = case.env["mail.mail"].search([*of_identity, ("sig_purpose", "!=", False)])
            hidden = [("res_model", "=", identity._name)]
            for communication in case.communication_ids:
                files = (communication.proof_ids | communication.attachment_ids).filtered_domain(hidden)
                files.write({"res_model": communication._name, "res_id": communication.id})
            letters = case._get_private_files() | notices.attachment_ids
            letters.filtered_domain(hidden).write({"res_model": self._name, "res_id": case.id})
            notices.mail_message_id.write({"model": self._name, "res_id": case.id})
            case.rating_ids.partner_id = case.partner_id
        self._record("identity_revealed", reason)
        return True

    def action_correct_contact(self, email_from=None, phone=None, city=None):
        """Replace the given values; one that is None stays."""
        cases = self._check_transition("correct_contact")
        given = {"email_from": email_from, "phone": phone, "city": city}
        vals = {name: value.strip() for name, value in given.items() if isinstance(value, str)}
        if not vals:
            raise UserError(self.env._("Write the new email, phone or city."))
        self._check_email(vals)
        before = cases._get_addressees()
        cases.identity_ids.write(vals)
        cases._follow_addressees(before)
        self._record_on_identity("contact_corrected", ", ".join(filter(None, vals.values())))
        return True

    def action_hide_annexes(self, attachment_ids):
        proven = self._check_transition("hide_annexes")
        annexes = self._get_annexes(attachment_ids)
        if not annexes:
            raise UserError(self.env._("Choose the annexes that tell who asks."))
        data = {case: {"annexes": (annexes & case.attachment_ids).mapped("checksum")} for case in proven}
        self._record("annexes_hidden", data=data)
        for case in proven:
            case.identity_ids._take_annexes(annexes & case.attachment_ids)
        return True

    def action_open_identity(self):
        self.ensure_one()
        identity = self.identity_ids
        identity.check_access("read")
        return identity._get_records_action(name=identity.display_name, context={})

    def _get_annexes(self, ids):
        wanted = ids if isinstance(ids, list | tuple) else [ids] if ids else []
        found = self.sudo().attachment_ids.filtered(lambda annex: annex.id in wanted)
        if len(found) != len(wanted):
            raise UserError(self.env._("Choose among the annexes of the petition."))
        return found

    def _get_chats(self):
        """Annexes that are exported chats, which name who writes in each line."""
        annexes = self.sudo().filtered(lambda case: case.channel == "whatsapp" or case.origin_id).attachment_ids
        return annexes.filtered(lambda annex: annex.name.lower().endswith(".txt"))

    def _get_petitioner_values(self):
        holder = self.identity_ids if self.identity_reserved else self
        return {
            **{name: holder[name] for name in IDENTITY_FIELDS},
            "partner_id": holder.partner_id.id,
            "client_id": (self.client_id or holder.client_id).id,
            "identity_reserved": self.identity_reserved,
        }

    def _get_private_files(self):
        told = self.communication_ids
        return self.letter_id | self.answer_ids.letter_id | told.letter_id | told.proof_ids | told.attachment_ids

    def _get_private_record(self):
        """The owner of files and messages that name the petitioner: the case, or its identity under reserve."""
        self.ensure_one()
        return self.sudo().identity_ids if self.identity_reserved else self

    def _log_on_identity(self, text, instead):
        """Log a text on the identities of reserved cases; return ``{case: text, or what is shown instead}``."""
        reserved = self.filtered("identity_reserved")
        for identity in reserved.sudo().identity_ids if text and text != instead else ():
            identity._message_log(body=text)
        return {case: instead if case in reserved else text for case in self}

    def _record_on_identity(self, kind, text, data=None):
        """Record an act with a commitment to a text, besides ``{case: data}``, and log it on the identity."""
        self_sudo, data = self.sudo(), data or {}
        data = {case: {**data.get(case, {}), "text": case._commit_private(text)} for case in self_sudo}
        self._record(kind, data=data)
        for case in self_sudo:
            case.identity_ids._message_log(body=text)

    def _redact(self, text, instead, name=None):
        """The text that the case, or the field ``name`` of it and its answer, may show of one of its petitioner: under
        reserve ``instead``, until the SIG allows it; without a field, it is logged on the identity.
        """
        self.ensure_one()
        if not self.identity_reserved or not text:
            return text
        if not name:
            return self._log_on_identity(text, instead)[self]
        identity = self._get_private_record()
        for record in (self, self.answer_id):
            identity.text_ids._store(identity, record, {name: text, "instead": instead})
        return instead

    @api.model
    def _get_comment_placeholder(self):
        return self.env._("The SIG reads the comment with the identity, and decides who else does.")

    def _message_log_batch(self, bodies, *args, **kwargs):
        return super(PqrsReserve, self._with_system_user())._message_log_batch(bodies, *args, **kwargs)

    def _with_system_user(self):
        """The cases as the system, if the user is a petitioner who must leave no trace on them."""
        if self.env.user._is_internal():
            return self
        hides = any(case.anonymous or case.identity_reserved for case in self.sudo())
        return self._without_user() if hides else self

    def _without_user(self):
        """The cases as the system, which also stores computed fields in this transaction from now on."""
        cases = self.with_user(SUPERUSER_ID)
        self.env.transaction.default_env = cases.env
        return cases
