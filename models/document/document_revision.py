from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class DocumentRevision(models.Model):
    """One line of the change control of a document, with what its version said: it stays as it was issued."""

    _name = "sig.document.revision"
    _description = "SIG Document Revision"
    _inherit = ["sig.record.mixin"]
    _order = "date desc, id desc"
    _rec_name = "version"

    document_id = fields.Many2one("sig.document", required=True, ondelete="cascade", index=True)
    version = fields.Char(required=True)
    date = fields.Date(required=True)
    description = fields.Text("Description of the change", required=True, translate=True)
    name = fields.Char("Title", readonly=True)
    code = fields.Char(readonly=True)
    prepared_by = fields.Char("Prepared by", readonly=True)
    reviewed_by = fields.Char("Reviewed by", readonly=True)
    approved_by = fields.Char("Approved by", readonly=True)

    @api.depends("code", "version", "date", "document_id.code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for revision in self:
            revision.display_name = self.env._(
                "%(code)s version %(version)s (%(date)s)",
                code=revision.code or revision.document_id.code or "",
                version=revision.version or "",
                date=tools.format_date(self.env, revision.date, date_format="dd/MM/yyyy") if revision.date else "",
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Versions are issued from the document."))
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A version that was issued does not change: issue the next one."))
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A version that was issued does not change: issue the next one."))

    @api.model
    @tools.ormcache("company_id")
    def _get_procedure_versions(self, company_id):
        """``((date, id))`` of the versions of the procedure of a company, the last first."""
        document = self.env["sig.document"]._get_for("procedure", self.env["res.company"].browse(company_id))
        versions = document.revision_ids.sorted(lambda revision: (revision.date, revision.id), reverse=True)
        return tuple((revision.date, revision.id) for revision in versions)

    @api.model
    def _get_procedure_id(self, company, day):
        """Id of the version of the procedure that a company had on a day; the first one before there was any."""
        versions = self._get_procedure_versions(company.id)
        in_force = [id_ for date, id_ in versions if date <= day]
        return (in_force[:1] or [id_ for _date, id_ in versions[-1:]] or [False])[0]
