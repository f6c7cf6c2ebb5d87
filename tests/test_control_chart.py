"""Signals of series: the three rules, and the limits; how often they cry wolf on what is stable: `test_simulation`."""

from math import comb, exp, lgamma

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.control_chart import Signal, c_chart, p_chart, run_chart, signals, xmr
from odoo.tests import BaseCase

series = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=40)


class TestRules(BaseCase):
    def test_beyond(self):
        limits = [(-3, 3)] * 4
        self.assertEqual(signals([0, 4, 3, -3.5], 0, limits), (Signal("beyond", 1, 1, True), Signal("beyond", 3, 3, False)))
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


class TestCharts(BaseCase):
    def test_p(self):
        chart = p_chart([18] * 12 + [5], [20] * 13, baseline=12)
        self.assertEqual((chart.kind, chart.centre, chart.limits[0]), ("p", 0.9, (12.5 / 20, 1)), "half a case beyond what chance brings")
        self.assertEqual(chart.signals, (Signal("beyond", 12, 12, False),))

    def test_p_exact(self):
        """The limits are where the tails of the beta-binomial of the baseline, summed up, pass those of 3 sigma."""
        a, b, size = 216.5, 24.5, 20
        chances = [
            comb(size, k) * exp(sum(map(lgamma, (k + a, size - k + b, a + b))) - sum(map(lgamma, (size + a + b, a, b))))
            for k in range(size + 1)
        ]
        self.assertAlmostEqual(sum(chances), 1)
        low = min(k for k in range(size + 1) if sum(chances[: k + 1]) > 0.00135)
        self.assertEqual(p_chart([18] * 12, [20] * 12).limits[0][0], (low - 0.5) / size)

    def test_p_without_data(self):
        chart = p_chart([1] * 12 + [0], [2] * 12 + [0])
        self.assertEqual((chart.points[12], chart.limits[12]), (None, (0, 1)))
        self.assertEqual(p_chart([1] * 11 + [0], [2] * 11 + [0]).kind, "run", "eleven months with data are no baseline")

    def test_p_always_the_same(self):
        chart = p_chart([5] * 12 + [4], [5] * 13, baseline=12)
        self.assertEqual(chart.signals, (), "one late case after twelve months without any")
        chart = p_chart([5] * 12 + [2], [5] * 13, baseline=12)
        self.assertEqual([signal.first for signal in chart.signals], [12])
        chart = p_chart([5] * 24, [5] * 24)
        self.assertEqual(chart.signals, (), "nor is it one that it stays as it is")

    def test_c(self):
        chart = c_chart([4] * 12 + [5, 20, None, 0], baseline=12)
        self.assertEqual((chart.kind, chart.centre, chart.limits[0]), ("c", 4, (0, 12.5)))
        self.assertEqual(chart.signals, (Signal("beyond", 13, 13, True),))
        self.assertEqual(c_chart([30] * 12 + [5], baseline=12).signals, (Signal("beyond", 12, 12, False),))
        self.assertEqual([signal.rule for signal in c_chart([4] * 12 + [9] * 8, baseline=12).signals], ["side"])
        self.assertEqual(c_chart([0] * 12 + [1], baseline=12).signals, ())
        self.assertEqual(c_chart([4] * 11).kind, "run")

    def test_xmr(self):
        chart = xmr([10, 12] * 6)
        self.assertEqual((chart.kind, chart.centre), ("xmr", 11))
        # Student's t of 6 degrees of freedom, that a baseline of twelve leaves
        self.assertAlmostEqual(chart.limits[0][1] - 11, 4.904 * (1 + 1 / 12) ** 0.5 * 2 / 1.128, 2)
        self.assertEqual(chart.signals, ())
        self.assertLess(xmr([10, 12] * 30).limits[0][1] - 11, 3.3 * 2 / 1.128, "more points, nearer to three sigma")

    def test_xmr_flat(self):
        """What hardly ever varied has no limits: neither with a baseline nor without."""
        for values, baseline in (([3.5] * 12 + [3.6], 12), ([3.5] * 13 + [3.6], None), ([3.5] * 6 + [3.6] + [3.5] * 6 + [9], 13)):
            chart = xmr(values, baseline)
            self.assertEqual((chart.kind, chart.signals), ("run", ()))

    def test_xmr_resolution(self):
        """What is told with a decimal is not beyond, beside or in a trend by less than it."""
        chart = xmr([3.5, 3.51] * 6 + [3.6], 12, resolution=0.1)
        self.assertEqual((chart.kind, chart.signals), ("xmr", ()))
        self.assertTrue(xmr([3.5, 3.51] * 6 + [3.6], 12).signals, "it is what the resolution is for")
        self.assertAlmostEqual(chart.limits[0][1] - 3.505, 4.904 * (1 + 1 / 12) ** 0.5 * 0.1 / 1.128, 2)
        self.assertEqual(xmr([5, 5.5] * 6 + [5.51, 5.52, 5.53, 5.54, 5.55, 5.56], 12, resolution=0.1).signals, ())
        self.assertTrue(xmr([5, 5.5] * 6 + [9], 12, resolution=0.1).signals)

    def test_xmr_sides_are_of_the_median(self):
        """Of what is skewed, most is below the mean as long as nothing changes."""
        values = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 30, 2]
        self.assertEqual([signal for signal in xmr(values, 12).signals if signal.rule == "side"], [])

    def test_side_of_a_new_point(self):
        """Nine of twelve are below it, and three above the other: exact, whatever is measured."""
        baseline = [1, 12, 2, 11, 3, 10, 4, 9, 5, 8, 6, 7]
        self.assertEqual(xmr([*baseline, None] + [8.9, 8.8] * 4, 13).signals, ())
        self.assertEqual(xmr([*baseline, None] + [9.1, 9.2] * 4, 13).signals, (Signal("side", 13, 20, True),))
        self.assertEqual(xmr([*baseline, None] + [3.9, 3.8] * 4, 13).signals, (Signal("side", 13, 20, False),))
        chance = comb(8 + 12, 8)
        for rank, is_rare in ((9, True), (8, False)):
            # of all orders of twelve and eight, those in which so many of the twelve come before any of the eight
            self.assertEqual(comb(8 + 12 - rank, 8) / chance <= 0.5**8, is_rare)

    def test_baseline(self):
        self.assertEqual(xmr([10, 12] * 6 + [40]).baseline, 13)
        chart = xmr([10, 12] * 6 + [40], baseline=12)
        self.assertEqual((chart.centre, chart.baseline, chart.signals), (11, 12, (Signal("beyond", 12, 12, True),)))

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
