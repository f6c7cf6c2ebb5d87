from typing import Any, NamedTuple

from odoo import SUPERUSER_ID, models, tools

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

    def _get_contact(self):
        """The petitioner, as far as the current user may know who it is: under reserve, the system and the SIG.

        `sudo` does not count: stored fields of any model are computed with it, those of the mail composer too. Steps
        that a petitioner takes under reserve run `_as_nobody`. What our own people read says `petitioner` instead.

        :return: `Contact`.
        """
        self.ensure_one()
        case = self.sudo()
        if not case.identity_reserved:
            return self._read_contact(case)
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group("sig_pqrs.group_sig_director"):
            return self._read_contact(case.identity_ids)
        return Contact(self.env["res.partner"], case.petitioner, lang=case.identity_ids.partner_id.lang or "")

    def _read_contact(self, holder):
        """The `Contact` that a record keeps in the fields that a case has for it."""
        partner = holder.partner_id
        return Contact(
            partner=partner,
            name=holder.partner_name or "",
            email=holder.email_from or "",
            phone=holder.phone or "",
            lang=partner.lang or "",
            address=tuple(part for part in (partner.street, partner.street2, partner.city or holder.city) if part),
            document_number=holder.document_number or "",
        )

    def _filter_mailable(self):
        """The cases whose petitioner can be reached by mail."""
        return self.filtered(lambda case: case._get_contact().mailbox)
