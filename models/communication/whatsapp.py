import re
from urllib.parse import quote

from odoo import models
from odoo.exceptions import UserError

#: characters of a text that an address carries
MAX_TEXT = 1500

COLOMBIAN_LANDLINE = re.compile(r"5760\d{8}")


class WhatsApp(models.AbstractModel):
    """Writing from the WhatsApp of a person: no account of the company, no key, and nothing leaves by itself.

    The text is a message of the case that waits for its proof; who may know the telephone may open the application.
    """

    _name = "sig.whatsapp"
    _description = "WhatsApp of a Person"

    def _get_number(self, case):
        """Digits of the petitioner's mobile with its country; empty without a whole one that the user may know.

        None without core's `phone_validation`, which a host may remove.
        """
        contact = case._get_contact()
        if not contact.phone or not hasattr(self, "_phone_format"):
            return ""
        country = contact.partner.country_id or case.company_id.country_id
        number = (self._phone_format(number=contact.phone, country=country) or "").removeprefix("+")
        return "" if COLOMBIAN_LANDLINE.fullmatch(number) else number

    def _get_text(self, case, text):
        args = {"company": case.company_id.name.rstrip("."), "number": case.name}
        env = case.with_context(lang=case._get_lang()).env
        return f"{text.strip()}\n\n{env._('%(company)s. Case %(number)s', **args)}"

    def _prepare_text(self, case, text, files):
        """The text as it is written; refused when it cannot be written from the application of a person."""
        if files:
            raise UserError(self.env._("Send the files in WhatsApp itself: its address carries the text alone."))
        if not self._get_number(case):
            raise UserError(self.env._("%s: there is no telephone with which WhatsApp could be opened.", case.name))
        if len(text) > MAX_TEXT:
            raise UserError(self.env._("By WhatsApp at most %s characters are written at once.", MAX_TEXT))
        return self._get_text(case, text)

    def _get_url(self, case, text):
        return f"https://wa.me/{self._get_number(case)}?text={quote(self._get_text(case, text), safe='')}"
