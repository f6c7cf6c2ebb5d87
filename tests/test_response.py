from unittest.mock import patch

from odoo.addons.sig_pqrs.models.core.mail_mail import DELAYS
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SigCommon, date, freeze_time


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestResponse(SigCommon):
    """The answer: built, stored, sent, dated when it has left; and what happens when something fails."""

    def make_annexed(self):
        """An approved section with an annex."""
        assignment = self.make_assignment()
        annex = self.env["ir.attachment"].with_user(self.collaborator).create({"name": "minuta.txt", "raw": b"minuta"})
        assignment.with_user(self.collaborator).write({"response": "<p>Va anexo</p>", "attachment_ids": [(4, annex.id)]})
        assignment.with_user(self.collaborator).action_submit()
        assignment.with_user(self.leader).action_approve()
        return assignment

    def leave(self, case):
        """The mail queue runs, with a server that takes everything."""
        sent = self.catch_mails()
        case.sudo().delivery_id.mail_id.send()
        return sent

    def break_down(self, case):
        """The mail queue runs for the last time, with a server that is still down."""
        mail_server = self.env.registry["ir.mail_server"]
        with (
            patch.object(mail_server, "_disable_send", lambda _self: False),
            patch.object(mail_server, "_connect__", side_effect=OSError("server down")),
        ):
            case.sudo().delivery_id.mail_id.sig_attempts = len(DELAYS)
            case.sudo().delivery_id.mail_id.send()

    def test_answer_holds_the_approved_sections_word_for_word(self):
        case = self.make_case()
        assignments = self.builder.assign(case, self.operations | self.technology)
        self.builder.draft(assignments[0], "<p>Texto de <b>Operaciones</b></p>")
        self.builder.draft(assignments[1], "<p>Texto de Tecnología</p>")
        self.builder.approve(assignments[0])
        self.assertNotIn("Tecnología", case.response, "what is not approved is not in the answer")
        self.builder.approve(assignments[1])
        self.as_director(case).write({"response_opening": "<p>Inicio</p>", "response_closing": "<p>Fin</p>"})
        for part in ("Inicio", "<p>Texto de <b>Operaciones</b></p>", "<p>Texto de Tecnología</p>", "Fin"):
            self.assertIn(part, case.response)
        self.assertLess(case.response.index("Inicio"), case.response.index("Operaciones"))
        self.assertLess(case.response.index("Tecnología"), case.response.index("Fin"))

    def test_case_closes_when_the_mail_has_left(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
        self.assertFalse(case.date_answered)
        self.assertTrue(case.letter_id, "the letter is stored before the mail leaves")
        sent = self.leave(case)
        self.assertEqual((case.state, case.delivery_state, case.outcome), ("closed", "sent", "answered"))
        self.assertEqual(str(case.date_answered), "2026-11-24 15:00:00")
        self.assertEqual(len(sent), 1)
        self.assertEqual(sent[0]["To"], "ana@example.com")
        self.assertEqual(sent[0]["Cc"], "servicioalcliente@example.com")
        self.assertIn(case.name, sent[0]["Subject"])
        self.assertNotIn(case.subject, sent[0]["Subject"], "the subject of a mail tells nothing about the client")
        names = [part.get_filename() for part in sent[0].walk() if part.get_filename()]
        self.assertIn(case.letter_id.name, names)
        self.assertIn("/pqrs/rate/", sent[0].get_body(("html",)).get_content())

    def test_annexes_of_the_sections_leave_with_the_letter(self):
        assignment = self.make_annexed()
        case = assignment.pqrs_id
        self.as_director(case).action_send_response()
        sent = self.leave(case)
        self.assertIn("minuta.txt", [part.get_filename() for part in sent[0].walk()])

    def test_mail_is_kept_on_the_case(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        mail = case.sudo().delivery_id.mail_id
        self.leave(case)
        self.assertTrue(mail.exists())
        self.assertEqual((mail.model, mail.res_id), ("sig.pqrs", case.id))
        self.assertIn(mail.mail_message_id, case.message_ids)

    def test_mail_server_down_gives_the_case_back(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        self.break_down(case)
        self.assertEqual((case.state, case.delivery_state), ("approved", "failed"))
        self.assertFalse(case.date_answered)
        self.assertIn("delivery_failed", self.kinds(case))
        self.assertTrue(case.activity_ids.filtered(lambda activity: activity.user_id == self.director))
        self.as_director(case).action_send_response()
        self.leave(case)
        self.assertEqual(case.state, "closed")
        self.assertChain(case)

    def test_mail_sent_again_by_an_administrator_closes_the_case(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        mail = case.sudo().delivery_id.mail_id
        self.break_down(case)
        self.catch_mails()
        mail.write({"state": "outgoing"})
        mail.send()
        self.assertEqual(case.state, "closed")

    def test_bounce_is_an_act_and_brings_the_case_back(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        self.leave(case)
        case._message_receive_bounce("ana@example.com", self.contact)
        self.assertEqual((case.state, case.delivery_state, case.outcome), ("approved", "failed", False))
        self.assertFalse(case.date_answered)
        self.assertEqual(case.deadline_state, "on_track")
        self.assertEqual(self.kinds(case)[-1], "delivery_failed")
        self.assertChain(case)

    def test_bounce_of_a_reminder_leaves_the_answer(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        self.leave(case)
        case.sudo()._remind_ratings()
        reminder = self.env["mail.mail"].search([("sig_purpose", "=", "rating"), ("res_id", "=", case.id)])
        case.with_context(sig_bounced_message_id=reminder.mail_message_id.id)._message_receive_bounce(
            "ana@example.com", self.contact
        )
        self.assertEqual((case.state, case.delivery_state), ("closed", "sent"))
        self.assertTrue(case.date_answered)
        self.assertEqual(case.act_ids[-1].data["notice"], "rating")

    def test_bounce_of_the_acknowledgement_leaves_a_letter_waiting(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="letter")
        case._message_receive_bounce("ana@example.com", self.contact)
        self.assertEqual(case.delivery_state, "pending")

    def test_address_is_corrected_after_a_bounce(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        with self.assertRaises(UserError):
            self.as_director(case).write({"email_from": "otra@example.com"})
        self.break_down(case)
        self.as_director(case).write({"email_from": "otra@example.com"})
        self.as_director(case).action_send_response()
        self.assertEqual(self.leave(case)[0]["To"], "otra@example.com")

    def test_letter_that_cannot_be_printed_blocks_no_other_delivery(self):
        cases = self.make_approved() | self.make_approved()
        Report = self.env.registry["ir.actions.report"]
        with patch.object(Report, "_render_qweb_pdf", side_effect=UserError("no wkhtmltopdf")), self.assertLogs(
            "odoo.addons.sig_pqrs", "WARNING"
        ):
            self.as_director(cases).action_send_response()
            self.as_director(cases[0]).action_send_response(delivery="hand", proof="Recibió Ana")
        self.assertEqual((cases[0].state, cases[1].state), ("closed", "approved"))
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertTrue(cases[0].letter_id, "it is printed once the engine is back")

    def test_a_publication_waits_for_its_letter(self):
        case = self.make_approved(self.make_anonymous())
        with patch.object(self.env.registry["ir.actions.report"], "_render_qweb_pdf", side_effect=UserError("no wkhtmltopdf")), \
                self.assertLogs("odoo.addons.sig_pqrs", "WARNING"):
            self.as_director(case).action_send_response(delivery="publication")
        self.assertEqual((case.state, case.delivery_state, case.date_answered), ("approved", "pending", False))
        with self.assertRaisesRegex(UserError, "could not be printed"):
            self.as_director(case).action_download_letter()
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        self.assertIn(f"{case.letter_id.id}", self.as_director(case).action_download_letter()["url"])

    def test_answer_is_dated_when_its_mail_left(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        mail = case.sudo().delivery_id.mail_id
        mail.state = "sent"
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_mail SET write_date = '2026-11-24 14:00:00' WHERE id = %s", [mail.id])
        self.env.invalidate_all()
        with freeze_time("2027-01-15 15:00:00"):
            self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual(str(case.date_answered), "2026-11-24 14:00:00")
        self.assertEqual(case.deadline_state, "answered_on_time")

    def test_client_without_mail_is_told_the_new_date_another_way(self):
        case = self.make_case(partner_id=False, partner_name="Sin correo")
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        self.assertTrue(case.activity_ids)

    def test_acknowledgement_that_cannot_be_made_is_somebody_s_work(self):
        case = self.make_case()
        with patch.object(self.env.registry["mail.template"], "send_mail_batch", side_effect=ValueError("broken")), (
            self.assertLogs("odoo.addons.sig_pqrs", "ERROR")
        ):
            self.run_cron("sig_pqrs.cron_notices")
        self.env.invalidate_all()
        self.assertEqual(case.activity_ids.user_id, self.director)

    def test_bounce_of_a_stranger_moves_nothing(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        self.leave(case)
        case._message_receive_bounce("another@example.com", self.env["res.partner"])
        self.assertEqual(case.state, "closed")

    def test_raw_bounce_reaches_the_case(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        self.leave(case)
        alias = self.env["mail.alias.domain"].search([], limit=1) or self.env["mail.alias.domain"].create({
            "name": "example.com",
        })
        self.company.alias_domain_id = alias
        bounce = BOUNCE % {"to": f"{alias.bounce_alias}@{alias.name}", "message_id": case.sudo().delivery_id.mail_id.message_id}
        self.env["mail.thread"].message_process("sig.pqrs", bounce)
        self.assertEqual((case.state, case.delivery_state), ("approved", "failed"))

    def test_pdf_engine_absent_leaves_the_answer_waiting(self):
        case = self.make_approved()
        Report = self.env.registry["ir.actions.report"]
        with patch.object(Report, "_render_qweb_pdf", side_effect=UserError("no wkhtmltopdf")), self.assertLogs(
            "odoo.addons.sig_pqrs", "WARNING"
        ):
            self.as_director(case).action_send_response()
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
        self.assertFalse(case.letter_id)
        self.assertFalse(case.delivery_id.mail_id)
        self.assertTrue(case.delivery_failure)
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertTrue(case.letter_id)
        self.assertTrue(case.delivery_id.mail_id)
        self.leave(case)
        self.assertEqual(case.state, "closed")

    def test_a_broken_letter_stops_no_other(self):
        cases = self.make_approved() | self.make_approved()
        Pqrs = self.env.registry["sig.pqrs"]
        render = Pqrs._render_letter
        broken = cases[0]

        def render_letter(self):
            if self == broken:
                raise ValueError("broken")
            return render(self)

        with patch.object(Pqrs, "_render_letter", render_letter), self.assertLogs("odoo.addons.sig_pqrs", "WARNING"):
            self.as_director(cases).action_send_response()
        self.assertFalse(broken.letter_id)
        self.assertTrue(cases[1].delivery_id.mail_id)

    def test_the_job_closes_what_left_unnoticed(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        with patch.object(self.env.registry["sig.pqrs"], "_on_mail_left", side_effect=ValueError("broken")), self.assertLogs(
            "odoo.addons.sig_pqrs", "ERROR"
        ):
            self.leave(case)
        self.assertEqual(case.delivery_state, "pending")
        self.assertEqual(case.sudo().delivery_id.mail_id.state, "sent")
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual(case.state, "closed")

    def test_the_job_gives_back_what_was_cancelled(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        case.sudo().delivery_id.mail_id.cancel()
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual((case.state, case.delivery_state), ("approved", "failed"))

    def test_by_hand_waits_for_its_proof(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="hand")
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))
        with self.assertRaises(UserError):
            self.as_director(case).action_register_delivery(date="2026-11-24")
        proof = self.env["ir.attachment"].with_user(self.director).create({"name": "firma.pdf", "raw": b"%PDF"})
        self.as_director(case).action_register_delivery(date="2026-11-24", proof=proof.ids)
        self.assertEqual((case.state, case.delivery_state), ("closed", "handed"))
        self.assertEqual(case.delivery_id.proof_ids, proof)
        self.assertEqual(self.kinds(case)[-3:], ["delivered", "response_sent", "closed"])

    def test_by_letter_with_its_tracking_number(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="letter", date="2026-11-24", proof="Guía 123")
        self.assertEqual((case.state, case.delivery_state), ("closed", "handed"))
        self.assertEqual(case.act_ids.filtered(lambda act: act.kind == "delivered").note, "Guía 123")

    def test_what_waits_for_proof_can_go_another_way(self):
        case = self.make_approved()
        self.as_director(case).action_send_response(delivery="letter")
        self.as_director(case).action_send_response(delivery="email")
        self.leave(case)
        self.assertEqual((case.state, case.delivery_medium), ("closed", "email"))

    def test_delivery_dates_that_cannot_be(self):
        case = self.make_approved()
        for day in ("2026-11-25", "2026-11-20"):
            with self.subTest(day=day), self.assertRaises(UserError):
                self.as_director(case).action_send_response(delivery="hand", date=day, proof="firma")
        self.assertEqual((case.state, case.delivery_state), ("approved", "none"))

    def test_proof_that_one_may_not_read(self):
        case = self.make_approved()
        foreign = self.env["ir.attachment"].create({"name": "ajeno.pdf", "raw": b"x"})
        with self.assertRaises(AccessError):
            self.as_director(case).action_send_response(delivery="hand", proof=foreign.ids)
        self.assertEqual(case.delivery_state, "none")

    def test_published_only_where_it_can_be_read(self):
        case = self.make_approved()
        with self.assertRaises(UserError):
            self.as_director(case).action_send_response(delivery="portal")
        self.portal.partner_id.parent_id = self.client
        case = self.make_approved(partner_id=self.portal.partner_id.id)
        self.as_director(case).action_send_response(delivery="portal")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))

    def test_client_without_mail(self):
        case = self.make_case(partner_id=False, partner_name="Sin correo")
        self.make_approved(case)
        with self.assertRaisesRegex(UserError, "email"):
            self.as_director(case).action_send_response()
        self.as_director(case).action_send_response(delivery="phone", proof="Atendió Ana Ruiz")
        self.assertEqual(case.state, "closed")

    def test_unknown_delivery(self):
        case = self.make_approved()
        with self.assertRaises(UserError):
            self.as_director(case).action_send_response(delivery="pigeon")

    def test_answered_late(self):
        case = self.make_approved()
        with freeze_time("2026-12-17 15:00:00"):
            self.as_director(case).action_send_response()
            self.leave(case)
        self.assertEqual(case.deadline_state, "answered_late")
        self.assertEqual(case.response_days, 16)

    def test_answered_on_the_last_local_hour(self):
        case = self.make_approved()
        with freeze_time("2026-12-17 04:30:00"):  # 23:30 of the 16th in Bogotá
            self.as_director(case).action_send_response()
            self.leave(case)
        self.assertEqual(case.deadline_state, "answered_on_time")
        self.assertEqual((case.response_days, case.days_left), (15, 0))

    def test_annex_changed_after_the_approval_stops_the_answer(self):
        assignment = self.make_annexed()
        assignment.attachment_ids.sudo().raw = b"otra cosa"
        with self.assertRaisesRegex(UserError, "approved again"):
            self.as_director(assignment.pqrs_id).action_send_response()

    def test_text_changed_after_the_approval_voids_it(self):
        assignment = self.make_assignment()
        self.builder.draft(assignment)
        self.builder.approve(assignment)
        assignment.with_user(self.collaborator).write({"response": "<p>Otro texto</p>"})
        self.assertEqual((assignment.state, assignment.pqrs_id.state), ("returned", "assigned"))
        self.assertFalse(assignment.response_digest)
        self.assertFalse(assignment.approved_by_id)
        self.assertEqual(self.kinds(assignment.pqrs_id)[-1], "returned")

    def test_same_text_written_again_keeps_the_approval(self):
        assignment = self.make_assignment()
        self.builder.draft(assignment)
        self.builder.approve(assignment)
        assignment.with_user(self.collaborator).write({"response": assignment.response})
        self.assertEqual(assignment.state, "approved")

    def test_answer_on_its_way_does_not_change(self):
        case = self.make_approved()
        self.as_director(case).action_send_response()
        with self.assertRaises(UserError):
            case.assignment_ids.with_user(self.collaborator).write({"response": "<p>Otro</p>"})
        with self.assertRaises(UserError):
            self.as_director(case).write({"response_opening": "<p>Otro</p>"})
        with self.assertRaises(UserError):
            self.as_director(case).action_send_response()

    def test_acknowledgement_leaves_and_is_an_act(self):
        case = self.make_case()
        self.run_cron("sig_pqrs.cron_notices")
        self.assertFalse(case.acknowledgement_pending)
        mail = self.env["mail.mail"].search([("sig_purpose", "=", "acknowledgement"), ("res_id", "=", case.id)])
        self.assertEqual(len(mail), 1)
        self.assertNotIn("acknowledged", self.kinds(case))
        self.assertIn(case.act_head, mail.body_html, "the head of the chain is an outside witness")
        self.catch_mails()
        mail.send()
        self.assertEqual(self.kinds(case)[-1], "acknowledged")

    def test_no_acknowledgement_without_mail(self):
        case = self.make_case(partner_id=False, partner_name="Sin correo")
        self.assertFalse(case.acknowledgement_pending)

    def test_a_broken_notice_undoes_no_step(self):
        case = self.make_case()
        with patch.object(self.env.registry["mail.template"], "send_mail_batch", side_effect=ValueError("broken")), (
            self.assertLogs("odoo.addons.sig_pqrs", "ERROR")
        ):
            self.as_director(case).action_extend(5, "Faltan registros")
        self.assertEqual(case.date_deadline, date(2026, 12, 23))
        self.assertIn("extension", self.kinds(case))
        self.assertTrue(case.activity_ids, "somebody is asked to tell the client")


BOUNCE = """Return-Path: <>
X-Original-To: %(to)s
Received: by mail.example.com (Postfix); Tue, 24 Nov 2026 15:05:00 +0000 (UTC)
Date: Tue, 24 Nov 2026 15:05:00 +0000 (UTC)
From: MAILER-DAEMON@mail.example.com (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: %(to)s
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XX"
Message-Id: <20261124150500.ABC@mail.example.com>

--XX
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<ana@example.com>: host mx.example.com said: 550 5.1.1 User unknown

--XX
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; ana@example.com
Original-Recipient: rfc822;ana@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--XX
Content-Description: Undelivered Message
Content-Type: message/rfc822

Message-Id: %(message_id)s
From: servicioalcliente@example.com
To: ana@example.com
Subject: Answer

Answer
--XX--
"""
