from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.control_chart import MINIMUM_POINTS

#: of fields of the last measure: which that is depends on the reader
OF_LAST = {"related_sudo": False, "depends": ("last_measure_id",), "depends_context": ("uid", "company", "lang")}

#: lights from the worst to the best
WORST_FIRST = ("missed", "near", "no_target", "met", "no_data")


class IndicatorLatest(models.Model):
    _inherit = "sig.indicator"

    is_own = fields.Boolean("Of the current company", store=False, search="_search_is_own", exportable=False)
    last_measure_id = fields.Many2one("sig.indicator.measure", "Last measure", compute="_compute_last_measure_id")
    last_cut = fields.Char("Last period and cut", related="last_measure_id.cut", **OF_LAST)
    last_process = fields.Char("Process of the last measure", related="last_measure_id.process_id.name", **OF_LAST)
    last_value = fields.Char("Last result", related="last_measure_id.value_text", **OF_LAST)
    last_target = fields.Char("Last goal", related="last_measure_id.target_text", **OF_LAST)
    last_status = fields.Selection(related="last_measure_id.status", string="Last light", **OF_LAST)
    last_trend = fields.Selection(related="last_measure_id.trend", string="Last trend", **OF_LAST)
    last_signal = fields.Selection(related="last_measure_id.signal", string="Last signal", **OF_LAST)
    last_state = fields.Selection(related="last_measure_id.state", string="State of the last measure", **OF_LAST)
    last_note = fields.Text("What to know of the last result", related="last_measure_id.note", **OF_LAST)
    last_chart = fields.Html("Chart", related="last_measure_id.chart", **OF_LAST)
    last_statistics = fields.Html("Statistics", related="last_measure_id.statistics", **OF_LAST)
    last_behaviour = fields.Html("Behaviour", related="last_measure_id.behaviour", **OF_LAST)

    proposed_from = fields.Date("Proposed baseline from", compute="_compute_proposed_baseline")
    proposed_to = fields.Date("Proposed baseline to", compute="_compute_proposed_baseline")

    def _search_is_own(self, operator, _value):
        return self._get_domain_of(self.env.company) if operator == "in" else NotImplemented

    @api.depends("measure_ids.state", "baseline_from", "frequency", "formula_version")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_proposed_baseline(self):
        proposals = self._propose_baselines()
        for indicator in self:
            start, end = proposals.get(indicator._origin, (False, False))
            indicator.update({"proposed_from": start, "proposed_to": end})

    @api.model
    def _propose_baselines(self):
        """``{indicator without a baseline: (first day, last day)}`` of its twelve first confirmed months with data."""
        own = Domain("indicator_id.company_id", "in", self.env.companies.ids)
        measures = self.env["sig.indicator.measure"].search_fetch(
            [
                *(own | Domain("indicator_id.company_id", "=", False) & Domain("company_id", "=", self.env.company.id)),
                ("indicator_id.baseline_from", "=", False),
                ("indicator_id.frequency", "=", "month"),
                ("state", "!=", "draft"),
                ("has_data", "=", True),
                ("is_breakdown", "=", False),
            ],
            ["indicator_id", "date_from", "date_to", "formula_version"],
            order="date_from, id",
        )
        found = {}
        for indicator, theirs in measures.grouped("indicator_id").items():
            known = theirs.filtered(lambda one, version=indicator.formula_version: one.formula_version == version)
            if len(known) >= MINIMUM_POINTS:
                found[indicator] = (known[0].date_from, known[MINIMUM_POINTS - 1].date_to)
        return found

    def _get_my_day_row(self, _tile):
        return {"name": self.code, "subject": self.name, "state": self.env._("Twelve confirmed months"), "tone": "info"}

    def action_declare_baseline(self):
        self.check_access("write")
        proposals = self._propose_baselines()
        for indicator in self.filtered(proposals.get):
            start, end = proposals[indicator]
            indicator.write({"baseline_from": start, "baseline_to": end})
        return True

    @api.depends("measure_ids.status", "measure_ids.value", "process_id")
    @api.depends_context("uid", "company")
    def _compute_last_measure_id(self):
        """Of the whole company; for who sees only some processes, the worst of theirs."""
        Measure = self.env["sig.indicator.measure"]
        ours = Domain("indicator_id", "in", self.ids) & Domain("company_id", "=", self.env.company.id)
        latest, is_whole = {}, Domain("indicator_id.process_id", "=", False)  # it may have been so only once
        of_processes = Domain("process_id", "!=", False) & (is_whole | Domain("is_breakdown", "=", False))
        for of_kind in (of_processes, is_whole & Domain("process_id", "=", False)):  # instead of those of processes
            for indicator, day in Measure._read_group(ours & of_kind, ["indicator_id"], ["date_from:max"]):
                latest[indicator] = Domain("indicator_id", "=", indicator.id) & Domain("date_from", "=", day) & of_kind
        found = Measure.search(ours & Domain.OR(latest.values())) if latest else Measure
        by_indicator = found.grouped("indicator_id")
        for indicator in self:
            latest_measures = by_indicator.get(indicator._origin, Measure)
            indicator.last_measure_id = latest_measures.sorted(lambda measure: WORST_FIRST.index(measure.status))[:1]
