from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import clock
from ..choices import choices_of

#: fields of the measure that a correction stores as they were
STORED = (
    "numerator", "denominator", "has_data", "value", "value_text", "status", "analysis", "records", "detail",
    "state", "date_measured", "date_confirmed", "confirmed_by_id",
    "date_registered", "registered_by_id", "registration_evidence", "registration_file_ids",
)  # fmt: skip


class IndicatorCorrection(models.Model):
    """The values of a confirmed measure before a correction, who corrected it and why. Immutable."""

    _name = "sig.indicator.correction"
    _description = "Correction of a Measure"
    _inherit = ["sig.files.mixin"]
    _order = "measure_id, id desc"
    _rec_name = "value_text"
    _sig_is_proof = True

    measure_id = fields.Many2one("sig.indicator.measure", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="measure_id.company_id", store=True, precompute=True)
    process_id = fields.Many2one(related="measure_id.process_id", store=True, precompute=True)
    date = fields.Datetime("Corrected on", required=True)
    user_id = fields.Many2one("res.users", "Corrected by", required=True, ondelete="restrict")
    reason = fields.Text("Why it was corrected", required=True)
    value_text = fields.Char("Result before", required=True)
    numerator = fields.Float(aggregator=None, digits=(16, 2))
    denominator = fields.Float(aggregator=None, digits=(16, 2))
    has_data = fields.Boolean()
    value = fields.Float(aggregator=None, digits=(16, 2))
    status = fields.Selection(selection=choices_of("sig.indicator.measure", "status"), string="Light before")
    state = fields.Selection(selection=choices_of("sig.indicator.measure", "state"), string="State before")
    analysis = fields.Text("Analysis before")
    records = fields.Json(prefetch=False)
    detail = fields.Json(prefetch=False)
    date_measured = fields.Datetime("Had been measured on")
    date_confirmed = fields.Datetime("Had been confirmed on")
    confirmed_by_id = fields.Many2one("res.users", "Had been confirmed by")
    date_registered = fields.Datetime("Had been registered on")
    registered_by_id = fields.Many2one("res.users", "Had been registered by")
    registration_evidence = fields.Text("Evidence that there was of the registration")
    registration_file_ids = fields.Many2many(
        "ir.attachment",
        "sig_correction_registration_rel",
        string="Files that there were of the registration",
        bypass_search_access=True,
    )

    def write(self, vals):  # pylint: disable=method-required-super  # nobody does
        raise UserError(self.env._("A correction cannot be changed: correct the measure again."))


