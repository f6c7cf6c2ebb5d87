from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import comparison, periods
from .. import clock
from ..choices import choices_of
from ..mixin.transitions import SIG, Transition
from .indicator import TARGET_FIELDS, TONES

#: fields that are read of all measures of a series
HISTORY_FIELDS = (
    "indicator_id", "company_id", "process_id", "date_from", "date_to", "formula_version", "unit",
    "numerator", "denominator", "has_data", "value", "trend",
)  # fmt: skip

#: kinds of indicators that follow a setting of the company
RULED = ("within_days", "repetition")

#: what goes to QVO by itself; what explains it goes with it
ALONE = Domain("is_breakdown", "=", False) | Domain("correction_ids", "!=", False)


class IndicatorMeasure(models.Model):
    """The value of an indicator in one period: a draft until confirmed, then frozen with what explains it."""

    _name = "sig.indicator.measure"
    _description = "Measure of an Indicator"
    _inherit = ["sig.transition.mixin", "sig.files.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "date_from desc, indicator_id, process_id, id"
    _rec_names_search = ["indicator_id", "process_id"]
    _editable_fields = frozenset({"analysis"})
    _sig_is_proof = "draft"
    _transitions = {
        "confirm": Transition({"draft": (SIG,)}),
        "register": Transition({"confirmed": (SIG,)}),
        "correct": Transition({"confirmed": (SIG,), "registered": (SIG,)}),
    }

    indicator_id = fields.Many2one("sig.indicator", required=True, index=True, readonly=True, check_company=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    process_id = fields.Many2one(
        "sig.process", ondelete="restrict", index="btree_not_null", readonly=True, check_company=True
    )
    kind = fields.Selection(related="indicator_id.kind")
    date_from = fields.Date("From", required=True, readonly=True, index=True)
    date_to = fields.Date("To", required=True, readonly=True)
    period_name = fields.Char("Period", compute="_compute_period_name")
    cut = fields.Char("Period and cut", compute="_compute_note", help="Data of later than the cut do not count.")
    # No aggregates: the figure of the company contains those of its processes, and units differ.
    numerator = fields.Float(digits=(16, 2), readonly=True, aggregator=None)
    denominator = fields.Float(digits=(16, 2), readonly=True, aggregator=None)
    has_data = fields.Boolean(readonly=True)
    value = fields.Float(digits=(16, 2), readonly=True, aggregator=None)
    value_text = fields.Char("Result", compute="_compute_value_text")
    unit = fields.Selection(selection=choices_of("sig.indicator", "unit"), readonly=True)
    direction = fields.Selection(selection=choices_of("sig.indicator", "direction"), readonly=True)
    formula_version = fields.Integer(readonly=True, aggregator=None, exportable=False)
    has_target = fields.Boolean(readonly=True)
    target = fields.Float(digits=(16, 2), readonly=True, aggregator=None)
    alert_target = fields.Float("Alert limit", digits=(16, 2), readonly=True, aggregator=None)
    target_text = fields.Char("Goal", compute="_compute_value_text")
    status = fields.Selection(
        [
            ("met", "On target"),
            ("near", "Near the target"),
            ("missed", "Off target"),
            ("no_target", "Without target"),
            ("no_data", "No data"),
        ],
        "Light",
        readonly=True,
        required=True,
        default="no_data",
        help="Green: the goal was met. Yellow: between goal and alert limit. Red: beyond it.",
    )
    trend = fields.Selection(
        [
            ("improving", "Improving"),
            ("worsening", "Worsening"),
            ("steady", "No detectable change"),
            ("rising", "Rising"),
            ("falling", "Falling"),
        ],
        readonly=True,
        help="Against the period before: better or worse is only what chance alone would seldom do.",
    )
    state = fields.Selection(
        [("draft", "To confirm"), ("confirmed", "Confirmed"), ("registered", "Registered in QVO")],
        default="draft",
        index=True,
        tracking=True,
    )
    analysis = fields.Text(tracking=True, help="Why, and what is done about it. Required off target.")
    #: one process of what is measured for the company: who leads it may write why, nobody must
    is_breakdown = fields.Boolean(compute="_compute_is_breakdown", store=True)
    needs_analysis = fields.Boolean(compute="_compute_needs_analysis")
    date_measured = fields.Datetime("Measured on", readonly=True, help="Data of later do not count.")
    note = fields.Text("What to know of it", compute="_compute_note", help="What stands beside the figure.")
    date_confirmed = fields.Datetime("Confirmed on", readonly=True)
    confirmed_by_id = fields.Many2one("res.users", "Confirmed by", readonly=True)
    records = fields.Json(readonly=True, prefetch=False, help="Ids of the records behind the figure, and of its hits.")
    detail = fields.Json(readonly=True, prefetch=False)

    _period_unique = models.UniqueIndex(
        "(indicator_id, company_id, date_from, COALESCE(process_id, 0))",
        "The indicator was measured for that period already.",
    )

    @api.depends("indicator_id.name", "process_id.name", "date_from")
    @api.depends_context("uid", "lang")
    def _compute_display_name(self):
        for measure in self:
            named = (measure._get_nameable("indicator_id"), measure._get_nameable("process_id"))
            parts = [*(record.name for record in named), measure.period_name]
            measure.display_name = " · ".join(filter(None, parts))

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period_name(self):
        for measure in self:
            start, end = measure.date_from, measure.date_to
            measure.period_name = start and end and measure._name_period(start, end)

    def _is_of_semester(self):
        return (self.date_to - self.date_from).days > 31

    @api.depends("value", "has_data", "unit", "target", "has_target")
    @api.depends_context("lang")
    def _compute_value_text(self):
        for measure in self:
            Charts, unit = measure.env["sig.charts"], measure.unit
            measure.value_text = measure._format_value(measure.value) if measure.has_data else measure.env._("No data")
            measure.target_text = measure.has_target and measure._add_unit(Charts._write_goal(measure.target, unit))

    @api.depends("detail", "date_measured", "period_name")
    @api.depends_context("lang")
    def _compute_note(self):
        for measure in self:
            detail, lines = measure.detail or {}, []
            company, moment, period = measure.company_id, measure.date_measured, measure.period_name
            measure.cut = measure._describe_cut(company, moment, period) if moment and company else period
            if "open" in detail:
                lines.append(f"{measure.indicator_id._describe_open(*detail['open'])}.")
            measure.note = " ".join([*lines, *measure.indicator_id._describe_doubts(detail.get("doubts", {}))])

    def _get_goal(self):
        return self.target if self.has_target else None

    def _format_value(self, value):
        return self._add_unit(self.env["sig.charts"]._write_figure(value, self.unit, self._get_goal()))

    def _add_unit(self, text):
        return self.env._("%s business days", text) if self.unit == "days" else text

    @api.depends("status", "is_breakdown")
    def _compute_needs_analysis(self):
        for measure in self:
            measure.needs_analysis = measure.status in ("near", "missed") and not measure.is_breakdown

    @api.depends("process_id", "indicator_id.process_id")
    def _compute_is_breakdown(self):
        for measure in self:
            measure.is_breakdown = measure.process_id.id not in (False, measure.indicator_id.sudo().process_id.id)

    @api.model
    def _get_figure_values(self, indicator, figure):
        return {
            "unit": indicator.unit,
            "direction": indicator.direction,
            "formula_version": indicator.formula_version,
            "date_measured": clock.now(),
            "numerator": figure.numerator or 0,
            "denominator": figure.denominator or 0,
            "has_data": figure.has_data(),
            "value": figure.get_value(indicator.unit),
            "records": {"all": list(figure.record_ids), "hits": list(figure.hit_ids)},
            "detail": {**(figure.detail or {}), "squares": figure.squares, "basis": figure.basis},
        }

    def _measure_again(self):
        """By another formula, or of other processes: drafts of another frequency, or of a process left out, go."""
        same = self.filtered(lambda draft: draft._is_of_semester() == (draft.indicator_id.frequency == "semester"))
        again = {key: drafts.indicator_id for key, drafts in same.grouped(lambda one: one._get_period_key()).items()}
        odd = self - same.filtered(lambda draft: draft.indicator_id._is_of_process(draft.process_id.id))
        if written := odd.filtered("analysis"):
            names = ", ".join(written.mapped("display_name"))
            raise UserError(
                self.env._("There is an analysis of %s: confirm it first, or delete what was written.", names)
            )
        self.env["sig.finding"]._take_back(odd, dict.fromkeys(odd, ()))
        odd.unlink()
        for (company, period), indicators in again.items():
            indicators._measure(company, period)

    def _get_period_key(self):
        return self.company_id, periods.Period(self.date_from, self.date_to)

    def _unlink_empty(self):
        """Delete drafts of archived processes in which nothing is left, unless somebody wrote or decided something."""
        parts = self.filtered(lambda draft: draft.is_breakdown and not draft.process_id.active)
        gone = parts.filtered(lambda draft: not draft._get_record_ids("all"))
        gone -= self.env["sig.finding"].search([("measure_ids", "in", gone.ids)]).measure_ids
        remarks = gone.message_ids.filtered(lambda one: one.message_type != "notification" or one.mail_activity_type_id)
        gone -= gone.browse(remarks.mapped("res_id"))
        gone.filtered(lambda one: not (one.analysis or one.activity_ids or one.message_attachment_count)).unlink()

    def _judge(self):
        """Set light, trend and signal. A confirmed measure keeps its target."""
        measures = self.sudo()
        histories = measures._get_histories()
        drafts = measures.filtered(lambda measure: measure.state == "draft")
        for indicator, of_indicator in drafts.grouped("indicator_id").items():
            of_indicator.write({name: indicator[name] for name in TARGET_FIELDS})
        for measure in measures:
            history = histories[measure]
            values = {"status": measure._get_status(), "trend": measure._get_trend(history)}
            values["signal"], values["signal_is_bad"] = measure._get_signal(history)
            measure.write(values)
        self.env["sig.finding"]._judge_measures(self)

    def _get_status(self):
        if not self.has_data:
            return "no_data"
        if not self.has_target:
            return "no_target"
        return self.env["sig.indicator"]._get_light(self.value, self.direction, self.target, self.alert_target)

    def _get_trend(self, history):
        known = history.filtered(lambda other: other.date_from < self.date_from and other.has_data)
        before = known.filtered(lambda other: other._is_alike(self))[-1:]
        change = self._get_change(before) if self.has_data and before else None
        if not change:
            return False if change is None else "steady"
        if self.direction == "neutral":
            return "rising" if change > 0 else "falling"
        return "improving" if (change > 0) == (self.direction == "higher") else "worsening"

    def _get_change(self, before):
        """See `tools.comparison`; None for what has no test."""
        if (verdict := self._get_survey_change()) is not None:
            return verdict
        pair, is_count = (before, self), self.unit == "count"
        days = [(each.date_to - each.date_from).days + 1 for each in pair]
        figures = [
            (each.numerator, None if is_count else each.denominator, (each.detail or {}).get("squares"))
            for each in pair
        ]
        is_tested = self.unit != "percent" or self._is_share(before | self)
        return comparison.compare(self.unit, *figures, days) if is_tested else None

    def _is_alike(self, other):
        """Whether both follow one formula and the same rules, where both say theirs; how many were erased is none."""
        rules = [((each.detail or {}).get("basis") or [])[:2] for each in (self, other) if each.kind in RULED]
        return self.formula_version == other.formula_version and (not all(rules) or rules[:1] == rules[1:])

    def _get_series_key(self):
        return self.indicator_id, self.company_id, self.process_id

    def _get_histories(self):
        """``{measure: measures of its series up to it, in order}``, by one query."""
        found = self.search_fetch(
            [("indicator_id", "in", self.indicator_id.ids), ("company_id", "in", self.company_id.ids)],
            HISTORY_FIELDS,
            order="date_from",
        )
        series = found.grouped(lambda measure: measure._get_series_key())
        return {
            measure: series.get(measure._get_series_key(), self.browse()).filtered(
                lambda other, measure=measure: other.date_from <= measure.date_from
            )
            for measure in self
        }

    def write(self, vals):
        if not self.env.su and "analysis" in vals:
            self.check_access("write")
            for measure in self:
                if measure.state != "draft":
                    raise UserError(self.env._("%s is confirmed: it can no longer be changed.", measure.display_name))
        return super().write(vals)

    def action_confirm(self):
        measures = self._check_transition("confirm")
        for measure in self:
            if measure.date_to >= measure.company_id._sig_today():
                raise UserError(self.env._("%s: the period is not over.", measure.display_name))
            indicator = measure.indicator_id
            can_be_measured = indicator.active and indicator._has_formula() and not measure.is_breakdown
            if can_be_measured and measure.formula_version != indicator.formula_version:
                raise UserError(self.env._("%s: its formula changed. Measure it again.", measure.display_name))
        unexplained = self.filtered(lambda measure: measure.needs_analysis and not (measure.analysis or "").strip())
        if unexplained:
            names = "; ".join(unexplained.mapped("display_name"))
            raise UserError(self.env._("Off target, write the analysis first: %s.", names))
        measures |= measures._get_parts().filtered(lambda part: part.state == "draft")
        measures.write(self._get_confirmation(clock.now()))
        return True

    def _get_confirmation(self, moment):
        return {"state": "confirmed", "date_confirmed": moment, "confirmed_by_id": self.env.uid}

    def _get_parts(self):
        """The measures of single processes that explain those of the company."""
        return self.filtered(lambda each: not each.is_breakdown)._get_siblings()

    def _get_siblings(self):
        names = ("indicator_id", "company_id", "date_from")
        keys = [(each.indicator_id.id, each.company_id.id, each.date_from) for each in self]
        same = [[(name, "=", value) for name, value in zip(names, key, strict=True)] for key in keys]
        return self.search(Domain("is_breakdown", "=", True) & Domain.OR(same))

    def action_open_records(self):
        return self._open_records("all", self.display_name)

    def action_open_misses(self):
        return self._open_records("misses", self.env._("%s: those that do not count", self.display_name))

    def _open_records(self, which, name):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self.indicator_id._get_other_records().get(self.kind, "sig.pqrs"),
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self._get_record_ids(which))],
            "context": {"active_test": False},
        }

    @api.model
    def action_open_month(self):
        """Of the selected companies, the oldest to confirm, else the oldest that is not in QVO."""
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_indicator_month")
        over = [("date_to", "<", self.env.company._sig_today()), ("company_id", "in", self.env.companies.ids)]
        waiting = ALONE & Domain([*over, ("state", "!=", "registered"), ("indicator_id.active", "=", True)])
        if oldest := self.search(waiting, order="state desc, date_to, id", limit=1):  # drafts before what was confirmed
            action["context"] = {"default_date": oldest.date_to, "default_company_id": oldest.company_id.id}
        return action

    def _get_my_day_row(self, _tile):
        return {
            "name": self.value_text,
            "subject": " · ".join(filter(None, [self.indicator_id.name, self.process_id.name])),
            "date": fields.Date.to_string(self.date_to),
            "date_text": self.period_name,
            "state": self._get_choices("status")[self.status],
            "tone": TONES.get(self.status, "muted"),
        }

    def _get_record_ids(self, which):
        records = self.sudo().records or {}
        found, hits = Counter(records.get("all", ())), Counter(records.get("hits", ()))
        # a case may have had two terms in a period, one of them in time
        return sorted({"all": found, "hits": hits, "misses": found - hits}[which])
