from odoo import api, models

from ..models.core.base import TELLING


class MailComposeMessage(models.TransientModel):
    """Core computes as superuser what a message is called, what it is on and whom it goes to: of the message that it
    answers and of templates, which tell of records. Both are of what the user reads.
    """

    _name = "mail.compose.message"
    _inherit = ["mail.compose.message", "sig.output.mixin"]

    @api.model
    def default_get(self, fields):
        return self._sig_filter_parent(super().default_get(fields))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._sig_filter_parent(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._sig_filter_parent(vals))

    def onchange(self, values, field_names, fields_spec):
        return super().onchange(self._sig_filter_parent(values), field_names, fields_spec)

    @api.model
    def _sig_filter_parent(self, values):
        """Values of a composer; a parent that the user may not read is none, however it is given."""
        if not values.get("parent_id"):
            return values
        parent = self.new({"parent_id": values["parent_id"]}).parent_id._origin.exists()
        return {**values, "parent_id": parent._sig_filter_named().id}

    def _evaluate_res_ids(self):
        """Texts and recipients are made of records that the user reads: templates may tell what the user may not."""
        ids = super()._evaluate_res_ids()
        if ids and (self.model or "").startswith(TELLING) and not self.env["mail.message"]._sig_is_step():
            return self.env[self.model].browse(ids)._sig_filter_named().ids
        return ids
