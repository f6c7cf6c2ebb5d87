from odoo import api, fields, models
from odoo.exceptions import UserError

from .dialog import PROPOSED, get_shown


class PqrsAssignWizard(models.TransientModel):
    _name = "sig.pqrs.assign.wizard"
    _description = "Assign PQRS"
    _inherit = ["sig.output.mixin"]

    pqrs_ids = fields.Many2many("sig.pqrs", required=True, default=lambda self: self.env.context.get("active_ids"))
    company_id = fields.Many2one(related="pqrs_ids.company_id", related_sudo=False)
    line_ids = fields.One2many(
        "sig.pqrs.assign.wizard.line", "wizard_id", "Processes", default=lambda self: self._default_line_ids()
    )
    absence_notice = fields.Text("Who is away", compute="_compute_absence_notice")
    shown = fields.Json(default=lambda self: self._get_states(self.env.context.get("active_ids", [])))

    def _get_states(self, ids):
        cases = self.env["sig.pqrs"].browse(ids).exists()
        return {str(case.id): [case.state, *case.process_ids.ids] for case in cases}

    def _default_line_ids(self):
        cases = self.env["sig.pqrs"].browse(self.env.context.get("active_ids", [])).exists()
        reason = cases.reason_id
        return [fields.Command.create(reason._get_proposal(cases[:1]) if len(reason) == 1 else {})]

    @api.depends("line_ids.user_id", "line_ids.process_id", "line_ids.date_due")
    def _compute_absence_notice(self):
        for wizard in self:
            wizard.absence_notice = wizard.line_ids._get_absence_notice()

    def action_assign(self):
        self.ensure_one()
        now = self._get_states(self.pqrs_ids.ids)
        then = {**now, **(self.shown or {})}
        if names := ", ".join(case.name for case in self.pqrs_ids if then[str(case.id)] != now[str(case.id)]):
            raise UserError(self.env._("Somebody took these up meanwhile: %s. Open the dialog again.", names))
        self.pqrs_ids.action_assign(self.line_ids.filtered("process_id")._get_assignments())
        return {"type": "ir.actions.act_window_close"}


class PqrsAssignWizardLine(models.TransientModel):
    _name = "sig.pqrs.assign.wizard.line"
    _inherit = ["sig.output.mixin"]
    _description = "Process to Assign"

    wizard_id = fields.Many2one("sig.pqrs.assign.wizard", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="wizard_id.company_id")
    process_id = fields.Many2one("sig.process")
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        compute="_compute_user_id",
        help="The leader of the process, or who stands in, when nobody is chosen.",
        **PROPOSED,
    )
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids")
    instruction = fields.Char()
    date_due = fields.Date("Draft due", help="From the days of the process when empty.")

    @api.depends("process_id")
    def _compute_user_id(self):
        Absence = self.env["sig.process.absence"]
        for line in self:
            line.user_id = Absence._get_stand_in(line.process_id.leader_id, line.process_id)

    @api.depends("process_id")
    def _compute_candidate_ids(self):
        """The people of the process, and who stands in for them today."""
        for line in self:
            process = line.process_id
            people = process.member_ids | process.deputy_ids | process.leader_id
            absences = self.env["sig.process.absence"]._get_current_of(people, process).values()
            line.candidate_ids = people.union(*(absence.substitute_id.with_env(self.env) for absence in absences))

    def _get_absence_notice(self):
        """Who of the responsibles is away before the draft is due, and for whom they stand in as leader."""
        Absence, notices = self.env["sig.process.absence"], []
        for line in self.filtered("process_id"):
            leader = line.process_id.leader_id
            people = line.user_id
            if line.user_id == Absence._get_stand_in(leader, line.process_id):
                people |= leader
            company, days = line.process_id.company_id, line.process_id.internal_days
            day = line.date_due or company._sig_calendar(internal=True).add(company._sig_today(), days)
            notices.append(Absence._get_notice(people, line.process_id, day))
        return "\n".join(filter(None, notices))

    def _get_assignments(self):
        return [get_shown(line, ("process_id", "user_id", "instruction", "date_due")) for line in self]
