"""Deadline of a petition, with its explanation.

`due` replays the events of a case over a business calendar. The day of receipt is day zero; a term ends with its last
day.

Sources: Ley 1755 de 2015, arts. 14, 17 and 21; Ley 1581 de 2012, arts. 14 and 15; Ley 1266 de 2008, art. 16; Decreto
356 de 1994, art. 74.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from .business_days import BusinessCalendar


@dataclass(frozen=True)
class Term:
    """Legal regime of a type of petition, in business days except the months to complete; zero means "none".

    ``legal_days`` is the term of the law when ``days`` is a shorter one of the company: what is late follows it.
    """

    days: int
    extension_days: int = 0
    requirement_days: int = 0
    completion_months: int = 0
    completion_extension_months: int = 0
    transfer_days: int = 0
    mark_days: int = 0
    copies_days: int = 0
    legal_days: int = 0

    def capped(self, days: int) -> "Term":
        return replace(self, days=days, legal_days=self.days) if 0 < days < self.days else self

    def ending(self, received_on: date, day: date, calendar: BusinessCalendar) -> "Term":
        """:return: the same regime, ending on ``day`` or the next business day (Ley 4 de 1913, art. 62)."""
        return replace(self, days=calendar.count(received_on, calendar.roll(day)), legal_days=0)


@dataclass(frozen=True)
class Event:
    """Something that bears on the term.

    ``kind`` is ``requirement``, ``requirement_told`` (the petitioner was notified of it), ``completion_extension``,
    ``completion``, ``extension`` (by ``days``), ``claim_marked``, ``claim_unmarked``, ``answered`` (before it was
    reopened), ``reopened``, ``incident_flagged``, ``incident_unflagged`` or ``regulator_notified``. Others are ignored.
    """

    kind: str
    date: date
    days: int = 0


@dataclass(frozen=True)
class Step:
    """A line of the explanation.

    ``counted`` (business days after ``start``, through ``end``), ``suspended`` (from ``start`` to the delivery on
    ``end``, or still), ``extended`` (on ``start`` by ``days``), ``requirement_ignored``, ``extension_ignored`` or
    ``completion_extension_ignored`` (on ``start``). Their ``reason`` is ``not_allowed`` (by the type), ``late`` (after
    the last day to require), ``lapsed`` (after the term) or ``repeated`` (second extension).
    """

    kind: str
    start: date
    end: date | None = None
    days: int = 0
    weekend: int = 0
    holidays: tuple[tuple[date, str], ...] = ()
    reason: str = ""

    def as_dict(self) -> dict:
        return {
            **asdict(self),
            "start": self.start.isoformat(),
            "end": self.end and self.end.isoformat(),
            "holidays": [[day.isoformat(), name] for day, name in self.holidays],
        }


@dataclass(frozen=True, order=True)
class Duty:
    """Secondary deadline: ``require transfer mark copies regulator`` (ours) or ``complete`` (the petitioner's)."""

    date: date
    kind: str = field(compare=False)


@dataclass(frozen=True)
class Due:
    """``date`` is None while suspended. ``used`` and ``left`` are business days as of the last suspension."""

    date: date | None
    used: int
    left: int
    trace: tuple[Step, ...]
    duties: tuple[Duty, ...]

    @property
    def suspended(self) -> bool:
        return self.date is None


def due(received_on: date, term: Term, acts: Iterable[Event], calendar: BusinessCalendar) -> Due:
    """Deadline of a petition received on ``received_on`` (local date).

    - A requirement stops the clock when it is made within the days that the type allows from receipt, and before the
      term lapses; days through its own are used. The rest runs from the day after the delivery (Ley 1755, art. 17),
      which is the last day when nothing is left. The months to complete run from the day on which the petitioner was
      notified. They are extended once, by the months of the type (Ley 1755, art. 17: as many again; Ley 1581, art. 15:
      none).
    - One extension, before the term lapses, by at most the days of the type (Ley 1755, art. 14, par.).

    :param acts: in any order; on one date, in the order given.
    :raises CoverageError: when the calendar does not reach far enough.
    """
    replay = _Replay(received_on, term, calendar)
    acts = sorted(acts, key=lambda act: act.date)
    for act in acts:
        if handler := getattr(replay, f"_on_{act.kind}", None):
            handler(act)
    return replay.result(get_notices(acts))


def get_notices(acts: Iterable[Event]) -> tuple[Duty, ...]:
    """Duties that do not depend on the term.

    The authorities are notified of an incident with staff on the day it is flagged, business day or not, unless the
    flag was wrong (Decreto 356 de 1994, art. 74, num. 28).

    :param acts: as of `due`.
    """
    flagged_on = None
    for act in sorted(acts, key=lambda act: act.date):
        if act.kind == "regulator_notified":
            return ()
        if act.kind == "incident_flagged":
            flagged_on = flagged_on or act.date
        elif act.kind == "incident_unflagged":
            flagged_on = None
    return (Duty(flagged_on, "regulator"),) if flagged_on else ()


class _Replay:
    def __init__(self, received_on, term, calendar):
        self.received_on = received_on
        self.term = term
        self.calendar = calendar
        self.total = term.days
        self.legal_total = term.legal_days or term.days
        self.used = 0
        self.running_since = self.complete_on = received_on
        self.suspended_on = self.told_on = None
        self.months_to_complete = 0
        self.completion_extended = False
        self.required = self.extended = self.marked = self.resumed = self.answered_in_time = False
        self.mark_from = None
        self.trace = []

    def _get_total(self, total):
        """A term that resumes never ends before the day on which it runs again."""
        return max(total, self.used + 1) if self.resumed else total

    def _lapses_on(self, total):
        left = self._get_total(total) - self.used
        return self.calendar.add(self.running_since, left) if left > 0 else self.calendar.roll(self.running_since)

    def _is_late(self, day):
        return not self.suspended_on and day > self._lapses_on(self.legal_total)

    def _why_not_require(self, day):
        days = self.term.requirement_days
        if not days:
            return "not_allowed"
        if self._is_late(day):
            return "lapsed"
        return "" if day <= self.calendar.add(self.received_on, days) else "late"

    def _why_not_extend(self, day):
        if not self.term.extension_days:
            return "not_allowed"
        if self.extended:
            return "repeated"
        return "lapsed" if self._is_late(day) else ""

    def _count_until(self, day):
        day = max(day, self.running_since)
        days = self.calendar.count(self.running_since, day)
        weekend, holidays = self.calendar.skipped(self.running_since, day)
        self.trace.append(Step("counted", self.running_since, day, days, weekend, tuple(holidays)))
        return days

    def _on_requirement(self, act):
        if self.suspended_on:
            return
        reason = self._why_not_require(act.date)
        if reason:
            self.trace.append(Step("requirement_ignored", act.date, reason=reason))
            return
        self.used += self._count_until(act.date)
        self.suspended_on = max(act.date, self.running_since)
        self.told_on = None
        self.months_to_complete = self.term.completion_months
        self.completion_extended = False
        self.required = True

    def _on_requirement_told(self, act):
        if self.suspended_on:
            self.told_on = act.date

    def _on_completion_extension(self, act):
        if not self.suspended_on or self.completion_extended:
            return
        if not self.term.completion_extension_months:
            self.trace.append(Step("completion_extension_ignored", act.date, reason="not_allowed"))
            return
        self.months_to_complete += self.term.completion_extension_months
        self.completion_extended = True

    def _on_completion(self, act):
        if not self.suspended_on:
            return
        self.running_since = self.complete_on = max(act.date, self.suspended_on)
        self.trace.append(Step("suspended", self.suspended_on, self.running_since))
        self.suspended_on = None
        self.resumed = True

    def _on_extension(self, act):
        reason = self._why_not_extend(act.date)
        if reason:
            self.trace.append(Step("extension_ignored", act.date, days=act.days, reason=reason))
            return
        days = min(act.days, self.term.extension_days)
        self.total += days
        self.legal_total += days
        self.extended = True
        self.trace.append(Step("extended", act.date, days=days))

    def _on_claim_marked(self, _act):
        self.marked = True

    def _on_claim_unmarked(self, act):
        self.marked = False
        self.mark_from = act.date

    def _on_answered(self, act):
        if not self._is_late(act.date):
            self.answered_in_time = True

    def _on_reopened(self, act):
        if self.mark_from:
            self.mark_from = act.date

    def result(self, notices):
        date_due, total = None, self.total
        if self.suspended_on:
            self.trace.append(Step("suspended", self.suspended_on))
        else:
            date_due, total = self._lapses_on(total), self._get_total(total)
            self._count_until(date_due)
        duties = sorted([*notices, *self._duties(date_due)])
        return Due(date_due, self.used, total - self.used, tuple(self.trace), tuple(duties))

    def _duties(self, date_due):
        term, calendar = self.term, self.calendar
        if term.requirement_days and not self.required:
            yield Duty(calendar.add(self.received_on, term.requirement_days), "require")
        if term.transfer_days and not self.required:  # who requires information takes the petition as its own
            yield Duty(calendar.add(self.received_on, term.transfer_days), "transfer")
        if self.suspended_on:
            if self.told_on and self.months_to_complete:
                yield Duty(calendar.add_months(self.told_on, self.months_to_complete), "complete")
            return
        if term.mark_days and not self.marked:
            yield Duty(calendar.add(self.mark_from or self.complete_on, term.mark_days), "mark")
        if term.copies_days and not self.answered_in_time:
            yield Duty(calendar.add(date_due, term.copies_days), "copies")
