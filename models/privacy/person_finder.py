from typing import NamedTuple

from odoo import models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools import clean_text
from ..channel.pqrs_mail import UNFILED


class Person(NamedTuple):
    partner: models.BaseModel  # res.partner, or none
    emails: list[str]  # normalized
    numbers: list[str]  # of the identity document: its key, or none


class Held(NamedTuple):
    """What is held on a person, or what was chosen of it."""

    cases: models.BaseModel
    recipients: models.BaseModel
    mails: models.BaseModel  # of no case


class PersonFinder(models.AbstractModel):
    """Finds all personal data of one person, for exports and runs, and checks who asks for them.

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
        return Held(cases, self._find_recipients(company, person), self._find_mails(company, person))

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

    def _find_mails(self, company, person):
        """Mails of the person that are of no case."""
        of_person = Domain("company_id", "=", company.id) & Domain("sender", "in", person.emails)
        return self.env["sig.pqrs.mail"].search(UNFILED & of_person, order="date, id")

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

    def _find_consents(self, company, person, cases):
        domain = Domain("pqrs_id", "in", cases.ids) | Domain("partner_id", "in", person.partner.ids)
        return self.env["sig.privacy.consent"].search(Domain("company_id", "=", company.id) & domain, order="id")

    # -- Who asks ---------------------------------------------------------------------------------------------------

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