class CorrectedMeasure(models.Model):
    _inherit = "sig.indicator.measure"

    correction_ids = fields.One2many("sig.indicator.correction", "measure_id", "Corrections", readonly=True)
    today_text = fields.Char("With today's data", compute="_compute_today_text", compute_sudo=True)

    @api.depends("numerator", "denominator", "has_data", "state")
    @api.depends_context("lang")
    def _compute_today_text(self):
        parts = self._origin._get_parts()
        figures = (self._origin | parts)._get_figures_of_today()
        differing = parts.filtered(figures.get).grouped(lambda part: (part.indicator_id, part._get_period_key()))
        for measure in self:
            known = measure._origin
            figure, key = figures.get(known), (known.indicator_id, known._get_period_key())
            text = not known.is_breakdown and key in differing and self.env._("the same, but not by process")
            measure.today_text = measure._format_figure(figure) if figure else text

    def _get_figures_of_today(self):
        """``{measure: Figure}`` of confirmed measures that differ, though formula and basis have not changed."""
        measures = self._origin.filtered(
            lambda measure: measure.state != "draft" and measure.formula_version == measure.indicator_id.formula_version
        )
        found = {}
        for (company, period), alike in measures.grouped(lambda measure: measure._get_period_key()).items():
            figures = alike.indicator_id.with_company(company)._get_figures(period, alike)
            for measure in alike:
                figure = figures.get(measure.indicator_id, {}).get(measure.process_id.id)
                if figure and measure._is_comparable(figure) and measure._differs_from(figure):
                    found[measure] = figure
        return found

    def _is_comparable(self, figure):
        """Whether it is confirmed, with the formula and the basis of a figure: then only the data may differ."""
        is_formula = self.formula_version == self.indicator_id.formula_version
        # of what was measured before there was a basis, today's holds
        return self.state != "draft" and is_formula and (self.detail or {}).get("basis", figure.basis) == figure.basis

    def _differs_from(self, figure):
        values = self._get_figure_values(self.indicator_id, figure)
        return self.has_data != values["has_data"] or any(
            tools.float_compare(self[name], values[name], precision_digits=2)
            for name in ("numerator", "denominator", "value")
        )

    def _format_figure(self, figure):
        if not figure.has_data():
            return self.env._("No data")
        value = self._format_value(figure.get_value(self.unit))
        if not figure.denominator:
            return value
        parts = {
            name: tools.formatLang(self.env, getattr(figure, name), digits=0) for name in ("numerator", "denominator")
        }
        return self.env._("%(value)s (%(numerator)s of %(denominator)s)", value=value, **parts)

    def action_correct(self, reason, analysis=None):
        """Replace a confirmed figure by what the formula finds today.

        The previous figure and its confirmation are stored in a correction. The measure keeps its target and formula
        version, and must be registered in QVO again. So are the figures of its processes, which explain it.

        :param str analysis: in place of the one that it had; required when the figure is off target.
        """
        self.ensure_one()
        measure = self._check_transition("correct")
        reason = self.env["sig.pqrs"]._require_text(reason, self.env._("Say why the figure is corrected."))
        name = measure.display_name
        if measure.formula_version != self.indicator_id.formula_version:
            text = self.env._("%s: its formula is not that of today any more, which says nothing of it.", name)
            raise UserError(text)
        figure = measure._get_figures_of_today().get(measure)
        new = self._get_figure_values(self.indicator_id, figure) if figure else {}
        analysis = self.env["sig.pqrs"]._require_text(analysis) if analysis else analysis
        if analysis is not None and (analysis or "") != (measure.analysis or "").strip():
            new["analysis"] = analysis or False
        parts = self._get_parts().filtered("today_text")
        if not new and not parts:
            raise UserError(self.env._("%s: nothing to correct, or today's rules are not those of its measure.", name))
        if new:
            measure._replace(new, reason)
        for part in parts:
            part.action_correct(reason)
        if figure or parts:
            (measure if new else parts.sudo()[0])._confirm_new_parts()
        return True

    def _replace(self, new, reason):
        stored = {name: self._fields[name].convert_to_write(self[name], self) for name in STORED}
        why = {"measure_id": self.id, "date": clock.now(), "user_id": self.env.uid, "reason": reason}
        correction = self.correction_ids.create({**stored, **why})
        unregistered = dict.fromkeys(("date_registered", "registered_by_id", "registration_evidence"), False)
        unregistered["registration_file_ids"] = [Command.clear()]
        self.write({**new, **unregistered, **self._get_confirmation(correction.date)})
        same = [(name, "=", self[name].id) for name in ("indicator_id", "company_id", "process_id")]
        later = self.search([*same, ("date_from", ">", self.date_from), ("state", "=", "draft")])
        (self | later)._judge()
        if self.needs_analysis and not (self.analysis or "").strip():
            raise UserError(self.env._("Off target, write the analysis first: %s.", self.display_name))
        words = {"before": correction.value_text, "after": self.value_text, "reason": reason}
        self._close_activities("sig_pqrs.activity_survey")
        self._message_log(body=self.env._("Corrected from %(before)s to %(after)s: %(reason)s", **words))

    def _confirm_new_parts(self):
        """Of processes that were made later, where today's data have something of them."""
        indicator = self.indicator_id.with_company(self.company_id)
        known = indicator.measure_ids.filtered(lambda one: one._get_period_key() == self._get_period_key())
        figures = indicator._get_figures(self._get_period_key()[1]).get(self.indicator_id, {})
        [own] = self.copy_data({"state": self.state, "analysis": False})
        vals_list = [
            {**own, "process_id": id_, **self._get_figure_values(indicator, figure)}
            for id_, figure in figures.items()
            if id_ not in (False, *known.process_id.ids) and (figure.numerator or figure.denominator)
        ]
        self.create(vals_list)._judge()
