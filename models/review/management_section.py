from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import charts, comparison, periods
from .. import clock
from ..charts import FORMATS
from ..indicator.indicator import TONES, Figure

#: clause of ISO 9001 that asks for each section
CLAUSES = {
    "decisions": "9.3.2 a",
    "context": "9.3.2 b",
    "satisfaction": "9.3.2 c.1",
    "indicators": "9.3.2 c.2, c.5",
    "pqrs": "9.3.2 c.3",
    "plans": "9.3.2 c.4",
    "dismissed": "9.3.2 c.4",
    "audits": "9.3.2 c.6",
    "providers": "9.3.2 c.7",
    "resources": "9.3.2 d",
    "risks": "9.3.2 e",
    "opportunities": "9.3.2 f",
    "acts": "7.5.3",
}
#: in which order each kind has them
ORDER = {
    "review": (
        "reading", "decisions", "context", "satisfaction", "indicators", "pqrs", "plans", "dismissed",
        "audits", "providers", "resources", "risks", "opportunities",
    ),
    "report": (
        "reading", "pqrs", "indicators", "satisfaction", "plans", "dismissed", "decisions",
        "opportunities", "acts",
    ),
}  # fmt: skip

#: what people write
EDITABLE_FIELDS = frozenset({"name", "sequence", "analysis", "attachment_ids"})

SCREEN_WIDTH, PAPER_WIDTH = 480, 620

#: rows of a table; the others are counted
SHOWN_ROWS = 40


