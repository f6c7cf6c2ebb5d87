import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...tools import clean_text
from ..case.priority import NORMAL, URGENT
from ..people.pqrs_identity import IDENTITY_FIELDS


class Text(NamedTuple):
    """How a text of a petition is read: ``clean`` is a function of `clean_text`."""

    clean: Callable[[str], str]
    length: int


TEXTS = {
    "subject": Text(clean_text.line, 200),
    "description": Text(clean_text.paragraphs, 20000),
    "remedy": Text(clean_text.paragraphs, 5000),
    "site": Text(clean_text.line, 200),
    "name": Text(clean_text.line, 150),
    "email": Text(clean_text.line, 254),
    "phone": Text(clean_text.line, 40),
    "city": Text(clean_text.line, 150),
    "document_number": Text(clean_text.line, 30),
}
#: choices whose values are those of the field of the case
CHOICES = ("person_type", "document_type", "capacity", "response_medium")
#: fields of the form whose name differs from that of the case
RENAMED = {"name": "partner_name", "email": "email_from"}

#: years before which no facts are reported
EARLIEST_YEAR = 1950


class Petition(NamedTuple):
    """What somebody asks, read and cleaned.

    - ``values``: of the case that it becomes.
    - ``files``: list of `Upload`.
    - ``errors``: ``{field of the form: message}``; while there are any, nothing can be filed.
    - ``notice``: whether the privacy notice was read; ``notice_id``: which one the form showed, as it says;
      ``consent_surveys``: whether surveys are allowed; ``lang``: code of the language in which to write to who asks.
    """

    values: dict
    files: list
    errors: dict
    notice: bool = False
    consent_surveys: bool = False
    notice_id: str = ""
    lang: str = ""

    @property
    def digest(self):
        """Of all that it says: equal for the same petition, sent again."""
        said = json.dumps(self.values, sort_keys=True, default=str)
        files = [(file.name, file.checksum) for file in self.files]
        return hashlib.sha256(f"{said}{files}{self.consent_surveys}".encode()).hexdigest()


