import re
import secrets
from urllib.parse import unquote
from uuid import UUID

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...tools import clean_text, tracking_code

KEY = "sig_pqrs.tracking_key"

#: uuid of no case, for numbers that do not exist
_NOBODY = str(UUID(int=0))

#: characters of an address, plain or as programs that rewrite links encode them
_SLASH, _MARK = r"(?:/|%(?:25)*2F)", r"(?:[#?]|[%-](?:25)*(?:23|3F))"
_CODE = r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}"
_CODE_SHAPED = re.compile(_CODE)
_TRACKING_LINK = re.compile(rf"(pqrs{_SLASH}track{_MARK}[\w.%/&;=+-]{{1,100}}?){_CODE}", re.IGNORECASE)
_RATING_LINK = re.compile(rf"(pqrs{_SLASH}rate{_SLASH})[\w-]+", re.IGNORECASE)
#: words that may start with a filing number
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/_.-]{3,60}")


class Tracking(models.AbstractModel):
    """Codes derive from the uuid of the case and a key, and are stored nowhere. The key is a parameter of ours: Odoo's
    secret changes when a database is duplicated, and printed codes must work on.
    """

    _name = "sig.tracking"
    _description = "Tracking Code"

    @api.model  # called by data
    def _make_key(self):
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(KEY):
            parameters.set_param(KEY, secrets.token_hex(32))

    def _get_key(self):
        """:raises KeyError: when the parameter was deleted: a new key would void all codes."""
        key = self.env["ir.config_parameter"].sudo().get_param(KEY)
        if not key:
            raise KeyError(KEY)
        return key

    def _derive(self, case):
        """The code, without a check of rights: see `_check_gives`."""
        case = case.sudo()
        return tracking_code.derive(self._get_key(), case.uuid, case.tracking_revision)

    def _check_gives(self):
        """
        :raises AccessError: for our own people other than the SIG, also under sudo: core renders templates so for who
            composes a message.
        """
        user = self.env.user
        if user._sig_filter_people() and not user.has_group("sig_pqrs.group_sig_director"):
            text = self.env._("The tracking code and the link of the rating are the petitioner's: the SIG gives them.")
            raise AccessError(text)

    def _hide(self, text, cases=()):
        """Mask codes and rating links of ``cases``, and of those that a text or HTML names."""
        hidden = str(text)
        cases = self.env["sig.pqrs"].sudo().union(*cases)
        for case in cases if _CODE_SHAPED.search(hidden) else ():
            hidden = hidden.replace(self._derive(case), "····")
        if _CODE_SHAPED.search(hidden):
            named = cases.search([("name", "in", self._find_numbers(hidden))])
            for case in named:
                hidden = hidden.replace(self._derive(case), "····")
            hidden = _TRACKING_LINK.sub(r"\1····", hidden)
            cases |= named
        if "rate" in hidden:
            for token in filter(None, cases.rating_ids.mapped("access_token")):
                hidden = hidden.replace(token, "····")
            hidden = _RATING_LINK.sub(r"\1····", hidden)
        return Markup(hidden) if isinstance(text, Markup) else hidden

    def _find_numbers(self, text):
        words = [word for word in _NUMBER.findall(unquote(text)) if any(sign.isdigit() for sign in word)]
        return [
            "/".join(parts[:count]).rstrip("._-")
            for parts in (word.split("/") for word in words[:500])
            for count in range(1, min(len(parts), 6) + 1)
        ]

    def _find(self, number, code):
        """As superuser; empty, at the same cost, for a wrong pair. The last digits of a number are enough."""
        key, cases = self._get_key(), self.env["sig.pqrs"].sudo()
        number = "".join(clean_text.line(number).split())[:40] if isinstance(number, str) else ""
        code = code if isinstance(code, str) else ""
        # Companies may share a number; those that were imported are as they were.
        named = Domain("name", "in", [number, number.upper()])
        if number.isascii() and number.isdigit():
            named |= Domain("name", "=like", f"%-{number.zfill(5)}")
        found = cases.search_fetch(named & Domain("state", "!=", "to_file"), ["uuid", "tracking_revision"])
        known = [(case.uuid, case.tracking_revision, case) for case in found] or [(_NOBODY, 0, cases)]
        matching = [case for uuid, revision, case in known if tracking_code.matches(key, uuid, revision, code)]
        return matching[0] if matching else cases
