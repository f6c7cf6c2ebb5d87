"""Two transactions on the same case, draft, wave, measure or review: one does it, the other starts again and finds it done.

Answers to a survey and its close are in test_survey_close, acts in test_act, one petition sent twice in test_intake.
"""

import psycopg2.errors

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.addons.sig_pqrs.tools.periods import Period
from odoo.exceptions import UserError
from odoo.service import model as service_model

from .common import Conflict, OwnTransactions, SigCommon, date, erase
from .test_survey_close import AtOnce


class TwoOnOneCase(OwnTransactions):
    #: of `user_ids`; the first director files the case, the first leader has its process
    roles = ("director", "director", "leader")

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            people = self.make_people(env, *self.roles)
            leader = people[self.roles.index("leader")]
            builder = CaseBuilder(env, people[self.roles.index("director")])
            process = builder.make_process("ONCE", "A la vez", leader, leader)
            case = builder.file({"subject": "A la vez", "email_from": "ana@example.com", "partner_name": "Ana"})
            self.process_id, self.case_id = process.id, case.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.committed() as env:
            case = env["sig.pqrs"].browse(self.case_id)
            env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", self.case_id)]).unlink()
            env.cr.execute("UPDATE sig_pqrs SET letter_id = NULL, delivery_id = NULL WHERE id = %s", [self.case_id])
            env.invalidate_all()
            for records in (case.act_ids, case.communication_ids, case.with_context(active_test=False).assignment_ids, case):
                erase(records)
            erase(env["sig.process"].browse(self.process_id))

    def case(self, cr, hand=0):
        return api.Environment(cr, self.user_ids[hand], {"lang": "en_US"})["sig.pqrs"].browse(self.case_id)

    def count(self, kind):
        with self.registry.cursor() as cr:
            case = self.case(cr).sudo()
            self.assertFalse(case.env["sig.pqrs.act"]._verify(case))
            return case.act_ids.mapped("kind").count(kind)


class TestTwoOnOneCase(TwoOnOneCase):
    def assign(self, cr):
        self.case(cr, 1).action_assign([{"process_id": self.process_id}])

    def test_two_assign(self):
        told = self.assertSecondStartsAgain(self.assign)
        with self.registry.cursor() as cr:
            self.assertEqual(len(self.case(cr).sudo().assignment_ids), 1)
        self.assertEqual(self.count("assigned"), 1)
        self.assertTrue(told)

    def test_two_make_the_same_person_follow(self):
        """As a step and a returned mail that both give somebody something to do; core would refuse the second."""

        def follow(cr):
            case = self.case(cr)
            case.message_subscribe(case.env["res.users"].browse(self.user_ids[1]).partner_id.ids)

        self.assertIsNone(self.assertSecondStartsAgain(follow))

    def test_two_send(self):
        with self.registry.cursor() as cr:
            self.assign(cr)
            assignment = self.case(cr).assignment_ids.with_user(self.user_ids[2])
            assignment.response = "<p>Revisamos los hechos.</p>"
            assignment.action_submit()
            assignment.action_approve()

        self.assertTrue(self.assertSecondStartsAgain(lambda cr: self.case(cr).action_send_response()))
        with self.registry.cursor() as cr:
            case = self.case(cr).sudo()
            mails = case.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id), ("sig_purpose", "=", "response")])
            self.assertEqual((mails, case.delivery_state), (case.delivery_id.mail_id, "pending"))
            letters = case.env["ir.attachment"].search([("res_model", "=", "sig.pqrs"), ("res_id", "=", case.id), ("name", "=", case.letter_id.name)])
            self.assertEqual(letters, case.letter_id)
        self.assertEqual(self.count("response_sent"), 0, "it has not left")


class TwoHands(TwoOnOneCase):
    """Two people on one draft at the same time: one clean result, and never an act too many."""

    roles = ("leader", "leader", "director")

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            env["sig.process"].browse(self.process_id).deputy_ids = env["res.users"].browse(self.user_ids[1])
            case = env["sig.pqrs"].browse(self.case_id)
            case.action_assign([{"process_id": self.process_id}])
            assignment = case.assignment_ids
            assignment.response = "<p>Revisamos los hechos.</p>"
            assignment.action_submit()
            self.assignment_id = assignment.id

    def act(self, cr, hand, step, *args):
        env = api.Environment(cr, self.user_ids[hand], {"lang": "en_US"})
        getattr(env["sig.pqrs.assignment"].browse(self.assignment_id), f"action_{step}")(*args)


