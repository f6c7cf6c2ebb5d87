"""Answers counted in one pass, against the same counted one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.statistics import Sums
from odoo.addons.sig_pqrs.tools.tally import Tally
from odoo.tests import BaseCase

choices = st.integers(0, 30)


class TestTally(BaseCase):
    def test_known(self):
        tally = Tally({1: ("all", "a"), 2: ("all", "a"), 3: ("all", "b"), 4: ("all", "b")}, {1, 3})
        parts = tally.count(range(5), {1: [0, 2], 2: [1], 3: [0], 4: [1], 9: [3]}).values()
        self.assertEqual(tally.add_up(parts, "all"), Sums(3, 3, 5, 5, 5, 9))
        self.assertEqual(tally.add_up(parts, "a"), Sums(3, 2, 3, 2, 2, 3))
        self.assertEqual(tally.add_up(parts, "b"), Sums(2, 1, 2, 1, 1, 2))
        self.assertIsNone(tally.add_up(parts, "c"))
        self.assertIsNone(tally.add_up([], "a"))

    @settings(deadline=None)
    @given(
        st.lists(st.lists(choices, max_size=40), max_size=20),
        st.dictionaries(choices, st.lists(st.sampled_from("abcd"), max_size=4)), st.sets(choices),
    )
    def test_as_counted_one_by_one(self, clients, groups, successes):
        tally = Tally(groups, successes)
        marks = {choice: [client for client, made in enumerate(clients) for each in made if each == choice]
                 for choice in set().union(*clients)}
        parts = tally.count(range(len(clients)), marks).values()
        for group in "abcd":
            total = Sums(0, 0, 0, 0, 0, 0)
            for client in clients:
                counted = [choice for choice in client if group in groups.get(choice, ())]
                s, t = sum(choice in successes for choice in counted), len(counted)
                if t:
                    total += Sums(1, s, t, s * s, s * t, t * t)
            self.assertEqual(tally.add_up(parts, group), total if total.clients else None)
