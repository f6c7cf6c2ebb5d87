"""What fails on the way of a mail: it is kept, and somebody is told."""

from unittest.mock import patch

import psycopg2

from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail
from odoo.tools import mute_logger

from .common import Conflict, freeze_time
from .mail import MALFORMED, RECEIVED, MailCommon, SmtpStub, unreadable, write_mail


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

    def test_an_answer_that_failed_is_filed_in_its_case(self):
        case, message_id = self.close()
        with patch.object(self.registry["sig.pqrs.communication"], "_receive", side_effect=ValueError):
            self.receive(self.read_mail("reply", message_id=message_id))
        mail = self.get_mail()
        mail.with_user(self.director).action_file()
        self.assertEqual((mail.state, mail.pqrs_id, mail.communication_id.author), ("answer", case, "petitioner"))

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
                self.assertEqual((mail._get_raw(), mail.state, mail.pqrs_id), (raw, "filed", cases))

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
        self.assertEqual((mail.state, mail.pqrs_id.state, str(mail.pqrs_id.date_received)), ("filed", "received", RECEIVED))

    def test_what_is_fetched_meets_another_transaction_while_it_is_stored(self):
        Mail, create = self.registry["sig.pqrs.mail"], self.registry["sig.pqrs.mail"]._create_quietly
        met = []

        def create_quietly(mails, vals_list):
            if not met:
                met.append(True)
                raise Conflict
            return create(mails, vals_list)

        # The fetcher of core marks it as seen whatever happens.
        with (
            self.enter_registry_test_mode(), self.registry.cursor() as cr, patch.object(Mail, "_create_quietly", create_quietly),
            patch("odoo.service.model.time.sleep"), mute_logger("odoo.service.model"),
        ):
            gateway = self.env(cr=cr)["mail.thread"].with_context(default_fetchmail_server_id=1)
            gateway.message_process("sig.pqrs", self.read_mail("gmail"))
        self.env.invalidate_all()
        self.assertEqual((self.get_mail().state, self.get_mail().pqrs_id.partner_id), ("filed", self.ana))

    def test_reports_that_core_cannot_attribute_are_read_by_the_sig(self):
        case, message_id = self.close()
        text = f"Sorry, no mailbox here by that name. (#5.1.1)\n--- a copy of the message.\nMessage-Id: {message_id}\n"
        daemon = "MAILER-DAEMON@mail.example.net"
        in_words = write_mail("failure notice", daemon, body=text)
        by_postmaster = in_words.replace(b"MAILER-DAEMON", b"Postmaster")
        away = self.read_mail("vacation_null_sender").replace(b"To: Servicio", b"To: bounce@example.com, Servicio")
        passed_on = self.read_mail("dsn_failed", message_id=message_id).replace(b"rfc822; ana.ruiz@", b"rfc822; ana@otra.")
        for raw, asked in (
            (in_words, True), (b"Return-Path: <>\n" + by_postmaster, True), (by_postmaster.replace(b"To: serv", b"To: bounce@example.com, serv"), True),
            (passed_on, True),
            (unreadable(passed_on.replace(b"us-ascii", b"utf-8")), True),
            (self.read_internationalized("dsn_failed", message_id), True),
            (self.read_internationalized("dsn_delayed", message_id), False),
            (away.replace(b"MIME-Version", b"In-Reply-To: %s\nMIME-Version" % message_id.encode()), False),
        ):
            with self.subTest(raw=raw[:400]), self.undone():
                self.receive(raw)
                self.assertEqual((self.get_mail().reason, case.state), ("report", "closed"))
                about = case.activity_ids.filtered(lambda activity: "mail system" in (activity.summary or ""))
                self.assertEqual(about.user_id, self.director if asked else self.env["res.users"])
        self.assertTrue(self.receive(by_postmaster), "a person with that address asks")

    def test_a_report_in_plain_words_names_nobody_under_reserve_and_is_asked_about_once(self):
        case, message_id = self.close(identity_reserved=True)
        for number in range(3):
            self.receive(write_mail("failure notice", "MAILER-DAEMON@mail.example.net", ident=f"{number}@x", body=(
                f"Sorry {number}, not for ana.ruiz@roble.example.org.\r\n--- a copy of it.\r\nMessage-Id: {message_id}")))  # fmt: skip
        asked = case.activity_ids.filtered(lambda activity: "mail system" in (activity.summary or ""))
        self.assertEqual(asked.user_id, self.director)
        asked.with_user(self.director).action_feedback()
        self.assertNotIn("ana.ruiz", str(case.with_user(self.collaborator).message_ids.mapped("body")))
        self.assertIn("ana.ruiz", str(case.sudo().identity_ids.message_ids.mapped("body")))

    def read_internationalized(self, name, message_id):
        """A report as RFC 6533 has it."""
        raw = self.read_mail(name, message_id=message_id)
        raw = raw.replace(b"message/delivery-status", b"message/global-delivery-status")
        return raw.replace(b"text/rfc822-headers", b"message/global-headers")

    def test_an_answer_that_is_heavy_has_its_letter(self):
        self.env["ir.config_parameter"].set_param("base.default_max_email_size", "0.001")
        annex = self.env["ir.attachment"].create({"name": "video.mp4", "raw": bytes(5000)})
        case = self.make_case(partner_id=self.ana.id)
        part = self.builder.assign(case, self.operations)
        part.sudo().attachment_ids = annex
        self.finish_draft(part)
        case.with_user(self.director).write({"resolution": "upheld"})
        case.with_user(self.director).action_send_response()
        with SmtpStub().serves() as server:
            case.sudo().delivery_id.mail_id.send()
        (_sender, _to, message), _copy = server.taken
        self.assertEqual([part.get_filename() for part in message.iter_attachments()], [case.letter_id.name])
        self.assertRegex(message.get_body(("html",)).get_content(), r"/web/content/\d+\?[^>]*>[^<]*video.mp4")

    def test_old_mails_of_nobody_are_forgotten(self):
        self.receive(self.read_mail("mailing_list"))
        self.receive(self.read_mail("gmail"))
        mail = self.env["sig.pqrs.mail"].search([("state", "=", "ignored")])
        self.assertTrue(mail.copy({"state": "failed", "key": "x"}) | mail.copy({"state": "ignored", "reason": "flood", "key": "y"}))
        with freeze_time("2027-06-24 15:00:00"):
            self.env["sig.pqrs.mail"]._gc_ignored()
        self.assertCountEqual(self.env["sig.pqrs.mail"].search([]).mapped("reason"), [False, "automatic", "flood"], "it may be a petition")
