import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models, tools

from ...tools import legal_term
from .. import clock
from ..json_list import JsonFrozen
from ..mixin.transitions import RUNNING, UNTRIAGED

TERM_EVENTS = (
    "requirement",
    "completion_extension",
    "completion",
    "extension",
    "claim_marked",
    "incident_flagged",
    "incident_unflagged",
    "regulator_notified",
    "claim_unmarked",
    "reopened",
)

#: events that a new request of the petitioner leaves as they are
LASTING_EVENTS = ("claim_marked", "claim_unmarked", "incident_flagged", "incident_unflagged", "regulator_notified")

#: acts on the notice of a requirement
NOTICE_ACTS = ("notified", "delivery_failed")

#: duties that stay once they lapse; the others (to require, to transfer) are chances that pass
BINDING_DUTIES = ("mark", "copies", "complete", "regulator")


def iter_duties(duties, date_legal, today):
    """Yield ``(kind, date)`` of what is still possible or binding, earliest first, on one day binding first."""
    for iso_day, kind in sorted(duties, key=lambda duty: (duty[0], duty[1] not in BINDING_DUTIES)):
        day = date.fromisoformat(iso_day)
        if kind == "copies" and not (date_legal and date_legal < today):
            continue
        if day >= today or kind in BINDING_DUTIES:
            yield kind, day


def pick_duty(duties, date_legal, today):
    """``(kind, date)`` of the first of `iter_duties`, or False twice."""
    return next(iter_duties(duties, date_legal, today), (False, False))


def get_pressing_duties_domain(today, soon):
    """:return: JSON-serializable domain of cases whose next duty lapses by ``soon``, or lapsed and is binding.

    Requiring and transferring matter only until the case is assigned.
    """
    return [
        ("next_duty_date", "<=", soon.isoformat()),
        "|",
        ("next_duty", "in", BINDING_DUTIES),
        "&",
        "&",
        ("next_duty", "in", ("require", "transfer")),
        ("state", "in", UNTRIAGED),
        ("next_duty_date", ">=", today.isoformat()),
    ]


class TermFacts(NamedTuple):
    """``received_on``: receipt of the case or, from ``act_number`` on, of the disagreement with its answer."""

    received_on: date
    events: list
    act_number: int = 0

    def renew(self, received_on, act_number):
        """The petitioner disagrees with the answer: a new request, with its own term."""
        # A mark taken off when an earlier answer was recorded late is owed from the disagreement on, after it was made.
        marks = ("claim_marked", "claim_unmarked")
        events = [
            replace(event, date=min(event.date, received_on)) if event.kind in marks else event
            for event in self.events
            if event.kind in LASTING_EVENTS
        ]
        return TermFacts(received_on, [*events, legal_term.Event("reopened", received_on)], act_number)

    def without(self, kind):
        return self._replace(events=[event for event in self.events if event.kind != kind])


class TermMove(NamedTuple):
    """Operative and legal deadline before and after; False while suspended."""

    old: date | bool
    new: date | bool
    old_legal: date | bool
    new_legal: date | bool

    @classmethod
    def of(cls, case, values):
        return cls(case.date_deadline, values["date_deadline"], case.date_legal, values["date_legal"])


