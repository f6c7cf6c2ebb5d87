"""Signals of series: the three rules, and how often they cry wolf on what is stable."""

import random
from math import comb, exp, lgamma

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.control_chart import Signal, c_chart, p_chart, run_chart, signals, xmr
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
        self.assertEqual(chart.limits[0], (12.5 / 20, 1), "half a case beyond what chance brings")
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

    def test_p_sizes(self):
        chart = p_chart([9, 90] * 6, [10, 100] * 6)
        self.assertGreater(chart.limits[1][0], chart.limits[0][0], "more cases, narrower limits")

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
        chart = xmr([3.5] * 12 + [3.6], baseline=12)
        self.assertEqual(chart.kind, "run", "what never varied has no limits")
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

    def get_rates(self, make, times=400, baseline=12, more=12):
        """Share of the new points, and of all windows of the other two rules, that signal in stable series."""
        lengths = {"beyond": 1, "side": 8, "trend": 6}
        found = dict.fromkeys(lengths, 0)
        for _time in range(times):
            for signal in make(baseline + more, baseline).signals:
                if signal.rule != "beyond" or signal.first >= baseline:
                    found[signal.rule] += signal.last - signal.first + 2 - lengths[signal.rule]
        windows = {rule: baseline + more - length + 1 for rule, length in lengths.items()} | {"beyond": more}
        return {rule: count / times / windows[rule] for rule, count in found.items()}

    def assert_quiet(self, make):
        """Of the points of a stable process, 0.27 % may be beyond: here with the margin of so many series."""
        rates = self.get_rates(make)
        self.assertLess(rates["beyond"], 0.0027 + 0.0025)
        self.assertLess(rates["side"], 0.02)
        self.assertLess(rates["trend"], 2 / 720 * 2.5)

    def test_shares(self):
        chance = random.Random(6)
        for size in (3, 5, 10, 30):
            for share in (0.8, 0.9, 0.95, 0.98):
                def make(number, baseline, size=size, share=share):
                    hits = [sum(chance.random() < share for _case in range(size)) for _point in range(number)]
                    return p_chart(hits, [size] * number, baseline)
                with self.subTest(size=size, share=share):
                    self.assert_quiet(make)

    def test_values(self):
        chance = random.Random(7)
        self.assert_quiet(lambda number, baseline: xmr([chance.gauss(20, 4) for _point in range(number)], baseline))

    def test_counts(self):
        chance = random.Random(8)
        for mean in (0.3, 4, 25):
            def make(number, baseline, mean=mean):
                # calls of a month: one in a thousand of whoever could
                return c_chart([sum(chance.random() < mean / 200 for _one in range(200)) for _point in range(number)], baseline)
            with self.subTest(mean=mean):
                self.assert_quiet(make)

    def test_power(self):
        """What did change is told: a month with half of the answers late, a doubled count."""
        self.assertTrue(p_chart([27] * 12 + [15], [30] * 13, 12).signals)
        self.assertTrue(c_chart([20] * 12 + [45], 12).signals)
