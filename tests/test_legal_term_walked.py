"""The legal term against somebody who lives through every day: whatever may happen to a case."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.business_days import BusinessCalendar
from odoo.addons.sig_pqrs.tools.legal_term import Event, Term, due, get_notices
from odoo.tests import tagged

from .test_legal_term import COLOMBIA, COMPLIMENT, DATA_CLAIM, DATA_QUERY, DOCUMENTS, FIRST, LAST, PETITION, TermCase


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
        if self.is_business_day(self.today):
            self.since_receipt += 1
            if not self.suspended:
                self.counted.append(self.today)

    def end(self, days):
        """The day on which a term of ``days`` ended, None when it has not."""
        days = max(days, self.least)
        return self.counted[days - 1] if len(self.counted) >= days else None

    def is_business_day(self, day):
        return day.weekday() not in self.calendar.weekend and day not in self.calendar.holidays

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
kinds = st.sampled_from(
    ["requirement", "completion", "extension", "requirement", "completion", "completion_extension", "assigned"]
)
calendars = st.frozensets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=20).map(
    lambda extra: BusinessCalendar({**COLOMBIA, **dict.fromkeys(extra, "Extra")}, years=(FIRST, LAST))
)
notices = st.lists(
    st.tuples(st.sampled_from(["incident_flagged", "incident_unflagged", "regulator_notified"]), st.integers(0, 60)),
    max_size=5,
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


@tagged("post_install", "-at_install")
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
