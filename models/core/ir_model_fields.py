from odoo import api, models

#: mixins of core whose labels core translates for its own models alone
MIXINS = ("mail.activity.mixin", "rating.mixin")


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    @api.model
    def get_field_selection(self, model_name, field_name):
        if model_name.startswith("sig."):
            field = self.env[model_name]._fields[field_name]
            for mixin in MIXINS:
                if field_name in self.env[mixin]._fields and field._module != "sig_pqrs":
                    return super().get_field_selection(mixin, field_name)
        return super().get_field_selection(model_name, field_name)
