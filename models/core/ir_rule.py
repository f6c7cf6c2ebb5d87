from odoo import api, models


class IrRule(models.Model):
    """Rules know the companies that the user audits today, as ``audited_company_ids``."""

    _inherit = "ir.rule"

    @api.model
    def _eval_context(self):
        return {
            **super()._eval_context(),
            "audited_company_ids": self.env["sig.audit.access"]._get_audited_company_ids(),
        }

    def _compute_domain_context_values(self):
        """The domains of rules are kept as long as these are the same: the day they change they are made again."""
        yield from super()._compute_domain_context_values()
        yield tuple(self.env["sig.audit.access"]._get_audited_company_ids())
