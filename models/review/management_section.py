from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..own_fields import get_own_names

#: sections whose figures the system gives, with the clause of ISO 9001 that asks for them
SYSTEM = {
    "decisions": "9.3.2 a",
    "satisfaction": "9.3.2 c.1",
    "indicators": "9.3.2 c.2, c.5",
    "pqrs": "9.3.2 c.3",
    "plans": "9.3.2 c.4",
    "dismissed": "9.3.2 c.4",
    "opportunities": "9.3.2 f",
    "acts": "7.5.3",
}
#: sections that are written by hand
WRITTEN = {
    "context": "9.3.2 b",
    "audits": "9.3.2 c.6",
    "providers": "9.3.2 c.7",
    "resources": "9.3.2 d",
    "risks": "9.3.2 e",
}
#: in which order each kind has them
ORDER = {
    "review": (
        *("decisions", "context", "satisfaction", "indicators", "pqrs", "plans", "dismissed"),
        *("audits", "providers", "resources", "risks", "opportunities"),
    ),
    "report": ("pqrs", "indicators", "satisfaction", "plans", "dismissed", "decisions", "opportunities", "acts"),
}

#: what people write
EDITABLE_FIELDS = frozenset({"name", "sequence", "analysis", "attachment_ids"})


class ManagementSection(models.Model):
    """One input of a management review: figures that the system gives, or what people write (ISO 9001, 9.3.2).

    A section that another addon brings is one entry in ``code``, one in `_get_codes` and, for its figures, one method
    ``_get_input_<code>(date_from, date_to)``.
    """

    _name = "sig.management.section"
    _description = "Section of a Management Review"
    _inherit = ["sig.readers.mixin", "sig.files.mixin"]
    _order = "review_id, sequence, id"
    _rec_name = "title"
    _check_company_auto = True

    review_id = fields.Many2one("sig.management.review", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, precompute=True)
    review_state = fields.Selection(related="review_id.state", string="State of the review")
    sequence = fields.Integer(default=200)
    code = fields.Selection(
        [
            ("decisions", "Decisions of earlier reviews"),
            ("context", "Changes in external and internal issues"),
            ("satisfaction", "Satisfaction and feedback of clients"),
            ("indicators", "Objectives and indicators"),
            ("pqrs", "Behaviour of PQRS"),
            ("plans", "Nonconformities and corrective actions"),
            ("dismissed", "Findings without a plan, and why"),
            ("audits", "Results of audits"),
            ("providers", "Performance of external providers"),
            ("resources", "Adequacy of resources"),
            ("risks", "Effectiveness of what was done about risks and opportunities"),
            ("opportunities", "Opportunities for improvement"),
            ("acts", "Integrity of the acts"),
            ("other", "Other matters"),
        ],
        required=True,
        readonly=True,
        default="other",
    )
    name = fields.Char("Own title", help="Of other matters, or instead of the usual title.")
    title = fields.Char(compute="_compute_title", search="_search_title")
    clause = fields.Char(
        "Clause of ISO 9001", compute="_compute_clause", help="The input of the standard that it answers to."
    )
    kind = fields.Selection(
        [("system", "By the system"), ("written", "Written by hand")], "Filled in", compute="_compute_clause"
    )
    figures = fields.Json(readonly=True, copy=False, prefetch=False, help="As they were when the review was closed.")
    analysis = fields.Text(help="What it means, and what is proposed.")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "sig_management_section_attachment_rel",
        string="Attached documents",
        copy=False,
        bypass_search_access=True,
    )

    _code_unique = models.UniqueIndex("(review_id, code) WHERE code != 'other'", "The review has that section already.")

    @api.model
    def _get_codes(self, kind):
        """Codes of the sections of a kind of review, in order."""
        return list(ORDER[kind])

    @api.depends("code", "name")
    @api.depends_context("lang")
    def _compute_title(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for section in self:
            section.title = section.name or labels[section.code]

    def _search_title(self, operator, value):
        """By their own title, or else by that of what they are about, in the language of who searches."""
        if operator not in ("in", "ilike"):
            return NotImplemented
        labels = dict(self._fields["code"]._description_selection(self.env))
        is_alike = operator == "ilike"
        codes = [
            code
            for code, label in labels.items()
            if (value.lower() in label.lower() if is_alike else label in value)
        ]
        unnamed = Domain("name", "in", (False, ""))
        return (~unnamed & Domain("name", operator, value)) | (unnamed & Domain("code", "in", codes))

    @api.depends("code")
    def _compute_clause(self):
        for section in self:
            section.clause = SYSTEM.get(section.code) or WRITTEN.get(section.code, False)
            section.kind = "system" if section._get_input() else "written"

    def _get_input(self):
        """The method that gives its figures, None for what is written by hand."""
        return getattr(self, f"_get_input_{self.code}", None)

    # -- Guards -----------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        sections = super().create(vals_list)
        if not self.env.su:
            sections._check_writable()
            if any(section.code != "other" for section in sections):
                raise UserError(self.env._("Sections of ISO 9001 come with the review: add other matters."))
            if any(section.figures for section in sections):
                raise UserError(self.env._("The figures of a section are calculated, never written."))
        return sections

    def write(self, vals):
        if not self.env.su:
            self._check_writable()
            if not get_own_names(self, vals) <= EDITABLE_FIELDS:
                raise UserError(self.env._("Of a section, only its title, analysis and documents are written."))
        return super().write(vals)

    def _check_writable(self):
        """
        :raises UserError: for those of a review that is closed; AccessError for who does not write reviews.
        """
        self.check_access("read")
        self.review_id._check_writable()
        self.check_access("write")

    @api.model
    def _filter_free_files(self, files):
        """Documents are free until the review is closed."""
        sections = self.sudo().browse(set(files.mapped("res_id"))).exists()
        closed = sections.filtered(lambda section: section.review_state == "closed")
        return files.filtered(lambda file: file.res_id not in closed.ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_other(self):
        if not self.env.su:
            self._check_writable()
            if any(section.code != "other" for section in self):
                raise UserError(self.env._("Sections of ISO 9001 stay: say in words what there is none of."))
