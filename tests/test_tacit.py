from functools import partial

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import date, freeze_time
from .test_client_steps import PDF, ClientCommon
from .test_communication import NoticeCommon

REQUIRED = "2026-11-24 15:00:00"


class TestTacitWithdrawal(ClientCommon, NoticeCommon):
    """Ley 1755 de 2015, art. 17: who did not know of a requirement, or answered it, withdraws nothing."""

    def require(self, case):
        self.as_director(case).action_request_information("La fecha de los hechos")
        return case.communication_ids.sorted("id")[-1:]

    def test_until_the_tenth_business_day(self):
        case = self.make_case(date_received="2026-11-03 15:00:00")
        with freeze_time("2026-11-19 15:00:00"):
            self.assertEachRaises(UserError, lambda: self.require(case), said="could be required until")
        with freeze_time("2026-11-18 15:00:00"):
            self.require(case)
        self.assertTrue(case.suspended)

    def tell(self, case, when):
        with freeze_time(when):
            self.builder.tell(case)

    def refused(self, case, text, when="2027-03-01 15:00:00"):
        """The case is not taken for withdrawn, and the user reads why."""
        with freeze_time(when), self.env.cr.savepoint(), self.assertRaisesRegex(UserError, text):
            self.env.invalidate_all()
            self.as_director(case).action_withdraw("No completó", tacit=True)
        self.assertEqual((case.state, case.outcome), ("received", False))

    def withdrawn(self, case, when):
        with freeze_time(when):
            self.env.invalidate_all()
            self.as_director(case).action_withdraw("No completó", tacit=True)
        self.assertEqual((case.state, case.outcome), ("closed", "tacitly_withdrawn"))
        self.assertChain(case)

    def test_mail_that_has_not_left(self):
        case = self.make_case()
        self.assertEqual(self.require(case).state, "queued")
        self.assertFalse(case._get_duty_date("complete"))
        self.refused(case, "has not been told")
        self.tell(case, "2026-12-01 15:00:00")
        self.assertEqual((case.next_duty, case.next_duty_date), ("complete", date(2027, 1, 4)))
        self.assertTrue(case.suspended)
        self.refused(case, "until", "2027-01-05 04:30:00")  # 23:30 of the 4th in Bogotá
        self.withdrawn(case, "2027-01-05 05:30:00")

    def test_letter_told_later(self):
        case = self.make_unaddressed()
        notice = self.require(case)
        self.refused(case, "has not been told")
        with freeze_time("2026-12-11 15:00:00"):
            case.invalidate_recordset()
            self.assertEqual([each["level"] for each in self.as_director(case).warnings if each["quote"]], ["danger"])
            self.as_director(notice).action_register_delivery("letter", date="2026-12-10", reference="Guía 1")
        self.assertEqual(case.next_duty_date, date(2027, 1, 12), "a month from the delivery, and over the holiday")
        self.withdrawn(case, "2027-01-13 15:00:00")

    def test_notice_that_came_back(self):
        case = self.make_case()
        notice = self.require(case)
        self.builder.tell(case)
        self.assertTrue(case._get_duty_date("complete"))
        notice.sudo()._fail("Buzón lleno")
        self.assertEqual((notice.state, case._get_duty_date("complete")), ("failed", False))
        self.refused(case, "has not been told")
        with freeze_time("2026-12-02 15:00:00"):
            self.as_director(notice).action_register_delivery("phone", date="2026-12-01", received_by="Ana Ruiz")
        self.assertEqual(case._get_duty_date("complete"), date(2027, 1, 4))

    def test_extended_before_it_was_told(self):
        case = self.make_case()
        self.require(case)
        self.assertNotIn("extend", self.see(case)["can"], "no last day is known yet")
        self.as_director(case).action_extend_completion("Lo pidió")
        [told] = case.sudo().communication_ids.filtered(lambda notice: notice.purpose == "message")
        self.assertNotIn("2026", told.body, "nobody knows yet from when the months run")
        self.tell(case, "2026-12-01 15:00:00")
        self.assertEqual(case._get_duty_date("complete"), date(2027, 2, 1))

    def test_dialog(self):
        case = self.make_case()
        self.require(case)
        form = self.open_step(case, "withdraw")
        self.assertFalse(form.can_be_tacit)
        self.assertIn("has not been told", form.tacit_refusal)
        self.builder.tell(case)
        with freeze_time("2026-12-28 15:00:00"):
            form = self.open_step(case, "withdraw")
            self.assertTrue(form.can_be_tacit)
            form.tacit, form.reason = True, "No completó"
            form.save().action_confirm()
        self.assertEqual(case.outcome, "tacitly_withdrawn")

    def make_waiting(self, **vals):
        case = self.make_own(**vals)
        self.require(case)
        self.builder.tell(case)
        return case

    def refuse(self, case, text="Falta la segunda página"):
        return self.as_director(case).action_refuse_completion(text)

    def test_by_hera_and_by_the_tracking_page(self):
        for vals, user in (
            ({}, self.portal),
            ({"identity_reserved": True}, self.portal),
            ({"restricted": True}, self.portal),
            ({"partner_id": False, "anonymous": True}, self.env.ref("base.public_user")),
        ):
            with self.subTest(**vals):
                case = self.make_case(**{"partner_id": self.portal.partner_id.id, **vals})
                notice = self.require(case)
                if notice.state == "draft":
                    self.as_director(notice).action_register_delivery("publication", reference="Página de seguimiento")
                self.builder.tell(case)
                self.assertEqual(case._get_duty_date("complete"), date(2026, 12, 24))
                self.client_step(self.as_client(case, user), "deliver", "Va", [PDF])
                self.activities(case).action_done()
                self.refused(case, "whether it is complete")
                self.refuse(case)
                self.withdrawn(case, "2026-12-28 15:00:00")

    def test_refused_as_incomplete(self):
        case = self.make_waiting()
        self.builder.receive(case, "Va")
        self.assertIn("refuse_completion", self.as_director(case).allowed_transitions)
        self.assertEachRaises(UserError, lambda: self.refuse(case, " "))
        with self.undone():
            form = self.open_step(case, "refuse_completion")
            self.builder.receive(case, "Va otra página")
            form.reason = "Falta la segunda página"
            form.save().action_confirm()
            self.assertIn("refuse_completion", self.as_director(case).allowed_transitions, "nobody judged the other page")
        self.refuse(case)
        self.assertEqual((case.suspended, case._get_duty_date("complete")), (True, date(2026, 12, 24)))
        self.assertEqual(self.see(case)["messages"][-1]["text"], "Falta la segunda página")
        self.assertEqual(case.communication_ids.filtered(lambda each: each.direction == "out").sorted("id")[-1:].purpose, "message")
        self.assertFalse(self.activities(case) or case.sudo()._get_waiting("information"))
        self.assertIn("completion_refused", self.kinds(case))
        self.assertEachRaises(UserError, lambda: self.refuse(case))
        self.client_step(self.as_client(case), "deliver", "Va la segunda página", [PDF])
        self.refused(case, "whether it is complete")
        self.as_director(case).action_register_completion()
        self.assertFalse(case.suspended)
        self.assertChain(case)

    def test_a_message_nobody_has_read(self):
        """It may ask for more time, which the law gives who asks in time."""
        case = self.make_waiting()
        self.client_step(self.as_client(case), "write", "Necesito un mes más")
        self.refused(case, "Read it")
        self.activities(case).action_done()
        self.withdrawn(case, "2026-12-28 15:00:00")

    def test_delivered_before_a_withdrawal_that_was_undone(self):
        case = self.make_waiting()
        self.client_step(self.as_client(case), "deliver", "Va", [PDF])
        self.as_director(case).action_withdraw("Lo pidió")
        self.as_director(case).action_reopen("Se retractó", "resume")
        self.assertTrue(case.suspended)
        self.activities(case).action_done()
        self.refused(case, "whether it is complete")


