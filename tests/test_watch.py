from datetime import datetime
from unittest.mock import patch

from .common import SigCommon, date, freeze_time, real_clock


@freeze_time("2026-11-03 15:00:00")
class TestWatch(SigCommon):
    """The daily review: states, reminders, escalation and digest; after missed days, twice, and with a broken record."""

    activity_type = "sig_pqrs.activity_deadline"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).sig_watch_hour = 23
        # due on 2026-11-25: Monday 16 November is a holiday
        cls.case = cls.builder.file({"partner_id": cls.contact.id, "type": "queja"})

    def mails(self, text):
        return self.env["mail.mail"].search([("subject", "like", text)])

    def test_states_day_by_day(self):
        for day, state in (
            ("2026-11-18", "on_track"), ("2026-11-19", "on_track"), ("2026-11-20", "due_soon"),
            ("2026-11-24", "due_soon"), ("2026-11-25", "due_today"), ("2026-11-26", "overdue"), ("2026-12-10", "overdue"),
        ):
            self.watch(f"{day} 12:00:00")
            self.assertEqual(self.case.deadline_state, state, day)

    def test_nobody_is_reminded_of_a_date_that_moved(self):
        self.watch("2026-11-24 12:00:00")
        self.assertTrue(self.activities(self.case))
        with freeze_time("2026-11-24 15:00:00"):
            self.case.with_user(self.director).action_extend(5, "Faltan las grabaciones.")
        self.watch("2026-11-25 12:00:00")
        self.assertEqual((self.case.deadline_state, self.activities(self.case).ids), ("on_track", []))

    def test_morning_of_the_company(self):
        self.watch("2026-11-25 10:59:00")  # 5:59 in Bogotá
        self.assertNotEqual(self.company.sig_watched_on, date(2026, 11, 25))
        self.watch("2026-11-25 11:00:00")
        self.assertEqual(self.company.sig_watched_on, date(2026, 11, 25))

    def test_one_broken_record_stops_no_other(self):
        broken = self.make_case()
        with self.breaks_on(broken, "sig.pqrs", "_enter_deadline_state"):
            self.watch("2026-11-26 12:00:00")
        self.assertEqual((self.case.deadline_state, broken.deadline_state), ("overdue", "on_track"))
        self.watch("2026-11-27 12:00:00")
        self.assertEqual(broken.deadline_state, "overdue", "it is taken up again the next day")

    def test_responsible_then_leader_then_sig(self):
        with freeze_time("2026-11-03 16:00:00"):
            assignment = self.builder.assign(self.case, self.operations)
        self.assertEqual(assignment.date_due, date(2026, 11, 13))
        self.watch("2026-11-11 12:00:00")
        self.assertEqual((assignment.deadline_state, assignment.activity_ids.user_id), ("due_soon", self.collaborator))
        self.assertFalse(self.activities(assignment), "the draft itself is asked for by that day")
        self.watch("2026-11-13 12:00:00")
        self.assertEqual(self.activities(assignment).user_id, self.leader)
        self.watch("2026-11-26 12:00:00")
        self.assertEqual((self.case.deadline_state, self.activities(self.case).user_id), ("overdue", self.director))
        people = self.leader | self.director
        self.assertEqual(set(self.mails("OVERDUE").mapped("email_to")), set(people.mapped("email_formatted")), "by the automation rule")

    def test_a_draft_that_a_step_makes_overdue(self):
        assignment = self.builder.assign(self.case, self.operations)
        other = self.make_assignment(date_due=date(2026, 11, 23))
        self.case.with_user(self.director).action_request_information("La fecha")
        with freeze_time("2026-11-24 16:00:00"):
            self.case.with_user(self.director).action_register_completion("2026-11-10")  # it came days ago
            self.as_director(other.pqrs_id).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        self.watch("2026-11-25 12:00:00")
        for draft in assignment, other:
            self.assertEqual((draft.deadline_state, self.activities(draft).user_id), ("overdue", self.leader))

    def test_escalated_once_after_a_broken_one_and_again_when_overdue_again(self):
        broken = self.make_case()
        with self.breaks_on(broken, "sig.pqrs", "_notify_overdue"):
            self.watch("2026-11-26 12:00:00")
        self.assertIn(self.case.name, "".join(self.mails("OVERDUE").mapped("subject")))
        self.assertEqual(len(self.mails("OVERDUE")), 1)
        self.watch("2026-11-27 12:00:00")
        self.assertIn(broken.name, "".join(self.mails("OVERDUE").mapped("subject")), "it is tried again")
        self.assertEqual(len(self.mails("OVERDUE")), 2)
        self.case.sudo().date_deadline = date(2026, 12, 3)
        self.watch("2026-11-30 12:00:00")
        self.assertFalse(self.case.date_escalation)
        self.watch("2026-12-04 12:00:00")
        self.assertEqual(len(self.mails(f"OVERDUE: {self.case.name}%")), 2)

    def test_a_review_that_takes_long_escalates_after_it(self):
        Review = self.env.registry["sig.daily.review"]
        move = Review._move_approvals
        with freeze_time("2026-11-26 12:00:00") as clock:

            def move_approvals(review, company):
                clock.move_to("2026-11-26 12:30:00")
                return move(review, company)

            with patch.object(Review, "_move_approvals", move_approvals):
                self.run_cron("sig_pqrs.cron_watch")
        self.env.invalidate_all()
        self.assertGreater(self.case.date_escalation, datetime(2026, 11, 26, 12, 30))

    def test_untriaged_after_one_business_day(self):
        self.watch("2026-11-03 15:30:00")
        self.assertFalse(self.activities(self.case, "sig_pqrs.activity_sig"))
        self.watch("2026-11-04 12:00:00")
        self.assertEqual(self.activities(self.case, "sig_pqrs.activity_sig").user_id, self.director)
        self.watch("2026-11-05 12:00:00")
        self.assertEqual(len(self.activities(self.case, "sig_pqrs.activity_sig")), 1)

    def test_drafts_of_settled_cases_are_left_alone(self):
        with freeze_time("2026-11-03 16:00:00"):
            assignment = self.builder.assign(self.case, self.operations)
            self.case.with_user(self.director).action_transfer("Policía Nacional", "Es de su competencia")
        self.watch("2026-11-26 12:00:00")
        self.assertEqual((assignment.deadline_state, assignment.activity_ids.ids), ("not_applicable", []))

    def test_a_company_that_fails_stops_no_other(self):
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        with self.breaks_on(self.company, "sig.daily.review", "_watch_company"):
            self.watch("2026-11-24 12:00:00")
        self.assertEqual((other.sig_watched_on, self.company.sig_watched_on), (date(2026, 11, 24), False))
        self.watch("2026-11-24 13:00:00")
        self.assertEqual(self.company.sig_watched_on, date(2026, 11, 24))

    def test_a_review_that_meets_another_transaction_starts_again(self):
        companies = self.env["res.company"].search([])
        for model, name, watched_on in (("sig.daily.review", "_watch_company", False), ("sig.digest", "_send_digests", date(2026, 11, 26))):
            companies.sig_watched_on = watched_on
            with self.subTest(name), freeze_time("2026-11-26 12:00:00"):
                self.assertTriedAgain(model, name, self.env["sig.daily.review"].sudo()._cron_watch)

    def test_on_mondays_the_sig_is_told_of_differences_of_the_calendar(self):
        with freeze_time("2026-11-20 15:00:00"):
            days = self.env["sig.nonworking.day"].search([("company_id", "=", self.company.id), ("kind", "=", "holiday")])
            days.filtered(lambda day: day.date == date(2026, 12, 25)).sudo().unlink()
            days.sudo().create({"name": "Cívico", "kind": "holiday", "date": "2026-12-01", "company_id": self.company.id})
        generate = patch.object(self.env.registry["sig.nonworking.day"], "_generate", lambda *_args: None)
        subject = "The calendar differs from the published holidays"
        with generate:
            self.watch("2026-11-20 12:00:00")  # a Friday
            self.assertFalse(self.mails(subject))
            self.watch("2026-11-23 12:00:00")
        mail = self.mails(subject)
        self.assertEqual(mail.email_to, self.director.email_formatted)
        self.assertHolds(mail.body_html, "and not in the calendar: 25/12/2026, Navidad", "and not published: 01/12/2026, Cívico")
        with freeze_time("2026-11-23 15:00:00"):
            dates = self.env["sig.nonworking.day"].search([("company_id", "=", self.company.id)]).mapped("date")
        self.assertNotIn(date(2026, 12, 25), dates, "nothing moves by itself")

    def test_lapsed_completion_is_a_duty_and_closes_nothing(self):
        with freeze_time("2026-11-06 15:00:00"):
            self.case.with_user(self.director).action_request_information("La fecha de los hechos")
            self.builder.tell(self.case)
        self.assertEqual((self.case.next_duty, self.case.next_duty_date), ("complete", date(2026, 12, 7)))
        self.watch("2026-12-04 12:00:00")
        self.assertEqual(self.activities(self.case, "sig_pqrs.activity_duty").user_id, self.director)
        with self.undone(), freeze_time("2026-12-04 15:00:00"):
            self.case.with_user(self.director).action_extend_completion("Lo pidió")
            self.watch("2026-12-07 12:00:00")
            self.assertFalse(self.activities(self.case, "sig_pqrs.activity_duty"))
        self.watch("2026-12-10 12:00:00")
        self.assertEqual(self.case.state, "received")

    def test_next_duty_follows_the_days(self):
        self.assertEqual((self.case.next_duty, self.case.next_duty_date), ("transfer", date(2026, 11, 10)))
        self.watch("2026-11-11 12:00:00")
        self.assertEqual((self.case.next_duty, self.case.next_duty_date), ("require", date(2026, 11, 18)))
        self.watch("2026-11-19 12:00:00")
        self.assertFalse(self.case.next_duty)

    def test_the_term_runs_before_it_is_filed(self):
        case = self.make_unfiled(type_id=self.env.ref("sig_pqrs.type_informacion").id)
        self.assertEqual((case.deadline_state, case.date_deadline), ("on_track", date(2026, 11, 18)))
        self.assertFalse(case.acknowledgement_pending)
        self.watch("2026-11-17 12:00:00", digests=True)
        self.assertEqual((case.deadline_state, self.activities(case).user_id), ("due_soon", self.director))
        self.assertIn("To file (1)", self.mails("Your PQRS of today")[:1].subject)
        self.watch("2026-11-20 12:00:00")
        self.assertEqual((case.deadline_state, self.mails("OVERDUE").mapped("email_to")), ("overdue", [self.director.email_formatted]))
        self.assertEqual((case.next_duty, case.next_duty_date), ("copies", date(2026, 11, 23)))
        self.assertTrue(self.activities(case, "sig_pqrs.activity_duty"))
        with freeze_time("2026-11-20 15:00:00"):
            case.with_user(self.director).action_discard("Es publicidad")
        self.assertEqual(case.deadline_state, "not_applicable")
        self.assertFalse(self.activities(case))

    def test_the_regulator_hides_no_other_duty(self):
        case = self.make_case(type="datos_reclamo", involves_staff=True, involves_incident=True).with_user(self.director)
        self.assertEqual(case.next_duty, "regulator")
        self.watch("2026-11-04 12:00:00")
        self.assertEqual(
            sorted(self.activities(case, "sig_pqrs.activity_duty").mapped("summary")),
            ["Last day to transfer", "Mark “claim in process”"],
        )
        self.assertEqual(self.activities(case, "sig_pqrs.activity_regulator").user_id, self.director)
        with freeze_time("2026-11-04 15:00:00"):
            with self.undone():
                self.builder.assign(case, self.operations)
                self.assertEqual(self.activities(case, "sig_pqrs.activity_duty").summary, "Mark “claim in process”")
            case.action_mark_claim()
        self.watch("2026-11-05 12:00:00")
        self.assertEqual(self.activities(case, "sig_pqrs.activity_duty").summary, "Last day to transfer")
        self.assertEqual(len(self.activities(case, "sig_pqrs.activity_regulator")), 1)

    def test_an_answered_case_that_owes_the_regulator_is_reminded(self):
        with freeze_time("2026-11-06 15:00:00"):
            self.case.with_user(self.director).write({"involves_staff": True, "involves_incident": True})
            self.builder.send(self.builder.answer(self.case, self.operations))
        self.activities(self.case, "sig_pqrs.activity_regulator").action_feedback(feedback="Mañana lo hago")
        for _day in range(2):
            self.watch("2026-11-09 12:00:00")
            activity = self.activities(self.case, "sig_pqrs.activity_regulator")
            self.assertEqual((activity.user_id, activity.date_deadline), (self.director, date(2026, 11, 6)))
            self.company.sig_watched_on = False
        self.assertFalse(self.activities(self.case, "sig_pqrs.activity_duty"))
        with freeze_time("2026-11-09 15:00:00"):
            self.case.with_user(self.director).action_register_regulator_notice("Radicado 7")
        self.watch("2026-11-10 12:00:00")
        self.assertFalse(self.activities(self.case, "sig_pqrs.activity_regulator"))

    def test_no_digest_on_a_holiday(self):
        for day in ("2026-11-28", "2026-12-08"):
            self.watch(f"{day} 12:00:00", digests=True)
            self.assertFalse(self.mails("Your PQRS of today"), day)
        self.watch("2026-12-09 12:00:00", digests=True)
        self.assertTrue(self.mails("Your PQRS of today"))

    def test_numbers_and_holidays_are_made_ahead(self):
        self.watch("2027-12-20 12:00:00")
        sequence = self.env["sig.case.number"]._get_sequences(self.company)[self.company]
        self.assertIn(2028, [range_.date_from.year for range_ in sequence.date_range_ids])
        self.assertTrue(self.env["sig.nonworking.day"].search_count([
            ("company_id", "=", self.company.id), ("date", ">=", "2029-01-01"), ("date", "<=", "2029-12-31"),
        ]))


