from collections import defaultdict
from datetime import date

from odoo import api, models, tools
from odoo.fields import Domain

from ..mixin.transitions import RUNNING, TO_DRAFT
from .pqrs_term import TermMove


class PqrsTermChange(models.Model):
    """What a change of calendar, policy or type does to the dates of open cases: previewed, then an act on each."""

    _inherit = "sig.pqrs"

    # -- Another type -----------------------------------------------------------------------------------------------

    def _get_reclassifications(self, kind, authority_deadline=False):
        """What another type would make of the dates of the cases; nothing is stored.

        :param kind: ``sig.pqrs.type`` record.
        :param authority_deadline: what ``res.company._sig_moment`` reads, for a type that leaves the date to an
            authority.
        :return: ``{case: (TermMove, {code: sentence})}``, the sentences being what must be known before it is
            confirmed: ``lapsed`` (the new term is over already), ``requirement_void``, ``extension_void`` and
            ``completion_extension_void`` (they counted, and would no longer).
        """
        events = self._get_term_events()
        found = {}
        for company, cases in self.sudo().grouped("company_id").items():
            today = company._sig_today()
            deadline = authority_deadline and company._sig_moment(authority_deadline)
            for case in cases:
                values = self._get_term_values(company, kind.sudo(), case.date_received, events[case], deadline, today)
                move = TermMove(case.date_deadline, values["date_deadline"], case.date_legal, values["date_legal"])
                found[case.with_env(self.env)] = move, dict(case._get_reclassification_warnings(values, today))
        return found

    def _get_reclassification_warnings(self, values, today):
        day = values["date_deadline"]
        if day and day < today and not (self.date_deadline and self.date_deadline < today):
            yield (
                "lapsed",
                self.env._("With the new type the term lapsed already, on %s.", tools.format_date(self.env, day)),
            )
        before = {(step["kind"], step["start"]) for step in (self.term_trace or {}).get("steps", ())}
        ignored = [step for step in values["term_trace"]["steps"] if (step["kind"], step["start"]) not in before]
        for step in ignored:
            day = tools.format_date(self.env, step["start"])
            if step["kind"] == "requirement_ignored":
                yield "requirement_void", self.env._("The requirement of %s would no longer stop the term.", day)
            elif step["kind"] == "extension_ignored":
                yield "extension_void", self.env._("The extension of %s would no longer count.", day)
            elif step["kind"] == "completion_extension_ignored":
                yield (
                    "completion_extension_void",
                    self.env._("The extension of %s of the time to complete would no longer count.", day),
                )

    # -- Another calendar or policy, or terms of a type -------------------------------------------------------------

    @api.model
    def _get_open_around(self, company, day=None):
        """Open cases of a company with something still due on ``day`` or later."""
        domain = Domain("company_id", "=", company.id) & Domain("state", "in", RUNNING)
        if day:
            domain &= (
                Domain("date_legal", ">=", day) | Domain("date_legal", "=", False) | Domain("next_duty_date", ">=", day)
            )
        return self.sudo().search(domain)

    @api.model
    def _get_open_of_type(self, kinds):
        return self.sudo().search([("type_id", "in", kinds.ids), ("state", "in", RUNNING)])

    def _follow_calendar(self, reason):
        """Move the open cases that a change of calendar, policy or type moves, with an act on each.

        The act says it, and not the thread too: a holiday moves thousands at once. Clients whose date is now later are
        told.
        """
        moves = self._refresh_terms()
        self._move_drafts()
        cases = self.browse(case.id for case in moves)
        later = cases.filtered(lambda case: moves[case].is_later())
        later._queue_date_notice()
        (cases - later)._forget_date_notice()
        texts = {move: self._get_move_text(reason, move) for move in set(moves.values())}
        self.env["sig.pqrs.act"]._append(
            cases,
            "calendar_change",
            notes={case: texts[move] for case, move in moves.items()},
            data={
                case: {name: str(day or "") for name, day in move._asdict().items()} for case, move in moves.items()
            },
        )
        return cases

    def _get_move_text(self, reason, move):
        def on(day):
            return tools.format_date(self.env, day) if day else self.env._("suspended")

        text = self.env._("%(reason)s. Deadline: %(old)s → %(new)s.", reason=reason, old=on(move.old), new=on(move.new))
        if move.old_legal != move.new_legal and (move.old_legal, move.new_legal) != (move.old, move.new):
            text += " " + self.env._(
                "Legal deadline: %(old)s → %(new)s.", old=on(move.old_legal), new=on(move.new_legal)
            )
        return text

    # -- The drafts of the processes --------------------------------------------------------------------------------

    def _move_drafts(self):
        """The dates of drafts follow what moves the case, and the company's closures; none is later than the case."""
        assignments = (
            self.env["sig.pqrs.assignment"].sudo().search([("pqrs_id", "in", self.ids), ("state", "in", TO_DRAFT)])
        )
        alike = defaultdict(list)
        for assignment in assignments:
            day = assignment.pqrs_id._get_draft_date(
                assignment.date_assigned, assignment.internal_days, assignment.date_due
            )
            if day != assignment.date_due:
                alike[day].append(assignment.id)
        for day, moved in alike.items():
            assignments.browse(moved).with_context(tracking_disable=True).write({"date_due": day})

    def _get_draft_date(self, assigned, days, chosen=False):
        """When a draft is due: not after the case itself, nor before its assignment.

        A suspension of the term stops the draft's days too.

        :param datetime assigned: when it was assigned.
        :param int days: business days of the process; 0 for a date that the SIG has ``chosen``.
        """
        company = self.company_id
        start = company._sig_local_date(assigned)
        if not days:
            return max(min(chosen, self.date_deadline or chosen), start)
        calendar = company._sig_calendar(start, internal=True)
        running_since = start
        for step in (self.term_trace or {}).get("steps", ()):
            if step["kind"] != "suspended" or not step["end"]:
                continue
            stopped, resumed = date.fromisoformat(step["start"]), date.fromisoformat(step["end"])
            if resumed > running_since:
                days = max(1, days - max(0, calendar.count(running_since, max(stopped, running_since))))
                running_since = resumed
        day = calendar.add(running_since, days)
        return max(min(day, self.date_deadline or day), start)
