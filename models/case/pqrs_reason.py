from odoo import fields, models
from odoo.exceptions import UserError

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

    _check_company_auto = True

    def _get_proposal(self, case):
        """:return: ``(values of the proposed assignment, [warnings])``; no values without a process that can answer."""
        self_sudo = self.sudo()
        process = self_sudo.process_id
        if not process or process.company_id != case.company_id:
            return {}, []
        try:
            process._check_can_answer()
        except UserError as error:
            return {}, [error.args[0]]
        warnings = []
        user = self_sudo.user_id
        if user:
            try:
                case.sudo()._check_drafter(user)
            except UserError as error:
                warnings = [error.args[0]]
                user = user.browse()
        user = self.env["sig.process.absence"]._get_stand_in(user or process.leader_id, process)
        return {"process_id": process.id, "user_id": user.id, "instruction": self.instruction or False}, warnings
