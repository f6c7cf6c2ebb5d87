import hashlib
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import frozen
from ..document.document import VERSION_FIELDS

_logger = logging.getLogger(__name__)

#: formats of what is frozen, of a review and of a section
FORMAT, SECTION_FORMAT = 2, 2

#: cards of the first page
SHOWN_CARDS = 6


class ManagementReview(models.Model):
    _inherit = "sig.management.review"

    content = fields.Json(readonly=True, copy=False, prefetch=False)
    content_digest = fields.Char("Digest of the content", readonly=True, copy=False, exportable=False)
    pdf_id = fields.Many2one("ir.attachment", "PDF", readonly=True, copy=False, ondelete="restrict")
    pdf_digest = fields.Char("Digest of the PDF", readonly=True, copy=False, exportable=False)
    is_intact = fields.Boolean("Intact", compute="_compute_is_intact")

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
            localized = review._sig_in_language_of(review.company_id).with_company(review.company_id)
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
