from unittest.mock import patch

from odoo.exceptions import MissingError, UserError

from .common import date, freeze_time, moment
from .mail import MailCommon, write_mail

PARTS = """--XX
Content-Type: text/plain; charset=utf-8

{body}
--XX
Content-Type: text/plain
Content-Disposition: attachment; filename="foto.txt"

{file}
--XX--"""


class MessageCommon(MailCommon):
    activity_type = "sig_pqrs.activity_message"

    def receive(
        self, case, body="Sigue igual", sender="Ana Ruiz <ana@example.com>", date="Tue, 24 Nov 2026 14:30:00 +0000", headers="", file="foto",
    ):
        """A mail arrives as an answer to the last one that the petitioner got."""
        thread = case.sudo()._get_private_record()
        reply = self.env["mail.mail"].search([("model", "=", thread._name), ("res_id", "=", thread.id)], limit=1)
        before = case.sudo().communication_ids
        raw = write_mail(
            "Re: Answer to your request", sender, f"{headers}In-Reply-To: {reply.message_id}\r\nContent-Type: multipart/mixed; boundary=XX\r\n",
            PARTS.format(body=body, file=file), f"{thread.id}.{len(before)}@client.example.com",
        )
        self.env["mail.thread"].message_process("sig.pqrs", raw.replace(b"Tue, 24 Nov 2026 09:10:05 -0500", date.encode()))
        return case.sudo().communication_ids - before

    def waiting(self, case, *purposes):
        """What the petitioner wrote and waits for the SIG; after the closing, or as delivered."""
        purposes = purposes or ("late", "information")
        domain = [("pqrs_id", "=", case.id), ("state", "=", "received"), ("purpose", "in", purposes)]
        return self.env["sig.pqrs.communication"].search(domain, order="id")


