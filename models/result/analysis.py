from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SurveyAnalysis(models.Model):
    """Of a leader, on a dimension of their processes; of the SIG, on the whole survey (procedure 6, data analysis)."""

    _name = "sig.survey.analysis"
    _description = "Analysis of Survey Results"
    _inherit = ["sig.record.mixin"]
    _order = "wave_id desc, dimension_id, id"
    _rec_name = "dimension_id"

    wave_id = fields.Many2one("sig.survey.wave", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="wave_id.company_id", store=True, index=True, precompute=True)
    dimension_id = fields.Many2one("sig.survey.dimension", ondelete="restrict", index=True, check_company=True)
    user_id = fields.Many2one(
        "res.users", "Analysed by", required=True, readonly=True, default=lambda self: self.env.user, index=True
    )
    text = fields.Text("Analysis", required=True)
    is_editable = fields.Boolean("May be changed", compute="_compute_is_editable")
    available_dimension_ids = fields.Many2many(
        "sig.survey.dimension", string="Dimensions to analyse", compute="_compute_available_dimension_ids"
    )

    _one_each = models.UniqueIndex(
        "(wave_id, COALESCE(dimension_id, 0), user_id)",
        "You have written that analysis already: change what you wrote.",
    )

    @api.depends("dimension_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for analysis in self:
            analysis.display_name = analysis.dimension_id.name or self.env._("Conclusion of the survey")

    @api.depends("user_id", "dimension_id")
    @api.depends_context("uid")
    def _compute_is_editable(self):
        for analysis in self:
            analysis.is_editable = not analysis.id or analysis._may_write()

    @api.depends("wave_id")
    @api.depends_context("uid")
    def _compute_available_dimension_ids(self):
        for analysis in self:
            analysis.available_dimension_ids = analysis.wave_id._get_analysable_dimensions()

    def _may_write(self):
        if self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director"):
            return True
        return self.user_id == self.env.user and self.dimension_id in self.wave_id._get_analysable_dimensions()

    def _check_may_write(self):
        for analysis in self:
            if not analysis._may_write():
                name = analysis.display_name
                text = self.env._(
                    "“%s”: a dimension is analysed by the leaders of its processes, and the whole by the SIG.", name
                )
                raise AccessError(text)
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
        for wave in self:
            wave.can_analyse = wave.state != "draft" and bool(wave._get_analysable_dimensions())

    def _get_analysable_dimensions(self):
        """Dimensions of the questionnaire: the SIG analyses all, leaders those of their processes."""
        dimensions = self.sudo().survey_id.question_ids.sig_dimension_id
        if self.env.user.has_group("sig_pqrs.group_sig_director"):
            return dimensions
        return dimensions.filtered(
            lambda dimension: dimension._get_processes(self.company_id).with_env(self.env).sudo()._filter_led_by_user()
        )
