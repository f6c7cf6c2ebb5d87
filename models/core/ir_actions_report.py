from odoo import models

from ...tools import printed_html

#: the report of which the review keeps the file that was closed
REVIEW = "sig_pqrs.report_management_review"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_template(self, template, values=None):
        """What people write, and petitioners send, reaches paper: there it loads nothing from elsewhere.

        The engine would load it from inside the company's network, with the session of who prints.
        """
        content = super()._render_template(template, values)
        return printed_html.keep_inside(content) if template.startswith("sig_pqrs.") else content

    def retrieve_attachment(self, record):
        """What was closed is the file that the review keeps: core looks for any file of that name on the record."""
        if self.report_name != REVIEW:
            return super().retrieve_attachment(record)
        record.check_access("read")
        return record.sudo().pdf_id if record.state == "closed" else None

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Whoever prints a closed review gets what was closed, whatever the context of the request asks."""
        report = self
        if self.env.context.get("report_pdf_no_attachment") and self._get_report(report_ref).report_name == REVIEW:
            report = self.with_context(report_pdf_no_attachment=False)
        return super(IrActionsReport, report)._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