class TestMessage(MessageCommon):
    """What the petitioner writes once a case exists: nothing of it is lost, and nothing happens by itself."""

    def test_after_closing_it_waits_for_the_sig(self):
        case = self.make_closed()
        with freeze_time("2026-11-26 15:00:00"):
            message = self.receive(case, date="Thu, 26 Nov 2026 14:30:00 +0000")
        self.assertEqual((message.direction, message.author, message.purpose, message.state), ("in", "petitioner", "late", "received"))
        self.assertEqual((message.medium, message.email_from, message.body.strip()), ("email", '"Ana Ruiz" <ana@example.com>', "Sigue igual"))
        self.assertEqual([(file.name, file.res_model) for file in message.attachment_ids], [("foto.txt", message._name)])
        self.assertEqual(self.env["sig.pqrs.mail"].search([("pqrs_id", "=", case.id), ("direction", "=", "in")]).communication_id, message)
        self.assertEqual(case.state, "closed", "nothing is reopened by itself")
        self.assertHolds(self.as_director(case).sudo()._get_waiting_text(), "Sigue igual", "foto.txt")
        self.assertEqual(self.activities(case).user_id, self.director)
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, str(act.date), act.note), ("client_message", "2026-11-26 14:30:00", ""))
        self.assertEqual((act.data["communication"], [id_ for id_, _commitment in act.data["communications"]]), (message.id, message.ids))
        self.assertEqual([id_ for id_, _commitment in act.data["files"]], message.attachment_ids.ids)
        self.assertEqual(self.waiting(case), message)
        self.assertChain(case)

    def test_what_waits_adds_up(self):
        """A later “thank you” does not cover what came before it, nor does what comes from somebody else."""
        case = self.make_closed()
        self.receive(case, "No estoy de acuerdo con la respuesta")
        self.receive(case, "Muchas gracias")
        self.receive(case, "¿Y a mí?", sender="Curioso <curioso@example.com>")
        waiting = self.activities(case).sorted("id")
        self.assertEqual(len(waiting), 2)
        late, stranger = waiting
        self.assertHolds(late.summary, "wrote after the closing")
        self.assertHolds(stranger.summary, "not the petitioner")
        self.assertRegex(case.sudo()._get_waiting_text(), r"(?s)No estoy de acuerdo.*Muchas gracias")
        self.as_director(case).action_write_to_client("Lo revisamos")
        self.assertEqual(self.activities(case), waiting, "neither is answered by that")
        self.as_director(case).action_reopen("El cliente no está de acuerdo")
        self.assertFalse(case.sudo().communication_ids.filtered(lambda each: each.state == "received") or self.activities(case))

    def test_what_a_client_says_of_an_open_case_adds_up(self):
        case = self.make_case()
        kinds = self.kinds(case)
        for text in ("Fue en la torre 2", "Y en la torre 3", "Y en la torre 3"):
            self.builder.receive(case, text)
        self.assertEqual(self.activities(case).user_id, self.director)
        self.assertEqual((self.kinds(case), self.waiting(case).ids), (kinds + 3 * ["message_received"], []))
        self.as_director(case).action_write_to_client("Gracias")
        self.assertFalse(self.activities(case))
        self.assertEqual(self.conversation(case), ["Fue en la torre 2", "Y en la torre 3", "Y en la torre 3", "Gracias"])

    def conversation(self, case):
        return [message["text"] for message in self.see(case)["messages"]]

    def test_attended_to(self):
        """What asks for nothing else is marked, in the list or as the activity is; what a step settles is not."""
        case = self.make_closed()
        late, stranger, again = (
            self.builder.receive(case, text, author=author)
            for text, author in (("Gracias", "petitioner"), ("¿Y a mí?", "stranger"), ("¿Y?", "stranger"))
        )
        self.assertDenied(late, self.leader | self.management, lambda own: own.action_attend())
        self.as_director(stranger).action_attend()
        self.assertEqual(len(self.activities(case)), 2, "another one of them waits")
        self.activities(case).filtered(lambda activity: "not the petitioner" in activity.summary).with_user(self.director).action_done()
        self.assertEqual((again.state, late.state), ("attended", "received"))
        self.activities(case).with_user(self.director).action_done()
        self.assertEqual(late.state, "received", "somebody decides what follows")
        self.as_director(late).action_attend()
        self.assertEqual((late.state, self.kinds(case)[-1], case.act_ids[-1].data), ("attended", "message_settled", {"communication": late.id}))
        self.assertEachRaises(UserError, self.as_director(late).action_attend, self.as_director(case).action_new_case_from_message)
        required = self.make_case()
        self.as_director(required).action_request_information("La fecha")
        self.assertEachRaises(UserError, self.as_director(self.builder.receive(required, "Fue el lunes")).action_attend)

    def test_new_case(self):
        case = self.make_closed(subject="Ruido", document_type="cc", document_number="79555444")
        self.as_director(case).write({"restricted": True, "authorized_user_ids": [(4, self.collaborator.id)]})
        with freeze_time("2026-11-26 15:00:00"):
            self.receive(case, "Otra vez ruido", date="Thu, 26 Nov 2026 14:30:00 +0000")
        with freeze_time("2026-11-27 15:00:00"):
            self.receive(case, "Y de madrugada", date="Fri, 27 Nov 2026 14:30:00 +0000", file="otra")
            new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        self.assertEqual((new.origin_id, new.state, new.channel, new.type_id), (case, "received", "email", case.type_id))
        self.assertEqual((new.partner_id, new.client_id, new.email_from), (self.contact, self.client, "ana@example.com"))
        self.assertEqual((new.sudo().document_number, new.restricted), ("79555444", True))
        self.assertIn(self.collaborator, new.authorized_user_ids)
        self.assertHolds(new.description, "ruido", "Y de madrugada")
        self.assertEqual(str(new.date_received), "2026-11-26 14:30:00", "received when the first message came")
        self.assertEqual(new.subject, "Follow-up: Ruido")
        self.assertNotIn(case.name, str(new.message_ids.mapped("body")))
        self.assertEqual((len(new.attachment_ids), set(new.attachment_ids.mapped("res_id"))), (2, {new.id}))
        self.assertTrue(new.acknowledgement_pending)
        self.assertFalse(self.waiting(case) or self.activities(case))
        self.assertEqual(self.kinds(case)[-1], "message_settled")
        self.assertNotIn(new.name, case.act_ids[-1].note, "who reads this case may not read that one")
        self.assertEachRaises(UserError, self.as_director(case).action_new_case_from_message)
        self.assertChain(case)
        self.assertChain(new)

    def test_new_case_of_a_type_that_cannot_be_filed_again(self):
        case = self.make_closed()
        self.receive(case)
        case.type_id.sudo().active = False
        new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        self.assertEqual(new.type_id.code, "peticion")

    def test_thank(self):
        case = self.make_closed()
        self.receive(case, "Muchas gracias")
        self.assertEachRaises(UserError, lambda: self.as_director(case).action_thank("  "))
        self.as_director(case).action_thank("Gracias por escribirnos.")
        notice = case.communication_ids.filtered(lambda each: each.purpose == "thanks")
        self.assertEqual(notice.state, "queued")
        self.assertIn("Gracias por escribirnos.", notice.sudo().mail_id.body_html)
        self.assertEqual(case.state, "closed")
        self.assertFalse(self.waiting(case) or self.activities(case))
        self.assertEachRaises(UserError, lambda: self.as_director(case).action_thank("Otra vez"))

    def test_what_comes_while_it_is_attended_to(self):
        case = self.make_closed()
        self.receive(case, "Muchas gracias")
        asked, form = self.activities(case), self.open_step(case, "thank")
        late = self.receive(case, "Volvieron a robar")
        form.reason = "Con gusto"
        form.save().action_confirm()
        self.assertEqual((self.waiting(case), len(self.activities(case))), (late, 1), "nobody has read it")
        self.assertEachRaises(MissingError, asked.with_user(self.director).action_feedback)

    def test_a_step_attends_to_what_it_settles(self):
        case = self.make_case()
        steps = (("request_information", "La fecha"), ("refuse_completion", "Falta"), ("register_completion", None))
        stranger = self.builder.receive(case, "¿Y a mí?", author="stranger")
        for step, reason in steps:
            self.take_step(case, step, **({"reason": reason} if reason else {}))
            self.assertEqual(self.waiting(case).ids, [], step)
            self.assertEqual(stranger.state, "received", step)
            delivered = self.builder.receive(case, "Fue el lunes")
        delivered.state = "attended"
        self.builder.send(self.make_approved(case))
        self.receive(case, "Muchas gracias")
        self.take_step(case, "thank", reason="Con gusto")
        self.assertEqual((self.waiting(case).ids, stranger.state), ([], "received"))

    def test_what_says_nothing_of_what_was_seen(self):
        case = self.make_closed()
        message = self.receive(case, "Muchas gracias")
        for seen in ("x", 5, None, [message.id], {}, {"waiting": None}, {"waiting": "x"}, {"waiting": [[1], {}, None]}, {"x": {"waiting": 1}}):
            with self.subTest(seen=seen), self.undone():
                self.as_director(case).with_context(sig_seen=seen).action_thank("Con gusto")
                values = {"pqrs_id": case.id, "step": "thank", "reason": "Con gusto", "seen": seen}
                self.env["sig.pqrs.step.wizard"].with_user(self.director).create(values).action_confirm()
                self.assertEqual(self.waiting(case), message)
                self.as_director(message).with_context(sig_seen=seen).action_attend()
                self.assertFalse(self.waiting(case), "it is named itself")

    def test_what_comes_while_it_is_taken_up_again(self):
        case = self.make_closed()
        self.receive(case, "No estoy de acuerdo")
        form = self.open_step(case, "reopen")
        late = self.receive(case, "Y volvieron a robar")
        form.reason = "Tiene razón"
        form.save().action_confirm()
        self.assertEqual((case.state, late.state, late.purpose), ("received", "received", "message"))
        self.activities(case, "sig_pqrs.activity_message").with_user(self.director).action_feedback()
        self.reload()
        self.assertEqual(late.state, "attended", "as any other message about an open case")

    def test_rights(self):
        case = self.make_closed()
        message = self.receive(case)
        self.assertIn("Sigue igual", message.with_user(self.management).read(["body"])[0]["body"])
        self.assertTrue(message.attachment_ids.with_user(self.management).has_access("read"))
        self.assertDenied(message, self.other_leader | self.employee, lambda own: own.read(["body"]))
        self.assertDenied(message.attachment_ids, self.other_leader | self.employee, lambda own: own.read(["name"]))
        forged = {"pqrs_id": case.id, "direction": "in", "purpose": "information"}
        self.assertDenied(message, self.director | self.collaborator, lambda own: own.create(forged), error=UserError)

    def test_stranger(self):
        case = self.make_closed()
        kinds, message_count = self.kinds(case), self.env["mail.mail"].search_count([])
        message = self.receive(case, "¿Qué le respondieron?", sender="Curioso <curioso@example.com>")
        self.assertEqual((message.author, message.state, message.email_from), ("stranger", "received", '"Curioso" <curioso@example.com>'))
        self.assertEqual((case.state, self.waiting(case).ids, self.kinds(case)), ("closed", [], [*kinds, "message_received"]))
        self.assertNotIn("¿Qué le respondieron?", self.conversation(case), "the client does not read it")
        self.assertIn("not the petitioner", self.activities(case).summary)
        self.assertEqual(self.env["mail.mail"].search_count([]), message_count, "nobody is answered")
        self.assertNotIn("curioso@example.com", case.sudo().message_partner_ids.mapped("email"))
        self.assertEachRaises(UserError, self.as_director(case).action_new_case_from_message)

    def test_information_that_was_required(self):
        case = self.make_case()
        self.as_director(case).action_request_information("La fecha de los hechos")
        case.communication_ids.sudo().mail_id.state = "sent"
        with freeze_time("2026-11-26 15:00:00"):
            self.receive(case, "Fue el lunes", date="Thu, 26 Nov 2026 14:30:00 +0000")
        with freeze_time("2026-11-27 15:00:00"):
            self.receive(case, "¿Les llegó?", date="Fri, 27 Nov 2026 14:30:00 +0000")
        acts = case.sudo().act_ids.filtered(lambda act: act.kind == "information_delivered")
        self.assertEqual([str(act.date) for act in acts], ["2026-11-26 14:30:00", "2026-11-27 14:30:00"])
        self.assertTrue(case.suspended, "the SIG confirms it")
        self.assertIn("confirm", self.activities(case).summary)
        with freeze_time("2026-12-02 15:00:00"):
            form = self.open_step(case, "register_completion")
            self.assertEqual(form.date, date(2026, 11, 26), "what came first is what restarts the term")
            form.date = "2026-11-27"
            form.save().action_confirm()
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, str(act.date)), ("completion", "2026-11-27 14:30:00"), "unless the SIG says that it was the other")
        self.assertFalse(case.suspended or self.activities(case) or self.waiting(case))
        self.assertChain(case)

    def test_what_fails_loses_no_message(self):
        case = self.make_closed()
        with patch.object(
            self.env.registry["sig.pqrs"], "_ask_to_read", side_effect=ValueError("broken")
        ), self.assertLogs("odoo.addons.sig_pqrs", "ERROR"):
            self.assertEqual(self.receive(case), self.waiting(case))
        act = case.sudo().act_ids.sorted("number")[-1]
        self.assertEqual((act.kind, set(act.data)), ("client_message", {"communication", "communications", "files", "names"}))
        self.assertFalse(self.activities(case))

    def test_a_delivery_does_not_date_what_comes_after_closing(self):
        case = self.make_case()
        self.as_director(case).action_request_information("La fecha de los hechos")
        self.builder.receive(case, "Fue el lunes", moment(self.company, date(2026, 11, 25)))
        with freeze_time("2026-11-27 15:00:00"), self.undone():
            self.as_director(case).action_withdraw("Desistió")
            self.assertFalse(self.waiting(case, "late"))
        with freeze_time("2026-11-27 15:00:00"):
            self.builder.send(self.make_approved(case))
        self.assertFalse(case.sudo()._get_waiting_text())
        late = self.builder.receive(case, "Sigue igual", moment(self.company, date(2026, 12, 3)))
        self.assertEqual(self.waiting(case, "late"), late)
        with freeze_time("2026-12-04 15:00:00"):
            crossed = self.builder.receive(case, "Falta algo", date=moment(self.company, date(2026, 11, 26)))
            self.assertEqual(crossed.date, case.date_answered)
            crossed.state = "attended"
            new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        self.assertEqual((str(new.date_received), new.description), ("2026-12-03 15:00:00", "Sigue igual"))

    def test_what_waits_survives_the_return_of_the_answer(self):
        case = self.make_closed()
        late = self.builder.receive(case, "Sigue igual", moment(self.company, date(2026, 11, 25)))
        case.sudo().delivery_id._fail("The mail was returned.")
        self.assertEqual(case.state, "approved")
        self.builder.send(case)
        self.assertEqual(self.waiting(case, "late"), late)
