from odoo import models
from odoo.fields import Domain

from ..charts import PERCENT
from ..improvement.transitions import OPEN
from .section_page import SHOWN_ROWS
from .transitions import PENDING


class ImprovementInput(models.Model):
    """Findings, plans and their effectiveness, suggestions, and what came of earlier decisions (ISO 9001, 9.3.2).

    Numbers are of the period; states are those of the day on which it is told.
    """

    _inherit = "sig.management.section"

    def _tell_state(self, state, is_overdue):
        return self.env._("%s, past its date", state) if is_overdue else state

    # -- Plans (9.3.2 c.4) ------------------------------------------------------------------------------------------

    def _get_input_plans(self, date_from, date_to):
        """:return: numbers of findings by kind, of plans, and the plans that are open or ended in the period."""
        company = self.env.company
        Finding = self.env["sig.finding"].sudo()
        Plan = self.env["sig.action.plan"].sudo()
        arisen = Domain("company_id", "=", company.id) & Domain("date", ">=", date_from) & Domain("date", "<=", date_to)
        ours = Domain("company_id", "=", company.id)

        def during(name):
            return Domain(name, ">=", date_from) & Domain(name, "<=", date_to)

        verified = dict(Plan._read_group(ours & during("date_verified"), ["effective"], ["__count"]))
        is_open = ours & Domain("state", "in", OPEN)
        shown = is_open | (ours & during("date_closed"))
        plans = Plan.search_fetch(shown, ["code", "name", "kind", "user_id", "state", "effective", "verification_date"])
        late = plans.filtered(
            lambda plan: plan.state in OPEN and (plan.overdue_line_count or plan.deadline_state == "overdue")
        )
        ordered = plans.sorted(
            lambda plan: (
                plan not in late,
                OPEN.index(plan.state) if plan.state in OPEN else 9,
                plan.code or "",
            )
        )
        return {
            "findings": [[kind, count] for kind, count in Finding._read_group(arisen, ["kind"], ["__count"])],
            "waiting": Finding.search_count(arisen & Domain("state", "=", "open")),
            "started": Plan.search_count(ours & during("date_started")),
            "closed": Plan.search_count(ours & during("date_closed")),
            "open": Plan.search_count(is_open),
            "overdue": len(late),
            "effective": verified.get("yes", 0),
            "not_effective": verified.get("no", 0),
            "shown": len(plans),
            "plans": [self._get_plan_input(plan, plan in late) for plan in ordered[:SHOWN_ROWS]],
        }

    def _get_plan_input(self, plan, is_late):
        return {
            **{name: plan[name] or "" for name in ("code", "name", "state", "effective", "kind")},
            "user": plan.user_id.name,
            "progress": plan.progress,
            "overdue": is_late,
        }

    def _tell_plans(self, now, earlier):
        Finding, Plan = self.env["sig.finding"], self.env["sig.action.plan"]
        found = sum(count for _kind, count in now["findings"])
        verified = now["effective"] + now["not_effective"]
        verified_before = earlier["effective"] + earlier["not_effective"]
        states = dict(Plan._fields["state"]._description_selection(self.env))
        effective = dict(Plan._fields["effective"]._description_selection(self.env))
        kinds = dict(Finding._fields["kind"]._description_selection(self.env))
        cards = [
            self._make_card(
                self.env._("Findings that arose"),
                found,
                sum(count for _kind, count in earlier["findings"]),
                direction="lower",
                detail=self.env._("without a decision yet: %s", now["waiting"]) if now["waiting"] else "",
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
        has_data = bool(found or verified or any(now[name] for name in ("started", "closed", "open")))
        told = (
            self.env._(
                "%(found)s findings arose; %(started)s plans began and %(closed)s were closed as effective. "
                "%(open)s are open, %(overdue)s of them with something overdue.",
                found=found,
                **{name: now[name] for name in ("started", "closed", "open", "overdue")},
            )
            if has_data
            else self.env._("No finding arose in the period, and no plan is open.")
        )
        columns = [
            *(self.env._("Code"), self.env._("Plan") + "*", self.env._("Responsible"), self.env._("State")),
            *(self.env._("Progress"), self.env._("Effectiveness")),
        ]
        rows = [
            [
                *(plan["code"], plan["name"], plan["user"]),
                self._tell_state(states[plan["state"]], plan["overdue"]),
                f"{plan['progress']}{PERCENT}",
                effective.get(plan["effective"], "—"),
            ]
            for plan in now["plans"]
        ]
        charts = []
        if found:
            bars = sorted(([kinds[kind], count, ""] for kind, count in now["findings"]), key=lambda bar: -bar[1])
            charts = [self._make_bars(self.env._("Findings by kind"), bars)]
        return {
            "has_data": has_data,
            "summary": told,
            "cards": cards if has_data else [],
            "charts": charts,
            "tables": [self._make_table(self.env._("Plans"), columns, rows, now["shown"])] if rows else [],
        }

    # -- Dismissed findings -----------------------------------------------------------------------------------------

    def _get_input_dismissed(self, date_from, date_to):
        """:return: the findings on which it was decided, in the period, that no plan is needed."""
        start, end = self._probe_indicator()._get_moments(date_from, date_to)
        domain = [
            ("company_id", "=", self.env.company.id),
            ("state", "=", "dismissed"),
            ("date_decided", ">=", start),
            ("date_decided", "<", end),
        ]
        Finding = self.env["sig.finding"].sudo()
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

    def _tell_dismissed(self, now, earlier):
        if not now["count"]:
            return {"has_data": False, "summary": self.env._("Of no finding was it decided that it needs no plan.")}
        columns = [
            *(self.env._("Date"), self.env._("What was found") + "*", self.env._("Why no plan is needed") + "*"),
            self.env._("Decided by"),
        ]
        rows = [[row[name] for name in ("date", "name", "reason", "by")] for row in now["findings"]]
        return {
            "summary": self.env._(
                "%(now)s findings were left without a plan (in the period before: %(before)s).",
                now=now["count"],
                before=earlier["count"],
            ),
            "tables": [self._make_table(self.env._("Findings without a plan"), columns, rows, now["count"])],
        }

    # -- Opportunities (9.3.2 f) ------------------------------------------------------------------------------------

    def _get_input_opportunities(self, date_from, date_to):
        """:return: the suggestions received, restricted ones only counted, and the plans of improvement begun."""
        start, end = self._probe_indicator()._get_moments(date_from, date_to)
        Case = self.env["sig.pqrs"].sudo()
        ours = (
            Domain("company_id", "=", self.env.company.id)
            & Domain("type_id.code", "=", "sugerencia")
            & Domain("state", "!=", "to_file")
            & Domain("outcome", "!=", "spam")
            & Domain("date_received", ">=", start)
            & Domain("date_received", "<", end)
        )
        open_to_all = ours & Domain("restricted", "=", False)
        cases = Case.search_fetch(
            open_to_all,
            ["name", "subject", "reason_id", "state", "outcome"],
            order="date_received desc, id desc",
            limit=SHOWN_ROWS,
        )
        plans = (
            self.env["sig.action.plan"]
            .sudo()
            .search_count(
                [
                    ("company_id", "=", self.env.company.id),
                    ("kind", "in", ("improvement", "preventive")),
                    ("date_started", ">=", date_from),
                    ("date_started", "<=", date_to),
                ]
            )
        )
        return {
            "count": Case.search_count(ours),
            "plans": plans,
            "suggestions": [
                [case.name, case.subject or "", case.reason_id.display_name or "", case.outcome or case.state]
                for case in cases
            ],
        }

    def _tell_opportunities(self, now, earlier):
        if not now["count"] and not now["plans"]:
            return {
                "has_data": False,
                "summary": self.env._("No suggestion was received, and no plan of improvement began."),
            }
        fields = self.env["sig.pqrs"]._fields
        words = {
            **dict(fields["state"]._description_selection(self.env)),
            **dict(fields["outcome"]._description_selection(self.env)),
        }
        columns = [
            *(self.env._("PQRS"), self.env._("Suggestion") + "*", self.env._("Reason"), self.env._("State")),
        ]
        rows = [
            [name, subject, reason or "—", words.get(state, state)]
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
        """:return: the decisions of earlier reviews that were pending in the period, and what became of them."""
        domain = (
            Domain("company_id", "=", self.env.company.id)
            & Domain("review_id", "not in", self.review_id.ids)
            & Domain("review_id.state", "!=", "draft")
            & Domain("review_id.date_to", "<=", date_to)
            & (
                Domain("state", "in", PENDING)
                | Domain("date_done", ">=", date_from)
                | Domain("plan_id.date_closed", ">=", date_from)
            )
        )
        decisions = self.env["sig.management.decision"].sudo().search(domain, order="date_due, id")
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

    def _tell_decisions(self, now, _earlier):
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
                self._tell_state(states[row["state"]], row["overdue"]),
                row["result"] or "—",
            ]
            for row in now["decisions"]
        ]
        pending = now["open"] + now["planned"]
        return {
            "summary": self.env._(
                "Of %(count)s decisions of earlier reviews, %(done)s were carried out, %(pending)s are pending "
                "(%(overdue)s overdue) and %(dropped)s were dropped.",
                count=now["count"],
                pending=pending,
                **{name: now[name] for name in ("done", "overdue", "dropped")},
            ),
            "cards": [
                self._make_card(
                    self.env._("Earlier decisions carried out"),
                    self._share(now["done"], now["count"]),
                    None,
                    0,
                    PERCENT,
                    "higher",
                    detail=self.env._("%(done)s of %(count)s", done=now["done"], count=now["count"]),
                ),
                self._make_card(
                    self.env._("Earlier decisions overdue"), now["overdue"], direction="lower", key=bool(now["overdue"])
                ),
            ],
            "tables": [self._make_table(self.env._("Decisions of earlier reviews"), columns, rows, now["count"])],
        }
