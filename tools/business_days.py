"""Business days, answered from two tables: the business days in order, and how many have passed at each date."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

SATURDAY, SUNDAY = 5, 6


class CoverageError(ValueError):
    """Of a day from which the calendar does not reach what was asked for; it has its first and last day, too."""


class BusinessCalendar:
    """Business days of some years.

    :param holidays: ``{date: name}`` of the non-working dates.
    :param years: ``(first, last)``.
    :param saturday_counts: as of the last of the ``changes``: of the days from which it did, or no longer did.
    """

    def __init__(self, holidays: Mapping[date, str], years: tuple[int, int], saturday_counts=False, changes=()):
        self.holidays = dict(holidays)
        self.saturday_counts = saturday_counts
        self.changes = tuple(changes)
        self.first = date(years[0], 1, 1)
        self.last = date(years[1], 12, 31)
        self._start = self.first.toordinal()
        self._business = []
        self._passed = []
        for ordinal in range(self._start, self.last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day not in self.holidays and not self._is_weekend(day):
                self._business.append(ordinal)
            self._passed.append(len(self._business))
        self._named = sorted((day, name) for day, name in self.holidays.items() if not self._is_weekend(day))

    def _is_weekend(self, day):
        if day.weekday() != SATURDAY:
            return day.weekday() == SUNDAY
        return self.saturday_counts == sum(day < change for change in self.changes) % 2

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last

    def _passed_at(self, day):
        if not self.covers(day):
            raise CoverageError(day, self.first, self.last)
        return self._passed[day.toordinal() - self._start]

    def is_business_day(self, day: date) -> bool:
        self._passed_at(day)
        return day not in self.holidays and not self._is_weekend(day)

    def add(self, start: date, days: int) -> date:
        """Last day of a term of ``days`` business days. ``start`` is day zero (Ley 4 de 1913, art. 62)."""
        if days < 0:
            raise ValueError("Terms do not run backwards")
        self._passed_at(start)
        return self.shift(start, days) if days else start

    def shift(self, day: date, days: int) -> date:
        """The business day so many after the last one through ``day``; before it when negative."""
        position = self._passed_at(day) + days - 1
        if not 0 <= position < len(self._business):
            raise CoverageError(day, self.first, self.last)
        return date.fromordinal(self._business[position])

    def count(self, start: date, end: date) -> int:
        """Business days from ``start`` (excluded) to ``end`` (included); negative when ``end`` comes first."""
        return self._passed_at(end) - self._passed_at(start)

    def roll(self, day: date) -> date:
        return day if self.is_business_day(day) else self.shift(day, 1)

    def add_months(self, start: date, months: int) -> date:
        """Same day number or end of month, rolled to a business day (Código Civil, art. 67; Ley 4 de 1913, art. 62)."""
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        day = min(start.day, monthrange(year, month + 1)[1])
        return self.roll(date(year, month + 1, day))

    def skipped(self, start: date, end: date) -> tuple[int, list[tuple[date, str]]]:
        """:return: number of weekend days, and named holidays, after ``start`` and through ``end``.

        A holiday on the weekend is a weekend day.
        """
        total = (end - start).days - self.count(start, end)
        named = [(day, name) for day, name in self._named if start < day <= end]
        return total - len(named), named
