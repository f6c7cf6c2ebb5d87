from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import format_date

from ..models.indicator.indicator_measure import ALONE
from ..tools import periods
from .dialog import PROPOSED


class IndicatorMonthWizard(models.TransientModel):
    """Page of a month: its measures, their analysis, confirmation and registration in QVO."""

    _name = "sig.indicator.month.wizard"
    _description = "Record the Month"
    _inherit = ["sig.output.mixin"]
    _rec_names_search = ["company_id"]

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date = fields.Date(
        "Month", required=True, default=lambda self: periods.last_complete(self.env.company._sig_today(), "month").start
    )
    measure_ids = fields.Many2many(
        "sig.indicator.measure", compute="_compute_measure_ids", string="Measurements", **PROPOSED
    )
    shown = fields.Json(compute="_compute_measure_ids", **PROPOSED)
    name = fields.Char(compute="_compute_counts")
    cut = fields.Char("Period and cut", compute="_compute_counts")
    draft_count = fields.Integer("To confirm", compute="_compute_counts")
    confirmed_count = fields.Integer("Confirmed, to register", compute="_compute_counts")
    off_target_count = fields.Integer("Without the analysis that they need", compute="_compute_counts")
    differing_count = fields.Integer("Not what today's data say", compute="_compute_counts")

    @api.depends("date", "company_id")
    def _compute_measure_ids(self):
        for wizard in self:
            wizard.measure_ids = wizard._search_measures().filtered(lambda measure: not measure.is_breakdown)
            wizard.shown = wizard._get_figures()

    def _get_figures(self):
        return {str(one.id): [one.numerator, one.denominator, one.status] for one in self._search_measures()}

    def _search_measures(self, states=("draft", "confirmed", "registered")):
        last = self.date and periods.containing(self.date, "month").end
        of_month = [("company_id", "=", self.company_id.id), ("date_to", "=", last), ("state", "in", states)]
        return self.env["sig.indicator.measure"].search(of_month)

    @api.depends("date", *(f"measure_ids.{name}" for name in ("state", "status", "analysis", "today_text", "cut")))
    def _compute_counts(self):
        for wizard in self:
            month = wizard.date and wizard._name_period(*periods.containing(wizard.date, "month"))
            wizard.name = self.env._("Record the month: %s", month or "")
            drafts = wizard.measure_ids.filtered(lambda measure: measure.state == "draft")
            wizard.cut = " · ".join(dict.fromkeys(wizard.measure_ids.mapped("cut")))
            wizard.draft_count = len(drafts)
            wizard.confirmed_count = len(wizard._search_measures(["confirmed"]).filtered_domain(ALONE))
            wizard.differing_count = len(wizard.measure_ids.filtered("today_text"))
            wizard.off_target_count = len(drafts.filtered(lambda each: each.needs_analysis and not each.analysis))

    def action_measure(self):
        self.ensure_one()
        Indicator, month = self.env["sig.indicator"], periods.containing(self.date, "month")
        Indicator.check_access("write")  # not those that are shared: measuring changes none
        self.company_id.check_access("read")
        if month.end >= self.company_id._sig_today():
            day = format_date(self.env, month.end)
            raise UserError(self.env._("The period that ends on %s is not over: it is measured afterwards.", day))
        for frequency, indicators in Indicator._get_for(self.company_id).grouped("frequency").items():
            period = periods.containing(self.date, frequency)
            if period.end == month.end:
                indicators._measure(self.company_id, period)
        self._compute_measure_ids()
        return True

    def action_confirm(self):
        self.ensure_one()
        if self.shown != self._get_figures():
            message = self.env._("Figures changed since you opened this page: open it again, and read them.")
            month = {"default_date": self.date, "default_company_id": self.company_id.id}
            page = self.env.ref("sig_pqrs.action_indicator_month")
            raise RedirectWarning(message, page.id, self.env._("Open it again"), month)
        return self._search_measures(["draft"]).action_confirm()

    def action_download(self):
        self.ensure_one()
        measures = self._search_measures(["confirmed", "registered"])
        return self.env["sig.workbook"]._offer(f"indicadores-{self.date:%Y-%m}.xlsx", measures._write_register())

    def action_register(self):
        self.ensure_one()
        return self._search_measures(["confirmed"]).with_context(default_step="register").action_open_step()
