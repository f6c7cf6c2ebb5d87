from typing import Any, NamedTuple

from odoo import SUPERUSER_ID, api, fields, models, tools

from ...tools import clean_text


class Contact(NamedTuple):
    """Who must be addressed about a case. What is not known is empty."""

    partner: Any
    name: str = ""
    email: str = ""
    phone: str = ""
    lang: str = ""
    address: tuple[str, ...] = ()
    document_number: str = ""

    @property
    def mailbox(self):
        """The address alone, normalized; empty when mails cannot reach it."""
        return tools.email_normalize(self.email) or ""

    @property
    def document_key(self):
        """The number of the document however it was typed; empty when none is known."""
        return clean_text.document_key(self.document_number)


class PqrsContact(models.Model):
    """Whom the notices, the letter and the rating of a case address: everybody asks here."""

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

    @api.depends("partner_id", "company_id")
    def _compute_lang(self):
        """It stays when the contact changes: under reserve the case has none."""
        ours = {company: company._sig_lang() for company in self.company_id | self.env.company}
        for case in self:
            partner = case.sudo().identity_ids.partner_id or case.partner_id
            company = case.company_id or self.env.company
            case.lang = case.lang or self._get_known_lang(partner.lang, ours[company])

    @api.model
    def _get_known_lang(self, *codes):
        """The first of some languages that is installed; empty when none is."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return next((code for code in codes if code in installed), False)

    def _get_contact(self):
        """The petitioner, as far as the current user may know who it is: under reserve, the system and the SIG.

        `sudo` does not count: stored fields of any model are computed with it, those of the mail composer too. Steps
        that a petitioner takes under reserve run `_with_system_user`. Our own people read `petitioner` instead.

        :return: `Contact`.
        """
        self.ensure_one()
        case = self.sudo()
        if not case.identity_reserved:
            return self._read_contact(case)
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group("sig_pqrs.group_sig_director"):
            return self._read_contact(case.identity_ids)
        return Contact(self.env["res.partner"], case.petitioner, lang=case._get_lang())

    def _get_lang(self):
        """The language in which the petitioner is written to."""
        case = self.sudo()
        return self._get_known_lang(case.lang, case.company_id._sig_lang()) or self.env.lang or ""

    def _get_page_url(self, path):
        """Absolute address of a page for the petitioner, in their language where the website has it."""
        website = self.sudo().company_id.website_id
        lang = website.language_ids.filtered(lambda lang: lang.code == self._get_lang())
        prefix = f"/{lang.url_code}" if lang and lang != website.default_lang_id else ""
        return f"{self.get_base_url()}{prefix}{path}"

    def _read_contact(self, holder):
        """The `Contact` that a record keeps in the fields that a case has for it."""
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

    def _filter_mailable(self):
        """The cases whose petitioner can be reached by mail."""
        return self.filtered(lambda case: case._get_contact().mailbox)
