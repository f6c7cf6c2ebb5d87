from odoo import models
from odoo.fields import Domain

from ...tools import periods
from ..review.management_decision import PENDING
from ..watch.my_day import OVERDUE, REST, ROLES, WAITING


class ImprovementMyDay(models.AbstractModel):
    _inherit = "sig.my.day"

    def _get_my_day_tiles(self):
        tiles = super()._get_my_day_tiles()
        roles = {role for role in ROLES if self.env.user.has_group(f"sig_pqrs.group_{role}")}
        if "collaborator" in roles:
            tiles += self._get_plan_tiles()
        if roles & {"top_management", "auditor"}:
            tiles += self._get_management_tiles()
        if "sig_director" in roles:
            tiles += self._get_improvement_tiles()
        steps = {"sig_director": ("draft", "review", "approved"), "top_management": ("review", "approval")}
        if states := [state for role, own in steps.items() if role in roles for state in own]:
            label, version = self.env._("Versions of documents"), {"model": "sig.document.revision", "order": "id"}
            # the SIG approves where there is no top management, or none of all companies
            alone = self.env.companies.filtered(lambda company: not company._sig_get_top_management()).ids
            of_alone = ("document_id.company_id", "in", [*alone, False])
            waiting = ["|", ("state", "in", states), "&", ("state", "=", "approval"), of_alone]
            tiles.append(self._make_tile("versions", waiting, label, "info", REST, **version))
        return list({tile["key"]: tile for tile in tiles}.values())  # with several roles, the widest

    def _make_decision_tile(self, *leaves):
        domain, label = [("review_state", "!=", "draft"), *leaves], self.env._("Decisions to carry out")
        today = self.env.company._sig_today().isoformat()
        due = [("user_id", "=", self.env.uid), ("state", "=", "open"), ("date_due", "<=", today)]
        make, model = self._make_tile, "sig.management.decision"
        return make("decisions", domain, label, "info", WAITING, model, "date_due, id", told=due)

    def _get_management_tiles(self):
        make, today = self._make_tile, self.env.company._sig_today()
        last = Domain.OR(
            Domain("indicator_id.frequency", "=", frequency)
            & Domain("date_to", "=", periods.last_complete(today, frequency).end.isoformat())
            for frequency in periods.MONTHS
        )
        missed = [("status", "in", ("missed", "near")), ("is_breakdown", "=", False), *last]
        measure = {"model": "sig.indicator.measure", "order": "status, date_from desc, id"}
        finding = {"model": "sig.finding", "order": "date, id"}
        return [
            make("missed", missed, self.env._("Indicators off their goal"), "danger", OVERDUE, **measure),
            make("findings", [("state", "=", "open")], self.env._("Alerts to analyse"), "warning", **finding),
            self._make_decision_tile(("state", "in", PENDING)),
        ]

    def _get_improvement_tiles(self):
        make, Measure = self._make_tile, self.env["sig.indicator.measure"]
        button = {"method": "action_open_month", "method_label": self.env._("Record the month")}
        measure = {"model": "sig.indicator.measure", "order": "date_from, id", **button}
        waiting, found = [("state", "=", "open")], self.env._("Findings to analyse")
        today = self.env.company._sig_today().isoformat()
        over = [("state", "=", "draft"), ("is_breakdown", "=", False), ("date_to", "<", today)]
        late = list(Domain.OR(map(Measure._get_unregistered_domain, self.env.companies)))
        unregistered = {**measure, "of_sig": True, "told": []}
        proposed = [("id", "in", [indicator.id for indicator in self.env["sig.indicator"]._propose_baselines()])]
        baseline = {"model": "sig.indicator", "order": "sequence, id"}
        return [
            make("findings", waiting, found, "warning", REST, "sig.finding", order="date, id"),
            make("measures", over, self.env._("Indicators to confirm"), "warning", REST, **measure),
            make("baselines", proposed, self.env._("Baselines to declare"), "info", REST, **baseline),
            self._make_decision_tile(("state", "in", PENDING)),
            make("unregistered", late, self.env._("Not registered in QVO in time"), "danger", WAITING, **unregistered),
        ]

    def _get_plan_tiles(self):
        own, today = ("user_id", "=", self.env.uid), self.env.company._sig_today().isoformat()
        make, plan = self._make_tile, {"model": "sig.action.plan"}
        mine = [own, ("state", "=", "open"), ("plan_state", "=", "in_progress")]
        idle = [("state", "=", "in_progress"), ("line_ids", "not any", [("state", "=", "open")])]
        unfinished = [own, "|", ("state", "=", "draft"), "&", *idle]
        verified = [("verifier_id", "=", self.env.uid)]
        if self.env.user.has_group("sig_pqrs.group_sig_director"):
            staff = self.env.ref("sig_pqrs.group_collaborator")
            for company in self.env.companies:
                able = [("active", "=", True), ("company_ids", "in", company.ids), ("all_group_ids", "in", staff.ids)]
                verified = ["|", "&", ("company_id", "=", company.id), ("verifier_id", "not any", able), *verified]
        to_verify = [("state", "=", "to_verify"), ("verification_date", "<=", today), *verified]
        activities = self.env._("My activities in action plans")
        finish = self.env._("My plans, to complete or to send to verification")
        return [
            make("plan_lines", mine, activities, "info", WAITING, "sig.action.plan.line", rises=True),
            make("plans_to_finish", unfinished, finish, "warning", order="id", **plan),
            self._make_decision_tile(own, ("state", "=", "open")),
            make("plans_to_verify", to_verify, self.env._("Effectiveness to verify"), "warning", **plan),
        ]
