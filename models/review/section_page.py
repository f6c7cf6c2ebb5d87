from markupsafe import Markup

from odoo import api, fields, models, tools

from ...tools import bar_charts, charts, periods
from ...tools.bar_charts import Bar
from ..indicator.indicator import TONES

SCREEN_WIDTH = 480
PAPER_WIDTH = 620

#: rows of a table; what is left out is counted, and said
SHOWN_ROWS = 40

#: format of what is frozen: of what a change of it would be told
FORMAT = 1


class ManagementSection(models.Model):
    """What a section shows: figures of its period beside those of the one before, in words, cards, charts and tables.

    A page is a dict fit for JSON, in the language of the environment: ``summary`` (text), ``cards`` (of `_make_card`),
    ``charts`` (of `_make_bars` and `_make_trend`) and ``tables`` (of `_make_table`). ``has_data`` False is said in
    words instead.
    """

    _inherit = "sig.management.section"

    body = fields.Html("Figures of the period", compute="_compute_body", sanitize=False)

    @api.depends("figures", "code", "review_id.date_from", "review_id.date_to")
    @api.depends_context("lang")
    def _compute_body(self):
        for section in self:
            page = section._get_page()
            section.body = page and self.env["ir.qweb"]._render(
                "sig_pqrs.management_section_page", {"section": section, "page": page, "printed": False}
            )

    def _get_page(self):
        """The page of the section: as it was frozen, else of now; None of what is written by hand."""
        self.ensure_one()
        figures = self.figures or self._get_figures()
        return figures and figures["page"]

    def _get_figures(self):
        """``{"format", "period", "before", "now", "earlier", "page"}``; None of what is written by hand.

        ``now`` and ``earlier`` are what ``_get_input_<code>`` gives for the period and for the one before, ``page``
        what ``_tell_<code>(now, earlier)`` makes of them.
        """
        self.ensure_one()
        section = self.sudo().with_company(self.company_id)
        review = section.review_id
        if not section._get_input() or not (review.date_from and review.date_to):
            return None
        period = periods.Period(review.date_from, review.date_to)
        before = periods.previous(period)
        now, earlier = (section._get_input()(*span) for span in (period, before))
        page = {"has_data": True, "summary": "", "cards": [], "charts": [], "tables": []}
        page.update(getattr(section, f"_tell_{section.code}")(now, earlier))
        return {
            "format": FORMAT,
            "period": [day.isoformat() for day in period],
            "before": [day.isoformat() for day in before],
            "now": now,
            "earlier": earlier,
            "page": page,
        }

    # -- Cards ------------------------------------------------------------------------------------------------------

    @api.model
    def _make_card(self, label, value, earlier=None, digits=0, unit="", direction="neutral", **options):
        """One figure.

        :param value: None for no data, as ``earlier``.
        :param direction: ``higher``, ``lower`` or ``neutral``: which is better.
        :param options: ``detail`` text; ``status`` of `sig.indicator.measure`; ``target`` text; ``key`` puts the card
            on the first page; ``repeated`` says that another card tells the same, so that its change is told once.
        """
        statuses = dict(self.env["sig.indicator.measure"]._fields["status"]._description_selection(self.env))
        status = options.get("status")
        light = " · ".join(
            filter(None, [statuses.get(status), options.get("target") and self.env._("target %s", options["target"])])
        )
        return {
            "label": label,
            "value": self._format(value, digits, unit) if value is not None else self.env._("no data"),
            "detail": options.get("detail") or "",
            "light": light,
            "tone": TONES.get(status, "muted"),
            "change": self._tell_change(value, earlier, digits, unit, direction),
            "key": bool(options.get("key")),
            "repeated": bool(options.get("repeated")),
        }

    @api.model
    def _tell_change(self, value, earlier, digits, unit, direction):
        """How a figure compares with that of the period before; None when either has no data."""
        if value is None or earlier is None:
            return None
        told = self._format(earlier, digits, unit)
        difference = tools.float_round(value, digits) - tools.float_round(earlier, digits)
        if tools.float_is_zero(difference, digits + 1):
            return {"verdict": "same", "tone": "muted", "sign": "=", "text": self.env._("as before")}
        sign = "▲" if difference > 0 else "▼"
        text = self.env._("before: %s", told)
        if direction == "neutral":
            return {"verdict": "moved", "tone": "muted", "sign": sign, "text": text}
        better = (difference > 0) == (direction == "higher")
        verdict, tone = ("better", "success") if better else ("worse", "danger")
        words = self.env._("better; before: %s", told) if better else self.env._("worse; before: %s", told)
        return {"verdict": verdict, "tone": tone, "sign": sign, "text": words}

    @api.model
    def _format(self, value, digits=1, unit=""):
        """A number as people read it."""
        return f"{tools.formatLang(self.env, value, digits=digits)}{unit}"

    @api.model
    def _format_day(self, day):
        return tools.format_date(self.env, day, date_format="dd/MM/yyyy") if day else "—"

    # -- Tables and charts ------------------------------------------------------------------------------------------

    @api.model
    def _make_table(self, title, columns, rows, total=None):
        """
        :param columns: texts; those that end in ``*`` are wide, and hold words.
        :param rows: lists of texts, of which the first `SHOWN_ROWS` are shown.
        :param int total: how many there are in all, when not all are given.
        """
        rows = list(rows)
        left_out = max(total or 0, len(rows)) - min(len(rows), SHOWN_ROWS)
        return {
            "title": title,
            "columns": [{"label": text.rstrip("*"), "wide": text.endswith("*")} for text in columns],
            "rows": [[str(cell) for cell in row] for row in rows[:SHOWN_ROWS]],
            "more": self.env._("And %s more, which the software lists.", left_out) if left_out > 0 else "",
        }

    @api.model
    def _make_bars(self, title, rows, unit="", digits=0, top=None):
        """:param rows: ``[label, value or None, note]``. ``top`` is the end of the axis, the largest by default."""
        return {"kind": "bars", "title": title, "rows": rows, "unit": unit, "digits": digits, "top": top}

    @api.model
    def _is_worth_drawing(self, values):
        """Whether a series says more than the number that it is all along."""
        return len({value for value in values if value is not None}) > 1

    @api.model
    def _make_trend(self, title, labels, values, unit="", digits=0, target=None):
        return {
            "kind": "trend",
            "title": title,
            "labels": labels,
            "values": values,
            "unit": unit,
            "digits": digits,
            "target": target,
        }

    @api.model
    def _draw(self, chart, printed=False):
        """The chart as SVG."""
        words = self.env["sig.charts"]._get_words()
        width = PAPER_WIDTH if printed else SCREEN_WIDTH
        options = {"unit": chart["unit"], "digits": chart["digits"], "width": width}
        if chart["kind"] == "trend":
            target = chart["target"]
            return Markup(
                charts.trend(
                    chart["values"], chart["labels"], words, chart["title"], target=target, height=150, **options
                )
            )
        bars = [Bar(label, value, note=note) for label, value, note in chart["rows"]]
        top = chart["top"] or max([value for _label, value, _note in chart["rows"] if value] or [1])
        return Markup(bar_charts.bars(bars, words, chart["title"], scale=(0, top), **options))

    @api.model
    def _share(self, part, whole, factor=100):
        """``part`` of ``whole`` in per cent; None of nothing."""
        return part / whole * factor if whole else None
