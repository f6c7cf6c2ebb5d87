from odoo.exceptions import UserError

from .common import freeze_time
from .test_identity import EMAIL, NAME, ReserveCommon
from .test_message import MessageCommon


class TestReservedIsHeard(MessageCommon, ReserveCommon):
    """What a petitioner under reserve writes is kept with the identity, and moves the case as anybody's does."""

    def receive(self, case, body="Sigue igual", **values):
        """A mail of the petitioner arrives as an answer to the last one that they got about a reserved case."""
        return super().receive(case, body, **{"sender": f"{NAME} <{EMAIL}>", **values})

    def test_information_that_was_required(self):
        case = self.make_reserved()
        self.as_director(case).action_request_information("La fecha de los hechos")
        with freeze_time("2026-11-26 15:00:00"):
            message = self.receive(case, "Fue el lunes de Quijano", date="Thu, 26 Nov 2026 14:30:00 +0000")
        self.assertEqual((self.waiting(case, "information"), message.attachment_ids.res_model), (message, "sig.pqrs.identity"))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, str(act.date), act.note), ("information_delivered", "2026-11-26 14:30:00", ""))
        activity = self.activities(case)
        self.assertEqual(activity.user_id, self.director)
        self.assertIn("confirm", activity.summary)
        self.assertFalse(activity.note)
        self.assertIn("lunes", case.sudo()._get_waiting_text())
        self.assertNotIn("lunes", str(case.sudo().message_ids.mapped("body")))
        self.assertTellsNothing(case.sudo().message_ids.mapped("body"))
        with freeze_time("2026-12-02 15:00:00"):
            self.as_director(case).action_register_completion(message_id=message.id)
        self.assertEqual(str(case.sudo().act_ids[-1].date), "2026-11-26 14:30:00")
        self.assertFalse(case.suspended or self.waiting(case) or self.activities(case))
        self.assertChain(case)

    def test_a_reader_learns_nothing(self):
        case = self.make_reserved()
        self.make_assignment(case)
        self.as_director(case).write({"legal_risk": True, "legal_reviewer_id": self.other_collaborator.id})
        self.as_director(case).action_request_information("La fecha")
        message = self.receive(case, f"Soy {NAME}, fue el lunes")
        self.assertTrue(case.with_user(self.other_collaborator).has_access("read"), "who reviews its answer")
        people = self.collaborator | self.leader | self.management | self.other_collaborator
        self.assertDenied(message, people, lambda own: own.read(["body"]))
        self.assertDenied(message.attachment_ids, people, lambda own: own.read(["name"]))
        for user in people:
            self.assertFalse(message.with_user(user).search([("pqrs_id", "=", case.id)]))
            activities = self.env["mail.activity"].with_user(user).search([("res_model", "=", "sig.pqrs"), ("res_id", "=", case.id)])
            self.assertTellsNothing(activities.read(["summary", "note"]))

    def test_after_closing_a_new_case(self):
        case = self.builder.send(self.make_approved(self.make_reserved(subject="Ruido", document_type="cc", document_number="52999888")))
        with freeze_time("2026-11-26 15:00:00"):
            self.receive(case, "Otra vez hay ruido", date="Thu, 26 Nov 2026 14:30:00 +0000")
        self.assertTrue(self.waiting(case, "late"))
        self.assertEqual(self.kinds(case)[-1], "client_message")
        with freeze_time("2026-11-27 15:00:00"):
            self.receive(case, "Y de madrugada", date="Fri, 27 Nov 2026 14:30:00 +0000")
            new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        self.reload()
        self.assertEqual((new.identity_reserved, new.origin_id, new.channel), (True, case, "email"))
        identity = self.get_identity(new)
        self.assertEqual((identity.partner_id, identity.email_from, identity.document_number), (self.person, EMAIL, "52999888"))
        self.assertEqual(new.client_id, self.client)
        self.assertNotIn("ruido", new.description)
        self.as_director(identity).text_ids.action_allow()
        self.assertEqual((new.description, str(new.date_received)), ("Otra vez hay ruido\n\nY de madrugada", "2026-11-26 14:30:00"))
        self.assertFalse(new.attachment_ids, "the SIG says which files the processes may see")
        self.assertEqual(identity.attachment_ids.mapped("name"), ["foto.txt", "foto.txt"])
        self.assertTrue(new.acknowledgement_pending)
        self.assertTellsNothing(new.sudo().read())
        self.assertFalse(self.waiting(case) or self.activities(case))
        self.assertChain(new)

    def test_a_text_that_tells_who_asks(self):
        case = self.builder.send(self.make_approved(self.make_reserved()))
        self.receive(case, f"Otra vez hay ruido. Atentamente, {NAME}")
        new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        self.assertTellsNothing(new.description)
        self.assertTellsNothing(new.sudo().message_ids.mapped("body"))
        text = self.as_director(self.get_identity(new)).text_ids
        self.assertIn("Otra vez hay ruido", text.text)
        self.as_director(new).description = "Pide silencio"
        text.action_allow()
        self.assertIn("Pide silencio", new.description, "what the SIG wrote is not lost")
        self.assertIn(NAME, new.description)

    def test_reserved_since(self):
        """What waited when the identity was reserved goes on waiting, and is the SIG's alone; revealed, it is as it was."""
        case = self.builder.send(self.make_approved(self.make_case(partner_id=self.person.id)))
        message = self.builder.receive(case, "Otra vez hay ruido", files=[{"name": "foto.txt", "raw": b"x"}])
        self.reserve(case)
        for owned in (message, message.attachment_ids):
            self.assertFalse(owned.with_user(self.management).has_access("read"))
        self.assertIn("ruido", case.sudo()._get_waiting_text())
        new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        self.assertTrue(new.identity_reserved)
        self.assertIn("ruido", self.as_director(self.get_identity(new)).text_ids.text)
        self.assertEqual(self.get_identity(new).partner_id, self.person)
        self.as_director(case | new).action_reveal_identity("Correo de hoy")
        for owned in (message, message.attachment_ids):
            self.assertTrue(owned.with_user(self.management).has_access("read"))

    def test_others(self):
        case = self.builder.send(self.make_approved(self.make_reserved()))
        kinds = self.kinds(case)
        self.get_identity(case).with_user(self.director).message_post(body="Nota", subtype_xmlid="mail.mt_comment", message_type="comment")
        automatic = self.receive(case, "Estoy de vacaciones", headers="Auto-Submitted: auto-replied\n")
        self.assertEqual((automatic.author, automatic.state), ("automatic", "attended"))
        self.assertFalse(self.activities(case))
        self.receive(case, "¿Quién fue?", sender="Curioso <curioso@example.com>")
        self.assertEqual((self.kinds(case), self.waiting(case).ids), (kinds + 2 * ["message_received"], []))
        self.assertIn("not the petitioner", self.activities(case).summary)

    def test_linked_cases_are_reserved_and_revealed_together(self):
        case = self.builder.send(self.make_approved(self.make_case(partner_id=self.person.id)))
        self.builder.receive(case, "Otra vez hay ruido")
        new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        alone = (self.as_director(case), self.as_director(new))
        self.assertEachRaises(UserError, *(lambda one=one: one.action_reserve_identity("Lo pidió") for one in alone), said="together")
        self.take_step(new, "reserve_identity", reason="Lo pidió")
        self.assertTrue(case.identity_reserved and new.identity_reserved)
        self.assertEachRaises(UserError, *(lambda one=one: one.action_reveal_identity("Correo de hoy") for one in alone), said="together")
        self.take_step(case, "reveal_identity", reason="Correo de hoy")
        self.assertFalse(case.identity_reserved or new.identity_reserved)
        self.assertEqual(case.partner_id | new.partner_id, self.person)

    def test_a_case_that_was_repeated_is_reserved_with_its_duplicate(self):
        case, repeated = self.make_case(partner_id=self.person.id), self.make_case(partner_id=self.person.id)
        self.as_director(repeated).action_cancel("duplicate", "Repetida", duplicate_of=case.id)
        self.as_director(case | repeated).action_reserve_identity("Lo pidió")
        self.assertTrue(case.identity_reserved and repeated.identity_reserved)

    def test_writes_after_closing(self):
        case = self.make_anonymous()
        self.builder.answer(case, self.operations)
        self.as_director(case).action_send_response(delivery="publication")
        message = self.builder.receive(case, "Sigue igual", medium="web", files=[{"name": "foto.txt", "raw": b"x"}])
        self.assertFalse(message.email_from)
        new = self.env["sig.pqrs"].browse(self.as_director(case).action_new_case_from_message()["res_id"])
        self.assertEqual((new.anonymous, new.channel, new.description), (True, "web", "Sigue igual"))
        self.assertEqual(new.attachment_ids.mapped("name"), ["foto.txt"])

    def test_anybody_else_by_mail(self):
        case = self.make_anonymous()
        self.as_director(case).action_request_information("La fecha de los hechos")
        self.env["mail.thread"].message_process("sig.pqrs", "\n".join([
            "From: Alguien <alguien@example.org>", "To: servicioalcliente@example.com", f"Subject: {case.name}",
            "Message-Id: <1@example.org>", f"In-Reply-To: {case.sudo().message_ids[:1].message_id}", "", "Fui yo",
        ]))  # fmt: skip
        message = case.sudo().communication_ids.filtered(lambda each: each.direction == "in")
        self.assertEqual((message.author, message.body, message.email_from), ("anonymous", "Fui yo", False))
        self.assertFalse(self.waiting(case))
        self.assertIn("anonymous", self.activities(case).summary)
