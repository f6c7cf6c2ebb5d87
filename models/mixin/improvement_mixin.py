from odoo import models


class ImprovementMixin(models.AbstractModel):
    """Steps of what is of no case: findings, plans and their activities, measures, which share a dialog, and others."""

    _name = "sig.improvement.mixin"
    _inherit = "sig.transition.mixin"
    _description = "Steps of Improvement"

    _step_action = "sig_pqrs.action_improvement_wizard"
    _step_wizard = "sig.pqrs.improvement.wizard"

    def _get_step_cases(self):
        return self.env["sig.pqrs"]

    def _get_step_context(self):
        return {"default_res_model": self._name, "default_res_ids": self.ids}
