from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.statistics import NOT_COMPARABLE


class SurveyAnalysis(models.Model):
    """What a leader makes of the results of a dimension of their processes (procedure 6, analysis of the data)."""

    _name = "sig.survey.analysis"
    _description = "Analysis of Survey Results"
    _inherit = ["sig.record.mixin"]
    _order = "wave_id desc, dimension_id, id"
    _rec_name = "dimension_id"
    _check_company_auto = True

    wave_id = fields.Many2one("sig.survey.wave", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="wave_id.company_id", store=True, index=True, precompute=True)
    dimension_id = fields.Many2one(
        "sig.survey.dimension", required=True, ondelete="restrict", index=True, check_company=True
    )
    user_id = fields.Many2one(
        "res.users", "Analysed by", required=True, readonly=True, default=lambda self: self.env.user, index=True
    )
    text = fields.Text("Analysis", required=True)
    figures = fields.Char("What clients said", compute="_compute_figures", help="What clients said of the dimension.")
    is_editable = fields.Boolean("May be changed", compute="_compute_is_editable")
    available_dimension_ids = fields.Many2many(
        "sig.survey.dimension", string="Dimensions to analyse", compute="_compute_available_dimension_ids"
    )

    _one_each = models.UniqueIndex(
        "(wave_id, dimension_id, user_id)", "You have analysed that dimension already: change what you wrote."
    )

    @api.depends("wave_id", "dimension_id")
    @api.depends_context("uid", "lang")
    def _compute_figures(self):
        results = {wave: wave._get_readable_results() for wave in self.wave_id if wave.state != "draft"}
        for analysis in self:
            wave, told = analysis.wave_id, results.get(analysis.wave_id)
            found = told and [part for part in told["dimensions"] if part["id"] == analysis.dimension_id.id]
            analysis.figures = wave._tell_dimension(found[0]) if found else False

    @api.depends("user_id", "dimension_id")
    @api.depends_context("uid")
    def _compute_is_editable(self):
        for analysis in self:
            analysis.is_editable = not analysis.id or analysis._may_write()

    @api.depends("wave_id")
    @api.depends_context("uid")
    def _compute_available_dimension_ids(self):
        """Dimensions of the questionnaire that the user may analyse."""
        is_sig = self.env.user.has_group("sig_pqrs.group_sig_director")
        for analysis in self:
            dimensions = analysis.wave_id.sudo().survey_id.question_ids.sig_dimension_id
            analysis.available_dimension_ids = dimensions.filtered(
                lambda dimension, company=analysis.wave_id.company_id: is_sig or self._filter_led(dimension, company)
            )

    def _may_write(self):
        """Whether the current user writes this analysis: their own, of a dimension of a process they lead; the SIG,
        any."""
        if self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director"):
            return True
        return self.user_id == self.env.user and bool(self._filter_led(self.dimension_id, self.company_id))

    @api.model
    def _filter_led(self, dimensions, company):
        """The processes of some dimensions that the current user leads."""
        return dimensions._get_processes(company).with_env(self.env).sudo()._filter_led_by_user()

    def _check_may_write(self):
        for analysis in self:
            if not analysis._may_write():
                raise AccessError(
                    self.env._(
                        "“%s” is analysed by the leaders of its processes, each in their own words.",
                        analysis.dimension_id.name,
                    )
                )
            if analysis.sudo().wave_id.state == "draft":
                raise UserError(self.env._("%s has no results yet.", analysis.wave_id.name))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        analyses = super().create(vals_list)
        analyses._check_may_write()
        return analyses

    def write(self, vals):
        if not self.env.su and {"wave_id", "dimension_id", "user_id"} & vals.keys():
            raise UserError(self.env._("Of an analysis, only its text is changed."))
        self._check_may_write()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_own(self):
        self._check_may_write()


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    analysis_ids = fields.One2many("sig.survey.analysis", "wave_id", "Analyses", readonly=True, copy=False)
    can_analyse = fields.Boolean("May analyse", compute="_compute_can_analyse")

    @api.depends_context("uid")
    def _compute_can_analyse(self):
        """Whether the user leads a process of a dimension of the questionnaire, or is the SIG."""
        is_sig = self.env.user.has_group("sig_pqrs.group_sig_director")
        is_leader = is_sig or self.env.user.has_group("sig_pqrs.group_process_leader")
        for wave in self:
            if wave.state == "draft" or not is_leader:
                wave.can_analyse = False
                continue
            dimensions = wave.sudo().survey_id.question_ids.sig_dimension_id
            wave.can_analyse = is_sig or bool(self.env["sig.survey.analysis"]._filter_led(dimensions, wave.company_id))

    def _tell_dimension(self, dimension):
        """“Satisfied: 80,0 % (62,7 % – 90,5 %). No detectable change.”"""
        value, interval = self._tell_estimate(dimension["satisfied"])
        if not value:
            return self._tell_missing(dimension).capitalize() + "."
        told = self.env._("Satisfied: %(value)s (margin: %(interval)s).", value=value, interval=interval)
        if dimension["change"]["verdict"] == NOT_COMPARABLE:
            return told
        return f"{told} {self._tell_change(dimension['change'])['text']}."

    def action_open_analyses(self):
        """The analyses of the wave, to read and to write."""
        self.ensure_one()
        return {
            **self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_survey_analysis"),
            "domain": [("wave_id", "=", self.id)],
            "context": {"default_wave_id": self.id},
        }

    def action_write_analysis(self):
        """A new analysis of the wave, in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My analysis"),
            "res_model": "sig.survey.analysis",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_wave_id": self.id},
        }
