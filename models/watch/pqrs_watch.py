from datetime import timedelta
from operator import methodcaller

from odoo import api, fields, models, tools
from odoo.fields import Domain

from .. import clock
from ..mixin.transitions import DRAFTING, OPEN, RUNNING, UNTRIAGED
from ..term.pqrs_term import BINDING_DUTIES

BATCH = 500

#: time between the review and the escalation that it plans: the review is committed by then
ESCALATION_DELAY = timedelta(minutes=10)


class PqrsWatch(models.Model):
    """What the daily review does to cases."""

    _inherit = "sig.pqrs"

    date_escalation = fields.Datetime(
        "Escalation",
        readonly=True,
        index="btree_not_null",
        help="When an overdue case is escalated. The daily review writes it; automation rules on time may use it.",
    )

    # -- Duties, and cases nobody has taken up ----------------------------------------------------------------------

    @api.model
    def _refresh_duties(self, company):
        """Pass on to the next duty where one has lapsed, and remind of those due today or tomorrow."""
        today = company._sig_today()
        soon = company._sig_calendar().add(today, 1)
        ours = Domain("company_id", "=", company.id)
        base = ours & Domain("state", "in", RUNNING)

        def refresh(cases):
            changed = {}
            for case in cases:
                duties = (case.term_trace or {}).get("duties", [])
                duty = self._pick_duty(duties, case.date_legal, today)
                if duty != (case.next_duty, case.next_duty_date):
                    changed.setdefault(duty, []).append(case.id)
            for (next_duty, next_duty_date), ids in changed.items():
                cases.browse(ids).write({"next_duty": next_duty, "next_duty_date": next_duty_date})

        lapsed = self.search(
            base
            & (
                Domain("next_duty_date", "<", today)
                | (Domain("date_legal", "<", today) & Domain("type_id.copies_days", ">", 0))
            )
        )
        for start in range(0, len(lapsed), BATCH):
            self._in_isolation(lapsed[start : start + BATCH], refresh)
        # The next duty is the earliest: when it is not due, no other is. An answered case may still owe the regulator.
        reminded = Domain("next_duty", "in", BINDING_DUTIES) | Domain("type_id.personal_data", "=", True)
        owing = ours & Domain("state", "=", "closed") & Domain("next_duty", "=", "regulator")
        due = self.search(((base & reminded) | owing) & Domain("next_duty_date", "<=", soon))
        self._in_isolation(due, lambda cases: cases._remind_duties(today, soon))

    def _remind_duties(self, today, soon):
        """One activity for each duty of a case that is due: the next one hides none."""
        labels = dict(self._fields["next_duty"]._description_selection(self.env))
        due = {}
        for case in self:
            for kind, day in case._get_reminded_duties(today, soon):
                due.setdefault(kind, {})[case] = day
        self.activity_unlink(["sig_pqrs.activity_duty", "sig_pqrs.activity_regulator"])
        for kind, dates in due.items():
            self.env["sig.people"]._schedule_activities(
                self.browse(case.id for case in dates),
                {case: case.company_id._sig_get_director() for case in dates},
                "sig_pqrs.activity_regulator" if kind == "regulator" else "sig_pqrs.activity_duty",
                deadlines=dates,
                summary=labels[kind],
            )

    def _get_reminded_duties(self, today, soon):
        """``[(kind, date)]`` of the duties due by ``soon`` of which the SIG is reminded.

        They are those that must be done, and to pass on what is about personal data: two days are too short to wait
        for somebody's list.
        """
        passed_on = self.type_id.personal_data and self.state in UNTRIAGED
        return [
            (kind, day)
            for kind, day in self._get_duties(today)
            if day <= soon and (kind in BINDING_DUTIES or (kind == "transfer" and passed_on))
        ]

    @api.model
    def _remind_untriaged(self, company):
        """Cases not assigned one business day after their receipt."""
        today = company._sig_today()
        if not company._sig_calendar().is_business_day(today):
            return
        late = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "in", UNTRIAGED),
                ("date_received", "<", company._sig_midnight(today)),
                ("activity_ids", "not any", [("activity_type_id", "=", self.env.ref("sig_pqrs.activity_sig").id)]),
            ]
        )
        self._in_isolation(late, lambda records: records._notify_director(lambda env: env._("Assign the case")))

    # -- Escalation -------------------------------------------------------------------------------------------------

    def _get_deadline_recipients(self):
        """``{case: user}`` of who must act on the case itself: the SIG."""
        return {case: case.company_id._sig_get_director() for case in self}

    @api.model
    def _plan_escalations(self, company):
        """Date the escalation of the cases of a company that became overdue, for the automation rule."""
        ours = Domain("company_id", "=", company.id)
        overdue, planned = Domain("deadline_state", "=", "overdue"), Domain("date_escalation", "!=", False)
        self.search(ours & planned & ~overdue).write({"date_escalation": False})
        if late := self.search(ours & overdue & ~planned):
            moment = clock.now() + ESCALATION_DELAY
            late.write({"date_escalation": moment})
            self._trigger("base_automation.ir_cron_data_base_automation_check", moment)

    def _escalate_overdue(self):
        """Tell the leaders whose processes owe a draft, and the SIG, that cases are overdue.

        Called by the automation rule, which stops at the first error: a case that fails is passed over, and the next
        daily review plans it again.
        """
        self._in_isolation(self.sudo(), methodcaller("_notify_overdue")).date_escalation = False

    def _notify_overdue(self):
        users = self._get_escalation_users()
        People = self.env["sig.people"]
        People._mail(
            [
                (
                    user,
                    case.company_id,
                    user.with_context(lang=user.lang).env._(
                        "OVERDUE: %(case)s was due on %(date)s",
                        case=case.name,
                        date=tools.format_date(self.env, case.date_deadline, lang_code=user.lang),
                    ),
                    case.subject,
                    People._get_url(case),
                )
                for case in self
                for user in users[case]
            ]
        )
        self.activity_unlink(["sig_pqrs.activity_deadline"])
        self._notify_director(lambda env: env._("Overdue: answer at once"), activity_type="sig_pqrs.activity_deadline")

    def _get_escalation_users(self):
        """``{case: users}``: the SIG, and who approves for the processes that still owe their part."""
        users = {case: case.company_id._sig_get_director() for case in self}
        owing = self.assignment_ids.filtered(lambda assignment: assignment.state in DRAFTING)
        for assignment, approver in owing._get_approvers().items():
            users[assignment.pqrs_id] |= approver
        return users


