from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..models.choices import choices_of
from .proposed import PROPOSED


class ImprovementWizard(models.TransientModel):
    """Asks for what a step with findings, plans, activities or measures needs to know, and takes it."""

    _name = "sig.pqrs.improvement.wizard"
    _inherit = ["sig.step.dialog", "sig.output.mixin"]
    _description = "Step of Improvement"

    step = fields.Selection(
        [
            ("plan", "Make a plan"),
            ("dismiss", "No plan is needed"),
            ("complete", "Activity done"),
            ("reassign", "Reassign the activity"),
            ("drop", "Drop the activity"),
            ("verify", "Verify the effectiveness"),
            ("reopen", "Reopen the plan"),
            ("restate", "Change how it is verified"),
            ("cancel", "Cancel the plan"),
            ("register", "Registered in QVO"),
            ("correct", "Correct the figure"),
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
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    reason = fields.Text()
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
    criterion = fields.Text("Criterion of effectiveness", compute="_compute_criterion", **PROPOSED)
    verification_date = fields.Date("Verify again from", compute="_compute_criterion", **PROPOSED)

    measure_kind = fields.Selection(
        related="measure_ids.kind",
        related_sudo=False,
        groups="sig_pqrs.group_process_leader",
        string="Kind of indicator",
    )
    measure_unit = fields.Selection(
        related="measure_ids.unit",
        related_sudo=False,
        groups="sig_pqrs.group_process_leader",
        string="Unit of the figure",
    )
    confirmed_text = fields.Char(
        "Confirmed", related="measure_ids.value_text", related_sudo=False, groups="sig_pqrs.group_process_leader"
    )
    today_text = fields.Char(
        "With today's data",
        related="measure_ids.today_text",
        related_sudo=False,
        groups="sig_pqrs.group_process_leader",
    )
    value = fields.Float("Right value", compute="_compute_figure", digits=(16, 2), **PROPOSED)
    numerator = fields.Float("Right numerator", compute="_compute_figure", digits=(16, 2), **PROPOSED)
    denominator = fields.Float("Right denominator", compute="_compute_figure", digits=(16, 2), **PROPOSED)
    analysis = fields.Text(compute="_compute_figure", **PROPOSED)

    @api.depends("finding_ids", "plan_ids", "line_ids", "measure_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = (
                wizard._get_findings().company_id
                or wizard.plan_ids.company_id
                or wizard.line_ids.company_id
                or wizard._get_measures().company_id
            )[:1]

    def _get_findings(self):
        """The findings, each read with the rights of the user; the field is not shown to all who have the dialog."""
        return self.sudo().finding_ids.with_env(self.env)

    def _get_measures(self):
        """The measures, in the same way."""
        return self.sudo().measure_ids.with_env(self.env)

    @api.depends("finding_ids")
    def _compute_plan(self):
        for wizard in self:
            findings = wizard._get_findings()
            processes = findings.process_id
            wizard.name = findings[:1].name
            wizard.process_id = processes if len(processes) == 1 else False
            wizard.user_id = wizard.process_id.sudo().root_id.leader_id or self.env.user

    @api.depends("plan_ids", "step")
    def _compute_criterion(self):
        for wizard in self:
            plan = wizard.plan_ids[:1]
            wizard.criterion = plan.verification_criterion
            wizard.verification_date = wizard.step == "restate" and plan.verification_date

    @api.depends("measure_ids", "step")
    def _compute_figure(self):
        for wizard in self:
            measure = wizard._get_measures()[: 1 if wizard.step == "correct" else 0]
            for name in ("value", "numerator", "denominator", "analysis"):
                wizard[name] = measure[name]

    def action_confirm(self):
        """Take the step."""
        self.ensure_one()
        self._check_chosen()
        wizard = self.with_context(clean_context(self.env.context))  # the defaults were meant for the dialog
        return getattr(wizard, f"_take_{self.step}")() or {"type": "ir.actions.act_window_close"}

    @api.model
    def _get_chosen_fields(self):
        """The fields with what steps are taken with. Hook for who adds steps."""
        return ["finding_ids", "plan_ids", "line_ids", "measure_ids"]

    def _check_chosen(self):
        """What its user may not read is missing from a dialog: the step would leave it out without a word."""
        for name in self._get_chosen_fields():
            chosen = self.sudo()[name].with_env(self.env)
            if len(chosen._filtered_access("read")) < len(chosen):
                raise UserError(
                    self.env._(
                        "You may no longer see all that you chose, so nothing was done. "
                        "Reload the page and choose again."
                    )
                )

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

    def _take_dismiss(self):
        self.finding_ids.action_dismiss(self.reason)

    def _take_complete(self):
        self.line_ids.action_complete(evidence=self.reason, attachments=self.proof_ids.ids)

    def _take_reassign(self):
        self.line_ids.action_reassign(self.user_id.id)

    def _take_drop(self):
        self.line_ids.action_drop(self.reason)

    def _take_verify(self):
        if not self.effective:
            raise UserError(self.env._("Say whether the plan was effective."))
        self.plan_ids.action_verify(self.effective == "yes", self.reason, self.verification_date)

    def _take_reopen(self):
        self.plan_ids.action_reopen(self.reason)

    def _take_restate(self):
        self.plan_ids.action_restate(self.reason, self.criterion, self.verification_date)

    def _take_cancel(self):
        self.plan_ids.action_cancel(self.reason)

    def _take_register(self):
        self.measure_ids.action_register(evidence=self.reason, attachments=self.proof_ids.ids)

    def _take_correct(self):
        measure, values = self.measure_ids, None
        if len(measure) != 1:
            raise UserError(self.env._("Correct one figure at a time."))
        if measure.kind == "manual":
            names = ("numerator", "denominator") if self.denominator else ("value",)
            values = {name: self[name] for name in names}
        measure.action_correct(self.reason, values=values, analysis=self.analysis)
