from odoo import api, fields, models

from .dialog import PROPOSED, get_shown


class AbsenceWizard(models.TransientModel):
    _name = "sig.absence.wizard"
    _description = "I Am Away"
    _inherit = ["sig.output.mixin"]

    user_id = fields.Many2one("res.users", "Who is away", required=True, default=lambda self: self.env.user)
    process_ids = fields.Many2many("sig.process", string="Processes", compute="_compute_process_ids", **PROPOSED)
    substitute_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Drafts meanwhile; for a leader or deputy, approves. Without one, the deputies approve, or else the SIG.",
    )
    date_from = fields.Date("First day", required=True, default=lambda self: self.env.company._sig_today())
    date_to = fields.Date("Last day", required=True)
    reason = fields.Char(groups="sig_pqrs.group_process_leader")

    @api.depends("user_id")
    def _compute_process_ids(self):
        Process = self.env["sig.process"]
        for wizard in self:
            wizard.process_ids = Process.search(Process._get_domain_of_people(wizard.user_id))

    def action_confirm(self):
        self.ensure_one()
        absence = get_shown(self, ("user_id", "substitute_id", "date_from", "date_to"))
        if self.env.user.has_group("sig_pqrs.group_process_leader"):
            absence["reason"] = self.reason
        self.env["sig.process.absence"].create([{"process_id": process.id, **absence} for process in self.process_ids])
        return {"type": "ir.actions.act_window_close"}
