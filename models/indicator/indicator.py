import logging

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import periods
from .figure import Figure

_logger = logging.getLogger(__name__)

#: what a change of makes another figure: earlier ones do not compare with it
FORMULA_FIELDS = frozenset({"kind", "unit", "direction", "formula"})
TARGET_FIELDS = frozenset({"has_target", "target", "alert_target"})

#: how a light shows
TONES = {"met": "success", "near": "warning", "missed": "danger"}

SURVEY_KINDS = ("survey_satisfaction", "survey_nps", "survey_response_rate")


class Indicator(models.Model):
    """What is measured every month or semester, against which target, and under which code QVO knows it.

    A kind that another addon brings is one entry in ``kind`` and one method ``_measure_<kind>(date_from, date_to)``. It
    is called on the indicators of that kind, for the company of the environment, and gives
    ``{indicator: {id of a process or False: Figure}}``.
    """

    _name = "sig.indicator"
    _description = "Indicator"
    _inherit = ["sig.shared.mixin", "mail.thread"]
    _order = "sequence, id"
    _rec_names_search = ["name", "code", "qvo_code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, tracking=True)
    qvo_code = fields.Char(
        "Code in QVO", tracking=True, help="The code under which QVO knows it: it goes into the register."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    origin_id = fields.Many2one("sig.indicator")
    is_main = fields.Boolean("Main indicator", help="The one of the procedure: it keeps the behaviour table.")
    kind = fields.Selection(
        [
            ("on_time", "Answered on time"),
            ("within_days", "Answered within the days of the policy"),
            ("response_time", "Mean time to answer"),
            ("answer_satisfaction", "Satisfaction with the answer"),
            ("received", "Received"),
            ("overdue_backlog", "Overdue at the end of the period"),
            ("repetition", "Repetition"),
            ("survey_satisfaction", "Survey: satisfaction"),
            ("survey_nps", "Survey: NPS"),
            ("survey_response_rate", "Survey: response rate"),
            ("plan_on_time", "Activities of plans done on time"),
            ("manual", "Written by hand"),
        ],
        required=True,
        tracking=True,
        help="What is counted, and from where.",
    )
    unit = fields.Selection(
        [("percent", "%"), ("days", "Business days"), ("count", "Number"), ("points", "Points")],
        required=True,
        default="percent",
        tracking=True,
        help="How the figure is written, and between which values it may be.",
    )
    frequency = fields.Selection(
        [("month", "Monthly"), ("semester", "Every semester")],
        required=True,
        default="month",
        tracking=True,
        help="A month is measured on the first business day of the next one; a semester, when its survey closes.",
    )
    direction = fields.Selection(
        [("higher", "Higher is better"), ("lower", "Lower is better"), ("neutral", "Neither")],
        "Sense",
        required=True,
        default="higher",
        tracking=True,
        help="Which way is better: it tells a good trend from a bad one.",
    )
    formula = fields.Text(translate=True, help="How it is calculated, in words.")
    formula_version = fields.Integer(
        aggregator=None,
        default=1,
        readonly=True,
        copy=False,
        help="It rises when what is counted changes: figures of different versions are not compared.",
    )
    has_target = fields.Boolean(
        "Has a target", tracking=True, help="Without one it is followed, and never misses its goal."
    )
    target = fields.Float(
        aggregator=None,
        tracking=True,
        help="What the figure should reach. Red lights, findings and the analysis that is asked for come of it.",
    )
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
        "sig.process",
        "Only of process",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Empty: of all processes.",
    )
    by_process = fields.Boolean("Also by process", help="Measured for each process too, for its leader.")
    baseline_from = fields.Date("Baseline from", help="Control limits come from the periods of the baseline.")
    baseline_to = fields.Date("Baseline to")
    measure_ids = fields.One2many("sig.indicator.measure", "indicator_id", "Measurements")

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "Another indicator has that code.")

    @api.depends("target")
    def _compute_alert_target(self):
        for indicator in self:
            indicator.alert_target = indicator.target

    @api.constrains("target", "alert_target", "direction", "has_target", "unit")
    def _check_target(self):
        for indicator in self.filtered("has_target"):
            low, high = indicator._get_range()
            if not (low <= indicator.target <= high and low <= indicator.alert_target <= high):
                raise ValidationError(
                    self.env._("%s: the target or its alert limit is out of range.", indicator.display_name)
                )
            if indicator.direction == "neutral":
                raise ValidationError(
                    self.env._("%s: say whether higher or lower is better to set a target.", indicator.display_name)
                )
            gap = indicator.target - indicator.alert_target
            if gap < 0 if indicator.direction == "higher" else gap > 0:
                raise ValidationError(
                    self.env._("%s: the alert limit is on the bad side of the target.", indicator.display_name)
                )

    @api.constrains("kind", "frequency", "unit")
    def _check_kind(self):
        for indicator in self:
            if (indicator.kind in SURVEY_KINDS) != (indicator.frequency == "semester") and indicator.kind != "manual":
                raise ValidationError(
                    self.env._(
                        "%s: what surveys tell is measured every semester, and what cases tell every month.",
                        indicator.display_name,
                    )
                )

    @api.constrains("baseline_from", "baseline_to")
    def _check_baseline(self):
        for indicator in self:
            if bool(indicator.baseline_from) != bool(indicator.baseline_to) or (
                indicator.baseline_from and indicator.baseline_from >= indicator.baseline_to
            ):
                raise ValidationError(
                    self.env._("%s: the baseline goes from one date to a later one.", indicator.display_name)
                )

    def _move_to_own(self, own):
        result = super()._move_to_own(own)
        self.env["sig.finding"]._rename_keys(own.company_id, ("missed", "signal", "worsening"), 1, self.id, own.id)
        return result

    def _get_range(self):
        """The lowest and the highest value that the unit allows."""
        self.ensure_one()
        return {"percent": (0, 100), "points": (-100, 100)}.get(self.unit, (0, float("inf")))

    def write(self, vals):
        changed = self.filtered(
            lambda indicator: any(
                indicator[name] != vals[name] for name in FORMULA_FIELDS & vals.keys() if name != "formula"
            )
        )
        result = super().write(vals)
        for version, indicators in changed.grouped("formula_version").items():
            super(Indicator, indicators).write({"formula_version": version + 1})
        if not TARGET_FIELDS.isdisjoint(vals):
            self.sudo().measure_ids.filtered(lambda measure: measure.state == "draft")._judge()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        if self.env["sig.indicator.measure"].sudo().search_count([("indicator_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("An indicator that was measured cannot be deleted. Archive it instead."))

    # -- Measuring --------------------------------------------------------------------------------------------------

    def _measure(self, company, period):
        """Measure, or measure again what nobody has confirmed, over one period in one company.

        :param period: `tools.periods.Period`.
        :return: the measures that were written.
        """
        Measure = self.env["sig.indicator.measure"].sudo()
        figures = self.sudo().with_company(company)._get_figures(period)
        known = Measure.search_fetch(
            [
                ("indicator_id", "in", self.ids),
                ("company_id", "=", company.id),
                ("date_from", "=", period.start),
            ],
            ["indicator_id", "process_id", "state"],
        )
        known = {(measure.indicator_id, measure.process_id.id): measure for measure in known}
        measures, vals_list = Measure.browse(), []
        for indicator, by_process in figures.items():
            for process_id, figure in by_process.items():
                measure = known.get((indicator, process_id))
                if not measure:
                    vals_list.append(
                        {
                            "indicator_id": indicator.id,
                            "company_id": company.id,
                            "process_id": process_id,
                            "date_from": period.start,
                            "date_to": period.end,
                            **Measure._get_figure_values(indicator, figure),
                        }
                    )
                elif measure.state == "draft" and figure is not None:
                    measure.write(Measure._get_figure_values(indicator, figure))
                    measures |= measure
        measures |= Measure.create(vals_list)
        measures._judge()
        return measures

    def _get_figures(self, period):
        """``{indicator: {id of a process or False: Figure, or None for what is written by hand}}``.

        A kind that fails leaves out its own indicators: the others are measured, and it is tried again the next day.
        """
        found = {}
        for kind, indicators in self.grouped("kind").items():
            if kind == "manual":
                found.update({indicator: {indicator.process_id.id: None} for indicator in indicators})
                continue
            try:
                with self.env.cr.savepoint():
                    found.update(getattr(indicators, f"_measure_{kind}")(period.start, period.end))
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("Indicators of kind %s were not measured", kind)
        return found

    def _check_is_over(self, company, period):
        """Refuse to measure what is not over: its figures would be those of a part."""
        if period.end >= company._sig_today():
            raise UserError(
                self.env._(
                    "The period that ends on %s is not over: it is measured afterwards.",
                    tools.format_date(self.env, period.end),
                )
            )

    @api.model
    def _make_figure(self, *args, **kwargs):
        """A `Figure`, for kinds of other addons."""
        return Figure(*args, **kwargs)

    def _share(self, figures):
        """What each of these indicators takes of the figures that all of them share: those of its processes.

        :param dict figures: ``{id of a process or False: Figure}``.
        """
        return {
            indicator: {
                process_id: figure
                for process_id, figure in figures.items()
                if process_id == indicator.process_id.id or (indicator.by_process and not indicator.process_id)
            }
            for indicator in self
        }

    @api.model
    def _get_light(self, value, direction, target, alert_target):
        """How a value stands to a goal, by the two decimals that people read: ``met near missed``."""
        sign = -1 if direction == "lower" else 1
        value = tools.float_round(value, 2)
        if (value - target) * sign >= 0:
            return "met"
        return "near" if (value - alert_target) * sign >= 0 else "missed"

    def _get_for(self, company):
        """The active indicators of a company, shared ones too."""
        return self.sudo().search(self._get_domain_of(company))

    def action_measure(self):
        """Measure again the last period that is over, where nobody has confirmed it."""
        self.browse().check_access("write")
        self.check_access("read")
        company = self.env.company
        for frequency, indicators in self.grouped("frequency").items():
            indicators._measure(company, periods.last_complete(company._sig_today(), frequency))
        return True
