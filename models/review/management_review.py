import hashlib
import logging

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools import frozen, periods
from .. import clock
from ..document.document import VERSION_FIELDS
from ..mixin.transitions import MANAGEMENT, SIG, Transition

_logger = logging.getLogger(__name__)

#: what the SIG sets until it is closed; ``kind`` and ``company_id`` once
PREPARED_FIELDS = frozenset({"name", "date_from", "date_to", "kind", "company_id"})
#: what the SIG and top management write until it is closed
WRITTEN_FIELDS = frozenset(
    {"date", "participants", "act_number", "presented_by_id", "conclusion", "section_ids", "decision_ids"}
)

#: groups that read closed reviews; auditors have temporary access
READER_GROUPS = ("sig_pqrs.group_process_leader", "sig_pqrs.group_top_management")

#: formats of what is frozen, of a review and of a section
FORMAT, SECTION_FORMAT = 2, 2

#: cards of the first page
SHOWN_CARDS = 6


class ManagementReview(models.Model):
    """A management review (ISO 9001, 9.3; procedure 6), or the SIG's report of any period, of the same sections."""

    _name = "sig.management.review"
    _description = "Management Review"
    _inherit = ["sig.transition.mixin", "sig.files.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "date_to desc, id desc"
    _rec_names_search = ["name", "act_number"]
    _mail_post_access = "read"
    _sig_is_proof = "draft"
    _transitions = {
        "hold": Transition({"draft": (SIG, MANAGEMENT)}),
        "close": Transition({"held": (SIG, MANAGEMENT)}),
        "send": Transition(dict.fromkeys(("draft", "held", "closed"), (SIG,)), lambda review: review.kind == "report"),
    }
    _editable_fields = PREPARED_FIELDS | WRITTEN_FIELDS

    name = fields.Char(
        "Title", required=True, compute="_compute_name", store=True, readonly=False, precompute=True, tracking=True
    )
    kind = fields.Selection(
        [("review", "Management review"), ("report", "SIG management report")],
        required=True,
        default="review",
        index=True,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    date_from = fields.Date("From", required=True, default=lambda self: self._get_default_period().start, tracking=True)
    date_to = fields.Date("To", required=True, default=lambda self: self._get_default_period().end, tracking=True)
    date = fields.Date("Held on", copy=False, tracking=True)
    act_number = fields.Char("Act number", copy=False, tracking=True)
    participants = fields.Text(help="One a line: name and position.")
    presented_by_id = fields.Many2one(
        "res.users",
        "Presented by",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        [("draft", "In preparation"), ("held", "Held, to be closed"), ("closed", "Closed for good")],
        default="draft",
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    section_ids = fields.One2many("sig.management.section", "review_id", "Sections", copy=False)
    decision_ids = fields.One2many("sig.management.decision", "review_id", "Decisions", copy=False)
    conclusion = fields.Text(
        copy=False, help="Whether the system is still suitable, adequate and effective (ISO 9001, 9.3.1)."
    )
    missing = fields.Text("Still missing", compute="_compute_missing", help="What the next step cannot do without.")
    date_closed = fields.Datetime("Closed on", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, copy=False)
    content = fields.Json(readonly=True, copy=False, prefetch=False)
    content_digest = fields.Char("Digest of the content", readonly=True, copy=False, exportable=False)
    pdf_id = fields.Many2one("ir.attachment", "PDF", readonly=True, copy=False, ondelete="restrict")
    pdf_digest = fields.Char("Digest of the PDF", readonly=True, copy=False, exportable=False)
    is_intact = fields.Boolean("Intact", compute="_compute_is_intact")

    _dates = models.Constraint("CHECK (date_to >= date_from)", "The period ends before it begins.")
    _length = models.Constraint(
        "CHECK (date_to < date_from + INTERVAL '3 years')", "A review covers three years at most."
    )

    @api.model
    def _get_default_period(self):
        is_report = self.env.context.get("default_kind") == "report"
        return periods.last_complete(self.env.company._sig_today(), "month" if is_report else "semester")

    @api.depends("kind", "date_from", "date_to")
    def _compute_name(self):
        kinds = self._get_choices("kind")
        for review in self:
            start, end = review.date_from, review.date_to
            period = review._name_period(start, end) if start and end and start <= end else ""
            review.name = f"{kinds[review.kind]} – {period}" if period else kinds[review.kind]

    @api.constrains("presented_by_id", "company_id")
    def _check_presenter(self):
        for review in self.sudo():
            review.company_id._sig_check_own(review.presented_by_id)

    def _get_user_roles(self):
        found = super()._get_user_roles()
        if self.env.user.has_group("sig_pqrs.group_top_management"):
            for own in found.values():
                own.add(MANAGEMENT)
        return found

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if message_operation == "create" and not any(self.env.user.has_group(group) for group in READER_GROUPS):
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        reviews._add_sections()
        return reviews

    def _add_sections(self):
        Section = self.env["sig.management.section"].sudo()
        Section.create(
            [
                {"review_id": review.id, "code": code, "sequence": 10 * number}
                for review in self
                for number, code in enumerate(Section._get_codes(review.kind), 1)
                if code not in review.sudo().section_ids.mapped("code")
            ]
        )

    def write(self, vals):
        if not self.env.su and not self._editable_fields.isdisjoint(vals):
            self._check_editable(vals)
        return super().write(vals)

    def _check_editable(self, vals):
        self._check_writable()
        if PREPARED_FIELDS.isdisjoint(vals):
            return
        for review, own in self._get_roles().items():
            if SIG not in own:
                raise AccessError(self.env._("Title and period are set by the SIG."))
            if not {"kind", "company_id"}.isdisjoint(vals):
                raise UserError(self.env._("%s: its kind and its company are not changed.", review.display_name))

    def _check_writable(self):
        self.check_access("read")
        self._lock()
        for review in self:
            if review.state == "closed":
                raise UserError(self.env._("%s was closed: it can no longer be changed.", review.display_name))
        self.check_access("write")

    def _lock(self):
        """Serialise writers: the second one starts again after the first."""
        self.flush_recordset()
        self._lock_rows(SQL("FOR NO KEY UPDATE"))
        self.invalidate_recordset(["state"])

    def _check_transition(self, name):
        self.check_access("read")
        self._lock()
        return super()._check_transition(name)

    @api.depends("state", "kind", "date", "date_to", "participants", "presented_by_id", "conclusion")
    @api.depends_context("lang")
    def _compute_missing(self):
        for review in self:
            wanted = review._get_wanted() if review.date_to else ()
            review.missing = "; ".join(name for value, name in wanted if not value)

    def _get_wanted(self):
        """``[(value, its name)]`` of what the next step cannot do without."""
        today, is_report = self.company_id._sig_today(), self.kind == "report"
        end = tools.format_date(self.env, self.date_to)
        is_over = (self.date_to < today, self.env._("that its period is over (it ends on %s)", end))
        conclusion = (is_report or (self.conclusion or "").strip(), self.env._("the conclusion"))
        to_hold = [
            (self.date, self.env._("the date on which it was held")),
            (not self.date or self.date <= today, self.env._("that this date has come")),
            (is_report or (self.participants or "").strip(), self.env._("the participants")),
            (self.presented_by_id, self.env._("who presented it")),
        ]
        return {"draft": to_hold, "held": [*to_hold, conclusion, is_over]}.get(self.state, [])

    def action_hold(self):
        reviews = self._check_transition("hold")
        for review in reviews:
            review._check_lacks_nothing(review._get_wanted())
        reviews.write({"state": "held"})
        return True

    def action_close(self):
        reviews = self._check_transition("close")
        for review in reviews:
            review._check_lacks_nothing(review._get_wanted())
        reviews._freeze()
        reviews.write({"state": "closed", "date_closed": clock.now(), "closed_by_id": self.env.uid})
        reviews._store_pdf()
        reviews.decision_ids._ask_responsible()
        return True

    @api.depends("content", "content_digest", "pdf_id", "pdf_digest")
    def _compute_is_intact(self):
        for review in self:
            pdf = review.sudo().pdf_id
            review.is_intact = bool(
                review.content
                and frozen.digest(review.content) == review.content_digest
                and (not review.pdf_digest or (pdf and pdf._sig_sha256() == review.pdf_digest))
            )

    def _get_report_usage(self):
        return "management_report" if self.kind == "report" else "management_review"

    def _get_report_page(self):
        self.ensure_one()
        reading = self.section_ids.filtered(lambda section: section.code == "reading")
        pages = {section: section._get_page() for section in self.section_ids - reading}
        known = {section.code: page for section, page in pages.items() if page}
        pages[reading] = reading and reading.with_context(sig_pages=known)._get_page()
        sections = [
            {
                "section": section,
                "title": section.title,
                "clause": section.clause,
                "kind": section.kind,
                "page": pages[section],
                "analysis": (section.analysis or "").strip(),
                "files": section.sudo().attachment_ids.mapped("name"),
            }
            for section in self.section_ids
        ]
        cards = [card for part in sections if part["page"] for card in part["page"]["cards"]]
        return {
            "sections": sections,
            "cards": [card for card in cards if card["key"]][:SHOWN_CARDS],
            "decisions": self.decision_ids,
        }

    def _get_file_name(self):
        return (self.name or "").replace("/", "-")

    def _freeze(self):
        """Store figures and content, in the language of the company."""
        for review in self:
            localized = review.with_context(sig_pages=None)._sig_in_language_of(review.company_id)
            localized = localized.with_company(review.company_id)
            for section in localized.section_ids.sorted(lambda section: section.code == "reading"):
                page = section._make_page()
                section.figures = page and {"format": SECTION_FORMAT, "page": page}
            content = frozen.as_json(localized._get_content())
            localized.write({"content": content, "content_digest": frozen.digest(content)})

    def _get_content(self):
        document = self.env["sig.document"]._get_for(self._get_report_usage(), self.company_id, self.date)
        written = ("name", "kind", "act_number", "participants", "conclusion", "date_from", "date_to", "date")
        return {
            "format": FORMAT,
            "company": self.company_id.name,
            "review": self.read([*written, "presented_by_id"]),
            "document": document.read(sorted(VERSION_FIELDS)),
            "sections": [
                {
                    **section.read(["title", "clause", "analysis", "figures"])[0],
                    "files": [[file.name, file.checksum or ""] for file in section.attachment_ids],
                }
                for section in self.section_ids
            ],
            "decisions": self.decision_ids.read(["name", "kind", "user_id", "date_due"]),
        }

    def _store_pdf(self):
        for review in self:
            try:
                content, kind = review._sig_in_language_of(review.company_id)._render_pdf()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                _logger.exception("The PDF of %s could not be made", review.display_name)
                raise UserError(self.env._("The PDF could not be made, so nothing was changed: %s", error)) from error
            name = f"{review._get_file_name()}.{kind}"
            review.pdf_digest = hashlib.sha256(content).hexdigest()
            review.pdf_id = self.env["ir.attachment"]._sig_create_for(review, name, content)

    def _render_pdf(self):
        """``(bytes, "pdf")``; "html" where core renders no PDF (tests)."""
        self.ensure_one()
        return self.env["ir.actions.report"]._render_qweb_pdf("sig_pqrs.report_management_review", self.ids)

    def action_print(self):
        self.ensure_one()
        self.check_access("read")
        review = self.sudo()
        if review.state == "closed":
            if not review.pdf_id:  # closed where there was no server to print it: demo data
                review._store_pdf()
            url = f"/web/content/{review.pdf_id.id}?download=true"
            return {"type": "ir.actions.act_url", "url": url, "target": "self"}
        return self.env.ref("sig_pqrs.report_management_review_action").report_action(self, config=False)
