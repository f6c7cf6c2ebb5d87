from functools import partial
from typing import Any, NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools import periods
from ..failure import attempt

BASELINE = ("baseline_from", "baseline_to")
#: fields of the formula: a change of kind, unit or direction begins another version, not compared with earlier ones
FORMULA_FIELDS = frozenset({"kind", "unit", "direction"})
PROCESS_FIELDS = frozenset({"by_process", "process_id"})
TARGET_FIELDS = frozenset({"has_target", "target", "alert_target"})

#: what drafts are judged by
JUDGED_BY = TARGET_FIELDS | {"baseline_from", "baseline_to"}

#: how a light shows
TONES = {"met": "success", "near": "warning", "missed": "danger"}

VERDICTS = {"survey_satisfaction": "change", "survey_nps": "nps_change"}  # that waves freeze
SURVEY_KINDS = (*VERDICTS, "survey_response_rate")

#: what is missing or late in the data of each kind
DOUBTS = {
    "on_time": ("no_process", "recorded_late", "discarded", "discarded_late", "unfiled", "reclassified_late"),
    "within_days": ("recorded_late", "discarded"),
    "response_time": ("recorded_late",),
    "answer_satisfaction": ("unrated", "by_staff"),
    "received": ("to_file", "recorded_late", "discarded", "unfiled"),
    "overdue_backlog": ("discarded_late", "reclassified_late"),
    "repetition": ("to_file", "no_reason", "no_client"),
}

#: periods that are measured afterwards at most, when the job did not run or the software is new
CATCH_UP = {"month": 12, "semester": 1}


class Figure(NamedTuple):
    """The result of one measurement.

    :param denominator: 0 is “no data”; None is a count.
    :param record_ids: records behind the figure; ``hit_ids``, those in the numerator of a share.
    :param detail: JSON stored with the measure.
    :param basis: what it rests on beside the data of today, as settings: figures of another one do not compare.
    :param squares: sum of the squares of what ``numerator`` adds up, from which a mean of days has its margin. Without
        it no change of the mean is told.
    """

    numerator: float = 0
    denominator: float | None = 0
    record_ids: tuple[int, ...] | list[int] = ()
    hit_ids: tuple[int, ...] | list[int] = ()
    detail: dict[str, Any] | None = None
    squares: float | None = None
    basis: list[int] | None = None

    def has_data(self):
        return self.denominator is None or self.denominator > 0

    def get_sums(self):
        """One side of a comparison, for `tools.comparison`."""
        return self.numerator, self.denominator, self.squares

    def get_value(self, unit):
        """``percent`` and ``points`` of a hundred, ``days`` a mean, ``count`` as it is."""
        if self.denominator is None:
            return float(self.numerator)
        if not self.denominator:
            return 0.0
        return self.numerator / self.denominator * (100 if unit in ("percent", "points") else 1)


