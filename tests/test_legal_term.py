"""The legal term: the examples of the law, and whatever may happen to a case against somebody who lives through every day."""

from datetime import date, timedelta
from itertools import pairwise

import holidays as holidays_library
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.business_days import BusinessCalendar
from odoo.addons.sig_pqrs.tools.legal_term import Event, Term, due, get_notices
from odoo.tests import BaseCase

FIRST, LAST = 2025, 2030
COLOMBIA = dict(holidays_library.country_holidays("CO", years=range(FIRST, LAST + 1)))
CALENDAR = BusinessCalendar(COLOMBIA, (FIRST, LAST))

PETITION = Term(days=15, extension_days=15, requirement_days=10, completion_months=1, completion_extension_months=1, transfer_days=5)
DOCUMENTS = Term(
    days=10, extension_days=10, requirement_days=10, completion_months=1, completion_extension_months=1, transfer_days=5, copies_days=3
)
DATA_QUERY = Term(days=10, extension_days=5, transfer_days=2)
DATA_CLAIM = Term(days=15, extension_days=8, requirement_days=5, completion_months=2, transfer_days=2, mark_days=2)
COMPLIMENT = Term(days=15)

# received on Tuesday 1 September 2026: due on 22 September, information may be required until 15 September
RECEIVED = date(2026, 9, 1)


def september(number):
    return date(2026, 9, number)


def october(number):
    return date(2026, 10, number)


def ask(*events, term=PETITION, received=RECEIVED):
    return due(received, term, [Event(*event) for event in events], CALENDAR)


class TermCase(BaseCase):
    def assertDue(self, expected, *events, **kwargs):
        self.assertEqual(ask(*events, **kwargs).date, expected)

    def duties(self, *events, **kwargs):
        return {duty.kind: duty.date for duty in ask(*events, **kwargs).duties}

    def assertIgnored(self, reason, *events, **kwargs):
        """The last event counts for nothing, and the trace says why."""
        [step] = [step for step in ask(*events, **kwargs).trace if step.kind.endswith("_ignored")]
        self.assertEqual(step.reason, reason)

    def trace(self, *events, **kwargs):
        return [step.kind for step in ask(*events, **kwargs).trace]


class TestTerm(TermCase):
    def test_policy_shortens_but_never_lengthens(self):
        self.assertEqual(Term(days=30, extension_days=30).capped(15), Term(days=15, extension_days=30, legal_days=30))
        self.assertEqual((DOCUMENTS.capped(15), PETITION.capped(0)), (DOCUMENTS, PETITION))

    def test_trace_says_what_did_not_count(self):
        [step] = ask(received=date(2026, 11, 24)).trace
        self.assertEqual(step.as_dict(), {
            "kind": "counted", "start": "2026-11-24", "end": "2026-12-16", "days": 15, "weekend": 6,
            "holidays": [["2026-12-08", COLOMBIA[date(2026, 12, 8)]]], "reason": "",
        })


class TestRequirement(TermCase):
    """Ley 1755 de 2015, art. 17."""

    REQUIRED = ("requirement", september(8))
    COMPLETED = ("completion", september(28))

    def test_example(self):
        """Received on 1 September, required on the 8th, completed on the 28th."""
        self.assertEqual(self.duties()["require"], september(15))
        required = ask(self.REQUIRED)
        self.assertEqual((required.used, required.left), (5, 10))
        self.assertEqual(self.duties(self.REQUIRED, ("requirement_told", september(8)))["complete"], october(8))
        completed = ask(self.REQUIRED, self.COMPLETED)
        self.assertEqual(completed.date, october(13), "the rest of the term, not a new one, which would end on the 20th")
        self.assertEqual((completed.used, completed.left), (5, 10))

    def test_late(self):
        self.assertDue(september(22), ("requirement", september(16)), ("completion", september(28)))
        self.assertEqual(self.trace(("requirement", september(16))), ["requirement_ignored", "counted"])
        self.assertIgnored("late", ("requirement", september(16)))
        self.assertIgnored("lapsed", ("requirement", september(23)))
        self.assertIgnored("not_allowed", ("requirement", september(8)), term=COMPLIMENT)


class TestCompletion(TermCase):
    """The months in which the petitioner completes: from the day they know of the requirement, extended once."""

    def test_months(self):
        def required(day):
            return ("requirement", day), ("requirement_told", day)

        first, extended = required(september(8)), ("completion_extension", october(5))
        completed, data = ("completion", september(7)), {"term": DATA_CLAIM}
        early = ("completion_extension", september(4))
        for expected, events, options in (
            (october(8), first, {}),
            (None, first[:1], {}),
            (october(21), (first[0], ("requirement_told", september(21))), {}),
            (date(2026, 11, 9), (*first, extended), {}),
            (date(2026, 11, 9), (*first, extended, ("completion_extension", october(20))), {}),
            (date(2026, 11, 9), (*required(september(7)), extended), data),  # Ley 1581, art. 15: two months, no more
            (date(2027, 3, 1), required(date(2027, 1, 29)), {"received": date(2027, 1, 20)}),
            (None, (*required(september(3)), completed, ("requirement", september(9))), {}),
            (october(9), (*required(september(3)), early, completed, *required(september(9))), {}),
            (None, (("completion_extension", september(8)),), {}),
            (None, (*first, ("completion", september(28))), {}),
        ):
            with self.subTest(events=events, **options):
                self.assertEqual(self.duties(*events, **options).get("complete"), expected)
        self.assertIn("completion_extension_ignored", self.trace(*required(september(7)), extended, **data))


