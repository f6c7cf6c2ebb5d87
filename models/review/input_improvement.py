from odoo import models
from odoo.fields import Domain

from ...tools.charts import PERCENT
from ..improvement.action_plan import OPEN
from ..indicator.indicator import Figure
from .management_decision import PENDING
from .management_section import SHOWN_ROWS


class ImprovementInput(models.Model):
    """Improvement (ISO 9001, 9.3.2). Counts are of the period; states are those of today."""

    _inherit = "sig.management.section"

    def _describe_state(self, state, is_overdue):
        return self.env._("%s, past its date", state) if is_overdue else state

    def _get_input_plans(self, date_from, date_to):
        Finding, Plan = self.env["sig.finding"], self.env["sig.action.plan"]
        of_company = Domain("company_id", "=", self.env.company.id)

        def during(name, model="sig.action.plan"):
            return self._get_period_domain(model, name, date_from, date_to)

        found = during("date", "sig.finding")
        # What joins an alert or a plan that is there already comes again: it is no improvement.
        again = of_company & Domain("date", "<", date_from)
        again &= Domain("measure_ids", "any", during("date_to", "sig.indicator.measure")) | Domain(
            "case_ids", "any", during("date_received", "sig.pqrs")
        )
        judged = Plan.search(of_company & Domain("date_verified", ">=", date_from)).mapped("verdicts")
        verdicts = [row["verdict"] for rows in judged for row in rows if str(date_from) <= row["date"] <= str(date_to)]
        is_open = of_company & Domain("state", "in", OPEN)
        plans = Plan.search_fetch(
            is_open | during("date_closed"),
            ["code", "name", "kind", "user_id", "state", "effective", "verification_date", "reopened_count"],
        )
        late = plans.filtered(
            lambda plan: plan.state in OPEN and (plan.overdue_line_count or plan.deadline_state == "overdue")
        )
        order = {state: place for place, state in enumerate(OPEN)}
        ordered = plans.sorted(lambda plan: (plan not in late, order.get(plan.state, 9), plan.code or ""))
        return {
            "findings": Finding.search_count(found),
            "again": Finding.search_count(again),
            "waiting": Finding.search_count(found & Domain("state", "=", "open")),
            "started": Plan.search_count(during("date_started")),
            "closed": Plan.search_count(during("date_closed")),
            "open": Plan.search_count(is_open),
            "verified": (verdicts.count("yes"), len(verdicts)),
            "plans": ordered,
            "late": late,
        }

    def _describe_plans(self, now, earlier):
        found, found_before = now["findings"], earlier["findings"]
        (effective, verified), overdue = now["verified"], len(now["late"])
        if not (found or verified or any(now[name] for name in ("again", "started", "closed", "open"))):
            return {"has_data": False, "summary": self.env._("No finding arose in the period, and no plan is open.")}
        undecided = self.env._("without a decision yet: %s", now["waiting"]) if now["waiting"] else ""
        cards = [
            self._make_count_card(
                self.env._("Findings that arose or came again"),
                found + now["again"],
                found_before + earlier["again"],
                detail="; ".join(filter(None, [self.env._("came again: %s", now["again"]), undecided])),
            ),
            self._make_figure_card(
                self.env._("Effectiveness of verified plans"),
                "percent",
                Figure(*now["verified"]),
                Figure(*earlier["verified"]),
                "higher",
                digits=0,
                detail=self.env._("effective: %(yes)s; verified: %(all)s", yes=effective, all=verified),
            ),
            self._make_card(
                self.env._("Plans open with something overdue"),
                overdue,
                key=True,
                detail=self.env._("open: %s", now["open"]),
            ),
        ]
        states, judgements = (self.env["sig.action.plan"]._get_choices(name) for name in ("state", "effective"))
        columns = {
            self.env._("Code"): lambda plan: plan.code or "",
            self.env._("Plan") + "*": "name",
            self.env._("Responsible"): lambda plan: plan.user_id.name,
            self.env._("State"): lambda plan: self._describe_state(states[plan.state], plan in now["late"]),
            self.env._("Progress"): lambda plan: f"{plan.progress}{PERCENT}",
            self.env._("Times reopened"): lambda plan: plan.reopened_count or "—",
            self.env._("Effectiveness"): lambda plan: judgements.get(plan.effective, "—"),
        }
        plans = now["plans"]
        return {
            "summary": self.env._(
                "Findings that arose: %(found)s; that came again: %(again)s. Plans that began: %(started)s; closed as "
                "effective: %(closed)s; open: %(open)s, with something overdue: %(overdue)s.",
                found=found,
                overdue=overdue,
                **{name: now[name] for name in ("again", "started", "closed", "open")},
            ),
            "cards": cards,
            "tables": [self._make_table(self.env._("Plans"), columns, plans)] if plans else [],
        }

    def _get_input_dismissed(self, date_from, date_to):
        Finding = self.env["sig.finding"]
        domain = self._get_period_domain(Finding._name, "date_decided", date_from, date_to)
        domain &= Domain("state", "=", "dismissed")
        return Finding.search(domain, order="date_decided desc, id desc")

    def _describe_dismissed(self, now, earlier):
        if not now:
            return {"has_data": False, "summary": self.env._("Of no finding was it decided that it needs no plan.")}
        columns = {
            self.env._("Date"): lambda finding: self._format_day(finding.date),
            self.env._("What was found") + "*": "name",
            self.env._("Why no plan is needed") + "*": lambda finding: finding.dismiss_reason or "",
            self.env._("Decided by"): lambda finding: finding.decided_by_id.name or "",
        }
        counts = {"now": len(now), "before": len(earlier)}
        text = self.env._("%(now)s findings were left without a plan (in the period before: %(before)s).", **counts)
        return {"summary": text, "tables": [self._make_table(self.env._("Findings without a plan"), columns, now)]}

    def _get_input_opportunities(self, date_from, date_to):
        """Suggestions, of which restricted ones are only counted, and improvement plans that began."""
        Case, Plan = self.env["sig.pqrs"], self.env["sig.action.plan"]
        suggestions = self._get_period_domain("sig.pqrs", "date_received", date_from, date_to) & Domain(
            [("type_id.code", "=", "sugerencia"), ("state", "!=", "to_file"), ("outcome", "!=", "spam")]
        )
        cases = Case.search_fetch(
            suggestions & Domain("restricted", "=", False),
            ["name", "subject", "reason_id", "state", "outcome"],
            order="date_received desc, id desc",
            limit=SHOWN_ROWS,
        )
        return {
            "count": Case.search_count(suggestions),
            "plans": Plan.search_count(
                self._get_period_domain(Plan._name, "date_started", date_from, date_to)
                & Domain("kind", "in", ("improvement", "preventive"))
            ),
            "suggestions": cases,
        }

    def _describe_opportunities(self, now, _earlier):
        if not now["count"] and not now["plans"]:
            text = self.env._("No suggestion was received, and no plan of improvement began.")
            return {"has_data": False, "summary": text}
        labels = {**self.env["sig.pqrs"]._get_choices("state"), **self.env["sig.pqrs"]._get_choices("outcome")}
        columns = {
            self.env._("PQRS"): "name",
            self.env._("Suggestion") + "*": lambda case: case.subject or "",
            self.env._("Reason"): lambda case: case.reason_id.display_name or "—",
            self.env._("State"): lambda case: labels[case.outcome or case.state],
        }
        rows = now["suggestions"]
        return {
            "summary": self.env._(
                "%(count)s suggestions were received and %(plans)s plans of improvement or prevention began.",
                count=now["count"],
                plans=now["plans"],
            ),
            "tables": [self._make_table(self.env._("Suggestions"), columns, rows, now["count"])] if rows else [],
        }

    def _get_input_decisions(self, date_from, date_to):
        pending = Domain("state", "in", PENDING)
        ended = Domain("date_done", ">=", date_from) | Domain("plan_id.date_closed", ">=", date_from)
        ended |= Domain("review_id.date_closed", ">=", self.env.company._sig_midnight(date_from))
        earlier = Domain([("company_id", "=", self.env.company.id), ("review_id", "not in", self.review_id.ids)])
        earlier &= Domain([("review_id.state", "!=", "draft"), ("review_id.date_to", "<=", date_to)])
        return self.env["sig.management.decision"].search(earlier & (pending | ended), order="date_due, id")

    def _describe_plan(self, plan):
        """The plan of a decision, and whether it worked."""
        effective = self.env["sig.action.plan"]._get_choices("effective").get(plan.effective)
        return " · ".join(filter(None, [plan.display_name, effective]))

    def _describe_decisions(self, now, _earlier):
        if not now:
            return {"has_data": False, "summary": self.env._("No decision of an earlier review was pending.")}
        labels, states = self.env["sig.management.decision"]._get_choices("state"), now.mapped("state")
        late = now.filtered("is_overdue")
        columns = {
            self.env._("Decision") + "*": "name",
            self.env._("Responsible"): lambda one: one.user_id.name,
            self.env._("Due by"): lambda one: self._format_day(one.date_due),
            self.env._("State"): lambda one: self._describe_state(labels[one.state], one.is_overdue),
            self.env._("What came of it") + "*": lambda one: one.result or self._describe_plan(one.plan_id) or "—",
        }
        title, overdue = self.env._("Decisions of earlier reviews"), self.env._("Earlier decisions overdue")
        return {
            "summary": self.env._(
                "Of %(count)s decisions of earlier reviews, %(done)s were carried out, %(pending)s are pending "
                "(%(overdue)s overdue) and %(dropped)s were dropped.",
                count=len(now),
                done=states.count("done"),
                pending=states.count("open") + states.count("planned"),
                overdue=len(late),
                dropped=states.count("dropped"),
            ),
            "cards": [self._make_card(overdue, len(late), direction="lower", key=bool(late))],
            "tables": [self._make_table(title, columns, late + (now - late))],
        }
