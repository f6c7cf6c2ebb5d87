from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    sig_led_process_ids = fields.One2many("sig.process", "leader_id", "SIG processes led")
    sig_process_ids = fields.Many2many(
        "sig.process", "sig_process_member_rel", "user_id", "process_id", "SIG processes"
    )
