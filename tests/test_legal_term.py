"""The legal term: the examples of the law."""

from datetime import date

import holidays as holidays_library

from odoo.addons.sig_pqrs.tools.business_days import BusinessCalendar, CoverageError
from odoo.addons.sig_pqrs.tools.legal_term import Duty, Event, Term, due
from odoo.tests import BaseCase, tagged

FIRST, LAST = 2025, 2030
COLOMBIA = dict(holidays_library.country_holidays("CO", years=range(FIRST, LAST + 1)))
CALENDAR = BusinessCalendar(COLOMBIA)

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


def ask(*events, term=PETITION, received=RECEIVED, as_of=None):
    return due(received, term, [Event(*event) for event in events], CALENDAR, as_of=as_of)


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


@tagged("post_install", "-at_install")
class TestTerm(TermCase):
    def test_nothing_happens(self):
        self.assertDue(september(22))
        self.assertEqual(self.trace(), ["counted"])

    def test_regimes(self):
        received = date(2026, 11, 24)
        for term, expected in (
            (PETITION, date(2026, 12, 16)),
            (DOCUMENTS, date(2026, 12, 9)),
            (DATA_QUERY, date(2026, 12, 9)),
            (Term(days=30), date(2027, 1, 8)),
        ):
            with self.subTest(term=term):
                self.assertDue(expected, term=term, received=received)

    def test_other_acts_do_not_bear_on_the_term(self):
        self.assertDue(
            september(22), ("assigned", september(2)), ("response_sent", september(4)), ("result", september(5))
        )

    def test_policy_shortens_but_never_lengthens(self):
        self.assertEqual(Term(days=30, extension_days=30).capped(15), Term(days=15, extension_days=30, legal_days=30))
        self.assertEqual(DOCUMENTS.capped(15), DOCUMENTS)
        self.assertEqual(PETITION.capped(0), PETITION)

    def test_calendar_that_does_not_reach(self):
        calendar = BusinessCalendar(COLOMBIA, years=(2026, 2026))
        with self.assertRaises(CoverageError):
            due(date(2026, 12, 23), PETITION, [], calendar)

    def test_the_day_asked_about(self):
        for as_of, used in (
            (None, 0),
            (RECEIVED, 0),
            (date(2026, 8, 31), 0),
            (september(2), 1),
            (september(6), 3),
            (september(22), 15),
            (september(24), 17),
        ):
            with self.subTest(as_of=as_of):
                found = ask(as_of=as_of)
                self.assertEqual((found.used, found.left), (used, 15 - used))

    def test_trace_says_what_did_not_count(self):
        [step] = ask(received=date(2026, 11, 24)).trace
        self.assertEqual(
            step.as_dict(),
            {
                "kind": "counted",
                "start": "2026-11-24",
                "end": "2026-12-16",
                "days": 15,
                "weekend": 6,
                "holidays": [["2026-12-08", COLOMBIA[date(2026, 12, 8)]]],
                "reason": "",
            },
        )


