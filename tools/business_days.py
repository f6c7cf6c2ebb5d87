"""Business days of a calendar known by its non-working dates.

Every question is answered from two tables built once, so none walks day by day:
the business days in order, and how many of them have passed at each date.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from operator import itemgetter

WEEKEND = (5, 6)
ONE_DAY = timedelta(days=1)


class CoverageError(ValueError):
    """A date falls outside the years a calendar knows the holidays of."""

    def __init__(self, day, first, last):
        super().__init__(f"{day} is outside the calendar's coverage, {first} to {last}")
        self.day = day
        self.first = first
        self.last = last


class BusinessCalendar:
    """Business days between two dates whose non-working days are all known.

    :param holidays: non-working dates, with their names when given as a mapping ``{date: name}``.
        Two holidays on one date are one non-working day (30 June 2025).
    :param weekend: weekdays that are never business days, Monday is 0. ``(6,)`` makes Saturday count.
    :param years: ``(first, last)`` years covered; by default those the holidays fall in.
    """

    def __init__(self, holidays: Mapping[date, str] | Iterable[date], weekend: Iterable[int] = WEEKEND, years=None):
        self.holidays = dict(holidays) if isinstance(holidays, Mapping) else dict.fromkeys(holidays, "")
        self.weekend = frozenset(weekend)
        if years is None:
            if not self.holidays:
                raise ValueError("A calendar without holidays must be told the years it covers")
            years = (min(self.holidays).year, max(self.holidays).year)
        if not self.weekend < frozenset(range(7)):
            raise ValueError("A week needs at least one business day")
        self.first = date(years[0], 1, 1)
        self.last = date(years[1], 12, 31)
        self._build()

    def _build(self):
        start = self.first.toordinal()
        self._start = start
        self._business = []
        self._passed = []
        weekend = self.weekend
        holidays = {day.toordinal() for day in self.holidays}
        for ordinal in range(start, self.last.toordinal() + 1):
            if (ordinal - 1) % 7 not in weekend and ordinal not in holidays:
                self._business.append(ordinal)
            self._passed.append(len(self._business))
        self._named = sorted((day, name) for day, name in self.holidays.items() if day.weekday() not in weekend)

    def covers(self, day: date) -> bool:
        """Whether the calendar knows what ``day`` is."""
        return self.first <= day <= self.last

    def _passed_at(self, day):
        if not self.covers(day):
            raise CoverageError(day, self.first, self.last)
        return self._passed[day.toordinal() - self._start]

    def is_business_day(self, day: date) -> bool:
        """Whether ``day`` counts."""
        self._passed_at(day)
        return day.weekday() not in self.weekend and day not in self.holidays

    def add(self, start: date, days: int) -> date:
        """The date on which ``days`` business days after ``start`` end.

        ``start`` is day zero and may be non-working; day 1 is the first business day after it
        (Ley 4 de 1913, art. 62). Zero days give ``start`` itself.

        :raises CoverageError: when the term ends after the last year known.
        """
        if days < 0:
            raise ValueError("Terms do not run backwards")
        if not days:
            self._passed_at(start)
            return start
        position = self._passed_at(start) + days - 1
        if position >= len(self._business):
            raise CoverageError(self.last + ONE_DAY, self.first, self.last)
        return date.fromordinal(self._business[position])

    def count(self, start: date, end: date) -> int:
        """Business days from ``start`` (excluded) to ``end`` (included); negative when ``end`` comes first."""
        return self._passed_at(end) - self._passed_at(start)

    def roll(self, day: date) -> date:
        """``day`` itself when it counts, else the next business day."""
        self._passed_at(day)
        position = bisect_left(self._business, day.toordinal())
        if position >= len(self._business):
            raise CoverageError(self.last + ONE_DAY, self.first, self.last)
        return date.fromordinal(self._business[position])

    def add_months(self, start: date, months: int) -> date:
        """The end of a term of calendar months, moved to the next business day when it falls on another.

        It ends on the same day number, or on the last day of a shorter month
        (Código Civil, art. 67; Ley 4 de 1913, art. 62).
        """
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        day = min(start.day, monthrange(year, month + 1)[1])
        return self.roll(date(year, month + 1, day))

    def skipped(self, start: date, end: date) -> tuple[int, list[tuple[date, str]]]:
        """Days from ``start`` (excluded) to ``end`` (included) that do not count.

        :return: how many fall on the weekend, and the dated and named rest. A holiday on the weekend is a weekend day.
        """
        total = (end - start).days - self.count(start, end)
        named = self._named[
            bisect_right(self._named, start, key=itemgetter(0)) : bisect_right(self._named, end, key=itemgetter(0))
        ]
        return total - len(named), named
