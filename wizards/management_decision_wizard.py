from odoo import api, fields, models


class ManagementDecisionWizard(models.TransientModel):
    """The steps of what top management decided, in the dialog of the steps of improvement."""

    _inherit = "sig.pqrs.improvement.wizard"

    step = fields.Selection(
        selection_add=[("carry_out", "Decision carried out"), ("give_up", "Drop the decision")],
        ondelete={"carry_out": "cascade", "give_up": "cascade"},
    )
    decision_ids = fields.Many2many(
        "sig.management.decision", "sig_improvement_wizard_decision_rel", string="Decisions"
    )

    @api.model
    def _get_chosen_fields(self):
        return [*super()._get_chosen_fields(), "decision_ids"]

    def _take_carry_out(self):
        self.decision_ids.action_carry_out(self.reason)

    def _take_give_up(self):
        self.decision_ids.action_give_up(self.reason)
