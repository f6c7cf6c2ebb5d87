"""Two at once, each with a connection of its own: answers and the close, two answers."""
import psycopg2.errors

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.demo.survey_builder import SurveyBuilder

from .common import OwnTransactions, erase


class AtOnce(OwnTransactions):
    #: whether the client has been asked, and how it is reached
    launched = True
    address = {"phone": "1"}

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            client = env["res.partner"].create({"name": "Conjunto que responde tarde", "is_company": True, **self.address})
            wave = env["sig.survey.wave"].create({"year": 2099, "semester": "1", "population_domain": f"[('id', '=', {client.id})]"})
            if self.launched:
                wave.action_launch()
                wave.recipient_ids._process_queue()
            self.client_id, self.wave_id, self.survey_id = client.id, wave.id, wave.survey_id.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.committed() as env:
            recipients = env["sig.survey.wave"].browse(self.wave_id).recipient_ids
            env.cr.execute("UPDATE sig_survey_recipient SET user_input_id = NULL WHERE wave_id = %s", [self.wave_id])
            env.cr.execute("DELETE FROM survey_user_input_line WHERE survey_id = %s", [self.survey_id])
            env.cr.execute("DELETE FROM survey_user_input WHERE survey_id = %s", [self.survey_id])
            erase(recipients)
            erase(env["sig.survey.wave"].browse(self.wave_id))
            measures = env["sig.indicator.measure"].search([("date_from", "=", "2099-01-01")])
            erase(env["sig.finding"].search([("measure_ids", "in", measures.ids)]))
            erase(measures)
            env["survey.survey"].browse(self.survey_id).unlink()
            env["res.partner"].browse(self.client_id).unlink()

    def wave(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})["sig.survey.wave"].browse(self.wave_id)

    def answer(self, cr, value=5):
        wave = self.wave(cr)
        wave._hold_open()
        SurveyBuilder(wave.env, wave.env.user).answer(wave.recipient_ids, value)

    def recipient(self, cr, uid=SUPERUSER_ID):
        return self.wave(cr).recipient_ids.with_user(uid)

    def close(self, cr):
        self.wave(cr).action_close()
        cr.flush()

    def see(self, cr):
        """What a transaction sees is what there is now."""
        cr.execute("SELECT state FROM sig_survey_wave WHERE id = %s", [self.wave_id])


class TestAnswerWhileClosing(AtOnce):
    def assertFrozen(self, answered):
        with self.registry.cursor() as cr:
            wave = self.wave(cr)
            self.assertEqual((wave.state, wave.results["answered"]), ("closed", answered))
            self.assertEqual(len(wave.recipient_ids.filtered(lambda found: found.state == "answered")), answered)

    def test_the_close_waits_for_an_answer(self):
        with self.hands() as (client, sig):
            self.answer(client)
            client.flush()
            sig.execute("SET LOCAL lock_timeout = '200ms'")
            with self.assertRaises(psycopg2.errors.LockNotAvailable):
                self.close(sig)
            sig.rollback()
            client.commit()
            self.close(sig)
            sig.commit()
        self.assertFrozen(1)

    def test_the_close_does_not_freeze_without_an_answer_that_it_does_not_see(self):
        self.assertFalse(self.assertSecondStartsAgain(self.answer, self.close))
        self.assertFrozen(1)

    def test_an_answer_after_the_close_starts_again_and_finds_it_closed(self):
        with self.hands() as (client, sig):
            self.see(client)
            self.close(sig)
            sig.commit()
            self.assertFalse(self.assertStartsAgain(lambda cr: self.wave(cr)._hold_open(), client))
            self.assertEqual(self.wave(client).state, "closed")
        self.assertFrozen(0)

    def test_answers_do_not_wait_for_each_other(self):
        with self.hands() as (one, other):
            other.execute("SET LOCAL lock_timeout = '200ms'")
            self.wave(one)._hold_open()
            self.wave(other)._hold_open()
            self.assertEqual(self.wave(other).state, "running")


class TestTwoAtOnce(AtOnce):
    def test_one_link_answered_in_two_windows(self):
        with self.hands() as (one, other):
            self.see(other)
            self.answer(one, 5)
            one.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self.answer(other, 1)
                other.flush()
            other.rollback()  # as the server does; then the page finds the answer, and tells so
            self.assertEqual(self.recipient(other).state, "answered")
        with self.registry.cursor() as cr:
            recipient = self.recipient(cr)
            sheet = recipient.user_input_id
            self.assertEqual((recipient.state, sheet.state), ("answered", "done"))
            self.assertEqual(len(sheet.user_input_line_ids), len(sheet.survey_id.question_ids))
            self.assertEqual(set(sheet.user_input_line_ids.suggested_answer_id.mapped("sig_value")), {5})
            self.assertEqual(recipient.env["survey.user_input"].search([("survey_id", "=", self.survey_id)]), sheet)
