from odoo import fields, models


class PqrsProcedure(models.Model):
    """Under which version of the procedure a case is handled: the one in force when it was received."""

    _inherit = "sig.pqrs"

    procedure_revision_id = fields.Many2one(
        "sig.document.revision",
        "Version of the procedure",
        readonly=True,
        ondelete="restrict",
        help="The one in force when the case was received.",
    )

    def _create_with_acts(self, vals_list, first_acts):
        get_version = self.env["sig.document.revision"]._get_procedure_id
        for vals in vals_list:
            company = self.env["res.company"].browse(vals["company_id"]).sudo()
            vals["procedure_revision_id"] = get_version(company, company._sig_local_date(vals["date_received"]))
        return super()._create_with_acts(vals_list, first_acts)
