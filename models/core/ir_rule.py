from odoo import api, models


class IrRule(models.Model):
    """Adds ``audited_company_ids`` to rules: the companies that the user audits today."""

    _inherit = "ir.rule"

    @api.model
    def _eval_context(self):
        audited_ids = self.env["sig.audit.access"]._get_audited_company_ids()
        return super()._eval_context() | {"audited_company_ids": audited_ids}

    def _compute_domain_context_values(self):
        yield from super()._compute_domain_context_values()
        yield tuple(self.env["sig.audit.access"]._get_audited_company_ids())