class TestTimeToComplete(ClientCommon):
    """Ley 1755 de 2015, art. 17: whoever asks for more time before it ends has it, whenever the SIG records it."""

    def test_asked_for_on_the_last_day_and_recorded_later(self):
        case = self.require(self.make_own())
        self.builder.tell(case)
        case = case.with_user(self.director)
        self.assertEqual(case._get_duty_date("complete"), date(2026, 12, 24))
        with freeze_time("2026-12-28 15:00:00"):
            days = ("2026-12-28", "2026-12-29", "2026-11-23")
            self.assertEachRaises(UserError, *(lambda day=day: case.action_extend_completion("Lo pidió", date=day) for day in days))
            case.action_extend_completion("Lo pidió el 24", date="2026-12-24")
        self.assertEqual(case._get_duty_date("complete"), date(2027, 1, 25))
        [act] = case.sudo().act_ids.filtered(lambda act: act.kind == "completion_extension")
        self.assertEqual(str(act.date)[:10], "2026-12-24")
        told = case.sudo().communication_ids.filtered(lambda notice: notice.purpose == "message")
        self.assertRegex(told.body, "25 de enero de 2027|January 25, 2027")
        self.assertIn("2027", told.mail_id.body_html)
        self.assertChain(case)

    def test_no_more_time_where_the_law_gives_none(self):
        """Ley 1581 de 2012, art. 15: two months, and nobody is offered more."""
        with freeze_time("2026-11-06 15:00:00"):
            case = self.make_own(type="datos_reclamo")
            notice = self.require(case)
            complaint = self.make_own()
            self.require(complaint)
            for each in (case, complaint):
                self.builder.tell(each)
        self.assertEqual(case._get_duty_date("complete"), date(2027, 1, 6))
        director = case.with_user(self.director)
        self.assertNotIn("extend_completion", director.allowed_transitions)
        self.assertIn("extend_completion", complaint.with_user(self.director).allowed_transitions)
        self.assertEachRaises(UserError, lambda: director.action_extend_completion("Lo pidió"))
        self.assertEqual(case._get_duty_date("complete"), date(2027, 1, 6))
        mails = {each: each.sudo().communication_ids.mail_id.body_html for each in (case, complaint)}
        self.assertTrue(notice)
        self.assertRegex(mails[complaint], "more time, once|más plazo, una sola vez")
        self.assertNotRegex(mails[case], "more time, once|más plazo, una sola vez|the same time")
        self.assertIn("extend", self.see(complaint)["can"])
        self.assertNotIn("extend", self.see(case)["can"])

    def test_time_that_its_new_type_does_not_give(self):
        with freeze_time("2026-11-06 15:00:00"):
            case = self.make_own(type="queja")
            self.require(case)
            self.builder.tell(case)
            director = case.with_user(self.director)
            director.action_extend_completion("Lo pidió")
            self.assertEqual(case._get_duty_date("complete"), date(2027, 1, 6))
            self.assertNotIn("extend", self.see(case)["can"], "once")
            kind = self.env.ref("sig_pqrs.type_habeas_reclamo")
            kind.active = True
            warnings = self.env["sig.term.change"]._preview_type(director, kind)[director][1]
            self.assertIn("completion_extension_ignored", warnings)
            director.action_reclassify(kind.id, "Es de habeas data")
        self.assertEqual(case._get_duty_date("complete"), date(2026, 12, 7))
        self.assertIn("of the time to complete does not count", self.explain(case))

    def test_terms_that_cannot_be_reach_no_case(self):
        case, kind = self.make_own(), self.env.ref("sig_pqrs.type_queja").with_user(self.administrator)
        bad = (
            (kind.copy, {"term_days": 0}), (kind.write, {"term_days": 0}), (kind.write, {"term_days": 2_000_000_000}),
            (kind.write, {"completion_extension_months": 2}),  # by as much as it gives, at most
        )  # fmt: skip
        with mute_logger("odoo.sql_db"):
            self.assertEachRaises(CheckViolation, *(partial(step, vals) for step, vals in bad), said="terms_possible")
        self.assertEqual(case.type_id.term_days, 15)

    def test_told_why_a_day_more_is_counted_when_nothing_was_left(self):
        case = self.make_own(type="informacion")
        extend = case.with_user(self.director).action_extend
        with freeze_time("2026-12-09 15:00:00"):
            self.assertEqual(case.date_deadline, date(2026, 12, 9))
            self.require(case)
            self.assertEachRaises(UserError, lambda: extend(1, "Falta un video"), said="ends on the same day")
        lines = self.explain(case)
        self.assertIn("No business day is left", lines)
        self.assertNotIn("Business days left: 0", lines)
        with freeze_time("2026-12-10 15:00:00"):
            case.with_user(self.director).action_register_completion()
            self.assertEqual(case.date_deadline, date(2026, 12, 11))
            self.assertIn("No business day was left when it was delivered", self.explain(case))
            self.assertEachRaises(UserError, lambda: extend(1, "Falta un video"), said="ends on the same day")
            self.assertEachRaises(UserError, lambda: self.require(case))  # once
            extend(2, "Falta un video")
        self.assertEqual(case.date_deadline, date(2026, 12, 14))
        self.company.sig_policy_days, case = 5, self.make_own()
        with freeze_time("2026-12-04 15:00:00"):
            own = self.require(case).with_user(self.director)
            own.action_register_completion()
            self.assertEachRaises(UserError, lambda: own.action_extend(4, "Falta un video"), said="ends on the same day")