@real_clock
class TestBulk(SigCommon):
    """Many at once; that their queries do not grow with their number, `dev/bench` judges."""

    def file(self, count):
        cases = self.builder.file([{"partner_id": self.contact.id} for _case in range(count)])
        return cases.browse(cases.ids)

    def test_overdue_together(self):
        with freeze_time("2026-11-03 15:00:00"):
            cases = self.file(3)
        self.watch("2026-11-26 12:00:00")
        mails = self.env["mail.mail"].search([("subject", "like", "OVERDUE"), ("email_to", "=", self.director.email_formatted)])
        self.assertIn("and 2 more", mails.subject)
        self.assertHolds(mails.body_html, *cases.mapped("name"))
        for late in cases:
            self.assertTrue(self.activities(late, "sig_pqrs.activity_deadline"))

    def test_one_mail_for_one_gesture(self):
        cases = self.file(3)
        for given, subject in ((cases[:2], "and 1 more"), (cases[2], cases[2].name)):
            known = self.env["mail.mail"].search([])
            given.with_user(self.director).action_assign([
                {"process_id": self.operations.id, "user_id": self.collaborator.id, "instruction": "Revise <la ronda>"},
            ])
            mail = self.env["mail.mail"].search([("email_to", "=", self.collaborator.email_formatted)]) - known
            self.assertEqual(len(mail), 1)
            self.assertIn(subject, mail.subject)
            self.assertEqual("more" in mail.subject, len(given) > 1)
            for assignment in given.assignment_ids:
                self.assertIn(f"res_id={assignment.id}", mail.body_html)
                self.assertIn(assignment.pqrs_id.name, f"{mail.subject} {mail.body_html}")
            self.assertIn("Revise &lt;la ronda&gt;", mail.body_html)
            self.assertEqual(len(given.assignment_ids.activity_ids.filtered(lambda each: each.user_id == self.collaborator)), len(given))
