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

        def during(name):
            return ours & Domain(name, ">=", date_from) & Domain(name, "<=", date_to)

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
            "findings": [[kind, count] for kind, count in Finding._read_group(during("date"), ["kind"], ["__count"])],
            "waiting": Finding.search_count(during("date") & Domain("state", "=", "open")),
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
        Finding, Plan = self.env["sig.finding"], self.env["sig.action.plan"]
        found, found_before = (sum(count for _kind, count in part["findings"]) for part in (now, earlier))
        verified, verified_before = (part["effective"] + part["not_effective"] for part in (now, earlier))
        if not (found or verified or any(now[name] for name in ("started", "closed", "open"))):
            return {"has_data": False, "summary": self.env._("No finding arose in the period, and no plan is open.")}
        undecided = self.env._("without a decision yet: %s", now["waiting"]) if now["waiting"] else ""
        cards = [
            self._make_card(
                self.env._("Findings that arose"), found, found_before, direction="lower", detail=undecided
            ),
            self._make_card(self.env._("Plans begun"), now["started"], earlier["started"]),
            self._make_card(
                self.env._("Plans closed, effective"), now["closed"], earlier["closed"], direction="higher"
            ),
            self._make_card(
                self.env._("Effectiveness of verified plans"),
                self._share(now["effective"], verified),
                self._share(earlier["effective"], verified_before),
                0,
                PERCENT,
                "higher",
                detail=self.env._("effective: %(yes)s; verified: %(all)s", yes=now["effective"], all=verified),
            ),
            self._make_card(self.env._("Plans open today"), now["open"]),
            self._make_card(
                self.env._("Plans open with something overdue"),
                now["overdue"],
                key=True,
                detail=self.env._("open: %s", now["open"]),
            ),
        ]
        columns = [
            *(self.env._("Code"), self.env._("Plan") + "*", self.env._("Responsible"), self.env._("State")),
            *(self.env._("Progress"), self.env._("Effectiveness")),
        ]
        states = dict(Plan._fields["state"]._description_selection(self.env))
        effective = dict(Plan._fields["effective"]._description_selection(self.env))
        rows = [
            [
                *(plan["code"], plan["name"], plan["user"]),
                self._describe_state(states[plan["state"]], plan["overdue"]),
                f"{plan['progress']}{PERCENT}",
                effective.get(plan["effective"], "—"),
            ]
            for plan in now["plans"]
        ]
        kinds = dict(Finding._fields["kind"]._description_selection(self.env))
        bars = sorted(([kinds[kind], count, ""] for kind, count in now["findings"]), key=lambda bar: -bar[1])
        return {
            "summary": self.env._(
                "%(found)s findings arose; %(started)s plans began and %(closed)s were closed as effective. "
                "%(open)s are open, %(overdue)s of them with something overdue.",
                found=found,
                **{name: now[name] for name in ("started", "closed", "open", "overdue")},
            ),
            "cards": cards,
            "charts": [self._make_bars(self.env._("Findings by kind"), bars)] if found else [],
            "tables": [self._make_table(self.env._("Plans"), columns, rows, now["shown"])] if rows else [],
        }

    # -- Dismissed findings -----------------------------------------------------------------------------------------

    def _get_input_dismissed(self, date_from, date_to):
        start, end = self._probe_indicator()._get_moments(date_from, date_to)
        domain = [
            ("company_id", "=", self.env.company.id),
            ("state", "=", "dismissed"),
            ("date_decided", ">=", start),
            ("date_decided", "<", end),
        ]
        Finding = self.env["sig.finding"]
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
        columns = [
            *(self.env._("Date"), self.env._("What was found") + "*", self.env._("Why no plan is needed") + "*"),
            self.env._("Decided by"),
        ]
        rows = [[row[name] for name in ("date", "name", "reason", "by")] for row in now["findings"]]
        text = self.env._(
            "%(now)s findings were left without a plan (in the period before: %(before)s).",
            now=now["count"],
            before=earlier["count"],
        )
        table = self._make_table(self.env._("Findings without a plan"), columns, rows, now["count"])
        return {"summary": text, "tables": [table]}

    # -- Opportunities (9.3.2 f) ------------------------------------------------------------------------------------

    def _get_input_opportunities(self, date_from, date_to):
        """Suggestions, of which restricted ones are only counted, and improvement plans that began."""
        start, end = self._probe_indicator()._get_moments(date_from, date_to)
        Case, Plan = self.env["sig.pqrs"], self.env["sig.action.plan"]
        company = Domain("company_id", "=", self.env.company.id)
        suggestions = (
            company
            & Domain("type_id.code", "=", "sugerencia")
            & Domain("state", "!=", "to_file")
            & Domain("outcome", "!=", "spam")
            & Domain("date_received", ">=", start)
            & Domain("date_received", "<", end)
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
                company
                & Domain("kind", "in", ("improvement", "preventive"))
                & Domain("date_started", ">=", date_from)
                & Domain("date_started", "<=", date_to)
            ),
            "suggestions": [
                [case.name, case.subject or "", case.reason_id.display_name or "", case.outcome or case.state]
                for case in cases
            ],
        }

    def _describe_opportunities(self, now, earlier):
        if not now["count"] and not now["plans"]:
            text = self.env._("No suggestion was received, and no plan of improvement began.")
            return {"has_data": False, "summary": text}
        labels = {}
        for name in ("state", "outcome"):
            labels.update(self.env["sig.pqrs"]._fields[name]._description_selection(self.env))
        columns = [self.env._("PQRS"), self.env._("Suggestion") + "*", self.env._("Reason"), self.env._("State")]
        rows = [
            [name, subject, reason or "—", labels.get(state, state)]
            for name, subject, reason, state in now["suggestions"]
        ]
        return {
            "summary": self.env._(
                "%(count)s suggestions were received and %(plans)s plans of improvement or prevention began.",
                count=now["count"],
                plans=now["plans"],
            ),
            "cards": [
                self._make_card(self.env._("Suggestions received"), now["count"], earlier["count"]),
                self._make_card(self.env._("Plans of improvement begun"), now["plans"], earlier["plans"]),
            ],
            "tables": [self._make_table(self.env._("Suggestions"), columns, rows, now["count"])] if rows else [],
        }

    # -- Earlier decisions (9.3.2 a) --------------------------------------------------------------------------------

    def _get_input_decisions(self, date_from, date_to):
        """Decisions of earlier reviews that were pending in the period, and their results."""
        pending = Domain("state", "in", PENDING)
        ended = Domain("date_done", ">=", date_from) | Domain("plan_id.date_closed", ">=", date_from)
        decisions = self.env["sig.management.decision"].search(
            Domain("company_id", "=", self.env.company.id)
            & Domain("review_id", "not in", self.review_id.ids)
            & Domain("review_id.state", "!=", "draft")
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
                    "result": decision.result or decision.plan_id.display_name or "",
                }
                for decision in decisions.sorted(lambda decision: decision not in late)[:SHOWN_ROWS]
            ],
        }

    def _describe_decisions(self, now, _earlier):
        if not now["count"]:
            return {"has_data": False, "summary": self.env._("No decision of an earlier review was pending.")}
        states = dict(self.env["sig.management.decision"]._fields["state"]._description_selection(self.env))
        columns = [
            *(self.env._("Decision") + "*", self.env._("Responsible"), self.env._("Due by")),
            *(self.env._("State"), self.env._("What came of it") + "*"),
        ]
        rows = [
            [
                *(row["name"], row["user"], row["date_due"]),
                self._describe_state(states[row["state"]], row["overdue"]),
                row["result"] or "—",
            ]
            for row in now["decisions"]
        ]
        counts = {name: now[name] for name in ("count", "done", "overdue", "dropped")}
        share, overdue = self._share(now["done"], now["count"]), now["overdue"]
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
                self._make_card(done_label, share, None, 0, PERCENT, "higher", detail=detail),
                self._make_card(overdue_label, overdue, direction="lower", key=bool(overdue)),
            ],
            "tables": [self._make_table(self.env._("Decisions of earlier reviews"), columns, rows, now["count"])],
        }
