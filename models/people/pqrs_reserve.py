from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .pqrs_identity import IDENTITY_FIELDS


class PqrsReserve(models.Model):
    """Reserve of identity: the SIG knows who asks, the processes and top management do not.

    A reserved case holds no identity at all: it is in `sig.pqrs.identity`, with all that names the petitioner.
    `_get_contact` finds it there for who may know. An anonymous case has none anywhere.
    """

    _inherit = "sig.pqrs"

    identity_reserved = fields.Boolean(
        "Reserve of identity", help="The SIG knows who asks; the processes and top management do not."
    )
    identity_ids = fields.One2many("sig.pqrs.identity", "pqrs_id", readonly=True, groups="sig_pqrs.group_sig_director")
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
            kept = client._sig_filter_neutral(partner)
            identities[vals["uuid"]] = {**identity, "client_id": (client - kept).id}
            self._check_is_known(identity)
            vals.update(dict.fromkeys(IDENTITY_FIELDS, False), client_id=kept.id)
        return identities

    @api.model
    def _store_identities(self, cases, identities):
        """Store what `_take_identities` took, now that the cases are there."""
        values = {case: identities[case.uuid] for case in cases.sudo() if case.uuid in identities}
        if values:
            self.env["sig.pqrs.identity"]._store(cases, values)

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
        """Take who asks out of the case: fields, followers, mails, letters, users. The SIG alone reads them then.

        Also once the case is closed: its file is read for years. What was said and noted on it is read by the SIG alone
        until it allows more, text by text. What the petition and the answer say in their own words stays: whether it
        tells who asks is for the SIG to judge.

        :param str reason: kept with the identity; the act holds its digest.
        :param private_attachment_ids: ids of annexes of the cases that tell who asks.
        """
        cases = self._check_transition("reserve_identity")
        reason = self._require_text(reason)
        annexes = self._get_annexes(private_attachment_ids)
        cases._check_reserved_together()
        values = {case: case._prepare_identity() for case in cases}
        users = {case: case._get_petitioner_users() for case in cases}
        self.env["sig.pqrs.identity"]._store(cases, values)
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
            case._hide_conversation()
            taken[case] = case._hide_acts(case._hide_texts(), users[case])
            case._hide_users(users[case])
        self.env.invalidate_all()
        self._record_on_identity("identity_reserved", reason, taken)
        return True

    def action_reveal_identity(self, reason):
        """Put who asks back on the case, with the consent of the petitioner.

        What the SIG wrote under reserve, and the private annexes, stay with the identity; letters, notices and the
        texts of before return.

        :param str reason: how and when the petitioner consented.
        """
        proven = self._check_transition("reveal_identity")
        reason = self._require_text(reason, self.env._("Write how and when the petitioner consented."))
        proven._check_revealed_together()
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
            own = {"res_model": self._name, "res_id": case.id}
            letters = case._get_private_files() | notices.attachment_ids
            letters.filtered_domain([("res_model", "=", identity._name)]).write(own)
            case.communication_ids._own_files(["proof_ids"])
            notices.mail_message_id.write({"model": self._name, "res_id": case.id})
            case.rating_ids.partner_id = case.partner_id
        self._record("identity_revealed", dict.fromkeys(self, reason))
        return True

    def action_correct_contact(self, email_from=None, phone=None, city=None):
        """Correct how a petitioner under reserve is reached. What is not given stays."""
        cases = self._check_transition("correct_contact")
        given = {"email_from": email_from, "phone": phone, "city": city}
        vals = {name: value.strip() for name, value in given.items() if isinstance(value, str)}
        if not vals:
            raise UserError(self.env._("Write the new email, phone or city."))
        self._check_email(vals)
        before = cases._get_checked_values()
        cases.identity_ids.write(vals)
        cases._void_identity_checks(before)
        self._record_on_identity("contact_corrected", ", ".join(filter(None, vals.values())))
        return True

    def action_hide_annexes(self, attachment_ids):
        """Keep with the identity those annexes that tell who asks; the processes no longer see them."""
        proven = self._check_transition("hide_annexes")
        annexes = self._get_annexes(attachment_ids)
        if not annexes:
            raise UserError(self.env._("Choose the annexes that tell who asks."))
        self._record(
            "annexes_hidden",
            dict.fromkeys(self, ""),
            data={case: {"annexes": (annexes & case.attachment_ids).mapped("checksum")} for case in proven},
        )
        for case in proven:
            case._hide_attachments(annexes & case.attachment_ids)
        return True

    def action_open_identity(self):
        """The identity of the case, with its mails and talk; for the SIG."""
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

    # -- Other cases of the petitioner ------------------------------------------------------------------------------

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
