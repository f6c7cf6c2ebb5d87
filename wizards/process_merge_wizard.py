from odoo import api, fields, models


class ProcessMergeWizard(models.TransientModel):
    _name = "sig.process.merge.wizard"
    _description = "Merge Processes"
    _inherit = ["sig.output.mixin"]

    source_ids = fields.Many2many(
        "sig.process", string="Processes", required=True, default=lambda self: self.env.context.get("active_ids")
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    target_id = fields.Many2one(
        "sig.process",
        "Merge into",
        required=True,
        domain="[('company_id', '=', company_id), ('id', 'not in', source_ids)]",
        help="It answers from now on, and reports count by it.",
    )
    reason = fields.Char(required=True)
    keep_people = fields.Boolean(
        "Keep the people",
        default=True,
        help="Its leader, deputies and collaborators become collaborators of the other.",
    )
    moving_count = fields.Integer("Drafts that move", compute="_compute_counts")
    staying_count = fields.Integer(
        "Drafts that stay", compute="_compute_counts", help="Their case waits for the other process already."
    )

    @api.depends("source_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.source_ids.company_id[:1]

    @api.depends("source_ids", "target_id")
    def _compute_counts(self):
        for wizard in self:
            moving, staying = wizard.source_ids._get_drafts_to_merge(wizard.target_id)
            wizard.moving_count, wizard.staying_count = len(moving), len(staying)

    def action_confirm(self):
        self.ensure_one()
        self.source_ids.action_merge(self.target_id.id, self.reason, self.keep_people)
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_process")
        return {**action, "views": [(False, "form")], "res_id": self.target_id.id}
