from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import periods
from ..tools.periods import Period
from .common import date


class TestPeriods(BaseCase):
    def test_previous(self):
        for period, expected in (
            ((date(2026, 1, 1), date(2026, 6, 30)), (date(2025, 7, 1), date(2025, 12, 31))),
            ((date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 2, 1), date(2026, 2, 28))),
            ((date(2024, 7, 1), date(2026, 6, 30)), (date(2022, 7, 1), date(2024, 6, 30))),
            ((date(2026, 3, 10), date(2026, 3, 19)), (date(2026, 2, 28), date(2026, 3, 9))),
        ):
            self.assertEqual(tuple(periods.previous(Period(*period))), expected)

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dates(date(2001, 1, 1), date(2100, 1, 1)), st.integers(0, 1000))
    def test_ends_the_day_before(self, start, days):
        """Whatever the period: the one before ends the day before, and is as long, in days or in months."""
        end = date.fromordinal(start.toordinal() + days)
        before = periods.previous(Period(start, end))
        self.assertEqual(before.end.toordinal() + 1, start.toordinal())
        self.assertLessEqual(abs((before.end - before.start).days - days), 4)
        self.assertLessEqual(before.start, before.end)

    @settings(suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
    @given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["month", "semester"]))
    def test_periods(self, day, frequency):
        period = periods.containing(day, frequency)
        self.assertTrue(period.start <= day <= period.end)
        self.assertEqual((period.start.day, (period.end + timedelta(days=1)).day), (1, 1))
        earlier = periods.before(period, frequency)
        self.assertEqual((earlier.end + timedelta(days=1), periods.last_complete(day, frequency)), (period.start, earlier))
        self.assertEqual(list(periods.between(earlier.start, day, frequency)), [earlier, period])
