"""Nobody is found by adding and subtracting what is published, by whoever solves the linear system."""
from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.disclosure import Figure, _Span, find_exposure, withhold
from odoo.tests import BaseCase

from .common import freeze_time
from .test_survey_results import ResultsCommon

MINIMUM = 3  # so that what is small fits in what can be tried whole


class Attacker:
    """Knows who is in which row, and solves for what fewer than ``minimum`` clients said. Exact, and slow."""

    def __init__(self, clients, withheld=()):
        self.cells = [(client, answer) for client, answers in enumerate(clients) for answer in answers]
        self.figures = sorted({one for _client, answer in self.cells for one in answer if one.row not in withheld}, key=repr)

    def get_rank(self, hidden):
        """Independent figures of those who are not ``hidden``: fewer than of all, where one is of these alone."""
        rows = [[Fraction(figure in answer) for client, answer in self.cells if client not in hidden] for figure in self.figures]
        rank = 0
        for column in range(len(rows[0]) if rows else 0):
            pivot = next((index for index in range(rank, len(rows)) if rows[index][column]), None)
            if pivot is None:
                continue
            rows[rank], rows[pivot] = rows[pivot], rows[rank]
            for index in range(rank + 1, len(rows)):
                factor = rows[index][column] / rows[rank][column]
                if factor:
                    rows[index] = [a - factor * b for a, b in zip(rows[index], rows[rank], strict=True)]
            rank += 1
        return rank

    def find(self, minimum):
        everybody, known = {client for client, _answer in self.cells}, self.get_rank(())
        for number in range(1, minimum):
            for few in combinations(everybody, number):
                if self.get_rank(few) < known:
                    return set(few)
        return None


def answer(measure, *rows):
    return frozenset(Figure(row, measure) for row in ("total", *rows))


@st.composite
def waves(draw):
    """Clients in one to three tables, who answered some of the questions of two dimensions."""
    tables = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    clients = []
    for _client in range(draw(st.integers(MINIMUM, 9))):
        rows = [(table, draw(st.integers(1, size))) for table, size in enumerate(tables)]
        asked = draw(st.sets(st.integers(0, 3), max_size=4))
        clients.append([answer("satisfied", ("question", one), ("dimension", one % 2), *rows) for one in asked])
    return clients


def get_rows(clients):
    return {figure.row for answers in clients for answer in answers for figure in answer} - {"total"}


vectors = st.dictionaries(st.integers(0, 4), st.integers(-6, 6).filter(bool), min_size=1)


class TestDisclosure(BaseCase):
    @given(st.lists(vectors, max_size=4), vectors)
    def test_coefficients_that_cancel_a_space(self, space, vector):
        """Whole ones, whatever the numbers of its vectors."""
        span = _Span(space)
        left = span.reduce(vector)
        if left:
            found = span.cancel(left)
            products = [sum(found.get(place, 0) * number for place, number in each.items()) for each in (*space, left)]
            self.assertFalse(any(products[:-1]), (space, vector, found))
            self.assertTrue(products[-1])

    @settings(deadline=None, max_examples=60)
    @given(waves(), st.data())
    def test_as_the_attacker(self, clients, data):
        rows = sorted(get_rows(clients), key=repr)
        hidden = data.draw(st.sets(st.sampled_from(rows))) if rows else set()
        few = Attacker(clients, hidden).find(MINIMUM)
        exposure = find_exposure(clients, MINIMUM, hidden)
        self.assertEqual(bool(exposure), bool(few))
        if exposure:
            left = {client for client, given in enumerate(clients) for one in given
                    if sum(number for figure, number in exposure.items() if figure in one)}
            self.assertTrue(0 < len(left) < MINIMUM, "and its combination leaves so few")

    @settings(deadline=None, max_examples=40)
    @given(waves())
    def test_nobody_is_left_exposed(self, clients):
        rows = get_rows(clients)
        if sum(map(bool, clients)) < MINIMUM:
            return
        hidden = withhold(clients, dict.fromkeys(rows, 1), MINIMUM)
        self.assertIsNone(Attacker(clients, hidden).find(MINIMUM))
        for number in range(len(hidden)):
            for fewer in combinations(rows, number):
                self.assertTrue(find_exposure(clients, MINIMUM, fewer), "no fewer rows would do")
                if len(rows) > 9:
                    break

    def test_known(self):
        def hide(*cells):
            clients = [[answer("satisfied", ("city", city), ("type", kind))] for city, kind, number in cells for _one in range(number)]
            return withhold(clients, dict.fromkeys(get_rows(clients), 1), 5)

        self.assertEqual(hide(("A", "x", 10), ("B", "x", 8)), set())
        self.assertEqual(hide(("A", "x", 10), ("B", "x", 8), ("C", "x", 3)), {("city", "C"), ("city", "B")})
        self.assertEqual(len(hide(("A", "x", 5), ("A", "y", 1), ("B", "y", 9))), 2, "the city of six less the type of five")
        self.assertEqual(hide(("A", "x", 5), ("A", "y", 5), ("B", "x", 5), ("B", "y", 5)), set())
        self.assertEqual(hide(("A", "x", 30), ("A", "y", 2), ("B", "x", 2), ("B", "y", 30)), {("city", "A"), ("city", "B")} )

    def test_what_is_always_shown(self):
        with self.assertRaises(ValueError):
            withhold([[answer("satisfied", "a")]] * 2, {"a": 1}, 5)


