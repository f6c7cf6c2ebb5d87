from odoo import fields, models


class Website(models.Model):
    _inherit = "website"

    sig_pqrs_active = fields.Boolean("PQRS pages")
    sig_pqrs_button = fields.Boolean("PQRS button", default=True)
    sig_pqrs_hourly_limit = fields.Integer("PQRS an hour from one connection", default=60)
    sig_pqrs_figures = fields.Boolean("Public figures of PQRS")

    def _sig_receives(self):
        website = self.sudo()
        return bool(website) and website.sig_pqrs_active and website.company_id.sig_active

    def _sig_get_companies(self):
        """Whose pages for clients are here: its company, as superuser, and those without a website of their own."""
        own = self.sudo().company_id
        return own | own.search([("website_id", "=", False)])

    def _sig_publishes(self):
        return self._sig_receives() and self.sig_pqrs_figures


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sig_pqrs_active = fields.Boolean(related="website_id.sig_pqrs_active", readonly=False)
    sig_pqrs_button = fields.Boolean(related="website_id.sig_pqrs_button", readonly=False)
    sig_pqrs_hourly_limit = fields.Integer(related="website_id.sig_pqrs_hourly_limit", readonly=False)
    sig_pqrs_figures = fields.Boolean(related="website_id.sig_pqrs_figures", readonly=False)
