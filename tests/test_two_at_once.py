"""Two transactions on the same case, wave or measure: one does it, the other starts again and finds it done.

Drafts are in test_two_hands, reviews in test_two_close, answers to a survey and its close in test_survey_close, acts in
test_act, one petition sent twice in test_intake.
"""

import psycopg2.errors

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.addons.sig_pqrs.tools.periods import Period
from odoo.service import model as service_model

from .common import Conflict, OwnTransactions, SigCommon, date, erase
from .test_survey_close import AtOnce


class TwoOnOneCase(OwnTransactions):
    def setUp(self):
        super().setUp()
        with self.committed() as env:
            people = self.make_people(env, "director", "director", "leader")
            builder = CaseBuilder(env, people[0])
            process = builder.make_process("ONCE", "A la vez", people[2], people[2])
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
        cr.flush()

    def test_two_assign(self):
        told = self.assertSecondStartsAgain(self.assign)
        with self.registry.cursor() as cr:
            self.assertEqual(len(self.case(cr).sudo().assignment_ids), 1)
        self.assertEqual(self.count("assigned"), 1)
        self.assertTrue(told)

    def test_two_send(self):
        with self.registry.cursor() as cr:
            self.assign(cr)
            assignment = self.case(cr).assignment_ids.with_user(self.user_ids[2])
            assignment.response = "<p>Revisamos los hechos.</p>"
            assignment.action_submit()
            assignment.action_approve()

        def send(cr):
            self.case(cr).action_send_response()
            cr.flush()

        self.assertTrue(self.assertSecondStartsAgain(send))
        with self.registry.cursor() as cr:
            case = self.case(cr).sudo()
            mails = case.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id), ("sig_purpose", "=", "response")])
            self.assertEqual((mails, case.delivery_state), (case.delivery_id.mail_id, "pending"))
            letters = case.env["ir.attachment"].search([("res_model", "=", "sig.pqrs"), ("res_id", "=", case.id), ("name", "=", case.letter_id.name)])
            self.assertEqual(letters, case.letter_id)
        self.assertEqual(self.count("response_sent"), 0, "it has not left")

    def test_two_cancel_and_withdraw(self):
        """Different steps, too: the second finds the case settled."""
        self.assertTrue(self.assertSecondStartsAgain(
            lambda cr: self.case(cr).action_withdraw("Desiste"),
            lambda cr: self.case(cr, 1).action_cancel("spam", "Publicidad"),
        ))
        self.assertEqual((self.count("withdrawn"), self.count("cancelled")), (1, 0))


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
        cr.flush()

    def queue(self, cr):
        """As the job does."""
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
        self.assertIn("launched already", self.assertSecondStartsAgain(self.launch))
        with self.registry.cursor() as cr:
            self.queue(cr)
        self.assertAskedOnce()

    def test_two_jobs(self):
        """Of two workers, one prepares the sheet and the mail; the other passes over who is being worked on."""
        with self.hands() as (first, second):
            self.launch(first)
            first.commit()
            second.execute("SELECT state FROM sig_survey_wave WHERE id = %s", [self.wave_id])
            self.queue(first)
            self.queue(second)  # locked: passed over
            second.commit()
            second.execute("SELECT state FROM sig_survey_wave WHERE id = %s", [self.wave_id])
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
        cr.flush()

    def confirm(self, cr):
        self.indicator(cr).measure_ids.action_confirm()
        cr.flush()

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
