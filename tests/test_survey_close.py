"""Answers that come while a wave is closed: each is in the frozen results, or refused."""
from contextlib import contextmanager

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.demo.survey_builder import SurveyBuilder
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestAnswerWhileClosing(TransactionCase):
    """It needs transactions of its own, so its records are committed and cleaned up; nothing depends on the date."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            client = env["res.partner"].create({"name": "Conjunto que responde tarde", "is_company": True, "phone": "1"})
            wave = env["sig.survey.wave"].create(
                {"year": 2099, "semester": "1", "population_domain": f"[('id', '=', {client.id})]"}
            )
            wave.action_launch()
            wave.recipient_ids._process_queue()
            self.client_id, self.wave_id, self.survey_id = client.id, wave.id, wave.survey_id.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            recipients = env["sig.survey.wave"].browse(self.wave_id).recipient_ids
            cr.execute("UPDATE sig_survey_recipient SET user_input_id = NULL WHERE wave_id = %s", [self.wave_id])
            for model, ids in (("sig.survey.wave", [self.wave_id]), ("sig.survey.recipient", recipients.ids)):
                cr.execute("DELETE FROM mail_message WHERE model = %s AND res_id = ANY(%s)", [model, ids])
                cr.execute("DELETE FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s)", [model, ids])
            cr.execute("DELETE FROM survey_user_input_line WHERE survey_id = %s", [self.survey_id])
            cr.execute("DELETE FROM survey_user_input WHERE survey_id = %s", [self.survey_id])
            cr.execute("DELETE FROM sig_survey_recipient WHERE wave_id = %s", [self.wave_id])
            cr.execute("DELETE FROM sig_survey_wave WHERE id = %s", [self.wave_id])
            env.invalidate_all()
            env["survey.survey"].browse(self.survey_id).unlink()
            env["res.partner"].browse(self.client_id).unlink()

    @contextmanager
    def hands(self):
        with self.registry.cursor() as first, self.registry.cursor() as second, mute_logger("odoo.sql_db"):
            yield first, second

    def wave(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})["sig.survey.wave"].browse(self.wave_id)

    def answer(self, cr):
        """As the page of the questionnaire does."""
        wave = self.wave(cr)
        wave._hold_open()
        SurveyBuilder(wave.env, wave.env.user).answer(wave.recipient_ids, 5)

    def close(self, cr):
        self.wave(cr).action_close()
        cr.flush()

    def see(self, cr):
        """What a transaction sees is what there is now."""
        cr.execute("SELECT state FROM sig_survey_wave WHERE id = %s", [self.wave_id])

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
        with self.hands() as (client, sig):
            self.see(sig)
            self.answer(client)
            client.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self.wave(sig)._lock_to_close()
            sig.rollback()  # as the server does, which then tries again
            self.close(sig)
            sig.commit()
        self.assertFrozen(1)

    def test_an_answer_after_the_close_starts_again_and_finds_it_closed(self):
        with self.hands() as (client, sig):
            self.see(client)
            self.close(sig)
            sig.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self.wave(client)._hold_open()
            client.rollback()
            wave = self.wave(client)
            wave._hold_open()
            self.assertEqual(wave.state, "closed")
        self.assertFrozen(0)

    def test_answers_do_not_wait_for_each_other(self):
        with self.hands() as (one, other):
            other.execute("SET LOCAL lock_timeout = '200ms'")
            self.wave(one)._hold_open()
            self.wave(other)._hold_open()
            self.assertEqual(self.wave(other).state, "running")
