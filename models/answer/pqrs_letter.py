import logging
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from .response_template import get_html_blanks

_logger = logging.getLogger(__name__)

#: fields of the case that templates of answers may print
PLACEHOLDERS = (
    "object.name",
    "object.subject",
    "object.site",
    "object.city",
    "object.client_id.name",
    "object.type_id.name",
    "object.type_id.legal_basis",
    "object.reason_id.name",
    "object.letter_addressee",
    "object.letter_received_on",
    "object.letter_incident_on",
    "object.letter_contact",
    "object.letter_recourse",
    "object.company_id.name",
    "object.company_id.phone",
    "object.company_id.email",
    "object.company_id.website",
    "object.company_id.city",
    "object.company_id.sig_service_email",
)


class PqrsLetter(models.Model):
    _inherit = "sig.pqrs"

    response_annex_ids = fields.Many2many(
        "ir.attachment", string="Annexes of the answer", compute="_compute_response_annex_ids"
    )
    letter_addressee = fields.Char("Addressee of the letter", compute="_compute_letter_data")
    letter_received_on = fields.Char("Date of receipt, in words", compute="_compute_letter_data")
    letter_contact = fields.Char("How to reach the company", compute="_compute_letter_data")
    letter_recourse = fields.Char("Authority to go to, as a sentence", compute="_compute_letter_data")
    letter_incident_on = fields.Char("Date of the facts, in words", compute="_compute_letter_data")

    @api.depends("partner_name", "date_received", "incident_date", "company_id", "type_id.recourse_authority")
    @api.depends_context("lang")
    def _compute_letter_data(self):
        def in_words(day):
            return day and tools.format_date(self.env, day, date_format="long")

        for case in self:
            case.letter_addressee = case.partner_name  # empty under reserve: processes read drafts
            case.letter_received_on = case.date_received and in_words(case._get_received_on())
            case.letter_incident_on = in_words(case.incident_date)
            company = case.company_id.sudo()
            case.letter_contact = ", ".join(filter(None, [company._sig_get_contact_email(), company.phone]))
            authority = case.type_id.recourse_authority
            case.letter_recourse = authority and self.env._("You may also go to the %s.", authority)

    @api.depends("assignment_ids.attachment_ids", "assignment_ids.state", "assignment_ids.is_current")
    @api.depends_context("uid")
    def _compute_response_annex_ids(self):
        for case in self:
            annexes = case.sudo()._get_letter_annexes().sudo(False)
            case.response_annex_ids = annexes.with_env(self.env)._filtered_access("read")

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Fewer than core's, which reach the whole contact."""
        return PLACEHOLDERS

    # -- Templates --------------------------------------------------------------------------------------------------

    def _propose_part(self, part):
        template = self.env["sig.response.template"]._get_fitting(self, part)[:1]
        return template, template._render_for(self) if template else False

    def _get_proposed_resolution(self):
        """Resolution given by the requests and by the templates of the approved sections; False when none is."""
        sections = self._get_approved_sections()
        found = {*sections.request_ids.mapped("resolution"), *sections.template_id.mapped("resolution")}
        found -= {False, "not_applicable"}
        if not found:
            return False
        return found.pop() if len(found) == 1 else "partially_upheld"

    def _check_no_blanks(self):
        blanks = get_html_blanks(self.response_opening) + get_html_blanks(self.response_closing)
        if blanks:
            raise UserError(
                self.env._(
                    "%(case)s: the answer still has places to fill in: %(blank)s", case=self.name, blank=blanks[0]
                )
            )

    # -- Printing ---------------------------------------------------------------------------------------------------

    def _prepare_letter(self):
        """Render and store the letter, or leave it to the job when the PDF engine fails.

        :return: whether the letter was stored.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self.letter_date = self._get_answer_day()
                content, extension = self._render_letter()
                record = self._get_private_record()
                values = {"name": f"{self.name}.{extension}", "raw": content}
                values |= {"res_model": record._name, "res_id": record.id}
                self.letter_id = self.env["ir.attachment"].sudo().create(values)
                self.delivery_id.write({"letter_id": self.letter_id.id, "failure": False})
                self.answer_id.filtered(lambda answer: answer.state == "sent").letter_id = self.letter_id
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.warning("The letter of %s could not be rendered: %s", self.name, error)
            self.letter_id = False
            self.delivery_id.failure = self.env._("The letter could not be printed; it will be tried again.")
            self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_delivery", clock.now() + timedelta(minutes=5))
            return False
        return True

    def _render_letter(self):
        return self._get_letter_report()._render_qweb_pdf("sig_pqrs.report_response_letter", self.ids)

    def _get_letter_report(self):
        """The report in the language of the addressee, without the mark of drafts and copies."""
        return self.env["ir.actions.report"].with_context(lang=self._get_lang(), sig_letter_leaves=True)

    def action_download_letter(self):
        self.ensure_one()
        self.check_access("read")
        if not self.letter_id:
            raise UserError(self.env._("The letter could not be printed; it will be tried again."))
        self.letter_id.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.letter_id.id}?download=true",
            "target": "self",
        }

    def _get_letter_date(self):
        """Date printed on the letter: that of the stored letter, or today on a draft."""
        stored = (self.letter_id or self.date_answered) and self.letter_date
        return stored or self._get_answer_day()

    def _get_answer_day(self):
        company = self.company_id
        return company._sig_local_date(self.date_answered) if self.date_answered else company._sig_today()

    def _get_received_on(self):
        return self.company_id._sig_local_date(self.date_received)

    def _get_received_text(self):
        return self.company_id._sig_format_moment(self.date_received)

    def _get_letter_annexes(self):
        return self._get_approved_sections().attachment_ids.sudo().sorted("id")