class TestTwoHands(TwoHands):
    def test_at_the_very_same_time(self):
        """Whoever comes first wins; the other waits, starts again, and is told that there is nothing left to do."""
        approved, returned = self.run_at_once(
            lambda cr: self.act(cr, 0, "approve"), lambda cr: self.act(cr, 1, "return", "Falta la fecha")
        )
        self.assertNotEqual(isinstance(approved, UserError), isinstance(returned, UserError))
        kind = "returned" if isinstance(approved, UserError) else "approved"
        with self.committed() as env:
            assignment = env["sig.pqrs.assignment"].browse(self.assignment_id)
            case = assignment.pqrs_id
            self.assertEqual((assignment.state, case.state), (kind, "approved" if kind == "approved" else "assigned"))
            self.assertEqual(case.act_ids.sorted("number").mapped("kind"), ["received", "assigned", "submitted", kind])
            self.assertFalse(env["sig.pqrs.act"]._verify(case))


class TestTwoDeliver(TwoOnOneCase):
    """Two directors who record how one petitioner was told, or a mail that leaves meanwhile."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            self.case(cr).action_extend(5, "Faltan registros")

    def tell(self, cr, hand):
        self.case(cr, hand).communication_ids.action_register_delivery("phone", received_by=f"Ana {hand}")

    def leave(self, cr):
        self.case(cr).sudo().communication_ids._on_mail_done()

    def assertTold(self, **values):
        with self.registry.cursor() as cr:
            [told] = self.case(cr).sudo().communication_ids
            self.assertEqual({name: told[name] for name in values}, values)
        self.assertEqual(self.count("notified"), 1)

    def test_its_mail_leaves_once_it_was_told(self):
        self.assertFalse(self.assertSecondStartsAgain(lambda cr: self.tell(cr, 0), self.leave))
        self.assertTold(state="delivered", received_by="Ana 0")

    def test_told_once_its_mail_left(self):
        self.assertIn("not possible now", self.assertSecondStartsAgain(self.leave, lambda cr: self.tell(cr, 1)))
        self.assertTold(state="sent", received_by=False)


class TestTwoLaunchOneWave(AtOnce):
    launched = False
    address = {"email": "once@example.com"}

    def setUp(self):
        super().setUp()
        self.questionnaire_id = self.survey_id

    def clean_up(self):
        with self.registry.cursor() as cr:
            wave = self.wave(cr)
            wave.env["mail.mail"].search([("model", "=", wave.recipient_ids._name), ("res_id", "in", wave.recipient_ids.ids)]).unlink()
            self.survey_id = wave.survey_id.id
        self.assertNotEqual(self.survey_id, self.questionnaire_id, "the test launched it")
        return super().clean_up()

    def launch(self, cr):
        self.wave(cr).action_launch()

    def queue(self, cr):
        recipients = self.wave(cr).recipient_ids
        recipients.search([("id", "in", recipients.ids), ("queued", "=", True)]).try_lock_for_update()._process_queue()
        cr.flush()

    def assertAskedOnce(self):
        with self.registry.cursor() as cr:
            recipient = self.wave(cr).recipient_ids
            self.assertEqual(recipient.partner_id.id, self.client_id)
            sheets = recipient.env["survey.user_input"].search([("survey_id", "=", self.wave(cr).survey_id.id)])
            self.assertEqual(sheets, recipient.user_input_id)
            mails = recipient.env["mail.mail"].search([("model", "=", recipient._name), ("res_id", "=", recipient.id)])
            self.assertEqual(len(mails), 1)

    def test_two_launch(self):
        self.assertIn("not possible now", self.assertSecondStartsAgain(self.launch))
        with self.registry.cursor() as cr:
            self.queue(cr)
        self.assertAskedOnce()

    def test_two_jobs(self):
        """Of two workers, one prepares the sheet and the mail; the other passes over who is being worked on."""
        with self.hands() as (first, second):
            self.launch(first)
            first.commit()
            self.see(second)
            self.queue(first)
            self.queue(second)  # locked: passed over
            second.commit()
            self.see(second)
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self.queue(second)
            second.rollback()
            self.queue(second)
            second.commit()
        self.assertAskedOnce()


class TestTwoOnOneMeasure(OwnTransactions):
    PERIOD = Period(date(2024, 3, 1), date(2024, 3, 31))

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            self.indicator_id = env["sig.indicator"].create(
                {"name": "A la vez", "code": "ONCE", "kind": "received", "unit": "count", "direction": "neutral"}
            ).id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.registry.cursor() as cr:
            indicator = self.indicator(cr)
            erase(indicator.measure_ids)
            erase(indicator)

    def indicator(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})["sig.indicator"].browse(self.indicator_id)

    def measure(self, cr):
        indicator = self.indicator(cr)
        indicator._measure(indicator.env.company, self.PERIOD)

    def confirm(self, cr):
        self.indicator(cr).measure_ids.action_confirm()

    def assertMeasuredOnce(self, state):
        with self.registry.cursor() as cr:
            self.assertEqual(self.indicator(cr).measure_ids.mapped("state"), [state])

    def test_two_confirm(self):
        with self.registry.cursor() as cr:
            self.measure(cr)
        self.assertIn("not possible now", self.assertSecondStartsAgain(self.confirm))
        self.assertMeasuredOnce("confirmed")

    def test_measured_again_while_it_is_confirmed(self):
        """What was confirmed keeps the figures that were confirmed."""
        with self.registry.cursor() as cr:
            self.measure(cr)
        self.assertFalse(self.assertSecondStartsAgain(self.confirm, self.measure))
        self.assertMeasuredOnce("confirmed")


class TestTwoClose(OwnTransactions):
    """Two people who close one review, whose period is long over: it is closed once, frozen once, with one PDF."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            people = self.make_people(env, "director", "management")
            review = env["sig.management.review"].with_user(people[0]).create({
                "date_from": "2024-01-01", "date_to": "2024-06-30", "date": "2024-07-15", "participants": "Gerencia",
                "conclusion": "Conveniente, adecuado y eficaz.",
            })
            env["sig.management.decision"].with_user(people[0]).create({
                "review_id": review.id, "name": "Contratar un analista", "kind": "resources",
                "user_id": people[0].id, "date_due": "2024-09-30",
            })
            review.action_hold()
            self.review_id = review.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.committed() as env:
            review = env["sig.management.review"].browse(self.review_id)
            decisions, sections = review.decision_ids, review.section_ids
            env.cr.execute("UPDATE sig_management_review SET pdf_id = NULL WHERE id = %s", [self.review_id])
            for records in (decisions, sections, review):
                erase(records)

    def review(self, cr, hand):
        env = api.Environment(cr, self.user_ids[hand], {"lang": "en_US"})
        return env["sig.management.review"].browse(self.review_id)

    def close(self, cr, hand):
        self.review(cr, hand).action_close()

    def assertClosedOnce(self, hand):
        with self.committed() as env:
            review = env["sig.management.review"].browse(self.review_id)
            self.assertEqual((review.state, review.closed_by_id.id), ("closed", self.user_ids[hand]))
            self.assertTrue(review.is_intact)
            files = env["ir.attachment"].search([("res_model", "=", review._name), ("res_id", "=", review.id)])
            self.assertEqual((files, len(review.decision_ids.activity_ids)), (review.pdf_id, 1))

    def test_at_the_very_same_time(self):
        results = self.run_at_once(lambda cr: self.close(cr, 0), lambda cr: self.close(cr, 1))
        [closer] = [hand for hand, result in enumerate(results) if not isinstance(result, UserError)]
        self.assertClosedOnce(closer)

    def test_written_while_it_is_closed(self):
        """What somebody else was writing starts again, and is refused: nothing is written beside what was frozen."""

        def write_conclusion(cr):
            self.review(cr, 1).conclusion = "Otra"

        def write_analysis(cr):
            self.review(cr, 1).section_ids[0].analysis = "Otro"

        with self.hands() as (first, second), self.registry.cursor() as third:
            for cr in (second, third):
                cr.execute("SELECT state FROM sig_management_review WHERE id = %s", [self.review_id])
            self.close(first, 0)
            first.commit()
            self.assertTrue(self.assertStartsAgain(write_conclusion, second))
            self.assertTrue(self.assertStartsAgain(write_analysis, third))
        self.assertClosedOnce(0)


class TestJobsThatMeetAnother(SigCommon):
    """What a job does on a record that somebody else changes is not lost until its next hour, and is no failure."""

    def test_acts_that_hold_are_not_called_altered(self):
        self.make_case()
        calls, acts = [], self.registry["sig.pqrs.act"]
        verify = acts._verify

        def meet_another(records, *args, **kwargs):
            calls.append(records)
            if len(calls) == 1:
                raise Conflict
            return verify(records, *args, **kwargs)

        self.patch(acts, "_verify", meet_another)
        self.patch(service_model.time, "sleep", lambda _seconds: None)
        self.run_cron("sig_pqrs.cron_act_check")
        check = self.env["sig.act.check"].search([("company_id", "=", self.company.id)], limit=1)
        self.assertEqual((bool(check.date_done), check.fault_count), (True, 0))
