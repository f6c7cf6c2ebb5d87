from unittest.mock import patch

from odoo import fields
from odoo.addons.sig_pqrs.models.core.mail_mail import DELAYS

from .common import Conflict, SigCommon, freeze_time
from .mail import NOW, SmtpStub

AWAY = OSError("Connection refused")


class TestMailRetry(SigCommon):
    """What a mail server could not take for now leaves later by itself; nobody is told of a failure meanwhile."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("mail.ir_cron_mail_scheduler_action")

    def make_pending(self, **vals):
        case = self.make_approved(**vals)
        case.with_user(self.director).action_send_response()
        return case, case.sudo().delivery_id.mail_id

    def send(self, mail, answer=None, away=None):
        """The queue runs, with a server that is away or refuses."""
        with SmtpStub({"ana@example.com": answer}, away).serves() as server:
            mail.send()
        return server.taken

    def assertWaits(self, case, mail, minutes):
        self.assertEqual((mail.state, case.state, case.delivery_state), ("outgoing", "approved", "pending"))
        again = fields.Datetime.add(fields.Datetime.to_datetime(NOW), minutes=minutes)
        self.assertEqual(mail.scheduled_date, again)
        self.assertIn(again, self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]).mapped("call_at"))
        self.assertNotIn("delivery_failed", self.kinds(case))
        self.assertFalse(self.get_told(case))

    def get_told(self, case):
        return case.activity_ids.filtered(lambda activity: activity.summary == "To notify: Answer")

    def test_servers_that_say_come_back(self):
        for code, said in ((450, b"4.2.1 come back later"), (421, b"too many connections"), (451, b"4.7.1 Greylisted")):
            with self.subTest(code=code):
                case, mail = self.make_pending()
                self.send(mail, (code, said))
                self.assertWaits(case, mail, DELAYS[0])

    def test_what_no_time_mends_fails_at_once(self):
        for answer in ((550, b"5.1.1 no such user"), (554, b"spam: see (450)"), ValueError("boom")):
            with self.subTest(answer=str(answer)):
                case, mail = self.make_pending()
                self.send(mail, answer)
                self.assertEqual((mail.state, case.delivery_state), ("exception", "failed"))

    def test_patience_ends(self):
        case, mail = self.make_pending()
        for delay in DELAYS:
            self.send(mail, away=AWAY)
            self.assertWaits(case, mail, delay)
        self.assertEqual(str(case.message_ids.mapped("body")).count("Connection refused"), 1, "it is said once")
        self.send(mail, away=AWAY)
        self.assertEqual((mail.state, case.state, case.delivery_state), ("exception", "approved", "failed"))
        self.assertIn("Connection refused", case.sudo().delivery_failure)
        self.assertEqual((self.get_told(case).user_id, self.kinds(case)[-1]), (self.director, "delivery_failed"))
        case.with_user(self.director).email_from = "otra@example.com"
        case.with_user(self.director).action_send_response()
        (_sender, recipients, _message), _copy = self.send(case.sudo().delivery_id.mail_id)
        self.assertEqual((case.state, recipients), ("closed", ["otra@example.com"]), "the address was corrected")
        self.assertChain(case)

    def test_who_got_it_gets_it_once(self):
        _case, mail = self.make_pending()
        mail.write({"state": "exception"})
        mail._postprocess_sent_message([], ["ana@example.com"], failure_reason="(450, b'later')", failure_type="unknown")
        self.assertEqual(mail.state, "exception")

    def test_other_mails_are_left_to_core(self):
        mail = self.env["mail.mail"].create({"email_to": "ana@example.com", "body_html": "<p>Hola</p>"})
        self.send(mail, away=AWAY)
        self.assertEqual((mail.state, mail.sig_attempts), ("exception", 0))

    def test_a_mail_to_our_own_people(self):
        """It is tried again, the health of the installation tells of it, and its subject does not stay for ever."""
        self.env["sig.staff.notice"]._mail([(self.director, self.env.company, "Urgente: Ana Ruiz", "Hoy", "/odoo")], apart=True)
        mail = self.env["mail.mail"].search([("subject", "=", "Urgente: Ana Ruiz")])
        message = mail.mail_message_id
        for attempts, state in ((0, "outgoing"), (len(DELAYS), "exception")):
            mail.sig_attempts = attempts
            self.send(mail, away=AWAY)
            self.assertEqual(mail.state, state)
        self.assertEqual(self.env["sig.health"]._get_health()["mail_out"]["failed_today"], 1)
        self.env["mail.mail"]._gc_sig_staff()
        self.assertTrue(mail.exists())
        with freeze_time("2027-06-01 17:00:00"):
            self.env["mail.mail"]._gc_sig_staff()
        self.assertFalse(mail.exists() or message.exists())

    def test_the_queue_takes_it_when_its_time_comes(self):
        case, mail = self.make_pending()
        self.send(mail, away=AWAY)
        self.env["mail.notification"].create({
            "mail_message_id": mail.mail_message_id.id, "mail_mail_id": mail.id, "res_partner_id": self.contact.id,
            "notification_type": "email", "notification_status": "exception", "failure_type": "unknown",
        })  # fmt: skip
        self.send(mail, away=AWAY)
        self.assertEqual(mail.notification_ids.mapped("notification_status"), ["ready"])
        self.catch_mails()
        self.env["mail.mail"].process_email_queue([mail.id])
        self.assertEqual(case.state, "approved", "not yet")
        with freeze_time("2026-11-24 17:00:00"):
            self.env["mail.mail"].process_email_queue([mail.id])
        self.assertEqual((case.state, case.delivery_state), ("closed", "sent"))
        self.assertChain(case)

    def test_a_case_that_another_transaction_changes_is_told_once_it_is_over(self):
        communication, conflict = self.env.registry["sig.pqrs.communication"], Conflict()
        case, mail = self.make_pending()
        self.catch_mails()
        with patch.object(communication, "_on_mail_done", side_effect=conflict):
            mail.send()
            self.assertEqual((mail.state, case.state), ("sent", "approved"))
        pauses = []
        told = iter([conflict, None])
        follow = communication._on_mail_done

        def on_mail_done(record, *args, **kwargs):
            if error := next(told):
                raise error
            return follow(record, *args, **kwargs)

        with (
            self.enter_registry_test_mode(), patch.object(communication, "_on_mail_done", on_mail_done),
            patch("odoo.service.model.time.sleep", pauses.append),
        ):
            self.env.cr.postcommit.run()
        self.env.invalidate_all()
        self.assertEqual((case.state, case.delivery_state, len(pauses)), ("closed", "sent", 1))
