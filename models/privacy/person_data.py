from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from odoo import models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools import clean_text, evidence
from ..channel.pqrs_mail import UNFILED
from ..communication.communication import OF_PETITIONER

#: columns of the tables
CONTACT = ("name", "vat", "email", "phone", "street", "street2", "city", "function", "parent_id", "lang")
CASE = (
    "name", "type_id", "state", "date_received", "date_answered", "subject", "description", "remedy", "site",
    "incident_date", "capacity", "rating_value", "rating_reason",
)  # fmt: skip
PETITIONER = ("partner_name", "email_from", "phone", "city", "document_type", "document_number")
ANSWER = ("pqrs_id", "round", "kind", "date_answered", "resolution", "body", "rating_value", "rating_reason")
COMMUNICATION = (
    "pqrs_id", "direction", "purpose", "state", "date_recorded", "date", "medium", "email_from", "received_by",
    "body",
)  # fmt: skip
ACT = ("pqrs_id", "number", "kind", "date")
MAIL = ("pqrs_id", "direction", "date", "sender", "recipients", "subject")
RECIPIENT = (
    "wave_id", "partner_id", "contact_id", "email", "phone", "city", "state", "reason", "date_sent", "date_answered",
    "scan_name",
)  # fmt: skip
CONSENT = ("date", "subject", "decision", "how", "channel", "pqrs_id", "notice_id")


class Person(NamedTuple):
    partner: models.BaseModel  # res.partner, or none
    emails: list[str]  # normalized
    numbers: list[str]  # of the identity document: its key, or none


class Held(NamedTuple):
    """What is held on a person, or what was chosen of it."""

    cases: models.BaseModel
    recipients: models.BaseModel
    mails: models.BaseModel  # of no case


class Section(NamedTuple):
    """A sheet of the workbook, an object of the JSON. ``members``: ``{path in the ZIP: attachment}``."""

    code: str
    title: str
    headings: list[str]
    rows: list[tuple]
    members: Mapping[str, models.BaseModel] = MappingProxyType({})


