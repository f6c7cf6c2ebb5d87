from datetime import timedelta

from odoo.tools import format_date

from .common import date
from .test_calendar import CalendarCommon


class TestMoves(CalendarCommon):
    """A change of the calendar or of a type moves the open cases, each with an act."""

    def move(self, old, new):
        """Data of the act of a case whose operative and legal deadlines are one."""
        return {"old": old, "new": new, "old_legal": old, "new_legal": new}

    def test_extraordinary_day_moves_open_cases(self):
        case = self.make_case()
        self.add_day()
        self.assertEqual((case.date_deadline, case.date_legal), (date(2026, 12, 17), date(2026, 12, 17)))
        act = self.acts(case)
        self.assertEqual(act.data, self.move("2026-12-16", "2026-12-17"))
        self.assertEqual(act.user_id, self.administrator)
        self.assertIn(format_date(self.env, date(2026, 12, 1)), act.note)
        self.assertChain(case)

    def test_the_client_of_a_later_date_is_told(self):
        case, silent = self.make_case(), self.make_anonymous()
        day = self.add_day()
        self.assertTrue(case.sudo().date_notice_pending)
        self.assertFalse(silent.sudo().date_notice_pending, "nobody can be told")
        self.assertEqual(silent.date_deadline, date(2026, 12, 17))
        case.sudo().date_notice_pending = False
        day.unlink()
        self.assertEqual(case.date_deadline, date(2026, 12, 16))
        self.assertEqual(self.acts(case).mapped("data")[-1], self.move("2026-12-17", "2026-12-16"))
        self.assertFalse(case.sudo().date_notice_pending, "an earlier date hurts no client")

    def test_changing_the_date_of_a_day(self):
        case = self.make_case()
        day = self.add_day("2027-03-02")
        self.assertFalse(self.acts(case))
        day.date = date(2026, 12, 1)
        self.assertEqual(case.date_deadline, date(2026, 12, 17))
        day.date = date(2027, 3, 2)
        self.assertEqual(case.date_deadline, date(2026, 12, 16))

    def test_days_that_touch_no_term(self):
        case = self.make_case()
        for day in ("2026-11-24", "2026-11-28", "2026-12-08", "2026-12-17"):
            self.add_day(day)
        self.assertEqual(case.date_deadline, date(2026, 12, 16))
        self.assertFalse(self.acts(case))

    def test_suspended_cases_keep_their_suspension(self):
        case = self.make_case()
        case.action_request_information("Fotocopia de la cédula")
        self.add_day()
        self.assertTrue(case.suspended)
        self.assertFalse(case.date_deadline)
        self.assertFalse(self.acts(case))

    def test_closed_cases_never_move(self):
        answered = self.make_closed()
        withdrawn, cancelled = self.make_case(), self.make_case()
        withdrawn.action_withdraw("Desiste")
        cancelled.action_cancel("spam", "Publicidad")
        cases = answered | withdrawn | cancelled
        self.add_day()
        self.env.ref("sig_pqrs.type_queja").term_days = 10
        self.company.sig_saturday_counts = True
        self.assertEqual(set(cases.mapped("date_deadline")), {date(2026, 12, 16)})
        self.assertFalse(cases.sudo().act_ids.filtered(lambda act: act.kind == "calendar_change"))

    def test_terms_that_ended_before_the_day_do_not_move(self):
        case = self.make_case(date_received="2026-10-20")
        self.assertEqual(case.date_deadline, date(2026, 11, 11))
        self.add_day()
        self.assertEqual(case.date_deadline, date(2026, 11, 11))
        self.add_day("2026-11-10")
        self.assertEqual(case.date_deadline, date(2026, 11, 12), "a day declared afterwards counts all the same")

    def test_copies_follow_a_day_after_the_term(self):
        """The copies are due three business days after a term that is over."""
        case = self.make_case(type="informacion", date_received="2026-11-06")
        self.assertEqual(case.date_deadline, date(2026, 11, 23))
        self.assertEqual((case.next_duty, case.next_duty_date), ("copies", date(2026, 11, 26)))
        self.add_day("2026-11-25")
        self.assertEqual(case.next_duty_date, date(2026, 11, 27))

    def test_company_closure_moves_drafts_only(self):
        assignment = self.make_assignment()
        case, before = assignment.pqrs_id, assignment.date_due
        closure = before - timedelta(days=1)
        self.assertLess(before, case.date_deadline)
        self.add_day(closure, "company_closure")
        self.assertGreater(assignment.date_due, before)
        self.assertEqual(case.date_deadline, date(2026, 12, 16))
        self.assertFalse(self.acts(case))
        self.assertFalse(case.sudo().date_notice_pending)

    def test_drafts_follow_a_legal_day_too(self):
        assignment = self.make_assignment()
        before = assignment.date_due
        day = self.add_day(before)
        self.assertGreater(assignment.date_due, before)
        day.unlink()
        self.assertEqual(assignment.date_due, before)

    def test_settings_move_open_cases(self):
        for setting, deadline, legal in (
            ({"sig_policy_days": 10}, date(2026, 12, 9), date(2026, 12, 16)),
            ({"sig_saturday_counts": True}, date(2026, 12, 5), date(2026, 12, 12)),  # both of them
        ):
            with self.subTest(setting):
                case = self.make_case()
                self.company.write(setting)
                self.assertEqual((case.date_deadline, case.date_legal), (deadline, legal))
                self.assertEqual(len(self.acts(case)), 1)

    def test_term_of_a_type_moves_its_open_cases(self):
        complaint, claim = self.make_case(type="queja"), self.make_case(type="reclamo")
        kind = self.env.ref("sig_pqrs.type_queja").with_user(self.administrator)
        kind.term_days = 10
        self.assertEqual(complaint.date_deadline, date(2026, 12, 9))
        self.assertEqual(self.acts(complaint).data, self.move("2026-12-16", "2026-12-09"))
        self.assertEqual(claim.date_deadline, date(2026, 12, 16))
        self.assertFalse(self.acts(claim))

    def test_date_of_an_authority_never_moves(self):
        case = self.make_case(type="autoridad", authority_deadline="2026-12-10 20:00:00")
        self.add_day()
        self.assertEqual(case.date_deadline, date(2026, 12, 10))
        self.assertFalse(self.acts(case))


class TestTimeToComplete(CalendarCommon):
    """The months to complete: when they lapse somebody has to decide, and nothing happens by itself."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(type="sugerencia")
        self.case.action_request_information("Fotocopia de la cédula")
        self.builder.tell(self.case)

    def test_a_day_on_the_last_one_moves_it(self):
        self.add_day("2026-12-24")
        self.assertEqual(self.case.next_duty_date, date(2026, 12, 28))
