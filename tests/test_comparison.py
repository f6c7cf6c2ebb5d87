import math

from odoo.tests import BaseCase

from ..tools.comparison import compare, compare_counts, compare_means, compare_shares


class TestComparison(BaseCase):
    """Better or worse is what chance alone does in one of twenty cases at most."""

    def test_by_hand(self):
        def tail(more, total):
            return sum(math.comb(total, each) for each in range(more, total + 1)) / 2**total

        for before, after in ((10, 24), (10, 22), (24, 10), (0, 5), (0, 6), (40, 40)):
            more, total = max(before, after), before + after
            told = (tail(more, total) < 0.025) * (1 if after > before else -1)
            self.assertEqual(compare_counts(before, after), told, (before, after))
        self.assertEqual(compare("count", (10, None), (24, None), (30, 90)), 0, "in three times the days, three times as many")
        # the margin of two means of ten with standard deviation 1 is 2.1009 by the root of 0.2: 0.9396 (Student, 18 degrees)
        values = [-1.5, -1, -0.5, 0, 0, 0, 0, 0.5, 1, 1.5]
        scale = math.sqrt(sum(value**2 for value in values) / 9)

        def sample(mean):
            numbers = [mean + value / scale for value in values]
            return sum(numbers), len(numbers), sum(number**2 for number in numbers)

        self.assertEqual([compare("days", sample(5), sample(mean)) for mean in (4.05, 4.07, 5.93, 5.95)], [-1, 0, 0, 1])
        self.assertEqual(compare_shares((11, 13), (11, 15)), 0, "84.6 % of 13 and 73.3 % of 15 are alike")
        self.assertEqual(compare("percent", (95, 100, 0), (80, 100, 0)), -1)

    def test_too_few(self):
        self.assertIsNone(compare_counts(2, 2))
        self.assertIsNone(compare_shares((4, 4), (1, 40)))
        self.assertIsNone(compare_means((8, 4, 16), (90, 9, 900)))
        self.assertIsNone(compare_means((20, 5, None), (25, 5, 125)), "a mean without its margin")
        self.assertIsNone(compare("points", (5, 10, 0), (9, 10, 0)), "what has no test is not judged")
        self.assertEqual(compare_means((20, 5, 80), (25, 5, 125)), 1, "all alike, and another number")
