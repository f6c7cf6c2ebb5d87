from base64 import b64encode

from odoo import api, fields, models, tools

from ...tools.report_workbook import Letterhead


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

    @api.model
    def _get_letterhead(self, usage, company, *lines, day=None):
        """The `Letterhead` of a format (see ``usage`` of `sig.document`), in its version of a day (today)."""
        documents = self.env["sig.document"]
        document = documents._get_for(usage, company, day)
        control = self.env._(
            "Code: %(code)s · Version: %(version)s · Date: %(date)s",
            code=document.code or "—",
            version=document.version or "—",
            date=tools.format_date(self.env, document.date, date_format="dd/MM/yyyy") or "—",
        )
        title = document.name or documents._get_choices("usage")[usage]
        return Letterhead(company.name, (title, control, *lines))
