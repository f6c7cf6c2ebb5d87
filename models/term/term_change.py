from odoo import models, tools
from odoo.fields import Domain

from ...tools import legal_term
from ..mixin.transitions import RUNNING
from .pqrs_term import TermMove


class TermChange(models.AbstractModel):
    _name = "sig.term.change"
    _description = "Change of Terms"

    def _get_cases(self, domain):
        """:return: the open cases of a domain, as superuser."""
        return self.env["sig.pqrs"].sudo().search(Domain("state", "in", RUNNING) & Domain(domain))

    def _get_cases_around(self, company, day):
        """:return: as superuser, the open cases of a company with something due, or copies, on ``day`` or later."""
        due = Domain("date_legal", ">=", day) | Domain("date_legal", "=", False) | Domain("next_duty_date", ">=", day)
        return self._get_cases(Domain("company_id", "=", company.id) & (due | Domain("type_id.copies_days", ">", 0)))

    def _apply(self, cases, reason):
        """Queue notices of later dates, too. The threads get no log: a holiday moves thousands of cases."""
        moves = cases._refresh_terms()
        self.env["sig.pqrs.assignment"]._follow_deadlines(cases)
        moved = cases.browse(case.id for case in moves)
        later = moved.filtered(lambda case: moves[case].old and moves[case].new and moves[case].new > moves[case].old)
        self.env["sig.client.notice"]._queue_dates(later)
        self.env["sig.client.notice"]._forget_dates(moved - later)
        texts = {move: " ".join([f"{reason}.", *self._describe(move)]) for move in set(moves.values())}
        self.env["sig.pqrs.act"]._append(
            moved,
            "calendar_change",
            notes={case: texts[move] for case, move in moves.items()},
            data={case: {name: str(day or "") for name, day in move._asdict().items()} for case, move in moves.items()},
        )

    def _describe(self, move):
        """Sentences of the deadlines before and after; of the legal one where it is another."""
        dates = {self.env._("Deadline"): (move.old, move.new)}
        if (move.old_legal, move.new_legal) != (move.old, move.new):
            dates[self.env._("Legal deadline")] = (move.old_legal, move.new_legal)
        lines = []
        for label, days in dates.items():
            old, new = (tools.format_date(self.env, day) if day else self.env._("suspended") for day in days)
            if old == new:
                lines.append(self.env._("%(label)s: %(date)s, as before.", label=label, date=old))
            else:
                lines.append(self.env._("%(label)s: %(old)s → %(new)s.", label=label, old=old, new=new))
        return lines

    def _preview_extension(self, case, days):
        extension = legal_term.Event("extension", case.company_id._sig_today(), days)
        [(_case, values)] = case._get_new_terms(supposed={case: [extension]})
        return TermMove.of(case, values)

    def _preview_type(self, cases, kind, authority_deadline=False):
        """Preview another type, as superuser.

        :return: ``{case: (TermMove, {code: sentence})}``. The warnings are ``lapsed``, of a new term that is over,
            ``silence``, of one that had happened, and the kinds of the steps that would no longer count.
        """
        cases_sudo = cases.sudo()
        facts, found = cases_sudo._get_term_facts(), {}
        kinds = (None, dict.fromkeys(cases_sudo, kind))
        old, new = (self.env["sig.silence"]._get_risks(cases_sudo, of_type) for of_type in kinds)
        for case in cases_sudo:
            company, of_case = case.company_id, facts[case]
            today, deadline = company._sig_today(), authority_deadline and company._sig_moment(authority_deadline)
            values = kind._get_term_values(company, of_case.received_on, of_case.events, deadline, today)
            warnings = dict(self._get_type_warnings(case, values, today, old.get(case), new.get(case)))
            found[case] = TermMove.of(case, values), warnings
        return found

    def _get_type_warnings(self, case, values, today, old, new):
        """Yield codes and sentences; ``old`` and ``new`` are the `SilenceRisk` before and after, if any."""
        day = values["date_deadline"]
        if day and day < today and not (case.date_deadline and case.date_deadline < today):
            day = tools.format_date(self.env, day)
            yield "lapsed", self.env._("With the new type the term lapsed already, on %s.", day)
        if old and old.kind == "happened" and not (new and new.kind == "happened"):
            day = tools.format_date(self.env, old.day)
            yield "silence", self.env._("Not answered by %s, it was accepted by law: no other type undoes that.", day)
        before = {(step["kind"], step["start"]) for step in (case.term_trace or {}).get("steps", ())}
        for step in values["term_trace"]["steps"]:
            if step["kind"].endswith("_ignored") and (step["kind"], step["start"]) not in before:
                yield step["kind"], self.env["sig.term.explanation"]._get_ignored_line(step)
