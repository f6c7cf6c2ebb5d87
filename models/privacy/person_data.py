from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from odoo import api, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools import clean_text, evidence
from ...tools.report_workbook import Field

#: parts of the files of a case that are of the person: what they sent, what they were sent, and the proof of it
PARTS = ("annexes", "answer", "delivery", "messages", "identity")

#: fields that core's look-up compares with the email; it also finds what holds more than the email
EMAIL_FIELDS = ("email_normalized", "email", "email_from", "company_email", "login")


class Person(NamedTuple):
    """By what a person is found."""

    partner: models.BaseModel  # res.partner, or none
    emails: list[str]  # normalized
    numbers: list[str]  # of the identity document: its key, or none


class Section(NamedTuple):
    """A table of what is held: a sheet of the workbook, and an object of the JSON.

    ``members`` are paths in the ZIP, and the attachments that go there.
    """

    code: str
    title: str
    fields: tuple[Field, ...]
    rows: list[tuple]
    members: Mapping[str, models.BaseModel] = MappingProxyType({})


class PersonData(models.AbstractModel):
    """All that is held on one person: found by the contact, the email and the identity document, never by the name.

    Ley 1581 de 2012, arts. 8 and 14. Whoever asked anonymously is found by nothing, because nothing is stored. What
    others wrote for themselves (drafts, instructions, internal notes) is no data of the person.
    """

    _name = "sig.person.data"
    _description = "What Is Held on One Person"

    # -- Whose it is ------------------------------------------------------------------------------------------------

    @api.model
    def _check_is_sig(self):
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG looks up what is held on a person."))

    @api.model
    def _get_person(self, partner, email, document_number):
        """
        :rtype: Person
        :raises UserError: when nothing says who it is.
        """
        emails = {tools.email_normalize(text) for text in (email, partner.email) if text} - {False}
        number = clean_text.document_key(document_number or "")
        if not partner and not emails and not number:
            raise UserError(self.env._("Say who it is: a contact, a valid email or the number of the document."))
        return Person(partner, sorted(emails), [number] if number else [])

    @api.model
    def _find_cases(self, company, person):
        """The cases of the person in a company that the user may read; those under reserve by their identity."""
        self._check_is_sig()
        if company - self.env.companies:
            raise AccessError(self.env._("You do not work in that company."))
        of_company = Domain("company_id", "=", company.id)
        theirs = self.env["sig.petitioner.mixin"]._get_petitioner_domain(*person)
        identities = self.env["sig.pqrs.identity"].search(of_company & theirs)
        theirs |= Domain("id", "in", identities.pqrs_id.ids)
        return self.env["sig.pqrs"].search(of_company & theirs, order="date_received, id")

    @api.model
    def _find_answers(self, company, person):
        """Answers to surveys of the company that the person gave, as superuser."""
        of_company = Domain("sig_recipient_id.company_id", "=", company.id)
        by_contact = Domain("partner_id", "in", person.partner.ids)
        by_contact |= Domain("sig_recipient_id.contact_id", "in", person.partner.ids)
        by_email = Domain.OR(
            Domain(name, "ilike", tools.escape_psql(email))
            for name in ("email", "sig_recipient_id.email")
            for email in person.emails
        )
        answers = self.env["survey.user_input"].sudo()
        alike = answers.search(of_company & by_email).filtered(
            lambda answer: (
                {*tools.email_normalize_all(f"{answer.email or ''},{answer.sig_recipient_id.email or ''}")}
                & {*person.emails}
            )
        )
        return (answers.search(of_company & by_contact) | alike).sorted("id")

    @api.model
    def _find_consents(self, company, person, cases):
        domain = Domain("pqrs_id", "in", cases.ids) | Domain("partner_id", "in", person.partner.ids)
        return self.env["sig.privacy.consent"].search(Domain("company_id", "=", company.id) & domain, order="id")

    @api.model
    def _find_references(self, person):
        """``{model: number of records}`` that Odoo's own look-up finds besides ours, of those the user may read."""
        found = {}
        for email in person.emails:
            # Not by the name: a namesake is somebody else.
            lookup = self.env["privacy.lookup.wizard"].sudo().create({"name": email, "email": email})
            self.env.flush_all()
            for model_id, id_, _active in self.env.execute_query(lookup._get_query()):
                found.setdefault(model_id, set()).add(id_)
            lookup.unlink()
        counts = {}
        for model in self.env["ir.model"].sudo().browse(found):
            name = model.model
            if name in self.env and not name.startswith(("sig.", "mail.", "privacy.", "rating.", "survey.")):
                records = self._drop_others(self.env[name].browse(found[model.id])._filtered_access("read"), person)
                if name == person.partner._name:
                    records -= person.partner
                if records:
                    counts[model] = len(records)
        return counts

    @api.model
    def _drop_others(self, records, person):
        """Take out those whose address only ends or begins as the person's, as susana@ does for ana@."""
        names = [name for name in EMAIL_FIELDS if name in records._fields and records._fields[name].store]

        def is_of_another(record):
            found = ",".join(record[name].lower() for name in names if record[name])
            return any(email in found for email in person.emails) and not (
                {*tools.email_normalize_all(found)} & {*person.emails}
            )

        return records - records.sudo().filtered(is_of_another)

    # -- What is held -----------------------------------------------------------------------------------------------

    @api.model
    def _collect(self, company, person, cases):
        """The sections that say something.

        :param cases: of `_find_cases`, those that are the person's.
        """
        sections = [
            self._get_contact_section(person.partner),
            self._get_case_section(cases),
            self._get_message_section(cases),
            self._get_notice_section(cases),
            self._get_act_section(cases),
            self._get_file_section(cases),
            self._get_mail_section(cases),
            self._get_consent_section(company, person, cases),
            self._get_survey_section(company, person),
            self._get_reference_section(person),
        ]
        return [section for section in sections if section.rows]

    def _get_contact_section(self, partner):
        rows = []
        if partner:
            contact = partner.sudo()
            names = ("name", "vat", "email", "phone", "street", "street2", "city", "function", "parent_id", "lang")
            rows = [
                (contact._fields[name]._description_string(self.env), self._say(contact, name))
                for name in names
                if contact[name]
            ]
            for user in contact.with_context(active_test=False).user_ids:
                rows.append((self.env._("HERA user") if user.share else self.env._("User"), user.login))
                if user.login_date:
                    rows.append((self.env._("Last entry"), tools.format_datetime(self.env, user.login_date)))
        fields = (Field(self.env._("Data item"), "line", 30), Field(self.env._("What we hold"), width=60))
        return Section("contact", self.env._("Contact"), fields, rows)

    def _get_case_section(self, cases):
        names = (
            "name", "type_id", "state", "date_received", "date_answered", "subject", "description", "remedy", "site",
            "incident_date", "capacity", "rating_value", "rating_reason",
        )  # fmt: skip
        person = ("partner_name", "email_from", "phone", "city", "document_type", "document_number")
        Case = self.env["sig.pqrs"]
        headings = [Case._fields[name]._description_string(self.env) for name in (*names, *person, "response")]
        wide = {"subject", "description", "remedy", "response"}
        fields = tuple(
            Field(heading, width=50 if name in wide else 18)
            for heading, name in zip(headings, (*names, *person, "response"), strict=True)
        )
        rows = []
        for case in cases.sudo():
            holder = case.identity_ids if case.identity_reserved else case
            rows.append(
                (
                    *(self._say(case, name) for name in names),
                    *(self._say(holder, name) for name in person),
                    tools.html2plaintext(case.response or "").strip(),
                )
            )
        return Section("cases", self.env._("PQRS"), fields, rows)

    def _get_message_section(self, cases):
        cases = cases.sudo()
        case_by_holder = {(holder._name, holder.id): case for case in cases for holder in (case, *case.identity_ids)}
        messages = self.env["mail.message"].sudo().search(cases._get_client_message_domain(), order="date, id")
        by_case = messages.grouped(lambda message: case_by_holder[message.model, message.res_id])
        rows = []
        for case in cases:
            for message in by_case.get(case, ()):
                text = tools.html2plaintext(message.body or "").strip()
                rows.append((case.name, self._say(message, "date"), message.author_id.name or message.email_from, text))
        fields = self._get_fields("PQRS", self.env._("Date"), self.env._("Who wrote"), (self.env._("Text"), 80))
        return Section("messages", self.env._("Messages"), fields, rows)

    def _get_notice_section(self, cases):
        notices = self.env["sig.pqrs.notice"].sudo().search([("pqrs_id", "in", cases.ids)], order="pqrs_id, id")
        names = ("pqrs_id", "purpose", "state", "date", "medium", "received_by", "text")
        return self._get_record_section("notices", self.env._("Notices"), notices, names)

    def _get_act_section(self, cases):
        acts = self.env["sig.pqrs.act"].sudo().search([("pqrs_id", "in", cases.ids)], order="pqrs_id, number")
        return self._get_record_section("acts", self.env._("Acts"), acts, ("pqrs_id", "number", "kind", "date"))

    def _get_file_section(self, cases):
        rows, members, taken = [], {}, set()
        labels = cases._get_evidence_labels()
        for case in cases:
            for part, files in case._get_evidence_files().items():
                for file in files if part in PARTS else ():
                    path = ""
                    if file._sig_has_content():
                        path = f"archivos/{evidence.safe_name(case.name)}/{evidence.safe_name(file.name)}"
                        path = evidence.free_path(path, taken)
                        members[path] = file
                    rows.append((case.name, labels[part], file.name, file._sig_sha256(), path))
        fields = self._get_fields(
            "PQRS",
            self.env._("Part"),
            (self.env._("Name of the file"), 40),
            ("SHA-256", 70),
            (self.env._("In the ZIP"), 50),
        )
        return Section("files", self.env._("Files"), fields, rows, members)

    def _get_mail_section(self, cases):
        mails = self.env["sig.pqrs.mail"].sudo().search([("pqrs_id", "in", cases.ids)], order="pqrs_id, date, id")
        names = ("pqrs_id", "direction", "date", "sender", "recipients", "subject")
        section = self._get_record_section("mails", self.env._("Original mails"), mails, names)
        members = {
            f"archivos/{evidence.safe_name(mail.pqrs_id.name)}/correos/{mail._get_original_name()}": file
            for mail, file in mails._get_originals().items()
        }
        return section._replace(members=members)

    def _get_consent_section(self, company, person, cases):
        consents = self._find_consents(company, person, cases).sudo()
        names = ("date", "subject", "decision", "how", "channel", "pqrs_id", "notice_id")
        return self._get_record_section("consents", self.env._("Consents"), consents, names)

    def _get_survey_section(self, company, person):
        rows = []
        for answer in self._find_answers(company, person):
            wave = answer.sig_recipient_id.wave_id.name
            if not answer.user_input_line_ids:
                rows.append((wave, self._say(answer, "create_date"), "", self.env._("(without answer)")))
            for line in answer.user_input_line_ids:
                text = "" if line.skipped else line.display_name or ""
                rows.append((wave, self._say(line, "create_date"), line.question_id.title, text))
        fields = self._get_fields(
            (self.env._("Survey"), 30), self.env._("Date"), (self.env._("Question"), 60), (self.env._("Answer"), 50)
        )
        return Section("surveys", self.env._("Surveys"), fields, rows)

    def _get_reference_section(self, person):
        rows = [(model.name, model.model, count) for model, count in self._find_references(person).items()]
        fields = self._get_fields((self.env._("Kind of record"), 40), (self.env._("Model"), 30), self.env._("Records"))
        return Section("references", self.env._("Elsewhere in Odoo"), fields, sorted(rows))

    def _get_record_section(self, code, title, records, names):
        fields = tuple(
            Field(records._fields[name]._description_string(self.env), width=60 if name in ("text", "subject") else 22)
            for name in names
        )
        return Section(code, title, fields, [tuple(self._say(record, name) for name in names) for record in records])

    # -- How it is said ---------------------------------------------------------------------------------------------

    def _get_fields(self, *headings):
        return tuple(
            Field(heading[0], width=heading[1]) if isinstance(heading, tuple) else Field(heading, width=20)
            for heading in headings
        )

    def _say(self, record, name):
        """The value of a field as text."""
        field, value = record._fields[name], record[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value) or ""
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "datetime" and value:
            return self.env.company._sig_format_moment(value, brief=True)
        if field.type == "date" and value:
            return tools.format_date(self.env, value, date_format="dd/MM/yyyy")
        return str(value) if value or field.type == "integer" else ""
