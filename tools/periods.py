"""Months and semesters as pairs of dates: what a figure is measured over."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = {"month": 1, "semester": 6}


class Period(NamedTuple):
    """From ``start`` to ``end``, both included."""

    start: date
    end: date


def containing(day: date, frequency: str) -> Period:
    length = MONTHS[frequency]
    first = (day.month - 1) // length * length + 1
    last = first + length - 1
    return Period(date(day.year, first, 1), date(day.year, last, monthrange(day.year, last)[1]))


def semester_of(day: date) -> int:
    return (day.month - 1) // MONTHS["semester"] + 1


def before(period: Period, frequency: str) -> Period:
    """The period that ends the day before another begins."""
    return containing(period.start - timedelta(days=1), frequency)


def previous(period: Period) -> Period:
    """The period of the same length that ends the day before another begins: in months where it is of whole months."""
    end = period.start - timedelta(days=1)
    is_whole = period.start.day == 1 and (period.end + timedelta(days=1)).day == 1
    if not is_whole:
        return Period(end - (period.end - period.start), end)
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
    first = period.start.year * 12 + period.start.month - 1 - months
    return Period(date(first // 12, first % 12 + 1, 1), end)


def last_complete(day: date, frequency: str) -> Period:
    return before(containing(day, frequency), frequency)


def between(first: date, last: date, frequency: str) -> Iterator[Period]:
    """The periods from the one in which ``first`` falls to the one in which ``last`` does, in order."""
    period = containing(first, frequency)
    while period.start <= last:
        yield period
        period = containing(period.end + timedelta(days=1), frequency)
