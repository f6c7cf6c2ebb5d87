from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The scripts of our pages speak the language of who reads them."""
        return [*super()._get_translation_frontend_modules_name(), "sig_pqrs"]
