"""Reserve of identity: its steps, and the life of a reserved case."""
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .test_identity import DOCUMENT, EMAIL, NAME, PHONE, STREET, ReserveCommon


class TestReserve(ReserveCommon):
    def make_reserved_approved(self, **vals):
        return self.builder.answer(self.make_reserved(**vals), self.operations)

    def test_filed_under_reserve(self):
        case = self.make_reserved(document_number=DOCUMENT, city="Duitama")
        self.assertTellsNothing(case.sudo().read())
        identity = self.get_identity(case)
        self.assertEqual((identity.partner_name, identity.email_from, identity.phone), (NAME, EMAIL, PHONE))
        self.assertEqual((identity.partner_id, identity.document_number, case.client_id), (self.person, DOCUMENT, self.client))
        self.assertTrue(case.acknowledgement_pending)
        self.assertChain(case)

    def test_client_that_is_who_asks(self):
        alone = self.env["res.partner"].create({"name": NAME, "email": EMAIL})
        company = self.env["res.partner"].create({"name": "Quijano SAS", "is_company": True})
        for partner in (alone, company):
            case = self.make_case(partner_id=partner.id, identity_reserved=True)
            self.assertFalse(case.client_id)
            self.assertEqual(self.get_identity(case).client_id, partner)
        case = self.reserve(self.make_case(partner_id=alone.id))
        self.assertFalse(case.client_id)
        self.assertEachRaises(UserError, lambda: case.with_user(self.director).write({"client_id": alone.id}))
        case.with_user(self.director).action_reveal_identity("Correo de hoy")
        self.assertEqual((case.client_id, case.partner_id), (alone, alone))

    def test_by_construction(self):
        case = self.make_reserved()
        for fname, value in (("partner_id", self.person.id), ("email_from", EMAIL), ("document_number", DOCUMENT)):
            self.assertDenied(case, self.director, lambda own, vals={fname: value}: own.write(vals), error=UserError)
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(f"UPDATE sig_pqrs SET {fname} = %s WHERE id = %s", [value, case.id])

    def test_failed_mail(self):
        case = self.make_reserved_approved()
        case.with_user(self.director).action_send_response()
        mail = case.sudo().delivery_id.mail_id
        mail.write({"state": "exception", "failure_reason": f"550 {EMAIL}: no such user"})
        mail._postprocess_sent_message([], [], failure_type="mail_email_invalid")
        self.assertEqual((case.state, case.delivery_state), ("approved", "failed"))
        self.assertDenied(case, self.collaborator, lambda own: own.read(["delivery_failure"]))
        self.reload()
        self.assertTellsNothing(case.sudo().act_ids.mapped("note"))
        self.assertTellsNothing(case.sudo().activity_ids.mapped("note"))
        self.assertTellsNothing(case.sudo().message_ids.mapped("body"))
        self.assertIn(EMAIL, str(self.get_identity(case).message_ids.mapped("body")))

    def test_bounce(self):
        self.builder.send(case := self.make_reserved_approved())
        self.assertEqual(case.state, "closed")
        message = self.env["mail.mail"].search([("model", "=", "sig.pqrs.identity"), ("sig_purpose", "=", "response")]).mail_message_id
        self.env["mail.thread"].sudo()._routing_handle_bounce(None, {
            "bounced_email": EMAIL, "bounced_partner": self.person, "bounced_msg_ids": [message.message_id],
            "bounced_message": message, "body": f"{EMAIL} unknown", "email_from": "mailer-daemon@example.com",
            "message_id": "<bounce@example.com>", "to": "",
        })
        self.assertEqual((case.state, case.delivery_state, case.date_answered), ("approved", "failed", False))
        self.assertEqual(self.kinds(case)[-1], "delivery_failed")
        case.with_user(self.director).action_correct_contact(email_from="nuevo@example.com")
        case.with_user(self.director).action_send_response()
        self.assertEqual(case.sudo().delivery_id.mail_id.email_to, "nuevo@example.com")
        self.assertFalse(case.email_from)

    def test_without_email(self):
        case = self.make_case(partner_id=False, partner_name=NAME, identity_reserved=True)
        self.assertFalse(case.acknowledgement_pending)
        case = self.builder.answer(case, self.operations)
        self.assertDenied(case, self.director, lambda own: own.action_send_response(), error=UserError)
        scan = self.env["ir.attachment"].with_user(self.director).create({"name": "guía.txt", "raw": NAME.encode()})
        case.with_user(self.director).action_send_response(delivery="letter")
        self.assertIn(NAME, case.sudo().letter_id.raw.decode())
        self.env["sig.pqrs.notify.wizard"].with_user(self.director).create(
            {"pqrs_id": case.id, "communication_ids": case.delivery_id.ids, "medium": "letter", "proof_ids": scan.ids, "date": "2026-11-24"}
        ).action_confirm()
        self.assertEqual((case.state, scan.res_model, scan.res_id), ("closed", "sig.pqrs.identity", self.get_identity(case).id))
        other = self.builder.answer(self.make_reserved(), self.operations)
        other.with_user(self.director).action_send_response(delivery="hand", proof=f"Recibió {NAME}")
        self.assertTellsNothing(other.sudo().act_ids.mapped("note"))
        self.assertTellsNothing(other.sudo().message_ids.mapped("body"))
        self.assertIn(NAME, str(self.get_identity(other).message_ids.mapped("body")))

    def test_portal_delivery(self):
        new_test_user(self.env, "quijano_portal", "base.group_portal", partner_id=self.person.id, name=NAME, email=EMAIL)
        case = self.make_reserved_approved()
        case.with_user(self.director).action_send_response(delivery="portal")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        other = self.builder.answer(self.make_case(partner_name=NAME, partner_id=False, identity_reserved=True), self.operations)
        self.assertDenied(other, self.director, lambda own: own.action_send_response(delivery="portal"), error=UserError)

    def test_reveal(self):
        case = self.make_told_case()
        cedula = case.attachment_ids.filtered(lambda annex: annex.name == "cedula.txt")
        self.reserve(case, private_attachment_ids=cedula.ids)
        self.finish_draft(case.assignment_ids)
        self.builder.send(case)
        own = case.with_user(self.director)
        self.assertEachRaises(UserError, *(lambda none=none: own.action_reveal_identity(none) for none in ("", "  ", None, False, 5)))
        own.action_reveal_identity("Lo autorizó por correo de hoy")
        self.reload()
        self.assertEqual((case.partner_id, case.partner_name, case.email_from), (self.person, NAME, EMAIL))
        self.assertEqual((case.sudo().document_number, case.city), (DOCUMENT, "Duitama"))
        self.assertFalse(case.identity_reserved)
        self.assertEqual(case.with_user(self.leader).letter_id.name, f"{case.name}.html")
        case.letter_id.with_user(self.leader).read(["raw"])
        self.assertEqual(case.sudo().delivery_id.mail_id.model, "sig.pqrs")
        self.assertEqual(cedula.res_model, "sig.pqrs.identity", "private annexes stay")
        self.assertEqual(self.kinds(case)[-1], "identity_revealed")
        self.assertEachRaises(UserError, lambda: own.action_reveal_identity("Otra vez"))
        self.reserve(case)
        self.assertEqual(len(case.sudo().identity_ids), 1)
        self.assertTellsNothing(case.sudo().read())
        self.assertEqual(case.sudo().letter_id.res_model, "sig.pqrs.identity")
        self.assertChain(case)

    def prove(self, name):
        return self.env["ir.attachment"].with_user(self.director).create({"name": name, "raw": NAME.encode()})

    def assertProofsHidden(self, case, *proofs):
        """With a tracking number, or the receipt itself, anybody learns who received it."""
        self.reload()
        people = self.collaborator | self.leader | self.management
        for user in people:
            own = case.with_user(user)
            texts = str(own.act_ids.mapped("note")) + str(own.message_ids.mapped("body"))
            self.assertNotIn("900700", texts)
            self.assertTellsNothing(texts)
        self.assertDenied(
            case, people, lambda own: own.communication_ids.read(["reference"]),
            lambda own: own.search([("delivery_id.reference", "ilike", "Guía")]),
            lambda own: own.communication_ids.search([("reference", "ilike", "Guía")]),
        )
        for proof in proofs:
            self.assertDenied(proof, people, lambda own: own.read(["raw"]))
            self.assertEqual((proof.res_model, proof.res_id), ("sig.pqrs.identity", self.get_identity(case).id))
            self.assertEqual(proof.with_user(self.director).raw, NAME.encode())
        self.assertChain(case)

    def test_what_proves_the_notices(self):
        """The proofs of before the reserve leave the case as its letters do."""
        case = self.make_case(partner_id=self.person.id)
        self.builder.assign(case, self.operations)
        case.with_user(self.director).action_extend(5, "Faltan registros")
        case.communication_ids.sudo().write({"state": "draft"})
        told, returned, delivered = (self.prove(name) for name in ("aviso.pdf", "primera.pdf", "segunda.pdf"))
        case.communication_ids.with_user(self.director).action_register_delivery(
            "letter", proof=told.ids, reference="Guía 9007001", received_by=NAME
        )
        self.finish_draft(case.assignment_ids)
        own = case.with_user(self.director)
        own.action_send_response(delivery="letter", proof=returned.ids, reference="Guía 9007002")
        own.delivery_id.action_register_return("Nadie atendió")
        own.action_send_response(delivery="letter", proof=delivered.ids, reference="Guía 9007003", received_by=NAME)
        self.assertIn("Guía 9007001", case.act_ids.mapped("note"))
        self.reserve(case)
        self.assertProofsHidden(case, told, returned, delivered)
        letters = self.env["ir.attachment"].search([("name", "=", f"{case.name}.html")])
        self.assertEqual((len(letters), set(letters.mapped("res_model"))), (2, {"sig.pqrs.identity"}))
        self.assertEqual((own.delivery_id.reference, own.communication_ids[-1:].reference), ("Guía 9007003", "Guía 9007001"))
        self.assertIn("Guía 9007002", str(self.get_identity(case).text_ids.mapped("text")))

    def test_what_proves_the_notices_of_a_reserved_case(self):
        case = self.make_reserved_approved()
        own = case.with_user(self.director)
        own.action_extend(5, "Faltan registros")
        extension = own.communication_ids
        extension.sudo().write({"state": "draft"})
        told, delivered = self.prove("aviso.pdf"), self.prove("entrega.pdf")
        extension.action_register_delivery("letter", proof=told.ids, reference="Guía 9007001", received_by=NAME)
        own.action_send_response(delivery="letter", proof=delivered.ids, reference="Guía 9007002", received_by=NAME)
        self.assertProofsHidden(case, told, delivered)
        own.delivery_id.action_register_return(f"En la {STREET} nadie conoce a {NAME}")
        self.reload()
        seen = case.with_user(self.collaborator)
        self.assertTellsNothing(seen.act_ids.mapped("note") + seen.message_ids.mapped("body"))
        self.assertDenied(case, self.collaborator, lambda own: own.read(["delivery_failure"]))
        self.reload()
        self.assertIn(STREET, str(self.get_identity(case).message_ids.mapped("body")))
        extension.action_register_return(f"En la {STREET} no hay nadie")
        notes = case.act_ids.filtered(lambda act: act.kind == "delivery_failed").mapped("note")
        self.assertEqual(len(notes), 2)
        self.assertEqual(notes[0], notes[1], "both are letters that came back by the post")

    def test_annexes(self):
        annexes = [Command.create({"name": f"{name}.txt", "raw": b"x"}) for name in ("foto", "cedula")]
        case = self.make_reserved(attachment_ids=annexes)
        foto, cedula = case.attachment_ids
        own = case.with_user(self.director)
        self.assertEachRaises(UserError, *(lambda ids=ids: own.action_hide_annexes(ids) for ids in ((), [0], [foto.id, 999999], "x", None)))
        own.action_hide_annexes(cedula.ids)
        self.assertEqual(case.attachment_ids, foto)
        self.make_assignment(case).with_user(self.collaborator).attachment_ids = foto
        self.assertEachRaises(UserError, lambda: own.action_hide_annexes(foto.ids))
        self.assertEqual(case.attachment_ids, foto)
        own.action_reveal_identity("Correo de hoy")
        view = self.env["sig.client.view"].with_context(lang=None)
        self.assertEqual([view._get_file(case, cedula.id, mine) for mine in (True, False)], [cedula, case.attachment_ids - foto], "for whom it is of")

    def test_talk(self):
        """On the case nothing is said to or by the petitioner."""
        own = self.make_reserved().with_user(self.director)
        identity, petitioner = own.identity_ids, {"partner_ids": self.person.ids}
        self.assertEachRaises(
            UserError, *(
                lambda kwargs=kwargs: own.message_post(body="Hola", **kwargs)
                for kwargs in (petitioner, {"partner_ids": self.contact.ids}, {"author_id": self.person.id})
            ), lambda: identity.message_post(body="Hola", subtype_xmlid="mail.mt_comment", **petitioner),
        )
        own.message_post(body="Nota", partner_ids=self.leader.partner_id.ids)
        identity.message_post(body="Nota")
        self.assertFalse(identity.sudo().message_partner_ids & self.person)

    def test_duplicates(self):
        """Alone, neither of two is reserved, nor repeats the other; together: `test_message_reserve`."""
        first, second = self.make_case(partner_id=self.person.id), self.make_reserved().with_user(self.director)
        self.assertEachRaises(UserError, lambda: second.action_cancel("duplicate", "Repetida", duplicate_of=first.id))
        self.reserve(first)
        second.action_cancel("duplicate", "Repetida", duplicate_of=first.id)
        self.assertEqual((second.outcome, second.duplicate_of_id), ("duplicate", first))

    def test_refusals(self):
        case = self.make_case(partner_id=self.person.id)
        self.make_assignment(case)
        own = case.with_user(self.director)  # others, and other situations: `test_transition_table`
        nobody = self.make_case(partner_id=False).with_user(self.director)
        self.assertEachRaises(
            UserError, *(lambda reason=reason: own.action_reserve_identity(reason) for reason in ("", " ", None, 7)),
            lambda: nobody.action_reserve_identity("x"),
            *(
                lambda vals=vals: self.make_case(identity_reserved=True, partner_id=False, **vals)
                for vals in ({"anonymous": True}, {})
            ),
        )
        self.reserve(case)
        self.assertEachRaises(
            UserError, own.action_correct_contact, lambda: own.action_correct_contact(email_from="no es correo"),
            lambda: own.write({"identity_reserved": False}),
        )

    def make_talked(self):
        case = self.make_told_case()
        self.assignment.with_user(self.collaborator).message_post(body="Falta el registro")
        scheduled = self.env["mail.scheduled.message"].with_user(self.collaborator).create({
            "model": self.assignment._name, "res_id": self.assignment.id, "body": "Mañana llama la vecina", "is_note": True,
            "scheduled_date": "2030-01-01", "author_id": self.collaborator.partner_id.id,
        })
        file = {"name": "recado.txt", "raw": b"vecina", "res_model": scheduled._name, "res_id": scheduled.id}
        scheduled.attachment_ids = self.env["ir.attachment"].with_user(self.collaborator).create(file)
        case.activity_schedule("mail.mail_activity_data_todo", note="Llamar a la señora", user_id=self.leader.id)
        self.notes = {act.number: act.note for act in case.sudo().act_ids if act.note}
        self.said = {
            (message.model, message.res_id): message.ids
            for message in case.sudo().message_ids.filtered(lambda message: "Nota sin nombres" in message.body)
        }
        return self.reserve(case)

    def texts(self, case, word):
        return case.with_user(self.director).identity_ids.text_ids.filtered(lambda text: word in (text.text or ""))

    def test_by_role(self):
        case = self.make_talked()
        identity = self.get_identity(case)
        readers = self.collaborator | self.leader | self.deputy | self.management
        people = readers | self.interviewer | self.employee | self.portal
        changes = (lambda own: own.write({"text": "x"}), lambda own: own.unlink())
        self.assertTrue(identity.text_ids)
        self.assertDenied(
            identity.text_ids, people, lambda own: own.read(["text"]), lambda own: own.search([]), lambda own: own.action_allow(), *changes
        )
        self.assertDenied(identity, people, lambda own: own.action_allow_texts())
        self.assertDenied(identity.text_ids, self.director, *changes, error=UserError)
        for user in readers:
            told = str(case.with_user(user).act_ids.read(["note", "data"]))
            for record in (case, self.assignment):
                of_record = [("res_id", "=", record.id)]
                messages = self.env["mail.message"].with_user(user).search([("model", "=", record._name), *of_record])
                activities = self.env["mail.activity"].with_user(user).search([("res_model", "=", record._name), *of_record])
                scheduled = self.env["mail.scheduled.message"].with_user(user).search([("model", "=", record._name), *of_record])
                told += str([row.read() for row in (messages, activities, scheduled)])
            for word in ("Nota sin nombres", "Llamar a la señora", "vecina", "Se llamó", "Llamó"):
                self.assertNotIn(word, told, user.login)

    def test_what_is_allowed_is_as_it_was(self):
        case = self.make_talked()
        note = self.texts(case, "Nota sin nombres")
        self.assertEqual(len(note), 1)
        note.action_allow()
        self.assertFalse(note.exists())
        seen = case.with_user(self.leader)
        self.assertIn("Nota sin nombres", str(seen.message_ids.mapped("body")))
        self.assertNotIn("Falta el registro", str(self.assignment.with_user(self.leader).message_ids.mapped("body")))
        self.assertEqual({(message.model, message.res_id): message.ids for message in seen.message_ids if "Nota sin nombres" in message.body}, self.said)
        identity = case.with_user(self.director).identity_ids
        identity.with_context(texts_seen=[]).action_allow_texts()
        self.assertTrue(identity.text_ids, "what came since was not read")
        identity.action_allow_texts()
        self.reload()
        self.assertEqual({act.number: act.note for act in case.sudo().act_ids if act.number in self.notes}, self.notes)
        said = self.assignment.with_user(self.leader).message_ids
        self.assertHolds(str(said.mapped("body")), "Falta el registro", "Mañana llama la vecina")
        [note] = said.filtered("attachment_ids")
        self.assertEqual((note.author_id, note.attachment_ids.raw), (self.collaborator.partner_id, b"vecina"))
        self.assertIn("Llamar a la señora", str(case.activity_ids.mapped("note")))
        self.assertFalse(case.sudo().message_ids.author_id & self.person, "what the petitioner wrote stays apart")
        self.assertFalse(case.sudo().message_ids.tracking_value_ids.field_id.filtered(lambda field: field.name == "partner_id"))
        self.assertChain(case)

    def test_revealed(self):
        """With the consent of the petitioner, what was hidden returns."""
        case = self.make_talked()
        case.with_user(self.director).action_reveal_identity("Lo autorizó")
        self.reload()
        self.assertFalse(self.get_identity(case).text_ids)
        self.assertEqual({act.number: act.note for act in case.sudo().act_ids if act.number in self.notes}, self.notes)
        self.assertIn("Nota sin nombres", str(case.with_user(self.leader).message_ids.mapped("body")))
        self.assertChain(case)

    def test_comment_of_a_rating(self):
        for late in (False, True):
            case = self.make_case(partner_id=self.person.id) if late else self.make_reserved()
            self.builder.send(self.builder.answer(case, self.operations))
            if late:
                self.client_step(case.sudo().with_user(self.env.ref("base.public_user")).sudo(), "rate", "2", f"Soy {NAME}")
                self.reserve(case)
            else:
                self.builder.rate(case, 2, f"Soy {NAME}")
            self.reload()
            told = str(case.sudo().read()) + str(case.sudo().rating_ids.read(["feedback"])) + str(case.sudo().act_ids.mapped("note"))
            self.assertTellsNothing(told + str(case.sudo().message_ids.mapped("body")))
            new = case.browse(self.as_director(case).action_new_case_from_rating()["res_id"])
            self.assertTellsNothing(new.sudo().read())
            self.as_director(self.get_identity(new)).action_allow_texts()
            self.assertEqual(new.sudo().description, f"Soy {NAME}", "the case that it became has it too")
            for text in self.texts(case, NAME):
                text.action_allow()
            rated = case.with_user(self.leader)
            self.assertEqual((rated.rating_reason, rated.answer_id.rating_reason), (f"Soy {NAME}",) * 2)
            self.assertChain(case)

    def test_erased_with_the_case(self):
        case = self.make_talked()
        self.finish_draft(case.assignment_ids)
        self.builder.send(case)
        texts = self.get_identity(case).text_ids
        self.assertTrue(texts)
        case.env["sig.anonymizer"]._anonymize_cases(case.sudo(), "Tabla", {})
        self.assertFalse(texts.exists())
        self.assertChain(case)
