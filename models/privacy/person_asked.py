from odoo import api, models
from odoo.exceptions import UserError


class PersonAsked(models.AbstractModel):
    """Who asks for what is held on a person, and whether it is theirs.

    Ley 1581 de 2012, arts. 13 and 15: it is given to the holder, who acts for them or inherits, with identity checked.
    """

    _inherit = "sig.person.data"

    @api.model
    def _is_petitioner(self, person, request):
        """Whether all by which the person is found is of who asks in a case, as the SIG knows them.

        One of their own besides somebody else's is not enough: whatever is found by either is handed over.
        """
        contact = request._get_contact()
        mailboxes = {contact.mailbox, contact.partner.email_normalized}
        return (
            person.partner <= contact.partner
            and {*person.emails} <= mailboxes
            and {*person.numbers} <= {contact.document_key}
        )

    @api.model
    def _has_another_document(self, cases, request):
        """Whether a case was asked with another document: who asks may have typed an address that is not theirs."""
        contact = request._get_contact()
        cases = cases.sudo()
        petitioners = [*cases.filtered(lambda case: not case.identity_reserved), *cases.identity_ids]
        return any(
            petitioner.document_key and petitioner.document_key != contact.document_key
            for petitioner in petitioners
            if not petitioner.partner_id or petitioner.partner_id != contact.partner
        )

    @api.model
    def _check_asked(self, company, person, cases, request, reason):
        """Refuse what was asked by nobody who may.

        :param Person person: of whom the data are.
        :param cases: of the person, that are meant.
        :param request: the query or claim that asks; empty when it came otherwise.
        :param str reason: without a query, why, and how the identity was checked. With that of somebody else, why they
            act for the person.
        :return: whether the query is of somebody else, so that the reason belongs into its act.
        """
        cases.check_access("read")
        if cases - self._find_cases(company, person):
            raise UserError(self.env._("Choose among the cases of the person."))
        if not request:
            if not reason:
                raise UserError(self.env._("Write why, and how the identity was checked."))
            return False
        self._check_request(request)
        if request.company_id != company:
            raise UserError(self.env._("%(case)s is of another company.", case=request.name))
        of_another = not self._is_petitioner(person, request) or self._has_another_document(cases, request)
        if of_another and not reason:
            raise UserError(
                self.env._(
                    "These are not only data of who asks in %s. Keep to their own, or write why they act for somebody "
                    "else (parent, heir, attorney): it goes into the act (Ley 1581 de 2012, art. 13).",
                    request.name,
                )
            )
        return of_another

    @api.model
    def _check_request(self, request):
        request.check_access("read")
        if not request.type_id.personal_data:
            raise UserError(self.env._("%s is no query about personal data.", request.name))
        if not request.identity_checked:
            raise UserError(self.env._("Check the identity of who asks in %s first (Ley 1581 de 2012).", request.name))

    @api.model
    def _mask(self, person):
        """Who it is, for whoever knows already."""
        Log = self.env["privacy.log"]
        parts = [Log._anonymize_name(person.partner.name or "")] if person.partner else []
        parts += [Log._anonymize_email(email) for email in person.emails]
        parts += [f"…{number[-4:]}" for number in person.numbers]
        return " · ".join(filter(None, parts))
