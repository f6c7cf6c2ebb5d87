"""Signals of series: the three rules, and how often they cry wolf on what is stable."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.control_chart import Signal, p_chart, run_chart, signals, xmr
from odoo.tests import BaseCase

series = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=40)


class TestRules(BaseCase):
    def test_beyond(self):
        limits = [(-3, 3)] * 4
        self.assertEqual(
            signals([0, 4, 3, -3.5], 0, limits), (Signal("beyond", 1, 1, True), Signal("beyond", 3, 3, False))
        )
        self.assertEqual(signals([0, 4, -4], 0), (), "a run chart has no limits")

    def test_side(self):
        self.assertEqual(signals([1, 2] * 4, 0), (Signal("side", 0, 7, True),))
        self.assertEqual(signals([1, 2] * 3 + [1], 0), ())
        self.assertEqual(signals([-1, -2] * 5, 0), (Signal("side", 0, 9, False),), "one signal while it runs")
        self.assertEqual(signals([1, 2, 1, 2, 0, 1, 2, 1, 2], 0), (), "the centre is on neither side")
        self.assertEqual(signals([1, 2, 1, 2, None, 1, 2, 1, 2], 0), (), "a month without data breaks the run")

    def test_trend(self):
        self.assertEqual(signals([1, 2, 3, 4, 5, 6], 3.5), (Signal("trend", 0, 5, True),))
        self.assertEqual(signals([6, 5, 4, 3, 2, 1], 3.5), (Signal("trend", 0, 5, False),))
        self.assertEqual(signals([1, 2, 3, 4, 5], 3), ())
        self.assertEqual(signals([1, 2, 3, 3, 4, 5, 6], 3), (), "two equal ones are no trend")
        self.assertEqual(signals([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3, 0.3], 1), (), "nor what rounding makes of them")

    @settings(deadline=None)
    @given(series)
    def test_mirror(self, points):
        chart = run_chart(points)
        mirrored = run_chart([None if point is None else -point for point in points])
        self.assertEqual(
            [(signal.rule, signal.first, signal.last, not signal.upwards) for signal in chart.signals],
            [(signal.rule, signal.first, signal.last, signal.upwards) for signal in mirrored.signals],
        )


class TestCharts(BaseCase):
    def test_p(self):
        chart = p_chart([18] * 12 + [5], [20] * 13, baseline=12)
        self.assertEqual((chart.kind, chart.centre), ("p", 0.9))
        low, high = chart.limits[0]
        self.assertAlmostEqual(low, 0.9 - 3 * (0.9 * 0.1 / 20) ** 0.5)
        self.assertEqual(high, 1)
        self.assertEqual(chart.signals, (Signal("beyond", 12, 12, False),))

    def test_p_sizes(self):
        chart = p_chart([9, 90] * 6, [10, 100] * 6)
        self.assertGreater(chart.limits[1][0], chart.limits[0][0], "more cases, narrower limits")

    def test_p_without_data(self):
        chart = p_chart([1] * 12 + [0], [2] * 12 + [0])
        self.assertEqual((chart.points[12], chart.limits[12]), (None, (0, 1)))
        self.assertEqual(p_chart([1] * 11 + [0], [2] * 11 + [0]).kind, "run", "eleven months with data are no baseline")

    def test_p_always_the_same(self):
        chart = p_chart([5] * 12 + [4], [5] * 13, baseline=12)
        self.assertEqual(chart.limits[0], (1, 1))
        self.assertEqual([signal.first for signal in chart.signals], [12])

    def test_xmr(self):
        chart = xmr([10, 12] * 6)
        self.assertEqual((chart.kind, chart.centre), ("xmr", 11))
        self.assertAlmostEqual(chart.limits[0][1] - 11, 2.66 * 2, 2)
        self.assertEqual(chart.signals, ())

    def test_baseline(self):
        self.assertEqual(xmr([10, 12] * 6 + [40]).baseline, 13)
        chart = xmr([10, 12] * 6 + [40], baseline=12)
        self.assertEqual((chart.centre, chart.baseline), (11, 12))
        self.assertEqual(chart.signals, (Signal("beyond", 12, 12, True),))

    def test_short(self):
        for chart in (p_chart([1, 2], [4, 4]), xmr([0.25, 0.5]), run_chart([0.25, 0.5])):
            self.assertEqual((chart.kind, chart.centre, chart.limits), ("run", 0.375, None))
        for chart in (p_chart([], []), xmr([None]), run_chart([])):
            self.assertEqual((chart.centre, chart.signals), (None, ()))

    @settings(deadline=None)
    @given(series)
    def test_any_series(self, values):
        chart = xmr(values)
        self.assertEqual(len(chart.points), len(values))
        for signal in chart.signals:
            self.assertTrue(0 <= signal.first <= signal.last < len(values))
            self.assertNotIn(None, chart.points[signal.first : signal.last + 1])


class TestFalseAlarms(BaseCase):
    """On stable data each rule cries wolf as often as theory says: the number of windows that break it, on average."""

    LENGTH, SERIES = 24, 20000

    def setUp(self):
        super().setUp()
        chance = random.Random(20260101)
        self.found = {"beyond": 0, "side": 0, "trend": 0}
        self.alarmed = 0
        limits = [(-3.0, 3.0)] * self.LENGTH
        lengths = {"beyond": 1, "side": 8, "trend": 6}
        for _series in range(self.SERIES):
            broken = signals([chance.gauss(0, 1) for _point in range(self.LENGTH)], 0.0, limits)
            self.alarmed += bool(broken)
            for signal in broken:
                self.found[signal.rule] += signal.last - signal.first + 2 - lengths[signal.rule]

    def test_rates(self):
        for rule, per_series in (
            ("beyond", self.LENGTH * 0.0026998),
            ("side", (self.LENGTH - 7) * 2 / 2**8),
            ("trend", (self.LENGTH - 5) * 2 / 720),
        ):
            with self.subTest(rule):
                expected = per_series * self.SERIES
                # windows overlap, so their number varies more than that of independent ones: twice Poisson's spread
                self.assertLess(abs(self.found[rule] - expected), 3 * 2 * expected**0.5)
        self.assertLess(self.alarmed / self.SERIES, 0.17, "two years of months without a cause, told as a signal")
