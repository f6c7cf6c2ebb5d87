from odoo import models
from odoo.fields import Domain

from ...tools.charts import PERCENT
from ..improvement.action_plan import OPEN
from .management_decision import PENDING
from .management_section import SHOWN_ROWS


class ImprovementInput(models.Model):
    """Improvement (ISO 9001, 9.3.2). Counts are of the period; states are those of today."""

    _inherit = "sig.management.section"

    def _describe_state(self, state, is_overdue):
        return self.env._("%s, past its date", state) if is_overdue else state

    # -- Plans (9.3.2 c.4) ------------------------------------------------------------------------------------------

    def _get_input_plans(self, date_from, date_to):
        Finding, Plan = self.env["sig.finding"], self.env["sig.action.plan"]
        ours = Domain("company_id", "=", self.env.company.id)

        def during(name, model="sig.action.plan"):
            return self._get_period_domain(model, name, date_from, date_to)

        found = during("date", "sig.finding")
        # What joins an alert or a plan that is there already comes again: it is no improvement.
        again = ours & Domain("date", "<", date_from)
        again &= Domain("measure_ids", "any", during("date_to", "sig.indicator.measure")) | Domain(
            "case_ids", "any", during("date_received", "sig.pqrs")
        )
        verified = dict(Plan._read_group(during("date_verified"), ["effective"], ["__count"]))
        is_open = ours & Domain("state", "in", OPEN)
        plans = Plan.search_fetch(
            is_open | during("date_closed"),
            ["code", "name", "kind", "user_id", "state", "effective", "verification_date"],
        )
        late = plans.filtered(
            lambda plan: plan.state in OPEN and (plan.overdue_line_count or plan.deadline_state == "overdue")
        )
        order = {state: place for place, state in enumerate(OPEN)}
        ordered = plans.sorted(lambda plan: (plan not in late, order.get(plan.state, 9), plan.code or ""))
        return {
            "findings": list(map(list, Finding._read_group(found, ["kind"], ["__count"]))),
            "again": Finding.search_count(again),
            "waiting": Finding.search_count(found & Domain("state", "=", "open")),
            "started": Plan.search_count(during("date_started")),
            "closed": Plan.search_count(during("date_closed")),
            "open": Plan.search_count(is_open),
            "overdue": len(late),
            "effective": verified.get("yes", 0),
            "not_effective": verified.get("no", 0),
            "shown": len(plans),
            "plans": [
                {
                    **{name: plan[name] or "" for name in ("code", "name", "state", "effective", "kind")},
                    "user": plan.user_id.name,
                    "progress": plan.progress,
                    "overdue": plan in late,
                }
                for plan in ordered[:SHOWN_ROWS]
            ],
        }

    def _describe_plans(self, now, earlier):
        found, found_before = (sum(count for _kind, count in part["findings"]) for part in (now, earlier))
        verified_shares = [(part["effective"], part["effective"] + part["not_effective"]) for part in (now, earlier)]
        verified = verified_shares[0][1]
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
            self._make_share_card(
                self.env._("Effectiveness of verified plans"),
                *verified_shares,
                digits=0,
                detail=self.env._("effective: %(yes)s; verified: %(all)s", yes=now["effective"], all=verified),
            ),
            self._make_card(
                self.env._("Plans open with something overdue"),
                now["overdue"],
                key=True,
                detail=self.env._("open: %s", now["open"]),
            ),
        ]
        states, effective = (self._get_labels("sig.action.plan", name) for name in ("state", "effective"))
        columns = {
            self.env._("Code"): "code",
            self.env._("Plan") + "*": "name",
            self.env._("Responsible"): "user",
            self.env._("State"): lambda plan: self._describe_state(states[plan["state"]], plan["overdue"]),
            self.env._("Progress"): lambda plan: f"{plan['progress']}{PERCENT}",
            self.env._("Effectiveness"): lambda plan: effective.get(plan["effective"], "—"),
        }
        plans = now["plans"]
        kinds = self._get_labels("sig.finding", "kind")
        bars = sorted(([kinds[kind], count, ""] for kind, count in now["findings"]), key=lambda bar: -bar[1])
        return {
            "summary": self.env._(
                "Findings that arose: %(found)s; that came again: %(again)s. Plans that began: %(started)s; closed as "
                "effective: %(closed)s; open: %(open)s, with something overdue: %(overdue)s.",
                found=found,
                **{name: now[name] for name in ("again", "started", "closed", "open", "overdue")},
            ),
            "cards": cards,
            "charts": [self._make_bars(self.env._("Findings by kind"), bars)] if found else [],
            "tables": [self._make_table(self.env._("Plans"), columns, plans, now["shown"])] if plans else [],
        }

    # -- Dismissed findings -----------------------------------------------------------------------------------------

    def _get_input_dismissed(self, date_from, date_to):
        Finding = self.env["sig.finding"]
        domain = self._get_period_domain(Finding._name, "date_decided", date_from, date_to)
        domain &= Domain("state", "=", "dismissed")
        findings = Finding.search(domain, order="date_decided desc, id desc", limit=SHOWN_ROWS)
        return {
            "count": Finding.search_count(domain),
            "findings": [
                {
                    "date": self._format_day(finding.date),
                    "name": finding.name,
                    "reason": finding.dismiss_reason or "",
                    "by": finding.decided_by_id.name or "",
                }
                for finding in findings
            ],
        }

    def _describe_dismissed(self, now, earlier):
        if not now["count"]:
            return {"has_data": False, "summary": self.env._("Of no finding was it decided that it needs no plan.")}
        columns = {
            self.env._("Date"): "date",
            self.env._("What was found") + "*": "name",
            self.env._("Why no plan is needed") + "*": "reason",
            self.env._("Decided by"): "by",
        }
        text = self.env._(
            "%(now)s findings were left without a plan (in the period before: %(before)s).",
            now=now["count"],
            before=earlier["count"],
        )
        table = self._make_table(self.env._("Findings without a plan"), columns, now["findings"], now["count"])
        return {"summary": text, "tables": [table]}

    # -- Opportunities (9.3.2 f) ------------------------------------------------------------------------------------

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
            "suggestions": [
                [case.name, case.subject or "", case.reason_id.display_name or "", case.outcome or case.state]
                for case in cases
            ],
        }

    def _describe_opportunities(self, now, _earlier):
        if not now["count"] and not now["plans"]:
            text = self.env._("No suggestion was received, and no plan of improvement began.")
            return {"has_data": False, "summary": text}
        labels = {**self._get_labels("sig.pqrs", "state"), **self._get_labels("sig.pqrs", "outcome")}
        columns = {
            self.env._("PQRS"): 0,
            self.env._("Suggestion") + "*": 1,
            self.env._("Reason"): lambda row: row[2] or "—",
            self.env._("State"): lambda row: labels.get(row[3], row[3]),
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

    # -- Earlier decisions (9.3.2 a) --------------------------------------------------------------------------------

    def _get_input_decisions(self, date_from, date_to):
        pending = Domain("state", "in", PENDING)
        ended = Domain("date_done", ">=", date_from) | Domain("plan_id.date_closed", ">=", date_from)
        decisions = self.env["sig.management.decision"].search(
            Domain("company_id", "=", self.env.company.id)
            & Domain([("review_id", "not in", self.review_id.ids), ("review_id.state", "!=", "draft")])
            & Domain("review_id.date_to", "<=", date_to)
            & (pending | ended),
            order="date_due, id",
        )
        states = decisions.mapped("state")
        late = decisions.filtered("is_overdue")
        return {
            **{state: states.count(state) for state in ("open", "planned", "done", "dropped")},
            "overdue": len(late),
            "count": len(decisions),
            "decisions": [
                {
                    "review": decision.review_id.display_name,
                    "name": decision.name,
                    "user": decision.user_id.name,
                    "date_due": self._format_day(decision.date_due),
                    "state": decision.state,
                    "overdue": decision.is_overdue,
                    "result": decision.result or self._describe_plan(decision.plan_id),
                }
                for decision in decisions.sorted(lambda decision: decision not in late)[:SHOWN_ROWS]
            ],
        }

    def _describe_plan(self, plan):
        """The plan of a decision, and whether it worked."""
        effective = self._get_labels("sig.action.plan", "effective").get(plan.effective)
        return " · ".join(filter(None, [plan.display_name, effective]))

    def _describe_decisions(self, now, _earlier):
        if not now["count"]:
            return {"has_data": False, "summary": self.env._("No decision of an earlier review was pending.")}
        states = self._get_labels("sig.management.decision", "state")
        columns = {
            self.env._("Decision") + "*": "name",
            self.env._("Responsible"): "user",
            self.env._("Due by"): "date_due",
            self.env._("State"): lambda row: self._describe_state(states[row["state"]], row["overdue"]),
            self.env._("What came of it") + "*": lambda row: row["result"] or "—",
        }
        title = self.env._("Decisions of earlier reviews")
        counts = {name: now[name] for name in ("count", "done", "overdue", "dropped")}
        share, overdue = (now["done"], now["count"]), now["overdue"]
        detail = self.env._("%(done)s of %(count)s", done=now["done"], count=now["count"])
        done_label, overdue_label = self.env._("Earlier decisions carried out"), self.env._("Earlier decisions overdue")
        return {
            "summary": self.env._(
                "Of %(count)s decisions of earlier reviews, %(done)s were carried out, %(pending)s are pending "
                "(%(overdue)s overdue) and %(dropped)s were dropped.",
                pending=now["open"] + now["planned"],
                **counts,
            ),
            "cards": [
                self._make_share_card(done_label, share, (0, 0), digits=0, detail=detail),
                self._make_card(overdue_label, overdue, direction="lower", key=bool(overdue)),
            ],
            "tables": [self._make_table(title, columns, now["decisions"], now["count"])],
        }
