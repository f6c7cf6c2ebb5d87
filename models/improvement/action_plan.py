from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .. import clock
from ..json_list import JsonList
from ..mixin import transitions as roles
from ..mixin.transitions import Transition

#: states in which a plan may still be cancelled
OPEN = ("draft", "in_progress", "to_verify")

#: what whoever works on the plan writes, until its effectiveness is to be verified
WORK_FIELDS = frozenset(
    {
        "name", "kind", "process_id", "description", "correction", "line_ids",
        "cause_method", "why_1", "why_2", "why_3", "why_4", "why_5", "cause_analysis",
        "verification_criterion", "verification_date", "external_reference", "external_url",
    }
)  # fmt: skip
#: set before a plan begins: afterwards only the SIG changes them
PROMISE_FIELDS = ("verification_criterion", "verification_date")
#: changed by the SIG once it waits to be verified
VERIFY_FIELDS = {"user_id", "verifier_id", "verification_date"}
#: set by the SIG
SIG_FIELDS = frozenset({"user_id", "verifier_id", "company_id", "public_text"})
PLANNERS = (roles.SIG, roles.LEADER, roles.RESPONSIBLE)


class ActionPlan(models.Model):
    """A plan attends to findings until somebody else has verified its effectiveness (ISO 9001, 10.2).

    Of a plan in another system, code and address are recorded; only its effectiveness is verified here.
    """

    _name = "sig.action.plan"
    _description = "Action Plan"
    _inherit = ["sig.transition.mixin", "sig.deadline.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["code", "name", "external_reference"]
    _transitions = {
        "edit": Transition(dict.fromkeys(("draft", "in_progress"), PLANNERS)),
        "start": Transition({"draft": PLANNERS}),
        "finish": Transition({"in_progress": PLANNERS}),
        "verify": Transition({"to_verify": (roles.VERIFIER,)}),
        "cancel": Transition(dict.fromkeys(OPEN, (roles.SIG,))),
    }
    _deadline_field = "verification_date"
    _own_activities = ("sig_pqrs.activity_plan", "sig_pqrs.activity_verify", "sig_pqrs.activity_deadline")
    _reminded_states = ("overdue",)
    _editable_fields = WORK_FIELDS | SIG_FIELDS
    _staff_fields = ("user_id",)

    name = fields.Char("Title", required=True, tracking=True)
    code = fields.Char(readonly=True, copy=False, index=True)
    kind = fields.Selection(
        [("corrective", "Corrective"), ("preventive", "Preventive"), ("improvement", "Improvement")],
        required=True,
        default="corrective",
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    process_id = fields.Many2one("sig.process", check_company=True, index="btree_not_null", tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    former_user_ids = fields.Many2many("res.users", readonly=True, copy=False, exportable=False)
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("in_progress", "In progress"),
            ("to_verify", "Effectiveness to verify"),
            ("closed", "Closed, effective"),
            ("cancelled", "Plan cancelled"),
        ],
        default="draft",
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    date_started = fields.Date("Started on", readonly=True, copy=False)
    date_closed = fields.Date("Closed on", readonly=True, copy=False)
    finding_ids = fields.One2many("sig.finding", "plan_id", "Findings", readonly=True)
    description = fields.Text("What was found")
    correction = fields.Text("Immediate correction")
    cause_method = fields.Selection(
        [("five_whys", "Five whys"), ("free", "Free text")], "Analysis by", required=True, default="five_whys"
    )
    why_1 = fields.Char("Why did it happen?")
    why_2 = fields.Char("And why that?")
    why_3 = fields.Char("Why? (3)")
    why_4 = fields.Char("Why? (4)")
    why_5 = fields.Char("Why? (5)")
    cause_analysis = fields.Text("Root cause", tracking=True)
    line_ids = fields.One2many("sig.action.plan.line", "plan_id", "Activities of the plan")
    progress = fields.Integer("Progress (%)", compute="_compute_progress", aggregator="avg")
    open_line_count = fields.Integer("Open activities", compute="_compute_progress")
    overdue_line_count = fields.Integer("Overdue activities", compute="_compute_progress")
    verification_criterion = fields.Text(
        "Criterion of effectiveness", tracking=True, help="How it will be known that it worked: said before, not after."
    )
    verification_date = fields.Date("Verify from", copy=False, tracking=True)
    verifier_id = fields.Many2one(
        "res.users", "Verified by", tracking=True, domain="[('share', '=', False), ('company_ids', 'in', company_id)]"
    )
    effective = fields.Selection(
        [("yes", "Effective"), ("no", "Not effective")], readonly=True, copy=False, tracking=True
    )
    verification_note = fields.Text("What was verified", readonly=True, copy=False)
    verified_by_id = fields.Many2one("res.users", "Who verified", readonly=True, copy=False)
    date_verified = fields.Date("Verified on", readonly=True, copy=False)
    #: dicts of ``date moment verdict note who``, of which the fields above show the last: only `action_verify` adds one
    verdicts = JsonList(readonly=True, copy=False)
    reopened_count = fields.Integer("Times reopened", readonly=True, copy=False, aggregator="sum")
    public_text = fields.Text(
        "What the public reads",
        copy=False,
        tracking=True,
        help="Of a plan that came of PQRS: what was improved, shown with the public figures once it proved effective. "
        "Empty: nothing. Without names or data of people.",
    )
    external_reference = fields.Char("Code in another system", tracking=True)
    external_url = fields.Char("Address in another system")

    _code_unique = models.UniqueIndex("(company_id, code)", "Another plan has that code.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = " · ".join(filter(None, [plan.code, plan.name]))

    @api.depends("line_ids.state", "line_ids.progress", "line_ids.deadline_state")
    def _compute_progress(self):
        # The cache of `line_ids` may hold no more than the activities that the user reads.
        Line = self.env["sig.action.plan.line"].sudo()
        found = Line.search([("plan_id", "in", self.ids), ("state", "!=", "cancelled")]).grouped("plan_id")
        for plan in self:
            lines = found.get(plan._origin, Line)
            plan.progress = round(sum(lines.mapped("progress")) / len(lines)) if lines else 0
            plan.open_line_count = len(lines.filtered(lambda line: line.state == "open"))
            plan.overdue_line_count = len(lines.filtered(lambda line: line.deadline_state == "overdue"))

    @api.constrains("verifier_id", "company_id")
    def _check_verifier_is_staff(self):
        for plan in self.sudo():
            plan.company_id._sig_check_staff(plan.verifier_id)

    def _get_transition_depends(self):
        return ["user_id", "former_user_ids", "verifier_id", "line_ids.user_id"]

    def _get_deadline_depends(self):
        return ["state", "verification_date", "date_verified", "company_id"]

    def _get_settled_deadline_state(self):
        return False if self.state == "to_verify" else "not_applicable"

    def _get_user_roles(self):
        user = self.env.user
        self_sudo = self.sudo()
        led = self_sudo.process_id.with_env(self.env)._filter_led_by_user()
        found = super()._get_user_roles()
        for plan, plan_sudo in zip(self, self_sudo, strict=True):
            own = found[plan]
            if plan_sudo.user_id == user:
                own.add(roles.RESPONSIBLE)
            if plan_sudo.process_id.with_env(self.env) & led:
                own.add(roles.LEADER)
            if (roles.SIG in own or plan_sudo.verifier_id == user) and user not in plan_sudo._get_responsibles():
                own.add(roles.VERIFIER)
        return found

    def _get_responsibles(self):
        lines = self.line_ids.filtered(lambda line: line.state != "cancelled")
        return self.user_id | self.former_user_ids | lines.user_id | lines.done_by_id

    def _get_verifiers(self):
        """``{plan: user}`` asked to verify; empty where nobody eligible is named."""
        found = {}
        for plan in self.sudo():
            verifier = plan.company_id._sig_filter_staff(plan.verifier_id) or plan.company_id._sig_get_director()
            found[plan] = verifier - plan._get_responsibles()
        return found

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        for company, of_company in plans.grouped("company_id").items():
            sequence, today = self._get_sequence(company), company._sig_today()
            for plan in of_company.sudo():
                plan.code = sequence._next(sequence_date=today)
        return plans

    @api.model
    def _get_sequence(self, company):
        sequences = self.env["ir.sequence"].sudo()
        key = {"code": "sig.action.plan", "company_id": company.id}
        return sequences.search([(name, "=", value) for name, value in key.items()], limit=1) or sequences.create(
            {**key, "name": company.sudo().name, "prefix": "PA-%(range_year)s-", "padding": 3, "use_date_range": True}
        )

    def write(self, vals):
        self_sudo = self.sudo()
        for plan in self_sudo.filtered("date_started") if "user_id" in vals else ():
            plan.former_user_ids |= plan.user_id
            quiet = plan.with_context(mail_activity_quick_update=True)
            quiet.activity_search(["sig_pqrs.activity_plan"]).user_id = vals["user_id"]
        if self.env.su or self._editable_fields.isdisjoint(vals):
            return super().write(vals)
        self._check_editable(vals)
        result = super().write(vals)
        if vals.get("verification_date"):
            self_sudo.filtered(lambda plan: plan.state != "draft")._check_verification_date()
        if not VERIFY_FIELDS.isdisjoint(vals):
            self_sudo.filtered(lambda plan: plan.state == "to_verify")._ask_verifier()
        return result

    def _check_editable(self, vals):
        self.check_access("write")
        for plan, own in self._get_roles().items():
            later = {"public_text", *(VERIFY_FIELDS if plan.state == "to_verify" else ())}
            if plan.state not in self._transitions["edit"].states and not (vals and later.issuperset(vals)):
                raise UserError(self.env._("%s: it can no longer be changed.", plan.display_name))
            if own.isdisjoint(PLANNERS):
                raise AccessError(plan._get_role_refusal("write"))
            promised = {name for name in PROMISE_FIELDS if plan.state != "draft" and plan[name]}
            if roles.SIG not in own and not (SIG_FIELDS | promised).isdisjoint(vals):
                text = self.env._(
                    "The SIG says who answers for a plan, who verifies it, and what the public reads of it; once it"
                    " began, also how and when it is verified."
                )
                raise AccessError(text)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        decided = self.env["sig.management.decision"].sudo().search_count([("plan_id", "in", self.ids)], limit=1)
        if decided or any(plan.state != "draft" or plan.sudo().finding_ids for plan in self):
            raise UserError(self.env._("A plan that was begun is cancelled, with a reason; it is not deleted."))

    @api.model
    def _get_running_domain(self):
        return Domain("state", "=", "to_verify")

    def _get_deadline_recipients(self):
        return {plan: user or plan.company_id._sig_get_director() for plan, user in self._get_verifiers().items()}

    def _get_waiting_names(self):
        return self.code, self.name

    def action_start(self):
        proven = self._check_transition("start")
        for plan in proven:
            plan._check_complete()
            plan._check_verification_date()
        for company, plans in proven.grouped("company_id").items():
            plans.write({"state": "in_progress", "date_started": company._sig_today()})
        proven.line_ids._ask_responsible()
        return True

    def _check_complete(self):
        is_elsewhere, lines = self.external_reference, self.line_ids.filtered(lambda line: line.state != "cancelled")
        has_cause = self.kind != "corrective" or (self.cause_analysis or "").strip()
        criterion, day = (self.verification_criterion or "").strip(), self.verification_date
        failed = self.effective == "no" and self.verdicts[-1]
        is_new = not failed or any(line.state == "open" or str(line.date_done) >= failed["moment"] for line in lines)
        self._check_lacks_nothing(
            [
                (is_elsewhere or has_cause, self.env._("the root cause")),
                (is_elsewhere or lines, self.env._("an activity")),
                (is_elsewhere or is_new, self.env._("a new activity, since it was not effective")),
                (criterion, self.env._("the criterion of effectiveness")),
                (day, self.env._("the date from which it is verified")),
            ]
        )
        self._check_verifier(self._get_verifiers()[self])

    def _check_verification_date(self):
        for plan in self.filtered("verification_date"):
            lines = plan.line_ids.filtered(lambda line: line.state != "cancelled")
            first = max([plan.company_id._sig_today(), *lines.mapped("date_due")])
            if plan.verification_date < first:
                text = self.env._(
                    "%(plan)s: its effectiveness is verified from %(date)s on at the earliest, once its activities "
                    "are done.",
                    plan=plan.display_name,
                    date=tools.format_date(self.env, first),
                )
                raise UserError(text)

    def action_finish(self):
        plans = self._check_transition("finish")
        for plan in plans:
            plan._check_complete()
            if count := plan.open_line_count:
                values = {"plan": plan.display_name, "count": count}
                raise UserError(self.env._("%(plan)s: activities that are not done: %(count)s.", **values))
        plans.write({"state": "to_verify"})
        plans._ask_verifier()
        return True

    def _ask_verifier(self):
        verifiers = self._get_verifiers()
        for plan, verifier in verifiers.items():
            plan._check_verifier(verifier)
        self.activity_unlink(["sig_pqrs.activity_plan", "sig_pqrs.activity_verify"])
        deadlines = {plan: plan.verification_date for plan in self}
        self.env["sig.staff.notice"]._schedule_activities(self, verifiers, "sig_pqrs.activity_verify", deadlines)

    def _check_verifier(self, verifier):
        if not verifier:
            text = self.env._(
                "%s: who would verify it is responsible for part of it. Name somebody else to verify it.",
                self.display_name,
            )
            raise UserError(text)

    def action_verify(self, effective, note, verification_date=False):
        """Close plans that were effective; return others to work, with the date of their next verification."""
        plans = self._check_transition("verify")
        note = self._require_text(note, self.env._("Write what was verified, and how."))
        if not isinstance(effective, bool):
            raise UserError(self.env._("Say whether the plan was effective."))
        for plan in plans:
            today, first = plan.company_id._sig_today(), plan.verification_date
            if today < first:
                day = tools.format_date(self.env, first)
                raise UserError(self.env._("%(plan)s is verified from %(date)s on.", plan=plan.display_name, date=day))
            verdict = "yes" if effective else "no"
            moments = {"date": today.isoformat(), "moment": fields.Datetime.to_string(clock.now())}
            row = {**moments, "verdict": verdict, "note": note, "who": self.env.uid}
            plan.write(
                {
                    "verdicts": [*plan.verdicts, row],
                    "effective": verdict,
                    "verification_note": note,
                    "verified_by_id": self.env.uid,
                    "date_verified": today,
                    **({"state": "closed", "date_closed": today} if effective else {}),
                }
            )
        self._close_activities()
        if not effective:
            for plan in plans:
                plan._take_up(note, plan.company_id._sig_date(verification_date))
        return True

    def _take_up(self, reason, verification_date=False):
        count = self.reopened_count + 1
        self.write({"state": "in_progress", "verification_date": verification_date, "reopened_count": count})
        self._check_verification_date()
        self._message_log(body=self.env._("Taken up again: %s", reason))
        user = self.company_id._sig_filter_staff(self.user_id) or self.company_id._sig_get_director()
        summary = self.with_context(lang=user.lang).env._("The plan was not effective: analyse its causes again")
        today = {self: self.company_id._sig_today()}
        self.env["sig.staff.notice"]._schedule_activities(self, {self: user}, "sig_pqrs.activity_plan", today, summary)

    def action_cancel(self, reason):
        plans = self._check_transition("cancel")
        reason = self._require_text(reason)
        plans.line_ids.filtered(lambda line: line.state == "open")._drop(reason)
        plans.write({"state": "cancelled"})
        plans._message_log_batch(dict.fromkeys(plans.ids, self.env._("Cancelled: %s", reason)))
        self._close_activities()
        plans.finding_ids._reopen()
        self.env["sig.management.decision"].sudo().search([("plan_id", "in", plans.ids)])._ask_responsible()
        return True
