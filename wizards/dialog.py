from odoo import api, models
from odoo.exceptions import UserError

#: options of a computed field that the user may change; its values are read with the rights of the user
PROPOSED = {"store": True, "compute_sudo": False, "readonly": False}


class StepDialog(models.AbstractModel):
    """A dialog of the step that its field ``step`` names.

    :raises UserError: for a step that does not exist, where core would fail with a server error.
    """

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
        if step not in self._fields["step"].get_values(self.env):
            raise UserError(self.env._("There is no such step."))


class ExplainedMixin(models.AbstractModel):
    """A dialog whose fields without help have that of the fields of the same name of `_explained_by`."""

    _name = "sig.explained.mixin"
    _description = "Fields Explained as Those of Another Model"

    _explained_by = "sig.pqrs"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        described = super().fields_get(allfields, attributes)
        if attributes is not None and "help" not in attributes:
            return described
        known = self.env[self._explained_by]
        names = [name for name, values in described.items() if not values.get("help") and name in known._fields]
        for name, values in known.fields_get(names, ["help"]).items() if names else ():
            if values.get("help"):
                described[name]["help"] = values["help"]
        return described
