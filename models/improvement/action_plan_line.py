from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from .. import clock
from ..communication.delivery_proof import DeliveryProof
from ..mixin import transitions as roles
from ..mixin.transitions import Transition
from .action_plan import OPEN

PLANNING_FIELDS = frozenset({"name", "user_id", "date_due", "plan_id", "sequence"})


def _is_running(line):
    return line.plan_state == "in_progress"


class ActionPlanLine(models.Model):
    _name = "sig.action.plan.line"
    _description = "Activity of an Action Plan"
    _inherit = [
        "sig.transition.mixin", "sig.deadline.mixin", "sig.files.mixin",
        "sig.thread.mixin", "sig.activity.mixin",
    ]  # fmt: skip
    _order = "plan_id, sequence, date_due, id"
    _sig_name_length = 80
    # The leader is that of the process of the plan, or the responsible of the plan.
    _transitions = {
        "complete": Transition({"open": (roles.RESPONSIBLE, roles.LEADER, roles.SIG)}, _is_running),
        "drop": Transition(
            {"open": (roles.LEADER, roles.SIG)}, lambda line: line.plan_state in ("draft", "in_progress")
        ),
    }
    _own_activities = ("sig_pqrs.activity_plan", "sig_pqrs.activity_deadline")
    _deadline_field = "date_due"
    _editable_fields = PLANNING_FIELDS | {"progress"}
    _staff_fields = ("user_id",)

    plan_id = fields.Many2one("sig.action.plan", "Action plan", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, precompute=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("What is done", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date("Do it by", required=True, tracking=True)
    date_missed = fields.Date("Had to be done by", readonly=True, copy=False)
    state = fields.Selection(
        [("open", "To do"), ("done", "Done"), ("cancelled", "Dropped")], default="open", index=True, group_expand=True
    )
    plan_state = fields.Selection(related="plan_id.state", string="State of the plan")
    # An activity is done in time or late.
    deadline_state = fields.Selection(
        selection_add=[("answered_on_time", "Done on time"), ("answered_late", "Done late")]
    )
    progress = fields.Integer("Progress (%)", aggregator="avg")
    date_done = fields.Datetime("Done on", readonly=True)
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True, help="Who does it does not verify the plan.")
    evidence = fields.Text(readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "sig_action_plan_line_attachment_rel",
        string="Files of the evidence",
        readonly=True,
        bypass_search_access=True,
    )

    _progress_range = models.Constraint("CHECK (progress BETWEEN 0 AND 100)", "Progress is between 0 and 100 %.")
    _watch_index = models.Index("(company_id, date_due) WHERE state = 'open'")

    def _get_transition_depends(self):
        return ["plan_id.state"]

    def _get_deadline_depends(self):
        return ["state", "date_due", "date_done", "company_id", "plan_id.state"]

    def _get_settled_deadline_state(self):
        return super()._get_settled_deadline_state() or (self.plan_id.state != "in_progress" and "not_applicable")

    def _get_user_roles(self):
        self_sudo = self.sudo()
        of_plans = self_sudo.plan_id.with_env(self.env)._get_user_roles()
        found = {}
        for line, line_sudo in zip(self, self_sudo, strict=True):
            of_plan = of_plans.get(line_sudo.plan_id.with_env(self.env), set())
            found[line] = of_plan & {roles.SIG, roles.LEADER}
            if roles.RESPONSIBLE in of_plan:
                found[line].add(roles.LEADER)
            if line_sudo.user_id == self.env.user:
                found[line].add(roles.RESPONSIBLE)
        return found

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines._check_planning()
        lines._ask_responsible()
        return lines

    def write(self, vals):
        if "date_due" in vals or vals.get("state") == "cancelled":
            open_lines = self.sudo().filtered(lambda line: line.state == "open" and _is_running(line))
            for line in open_lines.filtered(lambda line: not line.date_missed):
                since = max(line.plan_id.date_started, line.company_id._sig_local_date(line.create_date))
                if since <= line.date_due < line.company_id._sig_today():
                    line.date_missed = line.date_due
        if self.env.su or self._editable_fields.isdisjoint(vals):
            return super().write(vals)
        self._check_editable(vals)
        result = super().write(vals)
        if "user_id" in vals:
            self._close_activities()  # what it reminded whoever had it of, too
        if not {"user_id", "date_due"}.isdisjoint(vals):
            self._close_activities("sig_pqrs.activity_plan")
            self._ask_responsible()
        return result

    def _check_editable(self, vals):
        self.check_access("write")
        for line, own in self._get_roles().items():
            if line.state != "open" or line.plan_state not in OPEN:
                raise UserError(self.env._("“%s” is over: it can no longer be changed.", line.display_name))
            if not PLANNING_FIELDS.isdisjoint(vals):
                line._check_planning()
            elif not own:
                raise AccessError(line._get_role_refusal("write"))
            if vals.get("plan_id", line.plan_id.id) != line.plan_id.id:
                raise UserError(self.env._("An activity stays in its plan."))

    def _check_planning(self):
        self.sudo().plan_id.with_env(self.env)._check_editable({})

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for line in self:
            if line.plan_state != "draft":
                raise UserError(self.env._("An activity of a plan that was begun is dropped, with a reason."))
        if not self.env.su:
            self._check_planning()

    def action_complete(self, evidence=False, attachments=False):
        proven = self._check_transition("complete")
        missing = self.env._("Write or attach the evidence that it was done.")
        proof = DeliveryProof.gather(self.env, attachments, missing, note=evidence)
        proven.write(
            {
                "state": "done",
                "date_done": clock.now(),
                "done_by_id": self.env.uid,
                "progress": 100,
                "evidence": proof.note or False,
                "attachment_ids": [Command.set(proof.attachments.ids)],
            }
        )
        self._close_activities()
        for plan, lines in proven.grouped("plan_id").items():
            plan._message_log(body=self.env._("Done: %s", "; ".join(lines.mapped("name"))))
        return True

    def action_drop(self, reason):
        self._check_transition("drop")._drop(self._require_text(reason))
        return True

    def _drop(self, reason):
        self.write({"state": "cancelled", "evidence": reason})
        self._close_activities()
        for plan, lines in self.grouped("plan_id").items():
            names = "; ".join(lines.mapped("name"))
            plan._message_log(body=self.env._("Dropped: %(what)s. %(why)s", what=names, why=reason))

    def _ask_responsible(self):
        lines = self.filtered(lambda line: line.state == "open" and _is_running(line))
        self.env["sig.staff.notice"]._schedule_activities(
            lines,
            {line: line.user_id for line in lines},
            "sig_pqrs.activity_plan",
            deadlines={line: line.date_due for line in lines},
            summary={line: line.display_name for line in lines},
        )

    @api.model
    def _get_running_domain(self):
        return super()._get_running_domain() & Domain("plan_id.state", "=", "in_progress")

    def _get_deadline_recipients(self):
        recipients = {}
        for line in self:
            overseer = line.company_id._sig_filter_staff(line.plan_id.user_id) or line.company_id._sig_get_director()
            user = line.company_id._sig_filter_staff(line.user_id)
            recipients[line] = overseer | user if line.deadline_state == "overdue" else user or overseer
        return recipients

    def _get_waiting_names(self):
        return self.sudo().plan_id.code, self.name
