import logging
from collections import defaultdict
from datetime import timedelta
from functools import partial
from operator import methodcaller

from odoo import models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from ..failure import attempt
from ..mixin.transitions import RUNNING, UNAPPROVED, UNTRIAGED
from ..term.pqrs_term import BINDING_DUTIES, iter_duties, pick_duty

_logger = logging.getLogger(__name__)

BATCH = 500

#: time from the review to the escalations that it plans: the review is committed by then
ESCALATION_DELAY = timedelta(minutes=10)


class DailyReview(models.AbstractModel):
    """The daily review of each company. It may run twice a day, and catches up after missed days."""

    _name = "sig.daily.review"
    _description = "Daily Review"
    _inherit = ["sig.record.mixin"]

    def _cron_watch(self):
        """Review each company once a day, from its hour on, then send the digests and reports. Runs every hour."""
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all  # they are few
        pending = [company for company in companies if self._is_morning(company)]
        for position, company in enumerate(pending, 1):
            if not company.try_lock_for_update(allow_referencing=True):
                continue
            try:
                self.with_company(company)._sig_in_language_of(company)._watch_company(company)
                company.sig_watched_on = company._sig_today()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("The daily review of %s failed; it is tried again in an hour", company.name)
                self.env.cr.rollback()
            remaining = len(pending) - position
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining) and remaining:
                return  # it is called again for them
        message = "The digests failed; they are tried again in an hour"
        attempt(self.env.cr, self.env["sig.digest"]._send_digests, message)
        # Last, when all else is committed: a report that does not print may end the worker.
        Review = self.env["sig.management.review"]
        message = "A monthly report failed; it is tried again with the next review"
        for company in companies.filtered(lambda each: pending and each.sig_watched_on == each._sig_today()):
            self.env["ir.cron"]._commit_progress()
            attempt(self.env.cr, partial(Review._mail_monthly_report, company), message)

    def _is_morning(self, company):
        """Whether today's review is due, even after one of a later date, when the clock ran ahead."""
        return (
            company.sig_watched_on != company._sig_today()
            and company._sig_local(clock.now()).hour >= company.sig_watch_hour
        )

    def _watch_company(self, company):
        if company._sig_has_cases():
            self.env["sig.case.number"]._prepare(company)
            year = company._sig_today().year
            self.env["sig.nonworking.day"]._generate(company, year - 1, year + 2)
        for model in self._get_watched_models():
            self.env[model]._refresh_deadline_state(company)
        # Last: the automation rule passes over dates that are committed after their moment.
        for step in (*self._get_watch_steps(), self._plan_escalations):
            self._in_isolation(company, step)

    def _get_watch_steps(self):
        """Methods that take a company, called once the deadline states are refreshed. Hook."""
        env = self.env
        return [
            env["sig.silence"]._watch,
            env["sig.pqrs.communication"]._watch,
            self._refresh_duties,
            self._remind_untriaged,
            self._remind_raters,
            self._move_approvals,
            self._propose_holidays,
            env["sig.act.head.export"]._export_heads,
            self._remind_surveyed,
            self._watch_surveys,
            env["sig.indicator"]._measure_due,
            env["sig.finding"]._watch_findings,
        ]

    def _get_watched_models(self):
        """Models with deadlines. Hook."""
        cases = ["sig.pqrs", "sig.pqrs.assignment", "sig.pqrs.commitment"]
        return [*cases, "sig.action.plan", "sig.action.plan.line"]

    def _refresh_duties(self, company):
        """Replace lapsed next duties, and remind of those due today or tomorrow."""
        Pqrs = self.env["sig.pqrs"]
        today = company._sig_today()
        of_company = Domain("company_id", "=", company.id)
        running = of_company & Domain("state", "in", RUNNING)

        def refresh(cases):
            changed = defaultdict(list)
            for case in cases:
                duty = pick_duty((case.term_trace or {}).get("duties", []), case.date_legal, today)
                if duty != (case.next_duty, case.next_duty_date):
                    changed[duty].append(case.id)
            for (next_duty, next_duty_date), ids in changed.items():
                cases.browse(ids).write({"next_duty": next_duty, "next_duty_date": next_duty_date})

        copied = Domain("date_legal", "<", today) & Domain("type_id.copies_days", ">", 0)
        lapsed = Pqrs.search(running & (Domain("next_duty_date", "<", today) | copied))
        for start in range(0, len(lapsed), BATCH):
            self._in_isolation(lapsed[start : start + BATCH], refresh)
        # The next duty is the earliest: when it is not due, no other is. An answered case may still owe the regulator.
        reminded = Domain("next_duty", "in", BINDING_DUTIES) | Domain("type_id.personal_data", "=", True)
        owing = of_company & Domain("state", "=", "closed") & Domain("next_duty", "=", "regulator")
        soon = company._sig_calendar().add(today, 1)
        due = Pqrs.search(((running & reminded) | owing) & Domain("next_duty_date", "<=", soon))
        due._close_other_activities(company, "sig_pqrs.activity_duty", "sig_pqrs.activity_regulator")
        self._in_isolation(due, lambda cases: self._remind_duties(cases, today))

    def _remind_duties(self, cases, today):
        """One activity for each due duty that must be done, and to transfer requests about personal data in time."""
        soon = cases.company_id._sig_calendar().add(today, 1)
        labels = cases._get_choices("next_duty")
        due = defaultdict(dict)
        for case in cases:
            # an ended case owes at most its notice to the regulator
            owed = BINDING_DUTIES if case.state in RUNNING else ("regulator",)
            transfers = case.type_id.personal_data and case.state in UNTRIAGED
            for kind, day in iter_duties((case.term_trace or {}).get("duties", ()), case.date_legal, today):
                if day <= soon and (kind in owed or (kind == "transfer" and transfers)):
                    due[kind][case] = day
        cases.activity_unlink(["sig_pqrs.activity_duty", "sig_pqrs.activity_regulator"])
        for kind, dates in due.items():
            self.env["sig.staff.notice"]._schedule_activities(
                cases.browse(case.id for case in dates),
                cases._get_deadline_recipients(),
                "sig_pqrs.activity_regulator" if kind == "regulator" else "sig_pqrs.activity_duty",
                deadlines=dates,
                summary=labels[kind],
            )

    def _remind_untriaged(self, company):
        today = company._sig_today()
        if not company._sig_calendar().is_business_day(today):
            return
        asked = [("activity_type_id", "=", self.env.ref("sig_pqrs.activity_sig").id)]
        untriaged = Domain("company_id", "=", company.id) & Domain("state", "in", UNTRIAGED)
        of_before = Domain("date_received", "<", company._sig_midnight(today))
        late = self.env["sig.pqrs"].search(untriaged & of_before & Domain("activity_ids", "not any", asked))
        self._in_isolation(late, methodcaller("_ask_triage"))

    def _plan_escalations(self, company):
        """Date the escalation of cases that became overdue, for the automation rule."""
        Pqrs = self.env["sig.pqrs"]
        of_company = Domain("company_id", "=", company.id)
        overdue, planned = Domain("deadline_state", "=", "overdue"), Domain("date_escalation", "!=", False)
        Pqrs.search(of_company & planned & ~overdue).write({"date_escalation": False})
        if late := Pqrs.search(of_company & overdue & ~planned):
            moment = clock.now() + ESCALATION_DELAY
            late.write({"date_escalation": moment})
            self.env["ir.cron"]._sig_trigger("base_automation.ir_cron_data_base_automation_check", moment)

    def _move_approvals(self, company):
        """Assign pending approvals to those who stand in since the last review, and back from those who did."""
        today, of_company = company._sig_today(), Domain("company_id", "=", company.id)
        yesterday = today - timedelta(days=1)
        since = min(company.sig_watched_on or yesterday, yesterday)
        change = Domain("date_from", ">", since) & Domain("date_from", "<=", today)
        change |= Domain("date_to", ">=", since) & Domain("date_to", "<", today)
        processes = self.env["sig.process.absence"].search(of_company & change).process_id
        waiting = self.env["sig.pqrs.assignment"].search([*of_company, *UNAPPROVED])
        changed = waiting.filtered(lambda part: part.process_id in processes)
        self._in_isolation(changed, methodcaller("_follow_people"))
        self._in_isolation(waiting - changed, methodcaller("_move_approvals"))

    def _remind_raters(self, company):
        self._in_isolation(self.env["sig.pqrs"]._get_rating_reminders(company), methodcaller("_remind_ratings"))

    def _propose_holidays(self, company):
        """On Mondays, mail the SIG the differences between the company's calendar and the published holidays."""
        today = company._sig_today()
        director = company._sig_get_director()
        if today.weekday() or not director or not company._sig_has_cases():
            return
        self = self.with_context(lang=director.lang)
        if lines := self.env["sig.nonworking.day"]._get_differences(company, today.year):
            subject = self.env._("The calendar differs from the published holidays")
            url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_nonworking_day"
            self.env["sig.staff.notice"]._mail([(director, company, subject, "\n".join(lines), url)])
