"""Figures of few answers, against other implementations and against what they must always be true of."""

import math
from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from odoo.addons.sig_pqrs.tools import comparison, statistics
from odoo.addons.sig_pqrs.tools.comparison import compare_counts, compare_means, compare_shares
from odoo.addons.sig_pqrs.tools.statistics import clustered, compare, correlate, nps, proportion
from odoo.tests import BaseCase

counts_of = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
recommendations = st.dictionaries(st.integers(0, 10), st.integers(0, 60))


class TestProportion(BaseCase):
    def test_known_of_few(self):
        of_45 = proportion(24, 30, 45)
        self.assertEqual((round(of_45.low, 3), round(of_45.high, 3)), (0.705, 0.870))

    @settings(deadline=None)
    @given(counts_of)
    def test_as_statsmodels(self, counts):
        estimate = proportion(*counts)
        low, high = proportion_confint(*counts, method="wilson")
        self.assertAlmostEqual(estimate.low, low, 9)
        self.assertAlmostEqual(estimate.high, high, 9)

    @settings(deadline=None)
    @given(counts_of, st.integers(0, 1000))
    def test_population_narrows(self, counts, more):
        endless, finite = proportion(*counts), proportion(*counts, counts[1] + more)
        self.assertLessEqual(endless.low - 1e-12, finite.low)
        self.assertLessEqual(finite.high, endless.high + 1e-12)
        self.assertTrue(0 <= finite.low <= finite.value <= finite.high <= 1)
        self.assertTrue(finite.low < finite.high or not more)

    def test_few(self):
        self.assertIsNone(proportion(0, 0))
        alone = proportion(1, 1, 1)
        self.assertEqual((alone.low, alone.high), (1, 1), "the only client there is")
        self.assertLess(proportion(1, 1, 2).low, 0.5)
        for wrong in ((2, 1), (-1, 5)):
            with self.subTest(wrong), self.assertRaises(ValueError):
                proportion(*wrong)


class TestClustered(BaseCase):
    @settings(deadline=None)
    @given(counts_of)
    def test_one_answer_each_is_a_proportion(self, counts):
        successes, n = counts
        self.assertEqual(clustered(Counter([(1, 1)] * successes + [(0, 1)] * (n - successes))), proportion(*counts))

    @settings(deadline=None)
    @given(st.lists(st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=40), st.integers(0, 90))
    def test_always(self, clients, more):
        estimate = clustered(Counter(clients), len(clients) + more)
        if not clients:
            self.assertIsNone(estimate)
            return
        self.assertTrue(0 <= estimate.low <= estimate.value <= estimate.high <= 1)
        self.assertEqual(estimate.n, len(clients))
        self.assertTrue(more or estimate.low == estimate.high)

    def test_alike_answers_are_worth_few(self):
        """Ten clients who each say the same of twenty questions know as much as ten answers, not as two hundred."""
        self.assertLess(clustered(Counter([(20, 20)] * 7 + [(0, 20)] * 3)).low, proportion(7, 10).low)
        self.assertGreater(proportion(140, 200).low, 0.6)
        self.assertGreater(clustered(Counter([(14, 20), (13, 20), (15, 20), (14, 20), (14, 20), (14, 20)])).low, 0.55)
        self.assertLess(clustered(Counter([(9, 10)])).low, 0.5, "one client")
        self.assertAlmostEqual(clustered(Counter([(10, 10)] * 2 + [(0, 1)] * 4)).low, 0.03, 2, "around the likeliest share")
        self.assertLess(clustered(Counter([(10, 10)] * 4)).low, 0.6, "four clients of one mind")


class TestStudent(BaseCase):
    def test_quantile(self):
        for freedom in (*range(1, 60), 99, 100, 199, 200, 201, 250, 999, 5000):
            with self.subTest(freedom):
                self.assertAlmostEqual(statistics.student_quantile(freedom), stats.t.ppf(0.975, freedom), 7)


