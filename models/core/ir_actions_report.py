from odoo import models

from ...tools import printed_html

#: report whose PDF the review stores when it is closed
REVIEW = "sig_pqrs.report_management_review"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_template(self, template, values=None):
        """Printed texts of users and petitioners load nothing from elsewhere: the engine would load it from inside the
        company's network, with the session of who prints.
        """
        content = super()._render_template(template, values)
        return printed_html.keep_inside(content) if template.startswith("sig_pqrs.") else content

    def retrieve_attachment(self, record):
        """The PDF of a closed review; core would take any file of that name on the record."""
        if self.report_name != REVIEW:
            return super().retrieve_attachment(record)
        record.check_access("read")
        return record.sudo().pdf_id if record.state == "closed" else None