class PqrsTerm(models.Model):
    _inherit = "sig.pqrs"

    date_received = fields.Datetime(
        "Received on",
        required=True,
        default=lambda self: clock.now(),
        index=True,
        help="The moment of receipt; for what came by phone, visit or letter it may be earlier than its recording.",
    )
    date_recorded = fields.Datetime("Recorded on", readonly=True)
    due_by_authority = fields.Boolean("Dated by an authority", related="type_id.due_by_authority")
    authority_deadline = fields.Datetime("Date set by the authority")
    imported_deadline = fields.Date("Imported deadline", readonly=True)
    date_deadline = fields.Date("Deadline", readonly=True, help="The legal term, or the company's policy when shorter.")
    date_legal = fields.Date(
        "Legal deadline", readonly=True, help="Deadline of the law alone, without the policy of the company."
    )
    date_answered = fields.Datetime("Answered on", readonly=True, index=True)
    suspended = fields.Boolean(readonly=True)
    next_duty = fields.Selection(
        [
            ("require", "Last day to require information"),
            ("transfer", "Last day to transfer"),
            ("mark", "Mark “claim in process”"),
            ("copies", "Hand over the copies"),
            ("complete", "The petitioner completes the information"),
            ("regulator", "Notify the regulator"),
        ],
        readonly=True,
    )
    next_duty_date = fields.Date(readonly=True, index="btree_not_null")
    term_trace = JsonFrozen(readonly=True)
    term_explanation = fields.Html("How the term was counted", compute="_compute_term_explanation")
    days_used = fields.Integer(
        "Days used", compute="_compute_days", help="Business days that ran until today, or until the answer."
    )
    days_left = fields.Integer(
        "Days left", compute="_compute_days", help="Business days until the deadline; below zero it is overdue."
    )
    response_days = fields.Integer(
        "Days to answer",
        readonly=True,
        aggregator="avg",
        help="Business days from the receipt to the answer, without those suspended.",
    )

    def _get_authority_moment(self):
        return self.due_by_authority and self.authority_deadline

    def _format_authority_deadline(self):
        """:return: day and hour that the authority set, in the company's legal time zone; False without one."""
        moment = self._get_authority_moment()
        return moment and self.company_id._sig_format_moment(moment)

    def _get_deadline_depends(self):
        return ["state", "outcome", "date_deadline", "authority_deadline", "date_answered", "suspended", "company_id"]

    def _get_settled_deadline_state(self):
        if self.date_answered:
            answered_on = self.company_id._sig_local_date(self.date_answered)
            on_time = not self.date_deadline or answered_on <= self.date_deadline
            if moment := self._get_authority_moment():
                on_time = self.date_answered <= moment
            return "answered_on_time" if on_time else "answered_late"
        if self.state not in RUNNING:
            return "not_applicable"
        return "suspended" if self.suspended else False

    @api.depends("date_deadline", "suspended", "term_trace", "date_answered", "company_id")
    def _compute_days(self):
        for case in self:
            company = case.company_id or self.env.company
            until = company._sig_local_date(case.date_answered) if case.date_answered else company._sig_today()
            case.days_used = case._count_days_used(until)
            if case.suspended and case.term_trace:
                case.days_left = case.term_trace["total"] - case.term_trace["used"]
            else:
                last = case.date_deadline
                case.days_left = company._sig_calendar(until, last).count(until, last) if last else 0

    def _count_days_used(self, until):
        """Business days that ran until a day, without those on which the term was suspended."""
        trace = self.term_trace or {}
        used, since = trace.get("used", 0), trace.get("received_on" if trace.get("authority") else "since")
        if not since:
            return used
        since = date.fromisoformat(since)
        return used + max(0, self.company_id._sig_calendar(since, until).count(since, until))

    # -- Derivation -------------------------------------------------------------------------------------------------

    def _get_duty_date(self, kind):
        """:return: date of an open duty of that kind, or False."""
        dates = [iso_day for iso_day, name in (self.term_trace or {}).get("duties", ()) if name == kind]
        return date.fromisoformat(min(dates)) if dates else False

    def _end_duties(self):
        """Clear the duties of ended cases, except the notice that an answered case owes to the regulator."""
        cases = self.sudo()
        owing = cases.filtered(lambda case: case.state == "closed" and case._get_duty_date("regulator"))
        (cases - owing).write({"next_duty": False, "next_duty_date": False})
        for case in owing:
            case.write({"next_duty": "regulator", "next_duty_date": case._get_duty_date("regulator")})

    def _get_term_facts(self):
        """:return: ``{case: TermFacts}`` from the acts, of cases as superuser.

        - A disagreement with an answer begins a term of its own.
        - The last act on the notice of a requirement says whether, and when, the petitioner knew of it.
        - An answer that came back after its case was reopened does not count as one.
        - Acts of before 19.0.1.5.0 flag staff or incident alone: the duty to notify needs both.
        """
        facts = {case: TermFacts(case._get_received_on(), []) for case in self}
        answers, told = defaultdict(list), {}
        acts = self.env["sig.pqrs.act"].search_fetch(
            [("pqrs_id", "in", self.ids), ("kind", "in", (*TERM_EVENTS, *NOTICE_ACTS))],
            ["pqrs_id", "number", "kind", "date", "days", "data"],
            order="number",
        )
        for act in acts:
            case = act.pqrs_id
            day = case.company_id._sig_local_date(act.date)
            one_alone = act.kind == "incident_flagged" and not (act.data.get("staff") and act.data.get("incident"))
            if act.kind == "reopened" and act.data.get("kind") == "disagreement":
                facts[case] = facts[case].renew(date.fromisoformat(act.data["received_on"]), act.number)
                answers.pop(case, None)
                told.pop(case, None)
                continue
            if act.kind in TERM_EVENTS and not one_alone:
                facts[case].events.append(legal_term.Event(act.kind, day, act.days))
            if answered := act.kind == "reopened" and act.data.get("answered"):
                answered_on = case.company_id._sig_local_date(fields.Datetime.to_datetime(answered))
                answers[case].append((answered, legal_term.Event("answered", answered_on)))
            elif act.kind == "delivery_failed" and act.data.get("notice") == "earlier_response":
                given = answers[case]
                # Acts of before 19.0.2.0.0 do not say which: the last one.
                came_back = act.data.get("answered") or (given and given[-1][0])
                answers[case] = [each for each in given if each[0] != came_back]
            elif act.kind == "delivery_failed" and act.data.get("notice") == "response":
                facts[case].events.append(legal_term.Event("reopened", day))
            if act.kind == "requirement":
                told[case] = (act.number, False)
            elif act.kind in NOTICE_ACTS and case in told and act.data.get("act") == told[case][0]:
                told[case] = (act.data["act"], act.kind == "notified" and day)
        for case, given in answers.items():
            facts[case].events.extend(event for _answered, event in given)
        for case, (_number, day) in told.items():
            if day:
                facts[case].events.append(legal_term.Event("requirement_told", day))
        return facts

    def _get_received_on(self):
        return self.company_id._sig_local_date(self.date_received)

    def _get_received_text(self):
        return self.company_id._sig_format_moment(self.date_received)

    def _get_term_start(self):
        """:return: receipt of the request whose term runs: of the case, or of the disagreement with its answer."""
        return fields.Date.to_date((self.term_trace or {}).get("received_on")) or self._get_received_on()

    def _get_last_day_to_complete(self):
        """:return: last day for the petitioner to complete, as if they were notified today when they were not."""
        if day := self._get_duty_date("complete"):
            return day
        event = legal_term.Event("requirement_told", self.company_id._sig_today())
        [(_case, values)] = self._get_new_terms(supposed={self: [event]})
        dates = [iso_day for iso_day, kind in values["term_trace"]["duties"] if kind == "complete"]
        return date.fromisoformat(dates[0]) if dates else False

    def _get_new_terms(self, kinds=None, calendars=None, supposed=None):
        """Yield ``(case, values)`` of the dates as they are now, or with what is supposed for a preview.

        :param kinds: ``{case: type}``.
        :param calendars: ``{company: calendar}``.
        :param supposed: ``{case: [Event]}`` that happened too.
        """
        cases = self.sudo()
        facts = cases._get_term_facts()
        for case, events in (supposed or {}).items():
            facts[case] = facts[case]._replace(events=[*facts[case].events, *events])
        return cases._derive_terms(facts, kinds, calendars)

    def _derive_terms(self, facts, kinds=None, calendars=None):
        """Yield ``(case, values)`` of the dates that derive from ``{case: TermFacts}``; of cases as superuser."""
        for company, company_cases in self.grouped("company_id").items():
            today = company._sig_today()
            calendar = (calendars or {}).get(company)
            known = {}
            for case in company_cases:
                kind, of_case = (kinds or {}).get(case, case.type_id), facts[case]
                imported = not of_case.act_number and case.imported_deadline
                alike = (kind, of_case.received_on, *of_case.events, case.authority_deadline, imported)
                if alike not in known:
                    known[alike] = kind._get_term_values(
                        company, of_case.received_on, of_case.events, case.authority_deadline, today, calendar, imported
                    )
                yield case, known[alike]

    def _refresh_terms(self):
        """Derive the dates again and store the changes: ``{case: TermMove}`` of the cases of which a deadline moved."""
        moved = {}
        alike = {}
        for case, values in self._get_new_terms():
            changed = {
                name: value
                for name, value in values.items()
                if name != "term_trace"
                and (fields.Date.to_date(case[name]) if name.startswith("date_") and value else case[name]) != value
            }
            if not changed and case.term_trace == values["term_trace"]:
                continue
            if "date_deadline" in changed or "date_legal" in changed:
                moved[case.with_env(self.env)] = TermMove.of(case, values)
            changed["term_trace"] = values["term_trace"]
            key = json.dumps(changed, sort_keys=True, default=str)
            alike.setdefault(key, (changed, []))[1].append(case.id)
        for changed, ids in alike.values():
            self.sudo().browse(ids).with_context(tracking_disable=True).write(changed)
        self.browse(case.id for case in moved)._follow_expiry()
        return moved

    # -- In words ---------------------------------------------------------------------------------------------------

    def _format_deadline(self, date_format=False):
        if by := self._format_authority_deadline():
            return by
        if self.suspended:
            return self.env._("a date that depends on the information required")
        if not self.date_deadline:
            return self.env._("no date")
        return tools.format_date(self.env, self.date_deadline, date_format=date_format)

    def _get_mail_lines(self):
        """What the case is, and by when it is answered, in mails to our people."""
        lines = [f"{self.type_id.name} · {self.subject}"]
        if self.date_deadline:
            lines.append(self.env._("The client must be answered by %s.", self._format_deadline()))
        return lines

    def _get_until_text(self, deadline, suspended, moment=None):
        """What the petitioner is told of a deadline, as it is or would be: with another ``moment`` of an authority."""
        if suspended:
            return self.env._("The days to answer do not run until we have all that we asked you for.")
        if not deadline:
            return self.env._("We will answer as soon as possible.")
        company, moment = self.company_id, moment or self._get_authority_moment()
        by = company._sig_format_moment(moment) if moment else tools.format_date(self.env, deadline, date_format="long")
        if moment < clock.now() if moment else deadline < company._sig_today():
            return self.env._("The term to answer ended on %s: we will answer as soon as possible.", by)
        return self.env._("We will answer by %s at the latest.", by)

    def _get_standing(self):
        """What the petitioner is told of when the case is, or was, answered."""
        if self.date_answered:
            answered_on = self.company_id._sig_local_date(self.date_answered)
            return self.env._("Answered on %s.", tools.format_date(self.env, answered_on, date_format="long"))
        if self.state not in RUNNING:
            return self.env["sig.client.view"]._get_status_label(self)
        return self._get_until_text(self.date_deadline, self.suspended)

    @api.depends("term_trace", "date_deadline", "date_legal", "days_left")
    @api.depends_context("lang")
    def _compute_term_explanation(self):
        for case in self:
            lines = [Markup("<li>%s</li>") % line for line in self.env["sig.term.explanation"]._get_lines(case)]
            case.term_explanation = lines and Markup("<ul>%s</ul>") % Markup("").join(lines)