class TestExtension(TermCase):
    """Ley 1755 de 2015, art. 14, par.: once, before the term lapses, no more than the type allows."""

    def test_extended(self):
        in_time, again, late = (("extension", september(day), 5) for day in (10, 11, 23))
        for expected, reason, events, term in (
            (september(29), "", (in_time,), PETITION),
            (october(14), "", (("extension", september(10), 15),), PETITION),
            (october(14), "", (("extension", september(10), 40),), PETITION),
            (september(29), "repeated", (in_time, again), PETITION),
            (september(22), "lapsed", (late,), PETITION),
            (september(22), "not_allowed", (in_time,), COMPLIMENT),
        ):
            with self.subTest(events=events):
                self.assertDue(expected, *events, term=term)
                if reason:
                    self.assertIgnored(reason, *events, term=term)
        self.assertEqual(self.trace(in_time, again), ["extended", "extension_ignored", "counted"])


class TestDuties(TermCase):
    def test_dates(self):
        required, told = ("requirement", september(2)), ("requirement_told", september(8))
        reopened, completed = ("reopened", september(25)), ("completion", september(28))
        flagged, wrong = ("incident_flagged", september(9)), ("incident_unflagged", september(10))
        saturday, notified = ("incident_flagged", september(5)), ("regulator_notified", september(12))
        for expected, events, term in (
            ({"transfer": september(8), "require": september(15)}, (), PETITION),
            ({}, (), COMPLIMENT),
            ({"require": None, "transfer": None}, (required,), PETITION),
            ({"copies": september(18)}, (), DOCUMENTS),
            ({"copies": october(2)}, (("extension", september(10), 10),), DOCUMENTS),
            ({"copies": None, "complete": october(8)}, (("requirement", september(8)), told), DOCUMENTS),
            ({"copies": None}, (("answered", september(15)), reopened), DOCUMENTS),
            ({"copies": september(18)}, (("answered", september(16)), reopened), DOCUMENTS),
            ({"mark": september(3)}, (), DATA_CLAIM),
            ({"mark": None}, (("claim_marked", september(2)),), DATA_CLAIM),
            ({"mark": None}, (required,), DATA_CLAIM),
            ({"mark": september(30)}, (required, completed), DATA_CLAIM),
            # Decreto 356 de 1994, art. 74, num. 28: at once is at once
            ({"regulator": september(5)}, (saturday,), COMPLIMENT),
            ({"regulator": september(5)}, (flagged, saturday), PETITION),
            ({"regulator": september(9), "complete": october(8)}, (("requirement", september(8)), told, flagged), PETITION),
            ({"regulator": None}, (saturday, flagged, notified, ("incident_flagged", september(14))), PETITION),
            ({"regulator": None}, (flagged, wrong), PETITION),
            ({"regulator": september(14)}, (flagged, wrong, ("incident_flagged", september(14))), PETITION),
        ):
            with self.subTest(events=events, term=term):
                found = self.duties(*events, term=term)
                self.assertEqual({kind: found.get(kind) for kind in expected}, expected)
        self.assertEqual([duty.kind for duty in ask(term=DATA_CLAIM).duties], ["transfer", "mark", "require"])

    def test_required_on_the_last_day(self):
        """The term runs again on the business day after the delivery: it cannot end before that."""
        self.assertDue(september(21), ("requirement", september(15)), ("completion", september(19)), term=DOCUMENTS)
        events = (("requirement", september(15)), ("completion", september(21)))
        result = ask(*events, term=DOCUMENTS)
        self.assertEqual((result.date, result.used, result.left), (september(22), 10, 1))
        self.assertEqual(sum(step.days for step in result.trace if step.kind == "counted"), 11)
        self.assertDue(september(28), *events, ("extension", september(22), 5), term=DOCUMENTS)
        self.assertIgnored("lapsed", *events, ("extension", september(23), 5), term=DOCUMENTS)


