from odoo import fields, models

from ..models.communication.communication import BY_HAND

#: options of a computed field that the user may change; its values are read with the rights of the user
PROPOSED = {"store": True, "compute_sudo": False, "readonly": False}


def active_of(model):
    """The default of a many2one to a model: the record of the screen."""

    def get_default(self):
        return self.env.context.get("active_id") if self.env.context.get("active_model") == model else False

    return get_default


class DeliveryDialog(models.AbstractModel):
    """A dialog that asks how the petitioner of a case was told something, and when (``date``)."""

    _name = "sig.delivery.dialog"
    _description = "How It Was Delivered"
    _inherit = ["sig.output.mixin"]

    pqrs_id = fields.Many2one("sig.pqrs", required=True, default=lambda self: self.env.context.get("active_id"))
    by_the_hour = fields.Boolean(related="pqrs_id.due_by_authority", related_sudo=False, string="Dated by the hour")
    moment = fields.Datetime(
        "Date and hour of the delivery", help="When the client received it, not when it was printed."
    )
    reference = fields.Char("Tracking number")
    received_by = fields.Char("Received by")
    proof_ids = fields.Many2many("ir.attachment", string="Proof (photo, receipt, recording)", bypass_search_access=True)

    def _get_proof(self, medium):
        return {
            "date": self.moment if self.by_the_hour else self.date,
            "proof": self.proof_ids.ids,
            "reference": medium == "letter" and self.reference,
            "received_by": medium in BY_HAND and self.received_by,
        }
