from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ...tools import charts, control_chart, periods
from .indicator import SURVEY_KINDS

#: a period is worse than the one before, so many times in a row
WORSENING = 3

#: of the charts on screens
WIDTH = 760

#: values are told with one decimal: less than that is no difference between them
RESOLUTION = 0.1

UNITS = {"percent": "\u00a0%", "days": "", "count": "", "points": ""}


class IndicatorJudgement(models.Model):
    """What a series tells besides its last value: signals, by the rules of control charts.

    Limits come from the declared baseline of the indicator; without one, from all that was measured. A series that is
    too short for limits is a run chart, and says so. Only figures of one formula make a series.
    """

    _inherit = "sig.indicator.measure"

    signal = fields.Selection(
        [
            ("beyond", "A point beyond the limits"),
            ("side", "Eight in a row on one side"),
            ("trend", "Six in a row in one direction"),
            ("change", "Significant change since the last survey"),
        ],
        readonly=True,
        help="What the rules of the control chart find unusual.",
    )
    signal_is_bad = fields.Boolean("Unfavourable signal", readonly=True)
    chart = fields.Html(compute="_compute_charts", sanitize=False)
    statistics = fields.Html(compute="_compute_charts", sanitize=False)

    def _judge_by(self, histories):
        result = super()._judge_by(histories)
        for measure in self:
            signal = measure._get_signal(histories[measure])
            if (measure.signal or False, measure.signal_is_bad) != signal:
                measure.write({"signal": signal[0], "signal_is_bad": signal[1]})
        return result

    def _get_signal(self, series):
        """``(rule or False, whether it is unfavourable)`` of the last point of a series."""
        if not self.has_data:
            return False, False
        change = self._get_survey_change()
        if change:
            return "change", change < 0
        points = self._get_comparable(series)
        ends = [signal for signal in self._make_chart(points).signals if signal.last == len(points) - 1]
        if not ends:
            return False, False
        last = min(
            ends, key=lambda signal: (control_chart.BEYOND, control_chart.SIDE, control_chart.TREND).index(signal.rule)
        )
        return last.rule, self.direction != "neutral" and last.upwards == (self.direction == "lower")

    def _get_survey_change(self):
        """−1 or 1 when what a survey says fell or rose by more than chance since the one before; else 0.

        It is the verdict of the wave itself, frozen with it: answers of one client resemble each other, and only the
        same questions compare. Of several waves in one semester none speaks for it.
        """
        name = {"survey_satisfaction": "change", "survey_nps": "nps_change"}.get(self.indicator_id.kind)
        wave = self.env["sig.survey.wave"].sudo().browse(self._get_record_ids("all") if name else ()).exists()
        if len(wave) != 1:
            return 0
        return {"improved": 1, "worse": -1}.get(wave._get_results()[name]["verdict"], 0)

    def _get_comparable(self, series):
        """Those of a series that have the formula of this one, from its baseline on."""
        start = self.indicator_id.baseline_from
        return [
            other
            for other in series
            if other.formula_version == self.formula_version and (not start or other.date_from >= start)
        ]

    def _make_chart(self, series):
        """The `control_chart.ControlChart` of a series; shares are 0 to 1 in it where their counts are known."""
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
        """Whether it counts independent cases: the answers of one client to a survey are not."""
        return all(
            measure.indicator_id.unit == "percent"
            and measure.indicator_id.kind not in SURVEY_KINDS
            and (not measure.has_data or (measure.denominator and measure.numerator <= measure.denominator))
            for measure in series
        )

    # -- Shown ------------------------------------------------------------------------------------------------------

    @api.depends("value", "has_data", "target", "has_target", "status", "signal")
    @api.depends_context("lang")
    def _compute_charts(self):
        histories = self.sudo()._get_histories()
        for measure in self:
            history = histories[measure.sudo()]
            measure.chart = measure._draw_trend(history)
            measure.statistics = measure._render_statistics(measure.sudo()._get_comparable(history))

    def _draw_trend(self, series):
        """The chart of the main page: values, target, and no statistics."""
        values = [other.value if other.has_data else None for other in series]
        return self._as_image(charts.trend(values, self._get_labels(series), **self._get_chart_options()))

    def _render_statistics(self, series):
        """The control chart, and what it says."""
        self_sudo = self.sudo()
        chart = self_sudo._make_chart(series)
        factor = 100 if self_sudo._is_share(series) else 1
        svg = charts.control(chart, self._get_labels(series), factor=factor, **self._get_chart_options())
        lines = self._explain_chart(chart, series) + self._explain_signals(chart, series)
        return Markup("%s<ul>%s</ul>") % (
            self._as_image(svg),
            Markup().join(Markup("<li>%s</li>") % line for line in lines),
        )

    def _get_chart_options(self):
        return {
            "words": self.env["sig.charts"]._get_words(),
            "title": self.indicator_id.sudo().name,
            "unit": UNITS[self.unit],
            "width": WIDTH,
            "target": self.target if self.has_target else None,
        }

    @api.model
    def _as_image(self, svg):
        return Markup('<div class="o_sig_indicator_chart">%s</div>') % Markup(svg)

    @api.model
    def _get_labels(self, series):
        return [measure._get_label() for measure in series]

    def _get_label(self):
        """A short name of the period."""
        if self._is_of_semester():
            return f"{self.date_from.year}-{periods.semester_of(self.date_from)}"
        return format_date(self.env, self.date_from, date_format="MMM yy")

    def _get_rules(self):
        """Each rule of control charts, in one sentence."""
        return {
            "beyond": self.env._(
                "A point beyond the control limits: something out of the ordinary happened in that period."
            ),
            "side": self.env._(
                "Eight or more periods in a row on one side of the centre: the level of the process changed."
            ),
            "trend": self.env._(
                "Six or more periods in a row in one direction: the process is drifting, and it is not chance."
            ),
            "change": self.env._("The difference with the survey before is larger than chance explains."),
        }

    def _explain_chart(self, chart, series):
        """What kind of chart it is, and where its limits come from."""
        if chart.kind == "run":
            return [self._explain_run_chart(series)]
        if not self.indicator_id.sudo().baseline_to:
            return [self.env._("No baseline was declared: the limits come from all the periods, and are provisional.")]
        return [
            self.env._("The limits come from the %s periods of the baseline declared in the indicator.", chart.baseline)
        ]

    def _explain_run_chart(self, series):
        """Why there are no limits."""
        until = self.indicator_id.sudo().baseline_to
        known = [measure for measure in series if measure.has_data]
        minimum = control_chart.MINIMUM_POINTS
        if len(known) < minimum:
            return self.env._(
                "There are fewer than %s periods with data: the chart shows the median and no limits, and only "
                "long runs count as signals.",
                minimum,
            )
        if until and sum(measure.date_to <= until for measure in known) < minimum:
            return self.env._(
                "The declared baseline has fewer than %s periods with data: the chart shows the median and no limits, "
                "and only long runs count as signals. Declare a longer baseline.",
                minimum,
            )
        return self.env._(
            "Most of the periods that would make the limits repeat the value before: the chart shows the median and no "
            "limits, and only long runs count as signals."
        )

    def _explain_signals(self, chart, series):
        rules = self._get_rules()
        lines = [rules["change"]] if self.signal == "change" else []
        for signal in chart.signals:
            first, last = (series[index].with_env(self.env).period_name for index in (signal.first, signal.last))
            when = first if first == last else self.env._("%(first)s to %(last)s", first=first, last=last)
            lines.append(f"{when}: {rules[signal.rule]}")
        return lines or [self.env._("There are no signals: the variation is that of chance.")]
