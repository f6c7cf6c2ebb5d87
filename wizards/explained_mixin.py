from odoo import api, models


class ExplainedMixin(models.AbstractModel):
    """A dialog whose fields stand for those of a record: each is explained as it is there, in one place."""

    _name = "sig.explained.mixin"
    _description = "Fields Explained as Those of Another Model"

    #: model whose fields of the same name explain those that have no help of their own
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
