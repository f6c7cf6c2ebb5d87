from datetime import date
from typing import NamedTuple

from odoo import models, tools
from odoo.fields import Domain

from ..communication.communication import TOLD
from ..mixin.transitions import RUNNING


class SilenceRisk(NamedTuple):
    """``kind`` is ``near`` or ``happened``; ``day`` is the last one before silence means acceptance."""

    kind: str
    day: date


class Silence(models.AbstractModel):
    """Silence that means acceptance: Ley 1755 de 2015, art. 14, num. 1 (documents and information; copies within three
    days); Ley 1266 de 2008, art. 16, II, num. 8, of Ley 2157 de 2021 (financial habeas data).

    An extension of which the petitioner was not notified in time does not protect. A case answered in time and
    corrected was not met with silence. A disagreement with the answer has a term of its own; what happened before it
    stays. Cases are given as superuser.
    """

    _name = "sig.silence"
    _description = "Silence That Means Acceptance"

    def _find_risks(self, companies):
        """``{case: SilenceRisk}``, of the cases as superuser."""
        by_company = []
        for company in companies:
            _today, soon = self.env["sig.pqrs"]._get_deadline_limits(company)
            untold = [
                ("purpose", "=", "extension"),
                ("answer_id", "=", False),
                ("date_expiry", "<=", soon),
                "|",
                ("state", "not in", TOLD),
                ("told_late", "=", True),
            ]
            by_company.append(
                Domain("company_id", "=", company.id)
                & (
                    Domain("suspended", "=", False)
                    & (Domain("date_legal", "<=", soon) | Domain("communication_ids", "any", untold))
                    | Domain("answer_ids", "any", [("disputed", "=", True)])
                )
            )
        running = Domain("state", "in", RUNNING) & Domain("type_id.silence", "=", "accepted")
        return self._get_risks(self.env["sig.pqrs"].sudo().search(running & Domain.OR(by_company), order="id"))

    def _get_risks(self, cases, kinds=None):
        """``{case: SilenceRisk}`` of those of the cases that have one, as they are or of the types ``{case: type}``."""
        kinds = kinds or {case: case.type_id for case in cases}
        running = cases.filtered(lambda case: kinds[case].silence == "accepted" and case.state in RUNNING)
        limits = {company: cases._get_deadline_limits(company) for company in running.company_id}
        facts, risks = running._get_term_facts(), {}
        for case, day in self._get_last_days(running, facts, kinds).items():
            today, soon = limits[case.company_id]
            if day <= soon:
                risks[case] = SilenceRisk("happened" if day < today else "near", day)
        return risks

    def _get_last_days(self, cases, facts, kinds):
        """``{case: last day before silence means acceptance}``, without an extension that does not protect. A term met
        with silence before the disagreement that runs now comes first, until that one is, too.
        """
        protected = {
            case: of_case if case._is_extension_protected() else of_case.without("extension")
            for case, of_case in facts.items()
        }
        days = {
            case: values["date_legal"]
            for case, values in cases._derive_terms(protected, kinds)
            if values["date_legal"]
            and not case.suspended
            and not any(event.kind == "answered" and event.date <= values["date_legal"] for event in facts[case].events)
        }
        for case, day in self._get_earlier_days(facts).items():
            if days.get(case, date.max) >= case.company_id._sig_today():
                days[case] = day
        return days

    def _get_earlier_days(self, facts):
        """``{case: last day}`` of the first term that a disagreement ended and that was met with silence.

        An act says so, unless it turned out later that it was answered in time, or extended; or the answer itself, when
        it was taken up again before an act was written.
        """
        renewed = [case for case, of_case in facts.items() if of_case.act_number]
        acts = self.env["sig.pqrs.act"].sudo()
        if renewed:
            acts = acts.search([("pqrs_id", "in", [case.id for case in renewed]), ("kind", "=", "silence")])
        recorded = acts.filtered(lambda act: act.number < facts[act.pqrs_id].act_number).grouped("pqrs_id")
        found = {}
        for case in renewed:
            days = [date.fromisoformat(act.data["term"]) for act in recorded.get(case, ())]
            disputed = case.answer_ids.filtered("disputed").sorted("round")
            unanswered = [day for day in days if not disputed._is_in_time_for(day)]
            unanswered += [each.date_legal for each in disputed if each.date_legal and each._is_late()]
            if unanswered:
                found[case] = min(unanswered)
        return found

    def _describe(self, case, risk):
        day = tools.format_date(self.env, risk.day, date_format="long")
        if risk.kind == "near":
            args = {"day": day, "law": case.type_id.legal_basis or ""}
            return self.env._(
                "If it is not answered by %(day)s, the law takes the request as accepted (%(law)s).", **args
            )
        if case.type_id.copies_days:
            copies = case.company_id._sig_calendar(risk.day).add(risk.day, case.type_id.copies_days)
            by = tools.format_date(self.env, copies, date_format="long")
            owed = self.env._("Hand over the copies by %s: they can no longer be denied.", by)
        elif case.type_id.personal_data:
            owed = self.env._(
                "Correct, update or delete the data as the holder asked, and inform those to whom they were given."
            )
        else:
            owed = self.env._("Do what was asked.")
        ended = self.env._("The term ended on %s without an answer: the law takes the request as accepted.", day)
        return "\n".join([ended, owed, self.env._("Answer the petitioner all the same, saying what was done.")])

    def _watch(self, company):
        """Remind of the risk while it can be avoided; record an act once it has happened."""
        risks = self._find_risks(company)
        cases = self.env["sig.pqrs"].sudo().union(*risks)
        cases._close_other_activities(company, "sig_pqrs.activity_silence")
        cases._in_isolation(cases, lambda cases: self._follow(cases, risks))

    def _follow(self, cases, risks):
        happened = cases.filtered(lambda case: risks[case].kind == "happened")
        acts = self.env["sig.pqrs.act"].sudo().search([("pqrs_id", "in", happened.ids), ("kind", "=", "silence")])
        # one of another day may be of an earlier term, or of this one while its extension did not protect
        known = acts.filtered(lambda act: act.data["term"] == risks[act.pqrs_id].day.isoformat())
        if new := happened - known.pqrs_id:
            new._record(
                "silence",
                {case: self._describe(case, risks[case]) for case in new},
                data={case: {"term": risks[case].day.isoformat()} for case in new},
            )
        cases.activity_unlink(["sig_pqrs.activity_silence"])
        self.env["sig.staff.notice"]._notify_directors(
            cases,
            "sig_pqrs.activity_silence",
            lambda case: (
                case.env._("Deemed accepted by silence")
                if risks[case].kind == "happened"
                else case.env._("About to be deemed accepted by silence")
            ),
            get_deadline=lambda case: risks[case].day,
        )
