from odoo import fields, models


class PqrsReason(models.Model):
    """What a case is about: the key by which repetition is seen, and what triage starts from."""

    _name = "sig.pqrs.reason"
    _description = "PQRS Reason"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: shared by all companies.")
    process_id = fields.Many2one("sig.process", "Proposed process", check_company=True)
    user_id = fields.Many2one("res.users", "Proposed responsible")
    instruction = fields.Text("Proposed instruction", translate=True)
    priority = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Urgent")], "Proposed priority", default="0", required=True
    )
    legal_risk = fields.Boolean("Proposes legal review")

    _check_company_auto = True