class Indicator(models.Model):
    """A kind that another addon adds is one entry in ``kind`` and one method ``_measure_<kind>(date_from, date_to)``,
    called on the indicators of that kind with the company in the environment. It returns
    ``{indicator: {process id or False: Figure}}``; see `_share`.
    """

    _name = "sig.indicator"
    _description = "Indicator"
    _inherit = ["sig.shared.mixin", "sig.thread.mixin"]
    _order = "sequence, id"
    _rec_names_search = ["name", "code", "qvo_code"]

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, tracking=True)
    qvo_code = fields.Char("Code in QVO", tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    origin_id = fields.Many2one("sig.indicator")
    kind = fields.Selection(
        [
            ("on_time", "Answered on time"),
            ("within_days", "Answered within the days of the policy"),
            ("response_time", "Mean time to answer"),
            ("answer_satisfaction", "Satisfaction with the answer"),
            ("received", "Cases received"),
            ("overdue_backlog", "Overdue at the end of the period"),
            ("repetition", "Repetition"),
            ("survey_satisfaction", "Survey: satisfaction"),
            ("survey_nps", "Survey: NPS"),
            ("survey_response_rate", "Survey: response rate"),
            ("plan_on_time", "Activities of plans done on time"),
            ("manual", "Written by hand"),  # of before 19.0.2.0.0
        ],
        required=True,
        tracking=True,
    )
    unit = fields.Selection(
        [("percent", "%"), ("days", "Business days"), ("count", "Number"), ("points", "Points")],
        required=True,
        default="percent",
        tracking=True,
    )
    frequency = fields.Selection(
        [("month", "Monthly"), ("semester", "Every semester")],
        compute="_compute_frequency",
        store=True,
        precompute=True,
        help="A month is measured on the first business day of the next one; a semester, when its survey closes.",
    )
    direction = fields.Selection(
        [("higher", "Higher is better"), ("lower", "Lower is better"), ("neutral", "Neither")],
        "Sense",
        required=True,
        default="higher",
        tracking=True,
    )
    formula = fields.Text(translate=True)
    formula_version = fields.Integer(
        aggregator=None,
        default=1,
        readonly=True,
        exportable=False,
        help="It rises when what is counted changes: figures of different versions are not compared.",
    )
    has_target = fields.Boolean("Has a target", tracking=True)
    target = fields.Float(aggregator=None, tracking=True)
    alert_target = fields.Float(
        "Alert limit",
        aggregator=None,
        compute="_compute_alert_target",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Between the target and this limit the light is yellow; beyond it, red.",
    )
    target_confirmed = fields.Boolean("Target confirmed", tracking=True, help="By top management.")
    process_id = fields.Many2one(
        "sig.process", "Only of process", check_company=True, index="btree_not_null", tracking=True
    )
    by_process = fields.Boolean("Also by process", help="Measured for each process too, for its leader.")
    baseline_from = fields.Date("Baseline from", help="Control limits come from the periods of the baseline.")
    baseline_to = fields.Date("Baseline to")
    measure_ids = fields.One2many("sig.indicator.measure", "indicator_id", "Measurements")

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "Another indicator has that code.")
    _manual = models.Constraint("CHECK(kind != 'manual' OR active IS NOT TRUE)", "Indicators are not written by hand.")
    _baseline = models.Constraint(
        "CHECK ((baseline_from IS NULL) = (baseline_to IS NULL) AND baseline_from < baseline_to)",
        "The baseline goes from one date to a later one.",
    )

    @api.depends("target")
    def _compute_alert_target(self):
        for indicator in self:
            indicator.alert_target = indicator.target

    @api.constrains("target", "alert_target", "direction", "has_target", "unit")
    def _check_target(self):
        for indicator in self.filtered("has_target"):
            name = indicator.display_name
            low, high = {"percent": (0, 100), "points": (-100, 100)}.get(indicator.unit, (0, float("inf")))
            if not (low <= indicator.target <= high and low <= indicator.alert_target <= high):
                raise ValidationError(self.env._("%s: the target or its alert limit is out of range.", name))
            if indicator.direction == "neutral":
                raise ValidationError(self.env._("%s: say whether higher or lower is better to set a target.", name))
            gap = indicator.target - indicator.alert_target
            if gap < 0 if indicator.direction == "higher" else gap > 0:
                raise ValidationError(self.env._("%s: the alert limit is on the bad side of the target.", name))

    @api.depends("kind")
    def _compute_frequency(self):
        for indicator in self:
            indicator.frequency = "semester" if indicator.kind in SURVEY_KINDS else "month"

    def write(self, vals):
        names = FORMULA_FIELDS & vals.keys()
        changed = self.filtered(lambda indicator: any(indicator[name] != vals[name] for name in names))
        result = super().write(vals)
        for version, indicators in changed.grouped("formula_version").items():
            baseline = dict.fromkeys(() if {*BASELINE} & vals.keys() else BASELINE, False)  # of another formula
            super(Indicator, indicators).write({"formula_version": version + 1, **baseline})
        measured = changed if PROCESS_FIELDS.isdisjoint(vals) else self
        measured.sudo().measure_ids.filtered(lambda measure: measure.state == "draft")._measure_again()
        if not JUDGED_BY.isdisjoint(vals):
            self.sudo().measure_ids.filtered(lambda measure: measure.state == "draft")._judge()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        if self.env["sig.indicator.measure"].sudo().search_count([("indicator_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("An indicator that was measured cannot be deleted. Archive it instead."))

    def _measure(self, company, period):
        Measure = self.env["sig.indicator.measure"].sudo()
        known = Measure.search_fetch(
            [("indicator_id", "in", self.ids), ("company_id", "=", company.id), ("date_from", "=", period.start)],
            ["indicator_id", "process_id", "state"],
        )
        figures = self.sudo().with_company(company)._get_figures(period, known)
        known = known.grouped(lambda measure: (measure.indicator_id, measure.process_id.id))
        measures, vals_list = Measure.browse(), []
        for indicator, by_process in figures.items():
            whole = known.get((indicator, indicator.process_id.id))
            if whole and whole.state != "draft":
                continue  # its parts were confirmed with it
            for process_id, figure in by_process.items():
                measure, vals = known.get((indicator, process_id)), Measure._get_figure_values(indicator, figure)
                if not measure:
                    key = {"indicator_id": indicator.id, "company_id": company.id, "process_id": process_id}
                    vals_list.append({**key, "date_from": period.start, "date_to": period.end, **vals})
                elif measure.state == "draft":
                    measure.write(vals)
                    measures |= measure
        measures |= Measure.create(vals_list)
        measures._judge()
        measures._unlink_empty()
        return measures.exists()

    def _get_figures(self, period, measures=()):
        """``{indicator: {process id or False: Figure}}``; a kind that fails is logged and retried the next day.

        The detail of the figures of the whole company says what is missing in their data.

        :param measures: their processes have a figure too when nothing is left in them, as in those that are archived.
        """
        found, doubts = {}, self._get_doubts(self.mapped("kind"), *period)
        for kind, indicators in self.filtered(lambda indicator: indicator._has_formula()).grouped("kind").items():
            measure = partial(getattr(indicators, f"_measure_{kind}"), period.start, period.end)
            found |= attempt(self.env.cr, measure, "Indicators of kind %s were not measured", kind) or {}
            own = {doubt: doubts[doubt] for doubt in DOUBTS.get(kind, ()) if doubt in doubts}
            for figures in (found[indicator] for indicator in indicators if own and False in found.get(indicator, ())):
                figures[False] = figures[False]._replace(detail={**(figures[False].detail or {}), "doubts": own})
        for measure in measures:
            if measure.indicator_id.by_process and (whole := found.get(measure.indicator_id, {}).get(False)):
                empty = Figure(0, whole.denominator and 0, basis=whole.basis)
                found[measure.indicator_id].setdefault(measure.process_id.id, empty)
        return found

    def _has_formula(self):
        """Not a kind that is gone, as of indicators once written by hand."""
        return hasattr(self, f"_measure_{self.kind}")

    def _share(self, figures, basis=None):
        """Distribute shared figures ``{process id or False: Figure}`` to the indicators, by their process."""
        return {
            indicator: {
                process_id: figure._replace(basis=basis)
                for process_id, figure in figures.items()
                if process_id is not None and indicator._is_of_process(process_id)
            }
            for indicator in self
        }

    def _is_of_process(self, process_id):
        return process_id == self.process_id.id or (self.by_process and not self.process_id)

    @api.model
    def _get_light(self, value, direction, target, alert_target):
        """Status of a value rounded to the two decimals that are displayed. What should be zero is near to nothing."""
        if direction == "lower" and not target:
            alert_target = target
        sign = -1 if direction == "lower" else 1
        value = tools.float_round(value, 2)
        if (value - target) * sign >= 0:
            return "met"
        return "near" if (value - alert_target) * sign >= 0 else "missed"

    def _get_for(self, company):
        found = self.sudo().search(self._get_domain_of(company))
        return found.filtered(lambda one: not one.process_id or one.process_id.company_id == company)

    @api.model
    def _measure_due(self, company):
        measures = self.env["sig.indicator.measure"]
        today = company._sig_today()
        if today < company._sig_business_day_of_month(today, 1):
            return measures
        for frequency, indicators in self._get_for(company).grouped("frequency").items():
            for period, due in indicators._get_due_periods(company, frequency, today).items():
                measures |= due._measure(company, period)
        return measures

    def _get_due_periods(self, company, frequency, today):
        """``{period: indicators to measure}``, oldest first, from the first case of the company on."""
        first = self.env["sig.pqrs"].search([("company_id", "=", company.id)], order="date_received", limit=1)
        last = start = periods.last_complete(today, frequency)
        for _step in range(CATCH_UP[frequency] - 1):
            start = periods.before(start, frequency)
        if not first:
            return {}
        first_day = company._sig_local_date(first.date_received)
        known = self._get_measured(company, start.start)
        return {
            period: due
            for period in periods.between(max(start.start, first_day), last.end, frequency)
            if (due := self.filtered(lambda indicator, start=period.start: (start, indicator) not in known))
        }

    def _get_measured(self, company, since):
        """``{(first day of the period, indicator)}``; drafts of before its end, or of a clock ahead, do not count."""
        today = company._sig_today()
        measures = self.env["sig.indicator.measure"].search_fetch(
            [("indicator_id", "in", self.ids), ("company_id", "=", company.id), ("date_from", ">=", since)],
            ["date_from", "date_to", "indicator_id", "state", "date_measured"],
        )

        def is_whole(measure):
            moment = measure.state == "draft" and measure.date_measured
            return not moment or measure.date_to < company._sig_local_date(moment) <= today

        found = measures.grouped(lambda measure: (measure.date_from, measure.indicator_id))
        return {key for key, theirs in found.items() if all(map(is_whole, theirs))}
