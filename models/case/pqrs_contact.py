from typing import Any, NamedTuple

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import UserError

from ...tools import clean_text
from ..mixin.transitions import OPEN

CAPACITIES = [("holder", "Holder of the data"), ("representative", "Representative or attorney"), ("heir", "Heir")]

#: a change of these may be one of the addressee
ADDRESSEE_FIELDS = frozenset({"partner_id", "email_from", "document_number"})


class Contact(NamedTuple):
    """The petitioner as an addressee; what is not known is empty."""

    partner: Any
    name: str = ""
    email: str = ""
    phone: str = ""
    lang: str = ""
    address: tuple[str, ...] = ()
    document_number: str = ""

    @property
    def mailbox(self):
        return tools.email_normalize(self.email) or ""

    @property
    def document_key(self):
        return clean_text.document_key(self.document_number)


class PqrsContact(models.Model):
    """Whom notices, letter and rating of a case address, and in which language; and whether it is them.

    Answers on personal data go to the holder, heirs, representative or attorney once their identity was checked: Ley
    1581 de 2012, art. 15 num. 1; Decreto 1377 de 2013, art. 20.
    """

    _inherit = "sig.pqrs"

    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language of the petitioner",
        compute="_compute_lang",
        store=True,
        precompute=True,
        readonly=False,
        help="In which we write to who asks: that of the page on which it was filed, else that of the contact, else"
        " that of the SIG.",
    )

    identity_checked = fields.Selection(
        CAPACITIES, "Identity checked as", readonly=True, help="Empty: not checked. Its act says when and by whom."
    )
    identity_evidence = fields.Text("How it was checked", readonly=True, groups="sig_pqrs.group_sig_director")

    @api.depends("partner_id", "company_id")
    def _compute_lang(self):
        ours = {company: company._sig_lang() for company in self.company_id | self.env.company}
        for case in self:
            partner = case.sudo().identity_ids.partner_id or case.partner_id
            company = case.company_id or self.env.company
            # not replaced when the contact changes: under reserve the case has none
            case.lang = case.lang or self._get_known_lang(partner.lang, ours[company])

    @api.model
    def _get_known_lang(self, *codes):
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return next((code for code in codes if code in installed), False)

    def _get_contact(self):
        """:return: `Contact`, under reserve only as far as the current user may know it (the SIG and the system).

        The user counts, not `sudo`, with which stored fields of any model are computed. Steps of a petitioner under
        reserve run `_with_system_user`. Screens of the staff read the field ``petitioner`` instead.
        """
        case = self.sudo()
        if not case.identity_reserved:
            holder = case
        elif self.env.uid == SUPERUSER_ID or self.env.user.has_group("sig_pqrs.group_sig_director"):
            holder = case.identity_ids
        else:
            return Contact(self.env["res.partner"], case.petitioner, lang=case._get_lang())
        partner = holder.partner_id
        return Contact(
            partner=partner,
            name=holder.partner_name or "",
            email=holder.email_from or "",
            phone=holder.phone or "",
            lang=self._get_lang(),
            address=tuple(part for part in (partner.street, partner.street2, partner.city or holder.city) if part),
            document_number=holder.document_number or "",
        )

    def _get_lang(self):
        case = self.sudo()
        return self._get_known_lang(case.lang, case.company_id._sig_lang()) or self.env.lang or ""

    def _get_page_url(self, path):
        """:return: absolute URL of a page for the petitioner, in their language where the website has it."""
        website = self.sudo().company_id.website_id
        lang = website.language_ids.filtered(lambda lang: lang.code == self._get_lang())
        prefix = f"/{lang.url_code}" if lang and lang != website.default_lang_id else ""
        return f"{self.get_base_url()}{prefix}{path}"

    def _filter_mailable(self):
        return self.filtered(lambda case: case._get_contact().mailbox)

    def action_check_identity(self, capacity, evidence):
        """
        :param str capacity: ``holder representative heir``.
        :param str evidence: how it was checked; the SIG reads it, the act holds its digest.
        """
        proven = self._check_transition("check_identity")
        if not isinstance(capacity, str) or capacity not in dict(CAPACITIES):
            raise UserError(self.env._("Say whether they are the holder, a representative or an heir."))
        evidence = self._require_text(evidence, self.env._("Write how the identity was checked."))
        for case in proven:
            case.write({"identity_checked": capacity, "identity_evidence": case._sign(evidence)})
        label = self._get_choices("identity_checked")[capacity]
        data = {case: {"capacity": capacity, "evidence": case._commit_private(evidence)} for case in proven}
        self._record("identity_checked", label, data=data)
        return True

    def write(self, vals):
        if vals.keys().isdisjoint(ADDRESSEE_FIELDS):
            return super().write(vals)
        before = self._get_addressees()
        result = super().write(vals)
        self._follow_addressees(before)
        return result

    def _get_addressees(self):
        """``{id: (contact, mailbox, document)}``"""
        contacts = {case.id: case._get_contact() for case in self}
        return {id_: (each.partner.id, each.mailbox, each.document_number) for id_, each in contacts.items()}

    def _follow_addressees(self, before):
        """Void what held of another addressee: the check of identity, and a code that was mailed."""
        now = self._get_addressees()
        self.filtered(lambda case: before[case.id] != now[case.id])._void_identity_checks()
        moved = self.filtered(lambda case: case.state in OPEN and before[case.id][1] != now[case.id][1])
        # a petitioner who comes to be known wrote from an address of their own
        moved = moved.filtered(lambda case: before[case.id][0] or not now[case.id][0])
        moved._follow_mailboxes(moved.filtered(lambda case: before[case.id][1]))

    def _void_identity_checks(self):
        if void := self.filtered("identity_checked"):
            void.sudo().write({"identity_checked": False, "identity_evidence": False})
            note = self.env._("The petitioner or the address changed after the check.")
            void._record("identity_unchecked", note)
