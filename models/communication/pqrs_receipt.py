import logging

from odoo import SUPERUSER_ID, models, tools
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

ORAL = ("phone", "visit")
MAX_TEXT = 5_000


class PqrsReceipt(models.Model):
    """The receipt of a case, which is also its "constancia" (Ley 1755 de 2015, art. 15; Decreto 1166 de 2016).

    There are two: that of the petitioner says who asks, and the tracking code; that of the file has neither the code
    nor what its reader may not know.
    """

    _inherit = "sig.pqrs"

    def _render_receipt(self):
        """The receipt of the petitioner, in the language of the environment: content, and extension of the file.

        Whoever calls it has proved that the case is theirs.

        :raises UserError: when it cannot be printed now.
        """
        self.ensure_one()
        report = self.env["ir.actions.report"].with_user(SUPERUSER_ID)
        try:
            with self.env.cr.savepoint():
                return report._render_qweb_pdf("sig_pqrs.report_receipt_petitioner", self.ids)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.warning("The receipt of a PQRS could not be printed: %s", error)
            raise UserError(
                self.env._("The receipt cannot be printed right now. Your request is filed and nothing is lost.")
            ) from error

    def _is_oral(self):
        return self.channel in ORAL

    def _get_recorded_text(self):
        """Local date and hour of recording, in words; empty when it was recorded as it was received."""
        if (self.date_recorded - self.date_received).total_seconds() < 60:
            return ""
        return self.company_id._sig_format_moment(self.date_recorded)

    def _get_legal_deadline_text(self):
        """The deadline of the law in words; empty when it is that of the company too."""
        if not self.date_legal or self.date_legal == self.date_deadline:
            return ""
        return tools.format_date(self.env, self.date_legal, date_format="long")

    def _get_receiver_name(self):
        """Who took the petition in; empty when no person did."""
        act = self.sudo().act_ids.filtered(lambda act: act.number == 1)
        return act.by_name if act.user_id._is_internal() and act.user_id.id != SUPERUSER_ID else ""

    def _get_receipt_person(self, own):
        """``[(label, value)]`` of who asks.

        :param bool own: on the copy of the petitioner.
        """
        if self.anonymous:
            return [(self.env._("Who asks"), self.env._("Anonymous: no identity is kept"))]
        contact = self._get_contact()
        self_sudo = self.sudo()
        holder = self_sudo.identity_ids if self.identity_reserved else self_sudo
        capacities = dict(self._fields["capacity"]._description_selection(self.env))
        kinds = dict(self._fields["document_type"]._description_selection(self.env))
        document = self.identity_document
        if own:
            document = " ".join(filter(None, [kinds.get(holder.document_type), holder.document_number]))
        rows = [
            (self.env._("Who asks"), contact.name),
            (self.env._("Identity document"), document),
            (self.env._("Acting as"), capacities.get(self.capacity)),
            (self.env._("Client"), self.client_id.name if self.client_id.name != contact.name else ""),
            (self.env._("Email"), contact.email),
            (self.env._("Phone"), contact.phone),
            (self.env._("Address"), ", ".join(contact.address)),
        ]
        return [(label, value) for label, value in rows if value]

    def _get_receipt_text(self, text):
        """A text of the petition, as much of it as a receipt holds."""
        text = text or ""
        if len(text) <= MAX_TEXT:
            return text
        return f"{text[:MAX_TEXT]}… {self.env._('(it goes on in the file of the case)')}"

    def _get_receipt_annexes(self, own):
        """Names of the annexes; those kept with a reserved identity are named to the petitioner alone."""
        self_sudo = self.sudo()
        return (self_sudo._get_client_annexes() if own else self_sudo.attachment_ids).mapped("name")
