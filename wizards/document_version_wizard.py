import re

from odoo import api, fields, models

from ..models.document.document import VERSION_FIELDS


class DocumentVersionWizard(models.TransientModel):
    _name = "sig.document.version.wizard"
    _description = "New Version of a Document"
    _inherit = ["sig.output.mixin"]

    document_id = fields.Many2one("sig.document", required=True, readonly=True)
    current_version = fields.Char(related="document_id.version", related_sudo=False, string="Current version")
    name = fields.Char("Title", required=True)
    code = fields.Char(required=True)
    version = fields.Char("New version", required=True)
    date = fields.Date(required=True, default=lambda self: self.env.company._sig_today())
    description = fields.Text("What changes", required=True)
    prepared_by = fields.Char("Prepared by", help="Position, as printed.")
    reviewed_by = fields.Char("Reviewed by")
    approved_by = fields.Char("Approved by")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        document = self.env["sig.document"].browse(values.get("document_id") or self.env.context.get("active_id"))
        if document.exists():
            names = ("name", "code", "prepared_by", "reviewed_by", "approved_by")
            values.update({name: document[name] for name in names if name in fields}, document_id=document.id)
            values["version"] = self._get_next(document)
        return values

    @api.model
    def _get_next(self, document):
        """:return: version after that of the document, as long; the same while it was never issued."""
        found = re.fullmatch(r"(.*?)(\d+)", document.version or "")
        if not document.revision_ids or not found:
            return document.version
        return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}}"

    def action_issue(self):
        self.ensure_one()
        self.document_id._issue({name: self[name] for name in VERSION_FIELDS}, self.description)
        return {"type": "ir.actions.act_window_close"}
