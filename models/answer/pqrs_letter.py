import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from .response_template import get_blanks, get_html_blanks

_logger = logging.getLogger(__name__)

#: what a template of an answer may ask of the case
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
    """The letter: the data that templates fill in, its texts, and the file that is stored as it was sent."""

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
            case.letter_addressee = case.partner_name  # what it fills in is read by the processes too
            case.letter_received_on = case.date_received and in_words(case._get_received_on())
            case.letter_incident_on = in_words(case.incident_date)
            company = case.company_id.sudo()
            case.letter_contact = ", ".join(filter(None, [company._sig_get_contact_email(), company.phone]))
            authority = case.type_id.recourse_authority
            case.letter_recourse = authority and self.env._("You may also go to the %s.", authority)

    @api.depends("assignment_ids.attachment_ids", "assignment_ids.state", "assignment_ids.active")
    @api.depends_context("uid")
    def _compute_response_annex_ids(self):
        for case in self:
            annexes = case.sudo()._get_letter_annexes().sudo(False)
            case.response_annex_ids = annexes.with_env(self.env)._filtered_access("read")

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Those of core reach the contact itself: a letter needs the addressee alone."""
        return PLACEHOLDERS

    def _get_letter_lang(self):
        """The language in which the petitioner is answered."""
        return self._get_lang()

    # -- Templates --------------------------------------------------------------------------------------------------

    def _propose_part(self, part):
        """The first fitting template of a part, and its text for this case."""
        template = self.env["sig.response.template"]._get_fitting(self, part)[:1]
        return template, template._render_for(self) if template else False

    def _get_proposed_resolution(self):
        """What the requests and the templates of the approved sections say of the merits; False when nothing."""
        found = set(self.request_ids.mapped("resolution")) | set(
            self._get_approved_sections().template_id.mapped("resolution")
        )
        found -= {False, "not_applicable"}
        if not found:
            return False
        return found.pop() if len(found) == 1 else "partially_upheld"

    def _check_no_blanks(self):
        for case in self:
            sections = case._get_approved_sections()
            texts = [case.response_opening, *sections.mapped("response"), case.response_closing]
            blanks = [blank for text in texts for blank in get_html_blanks(text)]
            blanks += [blank for request in case.request_ids for blank in get_blanks(request.answer)]
            if blanks:
                raise UserError(
                    self.env._(
                        "%(case)s: the answer still has places to fill in: %(blank)s", case=case.name, blank=blanks[0]
                    )
                )

    # -- Printing it ------------------------------------------------------------------------------------------------

    def _prepare_letter(self):
        """Render and store the letter; leave it for the job when the PDF engine fails.

        :return: whether the letter is there.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self.letter_date = self._get_delivery_day() or self.company_id._sig_today()
                content, extension = self._render_letter()
                record = self._get_private_record()
                self.letter_id = (
                    self.env["ir.attachment"]
                    .sudo()
                    .create(
                        {
                            "name": f"{self.name}.{extension}",
                            "raw": content,
                            "res_model": record._name,
                            "res_id": record.id,
                        }
                    )
                )
                self.delivery_id.write({"letter_id": self.letter_id.id, "failure": False})
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.warning("The letter of %s could not be rendered: %s", self.name, error)
            self.letter_id = False
            self.delivery_id.failure = self.env._("The letter could not be printed; it will be tried again.")
            self._trigger("sig_pqrs.cron_delivery", clock.now() + timedelta(minutes=5))
            return False
        return True

    def _render_letter(self):
        """The letter as it leaves: content and extension."""
        return self._get_letter_report()._render_qweb_pdf("sig_pqrs.report_response_letter", self.ids)

    def _get_letter_report(self):
        """What prints letters that leave, in the language of the addressee. Any other print says that it is none."""
        return self.env["ir.actions.report"].with_context(lang=self._get_letter_lang(), sig_letter_leaves=True)

    def action_download_letter(self):
        """The letter, to print it and hand it over."""
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
        """The day that the letter bears: a copy that of the letter, a draft today."""
        if self.letter_id or self.date_answered:
            return self.letter_date or self._get_delivery_day() or self.company_id._sig_today()
        return self.company_id._sig_today()

    def _get_delivery_day(self):
        """The day on which the answer was given; False before."""
        return self.date_answered and self.company_id._sig_local_date(self.date_answered)

    def _get_received_on(self):
        return self.company_id._sig_local_date(self.date_received)

    def _get_received_text(self):
        """Local date and hour of receipt, in words."""
        return self.company_id._sig_format_moment(self.date_received)

    def _get_signatory(self):
        """The user who signs the letter. Hook."""
        return self.company_id._sig_get_director()

    def _get_letter_annexes(self):
        """The annexes that go with the letter, in the order of its sections."""
        return self._get_approved_sections().attachment_ids.sudo().sorted("id")

    def _get_letter_copies(self):
        """Who gets a copy of the letter: the service mailbox (procedure 6). Hook."""
        mailbox = self.company_id.sudo().sig_service_email
        return [mailbox] if mailbox else []


class AssignmentLetter(models.Model):
    """The draft of a process: started from a template, complete before it is approved."""

    _inherit = "sig.pqrs.assignment"

    template_id = fields.Many2one(
        "sig.response.template",
        "Template used",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
    )

    def action_apply_template(self, template_id):
        """Start the draft from a template, or add its text to what is written already.

        :param int template_id: a template for sections, shared or of the company.
        """
        self.check_access("write")
        template = self._get_record("sig.response.template", template_id)
        if not template or template.part != "section":
            raise UserError(self.env._("Choose a template for sections."))
        for assignment in self:
            assignment.write(
                {
                    "response": Markup("%s%s")
                    % (Markup(assignment.response or ""), template._render_for(assignment.pqrs_id))
                }
            )
        self.sudo().write({"template_id": template.id})
        return True

    def _check_answered(self):
        """Refuse a draft that says nothing, leaves a request of the client without answer, or a place to fill in.

        From here on its files and pictures count: they are its own, also those of before they were copied when linked.
        """
        self._own_files(("attachment_ids", *self._picture_fields))
        for assignment in self:
            unanswered = assignment.request_ids.filtered(lambda request: not request._is_answered())
            if unanswered:
                raise UserError(
                    self.env._(
                        "%(assignment)s: request %(number)s is not answered: “%(request)s”.",
                        assignment=assignment.display_name,
                        **unanswered[0]._get_label(),
                    )
                )
            if not assignment._is_answered() and not assignment.request_ids:
                raise UserError(
                    self.env._("%s: write the answer before sending it for approval.", assignment.display_name)
                )
            assignment._check_shows_own(assignment.response)
            blanks = get_html_blanks(assignment.response) + [
                blank for request in assignment.request_ids for blank in get_blanks(request.answer)
            ]
            if blanks:
                raise UserError(
                    self.env._(
                        "%(assignment)s: the answer still has places to fill in: %(blank)s",
                        assignment=assignment.display_name,
                        blank=blanks[0],
                    )
                )