class PqrsIntake(models.Model):
    """How petitions come in from outside: the website, HERA and integrations read and file them alike."""

    _inherit = "sig.pqrs"

    @api.model
    def _get_public_types(self, company):
        """Types among which the public chooses, as superuser; the SIG sets the regime in triage."""
        return (
            self.env["sig.pqrs.type"]
            .sudo()
            .search(self.env["sig.pqrs.type"]._get_domain_of(company) & Domain("on_website", "=", True))
        )

    @api.model
    def _get_petition_choices(self, partner=None):
        """``{field of the form: [(value, label)]}`` in the reader's language."""
        choices = {name: self._fields[name]._description_selection(self.env) for name in CHOICES}
        if not (partner and partner.sudo().user_ids):
            choices["response_medium"] = [choice for choice in choices["response_medium"] if choice[0] != "portal"]
        return choices

    @api.model
    def _get_privacy_notice(self, company):
        """What the company tells whoever gives it personal data, as superuser; empty when it tells nothing yet."""
        return self.env["sig.privacy.notice"]._get_current(company)

    # -- Reading ----------------------------------------------------------------------------------------------------

    @api.model
    def _read_petition(self, form, files, company, partner=None):
        """Read a petition as it was sent; whatever it is, this does not fail.

        :param dict form: texts by the names of the form: ``type`` (code), ``anonymous``, ``person_type``,
            ``document_type``, ``document_number``, ``name``, ``email``, ``phone``, ``city``, ``capacity``, ``site``,
            ``incident_date``, ``urgent``, ``subject``, ``description``, ``remedy``, ``response_medium``, ``notice``,
            ``notice_version`` (id of the one that was shown), ``consent_surveys``, ``lang`` (code of a language).
        :param list files: of `Upload`.
        :param partner: the contact who is known to ask; its name and how it is reached are not read from the form.
        :return: `Petition`.
        """
        errors = {}
        texts = {name: self._read_text(form, name, errors) for name in TEXTS}
        choices = {name: self._read_choice(form, name, partner, errors) for name in CHOICES}
        kind = self._read_type(form, company, errors)
        anonymous = self._is_ticked(form, "anonymous")
        values = {
            "company_id": company.id,
            "type_id": kind.id,
            "anonymous": anonymous,
            "priority": URGENT if self._is_ticked(form, "urgent") else NORMAL,
            "incident_date": self._read_incident_date(form, company, errors),
            **{RENAMED.get(name, name): text for name, text in texts.items()},
            **choices,
        }
        if partner and not anonymous:
            values["partner_id"] = partner.id
            for name in ("partner_name", "email_from", "phone"):
                del values[name]
        self._check_petition(values, kind, partner, errors)
        notice = self._is_ticked(form, "notice")
        if anonymous:
            values = self._without_identity(values)
            errors = {name: error for name, error in errors.items() if RENAMED.get(name, name) not in IDENTITY_FIELDS}
        elif not notice:
            errors["notice"] = self.env._("Confirm that you read the privacy notice.")
        if problems := self.env["sig.upload"]._check_uploads(files):
            errors["attachments"] = "\n".join(problems)
        consent = not anonymous and self._is_ticked(form, "consent_surveys")
        lang = form.get("lang") if isinstance(form.get("lang"), str) else ""
        told = notice and not anonymous
        return Petition(values, list(files), errors, told, consent, form.get("notice_version"), lang)

    @api.model
    def _without_identity(self, values):
        """Values of an anonymous petition: nothing that tells who asks is kept, even if it was written."""
        values = {name: value for name, value in values.items() if name not in IDENTITY_FIELDS}
        return {**values, "response_medium": self._fields["response_medium"].default(self)}

    @api.model
    def _is_ticked(self, form, name):
        value = form.get(name)
        return value is True or (isinstance(value, str) and value.strip().lower() in ("1", "on", "true", "yes"))

    @api.model
    def _read_text(self, form, name, errors):
        value = form.get(name)
        text = TEXTS[name].clean(value) if isinstance(value, str) else ""
        if len(text) > TEXTS[name].length:
            errors[name] = self.env._(
                "Too long: %(length)s characters, and %(limit)s fit. Send the rest in a file.",
                length=len(text),
                limit=TEXTS[name].length,
            )
        return self._hide_keys(text) or False

    @api.model
    def _read_choice(self, form, name, partner, errors):
        value = form.get(name)
        if not value:
            return False
        if not isinstance(value, str) or value not in dict(self._get_petition_choices(partner)[name]):
            errors[name] = self.env._("Choose one of the options.")
            return False
        return value

    @api.model
    def _read_type(self, form, company, errors):
        types = self._get_public_types(company)
        same = types.filtered(lambda kind: kind.code == form.get("type"))
        kind = (same.filtered("company_id") or same)[:1]  # a company's own goes before the shared one
        if not kind:
            errors["type"] = self.env._("Choose what you want to file.")
        return kind

    @api.model
    def _read_incident_date(self, form, company, errors):
        value = form.get("incident_date")
        if not value:
            return False
        try:
            day = date.fromisoformat(value.strip()) if isinstance(value, str) else None
        except ValueError:
            day = None
        if not day or day.year < EARLIEST_YEAR:
            errors["incident_date"] = self.env._("Write the date as year-month-day, for example 2026-11-24.")
            return False
        if day > company._sig_today():
            errors["incident_date"] = self.env._("The facts cannot be in the future.")
        return day

    @api.model
    def _check_petition(self, values, kind, partner, errors):
        """Say what is missing or wrong; a message that is there already stays. Hook for channels."""

        def complain(name, message):
            errors.setdefault(name, message)

        if not values["subject"]:
            complain("subject", self.env._("Say in a few words what it is about."))
        if not values["description"]:
            complain("description", self.env._("Tell us what happened or what you ask for."))
        if values["anonymous"]:
            if kind and not kind.allow_anonymous:
                complain(
                    "anonymous",
                    self.env._("A %s cannot be anonymous: the law asks who requests it.", kind.name),
                )
            return
        known = bool(values.get("partner_id"))
        mailbox = partner.sudo().email_normalized if known else tools.email_normalize(values["email_from"] or "")
        phone = partner.sudo().phone if known else values["phone"]
        if not known:
            if not values["partner_name"]:
                complain("name", self.env._("Write your name, so that we know whom to answer."))
            if values["email_from"] and not mailbox:
                complain("email", self.env._("That is not an email address. Check it, or leave it empty."))
            if phone and sum(character.isdigit() for character in phone) < 7:
                complain("phone", self.env._("A phone number has at least seven digits."))
            if not values["email_from"] and not phone:
                complain("email", self.env._("Write an email or a phone number: we need a way to answer you."))
            values["email_from"] = mailbox or False
        medium = values["response_medium"] or ("email" if mailbox else "phone")
        values["response_medium"] = medium
        if medium == "email" and not mailbox:
            complain("email", self.env._("Write the email to which you want the answer."))
        elif medium == "phone" and not phone and "email" not in errors:
            complain("phone", self.env._("Write the phone number to which you want the answer."))

    # -- Filing -----------------------------------------------------------------------------------------------------

    @api.model
    def _find_petition(self, petition, channel, token):
        """The case that a petition became when it came before with that token, as superuser; else empty."""
        cases = self.sudo()
        return cases.search([("uuid", "=", self._get_petition_uuid(petition, channel, token))]) if token else cases

    @api.model
    def _file_petition(self, petition, channel, token=None, to_verify=False):
        """File a petition without errors. Sent again with the same token, it is the same case.

        :param str token: of the form, or of whoever sends it. The same token with another petition files another case.
        :param bool to_verify: leave it to the SIG to say whether it is a PQRS; its receipt is now all the same.
        :return: the case, as superuser.
        :raises UserError: for a petition with errors.
        """
        if petition.errors:
            raise UserError("\n".join(petition.errors.values()))
        self.env["res.company"].browse(petition.values["company_id"])._sig_check_receives()
        uuid = self._get_petition_uuid(petition, channel, token) if token else None
        if uuid:
            self.env["sig.pqrs.submission"]._claim(uuid)
            if found := self._find_petition(petition, channel, token):
                return found
        attachments = self.env["sig.upload"]._prepare_attachments(petition.files, petition.values["anonymous"])
        values = {
            **petition.values,
            "lang": self._get_petition_lang(petition, channel),
            "channel": channel,
            "uuid": uuid,
            "state": "to_file" if to_verify else "received",
            "attachment_ids": [Command.create({**vals, "res_model": self._name}) for vals in attachments],
        }
        # Evidence is kept as it came: core would make large images smaller.
        cases = self._for_petitioner(petition).with_context(tools.clean_context(self.env.context))  # pylint: disable=context-overridden
        case = cases.with_context(image_no_postprocess=True).create(values)
        case = case.with_env(case.env(context=self.env.context))
        case._on_petition_filed(petition)
        return case.with_env(self.sudo().env)

    @api.model
    def _get_petition_lang(self, petition, channel):
        """In which language who files is written to: as they say, or that of the page, or that of the SIG."""
        company = self.env["res.company"].sudo().browse(petition.values["company_id"])
        page = False if channel == "api" else self.env.lang
        return self._get_known_lang(petition.lang, page, company._sig_lang())

    def _for_petitioner(self, petition):
        """Who files a petition, as superuser: of an anonymous one, nobody."""
        hidden = petition.values["anonymous"] and not self.env.user._is_internal()
        return self._without_user() if hidden else self.sudo()

    def _on_petition_filed(self, petition):
        """What else is kept of a petition that became this case. Hook for consents and channels."""

    @api.model
    def _get_petition_uuid(self, petition, channel, token):
        """The uuid of the case that a petition becomes, which only who has the token can tell before."""
        said = f"sig.pqrs.petition/{channel}/{token}/{petition.digest}"
        mac = hmac.new(self._get_tracking_key().encode(), said.encode(), hashlib.sha256)
        return str(UUID(bytes=mac.digest()[:16], version=4))


class PqrsTypeIntake(models.Model):
    _inherit = "sig.pqrs.type"

    on_website = fields.Boolean(
        "Offered to the public", help="Clients choose among these types; the SIG may change the regime in triage."
    )

    def _get_answer_days(self, company):
        """Business days within which a company answers a case of this type: the law's, or fewer by its policy."""
        return min(self.term_days, company.sig_policy_days or self.term_days)
