from odoo import api, models


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    @api.model
    def send_email(self, message, *args, **kwargs):
        message_id = super().send_email(message, *args, **kwargs)
        self.env["mail.mail"]._sig_store_original(message)
        return message_id
