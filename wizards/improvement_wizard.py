from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..models.choices import choices_of
from ..models.json_list import JsonList
from .dialog import PROPOSED, get_shown


class ImprovementWizard(models.TransientModel):
    """The dialog of steps of records that are of no case: those of one model, by their ids."""

    _name = "sig.pqrs.improvement.wizard"
    _inherit = ["sig.output.mixin"]
    _description = "Step of Improvement"

    step = fields.Selection(
        [
            ("plan", "Make a plan"),
            ("dismiss", "Leave without a plan"),
            ("complete", "Record it as done"),
            ("drop", "Drop the activity"),
            ("verify", "Verify the effectiveness"),
            ("cancel", "Cancel the plan"),
            ("register", "Register in QVO"),
            ("correct", "Correct the figure"),
            ("carry_out", "Record it as done"),
            ("give_up", "Drop the decision"),
            ("return", "Return the version"),
            ("decline", "Record that they decline"),
            ("wrong_contact", "Wrong contact"),
            ("exclude", "Leave out of the wave"),
            ("transcribe", "Transcribe the paper"),
        ],
        required=True,
        readonly=True,
    )
    res_model = fields.Selection(lambda self: self._get_models(), "Kind of record", readonly=True)
    res_ids = JsonList("Records", readonly=True)
    reason = fields.Text()
    proof_ids = fields.Many2many("ir.attachment", string="Files", bypass_search_access=True)
    mode = fields.Selection([("new", "A new plan"), ("existing", "A plan that is running")], default="new")
    company_id = fields.Many2one("res.company", compute="_compute_plan", **PROPOSED)
    name = fields.Char("Title of the plan", compute="_compute_plan", **PROPOSED)
    kind = fields.Selection(selection=choices_of("sig.action.plan", "kind"), default="corrective")
    process_id = fields.Many2one("sig.process", compute="_compute_plan", **PROPOSED)
    user_id = fields.Many2one("res.users", "Responsible", compute="_compute_plan", **PROPOSED)
    target_id = fields.Many2one("sig.action.plan", "Plan that attends to it")
    effective = fields.Selection([("yes", "It was effective"), ("no", "It was not effective")], "Verdict")
    criterion = fields.Text("Criterion of effectiveness", compute="_compute_told")
    verification_date = fields.Date("Verify again from")
    confirmed_text = fields.Char("Confirmed", compute="_compute_told")
    today_text = fields.Char("With today's data", compute="_compute_correction", **PROPOSED)
    analysis = fields.Text(compute="_compute_correction", **PROPOSED)
    scan = fields.Binary("Scan of the paper", attachment=False)
    scan_name = fields.Char()
    received_on = fields.Date("Paper received on")

    @api.model
    def _get_models(self):
        """The models whose steps it takes."""
        of_no_case = (model for model in self.env.registry.values() if getattr(model, "_dialog_field", True) is None)
        return [(model._name, model._description) for model in of_no_case if not model._abstract]

    def _get_of(self, model):
        """Those of the records that the user reads; none where they are of another model."""
        ids = self.res_ids if self.res_model == model and isinstance(self.res_ids, list) else ()
        ids = [id_ for id_ in ids if isinstance(id_, int) and not isinstance(id_, bool)]
        return self.env[model].browse(ids).exists()._filtered_access("read")

    @api.depends("res_model", "res_ids")
    def _compute_plan(self):
        for wizard in self:
            findings = wizard._get_of("sig.finding")
            processes = findings.process_id
            wizard.company_id = findings.company_id[:1]
            wizard.name = findings[:1].name
            wizard.process_id = processes if len(processes) == 1 else False
            wizard.user_id = wizard.process_id.sudo().leader_id or self.env.user

    @api.depends("res_model", "res_ids")
    def _compute_told(self):
        for wizard in self:
            measure = wizard._get_of("sig.indicator.measure")[:1]
            wizard.criterion = wizard._get_of("sig.action.plan")[:1].verification_criterion
            wizard.confirmed_text = measure.value_text

    @api.depends("res_model", "res_ids")
    def _compute_correction(self):
        for wizard in self:
            measure = wizard._get_of("sig.indicator.measure")[:1]
            wizard.today_text, wizard.analysis = measure.today_text, measure.analysis

    def action_confirm(self):
        self.ensure_one()
        wizard = self.with_context(clean_context(self.env.context))
        records = wizard._get_of(wizard.res_model) if wizard.res_model else None
        if not records or len(records) < len(wizard.res_ids):  # the step would leave some out silently
            text = self.env._(
                "You may no longer see all that you chose, so nothing was done. Reload the page and choose again."
            )
            raise UserError(text)
        if wizard.step not in records._transitions:
            raise UserError(self.env._("There is no such step."))
        if take := getattr(wizard, f"_take_{wizard.step}", None):
            result = take(records)
        else:
            result = getattr(records, f"action_{wizard.step}")(wizard.reason)
        return result if isinstance(result, dict) else {"type": "ir.actions.act_window_close"}

    def _take_plan(self, findings):
        if self.mode == "existing":
            if not self.target_id:
                raise UserError(self.env._("Choose the plan that attends to it."))
            plan_id = findings.action_plan(plan_id=self.target_id.id)
        else:
            plan_id = findings.action_plan(vals=get_shown(self, ("name", "kind", "process_id", "user_id")))
        return self.env["sig.action.plan"].browse(plan_id)._get_records_action(context={})

    def _take_complete(self, lines):
        lines.action_complete(evidence=self.reason, attachments=self.proof_ids.ids)

    def _take_register(self, measures):
        measures.action_register(evidence=self.reason, attachments=self.proof_ids.ids)

    def _take_verify(self, plans):
        plans.action_verify({"yes": True, "no": False}.get(self.effective), self.reason, self.verification_date)

    def _take_correct(self, measures):
        if len(measures) != 1:
            raise UserError(self.env._("Correct one figure at a time."))
        if self.today_text != measures.today_text:
            raise UserError(self.env._("The figure changed since you opened this: open it again, and read it."))
        measures.action_correct(self.reason, analysis=self.analysis or "")

    def _take_transcribe(self, recipients):
        return recipients[0]._transcribe(self.scan_name, self.scan, self.received_on)
