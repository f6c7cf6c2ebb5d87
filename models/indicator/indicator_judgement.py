from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ...tools import charts, comparison, control_chart, periods
from ..charts import FORMATS
from .indicator import VERDICTS
from .indicator_cases import BEHAVIOUR

#: values are displayed with one decimal: smaller differences are none
RESOLUTION = 0.1

#: of several rules, the one that is told
RULES = (control_chart.BEYOND, control_chart.SIDE, control_chart.TREND)


class IndicatorJudgement(models.Model):
    """Signals of control charts. Limits come from the declared baseline of the indicator, else from all measures of
    the same formula; a series too short for limits is a run chart (`docs/indicators.md`).
    """

    _inherit = "sig.indicator.measure"

    signal = fields.Selection(
        [
            ("beyond", "A point beyond the control limits: something out of the ordinary happened in that period."),
            ("side", "Eight or more periods in a row on one side of the centre: the level of the process changed."),
            ("trend", "Six or more periods in a row in one direction: the process is drifting, and it is not chance."),
            ("change", "The difference with the survey before is larger than chance explains."),
        ],
        readonly=True,
    )
    signal_is_bad = fields.Boolean("Unfavourable signal", readonly=True)
    chart = fields.Html(compute="_compute_charts", compute_sudo=True, sanitize=False)
    statistics = fields.Html(compute="_compute_charts", compute_sudo=True, sanitize=False)
    behaviour = fields.Html(compute="_compute_behaviour", compute_sudo=True, sanitize=False)

    def _get_signal(self, series):
        """``(rule or False, is unfavourable)`` of the last point. Hints stand in the statistics alone."""
        if not self.has_data:
            return False, False
        if change := self._get_survey_change():
            return "change", change < 0
        points = self._get_comparable(series)
        chart, is_neutral = self._make_chart(points), self.direction == "neutral"
        ends = {
            signal.rule: signal
            for signal in chart.signals
            if signal.last == len(points) - 1 and not control_chart.is_hint(chart.kind, signal.rule, is_neutral)
        }
        rule = next(filter(ends.get, RULES), False)
        return rule, bool(rule) and not is_neutral and ends[rule].upwards == (self.direction == "lower")

    def _get_survey_change(self):
        """The frozen verdict of the wave, which accounts for clustered answers and changed questions; None where it has
        none, as of several waves in one semester.
        """
        name = VERDICTS.get(self.indicator_id.kind)
        wave = self.env["sig.survey.wave"].browse(self._get_record_ids("all") if name else ()).exists()
        return comparison.SIGNS.get(wave._get_results()[name]["verdict"]) if len(wave) == 1 else None

    def _get_comparable(self, series):
        start = self.indicator_id.baseline_from
        return [other for other in series if other._is_alike(self) and (not start or other.date_from >= start)]

    def _make_chart(self, series):
        until = self.indicator_id.baseline_to
        baseline = sum(1 for measure in series if measure.date_to <= until) if until else None
        if self._is_share(series):
            numerators = [measure.numerator for measure in series]
            denominators = [measure.denominator if measure.has_data else 0 for measure in series]
            return control_chart.p_chart(numerators, denominators, baseline)
        values = [measure.value if measure.has_data else None for measure in series]
        if all(measure.indicator_id.unit == "count" and measure.value == int(measure.value) >= 0 for measure in series):
            return control_chart.c_chart(values, baseline)
        return control_chart.xmr(values, baseline, RESOLUTION)

    @api.model
    def _is_share(self, series):
        """Whether the series counts independent cases: answers of one client to a survey are not."""
        return all(
            measure.indicator_id.unit == "percent"
            and measure.indicator_id.kind not in VERDICTS
            and (not measure.has_data or (measure.denominator and measure.numerator <= measure.denominator))
            for measure in series
        )

    @api.depends("value", "has_data", "target", "has_target", "status", "signal")
    @api.depends_context("lang")
    def _compute_charts(self):
        histories = self._get_histories()
        for measure in self:
            history = histories[measure].filtered(lambda other, measure=measure: other._is_alike(measure))
            values = [other.value if other.has_data else None for other in history]
            measure.chart = measure._draw(charts.trend, values, history)
            measure.statistics = measure._render_statistics(measure._get_comparable(history))

    def _draw(self, draw, values, series, **options):
        digits, unit = FORMATS[self.unit]
        labels, words = [measure._get_label() for measure in series], self.env["sig.charts"]._get_words()
        options.update(unit=unit, digits=digits, target=self._get_goal())
        svg = draw(values, labels, words, self.indicator_id.name, **options)
        return Markup('<div class="o_sig_indicator_chart">%s</div>') % Markup(svg)

    def _render_statistics(self, series):
        chart, until = self._make_chart(series), self.indicator_id.baseline_to
        known = [measure for measure in series if measure.has_data]
        values = {
            "image": self._draw(charts.control, chart, series, factor=100 if self._is_share(series) else 1),
            "chart": chart,
            "until": until,
            "minimum": control_chart.MINIMUM_POINTS,
            "known": len(known),
            "in_baseline": sum(bool(until) and measure.date_to <= until for measure in known),
            "signals": self._explain_signals(chart, series),
        }
        return self.env["ir.qweb"]._render("sig_pqrs.indicator_statistics", values)

    def _get_label(self):
        if self._is_of_semester():
            return f"{self.date_from.year}-{periods.semester_of(self.date_from)}"
        return format_date(self.env, self.date_from, date_format="MMM yy")

    def _explain_signals(self, chart, series):
        rules = self._get_choices("signal")
        lines = [rules["change"]] if self.signal == "change" else []
        for signal in chart.signals:
            first, last = (series[index].period_name for index in (signal.first, signal.last))
            when = first if first == last else self.env._("%(first)s to %(last)s", first=first, last=last)
            line = f"{when}: {rules[signal.rule]}"
            if control_chart.is_hint(chart.kind, signal.rule, self.direction == "neutral"):
                line = self.env._("%s It is a hint, not an alert: stable processes show it too now and then.", line)
            lines.append(line)
        return lines

    @api.depends("value", "has_data")
    @api.depends_context("lang")
    def _compute_behaviour(self):
        for measure in self:
            tables = measure._get_behaviour_rows()
            measure.behaviour = tables and self.env["ir.qweb"]._render("sig_pqrs.behaviour", {"tables": tables})

    def _get_behaviour_rows(self):
        """``[(title of the dimension, [(name, all, on time, share of them)])]``, largest first."""
        tables = []
        detail = self.detail or {}
        for dimension, rows in ((name, detail[name]) for name in BEHAVIOUR if name in detail):
            names = self.env["sig.case.register"]._name_values(dimension, [value for value, _total, _hits in rows])
            named = [
                (names[value], total, hits, self.env["sig.charts"]._write_figure(hits / total * 100, "percent"))
                for value, total, hits in rows
            ]
            title = self.env["sig.pqrs"]._fields[dimension]._description_string(self.env)
            tables += [(title, sorted(named, key=lambda row: (-row[1], row[0])))] if named else []
        return tables