class TestNps(BaseCase):
    def test_known(self):
        estimate = nps({10: 6, 9: 4, 8: 3, 7: 2, 6: 2, 0: 3})
        self.assertAlmostEqual(estimate.value, 0.25)
        self.assertEqual((estimate.n, nps({7: 3, 8: 4}).value), (20, 0))

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 25), st.integers(0, 25), st.integers(0, 25))
    @example(1, 1, 0)
    def test_as_constrained_likelihood(self, promoters, passives, detractors):
        """The bounds are where the score statistic, by a numeric maximum of the likelihood, reaches the quantile."""
        n = promoters + passives + detractors
        if not n:
            return
        estimate = nps({10: promoters, 8: passives, 3: detractors})
        for bound in (estimate.low, estimate.high):
            if abs(bound) > 0.999:
                continue
            found = optimize.minimize_scalar(
                lambda share, bound=bound: -(
                    promoters * math.log(share + bound)
                    + detractors * math.log(share)
                    + passives * math.log(1 - 2 * share - bound)
                ),
                bounds=(max(0, -bound) + 1e-12, (1 - bound) / 2 - 1e-12), method="bounded", options={"xatol": 1e-12},
            )  # fmt: skip
            variance = n * (2 * found.x + bound - bound**2)
            statistic = (promoters - detractors - n * bound) / math.sqrt(variance)
            self.assertAlmostEqual(abs(statistic), statistics.Z, 2)

    @settings(deadline=None)
    @given(recommendations, st.integers(0, 300))
    def test_always(self, counts, more):
        n = sum(counts.values())
        estimate = nps(counts, n + more)
        if not n:
            self.assertIsNone(estimate)
            return
        self.assertTrue(-1 <= estimate.low <= estimate.value <= estimate.high <= 1)
        self.assertTrue(not more or estimate.low < estimate.high, "never a point while somebody did not answer")
        mirrored = nps({10: counts.get(0, 0), 0: counts.get(10, 0), 8: n - counts.get(0, 0) - counts.get(10, 0)})
        plain = nps({10: counts.get(10, 0), 0: counts.get(0, 0), 8: n - counts.get(0, 0) - counts.get(10, 0)})
        self.assertAlmostEqual(plain.low, -mirrored.high, 6)

    def test_outside(self):
        for wrong in ({11: 1}, {-1: 1}, {5: -1}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                nps(wrong)


class TestCompare(BaseCase):
    @settings(deadline=None)
    @given(counts_of, counts_of)
    def test_as_newcombe(self, before, after):
        change = compare(proportion(*before), proportion(*after), minimum=1)
        low, high = confint_proportions_2indep(*after, *before, method="newcomb", compare="diff")
        self.assertAlmostEqual(change.low, low, 9)
        self.assertAlmostEqual(change.high, high, 9)

    def test_verdicts(self):
        self.assertEqual(compare(proportion(20, 40), proportion(36, 40)).verdict, "improved")
        self.assertEqual(compare(proportion(36, 40), proportion(20, 40)).verdict, "worse")
        self.assertEqual(compare(proportion(24, 30), proportion(26, 30)).verdict, "no_change")
        self.assertEqual(compare(proportion(4, 4), proportion(0, 30)).verdict, "not_comparable")
        self.assertEqual(compare(None, proportion(1, 30)).verdict, "not_comparable")
        self.assertEqual(compare(nps({10: 30, 0: 10}), nps({10: 10, 0: 30})).verdict, "worse")
        self.assertEqual(compare(nps({10: 6}), nps({10: 5, 8: 1})).verdict, "no_change")

    def test_the_same_clients(self):
        """Six of thirty who are worse are chance among others, and a change among the same."""
        before = {client: (int(client < 20), 1) for client in range(30)}
        after = {client: (int(client < 14), 1) for client in range(30)}
        estimates = proportion(20, 30), proportion(14, 30)
        self.assertEqual(compare(*estimates).verdict, "no_change")
        paired = correlate(before, after)
        self.assertAlmostEqual(paired, stats.pearsonr([one for one, _n in before.values()], [one for one, _n in after.values()])[0])
        self.assertEqual(compare(*estimates, paired).verdict, "worse")
        self.assertEqual(compare(*estimates, paired).difference, compare(*estimates).difference)
        others = {client + 30: pair for client, pair in after.items()}
        self.assertEqual(correlate(before, others), 0)
        self.assertTrue(0 < correlate(before, {**dict(list(after.items())[:15]), **dict(list(others.items())[15:])}) < paired)
        self.assertEqual((correlate({}, after), correlate({1: (1, 1)}, {1: (1, 1)})), (0, 0))


class TestComparison(BaseCase):
    """Better or worse is what chance alone does in one of twenty cases at most."""

    def test_by_hand(self):
        def tail(more, total):
            return sum(math.comb(total, each) for each in range(more, total + 1)) / 2**total

        for before, after in ((10, 24), (10, 22), (24, 10), (0, 5), (0, 6), (40, 40)):
            more, total = max(before, after), before + after
            told = (tail(more, total) < 0.025) * (1 if after > before else -1)
            self.assertEqual(compare_counts(before, after), told, (before, after))
        self.assertEqual(comparison.compare("count", (10, None), (24, None), (30, 90)), 0, "in three times the days, three times as many")
        # the margin of two means of ten with standard deviation 1 is 2.1009 by the root of 0.2: 0.9396 (Student, 18 degrees)
        values = [-1.5, -1, -0.5, 0, 0, 0, 0, 0.5, 1, 1.5]
        scale = math.sqrt(sum(value**2 for value in values) / 9)

        def sample(mean):
            numbers = [mean + value / scale for value in values]
            return sum(numbers), len(numbers), sum(number**2 for number in numbers)

        self.assertEqual([comparison.compare("days", sample(5), sample(mean)) for mean in (4.05, 4.07, 5.93, 5.95)], [-1, 0, 0, 1])
        self.assertEqual(compare_shares((11, 13), (11, 15)), 0, "84.6 % of 13 and 73.3 % of 15 are alike")
        self.assertEqual(comparison.compare("percent", (95, 100, 0), (80, 100, 0)), -1)

    def test_too_few(self):
        self.assertIsNone(compare_counts(2, 2))
        self.assertIsNone(compare_shares((4, 4), (1, 40)))
        self.assertIsNone(compare_means((8, 4, 16), (90, 9, 900)))
        self.assertIsNone(compare_means((20, 5, None), (25, 5, 125)), "a mean without its margin")
        self.assertIsNone(comparison.compare("points", (5, 10, 0), (9, 10, 0)), "what has no test is not judged")
        self.assertEqual(compare_means((20, 5, 80), (25, 5, 125)), 1, "all alike, and another number")
