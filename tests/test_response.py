from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError

from .common import SigCommon, freeze_time


class TestResponse(SigCommon):
    """The answer: built, stored, sent, dated when it has left; and what happens when something fails."""

    def mail(self, case=None, **vals):
        """An answer whose mail is queued."""
        case = case or self.make_approved(**vals)
        self.as_director(case).action_send_response()
        return case

    def leave(self, case):
        """The mail queue runs, with a server that takes everything."""
        sent = self.catch_mails()
        case.sudo().delivery_id.mail_id.send()
        return sent

    @contextmanager
    def broken(self, model, method, level="WARNING"):
        error = UserError("no wkhtmltopdf") if model == "ir.actions.report" else ValueError("broken")
        with patch.object(self.registry[model], method, side_effect=error), self.assertLogs("odoo.addons.sig_pqrs", level):
            yield

    def test_case_closes_when_the_mail_has_left(self):
        assignment = self.make_assignment()
        own = assignment.with_user(self.collaborator)
        own.write({"response": "<p>Va anexo</p>", "attachment_ids": [(0, 0, {"name": "minuta.txt", "raw": b"minuta"})]})
        self.finish_draft(assignment, write=False)
        case = self.mail(assignment.pqrs_id)
        self.assertEqual((case.state, case.delivery_state, case.date_answered), ("approved", "pending", False))
        self.assertTrue(case.letter_id, "the letter is stored before the mail leaves")
        self.assertEachRaises(UserError, lambda: self.as_director(case).write({"email_from": "otra@example.com"}))
        mail = case.sudo().delivery_id.mail_id
        sent = self.leave(case)
        self.assertEqual((case.state, case.delivery_state, case.outcome), ("closed", "sent", "answered"))
        self.assertEqual(str(case.date_answered), "2026-11-24 15:00:00")
        own = {(each["To"], each["Cc"], each["Message-Id"]) for each in sent}
        self.assertEqual((len(sent), own), (2, {("ana@example.com", "servicioalcliente@example.com", mail.message_id)}))
        self.assertIn(case.name, sent[0]["Subject"])
        self.assertNotIn(case.subject, sent[0]["Subject"], "the subject of a mail tells nothing about the client")
        names = {part.get_filename() for part in sent[0].walk() if part.get_filename()}
        self.assertLessEqual({case.letter_id.name, "minuta.txt"}, names)
        self.assertIn("/pqrs/rate/", sent[0].get_body(("html",)).get_content())
        self.assertEqual((mail.model, mail.res_id), ("sig.pqrs", case.id), "the mail stays on the case")
        self.assertIn(mail.mail_message_id, case.message_ids)

    def test_bounce_of_a_reminder_leaves_the_answer(self):
        case = self.mail()
        self.leave(case)
        case._message_receive_bounce("another@example.com", self.env["res.partner"])  # nor does that of a stranger
        case.sudo()._remind_ratings()
        reminder = self.env["mail.mail"].search([("sig_purpose", "=", "rating"), ("res_id", "=", case.id)])
        case.with_context(sig_bounced_message_id=reminder.mail_message_id.id)._message_receive_bounce("ana@example.com", self.contact)
        self.assertEqual((case.state, case.delivery_state), ("closed", "sent"))
        self.assertTrue(case.date_answered)
        self.assertEqual(case.act_ids[-1].data["notice"], "rating")

    def test_bounce_of_the_acknowledgement_leaves_a_letter_waiting(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="letter")
        case._message_receive_bounce("ana@example.com", self.contact)
        self.assertEqual(case.delivery_state, "pending")

    def test_letter_that_cannot_be_printed_blocks_no_other_delivery(self):
        cases, others = self.make_approved() | self.make_approved(), self.make_approved() | self.make_case()
        others[1].with_user(self.director).action_withdraw("Ya no")
        Report = self.registry["ir.actions.report"]
        with self.broken("ir.actions.report", "_render_qweb_pdf"), patch.object(Report, "get_wkhtmltopdf_state", lambda _self: "install"):
            self.mail(cases)
            self.as_director(cases[0]).action_send_response(delivery="hand", proof="Recibió Ana")
        self.assertEqual((cases[0].state, cases[1].state, cases[1].delivery_state), ("closed", "approved", "pending"))
        self.assertFalse(cases.letter_id or cases[1].delivery_id.mail_id)
        self.assertDenied(cases[1], self.director, lambda own: own.write({"partner_id": self.client.id}), error=UserError)
        self.assertIn("wkhtmltopdf", cases[1].delivery_failure)
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual(len(cases.letter_id), 2, "they are printed once the engine is back")
        self.assertFalse(others.letter_id, "of these no answer was sent")
        self.leave(cases[1])
        self.assertEqual(cases[1].state, "closed")

    def test_a_publication_waits_for_its_letter(self):
        case, by_letter, ready = self.make_approved(self.make_anonymous()), self.make_approved(), self.make_approved()
        with self.broken("ir.actions.report", "_render_qweb_pdf"):
            self.as_director(case).action_send_response(delivery="publication")
            self.as_director(by_letter).action_send_response(delivery="letter")
        self.as_director(ready).action_send_response(delivery="letter")
        told = [str(each.message_ids.mapped("body")).count("The letter is ready") for each in (by_letter, ready)]
        self.assertEqual(told, [0, 1], "what is not printed is not ready")
        for waiting, text in ((case, "once it is printed, it leaves"), (by_letter, "Print the letter")):
            self.assertIn(text, str(self.as_director(waiting).warnings))
        self.assertEqual((case.state, case.delivery_state, case.date_answered), ("approved", "pending", False))
        self.assertEachRaises(UserError, self.as_director(case).action_download_letter, said="could not be printed")
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        self.assertIn(f"{case.letter_id.id}", self.as_director(case).action_download_letter()["url"])

    def test_a_mail_that_cannot_be_made_comes_back(self):
        case = self.make_approved()
        with self.broken("mail.template", "send_mail_batch", "ERROR"):
            self.mail(case)
            self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
            self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual((case.state, case.delivery_state, case.delivery_failure), ("approved", "failed", "The mail could not be made."))
        self.assertIn(case.id, [row["id"] for row in self.get_tiles(self.director)["to_send"]["records"]])
        self.as_director(case).action_send_response("hand", proof="Recibió Ana")
        self.assertEqual((case.state, case.delivery_state), ("closed", "handed"))

    def test_a_broken_letter_stops_no_other(self):
        broken, other = self.make_approved(), self.make_approved()
        with self.breaks_on(broken, "sig.letter", "_render"):
            self.mail(broken | other)
        self.assertFalse(broken.letter_id)
        self.assertTrue(other.delivery_id.mail_id)

    def test_answer_is_dated_when_its_mail_left(self):
        """Though nobody noticed it then."""
        case = self.mail()
        mail = case.sudo().delivery_id.mail_id
        with self.broken("sig.pqrs.communication", "_on_mail_done", "ERROR"):
            self.leave(case)
        self.assertEqual((case.delivery_state, mail.state), ("pending", "sent"))
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_mail SET write_date = '2026-11-24 14:00:00' WHERE id = %s", [mail.id])
        self.env.invalidate_all()
        with freeze_time("2027-01-15 15:00:00"):
            self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual((str(case.date_answered), case.deadline_state), ("2026-11-24 14:00:00", "answered_on_time"))

    def test_the_job_gives_back_what_did_not_leave(self):
        """Before it come those that wait for somebody else, and take no turn of the job."""
        self.env.ref("sig_pqrs.cron_delivery").code = "model._cron_deliver(batch=1)"
        self.as_director(self.make_approved()).action_send_response("hand", proof="Recibió Ana")
        self.as_director(self.make_approved()).action_send_response("letter")
        self.mail()
        cases = self.mail() | self.mail()
        for case, state in zip(cases.sudo(), ("cancel", "exception"), strict=True):
            case.delivery_id.mail_id.state = state
        self.run_cron("sig_pqrs.cron_delivery")  # at once, though one at a time
        self.assertEqual([(case.state, case.delivery_state) for case in cases], [("approved", "failed")] * 2)

    def test_a_mail_that_was_deleted_is_made_again(self):
        case = self.mail()
        case.with_user(SUPERUSER_ID).delivery_id.mail_id.unlink()
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual(case.sudo().delivery_id.mail_id.state, "outgoing")

    def test_deliveries_that_cannot_be(self):
        case = self.make_approved()
        send = self.as_director(case).action_send_response
        self.assertEachRaises(
            UserError, *(partial(send, medium) for medium in ("pigeon", "portal", "publication")),
            *(partial(send, "hand", date=day, proof="firma") for day in ("2026-11-25", "2026-11-20")),
        )
        self.assertEqual((case.state, case.delivery_state), ("approved", "none"))

    def test_days_and_deadline_of_the_answer(self):
        for when, state, days in (
            ("2026-12-17 04:30:00", "answered_on_time", 15),  # 23:30 of the 16th in Bogotá
            ("2026-12-17 15:00:00", "answered_late", 16),
        ):
            case = self.make_approved()
            with freeze_time(when):
                self.leave(self.mail(case))
            self.assertEqual((case.deadline_state, case.response_days), (state, days))

    def test_acknowledgement_that_cannot_be_made_is_somebody_s_work(self):
        case = self.make_case()
        with self.broken("mail.template", "send_mail_batch", "ERROR"):
            self.run_cron("sig_pqrs.cron_notices")
        self.env.invalidate_all()
        self.assertEqual(case.activity_ids.user_id, self.director)