@tagged("post_install", "-at_install")
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
        self.assertEqual(
            completed.date, october(13), "the rest of the term, not a new one, which would end on the 20th"
        )
        self.assertEqual((completed.used, completed.left), (5, 10))

    def test_suspended(self):
        required = ask(self.REQUIRED, as_of=september(25))
        self.assertIsNone(required.date)
        self.assertTrue(required.suspended)
        self.assertEqual((required.used, required.left), (5, 10), "no day counts while it is suspended")
        self.assertEqual(self.trace(self.REQUIRED), ["counted", "suspended"])
        self.assertIsNone(required.trace[-1].end)

    def test_resumes_the_day_after_the_delivery(self):
        resumed = ask(self.REQUIRED, self.COMPLETED, as_of=september(28))
        self.assertEqual(resumed.used, 5)
        self.assertEqual(ask(self.REQUIRED, self.COMPLETED, as_of=september(29)).used, 6)
        self.assertEqual([step.days for step in resumed.trace if step.kind == "counted"], [5, 10])

    def test_delivery_on_a_weekend(self):
        for delivered in (25, 26, 27):
            with self.subTest(delivered):
                self.assertDue(october(9), self.REQUIRED, ("completion", september(delivered)))

    def test_last_day_to_require(self):
        self.assertDue(None, ("requirement", september(15)))

    def test_late(self):
        self.assertDue(september(22), ("requirement", september(16)), ("completion", september(28)))
        self.assertEqual(self.trace(("requirement", september(16))), ["requirement_ignored", "counted"])
        self.assertIgnored("late", ("requirement", september(16)))
        self.assertIgnored("lapsed", ("requirement", september(23)))
        self.assertIgnored("not_allowed", ("requirement", september(8)), term=COMPLIMENT)

    def test_late_by_a_weekend(self):
        """The last day to require is a Friday: Saturday is late although no business day has passed."""
        received = date(2026, 8, 28)
        self.assertEqual(self.duties(received=received)["require"], september(11))
        self.assertDue(None, ("requirement", september(11)), received=received)
        self.assertDue(september(18), ("requirement", september(12)), received=received)

    def test_after_the_term_lapsed(self):
        term = Term(days=3, requirement_days=10)
        self.assertDue(None, ("requirement", september(4)), term=term)
        self.assertDue(september(4), ("requirement", september(7)), term=term)

    def test_policy_does_not_make_it_late(self):
        """The company's own term has lapsed, the law's has not."""
        required = ask(self.REQUIRED, term=PETITION.capped(3))
        self.assertEqual((required.date, required.used, required.left), (None, 5, -2))
        self.assertDue(september(29), self.REQUIRED, self.COMPLETED, term=PETITION.capped(3))

    def test_where_none_is_allowed(self):
        for on in (RECEIVED, september(2)):
            with self.subTest(on):
                self.assertDue(september(15), ("requirement", on), term=DATA_QUERY)

    def test_on_the_day_of_receipt(self):
        required = ask(("requirement", RECEIVED))
        self.assertEqual((required.date, required.used), (None, 0))

    def test_repeated_while_suspended(self):
        self.assertEqual(ask(self.REQUIRED, ("requirement", september(10))), ask(self.REQUIRED))

    def test_second_one_in_time(self):
        events = (("requirement", september(3)), ("completion", september(4)), ("requirement", september(10)))
        second = ask(*events)
        self.assertEqual((second.date, second.used), (None, 6))
        self.assertDue(october(9), *events, ("completion", september(28)))

    def test_second_one_late(self):
        """The days to require are counted from the receipt, suspended or not."""
        self.assertDue(october(13), self.REQUIRED, self.COMPLETED, ("requirement", september(29)))

    def test_completion_before_any_requirement(self):
        self.assertDue(september(22), ("completion", september(3)))
        self.assertDue(None, ("completion", september(3)), self.REQUIRED)

    def test_completion_twice(self):
        self.assertDue(october(13), self.REQUIRED, self.COMPLETED, ("completion", september(30)))

    def test_after_the_first_term_but_within_the_extension(self):
        term = Term(days=3, extension_days=5, requirement_days=10)
        self.assertDue(None, ("extension", september(3), 5), ("requirement", september(9)), term=term)
        self.assertDue(september(11), ("extension", september(3), 5), ("requirement", september(14)), term=term)

    def test_dated_before_the_receipt(self):
        """No act before the receipt gains or loses a day."""
        before, later = date(2026, 8, 28), date(2026, 8, 31)
        self.assertEqual(ask(("requirement", before)).used, 0)
        self.assertDue(september(22), ("requirement", before), ("completion", later))

    def test_required_and_completed_on_one_day(self):
        self.assertDue(september(22), self.REQUIRED, ("completion", september(8)))