class Walk:
    """A case lived day by day: at its end each day counts or not, then what happened on it happens."""

    def __init__(self, received, term, calendar):
        self.term, self.calendar = term, calendar
        self.today = received
        self.total, self.law = term.days, term.legal_days or term.days
        self.least = 0
        self.counted = []
        self.since_receipt = 0
        self.may_require = term.requirement_days > 0
        self.suspended = self.extended = False

    def live(self, events):
        happened = {}
        for event in events:
            happened.setdefault(max(event.date, self.today), []).append(event)
        last = max(happened, default=self.today)
        while True:
            for event in happened.get(self.today, []):
                self.happen(event.kind, event.days)
            if self.today >= last and (self.suspended or self.end(self.total)):
                return self
            self.pass_day()

    def pass_day(self):
        self.may_require &= self.since_receipt < self.term.requirement_days
        self.today += timedelta(days=1)
        if self.today.weekday() < 5 and self.today not in self.calendar.holidays:
            self.since_receipt += 1
            if not self.suspended:
                self.counted.append(self.today)

    def end(self, days):
        """The day on which a term of ``days`` ended, None when it has not."""
        days = max(days, self.least)
        return self.counted[days - 1] if len(self.counted) >= days else None

    def happen(self, kind, days):
        lapsed = self.end(self.law)
        in_time = self.suspended or not lapsed or self.today <= lapsed
        if kind == "requirement" and self.may_require and in_time:
            self.suspended = True
        elif kind == "completion" and self.suspended:
            self.suspended, self.least = False, len(self.counted) + 1  # it runs again, if but for a day
        elif kind == "extension" and self.term.extension_days and not self.extended and in_time:
            self.extended = True
            self.total += min(days, self.term.extension_days)
            self.law += min(days, self.term.extension_days)


receipts = st.dates(date(2026, 1, 1), date(2027, 12, 31))
regimes = st.sampled_from([PETITION, DOCUMENTS, DATA_QUERY, DATA_CLAIM, COMPLIMENT])
capped_regimes = st.builds(Term.capped, regimes, st.integers(0, 15))
kinds = st.sampled_from(["requirement", "completion", "extension", "requirement", "completion", "completion_extension", "assigned"])
calendars = st.frozensets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=20).map(
    lambda extra: BusinessCalendar({**COLOMBIA, **dict.fromkeys(extra, "Extra")}, years=(FIRST, LAST))
)
notices = st.lists(
    st.tuples(st.sampled_from(["incident_flagged", "incident_unflagged", "regulator_notified"]), st.integers(0, 60)), max_size=5,
)
property_settings = settings(max_examples=300, deadline=None)


@st.composite
def histories(draw, max_size=6):
    """A receipt, and what happened in the months after it."""
    received = draw(receipts)
    events = draw(
        st.lists(
            st.tuples(kinds, st.integers(-2, 20) | st.integers(20, 60), st.integers(1, 40)), max_size=max_size,
            unique_by=lambda event: max(event[1], 0),
        )
    )
    return received, [Event(kind, received + timedelta(days=after), days) for kind, after, days in events]


class TestProperties(TermCase):
    @property_settings
    @given(histories(), capped_regimes, calendars, st.randoms(use_true_random=False))
    def test_walked(self, history, term, calendar, random):
        received, events = history
        found = due(received, term, events, calendar)
        walk = Walk(received, term, calendar).live(events)
        whole = walk.total if walk.suspended else max(walk.total, walk.least)
        self.assertEqual((found.suspended, found.used + found.left), (walk.suspended, whole))
        self.assertEqual(found.date, None if walk.suspended else walk.end(walk.total))
        if walk.suspended:
            self.assertEqual(found.used, len(walk.counted))
        self.assertEqual(due(received, term, random.sample(events, len(events)), calendar), found, "in whatever order it is told")
        # the days of the trace are the term, without a hole
        counted = [step for step in found.trace if step.kind == "counted"]
        self.assertEqual(sum(step.days for step in counted), found.used if found.suspended else whole)
        for step in counted:
            self.assertEqual(step.days + step.weekend + len(step.holidays), (step.end - step.start).days)
        steps = [step for step in found.trace if step.kind in ("counted", "suspended")]
        self.assertEqual(steps[0].start, received)
        for before, after in pairwise(steps):
            self.assertEqual(before.end, after.start)

    @property_settings
    @given(histories(), regimes, calendars, notices)
    def test_notices_bear_on_no_term(self, history, term, calendar, flags):
        received, events = history
        flags = [Event(kind, received + timedelta(days=after)) for kind, after in flags]
        found, without = due(received, term, [*events, *flags], calendar), due(received, term, events, calendar)
        self.assertEqual((found.date, found.used, found.trace), (without.date, without.used, without.trace))
        owed = [duty for duty in found.duties if duty.kind == "regulator"]
        self.assertEqual([duty for duty in found.duties if duty.kind != "regulator"], list(without.duties))
        self.assertEqual(tuple(owed), get_notices(flags))
        if any(event.kind == "regulator_notified" for event in flags) or not flags:
            self.assertFalse(owed)
        for duty in owed:
            self.assertIn(Event("incident_flagged", duty.date), flags)
