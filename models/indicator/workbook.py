from base64 import b64encode

from odoo import api, fields, models


class Workbook(models.TransientModel):
    """A generated workbook until its download; only its creator reads it."""

    _name = "sig.workbook"
    _description = "Workbook to Download"
    _inherit = ["sig.output.mixin"]

    name = fields.Char(required=True, readonly=True)
    file = fields.Binary("Workbook", required=True, readonly=True, attachment=False)

    @api.model
    def _offer(self, name, content):
        workbook = self.sudo().create({"name": name, "file": b64encode(content)})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content?model={self._name}&id={workbook.id}&field=file&filename_field=name&download=true",
            "target": "self",
        }