@tagged("post_install", "-at_install")
class TestCompletion(TermCase):
    """The months in which the petitioner completes."""

    def complete_by(self, *events, **kwargs):
        """Each requirement told on its own day, unless the events say when."""
        if "requirement_told" not in {event[0] for event in events}:
            events = [
                told
                for event in events
                for told in ([event, ("requirement_told", event[1])] if event[0] == "requirement" else [event])
            ]
        return self.duties(*events, **kwargs).get("complete")

    def test_from_the_day_the_petitioner_knows(self):
        required = ("requirement", september(8))
        self.assertNotIn("complete", self.duties(required), "nobody is late with what they do not know of")
        self.assertEqual(self.complete_by(required, ("requirement_told", september(21))), october(21))
        extended = ("completion_extension", september(10))
        self.assertEqual(self.complete_by(required, extended, ("requirement_told", september(21))), date(2026, 11, 23))
        self.assertDue(None, required, ("requirement_told", september(21)))

    def test_told_of_another_requirement(self):
        """What was told of a requirement that is complete says nothing of the next one."""
        self.assertIsNone(
            self.complete_by(
                ("requirement", september(3)),
                ("requirement_told", september(3)),
                ("completion", september(7)),
                ("requirement", september(9)),
            )
        )

    def test_one_month(self):
        self.assertEqual(self.complete_by(("requirement", september(8))), october(8))

    def test_two_months_for_personal_data(self):
        self.assertEqual(self.complete_by(("requirement", september(7)), term=DATA_CLAIM), date(2026, 11, 9))

    def test_month_rule(self):
        self.assertEqual(
            self.complete_by(("requirement", date(2027, 1, 29)), received=date(2027, 1, 20)), date(2027, 3, 1)
        )

    def test_extended_by_as_much_once(self):
        events = (("requirement", september(8)), ("completion_extension", october(5)))
        self.assertEqual(self.complete_by(*events), date(2026, 11, 9))
        self.assertEqual(self.complete_by(*events, ("completion_extension", october(20))), date(2026, 11, 9))

    def test_no_more_time_for_personal_data(self):
        """Ley 1581, art. 15: two months, and no more."""
        events = (("requirement", september(7)), ("completion_extension", october(5)))
        self.assertEqual(self.complete_by(*events, term=DATA_CLAIM), date(2026, 11, 9))
        self.assertIn("completion_extension_ignored", self.trace(*events, term=DATA_CLAIM))

    def test_extension_leaves_the_term_suspended(self):
        self.assertDue(None, ("requirement", september(8)), ("completion_extension", october(5)))

    def test_each_requirement_has_its_own_months(self):
        events = (
            ("requirement", september(3)),
            ("completion_extension", september(4)),
            ("completion", september(7)),
            ("requirement", september(9)),
        )
        self.assertEqual(self.complete_by(*events), october(9))

    def test_not_without_a_requirement(self):
        self.assertIsNone(self.complete_by(("completion_extension", september(8))))

    def test_not_after_the_completion(self):
        self.assertIsNone(self.complete_by(("requirement", september(8)), ("completion", september(28))))


@tagged("post_install", "-at_install")
class TestExtension(TermCase):
    """Ley 1755 de 2015, art. 14, par.: once, before the term lapses, no more than the type allows."""

    def test_extended(self):
        self.assertDue(september(29), ("extension", september(10), 5))
        self.assertEqual(self.trace(("extension", september(10), 5)), ["extended", "counted"])

    def test_double_at_most(self):
        self.assertDue(october(14), ("extension", september(10), 15))
        self.assertDue(october(14), ("extension", september(10), 40))

    def test_once(self):
        events = (("extension", september(10), 5), ("extension", september(11), 5))
        self.assertDue(september(29), *events)
        self.assertEqual(self.trace(*events), ["extended", "extension_ignored", "counted"])
        self.assertIgnored("repeated", *events)

    def test_on_the_last_day(self):
        self.assertDue(september(29), ("extension", september(22), 5))

    def test_late(self):
        self.assertDue(september(22), ("extension", september(23), 5))
        self.assertIgnored("lapsed", ("extension", september(23), 5))

    def test_where_none_is_allowed(self):
        self.assertDue(september(22), ("extension", september(10), 5), term=COMPLIMENT)
        self.assertEqual(self.trace(("extension", september(10), 5), term=COMPLIMENT), ["extension_ignored", "counted"])
        self.assertIgnored("not_allowed", ("extension", september(10), 5), term=COMPLIMENT)

    def test_while_suspended(self):
        """The term does not run: an extension long after its first date is in time."""
        events = (("requirement", september(8)), ("extension", september(25), 5))
        suspended = ask(*events)
        self.assertEqual((suspended.date, suspended.used, suspended.left), (None, 5, 15))
        self.assertDue(october(20), *events, ("completion", september(28)))

    def test_after_it_resumed(self):
        events = (("requirement", september(8)), ("completion", september(28)), ("extension", october(13), 5))
        self.assertDue(october(20), *events)

    def test_policy_leaves_the_extension(self):
        self.assertDue(october(14), ("extension", september(10), 15), term=Term(days=30, extension_days=15).capped(15))

    def test_policy_does_not_make_it_late(self):
        """The company's own term has lapsed, the law's has not."""
        term = Term(days=30, extension_days=15).capped(15)
        self.assertDue(october(14), ("extension", september(23), 15), term=term)
        self.assertDue(september(22), ("extension", october(15), 15), term=term)