class ManagementSection(models.Model):
    """An input of the review: figures of the system, or text (ISO 9001, 9.3.2).

    A section of another addon is one entry in ``code`` and in `_get_codes`, and for its figures the methods
    ``_get_input_<code>(date_from, date_to)`` and ``_describe_<code>(now, earlier)``, which gets the inputs of the
    period and of the one before, and returns a page: a dict fit for JSON of ``summary`` (text), ``cards`` (of
    `_make_card`), ``notes`` (texts: what is missing in the data), ``foot`` (text at the end), ``charts`` (of
    `_make_bars` and `_make_trend`), ``tables`` (of `_make_table`) and ``has_data``.
    """

    _name = "sig.management.section"
    _description = "Section of a Management Review"
    _inherit = ["sig.files.mixin"]
    _order = "review_id, sequence, id"
    _rec_name = "title"
    _rec_names_search = ["name"]

    review_id = fields.Many2one("sig.management.review", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, precompute=True)
    review_state = fields.Selection(related="review_id.state", string="State of the review")
    sequence = fields.Integer(default=200)
    code = fields.Selection(
        [
            ("reading", "What changed, and why"),
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
    title = fields.Char(compute="_compute_title")
    clause = fields.Char("Clause of ISO 9001", compute="_compute_clause")
    kind = fields.Selection(
        [("system", "By the system"), ("written", "Written by hand")], "Filled in", compute="_compute_clause"
    )
    figures = fields.Json(readonly=True, copy=False, prefetch=False)
    summary = fields.Char("What it says", compute="_compute_summary")
    body = fields.Html("Figures of the period", compute="_compute_body", sanitize=False)
    analysis = fields.Text()
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
        return list(ORDER[kind])

    @api.depends("code", "name")
    @api.depends_context("lang")
    def _compute_title(self):
        labels = self._get_choices("code")
        for section in self:
            section.title = section.name or labels[section.code]

    @api.depends("code")
    def _compute_clause(self):
        for section in self:
            section.clause = CLAUSES.get(section.code)
            section.kind = "system" if hasattr(section, f"_get_input_{section.code}") else "written"

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
            if not self._get_own_names(vals) <= EDITABLE_FIELDS:
                raise UserError(self.env._("Of a section, only its title, analysis and documents are written."))
        return super().write(vals)

    def _check_writable(self):
        self.check_access("read")
        self.review_id._check_writable()
        self.check_access("write")

    @api.model
    def _filter_free_files(self, files):
        """Documents may be replaced until the review is closed."""
        sections = self.sudo().browse(set(files.mapped("res_id"))).exists()
        closed = sections.filtered(lambda section: section.review_state == "closed")
        return files.filtered(lambda file: file.res_id not in closed.ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_other(self):
        if not self.env.su:
            self._check_writable()
            if any(section.code != "other" for section in self):
                raise UserError(self.env._("Sections of ISO 9001 stay: say in words what there is none of."))

    @api.depends("figures")
    def _compute_summary(self):
        for section in self:
            section.summary = section.figures and section.figures["page"]["summary"]

    @api.depends("figures", "code", "review_id.date_from", "review_id.date_to")
    @api.depends_context("lang")
    def _compute_body(self):
        for section in self:
            page = section._get_page()
            section.body = page and self.env["ir.qweb"]._render(
                "sig_pqrs.management_section_page", {"section": section, "page": page, "printed": False}
            )

    def _get_page(self):
        return self.figures["page"] if self.figures else self._make_page()

    def _make_page(self):
        """The figures and texts of the section; None when it is written by hand."""
        section = self.sudo().with_company(self.company_id)
        review = section.review_id
        if self.kind != "system" or not (review.date_from and review.date_to):
            return None
        before, period = section._get_spans()
        now, earlier = (getattr(section, f"_get_input_{self.code}")(*span) for span in (period, before))
        page = {"has_data": True, "summary": "", "cards": [], "notes": [], "charts": [], "tables": []}
        page.update(getattr(section, f"_describe_{self.code}")(now, earlier))
        page["cut"] = f"{self._describe_cut(self.company_id, clock.now(), self._name_period(*period))}."
        return page

    def _get_spans(self):
        """:return: the period before, and that of the review."""
        period = periods.Period(self.review_id.date_from, self.review_id.date_to)
        return periods.previous(period), period

    @api.model
    def _get_period_domain(self, model, fname, date_from, date_to):
        """Records of a model in the company of which a local date, or the local date of a moment, is in a period."""
        is_moment = self.env[model]._fields[fname].type == "datetime"
        if is_moment:
            date_from, date_to = self.env["sig.indicator"]._get_moments(date_from, date_to)
        period = Domain(fname, ">=", date_from) & Domain(fname, "<" if is_moment else "<=", date_to)
        return Domain("company_id", "=", self.env.company.id) & period

    def _was_in_use(self):
        """Whether a case had come by the end of the period before."""
        _start, end = self.env["sig.indicator"]._get_moments(*self._get_spans()[0])
        known = [("company_id", "=", self.env.company.id), ("date_received", "<", end)]
        return bool(self.env["sig.pqrs"].search_count(known, limit=1))

    @api.model
    def _make_card(self, label, value, earlier=None, digits=0, unit="", direction="neutral", **options):
        """
        :param value: None for no data, as ``earlier``.
        :param direction: ``higher``, ``lower`` or ``neutral``: which is better.
        :param options: texts ``detail``, ``target`` and ``missing`` (instead of “no data”); ``status`` of
            `sig.indicator.measure`; ``key`` puts the card on the first page; ``change`` is what a test says (see
            `tools.comparison`).
        """
        status, target, no_data = options.get("status"), options.get("target"), self.env._("no data")
        lights = self.env["sig.indicator.measure"]._get_choices("status")
        light = [lights.get(status), target and self.env._("goal %s", target)]
        return {
            "label": label,
            "value": self._format(value, digits, unit) if value is not None else options.get("missing") or no_data,
            "detail": options.get("detail") or "",
            "light": " · ".join(filter(None, light)),
            "tone": TONES.get(status, "muted"),
            "change": self._describe_change(value, earlier, digits, unit, direction, options.get("change")),
            "causes": [],
            "key": bool(options.get("key")),
        }

    def _make_figure_card(self, label, unit, now, earlier, direction="lower", **options):
        """
        :param unit: of `sig.indicator`.
        :param now: a `Figure`, as ``earlier``, which may be None.
        :param options: those of `_make_card`, and ``digits``.
        """
        if earlier and earlier.denominator is None and not (earlier.numerator or self._was_in_use()):
            earlier = None  # there was nothing to count in
        values = [figure.get_value(unit) if figure and figure.has_data() else None for figure in (now, earlier)]
        if None not in values:
            days = [(end - start).days + 1 for start, end in self._get_spans()]
            options.setdefault("change", comparison.compare(unit, earlier.get_sums(), now.get_sums(), days))
        digits, sign = FORMATS[unit]
        return self._make_card(label, *values, options.pop("digits", digits), sign, direction, **options)

    def _make_count_card(self, label, now, earlier, direction="lower", **options):
        """Of events of the period and of the one before."""
        return self._make_figure_card(label, "count", Figure(now, None), Figure(earlier, None), direction, **options)

    @api.model
    def _describe_change(self, value, earlier, digits, unit, direction, change):
        if value is None or earlier is None:
            return None
        before = self._format(earlier, digits, unit)
        if not change:
            text = self.env._("before: %s", before)
            if change is not None:
                text = self.env._("no detectable change; before: %s", before)
            return {"verdict": "same", "tone": "muted", "sign": "", "text": text}
        sign, is_up = ("▲", True) if change > 0 else ("▼", False)
        if direction == "neutral":
            verdict, tone = "moved", "muted"
            text = self.env._("more; before: %s", before) if is_up else self.env._("less; before: %s", before)
        elif is_up == (direction == "higher"):
            verdict, tone, text = "better", "success", self.env._("better; before: %s", before)
        else:
            verdict, tone, text = "worse", "danger", self.env._("worse; before: %s", before)
        return {"verdict": verdict, "tone": tone, "sign": sign, "text": text}

    @api.model
    def _format(self, value, digits=1, unit=""):
        return self.env["sig.charts"]._format(value, digits, unit)

    @api.model
    def _make_table(self, title, columns, items, total=None):
        """
        :param columns: ``{label: key of each item, or function of it}``; labels of wide columns end in ``*``.
        :param items: the first `SHOWN_ROWS` are shown.
        :param int total: number of all items, when not all are given.
        """
        shown = items[:SHOWN_ROWS]
        left_out = max(total or 0, len(items)) - len(shown)
        return {
            "title": title,
            "columns": [{"label": text.rstrip("*"), "wide": text.endswith("*")} for text in columns],
            "rows": [[str(get(item) if callable(get) else item[get]) for get in columns.values()] for item in shown],
            "more": self.env._("And %s more, which the software lists.", left_out) if left_out > 0 else "",
        }

    @api.model
    def _make_bars(self, title, rows, unit="", digits=0, top=None):
        """``rows`` are ``[label, value or None, note]``; ``top`` ends the axis, else the largest value does."""
        return {"kind": "bars", "title": title, "rows": rows, "unit": unit, "digits": digits, "top": top}

    @api.model
    def _make_trend(self, title, labels, values, unit="", digits=0, target=None):
        options = {"unit": unit, "digits": digits, "target": target}
        return {"kind": "trend", "title": title, "labels": labels, "values": values, **options}

    @api.model
    def _draw(self, chart, printed=False):
        """The drawing of a chart of `_make_trend`."""
        words, title = self.env["sig.charts"]._get_words(), chart["title"]
        options = {name: chart[name] for name in ("unit", "digits", "target")}
        options.update(width=PAPER_WIDTH if printed else SCREEN_WIDTH, height=150)
        return Markup(charts.trend(chart["values"], chart["labels"], words, title, **options))
