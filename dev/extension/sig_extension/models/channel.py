from odoo import fields, models


class Pqrs(models.Model):
    _inherit = "sig.pqrs"

    channel = fields.Selection(
        selection_add=[("social", "Social network"), ("api",)], ondelete={"social": "set default"}
    )
