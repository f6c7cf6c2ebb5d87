from odoo import fields, models

from .priority import HIGH, NORMAL, URGENT


class PqrsReason(models.Model):
    """What a case is about: key of repetition, and source of proposals in triage."""

    _name = "sig.pqrs.reason"
    _description = "PQRS Reason"
    _inherit = ["sig.shared.mixin"]
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="The spreadsheet of imports knows it by this code.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    origin_id = fields.Many2one("sig.pqrs.reason")
    type_id = fields.Many2one(
        "sig.pqrs.type",
        "Proposed type",
        check_company=True,
        help="Proposed when a case is registered; the SIG decides it by what is asked for.",
    )
    process_id = fields.Many2one("sig.process", "Proposed process", check_company=True)
    user_id = fields.Many2one(
        "res.users",
        "Proposed responsible",
        help="Proposed to draft; without one, the leader of the process gives it to somebody.",
    )
    instruction = fields.Text("Proposed instruction", translate=True)
    priority = fields.Selection(
        [(NORMAL, "Normal"), (HIGH, "High"), (URGENT, "Urgent")], "Proposed priority", default=NORMAL, required=True
    )
    legal_risk = fields.Boolean(
        "Proposes legal review", help="Its answers go to the legal reviewer before they are sent."
    )

    def _get_proposal(self, case):
        """:return: values of the proposed assignment; none without a process of the company that can answer."""
        process = self.sudo().process_id
        leader, user = map(process.company_id._sig_filter_own, (process.leader_id, self.sudo().user_id))
        if process.company_id != case.company_id or not (process.active and leader):
            return {}
        user = self.env["sig.process.absence"]._get_stand_in(user or leader, process)
        return {"process_id": process.id, "user_id": user.id, "instruction": self.instruction or False}
