"""Figures mislead no oftener, and tell changes as soon, as docs/indicators.md says: `dev/simulate`, with fewer draws."""
import random
from unittest import skipUnless

from odoo.tests import BaseCase

try:
    import simulate
except ImportError:
    simulate = None


@skipUnless(simulate, "dev/ is not part of the addon: dev/test has it on its path")
class TestSimulation(BaseCase):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(2026)

    def test_coverage(self):
        """Of few clients too, nearly all of them satisfied, whose answers resemble each other."""
        for share, correlation, clients in ((0.95, 0.3, 15), (0.95, 0.45, 20), (0.95, 0.6, 30), (0.8, 0.3, 15)):
            with self.subTest(share=share, correlation=correlation, clients=clients):
                found = simulate.get_coverage(self.chance, 120, share, correlation, clients)
                self.assertTrue(0.9 <= found <= 1, found)  # 93 to 97 %, and what chance does to so few draws

    def test_verdicts(self):
        _apart, false = simulate.get_verdicts(self.chance, 120, (0.8, 0.8), 0.3, 15)
        self.assertLessEqual(false, 0.09)
        apart, paired = simulate.get_verdicts(self.chance, 60, (0.9, 0.8), 0.45, 30)
        self.assertGreater(paired, apart + 0.1, "the same clients are compared with themselves")

    def test_false_alarms(self):
        """What raises an alert does so in at most 5 % of 24 stable months; what is oftener is a hint."""
        for name in simulate.PROCESSES:
            alarms = simulate.get_alarms(self.chance, 250, name, declared=True)
            for rule in simulate.LENGTHS:
                with self.subTest(name, rule=rule):
                    if not simulate.is_hint(name, rule):
                        self.assertLessEqual(alarms[rule], 0.05 + 0.02)  # 250 draws
        often = simulate.get_alarms(self.chance, 250, "Days to answer, 4 cases a month", declared=True)
        self.assertGreater(often["beyond"], 0.05, "nothing is a hint without need")

    def test_power(self):
        """A declared baseline tells a fall from 95 to 80 % of twelve cases a month in most years."""
        name = "On time, 12 cases a month"
        told = [simulate.get_alarms(self.chance, 60, name, declared, changed=True)["any"] for declared in (True, False)]
        self.assertGreater(told[0], 0.5)
        self.assertGreater(told[0], told[1] + 0.2)