@tagged("post_install", "-at_install")
class TestDuties(TermCase):
    """The secondary terms."""

    def test_petition(self):
        self.assertEqual(self.duties(), {"transfer": september(8), "require": september(15)})

    def test_in_the_order_of_their_dates(self):
        self.assertEqual([duty.kind for duty in ask(term=DATA_CLAIM).duties], ["transfer", "mark", "require"])
        self.assertLess(Duty(september(1), "transfer"), Duty(september(2), "mark"))

    def test_type_without_duties(self):
        self.assertEqual(self.duties(term=COMPLIMENT), {})

    def test_required_once_is_required(self):
        self.assertNotIn("require", self.duties(("requirement", september(8))))

    def test_copies_after_the_term(self):
        self.assertEqual(self.duties(term=DOCUMENTS)["copies"], september(18))

    def test_copies_follow_the_extension(self):
        self.assertEqual(self.duties(("extension", september(10), 10), term=DOCUMENTS)["copies"], october(2))

    def test_no_copies_while_suspended(self):
        told = ("requirement_told", september(8))
        self.assertEqual(set(self.duties(("requirement", september(8)), told, term=DOCUMENTS)), {"complete"})

    def test_who_requires_does_not_transfer(self):
        self.assertNotIn("transfer", self.duties(("requirement", september(2))))

    def test_required_on_the_last_day_and_delivered_on_a_weekend(self):
        """Nothing is left of the term: it ends on the next business day, never on a Saturday."""
        result = due(
            september(1), Term(10, requirement_days=10, completion_months=1),
            [Event("requirement", september(15)), Event("completion", september(19))], CALENDAR,
        )
        self.assertEqual((result.date, result.left), (september(21), 1))

    def test_required_on_the_last_day_and_delivered_on_a_business_day(self):
        """The term runs again the day after the delivery: it cannot end before that."""
        events = (("requirement", september(15)), ("completion", september(21)))
        result = ask(*events, term=DOCUMENTS)
        self.assertEqual((result.date, result.used, result.left), (september(22), 10, 1))
        self.assertEqual(sum(step.days for step in result.trace if step.kind == "counted"), 11)
        self.assertDue(september(28), *events, ("extension", september(22), 5), term=DOCUMENTS)
        self.assertIgnored("lapsed", *events, ("extension", september(23), 5), term=DOCUMENTS)

    def test_no_copies_of_what_was_answered_in_time(self):
        reopened = ("reopened", september(25))
        self.assertNotIn("copies", self.duties(("answered", september(15)), reopened, term=DOCUMENTS))
        self.assertIn("copies", self.duties(("answered", september(16)), reopened, term=DOCUMENTS))

    def test_mark(self):
        self.assertEqual(self.duties(term=DATA_CLAIM)["mark"], september(3))

    def test_marked(self):
        self.assertNotIn("mark", self.duties(("claim_marked", september(2)), term=DATA_CLAIM))

    def test_mark_is_counted_from_the_complete_receipt(self):
        required = ("requirement", september(2))
        self.assertNotIn("mark", self.duties(required, term=DATA_CLAIM))
        self.assertEqual(self.duties(required, ("completion", september(28)), term=DATA_CLAIM)["mark"], september(30))


    def test_regulator_is_notified_on_the_day_of_the_flag(self):
        self.assertNotIn("regulator", self.duties())
        for day in (september(3), september(5)):  # a Thursday, and a Saturday: at once is at once
            self.assertEqual(self.duties(("incident_flagged", day))["regulator"], day)
        self.assertEqual(self.duties(("incident_flagged", september(3)), term=COMPLIMENT)["regulator"], september(3))

    def test_regulator_while_suspended(self):
        flagged = ("incident_flagged", september(9))
        self.assertEqual(
            self.duties(("requirement", september(8)), ("requirement_told", september(8)), flagged),
            {"regulator": september(9), "complete": october(8)},
        )

    def test_regulator_notified(self):
        flagged, notified = ("incident_flagged", september(3)), ("regulator_notified", september(4))
        self.assertNotIn("regulator", self.duties(flagged, notified))
        self.assertNotIn("regulator", self.duties(flagged, notified, ("incident_flagged", september(9))))

    def test_flag_that_was_wrong(self):
        flagged, wrong = ("incident_flagged", september(3)), ("incident_unflagged", september(4))
        self.assertNotIn("regulator", self.duties(flagged, wrong))
        again = self.duties(flagged, wrong, ("incident_flagged", september(9)))
        self.assertEqual(again["regulator"], september(9))

    def test_first_flag_counts(self):
        flags = (("incident_flagged", september(9)), ("incident_flagged", september(3)))
        self.assertEqual(self.duties(*flags)["regulator"], september(3))
