from odoo import api, models
from odoo.exceptions import UserError


class StepDialog(models.AbstractModel):
    """A dialog that takes the step it is opened for, which its field ``step`` holds."""

    _name = "sig.step.dialog"
    _description = "Dialog of a Step"

    @api.model
    def default_get(self, fields):
        if step := self.env.context.get("default_step"):
            self._check_step(step)
        return super().default_get(fields)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_step(vals.get("step") or self.env.context.get("default_step"))
        return super().create(vals_list)

    def write(self, vals):
        if "step" in vals:
            self._check_step(vals["step"])
        return super().write(vals)

    @api.model
    def _check_step(self, step):
        """Core would fail without a word for the user: in the database, or at a value that it does not know.

        :raises UserError: for what is no step of the dialog.
        """
        if step not in self._fields["step"].get_values(self.env):
            raise UserError(self.env._("There is no such step."))
