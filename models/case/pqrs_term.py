import json
from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from babel.dates import get_timezone_location
from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import legal_term
from .. import clock
from .transitions import RUNNING

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

#: acts that tell whether the petitioner knows of a requirement
TELLING = ("notified", "delivery_failed")

#: duties that stay when they lapse: ours, and theirs whose lapse the SIG decides on; the others are chances that pass
BINDING_DUTIES = ("mark", "copies", "complete", "regulator")


class TermMove(NamedTuple):
    """The operative and the legal deadline of a case before and after; False while suspended."""

    old: date | bool
    new: date | bool
    old_legal: date | bool
    new_legal: date | bool

    def is_later(self):
        """Whether the petitioner now waits longer."""
        return bool(self.old and self.new and self.new > self.old)


class PqrsTerm(models.Model):
    """The dates of a case. They derive from its type, its acts and the calendar; nobody edits them."""

    _inherit = "sig.pqrs"

    date_received = fields.Datetime(
        "Received on",
        required=True,
        copy=False,
        default=lambda self: clock.now(),
        index=True,
        help="The moment of receipt; for what came by phone, visit or letter it may be earlier than its recording.",
    )
    date_recorded = fields.Datetime(
        "Recorded on", readonly=True, copy=False, help="When it was registered here; the term runs from its receipt."
    )
    due_by_authority = fields.Boolean("Dated by an authority", related="type_id.due_by_authority")
    authority_deadline = fields.Datetime(
        "Date set by the authority", copy=False, help="Day and hour that the authority set: the case has no other term."
    )
    authority_deadline_text = fields.Char(
        "Date and hour of the authority", compute="_compute_authority", help="In the company's legal time zone."
    )
    lacks_authority_copy = fields.Boolean(
        compute="_compute_authority", help="A requirement of an authority without its copy is not assigned."
    )
    imported_deadline = fields.Date(
        "Imported deadline", readonly=True, copy=False, help="The date that an imported case came with."
    )
    date_deadline = fields.Date(
        "Deadline", readonly=True, copy=False, help="The legal term, or the company's policy when shorter."
    )
    date_legal = fields.Date(
        "Legal deadline",
        readonly=True,
        copy=False,
        help="Deadline of the law alone, without the policy of the company.",
    )
    date_answered = fields.Datetime("Answered on", readonly=True, copy=False, index=True)
    suspended = fields.Boolean(readonly=True, copy=False)
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
        copy=False,
        help="What the law asks for before the answer.",
    )
    next_duty_date = fields.Date(readonly=True, copy=False, index="btree_not_null", help="Last day to do it.")
    term_trace = fields.Json(readonly=True, copy=False, help="How the term was counted, as data.")
    term_explanation = fields.Html("How the term was counted", compute="_compute_term_explanation")
    extended = fields.Boolean(compute="_compute_days_used", help="The one extension that the law allows was used.")
    days_used = fields.Integer(
        "Days used", compute="_compute_days_used", help="Business days that ran until today, or until the answer."
    )
    days_left = fields.Integer(
        "Days left", compute="_compute_days_left", help="Business days until the deadline; below zero it is overdue."
    )
    response_days = fields.Integer(
        "Days to answer",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Business days from the receipt to the answer, without those suspended.",
    )

    @api.depends("authority_deadline", "type_id", "attachment_ids", "company_id")
    @api.depends_context("lang")
    def _compute_authority(self):
        for case in self:
            by_authority = case.type_id.due_by_authority
            moment = by_authority and case.authority_deadline
            case.authority_deadline_text = moment and case._format_moment(moment)
            case.lacks_authority_copy = by_authority and not case.sudo().attachment_ids

    def _format_moment(self, moment):
        """A moment as a date and an hour of the company's legal time zone, which it names."""
        zone = self.company_id.sudo().sig_tz
        local = self.company_id.sudo()._sig_local(moment)
        return self.env._(
            "%(date)s, %(hour)s (%(city)s time)",
            date=tools.format_date(self.env, local.date(), date_format="long"),
            hour=tools.format_time(self.env, local.time(), time_format="short"),
            city=get_timezone_location(zone, locale=tools.get_lang(self.env).code, return_city=True),
        )

    def _check_authority_copy(self):
        for case in self:
            if case.lacks_authority_copy:
                raise UserError(
                    self.env._("%s: attach a copy of the requirement of the authority before assigning it.", case.name)
                )

    def _get_deadline_depends(self):
        return ["state", "outcome", "date_deadline", "authority_deadline", "date_answered", "suspended", "company_id"]

    def _get_settled_deadline_state(self):
        if self.date_answered:
            answered_on = self.company_id.sudo()._sig_local_date(self.date_answered)
            on_time = not self.date_deadline or answered_on <= self.date_deadline
            if self.authority_deadline and self.due_by_authority:
                on_time = self.date_answered <= self.authority_deadline
            return "answered_on_time" if on_time else "answered_late"
        if self.state not in RUNNING:
            return "not_applicable"
        return "suspended" if self.suspended else False

    def _group_by_last_day(self):
        """Yield ``(calendar, {case: day through which its days are counted})`` of each company."""
        for company, cases in self.grouped("company_id").items():
            company_sudo = (company or self.env.company).sudo()
            today = company_sudo._sig_today()
            days = {
                case: company_sudo._sig_local_date(case.date_answered) if case.date_answered else today
                for case in cases
            }
            dates = [*days.values(), *(case.date_deadline for case in cases if case.date_deadline)]
            yield company_sudo._sig_calendar(min(dates), max(dates)), days

    @api.depends("term_trace", "date_answered", "company_id")
    def _compute_days_used(self):
        for calendar, days in self._group_by_last_day():
            for case, until in days.items():
                trace = case.term_trace or {}
                case.extended = any(step["kind"] == "extended" for step in trace.get("steps", ()))
                case.days_used = trace.get("used", 0)
                if trace.get("since"):
                    since = date.fromisoformat(trace["since"])
                    case.days_used += calendar.count(since, max(since, until))

    @api.depends("date_deadline", "suspended", "term_trace", "date_answered", "company_id")
    def _compute_days_left(self):
        for calendar, days in self._group_by_last_day():
            for case, until in days.items():
                if case.suspended and case.term_trace:
                    case.days_left = case.term_trace["total"] - case.term_trace["used"]
                else:
                    case.days_left = calendar.count(until, case.date_deadline) if case.date_deadline else 0

    # -- The pure function, asked and stored ------------------------------------------------------------------------

    @api.model
    def _get_term_values(
        self, company, kind, received, events, authority_deadline, today, calendar=None, imported_deadline=False
    ):
        """The stored dates of a case.

        :param datetime received: moment of receipt, naive UTC.
        :param events: `tools.legal_term.Event`s.
        :param datetime authority_deadline: when the type leaves the date to the authority.
        :param date today: for the next duty.
        :param calendar: another one than the company's, for a preview.
        :param date imported_deadline: the date of an imported case, in place of the term of its type.
        """
        received_on = company._sig_local_date(received)
        if kind.due_by_authority:
            day = company._sig_local_date(authority_deadline) if authority_deadline else False
            duties = [[duty.date.isoformat(), duty.kind] for duty in legal_term.get_notices(events)]
            next_duty, next_duty_date = self._pick_duty(duties, day, today)
            return {
                "date_deadline": day,
                "date_legal": day,
                "suspended": False,
                "next_duty": next_duty,
                "next_duty_date": next_duty_date,
                "term_trace": {
                    "authority": True,
                    "received_on": received_on.isoformat(),
                    "duties": duties,
                    "steps": [],
                },
            }
        term = kind._get_term()
        if not calendar:
            dates = [received_on, *(event.date for event in events), *filter(None, [imported_deadline])]
            # Two calendar days a business day reach beyond any term.
            reach = max(dates) + timedelta(days=2 * (term.days + term.extension_days))
            calendar = company._sig_calendar(*dates, reach)
        if imported_deadline:
            term = term.ending(received_on, imported_deadline, calendar)
        legal = legal_term.due(received_on, term, events, calendar)
        due = legal
        if company.sig_policy_days and company.sig_policy_days < term.days and not imported_deadline:
            due = legal_term.due(received_on, term.capped(company.sig_policy_days), events, calendar)
        running = [step for step in due.trace if step.kind == "counted"]
        duties = [[duty.date.isoformat(), duty.kind] for duty in legal.duties]
        next_duty, next_duty_date = self._pick_duty(duties, legal.date, today)
        return {
            "date_deadline": due.date or False,
            "date_legal": legal.date or False,
            "suspended": due.suspended,
            "next_duty": next_duty,
            "next_duty_date": next_duty_date,
            "term_trace": {
                "received_on": received_on.isoformat(),
                "term": term.days,
                "policy": company.sig_policy_days if due is not legal else 0,
                "total": due.used + due.left,
                "used": due.used,
                "since": running[-1].start.isoformat() if running and not due.suspended else None,
                "legal": legal.date and legal.date.isoformat(),
                "duties": duties,
                "imported": imported_deadline and imported_deadline.isoformat(),
                "steps": [step.as_dict() for step in due.trace],
            },
        }

    @api.model
    def _pick_duty(self, duties, date_legal, today):
        """The earliest duty that can still be done, or must be; of two on one day, the one that must be."""
        return next(self._iter_duties(duties, date_legal, today), (False, False))

    @api.model
    def _iter_duties(self, duties, date_legal, today):
        for iso_day, kind in sorted(duties, key=lambda duty: (duty[0], duty[1] not in BINDING_DUTIES)):
            day = date.fromisoformat(iso_day)
            if kind == "copies" and not (date_legal and date_legal < today):
                continue
            if day >= today or kind in BINDING_DUTIES:
                yield kind, day

    def _get_duties(self, today):
        """``[(kind, date)]`` of what can still be done, or must be, the earliest first; `next_duty` is the first.

        An answered case owes nothing but its notice to the regulator.
        """
        self.ensure_one()
        duties = self._iter_duties((self.term_trace or {}).get("duties", ()), self.date_legal, today)
        return [(kind, day) for kind, day in duties if self.state in RUNNING or kind == "regulator"]

    def _get_duty_date(self, kind):
        """The date of an open duty, whichever is the next one; False when there is none of that kind."""
        dates = [iso_day for iso_day, name in (self.term_trace or {}).get("duties", ()) if name == kind]
        return date.fromisoformat(min(dates)) if dates else False

    def _end_duties(self):
        """What ends leaves no duty behind, but the notice that an answered case still owes the regulator."""
        cases = self.sudo()
        owing = cases.filtered(lambda case: case.state == "closed" and case._get_duty_date("regulator"))
        (cases - owing).write({"next_duty": False, "next_duty_date": False})
        for case in owing:
            case.write({"next_duty": "regulator", "next_duty_date": case._get_duty_date("regulator")})

    def _get_term_events(self):
        """``{case: [Event, …]}`` of what happened to the terms.

        Of what the acts say of the notice of a requirement the last one holds: told on that day, or not told.
        """
        events = defaultdict(list)
        told = {}
        acts = (
            self.env["sig.pqrs.act"]
            .sudo()
            .search_fetch(
                [("pqrs_id", "in", self.ids), ("kind", "in", (*TERM_EVENTS, *TELLING))],
                ["pqrs_id", "number", "kind", "date", "days", "data"],
                order="number",
            )
        )
        for act in acts:
            day = act.pqrs_id.company_id._sig_local_date(act.date)
            if act.kind in TERM_EVENTS:
                events[act.pqrs_id].append(legal_term.Event(act.kind, day, act.days))
            if act.kind == "requirement":
                told[act.pqrs_id] = (act.number, False)
            elif act.kind in TELLING and act.pqrs_id in told and act.data.get("act") == told[act.pqrs_id][0]:
                told[act.pqrs_id] = (act.data["act"], act.kind == "notified" and day)
        for case, (_number, day) in told.items():
            if day:
                events[case].append(legal_term.Event("requirement_told", day))
        return events

    def _get_last_day_to_complete(self):
        """Until when the petitioner may complete; when they do not know of it yet, if they were told today."""
        self.ensure_one()
        if day := self._get_duty_date("complete"):
            return day
        values = self._suppose(legal_term.Event("requirement_told", self.company_id.sudo()._sig_today()))
        dates = [iso_day for iso_day, kind in values["term_trace"]["duties"] if kind == "complete"]
        return date.fromisoformat(dates[0]) if dates else False

    def _get_extension_move(self, days):
        """What an extension of so many business days, made today, would make of the dates of the case."""
        self.ensure_one()
        values = self._suppose(legal_term.Event("extension", self.company_id.sudo()._sig_today(), days))
        return TermMove(self.date_deadline, values["date_deadline"], self.date_legal, values["date_legal"])

    def _suppose(self, event):
        """The dates of the case as they would be stored if that happened too."""
        [(_case, values)] = self._get_new_terms(supposed={self: event})
        return values

    def _get_new_terms(self, kinds=None, calendars=None, supposed=None):
        """Yield ``(case, values)`` of the dates as they would be stored now.

        :param kinds: ``{case: type}``, to suppose another type.
        :param calendars: ``{company: calendar}``, to suppose another calendar.
        :param supposed: ``{case: Event}``, to suppose that something more happened.
        """
        cases = self.sudo()
        events = cases._get_term_events()
        for case, event in (supposed or {}).items():
            events[case].append(event)
        for company, company_cases in cases.grouped("company_id").items():
            today = company._sig_today()
            calendar = (calendars or {}).get(company)
            known = {}
            for case in company_cases:
                kind = (kinds or {}).get(case, case.type_id)
                received_on = company._sig_local_date(case.date_received)
                alike = (kind, received_on, *events[case], case.authority_deadline, case.imported_deadline)
                if alike not in known:
                    known[alike] = self._get_term_values(
                        company,
                        kind,
                        case.date_received,
                        events[case],
                        case.authority_deadline,
                        today,
                        calendar,
                        case.imported_deadline,
                    )
                yield case, known[alike]

    def _get_reclassifications(self, kind, authority_deadline=False):
        """What another type would make of the dates of the cases; nothing is stored.

        :param kind: ``sig.pqrs.type`` record.
        :param authority_deadline: what ``res.company._sig_moment`` reads, for a type that leaves the date to an
            authority.
        :return: ``{case: (TermMove, {code: sentence})}``, the sentences being what must be known before it is
            confirmed: ``lapsed`` (the new term is over already), ``requirement_void`` and ``extension_void`` (they
            counted, and would no longer).
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

    def _refresh_terms(self):
        """Derive the dates again and store what changed.

        :return: ``{case: TermMove}`` of the cases whose deadline, operative or legal, moved.
        """
        moved = {}
        alike = {}
        for case, values in self._get_new_terms():
            changed = {
                name: value
                for name, value in values.items()
                if name != "term_trace"
                and (fields.Date.to_date(case[name]) if name.startswith("date_") and value else case[name]) != value
            }
            # Reading a trace costs more than writing it again, and it follows the dates.
            if not changed and case.term_trace == values["term_trace"]:
                continue
            if "date_deadline" in changed or "date_legal" in changed:
                moved[case.with_env(self.env)] = TermMove(
                    case.date_deadline, values["date_deadline"], case.date_legal, values["date_legal"]
                )
            changed["term_trace"] = values["term_trace"]
            key = json.dumps(changed, sort_keys=True, default=str)
            alike.setdefault(key, (changed, []))[1].append(case.id)
        for changed, ids in alike.values():
            self.sudo().browse(ids).with_context(tracking_disable=True).write(changed)
        return moved

    # -- Changes of the calendar or of a type -----------------------------------------------------------------------

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
        with self._escalated_together():
            moves = self._refresh_terms()
            self._move_drafts()
            self.browse(case.id for case, move in moves.items() if move.is_later())._queue_date_notice()
            self.env.flush_all()
        cases = self.browse(case.id for case in moves)
        texts = {move: self._get_move_text(reason, move) for move in set(moves.values())}
        self.env["sig.pqrs.act"]._append(
            cases,
            "calendar_change",
            notes={case: texts[move] for case, move in moves.items()},
            data={case: {name: str(day or "") for name, day in move._asdict().items()} for case, move in moves.items()},
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

    def _move_drafts(self):
        """The dates of drafts follow what moves the case, and the company's closures; none is later than the case."""
        assignments = (
            self.env["sig.pqrs.assignment"]
            .sudo()
            .search([("pqrs_id", "in", self.ids), ("state", "in", ("pending", "returned"))])
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
        company = self.company_id.sudo()
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

    # -- The explanation --------------------------------------------------------------------------------------------

    @api.depends("term_trace", "date_deadline", "date_legal", "days_left")
    @api.depends_context("lang")
    def _compute_term_explanation(self):
        for case in self:
            lines = case._get_term_lines()
            case.term_explanation = (
                Markup("<ul>%s</ul>") % Markup("").join(Markup("<li>%s</li>") % line for line in lines)
                if lines
                else False
            )

    def _format_deadline(self):
        """The deadline in words for a message."""
        if self.due_by_authority and self.authority_deadline:
            return self.authority_deadline_text
        if self.suspended:
            return self.env._("a date that depends on the information required")
        return tools.format_date(self.env, self.date_deadline) if self.date_deadline else self.env._("no date")

    def _get_term_lines(self):
        """Sentences that explain the deadline to a person who is not a lawyer."""
        self.ensure_one()
        trace = self.term_trace
        if not trace:
            return []

        def on(day):
            return tools.format_date(self.env, day, date_format="long")

        if trace.get("authority"):
            return [
                self.env._(
                    "Received on %(received)s. The authority asks for the answer by %(date)s.",
                    received=on(trace["received_on"]),
                    date=self.authority_deadline_text or "—",
                )
            ]
        kind = self.sudo().type_id
        lines = [
            self.env._(
                "Received on %s. The day of receipt does not count: day 1 is the next business day.",
                on(trace["received_on"]),
            ),
            self.env._("The case was imported with its deadline: %s.", on(trace["imported"]))
            if trace.get("imported")
            else self.env._(
                "%(type)s: %(days)s business days to answer (%(basis)s).",
                type=kind.name,
                days=trace["term"],
                basis=kind.legal_basis or self.env._("company policy"),
            ),
        ]
        if trace["policy"]:
            lines.append(
                self.env._("The company answers within %s business days or less (procedure 5.1).", trace["policy"])
            )
        for step in trace["steps"]:
            lines.extend(self._get_step_lines(step, on))
        if self.suspended:
            lines.append(
                self.env._(
                    "Business days left: %s. They run from the day after the information is delivered.",
                    trace["total"] - trace["used"],
                )
            )
        elif self.date_deadline:
            lines.append(self.env._("The answer is due at the end of %s.", on(self.date_deadline)))
            if self.date_legal and self.date_legal != self.date_deadline:
                lines.append(self.env._("The law would allow until %s.", on(self.date_legal)))
        return lines

    def _get_step_lines(self, step, on):
        if step["kind"] == "counted" and not step["days"]:
            return
        if step["kind"] == "counted":
            dates = {"start": on(step["start"]), "end": on(step["end"])}
            yield (
                self.env._("Days counted after %(start)s and through %(end)s: 1 business day.", **dates)
                if step["days"] == 1
                else self.env._(
                    "Days counted after %(start)s and through %(end)s: %(days)s business days.",
                    days=step["days"],
                    **dates,
                )
            )
            skipped = [f"{on(day)} ({name})" if name else on(day) for day, name in step["holidays"]]
            if step["weekend"]:
                days = step["weekend"]
                skipped.insert(
                    0, self.env._("1 day of weekend") if days == 1 else self.env._("%s days of weekend", days)
                )
            if skipped:
                yield self.env._("Not counted: %s.", ", ".join(skipped))
        elif step["kind"] == "suspended" and step["end"]:
            yield self.env._(
                "Suspended from %(start)s, when information was required, to %(end)s, when it was delivered.",
                start=on(step["start"]),
                end=on(step["end"]),
            )
        elif step["kind"] == "suspended":
            yield self.env._("Suspended since %s, when information was required.", on(step["start"]))
        elif step["kind"] == "extended":
            date, days = on(step["start"]), step["days"]
            yield (
                self.env._("Extended on %s by 1 business day.", date)
                if days == 1
                else self.env._("Extended on %(date)s by %(days)s business days.", date=date, days=days)
            )
        elif step["kind"] in ("requirement_ignored", "extension_ignored"):
            yield self._get_ignored_line(step, on)

    def _get_ignored_line(self, step, on):
        """Why a requirement or an extension does not count."""
        day = on(step["start"])
        lines = {
            ("requirement_ignored", "not_allowed"): self.env._(
                "The requirement of %s does not stop the term: this type allows none.", day
            ),
            ("requirement_ignored", "late"): self.env._(
                "The requirement of %s does not stop the term: it was made after the last day to require.", day
            ),
            ("requirement_ignored", "lapsed"): self.env._(
                "The requirement of %s does not stop the term: the term had lapsed already.", day
            ),
            ("extension_ignored", "not_allowed"): self.env._(
                "The extension of %s does not count: this type allows none.", day
            ),
            ("extension_ignored", "repeated"): self.env._(
                "The extension of %s does not count: the term was extended already.", day
            ),
            ("extension_ignored", "lapsed"): self.env._(
                "The extension of %s does not count: the term had lapsed already.", day
            ),
        }
        return lines[step["kind"], step["reason"]]
