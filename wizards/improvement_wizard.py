from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..models.choices import choices_of
from .dialog import PROPOSED

OF_COMPANY = ("finding_ids", "plan_ids", "line_ids", "measure_ids", "decision_ids")
OF_MEASURE = {"related_sudo": False, "groups": "sig_pqrs.group_process_leader"}


class ImprovementWizard(models.TransientModel):
    _name = "sig.pqrs.improvement.wizard"
    _inherit = ["sig.output.mixin"]
    _description = "Step of Improvement"

    step = fields.Selection(
        [
            ("plan", "Make a plan"),
            ("dismiss", "Leave without a plan"),
            ("complete", "Activity done"),
            ("reassign", "Reassign the activity"),
            ("drop", "Drop the activity"),
            ("verify", "Verify the effectiveness"),
            ("cancel", "Cancel the plan"),
            ("register", "Register in QVO"),
            ("correct", "Correct the figure"),
            ("carry_out", "Decision carried out"),
            ("give_up", "Drop the decision"),
            ("return", "Return the version"),
        ],
        required=True,
        readonly=True,
    )
    finding_ids = fields.Many2many("sig.finding", string="Findings", groups="sig_pqrs.group_process_leader")
    plan_ids = fields.Many2many("sig.action.plan", "sig_improvement_wizard_plan_rel", string="Plans")
    line_ids = fields.Many2many("sig.action.plan.line", "sig_improvement_wizard_line_rel", string="Activities")
    measure_ids = fields.Many2many(
        "sig.indicator.measure", string="Measurements", groups="sig_pqrs.group_process_leader"
    )
    decision_ids = fields.Many2many(
        "sig.management.decision", "sig_improvement_wizard_decision_rel", string="Decisions"
    )
    revision_ids = fields.Many2many("sig.document.revision", string="Versions of documents")
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    reason = fields.Text("Explanation")
    proof_ids = fields.Many2many("ir.attachment", string="Files", bypass_search_access=True)
    mode = fields.Selection(
        [("new", "A new plan"), ("existing", "A plan that is running"), ("external", "A plan in another system")],
        default="new",
    )
    name = fields.Char("Title of the plan", compute="_compute_plan", **PROPOSED)
    kind = fields.Selection(selection=choices_of("sig.action.plan", "kind"), default="corrective")
    process_id = fields.Many2one("sig.process", compute="_compute_plan", **PROPOSED)
    user_id = fields.Many2one("res.users", "Responsible", compute="_compute_plan", **PROPOSED)
    target_id = fields.Many2one("sig.action.plan", "Plan that attends to it")
    external_reference = fields.Char("Code in another system")
    external_url = fields.Char("Address in another system")
    effective = fields.Selection([("yes", "It was effective"), ("no", "It was not effective")], "Verdict")
    criterion = fields.Text(
        "Criterion of effectiveness", related="plan_ids.verification_criterion", related_sudo=False, help=""
    )
    verification_date = fields.Date("Verify again from")

    confirmed_text = fields.Char("Confirmed", related="measure_ids.value_text", **OF_MEASURE)
    today_text = fields.Char("With today's data", related="measure_ids.today_text", **OF_MEASURE)
    analysis = fields.Text(compute="_compute_analysis", **PROPOSED)

    @api.depends(*OF_COMPANY)
    def _compute_company_id(self):
        for wizard in self:
            chosen = map(wizard._get_chosen, OF_COMPANY)
            wizard.company_id = self.env["res.company"].union(*(records.company_id for records in chosen))[:1]

    def _get_chosen(self, name):
        """:return: records in the user's environment, also when the user has no access to the field."""
        return self.sudo()[name].with_env(self.env)

    @api.depends("finding_ids")
    def _compute_plan(self):
        for wizard in self:
            findings = wizard._get_chosen("finding_ids")
            processes = findings.process_id
            wizard.name = findings[:1].name
            wizard.process_id = processes if len(processes) == 1 else False
            wizard.user_id = wizard.process_id.sudo().leader_id or self.env.user

    @api.depends("measure_ids", "step")
    def _compute_analysis(self):
        for wizard in self:
            wizard.analysis = wizard.step == "correct" and wizard._get_chosen("measure_ids")[:1].analysis

    def action_confirm(self):
        self.ensure_one()
        wizard = self.with_context(clean_context(self.env.context))
        reason, files = wizard.reason, wizard.proof_ids.ids
        steps = {
            "plan": wizard._take_plan,
            "dismiss": lambda: wizard.finding_ids.action_dismiss(reason),
            "complete": lambda: wizard.line_ids.action_complete(evidence=reason, attachments=files),
            "reassign": lambda: wizard.line_ids.action_reassign(wizard.user_id.id),
            "drop": lambda: wizard.line_ids.action_drop(reason),
            "verify": wizard._take_verify,
            "cancel": lambda: wizard.plan_ids.action_cancel(reason),
            "register": lambda: wizard.measure_ids.action_register(evidence=reason, attachments=files),
            "correct": wizard._take_correct,
            "carry_out": lambda: wizard.decision_ids.action_carry_out(reason),
            "give_up": lambda: wizard.decision_ids.action_give_up(reason),
            "return": lambda: wizard.revision_ids.action_return(reason),
        }
        result = steps[wizard.step]()
        return result if isinstance(result, dict) else {"type": "ir.actions.act_window_close"}

    def _take_plan(self):
        if self.mode == "existing":
            if not self.target_id:
                raise UserError(self.env._("Choose the plan that attends to it."))
            plan_id = self.finding_ids.action_plan(plan_id=self.target_id.id)
        else:
            if self.mode == "external" and not (self.external_reference or "").strip():
                raise UserError(self.env._("Write the code that the plan has in the other system."))
            external = ("external_reference", "external_url") if self.mode == "external" else ()
            plan_id = self.finding_ids.action_plan(
                vals={
                    "name": self.name,
                    "kind": self.kind,
                    "process_id": self.process_id.id,
                    "user_id": self.user_id.id,
                    **{name: self[name] for name in external},
                }
            )
        return self.env["sig.action.plan"].browse(plan_id)._get_records_action(context={})

    def _take_verify(self):
        if not self.effective:
            raise UserError(self.env._("Say whether the plan was effective."))
        self.plan_ids.action_verify(self.effective == "yes", self.reason, self.verification_date)

    def _take_correct(self):
        if len(self.measure_ids) != 1:
            raise UserError(self.env._("Correct one figure at a time."))
        self.measure_ids.action_correct(self.reason, analysis=self.analysis)
