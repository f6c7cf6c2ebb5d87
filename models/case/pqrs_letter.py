import re
from contextlib import contextmanager

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from .response_template import get_blanks, get_html_blanks

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
    "object.company_id.name",
    "object.company_id.phone",
    "object.company_id.email",
    "object.company_id.website",
    "object.company_id.city",
    "object.company_id.sig_service_email",
)

#: how a pasted line is numbered or marked: "1." "2)" "(a)" "-" "•"
_MARK = re.compile(r"^\s*(?:[-*•–—]|\(?(?:\d{1,2}|[a-zA-Z])[.):]-?)\s+")

MAX_REQUESTS = 100


class PqrsLetter(models.Model):
    """What the letter is made of: the data that templates fill in, and the requests answered one by one."""

    _inherit = "sig.pqrs"

    request_ids = fields.One2many("sig.pqrs.request", "pqrs_id", "Separate requests", copy=False)
    response_annex_ids = fields.Many2many(
        "ir.attachment", string="Annexes of the answer", compute="_compute_response_annex_ids"
    )
    letter_addressee = fields.Char("Addressee of the letter", compute="_compute_letter_data")
    letter_received_on = fields.Char("Date of receipt, in words", compute="_compute_letter_data")
    letter_contact = fields.Char("How to reach the company", compute="_compute_letter_data")
    letter_incident_on = fields.Char("Date of the facts, in words", compute="_compute_letter_data")

    @api.depends("partner_name", "date_received", "incident_date", "company_id")
    @api.depends_context("lang")
    def _compute_letter_data(self):
        def in_words(day):
            return day and tools.format_date(self.env, day, date_format="long")

        for case in self:
            case.letter_addressee = case.partner_name  # what it fills in is read by the processes too
            case.letter_received_on = case.date_received and in_words(case._get_received_on())
            case.letter_incident_on = in_words(case.incident_date)
            company = case.company_id.sudo()
            case.letter_contact = ", ".join(filter(None, [company.sig_service_email or company.email, company.phone]))

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
        return self._get_contact().lang or self.company_id._sig_lang() or self.env.lang

    # -- Requests ---------------------------------------------------------------------------------------------------

    def action_add_requests(self, text):
        """List what the petitioner asks for, one request a line; marks and numbers at its beginning are dropped.

        They go to the process of the case when there is one alone.

        :param str text: one request a line.
        :return: ids of the requests.
        """
        self._check_transition("add_requests")
        lines = [
            _MARK.sub("", line).strip()
            for line in self._require_text(text, self.env._("Write what is asked.")).splitlines()
        ]
        lines = [line for line in lines if line]
        if len(lines) > MAX_REQUESTS:
            raise UserError(self.env._("At most %s requests at once.", MAX_REQUESTS))
        vals_list = []
        for case in self.sudo():
            last = max(case.request_ids.mapped("sequence"), default=0)
            assignments = case._get_standing_assignments()
            vals_list += [
                {
                    "pqrs_id": case.id,
                    "sequence": last + number,
                    "name": line,
                    "assignment_id": assignments.id if len(assignments) == 1 else False,
                }
                for number, line in enumerate(lines, 1)
            ]
        return self.env["sig.pqrs.request"].create(vals_list).ids

    def _get_requests_faults(self):
        """Why the requests keep the answer from leaving, in sentences."""
        standing = self._get_standing_assignments()
        for request in self.request_ids:
            if request.assignment_id not in standing:
                yield self.env._("Request %(number)s has no process: “%(request)s”.", **request._get_label())
            elif not request._is_answered():
                yield self.env._(
                    "Request %(number)s is not answered by %(process)s: “%(request)s”.",
                    process=request.assignment_id.process_id.name,
                    **request._get_label(),
                )

    def _render_requests(self):
        """What was asked and what is answered, one by one, of the processes that have approved."""
        requests = self.request_ids.filtered(lambda request: request.assignment_id in self._get_approved_sections())
        if not requests:
            return False
        lang = self._get_letter_lang()
        return (
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render("sig_pqrs.response_requests", {"requests": requests.sorted().with_context(lang=lang)})
        )

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


class AssignmentLetter(models.Model):
    """The draft of a process: started from a template, with the requests it owns."""

    _inherit = "sig.pqrs.assignment"

    template_id = fields.Many2one(
        "sig.response.template",
        "Template used",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
    )
    request_ids = fields.One2many("sig.pqrs.request", "assignment_id", "Requests to answer")

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
        """Refuse a draft that says nothing, leaves a request of the client without answer, or a place to fill in."""
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

    def _get_approved_digests(self):
        """``{assignment: digest}`` of what is approved now."""
        return {
            assignment: assignment._compute_digest() for assignment in self.sudo() if assignment.state == "approved"
        }

    @contextmanager
    def _following_changes(self):
        """Void the approvals of those whose answer, with all its parts, is no longer what was approved."""
        before = self._get_approved_digests()
        yield
        self._void_changed_approvals(before)

    def _void_changed_approvals(self, before):
        """Void the approvals of the texts that are no longer those of ``before``."""
        self.browse(
            assignment.id
            for assignment, digest in before.items()
            if assignment.state == "approved" and assignment._compute_digest() != digest
        )._void_approval()

    def _take_requests(self):
        """Give the requests that nobody owns to the process of their case, where it is alone."""
        for assignment in self.sudo():
            case = assignment.pqrs_id
            if case._get_standing_assignments() == assignment:
                case.request_ids.filtered(lambda request: not request.assignment_id).write(
                    {"assignment_id": assignment.id}
                )

    def _release_requests(self):
        """The requests of a process that no longer has the case wait for the SIG, with what was answered."""
        requests = self.sudo().request_ids
        requests.write({"assignment_id": False})
        requests.pqrs_id._message_log_batch(
            {
                case.id: self.env._(
                    "Requests without a process: %s", ", ".join(str(request.number) for request in theirs.sorted())
                )
                for case, theirs in requests.grouped("pqrs_id").items()
            }
        )
