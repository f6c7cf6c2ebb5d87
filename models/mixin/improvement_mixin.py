from odoo import api, models
from odoo.exceptions import UserError


class ImprovementMixin(models.AbstractModel):
    """A finding, a plan or an activity: moved along its table by steps that have a dialog of their own."""

    _name = "sig.improvement.mixin"
    _inherit = "sig.transition.mixin"
    _description = "Steps of Improvement"

    #: field of the dialog that holds the records
    _dialog_field = None

    def _get_step_cases(self):
        """Nothing here is told by acts of cases."""
        return self.env["sig.pqrs"]

    @api.model
    def _get_step_titles(self):
        return dict(self.env["sig.pqrs.improvement.wizard"]._fields["step"]._description_selection(self.env))

    def action_open_step(self):
        """The dialog of the step named by ``default_step`` in the context, for these records together."""
        step = self.env.context.get("default_step")
        titles = self._get_step_titles()
        if step not in self._transitions or step not in titles:
            raise UserError(self.env._("There is no such step."))
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_improvement_wizard")
        name = f"{titles[step]} · {self.display_name}" if len(self) == 1 else titles[step]
        return {
            **action,
            "name": name,
            "context": {"default_step": step, f"default_{self._dialog_field}": self.ids},
        }
