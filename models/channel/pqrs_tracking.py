import re
import secrets
from urllib.parse import unquote
from uuid import UUID

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError

from ...tools import clean_text, tracking_code

KEY = "sig_pqrs.tracking_key"

#: uuid of no case, for numbers that do not exist
_NOBODY = str(UUID(int=0))

#: characters of an address, plain or as programs that rewrite links encode them
_SLASH, _HASH = r"(?:/|%(?:25)*2F)", r"(?:#|%(?:25)*23)"
_CODE = r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}"
_CODE_SHAPED = re.compile(_CODE)
_TRACKING_LINK = re.compile(rf"(pqrs{_SLASH}track{_HASH}[\w.%/-]{{1,80}}?){_CODE}", re.IGNORECASE)
_RATING_LINK = re.compile(rf"(pqrs{_SLASH}rate{_SLASH})[\w-]+", re.IGNORECASE)
#: words that may start with a filing number
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/_.-]{3,60}")


class PqrsTracking(models.Model):
    """The tracking code, derived from a key of the database and the uuid of the case, and stored nowhere.

    The key is a parameter of ours: Odoo's secret changes when a database is duplicated, and printed codes must work on.
    """

    _inherit = "sig.pqrs"

    tracking_revision = fields.Integer(aggregator=None, readonly=True, groups="sig_pqrs.group_sig_director")
    tracking_code = fields.Char(
        "Tracking code",
        compute="_compute_tracking_code",
        groups="sig_pqrs.group_sig_director",
        help="With the filing number, it opens the case on the tracking page to whoever filed it.",
    )

    @api.depends("uuid", "tracking_revision")
    def _compute_tracking_code(self):
        for case in self:
            case.tracking_code = case._origin and case._get_tracking_code()

    @api.model
    def _make_tracking_key(self):
        """Called by the data of the module."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(KEY):
            parameters.set_param(KEY, secrets.token_hex(32))

    @api.model
    def _get_tracking_key(self):
        """
        :raises KeyError: when the parameter was deleted: a new key would void all codes.
        """
        key = self.env["ir.config_parameter"].sudo().get_param(KEY)
        if not key:
            raise KeyError(KEY)
        return key

    def _derive_tracking_code(self):
        """The code, without a check of rights: see `_get_tracking_code`."""
        self.ensure_one()
        case = self.sudo()
        return tracking_code.derive(self._get_tracking_key(), case.uuid, case.tracking_revision)

    def _get_tracking_code(self):
        self._check_gives_keys()
        return self._derive_tracking_code()

    def _check_gives_keys(self):
        """
        :raises AccessError: for our own people other than the SIG, also under sudo: core renders templates so for who
            composes a message.
        """
        user = self.env.user
        if user._is_internal() and user.id != SUPERUSER_ID and not user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(
                self.env._("The tracking code and the link of the rating are the petitioner's: the SIG gives them.")
            )

    def _get_tracking_url(self):
        """The link that opens the case; browsers send no server the code after the #."""
        self.ensure_one()
        return self._get_page_url(f"/pqrs/track#{self.name}/{self._get_tracking_code()}")

    def _hide_keys(self, text):
        """Mask codes and rating links of these cases, and of those that a text or HTML names."""
        hidden = str(text)
        cases = self.sudo()
        if _CODE_SHAPED.search(hidden):
            cases |= self._find_named(hidden)
            for case in cases:
                hidden = hidden.replace(case._derive_tracking_code(), "····")
            hidden = _TRACKING_LINK.sub(r"\1····", hidden)
        if "rate" in hidden:
            for token in filter(None, cases.rating_ids.mapped("access_token")):
                hidden = hidden.replace(token, "····")
            hidden = _RATING_LINK.sub(r"\1····", hidden)
        return Markup(hidden) if isinstance(text, Markup) else hidden

    @api.model
    def _find_named(self, text):
        words = [word for word in _NUMBER.findall(unquote(text)) if any(sign.isdigit() for sign in word)]
        numbers = {
            "/".join(parts[:count]).rstrip("._-")
            for parts in (word.split("/") for word in words[:500])
            for count in range(1, min(len(parts), 6) + 1)
        }
        self_sudo = self.sudo()
        return self_sudo.search([("name", "in", list(numbers))]) if numbers else self_sudo.browse()

    def _message_post_after_hook(self, message, msg_values):
        if len(self) == 1 and message.body:
            hidden = self._hide_keys(message.body)
            if hidden != message.body:
                message.sudo().body = msg_values["body"] = hidden
        return super()._message_post_after_hook(message, msg_values)

    def _get_hera_url(self):
        self.ensure_one()
        return f"{self.get_base_url()}/my/pqrs/{self.id}"

    @api.model
    def _find_by_tracking(self, number, code):
        """The case of a number and code as typed, as superuser; empty, at the same cost, for a wrong pair."""
        key = self._get_tracking_key()
        number = "".join(clean_text.line(number).split()).upper()[:40] if isinstance(number, str) else ""
        code = code if isinstance(code, str) else ""
        # Companies may share a number.
        self_sudo = self.sudo()
        found = self_sudo.browse()
        if number:
            domain = [("name", "=", number), ("state", "!=", "to_file")]
            found = found.search_fetch(domain, ["uuid", "tracking_revision"])
        known = [(case.uuid, case.tracking_revision, case) for case in found] or [(_NOBODY, 0, self_sudo.browse())]
        matching = [case for uuid, revision, case in known if tracking_code.matches(key, uuid, revision, code)]
        return matching[0] if matching else self_sudo.browse()
