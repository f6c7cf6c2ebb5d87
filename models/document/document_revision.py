from odoo import fields, models


class DocumentRevision(models.Model):
    """One line of the change control of a document."""

    _name = "sig.document.revision"
    _description = "SIG Document Revision"
    _order = "date desc, id desc"
    _rec_name = "version"

    document_id = fields.Many2one("sig.document", required=True, ondelete="cascade", index=True)
    version = fields.Char(required=True)
    date = fields.Date(required=True)
    description = fields.Text("Description of the change", required=True, translate=True)
