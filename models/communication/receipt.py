from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

from ..failure import attempt

REPORT = "sig_pqrs.report_receipt_petitioner"


class Receipt(models.AbstractModel):
    """Texts of the receipt, which is also the "constancia" (Ley 1755 de 2015, art. 15; Decreto 1166 de 2016).

    There are two: the petitioner's (``own``) says who asks, and the tracking code; that of the file has neither the
    code nor what its reader may not know.
    """

    _name = "sig.receipt"
    _description = "Receipt of a PQRS"

    def _render(self, case):
        """Content and extension of the petitioner's copy, in the language of the case's environment.

        The caller has proven that the case is theirs.

        :raises UserError: when it cannot be printed now.
        """
        report = case.env["ir.actions.report"].with_user(SUPERUSER_ID)
        message = "The receipt of a PQRS could not be printed"
        if printed := attempt(self.env.cr, lambda: report._render_qweb_pdf(REPORT, case.ids), message):
            return printed
        text = self.env._("The receipt cannot be printed right now. Your request is filed and nothing is lost.")
        raise UserError(text)

    def _get_recorded_text(self, case):
        """Local date and hour of recording; empty when it was recorded as it was received."""
        is_later = (case.date_recorded - case.date_received).total_seconds() >= 60
        return case.company_id._sig_format_moment(case.date_recorded) if is_later else ""

    def _get_receiver_name(self, case):
        act = case.sudo().act_ids.filtered(lambda act: act.number == 1)
        return act.by_name if act.user_id._sig_filter_people() else ""

    def _get_person(self, case, own):
        """``[(label, value)]`` of the petitioner."""
        if case.anonymous:
            return [(self.env._("Who asks"), self.env._("Anonymous: no identity is kept"))]
        contact = case._get_contact()
        document = "" if self.env.context.get("sig_without_identity") else case.identity_document
        if own:
            holder = case.sudo()._get_private_record()
            kinds = case._get_choices("document_type")
            document = " ".join(filter(None, [kinds.get(holder.document_type), holder.document_number]))
        capacities = case._get_choices("capacity")
        rows = [
            (self.env._("Who asks"), contact.name),
            (self.env._("Identity document"), document),
            (self.env._("Acting as"), capacities.get(case.capacity)),
            (self.env._("Client"), case.client_id.name if case.client_id.name != contact.name else ""),
            (self.env._("Email"), contact.email),
            (self.env._("Phone"), contact.phone),
            (self.env._("Address"), ", ".join(contact.address)),
        ]
        return [(label, value) for label, value in rows if value]

    def _get_annexes(self, case, own):
        """Names of the annexes; those kept with a reserved identity on the petitioner's copy alone."""
        return self.env["sig.client.view"]._get_annexes(case.sudo(), own).mapped("name")
