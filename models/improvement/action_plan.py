from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..case import transitions as roles
from . import transitions

#: what whoever works on the plan writes, until its effectiveness is to be verified
WORK_FIELDS = frozenset(
    {
        *("name", "kind", "process_id", "description", "correction", "line_ids"),
        *("cause_method", "why_1", "why_2", "why_3", "why_4", "why_5", "cause_analysis"),
        *("verification_criterion", "verification_date", "external_reference", "external_url"),
    }
)
#: who works on it and who verifies it: the SIG says
PEOPLE_FIELDS = frozenset({"user_id", "verifier_id", "company_id"})


class ActionPlan(models.Model):
    """What is done about findings, until somebody else has seen that it worked (ISO 9001, 10.2).

    A plan kept in another system is known by its code and address; here its effectiveness alone is verified.
    """

    _name = "sig.action.plan"
    _description = "Action Plan"
    _inherit = ["sig.improvement.mixin", "sig.deadline.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["code", "name", "external_reference"]
    _check_company_auto = True
    _transitions = transitions.PLAN
    _deadline_field = "verification_date"
    _dialog_field = "plan_id"
    _editable_fields = WORK_FIELDS | PEOPLE_FIELDS

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
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("in_progress", "In progress"),
            ("to_verify", "Effectiveness to verify"),
            ("closed", "Closed, effective"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    date_started = fields.Date("Started on", readonly=True, copy=False)
    date_closed = fields.Date("Closed on", readonly=True, copy=False)
    finding_ids = fields.One2many("sig.finding", "plan_id", "Findings", readonly=True)
    finding_count = fields.Integer("Number of findings", compute="_compute_finding_count")
    description = fields.Text("What was found")
    correction = fields.Text("Immediate correction", help="What was done at once about the fact itself.")
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
        "res.users",
        "Verified by",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Somebody who is responsible for nothing in the plan; the SIG by default.",
    )
    effective = fields.Selection(
        [("yes", "Effective"), ("no", "Not effective")], readonly=True, copy=False, tracking=True
    )
    verification_note = fields.Text("What was verified", readonly=True, copy=False)
    verified_by_id = fields.Many2one("res.users", "Who verified", readonly=True, copy=False)
    date_verified = fields.Date("Verified on", readonly=True, copy=False)
    reopened_count = fields.Integer("Times reopened", readonly=True, copy=False, aggregator="sum")
    external_reference = fields.Char("Code in another system", tracking=True)
    external_url = fields.Char("Address in another system")

    _code_unique = models.UniqueIndex("(company_id, code)", "Another plan has that code.")

    # -- Computes ---------------------------------------------------------------------------------------------------

    @api.depends("code", "name")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = " · ".join(filter(None, [plan.code, plan.name]))

    @api.depends("finding_ids")
    def _compute_finding_count(self):
        counts = dict(
            self.env["sig.finding"].sudo()._read_group([("plan_id", "in", self.ids)], ["plan_id"], ["__count"])
        )
        for plan in self:
            plan.finding_count = counts.get(plan._origin.sudo(), 0)

    @api.depends("line_ids.state", "line_ids.progress", "line_ids.deadline_state")
    def _compute_progress(self):
        for plan in self:
            lines = plan.sudo().line_ids.filtered(lambda line: line.state != "cancelled")
            plan.progress = round(sum(lines.mapped("progress")) / len(lines)) if lines else 0
            plan.open_line_count = len(lines.filtered(lambda line: line.state == "open"))
            plan.overdue_line_count = len(lines.filtered(lambda line: line.deadline_state == "overdue"))

    def _get_transition_depends(self):
        return ["user_id", "verifier_id", "line_ids.user_id"]

    def _get_deadline_depends(self):
        return ["state", "verification_date", "date_verified", "company_id"]

    def _get_settled_deadline_state(self):
        return False if self.state == "to_verify" else "not_applicable"

    def _is_running(self):
        return self.state in ("draft", *transitions.RUNNING)

    # -- People -----------------------------------------------------------------------------------------------------

    def _get_user_roles(self):
        user = self.env.user
        is_sig = user.has_group("sig_pqrs.group_sig_director")
        led = self.sudo().process_id.with_env(self.env)._filter_led_by_user()
        found = {}
        for plan, plan_sudo in zip(self, self.sudo(), strict=True):
            own = {roles.SIG} if is_sig else set()
            if plan_sudo.user_id == user:
                own.add(roles.RESPONSIBLE)
            if plan_sudo.process_id.with_env(self.env) & led:
                own.add(roles.LEADER)
            if (is_sig or plan_sudo.verifier_id == user) and user not in plan_sudo._get_responsibles():
                own.add(roles.VERIFIER)
            found[plan] = own
        return found

    def _get_responsibles(self):
        """Who answers for the plan or for an activity of it, dropped ones apart."""
        lines = self.line_ids.filtered(lambda line: line.state != "cancelled")
        return self.user_id | lines.user_id

    def _get_verifiers(self):
        """``{plan: user}`` of who is asked to verify; empty where nobody named may."""
        found = {}
        for plan in self.sudo():
            verifier = plan.verifier_id or plan.company_id._sig_get_director()
            found[plan] = verifier - plan._get_responsibles() if verifier.active else verifier.browse()
        return found

    def _get_role_refusal(self, name):
        if name == "verify" and self.env.user in self.sudo()._get_responsibles():
            return self.env._(
                "%s: you are responsible for part of the plan, so somebody else verifies its effectiveness.",
                self.display_name,
            )
        return super()._get_role_refusal(name)

    @api.constrains("user_id", "verifier_id", "company_id")
    def _check_people(self):
        for plan in self.sudo():
            self.env["sig.action.plan.line"]._check_user(plan.user_id | plan.verifier_id, plan.company_id)

    @api.constrains("external_url")
    def _check_external_url(self):
        for plan in self:
            if plan.external_url and not plan.external_url.startswith(("https://", "http://")):
                raise ValidationError(self.env._("The address of the plan begins with https://."))

    # -- CRUD -------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Plans are opened by the SIG."))
        plans = super().create(vals_list)
        for company, of_company in plans.grouped("company_id").items():
            sequence = self.env["ir.sequence"].sudo().with_company(company)
            for plan in of_company.sudo():
                plan.code = sequence.next_by_code("sig.action.plan", sequence_date=company.sudo()._sig_today())
        return plans

    def write(self, vals):
        if not self.env.su and not self._editable_fields.isdisjoint(vals):
            self._check_editable(vals)
        return super().write(vals)

    def _check_editable(self, vals):
        self.check_access("write")
        for plan, own in self._get_roles().items():
            if plan.state not in ("draft", "in_progress"):
                raise UserError(self.env._("%s: it can no longer be changed.", plan.display_name))
            if not own & {roles.SIG, roles.LEADER, roles.RESPONSIBLE}:
                raise AccessError(plan._get_role_refusal("write"))
            if not PEOPLE_FIELDS.isdisjoint(vals) and roles.SIG not in own:
                raise AccessError(self.env._("The SIG says who answers for a plan, and who verifies it."))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(plan.state != "draft" or plan.sudo().finding_ids for plan in self):
            raise UserError(self.env._("A plan that was begun is cancelled, with a reason; it is not deleted."))

    # -- Steps ------------------------------------------------------------------------------------------------------

    def action_start(self):
        """The plan is complete: its activities begin."""
        self._check_transition("start")
        for plan in self.sudo():
            plan._check_complete()
        for company, plans in self.sudo().grouped("company_id").items():
            plans.write({"state": "in_progress", "date_started": company._sig_today()})
        self.sudo().line_ids._ask_responsible()
        return True

    def _check_complete(self):
        """Refuse a plan without causes, activities, criterion, date or somebody who can verify it."""
        missing = []
        if not self.external_reference:
            if self.kind == "corrective" and not (self.cause_analysis or "").strip():
                missing.append(self.env._("the root cause"))
            if not self.line_ids.filtered(lambda line: line.state != "cancelled"):
                missing.append(self.env._("an activity"))
        if not (self.verification_criterion or "").strip():
            missing.append(self.env._("the criterion of effectiveness"))
        if not self.verification_date:
            missing.append(self.env._("the date from which it is verified"))
        if missing:
            raise UserError(
                self.env._("%(plan)s still lacks: %(what)s.", plan=self.display_name, what=", ".join(missing))
            )
        if not self._get_verifiers()[self]:
            raise UserError(
                self.env._(
                    "%s: who would verify it is responsible for part of it. Name somebody else to verify it.",
                    self.display_name,
                )
            )

    def action_finish(self):
        """All its activities are done: from its date on, its effectiveness is verified."""
        self._check_transition("finish")
        for plan in self.sudo():
            plan._check_complete()
            if plan.open_line_count:
                raise UserError(
                    self.env._(
                        "%(plan)s: %(count)s activities are not done.",
                        plan=plan.display_name,
                        count=plan.open_line_count,
                    )
                )
        plans = self.sudo()
        plans.write({"state": "to_verify"})
        self.env["sig.people"]._schedule_activities(
            plans,
            plans._get_verifiers(),
            "sig_pqrs.activity_verify",
            deadlines={plan: plan.verification_date for plan in plans},
        )
        return True

    def action_verify(self, effective, note, verification_date=False):
        """Say whether it worked: close the plan, or take it up again.

        :param bool effective: by the criterion that was declared.
        :param str note: what was seen.
        :param verification_date: of the next time, when it did not work.
        """
        self._check_transition("verify")
        note = self._require_text(note, self.env._("Write what was verified, and how."))
        if not isinstance(effective, bool):
            raise UserError(self.env._("Say whether the plan was effective."))
        for plan in self.sudo():
            today = plan.company_id._sig_today()
            if today < plan.verification_date:
                raise UserError(
                    self.env._(
                        "%(plan)s is verified from %(date)s on.",
                        plan=plan.display_name,
                        date=tools.format_date(self.env, plan.verification_date),
                    )
                )
            plan.write(
                {
                    "effective": "yes" if effective else "no",
                    "verification_note": note,
                    "verified_by_id": self.env.uid,
                    "date_verified": today,
                    **({"state": "closed", "date_closed": today} if effective else {}),
                }
            )
        self._close_activities()
        if not effective:
            for plan in self.sudo():
                plan._take_up(note, plan.company_id._sig_date(verification_date))
        return True

    def action_reopen(self, reason):
        """What had worked does not any more."""
        self._check_transition("reopen")
        reason = self._require_text(reason)
        self.sudo()._take_up(reason)
        return True

    def _take_up(self, reason, verification_date=False):
        """Back to work: causes are analysed again and activities added; it is verified on another date."""
        for plan in self:
            plan.write(
                {
                    "state": "in_progress",
                    "date_closed": False,
                    "verification_date": verification_date,
                    "reopened_count": plan.reopened_count + 1,
                }
            )
            plan._message_log(body=self.env._("Taken up again: %s", reason))
        self.env["sig.people"]._schedule_activities(
            self,
            {plan: plan.user_id for plan in self},
            "sig_pqrs.activity_plan",
            deadlines={plan: plan.company_id._sig_today() for plan in self},
            summary={
                plan: plan.with_context(lang=plan.user_id.lang).env._(
                    "The plan was not effective: analyse its causes again"
                )
                for plan in self
            },
        )

    def action_cancel(self, reason):
        """Give the plan up: its findings wait for a decision again."""
        self._check_transition("cancel")
        reason = self._require_text(reason)
        plans = self.sudo()
        plans.write({"state": "cancelled"})
        plans.line_ids.filtered(lambda line: line.state == "open")._drop(reason)
        plans._message_log_batch(dict.fromkeys(plans.ids, self.env._("Cancelled: %s", reason)))
        self._close_activities()
        plans.finding_ids._reopen()
        return True

    def _close_activities(self):
        self.sudo().activity_unlink(
            ["sig_pqrs.activity_plan", "sig_pqrs.activity_verify", "sig_pqrs.activity_deadline"]
        )

    def action_view_findings(self):
        """The findings that the plan attends to."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_finding")
        return {**action, "domain": [("plan_id", "=", self.id)], "context": {}}

    def action_open_external(self):
        """The plan in the other system."""
        self.ensure_one()
        self.check_access("read")
        if not self.external_url:
            raise UserError(self.env._("The plan has no address in another system."))
        return {"type": "ir.actions.act_url", "url": self.external_url, "target": "new"}

    # -- The daily review -------------------------------------------------------------------------------------------

    _reminded_states = ("overdue",)

    @api.model
    def _get_running_domain(self):
        return Domain("state", "=", "to_verify")

    def _get_deadline_recipients(self):
        """``{plan: user}``: who verifies, else the SIG."""
        verifiers = self._get_verifiers()
        return {plan: verifiers[plan.sudo()] or plan.company_id._sig_get_director() for plan in self}

    def _get_waiting_line(self, _kind):
        """What a digest says of a plan."""
        return self._make_waiting_line(self, self.name, self.verification_date)._replace(number=self.code)

    # -- My day -----------------------------------------------------------------------------------------------------

    @api.model
    def _get_my_day_fields(self):
        return ["name", "code", "state", "verification_date", "deadline_state"]

    def _get_my_day_row(self, tile):
        """What a tile shows of a plan."""
        return self._make_my_day_row(tile, self.code, self.name, False)
