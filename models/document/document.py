from odoo import api, fields, models
from odoo.exceptions import ValidationError


class Document(models.Model):
    """A controlled document of the management system: what the header and the footer of a printed format say."""

    _name = "sig.document"
    _description = "SIG Document"
    _inherit = ["mail.thread"]
    _order = "code, id"
    _rec_names_search = ["code", "name"]

    name = fields.Char("Title", required=True, translate=True)
    code = fields.Char(required=True, tracking=True)
    usage = fields.Selection(
        [
            ("procedure", "Procedure"),
            ("response", "Answer letter"),
            ("client_sheet", "Client sheet"),
            ("action_plan", "Action plan"),
            ("receipt", "Receipt of a PQRS"),
            ("survey_report", "Report of the satisfaction survey"),
            ("privacy_proof", "Proof of the privacy notice and of consent"),
            ("survey", "Satisfaction survey"),
        ],
        help="The format of this software that the document controls.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: shared by all companies.")
    version = fields.Char(required=True, default="1", tracking=True)
    date = fields.Date(default=fields.Date.context_today, tracking=True, help="Empty: not approved yet.")
    prepared_by = fields.Char("Prepared by", help="Position, as printed.")
    reviewed_by = fields.Char("Reviewed by", help="Position, as printed.")
    approved_by = fields.Char("Approved by", help="Position, as printed.")
    revision_ids = fields.One2many("sig.document.revision", "document_id", "History of changes")

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "Another document has that code.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for document in self:
            document.display_name = f"{document.code} {document.name}"

    @api.constrains("usage", "company_id", "active")
    def _check_usage(self):
        for document in self.filtered(lambda document: document.usage and document.active):
            if self.search_count(
                [
                    ("usage", "=", document.usage),
                    ("company_id", "=", document.company_id.id),
                    ("id", "!=", document.id),
                ],
                limit=1,
            ):
                raise ValidationError(self.env._("Another document controls that format."))

    @api.model
    def _get_for(self, usage, company):
        """The document that controls a format in a company; its own before a shared one."""
        documents = self.sudo().search([("usage", "=", usage), ("company_id", "in", [False, company.id])])
        return documents.sorted(lambda document: not document.company_id)[:1]
