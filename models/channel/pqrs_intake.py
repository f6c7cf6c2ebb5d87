import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from odoo import models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools import clean_text
from ..case.priority import NORMAL, URGENT
from ..people.pqrs_identity import IDENTITY_FIELDS


class Text(NamedTuple):
    """``clean`` is a function of `clean_text`."""

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
#: selections with the values of the field of the case
CHOICES = ("person_type", "document_type", "capacity", "response_medium")
#: fields of the form with another name on the case
RENAMED = {"name": "partner_name", "email": "email_from"}

EARLIEST_YEAR = 1950


class Petition(NamedTuple):
    """``values`` are of the case, ``files`` are `Upload`s. With ``errors``, ``{field of the form: message}``, nothing
    can be filed. ``notice``: whether the privacy notice was read; ``notice_id``: id of the shown one, as the form says.
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
        """Equal for a petition that is sent again."""
        content = json.dumps(self.values, sort_keys=True, default=str)
        files = [(file.name, file.checksum) for file in self.files]
        return hashlib.sha256(f"{content}{files}{self.consent_surveys}".encode()).hexdigest()


class PqrsIntake(models.AbstractModel):
    _name = "sig.pqrs.intake"
    _description = "Intake of Petitions"

    def _get_public_types(self, company):
        Type = self.env["sig.pqrs.type"].sudo()
        return Type.search([*Type._get_domain_of(company), ("on_website", "=", True), ("due_by_authority", "=", False)])

    def _get_petition_choices(self, partner=None):
        """``{field of the form: [(value, label)]}``"""
        choices = {name: self.env["sig.pqrs"]._fields[name]._description_selection(self.env) for name in CHOICES}
        ways = {"email": "email_normalized", "phone": "phone", "portal": "user_ids"}
        without = [medium for medium, name in ways.items() if not partner[name]] if partner else ["portal"]
        choices["response_medium"] = [choice for choice in choices["response_medium"] if choice[0] not in without]
        return choices

    def _get_texts(self):
        """What is said of a field that is missing or wrong, also by a page that checks it before it sends it."""
        return {
            "type": self.env._("Choose what you want to file."),
            "subject": self.env._("Say in a few words what it is about."),
            "description": self.env._("Tell us what happened or what you ask for."),
            "incident_date": self.env._("The facts cannot be in the future."),
            "name": self.env._("Write your name, so that we know whom to answer."),
            "contact": self.env._("Write an email or a phone number: we need a way to answer you."),
            "email": self.env._("That is not an email address. Check it, or leave it empty."),
            "phone": self.env._("A phone number has at least seven digits."),
            "to_email": self.env._("Write the email to which you want the answer."),
            "to_phone": self.env._("Write the phone number to which you want the answer."),
            "notice": self.env._("Confirm that you read the privacy notice."),
        }

    def _read_petition(self, form, files, company, partner=None):
        """Read a petition as it was sent, without failing.

        :param dict form: values by the names of the form: ``type`` (code), ``anonymous``, ``person_type``,
            ``document_type``, ``document_number``, ``name``, ``email``, ``phone``, ``city``, ``capacity``, ``site``,
            ``incident_date``, ``urgent``, ``subject``, ``description``, ``remedy``, ``response_medium``, ``notice``,
            ``notice_version`` (id of the one that was shown), ``consent_surveys``, ``lang`` (code of a language).
        :param list files: of `Upload`.
        :param partner: the known petitioner, as superuser, whose name, email and phone are not read from the form.
        :rtype: Petition
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
            # Nothing that tells the petitioner is kept, even if it was written.
            values = {name: value for name, value in values.items() if name not in IDENTITY_FIELDS}
            Case = self.env["sig.pqrs"]
            values["response_medium"] = Case._fields["response_medium"].default(Case)
            errors = {name: error for name, error in errors.items() if RENAMED.get(name, name) not in IDENTITY_FIELDS}
            errors.pop("response_medium", None)
        elif not notice and not self._has_confirmed_notice(partner, company):
            errors["notice"] = self._get_texts()["notice"]
        if problems := self.env["sig.upload"]._check_uploads(files):
            errors["attachments"] = "\n".join(problems)
        consent = not anonymous and self._is_ticked(form, "consent_surveys")
        lang = form.get("lang") if isinstance(form.get("lang"), str) else ""
        knows_notice = notice and not anonymous
        return Petition(values, list(files), errors, knows_notice, consent, form.get("notice_version"), lang)

    def _has_confirmed_notice(self, partner, company):
        """Whether the known petitioner confirmed the notice in force before, and need not do it again."""
        notice = self.env["sig.privacy.notice"]._get_current(company)
        return partner and self.env["sig.privacy.consent"]._has_confirmed(partner, notice, company)

    def _is_ticked(self, form, name):
        value = form.get(name)
        return value is True or (isinstance(value, str) and value.strip().lower() in ("1", "on", "true", "yes"))

    def _read_text(self, form, name, errors):
        value = form.get(name)
        text = TEXTS[name].clean(value) if isinstance(value, str) else ""
        if len(text) > TEXTS[name].length:
            errors[name] = self.env._(
                "Too long: %(length)s characters, and %(limit)s fit. Send the rest in a file.",
                length=len(text),
                limit=TEXTS[name].length,
            )
        return self.env["sig.tracking"]._hide(text) or False

    def _read_choice(self, form, name, partner, errors):
        value = form.get(name) or False
        if value and not (isinstance(value, str) and value in dict(self._get_petition_choices(partner)[name])):
            errors[name] = self.env._("Choose one of the options.")
            return False
        return value

    def _read_type(self, form, company, errors):
        types = self._get_public_types(company)
        same = types.filtered(lambda kind: kind.code == form.get("type"))
        kind = (same.filtered("company_id") or same)[:1]  # a company's own goes before the shared one
        if not kind:
            errors["type"] = self._get_texts()["type"]
        return kind

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
            errors["incident_date"] = self._get_texts()["incident_date"]
        return day

    def _check_petition(self, values, kind, partner, errors):
        texts = self._get_texts()

        def complain(name, text):
            errors.setdefault(name, texts[text])

        for name in ("subject", "description"):
            if not values[name]:
                complain(name, name)
        if values["anonymous"]:
            if kind and not kind.allow_anonymous:
                errors["anonymous"] = self.env._("A %s cannot be anonymous: the law asks who requests it.", kind.name)
            return
        mailbox = partner.email_normalized if partner else self._read_mailbox(values["email_from"])
        phone = partner.phone if partner else values["phone"]
        if not partner:
            if not values["partner_name"]:
                complain("name", "name")
            if values["email_from"] and not mailbox:
                complain("email", "email")
            if phone and sum(character.isdigit() for character in phone) < 7:
                complain("phone", "phone")
            if not values["email_from"] and not phone:
                complain("email", "contact")
            values["email_from"] = mailbox
        medium = values["response_medium"] or ("email" if mailbox else "portal" if partner and not phone else "phone")
        values["response_medium"] = medium
        if medium == "email" and not mailbox:
            complain("email", "to_email")
        elif medium == "phone" and not phone and "email" not in errors:
            complain("phone", "to_phone")

    def _read_mailbox(self, text):
        """The address; False for none, and for one that no mail from here reaches, like ``ana@localhost``."""
        mailbox = tools.email_normalize(text or "") or ""
        domain = mailbox.rpartition("@")[2]
        return mailbox if "." in domain and all(domain.split(".")) else False

    def _find_petition(self, petition, channel, token):
        """The case of a petition that came before with that token, as superuser; possibly empty."""
        cases = self.env["sig.pqrs"].sudo()
        return cases.search([("uuid", "=", self._get_petition_uuid(petition, channel, token))]) if token else cases

    def _file_petition(self, petition, channel, token=None, to_verify=False):
        """File a petition; sent again with the same token, it is the same case.

        :param bool to_verify: whether the SIG decides if it is a PQRS; the receipt is now all the same.
        :return: the case, as superuser.
        """
        if petition.errors:
            raise UserError("\n".join(petition.errors.values()))
        company = self.env["res.company"].browse(petition.values["company_id"])
        company._sig_check_receives()
        uuid = self._get_petition_uuid(petition, channel, token) if token else None
        if uuid:
            self.env["sig.pqrs.submission"]._claim(uuid)
            if found := self._find_petition(petition, channel, token):
                return found
        attachments = self.env["sig.upload"]._prepare_attachments(petition.files, petition.values["anonymous"])
        page = False if channel == "api" else self.env.lang
        values = {
            **petition.values,
            "lang": self.env["sig.pqrs"]._get_known_lang(petition.lang, page, company.sudo()._sig_lang()),
            "channel": channel,
            "uuid": uuid,
            "state": "to_file" if to_verify else "received",
            "attachment_ids": [Command.create({**vals, "res_model": "sig.pqrs"}) for vals in attachments],
        }
        # Nobody who files anonymously is named, but by the API. Large images, as evidence, are not resized.
        hidden = petition.values["anonymous"] and channel != "api"
        cases = self.env["sig.pqrs"]._without_user() if hidden else self.env["sig.pqrs"].sudo()
        cases = cases.with_context(tools.clean_context(self.env.context))  # pylint: disable=context-overridden
        case = cases.with_context(image_no_postprocess=True).create(values)
        case = case.with_env(case.env(context=self.env.context))
        self._on_filed(case, petition)
        return case.with_env(self.sudo().env)

    def _on_filed(self, case, petition):
        """What else is recorded of a petition that became a case. A box of surveys left empty is no answer."""
        if not case.anonymous and (petition.notice or petition.consent_surveys):
            version = self.env["sig.privacy.notice"]._find_published(case.company_id, petition.notice_id)
            case._record_consent(petition.notice, petition.consent_surveys or None, version=version)

    def _get_petition_uuid(self, petition, channel, token):
        """The uuid of the case that a petition becomes; who has no token cannot derive it."""
        content = f"sig.pqrs.petition/{channel}/{token}/{petition.digest}"
        mac = hmac.new(self.env["sig.tracking"]._get_key().encode(), content.encode(), hashlib.sha256)
        return str(UUID(bytes=mac.digest()[:16], version=4))