class DeadlineWatch(models.AbstractModel):
    """How the daily review keeps the deadline state of any model that has one."""

    _inherit = "sig.deadline.mixin"

    #: states on entering which who must act is reminded
    _reminded_states = ("due_soon", "due_today")

    @api.model
    def _refresh_deadline_state(self, company):
        """Write the deadline state of what runs in a company where days have changed it, and tell who must act."""
        today, soon = self._get_deadline_limits(company)
        Pqrs = self.env["sig.pqrs"]
        running = Domain("company_id", "=", company.id) & self._get_running_domain()
        for state, dates in self._get_deadline_ranges(today, soon).items():
            domain = running & Domain(dates) & Domain("deadline_state", "!=", state)
            records = self.search(domain, order="id")
            for start in range(0, len(records), BATCH):
                # Commits come between batches: what was closed meanwhile is out.
                batch = records[start : start + BATCH].try_lock_for_update(allow_referencing=True)
                batch = self.search(domain & Domain("id", "in", batch.ids))
                Pqrs._in_isolation(batch, lambda records, state=state: records._enter_deadline_state(state))
                if start + BATCH < len(records):
                    self.env["ir.cron"]._commit_progress()
        self._get_relieved(company).activity_unlink(["sig_pqrs.activity_deadline"])

    @api.model
    def _get_relieved(self, company):
        """Records of a company that press nobody any more, as after an extension, and of which somebody is reminded."""
        reminder = self.env.ref("sig_pqrs.activity_deadline")
        return self.search(
            [
                ("company_id", "=", company.id),
                ("deadline_state", "in", ("on_track", "suspended")),
                ("activity_ids", "any", [("activity_type_id", "=", reminder.id)]),
            ]
        )

    @api.model
    def _get_running_domain(self):
        """Records whose deadline runs: neither ended nor suspended."""
        return Domain("state", "in", RUNNING) & Domain("suspended", "=", False)

    def _enter_deadline_state(self, state):
        self.with_context(tracking_disable=True).write({"deadline_state": state, "is_overdue": int(state == "overdue")})
        if state in self._reminded_states:
            self._remind_deadline(state)

    def _remind_deadline(self, state):
        """One activity on each record for who must act, instead of the one before."""
        label = dict(self._fields["deadline_state"]._description_selection(self.env))[state]
        self.activity_unlink(["sig_pqrs.activity_deadline"])
        self.env["sig.people"]._schedule_activities(
            self,
            self._get_deadline_recipients(),
            "sig_pqrs.activity_deadline",
            deadlines={record: record[self._deadline_field] for record in self},
            summary=label,
        )


class AssignmentWatch(models.Model):
    _inherit = "sig.pqrs.assignment"
    # Cases are escalated by an automation rule; drafts go to who approves.
    _reminded_states = ("due_soon", "due_today", "overdue")

    @api.model
    def _get_running_domain(self):
        return (
            Domain("state", "in", DRAFTING)
            & Domain("pqrs_id.state", "in", OPEN)
            & Domain("pqrs_id.suspended", "=", False)
        )

    def _get_deadline_recipients(self):
        """``{assignment: user}``: the responsible while it is drafted, then who approves."""
        approvers = self._get_approvers()
        return {
            assignment: approvers[assignment]
            if assignment.state == "submitted" or assignment.deadline_state in ("due_today", "overdue")
            else assignment.user_id
            for assignment in self
        }
