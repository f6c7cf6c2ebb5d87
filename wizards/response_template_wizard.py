from odoo import api, fields, models

from .dialog import PROPOSED


class ResponseTemplateWizard(models.TransientModel):
    _name = "sig.response.template.wizard"
    _description = "Use a Template"
    _inherit = ["sig.output.mixin"]

    assignment_id = fields.Many2one(
        "sig.pqrs.assignment", required=True, default=lambda self: self.env.context.get("active_id")
    )
    candidate_ids = fields.Many2many("sig.response.template", compute="_compute_candidate_ids")
    template_id = fields.Many2one("sig.response.template", compute="_compute_template_id", **PROPOSED)
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    is_appended = fields.Boolean(compute="_compute_preview")

    @api.depends("assignment_id")
    def _compute_candidate_ids(self):
        for wizard in self:
            case = wizard.assignment_id.pqrs_id
            wizard.candidate_ids = self.env["sig.response.template"]._get_fitting(case, "section")

    @api.depends("assignment_id")
    def _compute_template_id(self):
        for wizard in self:
            wizard.template_id = wizard.candidate_ids[:1]

    @api.depends("template_id", "assignment_id")
    def _compute_preview(self):
        for wizard in self:
            template = wizard.template_id
            wizard.preview = template._render_for(wizard.assignment_id.pqrs_id) if template else False
            wizard.is_appended = wizard.assignment_id._is_answered()

    def action_apply(self):
        self.ensure_one()
        self.assignment_id.action_apply_template(self.template_id.id)
        return {"type": "ir.actions.act_window_close"}
