from textwrap import shorten

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..mixin.transitions import MANAGEMENT, RESPONSIBLE, SIG, Transition

#: what is written of a decision until its review is closed
WRITTEN_FIELDS = frozenset({"name", "kind", "user_id", "date_due", "sequence", "review_id"})

#: states in which a decision is still to be carried out
PENDING = ("open", "planned")


def _is_decided(decision):
    """Nobody carries out a decision before its review was held."""
    return decision.review_state != "draft"


class ManagementDecision(models.Model):
    """A decision of a review (ISO 9001, 9.3.3): fixed when it closes; its result is reported to the next one."""

    _name = "sig.management.decision"
    _description = "Decision of Top Management"
    _inherit = ["sig.transition.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "review_id desc, sequence, id"
    _sig_name_length = 80
    _transitions = {
        "make_plan": Transition({"open": (SIG,)}, _is_decided),
        "carry_out": Transition({"open": (RESPONSIBLE, SIG)}, _is_decided),
        "give_up": Transition({"open": (SIG, MANAGEMENT)}, _is_decided),
    }
    _editable_fields = WRITTEN_FIELDS
    _staff_fields = ("user_id",)
    _staff_roles = ("collaborator", "top_management")
    _own_activities = ("sig_pqrs.activity_decision",)

    review_id = fields.Many2one("sig.management.review", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, precompute=True)
    review_state = fields.Selection(related="review_id.state", string="State of the review")
    sequence = fields.Integer(default=10)
    name = fields.Text("Decision", required=True, tracking=True)
    kind = fields.Selection(
        [("improvement", "Improvement"), ("system", "Change in the management system"), ("resources", "Resources")],
        required=True,
        default="improvement",
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date("Due by", required=True, tracking=True)
    plan_id = fields.Many2one(
        "sig.action.plan",
        "Action plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    date_done = fields.Date("Carried out or dropped on", readonly=True, copy=False)
    dropped = fields.Boolean(readonly=True, copy=False)
    result = fields.Text("What was done, or why it was dropped", readonly=True, copy=False)
    state = fields.Selection(
        [("open", "To be carried out"), ("planned", "With a plan"), ("done", "Carried out"), ("dropped", "Dropped")],
        required=False,
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")

    @api.depends("plan_id.state", "date_done", "dropped")
    def _compute_state(self):
        for decision in self:
            plan_state = decision.plan_id.state
            if decision.dropped:
                decision.state = "dropped"
            elif decision.date_done or plan_state == "closed":
                decision.state = "done"
            else:
                decision.state = "planned" if plan_state and plan_state != "cancelled" else "open"

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        for decision in self:
            is_pending = decision.state in PENDING and decision.date_due
            decision.is_overdue = is_pending and decision.date_due < decision.company_id._sig_today()

    def _search_is_overdue(self, operator, _value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "in", PENDING) & Domain("date_due", "<", self.env.company._sig_today())

    def _get_transition_depends(self):
        return ["review_state", "user_id"]

    def _get_user_roles(self):
        of_reviews = self.review_id._get_user_roles()
        found = {decision: set(of_reviews.get(decision.review_id, ())) for decision in self}
        for decision in self.sudo().filtered(lambda decision: decision.user_id == self.env.user):
            found[decision.with_env(self.env)].add(RESPONSIBLE)
        return found

    @api.model_create_multi
    def create(self, vals_list):
        decisions = super().create(vals_list)
        if not self.env.su:
            decisions.review_id._check_writable()
        return decisions

    def write(self, vals):
        if not self.env.su and not self._editable_fields.isdisjoint(vals):
            self.review_id._check_writable()
            if "review_id" in vals:
                raise UserError(self.env._("A decision stays in its review."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_written(self):
        if not self.env.su:
            self.review_id._check_writable()
        if any(decision.plan_id or decision.date_done or decision.dropped for decision in self):
            raise UserError(self.env._("A decision that has a plan, or was carried out or dropped, is kept."))

    def _ask_responsible(self):
        decisions = self.filtered(lambda decision: decision.state == "open" and decision.review_state == "closed")
        decisions._close_activities()
        own = {one: one.company_id._sig_filter_own(one.user_id) for one in decisions}
        users = {one: user or one.company_id._sig_get_director() for one, user in own.items()}
        notices, dates = self.env["sig.staff.notice"], {one: one.date_due for one in decisions}
        notices._schedule_activities(decisions, users, "sig_pqrs.activity_decision", deadlines=dates)

    def action_make_plan(self):
        self.ensure_one()
        proven, company = self._check_transition("make_plan"), self.company_id
        proven.plan_id = self.env["sig.action.plan"].create(
            {
                "name": shorten(self.name, 120, placeholder="…"),
                "kind": "improvement",
                "user_id": (company._sig_filter_staff(self.user_id) or company._sig_get_director()).id,
                "company_id": company.id,
                "description": f"{self.review_id.display_name}: {self.name}",
            }
        )
        self._close_activities()
        return proven.plan_id._get_records_action(context={})

    def action_carry_out(self, result):
        proven = self._check_transition("carry_out")
        return proven._end(self._require_text(result, self.env._("Write what was done, and what shows it.")))

    def action_give_up(self, reason):
        return self._check_transition("give_up")._end(self._require_text(reason), dropped=True)

    def _end(self, result, **vals):
        for decision in self:
            decision.write({"date_done": decision.company_id._sig_today(), "result": result, **vals})
        self._close_activities()
        return True

    def _get_my_day_row(self, tile):
        return {
            "name": self.user_id.sudo().name,
            "subject": self.name,
            "date": fields.Date.to_string(self.date_due),
            "date_text": tools.format_date(self.env, self.date_due),
            "state": self._get_choices("state")[self.state],
            "tone": "danger" if self.is_overdue else tile["tone"],
        }
