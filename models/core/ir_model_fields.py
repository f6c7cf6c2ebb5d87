from odoo import api, models

#: of core, which translates their labels for itself and for its own models, not for those of others
MIXINS = ("mail.activity.mixin", "rating.mixin")


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    @api.model
    def get_field_selection(self, model_name, field_name):
        """Labels that our models have from mixins of core are those of the mixin, which are translated."""
        if model_name.startswith("sig."):
            for mixin in MIXINS:
                if (
                    field_name in self.env[mixin]._fields
                    and self.env[model_name]._fields[field_name]._module != "sig_pqrs"
                ):
                    return super().get_field_selection(mixin, field_name)
        return super().get_field_selection(model_name, field_name)
