"""The arithmetic of business days, against the law's own list of holidays and against a walk day by day."""

from datetime import date, timedelta

import holidays as holidays_library
from dateutil.easter import easter
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.business_days import BusinessCalendar, CoverageError
from odoo.tests import BaseCase

FIRST, LAST = 2015, 2035

# Ley 51 de 1983, art. 1 and 2; the last one, Ley 2578 de 2026, art. 6
FIXED = [(1, 1), (5, 1), (7, 20), (8, 7), (12, 8), (12, 25)]
MOVED_TO_MONDAY = [(1, 6), (3, 19), (6, 29), (8, 15), (10, 12), (11, 1), (11, 11)]
FROM_EASTER = [-3, -2, 43, 64, 71]
CHIQUINQUIRA, CHIQUINQUIRA_SINCE = (7, 9), 2026

# received: after 10, 15, 30 (15 doubled) and 23 (15 + 8) business days
VECTORS = {
    "2025-06-13": ("2025-07-01", "2025-07-08", "2025-07-29", "2025-07-18"),
    "2026-03-20": ("2026-04-08", "2026-04-15", "2026-05-07", "2026-04-27"),
    "2026-03-28": ("2026-04-14", "2026-04-21", "2026-05-13", "2026-05-04"),
    "2026-06-12": ("2026-06-30", "2026-07-07", "2026-07-30", "2026-07-21"),
    "2026-07-03": ("2026-07-21", "2026-07-28", "2026-08-20", "2026-08-10"),
    "2026-11-24": ("2026-12-09", "2026-12-16", "2027-01-08", "2026-12-29"),
    "2026-12-23": ("2027-01-08", "2027-01-18", "2027-02-08", "2027-01-28"),
}
day = date.fromisoformat


def holidays_of_law(year):
    moved = MOVED_TO_MONDAY + ([CHIQUINQUIRA] if year >= CHIQUINQUIRA_SINCE else [])
    nominal = [date(year, *each) for each in moved]
    return (
        {date(year, *fixed) for fixed in FIXED}
        | {each + timedelta(days=-each.weekday() % 7) for each in nominal}
        | {easter(year) + timedelta(days=offset) for offset in FROM_EASTER}
    )


def holidays_of_library(first, last):
    return dict(holidays_library.country_holidays("CO", years=range(first, last + 1)))


COLOMBIA = holidays_of_library(FIRST, LAST)
CALENDAR = BusinessCalendar(COLOMBIA, (FIRST, LAST))


class TestHolidays(BaseCase):
    def test_library_follows_the_law(self):
        for year in range(FIRST, LAST + 1):
            with self.subTest(year=year):
                self.assertEqual(set(holidays_of_library(year, year)), holidays_of_law(year))


class TestBusinessDays(BaseCase):
    def test_vectors(self):
        for received, ends in VECTORS.items():
            for days, end in zip((10, 15, 30, 23), ends, strict=True):
                with self.subTest(received=received, days=days):
                    self.assertEqual(CALENDAR.add(day(received), days), day(end))

    def test_months_end_on_the_last_day_of_a_shorter_one_and_roll(self):
        self.assertEqual(CALENDAR.add_months(day("2026-01-31"), 1), day("2026-03-02"))
        self.assertEqual(CALENDAR.add_months(day("2024-01-31"), 1), day("2024-02-29"))


class TestCoverage(BaseCase):
    """A calendar never guesses about years that it does not know."""

    def setUp(self):
        super().setUp()
        self.calendar = BusinessCalendar({day("2026-12-25"): "Navidad"}, years=(2026, 2026))

    def test_questions_outside(self):
        outside, inside = day("2027-01-01"), day("2026-06-01")
        for question in (
            lambda: self.calendar.is_business_day(outside), lambda: self.calendar.add(outside, 1),
            lambda: self.calendar.add(outside, 0), lambda: self.calendar.count(inside, outside),
            lambda: self.calendar.count(day("2025-12-31"), inside), lambda: self.calendar.roll(outside),
            lambda: self.calendar.skipped(inside, outside), lambda: self.calendar.add_months(inside, 12),
            lambda: self.calendar.shift(day("2026-01-01"), -1),
        ):
            self.assertRaises(CoverageError, question)
        self.assertTrue(all(self.calendar.is_business_day(day(last)) for last in ("2026-01-01", "2026-12-31")))

    def test_term_that_ends_outside(self):
        self.assertEqual(self.calendar.add(day("2026-12-30"), 1), day("2026-12-31"))
        with self.assertRaises(CoverageError) as raised:
            self.calendar.add(day("2026-12-30"), 2)
        self.assertEqual(raised.exception.args[1:], (day("2026-01-01"), day("2026-12-31")))

    def test_roll_past_the_last_business_day(self):
        calendar = BusinessCalendar({day("2026-12-31"): "Cierre"}, years=(2026, 2026))
        self.assertRaises(CoverageError, calendar.roll, day("2026-12-31"))

    def test_terms_do_not_run_backwards(self):
        self.assertRaises(ValueError, self.calendar.add, day("2026-06-01"), -1)


dates = st.dates(date(FIRST, 1, 1), date(LAST - 2, 12, 31))
terms = st.integers(0, 250)
extra_days = st.frozensets(dates, max_size=15)
calendars = st.builds(
    lambda extra, *args: BusinessCalendar({**COLOMBIA, **dict.fromkeys(extra, "Extra")}, (FIRST, LAST), *args),
    extra_days, st.booleans(), st.lists(dates, max_size=3),
)
property_settings = settings(max_examples=100, deadline=None)


def is_weekend(calendar, on):
    changes_back = len([change for change in calendar.changes if on < change])
    return on.weekday() == 6 or (on.weekday() == 5 and calendar.saturday_counts == changes_back % 2)


def counts(calendar, on):
    return not is_weekend(calendar, on) and on not in calendar.holidays


def walk(start, end):
    """Every day after ``start``, through ``end``."""
    while start < end:
        start += timedelta(days=1)
        yield start


class TestProperties(BaseCase):
    @property_settings
    @given(calendars, dates, terms)
    def test_add_walks(self, calendar, start, days):
        end, left = start, days
        while left:
            end += timedelta(days=1)
            left -= counts(calendar, end)
        self.assertEqual(calendar.add(start, days), end)

    @property_settings
    @given(calendars, dates, dates)
    def test_count_walks(self, calendar, start, end):
        start, end = sorted((start, end))
        walked = sum(counts(calendar, on) for on in walk(start, end))
        self.assertEqual((calendar.count(start, end), calendar.count(end, start)), (walked, -walked))

    @property_settings
    @given(calendars, dates)
    def test_roll_walks(self, calendar, start):
        expected = start
        while not counts(calendar, expected):
            expected += timedelta(days=1)
        self.assertEqual(calendar.roll(start), expected)

    @property_settings
    @given(calendars, dates, dates)
    def test_counted_and_skipped_are_all_the_days(self, calendar, start, end):
        start, end = sorted((start, end))
        weekend, named = calendar.skipped(start, end)
        self.assertEqual(calendar.count(start, end) + weekend + len(named), (end - start).days)
        self.assertEqual(weekend, sum(is_weekend(calendar, on) for on in walk(start, end)))