@freeze_time("2026-06-20 15:00:00")
class TestPublished(ResultsCommon):
    def read_rows(self, results):
        """All that is told of clients: ``{row: clients in it}`` of each measure."""
        return {
            (kind, part["name"]) for kind in ("city", "industry") for part in results["segments"][kind]
            if part["satisfied"] or part["nps"] or part["answered"]
        }

    def test_city_less_type(self):
        """Cali has six who answered; five of them are all the hotels there are."""
        for index, client in enumerate(self.clients):
            client.industry_id = self.hotels if 10 <= index < 15 else self.industry
        wave = self.make_closed([5] * 10 + [5] * 5 + [1])
        told = wave.with_user(self.leader).get_results()
        rows = self.read_rows(told)
        self.assertFalse({("city", "Cali"), ("industry", "Hoteles")} <= rows)
        self.assertTrue(rows, "one of the tables stays")
        self.assertEqual(told["satisfied"]["n"], 16)
        answered = [(client.city.strip().title().replace("Bogota", "Bogotá"), client.industry_id.name) for client in self.clients[:16]]
        clients = [[answer("satisfied", ("city", city), ("industry", kind))] for city, kind in answered]
        self.assertIsNone(find_exposure(clients, 5, get_rows(clients) - rows))
        body = self.reload(wave.with_user(self.leader))[0].results_body
        self.assertNotIn("5 of 5", body, "nor does the page tell the type")
        self.assertEqual(len(wave.get_results()["segments"]["city"]), 3, "the SIG reads all")

    def test_the_decision_stays(self):
        """What is withheld was decided when the wave was closed: erased sheets publish nothing more."""
        wave = self.make_closed([5] * 10 + [1] * 6 + [2] * 3)
        before = wave.with_user(self.leader).get_results()
        wave.recipient_ids.sudo().user_input_id.user_input_line_ids.unlink()
        self.assertEqual(self.reload(wave)[0].with_user(self.leader).get_results(), before)

    def test_decided_anew(self):
        """What few said stays hidden in a table that was mapped otherwise when the wave closed."""
        for index, client in enumerate(self.clients):
            client.city = "Cali" if index < 3 else "Pasto"
        wave = self.make_closed([5] * 12)
        self.assertNotIn(("city", "Cali"), self.read_rows(wave.with_user(self.leader).get_results()))
        self.clients.city = "Pasto"
        wave.sudo().withheld = wave.sudo()._find_withheld()
        self.assertNotIn(("city", "Cali"), self.read_rows(self.reload(wave)[0].with_user(self.leader).get_results()))

    def test_what_the_wave_before_withholds(self):
        """Nor is it told as a difference from what the next wave publishes."""
        with freeze_time("2025-12-10 15:00:00"):
            first = self.make_closed([1] * 12, year=2025, semester="2", date_start="2025-12-01", date_end="2025-12-31")
        wave = self.make_closed([5] * 12)
        told = wave.with_user(self.leader).get_results()["dimensions"][0]
        self.assertIsNotNone(told["change"]["difference"])
        first.sudo().withheld = {"rows": [["dimension", told["id"] or 0]]}
        told = self.reload(wave)[0].with_user(self.leader).get_results()["dimensions"][0]
        self.assertIsNone(told["change"]["difference"])
