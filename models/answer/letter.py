import logging
from datetime import timedelta

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock

_logger = logging.getLogger(__name__)

REPORT = "sig_pqrs.report_response_letter"


class Letter(models.AbstractModel):
    """The letter of an answer: it is stored before the answer leaves, and does not change afterwards."""

    _name = "sig.letter"
    _description = "Letters of Answers"

    def _prepare(self, case):
        """Store the letter, and return whether it was: when the PDF engine fails, it is left to the job."""
        try:
            with self.env.cr.savepoint():
                case.letter_date = self._get_answer_day(case)
                content, extension = self._render(case)
                record = case._get_private_record()
                values = {"name": f"{case.name}.{extension}", "raw": content}
                values |= {"res_model": record._name, "res_id": record.id}
                case.letter_id = self.env["ir.attachment"].sudo().create(values)
                case.delivery_id.write({"letter_id": case.letter_id.id, "failure": False})
                case.answer_id.filtered(lambda answer: answer.state == "sent").letter_id = case.letter_id
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.warning("The letter of %s could not be rendered: %s", case.name, error)
            case.letter_id = False
            case.delivery_id.failure = self.env._("The letter could not be printed; it will be tried again.")
            self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_delivery", clock.now() + timedelta(minutes=5))
            return False
        return True

    def _render(self, case):
        return self._get_report(case)._render_qweb_pdf(REPORT, case.ids)

    def _get_report(self, case):
        """The report in the language of the addressee, without the mark of drafts and copies."""
        return case.env["ir.actions.report"].with_context(lang=case._get_lang(), sig_letter_leaves=True)

    def _get_date(self, case):
        """Date printed on the letter: that of the stored letter, or today on a draft."""
        return ((case.letter_id or case.date_answered) and case.letter_date) or self._get_answer_day(case)

    def _get_answer_day(self, case):
        company = case.company_id
        return company._sig_local_date(case.date_answered) if case.date_answered else company._sig_today()