class PersonData(models.AbstractModel):
    """Finds all personal data of one person, for exports and runs, checks who asks for them, and writes them in tables.

    A person is found by contact, email and identity document, never by name. The data are for the holder, heirs and
    representatives, with identity checked (Ley 1581 de 2012, arts. 8, 13, 14 and 15).
    """

    _name = "sig.person.data"
    _description = "What Is Held on One Person"

    def _get_person(self, partner, email, document_number):
        emails = {tools.email_normalize(text) for text in (email, partner.email) if text} - {False}
        number = clean_text.document_key(document_number or "")
        if not partner and not emails and not number:
            raise UserError(self.env._("Say who it is: a contact, a valid email or the number of the document."))
        return Person(partner, sorted(emails), [number] if number else [])

    def _find_held(self, company, person):
        cases = self._find_cases(company, person)
        unfiled = UNFILED & Domain("company_id", "=", company.id) & Domain("sender", "in", person.emails)
        mails = self.env["sig.pqrs.mail"].search(unfiled, order="date, id")
        return Held(cases, self._find_recipients(company, person), mails)

    def _find_cases(self, company, person):
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG looks up what is held on a person."))
        if company - self.env.companies:
            raise AccessError(self.env._("You do not work in that company."))
        of_company = Domain("company_id", "=", company.id)
        of_person = self.env["sig.petitioner.mixin"]._get_petitioner_domain(*person)
        identities = self.env["sig.pqrs.identity"].search(of_company & of_person)
        of_person |= Domain("id", "in", identities.pqrs_id.ids)
        return self.env["sig.pqrs"].search(of_company & of_person, order="date_received, id")

    def _find_client_cases(self, company, person):
        """Cases of others of which the person, no company, is the client: the SIG judges what of them is theirs."""
        people = person.partner.filtered(lambda partner: not partner.is_company)
        of_client = [("company_id", "=", company.id), ("client_id", "in", people.ids)]
        reserved = self.env["sig.pqrs.identity"].search(of_client).pqrs_id
        return (self.env["sig.pqrs"].search(of_client) | reserved) - self._find_cases(company, person)

    def _find_recipients(self, company, person):
        people = person.partner.filtered(lambda partner: not partner.is_company)
        by_contact = Domain("contact_id", "in", person.partner.ids) | Domain("partner_id", "in", people.ids)
        recipients = self._find_alike("sig.survey.recipient", "company_id", company, by_contact, person)
        by_partner = Domain("partner_id", "in", person.partner.ids)
        answers = self._find_alike("survey.user_input", "sig_recipient_id.company_id", company, by_partner, person)
        return (recipients | answers.sig_recipient_id).sorted("id")

    def _find_alike(self, model, company_field, company, domain, person):
        of_company = Domain(company_field, "=", company.id)
        by_email = Domain.OR(Domain("email", "ilike", tools.escape_psql(email)) for email in person.emails)
        records = self.env[model].sudo()
        alike = records.search(of_company & by_email)
        alike = alike.filtered(lambda record: {*tools.email_normalize_all(record.email)} & {*person.emails})
        return records.search(of_company & domain) | alike

    def _is_petitioner(self, person, request):
        contact = request._get_contact()
        mailboxes = {contact.mailbox, contact.partner.email_normalized}
        return (
            person.partner <= contact.partner
            and {*person.emails} <= mailboxes
            and {*person.numbers} <= {contact.document_key}
        )

    def _has_another_document(self, cases, request):
        """Whether a case names another document: its petitioner may have typed an address of somebody else."""
        contact = request._get_contact()
        cases = cases.sudo()
        petitioners = [*cases.filtered(lambda case: not case.identity_reserved), *cases.identity_ids]
        return any(
            petitioner.document_key and petitioner.document_key != contact.document_key
            for petitioner in petitioners
            if not petitioner.partner_id or petitioner.partner_id != contact.partner
        )

    def _check_asked(self, company, person, held, request, reason):
        """Check that the person, or who acts for them, asks for what was chosen.

        :param Held held: what was chosen.
        :param request: the query or claim; empty when it came otherwise.
        :param str reason: without a request, why, and how the identity was checked; with that of somebody else, why
            they act for the person.
        :return: whether the request is of somebody else, so that its act holds the reason.
        """
        held.cases.check_access("read")
        if any(chosen - found for chosen, found in zip(held, self._find_held(company, person), strict=True)):
            raise UserError(self.env._("Choose among what is held on the person."))
        if not request:
            if not reason:
                raise UserError(self.env._("Write why, where the request is, and how the identity was checked."))
            return False
        self._check_request(request)
        if request.company_id != company:
            raise UserError(self.env._("%(case)s is of another company.", case=request.name))
        of_another = not self._is_petitioner(person, request) or self._has_another_document(held.cases, request)
        if of_another and not reason:
            text = self.env._(
                "These are not only data of who asks in %s. Keep to their own, or write why they act for somebody "
                "else (parent, heir, attorney): it goes into the act (Ley 1581 de 2012, art. 13).",
                request.name,
            )
            raise UserError(text)
        return of_another

    def _check_request(self, request):
        request.check_access("read")
        if not request.type_id.personal_data:
            raise UserError(self.env._("%s is no query about personal data.", request.name))
        if not request.identity_checked:
            raise UserError(self.env._("Check the identity of who asks in %s first (Ley 1581 de 2012).", request.name))

    def _mask(self, person):
        Log = self.env["privacy.log"]
        parts = [Log._anonymize_name(person.partner.name or "")] if person.partner else []
        parts += [Log._anonymize_email(email) for email in person.emails]
        parts += [f"…{number[-4:]}" for number in person.numbers]
        return " · ".join(filter(None, parts))

    def _collect(self, company, person, held):
        readable, cases = held.cases, held.cases.sudo()
        of_cases = Domain("pqrs_id", "in", cases.ids)
        Communication, Act = cases.env["sig.pqrs.communication"], cases.env["sig.pqrs.act"]
        contact = person.partner.sudo().with_context(active_test=False)
        of_person = Domain("company_id", "=", company.id) & (of_cases | Domain("partner_id", "in", person.partner.ids))
        consents = self.env["sig.privacy.consent"].search(of_person, order="id").sudo()
        answers = cases.answer_ids.sorted(lambda answer: (answer.pqrs_id.id, answer.round))
        told = Communication.search(of_cases & OF_PETITIONER, order="pqrs_id, id")
        sections = [
            self._tabulate("contact", self.env._("Contact"), contact, CONTACT),
            self._tabulate("users", self.env._("Users"), contact.user_ids, ("login", "login_date")),
            self._get_case_section(cases),
            self._tabulate("answers", self.env._("Answers"), answers, ANSWER),
            self._tabulate("communications", self.env._("Communications"), told, COMMUNICATION),
            self._tabulate("acts", self.env._("Acts"), Act.search(of_cases, order="pqrs_id, number"), ACT),
            self._get_file_section(readable),
            self._get_mail_section(cases, of_cases, held.mails),
            self._tabulate("consents", self.env._("Consents"), consents, CONSENT),
            *self._get_survey_sections(held.recipients.with_env(cases.env)),
        ]
        return [section for section in sections if section.rows]

    def _tabulate(self, code, title, records, names):
        rows = [tuple(self._format(record, name) for name in names) for record in records]
        return Section(code, title, self._get_headings(records, names), rows)

    def _format(self, record, name):
        """What the petitioner wrote, also where case or answer show something else under reserve."""
        if name in ("description", "rating_reason"):
            case = record if record._name == "sig.pqrs" else record.pqrs_id
            return case.identity_ids.text_ids._get_written(record, name) or ""
        return self.env["sig.case.file"]._format_field(record, name)

    def _get_case_section(self, cases):
        rows = []
        for case in cases:
            holder = case.identity_ids if case.identity_reserved else case
            values = [(case, name) for name in CASE] + [(holder, name) for name in PETITIONER]
            rows.append(tuple(self._format(*value) for value in values))
        return Section("cases", self.env._("PQRS"), self._get_headings(cases, (*CASE, *PETITIONER)), rows)

    def _get_file_section(self, cases):
        rows, members, taken = [], {}, set()
        case_file = self.env["sig.case.file"]
        labels = case_file._get_part_labels()
        for case in cases:
            own_files = self._get_own_files(case.sudo())
            for part, files in case_file._get_files(case).items():
                for file in files & own_files:
                    path = ""
                    if file._sig_has_content():
                        path = f"archivos/{evidence.safe_name(case.name)}/{evidence.safe_name(file.name)}"
                        path = evidence.free_path(path, taken)
                        members[path] = file
                    rows.append((case.name, labels[part], file.name, file._sig_sha256(), path))
        headings = ["PQRS", self.env._("Part"), self.env._("Name of the file"), "SHA-256", self.env._("In the ZIP")]
        return Section("files", self.env._("Files"), headings, rows, members)

    def _get_own_files(self, case):
        """What they sent, what was sent to them, and the proof of it."""
        exchanged = case.communication_ids.filtered_domain(OF_PETITIONER)
        sent = exchanged.attachment_ids | case.attachment_ids | case.identity_ids.attachment_ids
        return sent | case.letter_id | exchanged.letter_id | exchanged.proof_ids | case.answer_ids._get_files()

    def _get_mail_section(self, cases, of_cases, unfiled):
        mailboxes = [mailbox for case in cases if (mailbox := case._get_contact().mailbox)]
        own = Domain("direction", "=", "out") | Domain("state", "=", "filed")
        own |= Domain("communication_id.author", "=", "petitioner")
        own |= Domain("communication_id", "=", False) & Domain("sender", "in", mailboxes)  # of before 19.0.2.0.0
        mails = cases.env["sig.pqrs.mail"].search(of_cases & own, order="pqrs_id, date, id") + unfiled
        members = {
            f"archivos/{evidence.safe_name(mail.pqrs_id.name or 'sin radicar')}/correos/{mail.raw_name}": file
            for mail, file in mails._get_originals().items()
        }
        return self._tabulate("mails", self.env._("Original mails"), mails, MAIL)._replace(members=members)

    def _get_survey_sections(self, recipients):
        of_recipients = Domain("res_model", "=", recipients._name) & Domain("res_id", "in", recipients.ids)
        scans = recipients.env["ir.attachment"].search(of_recipients & Domain("res_field", "=", "scan"))
        members, taken = {}, set()
        for scan in scans.filtered(lambda scan: scan._sig_has_content()):
            name = evidence.safe_name(recipients.browse(scan.res_id).scan_name)
            members[evidence.free_path(f"archivos/encuestas/{name}", taken)] = scan
        asked = self._tabulate("recipients", self.env._("Invitations to surveys"), recipients, RECIPIENT)
        sheets = recipients.env["survey.user_input"].search([("sig_recipient_id", "in", recipients.ids)], order="id")
        rows = []
        for line in sheets.user_input_line_ids:
            text = "" if line.skipped else line._sig_get_text()
            wave = line.sig_recipient_id.wave_id.name
            rows.append((wave, self._format(line, "create_date"), line.question_id.title, text))
        headings = [self.env._("Survey"), self.env._("Date"), self.env._("Question"), self.env._("Answer")]
        return asked._replace(members=members), Section("surveys", self.env._("Surveys"), headings, rows)

    def _get_headings(self, records, names):
        return [records._fields[name]._description_string(self.env) for name in names]
