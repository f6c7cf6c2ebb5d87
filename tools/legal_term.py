"""The date by which a petition must be answered, and why.

`due` replays what happened to a case over a business calendar. The day of receipt is day zero; a term ends with its
last day. It reads no clock: whoever needs to know how much is left on a date passes that date.

Sources: Ley 1755 de 2015, arts. 14, 17 and 21; Ley 1581 de 2012, arts. 14 and 15; Ley 1266 de 2008, art. 16; Decreto
356 de 1994, art. 74.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from .business_days import BusinessCalendar


@dataclass(frozen=True)
class Term:
    """The legal regime of a type of petition; all in business days but the months to complete. Zero means "none".

    ``legal_days`` is the term of the law where ``days`` is a shorter one of the company: it says what is late.
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
        """The same regime with at most ``days`` to answer (company policy); zero caps nothing."""
        return replace(self, days=days, legal_days=self.days) if 0 < days < self.days else self

    def ending(self, received_on: date, day: date, calendar: BusinessCalendar) -> "Term":
        """The same regime, its term ending on ``day``, or on the next business day (Ley 4 de 1913, art. 62)."""
        return replace(self, days=calendar.count(received_on, calendar.roll(day)), legal_days=0)


@dataclass(frozen=True)
class Event:
    """One act that bears on the term.

    ``kind`` is ``requirement``, ``requirement_told`` (to the petitioner), ``completion_extension``, ``completion``,
    ``extension``, ``claim_marked``, ``claim_unmarked``, ``answered`` (what was taken up again), ``reopened``,
    ``incident_flagged``, ``incident_unflagged`` or ``regulator_notified``; ``days`` is the length of an extension.
    Other kinds are ignored.
    """

    kind: str
    date: date
    days: int = 0


@dataclass(frozen=True)
class Step:
    """One line of the explanation.

    ``counted`` (business days after ``start``, through ``end``), ``suspended`` (from ``start`` to the delivery on
    ``end``, or still), ``extended`` (on ``start`` by ``days``), ``requirement_ignored``, ``extension_ignored`` and
    ``completion_extension_ignored`` (made on ``start``), whose ``reason`` is ``not_allowed`` (by the type), ``late``
    (after the last day to require), ``lapsed`` (after the term itself) or ``repeated`` (the second extension).
    """

    kind: str
    start: date
    end: date | None = None
    days: int = 0
    weekend: int = 0
    holidays: tuple[tuple[date, str], ...] = ()
    reason: str = ""

    def as_dict(self) -> dict:
        """JSON-serializable form, dates in ISO 8601."""
        return {
            "kind": self.kind,
            "start": self.start.isoformat(),
            "end": self.end and self.end.isoformat(),
            "days": self.days,
            "weekend": self.weekend,
            "holidays": [[day.isoformat(), name] for day, name in self.holidays],
            "reason": self.reason,
        }


@dataclass(frozen=True, order=True)
class Duty:
    """Something else due on a date: ``require transfer mark copies regulator`` (ours), ``complete`` (theirs)."""

    date: date
    kind: str = field(compare=False)


@dataclass(frozen=True)
class Due:
    """When a petition is due.

    ``date`` is None while the term is suspended. ``used`` and ``left`` are business days as of the date asked about,
    or of the last suspension; ``left`` goes below zero once the term has lapsed.
    """

    date: date | None
    used: int
    left: int
    trace: tuple[Step, ...]
    duties: tuple[Duty, ...]

    @property
    def suspended(self) -> bool:
        return self.date is None


def due(
    received_on: date,
    term: Term,
    acts: Iterable[Event],
    calendar: BusinessCalendar,
    as_of: date | None = None,
) -> Due:
    """When a petition received on ``received_on`` must be answered, given what happened since.

    - A requirement stops the clock when it is made within the days the type allows, counted from receipt, and before
      the term lapses; days through the requirement's are used. The rest runs from the day after what was asked is
      delivered (Ley 1755, art. 17), which is the last day when nothing is left. The months to complete run from the day
      on which the petitioner was told of it: before that, nobody can be late with it. They are extended once, by the
      months that the type allows (Ley 1755, art. 17, allows as many again; Ley 1581, art. 15, none).
    - One extension, before the term lapses, by at most the days the type allows (Ley 1755, art. 14, par.).

    :param received_on: local date of receipt.
    :param acts: in any order; on one date, in the order given.
    :raises CoverageError: when the calendar does not reach far enough.
    """
    return _Replay(received_on, term, calendar).run(acts).result(as_of)


def get_notices(acts: Iterable[Event]) -> tuple[Duty, ...]:
    """Duties that no term of the petition rules: they come from what happened alone.

    An incident, against the protected goods or persons, in which staff is involved is told to the regulator and the
    other competent authorities at once: on the very day it is flagged, business day or not, until it is done or the
    flag turns out to be wrong (Decreto 356 de 1994, art. 74, num. 28).

    :param acts: in any order; on one date, in the order given.
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
        self.notices = ()
        self.mark_from = None
        self.trace = []

    def run(self, acts):
        acts = list(acts)
        self.notices = get_notices(acts)
        for act in sorted(acts, key=lambda act: act.date):
            handler = getattr(self, f"_on_{act.kind}", None)
            if handler:
                handler(act)
        return self

    def _get_total(self, total):
        """The days of a term: one that resumes never ends before the day on which it runs again."""
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
        if self.mark_from:  # what was decided is in question again
            self.mark_from = act.date

    def result(self, as_of):
        used, total = self.used, self.total
        if self.suspended_on:
            date_due = None
            self.trace.append(Step("suspended", self.suspended_on))
        else:
            date_due, total = self._lapses_on(total), self._get_total(total)
            self._count_until(date_due)
            if as_of and as_of > self.running_since:
                used += self.calendar.count(self.running_since, as_of)
        return Due(date_due, used, total - used, tuple(self.trace), tuple(sorted(self._duties(date_due))))

    def _duties(self, date_due):
        term, calendar = self.term, self.calendar
        yield from self.notices
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
