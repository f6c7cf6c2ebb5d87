from odoo import api, fields, models
from odoo.fields import Domain

MEASURE = "sig.indicator.measure"
OF_LAST = {"related_sudo": False, "help": ""}

#: lights from the worst to the best
WORST_FIRST = ("missed", "near", "no_target", "met", "no_data")


class IndicatorLatest(models.Model):
    _inherit = "sig.indicator"

    last_measure_id = fields.Many2one(
        MEASURE,
        "Last measure",
        compute="_compute_last_measure_id",
        help="Of the whole company; for who sees only some processes, the worst of theirs.",
    )
    last_period = fields.Char("Last period", related="last_measure_id.period_name", **OF_LAST)
    last_process = fields.Char("Process of the last measure", compute="_compute_last_process")
    last_value = fields.Char("Last result", related="last_measure_id.value_text", **OF_LAST)
    last_target = fields.Char("Last goal", related="last_measure_id.target_text", **OF_LAST)
    last_status = fields.Selection(related="last_measure_id.status", string="Last light", **OF_LAST)
    last_trend = fields.Selection(related="last_measure_id.trend", string="Last trend", **OF_LAST)
    last_signal = fields.Selection(related="last_measure_id.signal", string="Last signal", **OF_LAST)
    last_state = fields.Selection(related="last_measure_id.state", string="State of the last measure", **OF_LAST)
    last_arrow = fields.Char("Arrow", related="last_measure_id.arrow", **OF_LAST)
    last_chart = fields.Html("Chart", related="last_measure_id.chart", **OF_LAST)
    last_statistics = fields.Html("Statistics", related="last_measure_id.statistics", **OF_LAST)
    last_behaviour = fields.Html("Behaviour", related="last_measure_id.behaviour", **OF_LAST)

    @api.depends("measure_ids.status", "measure_ids.value")
    @api.depends_context("uid", "company")
    def _compute_last_measure_id(self):
        Measure = self.env[MEASURE]
        ours = Domain("indicator_id", "in", self.ids) & Domain("company_id", "=", self.env.company.id)
        latest = {}
        for operator in ("!=", "="):  # of processes, and instead of them of the whole company
            of_kind = Domain("process_id", operator, False)
            for indicator, day in Measure._read_group(ours & of_kind, ["indicator_id"], ["date_from:max"]):
                latest[indicator] = Domain("indicator_id", "=", indicator.id) & Domain("date_from", "=", day) & of_kind
        found = Measure.search(ours & Domain.OR(latest.values())) if latest else Measure
        by_indicator = found.grouped("indicator_id")
        for indicator in self:
            own = by_indicator.get(indicator._origin, Measure)
            indicator.last_measure_id = own.sorted(lambda measure: WORST_FIRST.index(measure.status))[:1]

    @api.depends("last_measure_id")
    def _compute_last_process(self):
        for indicator in self:
            indicator.last_process = not indicator.process_id and indicator.last_measure_id.process_id.name

    def action_open_last_measure(self):
        self.ensure_one()
        return self.last_measure_id._get_records_action(context={})
