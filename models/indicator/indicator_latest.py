from odoo import api, fields, models
from odoo.fields import Domain

from ..choices import choices_of

#: lights from the worst to the best
WORST_FIRST = ("missed", "near", "no_target", "met", "no_data")


class IndicatorLatest(models.Model):
    """What the main page of the indicators shows: the last value that the reader may see."""

    _inherit = "sig.indicator"

    last_measure_id = fields.Many2one(
        "sig.indicator.measure",
        "Last measure",
        compute="_compute_last_measure_id",
        help="Of the whole company; for who sees only some processes, the worst of theirs.",
    )
    last_period = fields.Char("Last period", compute="_compute_last_values")
    last_process = fields.Char("Process of the last measure", compute="_compute_last_values")
    last_value = fields.Char("Last result", compute="_compute_last_values")
    last_target = fields.Char("Last goal", compute="_compute_last_values")
    last_status = fields.Selection(
        selection=choices_of("sig.indicator.measure", "status"),
        string="Last light",
        compute="_compute_last_values",
    )
    last_trend = fields.Selection(
        selection=choices_of("sig.indicator.measure", "trend"),
        string="Last trend",
        compute="_compute_last_values",
    )
    last_signal = fields.Selection(
        selection=choices_of("sig.indicator.measure", "signal"),
        string="Last signal",
        compute="_compute_last_values",
    )
    last_state = fields.Selection(
        selection=choices_of("sig.indicator.measure", "state"),
        string="State of the last measure",
        compute="_compute_last_values",
    )
    last_arrow = fields.Char("Arrow", compute="_compute_last_values")
    last_chart = fields.Html("Chart", compute="_compute_last_chart", sanitize=False)
    last_statistics = fields.Html("Statistics", compute="_compute_last_chart", sanitize=False)
    last_behaviour = fields.Html("Behaviour", compute="_compute_last_chart", sanitize=False)

    @api.depends("measure_ids.status", "measure_ids.value")
    @api.depends_context("uid", "company")
    def _compute_last_measure_id(self):
        Measure = self.env["sig.indicator.measure"]
        ours = Domain("indicator_id", "in", self.ids) & Domain("company_id", "=", self.env.company.id)
        latest = {}
        for indicator, is_of_process, day in self._read_latest(ours):
            known = latest.get(indicator)
            if not known or (not is_of_process and known[0]):
                latest[indicator] = (is_of_process, day)
        wanted = Domain.OR(
            Domain("indicator_id", "=", indicator.id)
            & Domain("date_from", "=", day)
            & Domain("process_id", "!=" if is_of_process else "=", False)
            for indicator, (is_of_process, day) in latest.items()
        )
        found = Measure.search(ours & wanted) if latest else Measure
        by_indicator = found.grouped("indicator_id")
        for indicator in self:
            own = by_indicator.get(indicator._origin, Measure)
            indicator.last_measure_id = own.sorted(lambda measure: WORST_FIRST.index(measure.status))[:1]

    @api.model
    def _read_latest(self, domain):
        """``(indicator, whether it is of a process, last day on which a period with it begins)``."""
        Measure = self.env["sig.indicator.measure"]
        for is_of_process in (False, True):
            condition = Domain("process_id", "!=" if is_of_process else "=", False)
            for indicator, day in Measure._read_group(domain & condition, ["indicator_id"], ["date_from:max"]):
                yield indicator, is_of_process, day

    @api.depends("last_measure_id")
    @api.depends_context("lang")
    def _compute_last_values(self):
        for indicator in self:
            measure = indicator.last_measure_id
            indicator.last_period = measure.period_name
            indicator.last_process = measure.process_id.name if not indicator.process_id else False
            indicator.last_value = measure.value_text
            indicator.last_target = measure.target_text
            indicator.last_arrow = measure.arrow
            for name in ("status", "trend", "signal", "state"):
                indicator[f"last_{name}"] = measure[name]

    @api.depends("last_measure_id")
    @api.depends_context("lang")
    def _compute_last_chart(self):
        for indicator in self:
            indicator.last_chart = indicator.last_measure_id.chart
            indicator.last_statistics = indicator.last_measure_id.statistics
            indicator.last_behaviour = indicator.last_measure_id.behaviour

    def action_open_last_measure(self):
        """The last measure that the reader may see: its analysis is written there."""
        self.ensure_one()
        return self.last_measure_id._get_records_action(context={})

    def action_view_measures(self):
        """The measures of the indicator."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_indicator_measure")
        return {
            **action,
            "name": self.name,
            "domain": [("indicator_id", "=", self.id)],
            "context": {"search_default_of_company": 0},
        }


class MeasureArrow(models.Model):
    _inherit = "sig.indicator.measure"

    arrow = fields.Char(compute="_compute_arrow", help="Up, down or level against the period before.")

    trend_text = fields.Char("Against the period before", compute="_compute_trend_text")

    @api.depends("trend", "arrow")
    @api.depends_context("lang")
    def _compute_trend_text(self):
        words = dict(self._fields["trend"]._description_selection(self.env))
        for measure in self:
            measure.trend_text = measure.trend and f"{measure.arrow} {words[measure.trend]}"

    @api.depends("trend", "value", "previous_value")
    def _compute_arrow(self):
        for measure in self:
            if not measure.trend:
                measure.arrow = False
            elif measure.trend == "steady":
                measure.arrow = "→"
            else:
                measure.arrow = "↑" if measure.value > measure.previous_value else "↓"
