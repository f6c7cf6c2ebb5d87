"""What fails on the way of a mail: it is kept, and somebody is told."""

from unittest.mock import patch

import psycopg2

from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import freeze_time
from .mail import MALFORMED, NOW, RECEIVED, MailCommon, unreadable


@freeze_time(NOW)
class TestMailFailures(MailCommon):
    def test_a_mail_that_core_cannot_read_is_filed(self):
        case = self.receive(unreadable(self.read_mail("gmail")))
        self.assertEqual((case.state, case.partner_id, str(case.date_received)), ("received", self.ana, RECEIVED))
        self.assertIn("cobraron dos veces", case.description)
        mail = self.get_mail()
        self.assertEqual((mail.state, mail.pqrs_id), ("filed", case))

    def test_an_answer_that_core_cannot_read_reaches_its_case(self):
        case, message_id = self.close()
        self.assertFalse(self.receive(unreadable(self.read_mail("reply", message_id=message_id))))
        self.assertFalse(self.receive(unreadable(self.read_mail("auto_reply"))))
        self.assertTrue(case.sudo()._get_waiting("late"))
        self.assertIn("viernes", case.sudo()._get_waiting_text())
        mails = self.env["sig.pqrs.mail"].search([("direction", "=", "in")], order="id")
        self.assertEqual(mails.mapped("state"), ["answer", "ignored"])

    def test_a_crash_keeps_the_mail_and_the_next_is_read(self):
        numbers = self.env.registry["sig.case.number"]
        with patch.object(numbers, "_set_numbers", side_effect=ZeroDivisionError("x")):
            self.assertFalse(self.receive(self.read_mail("gmail")))
        mail = self.get_mail()
        self.assertEqual((mail.state, mail._get_raw()), ("failed", self.read_mail("gmail")))
        self.assertIn("ZeroDivisionError", mail.failure)
        self.assertEqual(mail.activity_ids.user_id, self.director)
        self.assertEqual(len(self.receive(self.read_mail("android"))), 1)
        with freeze_time("2026-11-27 15:00:00"):
            mail.with_user(self.director).action_file()
        case = mail.pqrs_id
        self.assertEqual((case.state, str(case.date_received)), ("to_file", RECEIVED))
        self.assertFalse(mail.activity_ids)

    def test_malformed_mail_is_kept_and_the_sig_is_told(self):
        for name, raw in MALFORMED.items():
            with self.subTest(name), self.undone(), mute_logger("odoo.sql_db"):
                cases = self.receive(raw, model="sig.pqrs")
                mail = self.get_mail()
                self.assertEqual(mail._get_raw(), raw)
                self.assertEqual((mail.state, mail.pqrs_id), ("filed", cases))

    def test_what_cannot_be_read_at_all_is_kept_once(self):
        raw = self.read_mail("gmail")
        with patch.object(IncomingMail, "digest", property(lambda _self: 1 / 0)):
            for _time in range(2):
                self.assertFalse(self.receive(raw))
        [mail] = self.env["sig.pqrs.mail"].search([("direction", "=", "in")])
        self.assertEqual((mail.state, mail._get_raw(), mail.activity_ids.user_id), ("failed", raw, self.director))
        mail.with_user(self.director).action_file()
        self.assertIn("cobraron dos veces", mail.pqrs_id.description)

    def test_what_meets_another_transaction_is_read_by_a_job(self):
        with patch.object(type(self.env["sig.pqrs.mail"]), "_file", side_effect=psycopg2.errors.SerializationFailure):
            self.assertFalse(self.receive(self.read_mail("gmail")))
        mail = self.get_mail()
        self.assertEqual(mail.state, "waiting")
        with freeze_time("2026-11-25 15:00:00"):
            self.run_cron("sig_pqrs.cron_mail")
        self.assertEqual((mail.state, mail.pqrs_id.state), ("filed", "received"))
        self.assertEqual(str(mail.pqrs_id.date_received), RECEIVED)

    def test_the_sig_files_what_was_not(self):
        self.receive(self.read_mail("mailing_list_discussion"))
        mail = self.get_mail()
        with self.assertRaises(AccessError):
            mail.with_user(self.collaborator).action_file()
        mail.with_user(self.director).action_file()
        self.assertEqual((mail.state, mail.pqrs_id.state), ("filed", "to_file"))

    def test_old_mails_of_nobody_are_forgotten(self):
        self.receive(self.read_mail("mailing_list"))
        self.receive(self.read_mail("gmail"))
        with freeze_time("2027-06-24 15:00:00"):
            self.env["sig.pqrs.mail"]._gc_ignored()
        self.assertEqual(self.env["sig.pqrs.mail"].search([]).mapped("state"), ["filed"])
