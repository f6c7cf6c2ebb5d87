from odoo import models

from ..tools import printed_html


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_template(self, template, values=None):
        """What people write, and petitioners send, reaches paper: there it loads nothing from elsewhere.

        The engine would load it from inside the company's network, with the session of who prints.
        """
        content = super()._render_template(template, values)
        return printed_html.keep_inside(content) if template.startswith("sig_pqrs.") else content
