from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain

from ...tools import evidence
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


class Section(NamedTuple):
    """A sheet of the workbook, an object of the JSON. ``members``: ``{path in the ZIP: attachment}``."""

    code: str
    title: str
    headings: list[str]
    rows: list[tuple]
    members: Mapping[str, models.BaseModel] = MappingProxyType({})


class PersonSections(models.AbstractModel):
    """Personal data of one person, as tables. Drafts, instructions and internal notes are not the person's."""

    _inherit = "sig.person.data"

    def _collect(self, company, person, held):
        readable, cases = held.cases, held.cases.sudo()
        of_cases = Domain("pqrs_id", "in", cases.ids)
        Communication, Act = cases.env["sig.pqrs.communication"], cases.env["sig.pqrs.act"]
        contact = person.partner.sudo().with_context(active_test=False)
        consents = self._find_consents(company, person, readable).sudo()
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
