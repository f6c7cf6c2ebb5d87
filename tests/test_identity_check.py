"""Who asks anonymously, and who proved who they are."""
from odoo.exceptions import AccessError, UserError

from .test_identity import DOCUMENT, EMAIL, NAME, PHONE, ReserveCommon


class TestIdentityCheck(ReserveCommon):
    """Personal data are answered to whom they belong to (Ley 1581 de 2012, art. 15; Decreto 1377 de 2013, art. 20); of an
    anonymous case no identity is stored anywhere, so that no door can tell it.
    """

    def make_data_case(self, **vals):
        case = self.make_case(type="datos_consulta", partner_id=self.person.id, **vals)
        return self.builder.answer(case, self.operations).with_user(self.director)

    def test_needed_to_answer(self):
        case = self.make_data_case()
        self.assertEachRaises(UserError, *(
            lambda delivery=delivery, proof=proof: case.action_send_response(delivery=delivery, proof=proof)
            for delivery, proof in (("email", False), ("hand", "Recibió"), ("letter", False))
        ), said="identity")
        self.assertEqual(case.delivery_state, "none")
        case.action_check_identity("holder", "Cédula presentada en la oficina")
        self.assertEqual(case.identity_checked, "holder")
        said = f"24/11/2026 · {self.director.name}: Cédula presentada en la oficina"
        self.assertEqual((case.identity_evidence, self.kinds(case)[-1]), (said, "identity_checked"))
        case.action_send_response()
        self.assertEqual(case.delivery_state, "pending")

    def test_evidence_is_the_sigs(self):
        case = self.make_data_case()
        case.action_check_identity("representative", f"Poder de {NAME}, C. C. {DOCUMENT}")
        for user in (self.collaborator, self.leader, self.management):
            self.env.invalidate_all()
            own = case.with_user(user)
            self.assertEqual(own.identity_checked, "representative")
            self.assertEachRaises(AccessError, lambda own=own: own.read(["identity_evidence"]))
            self.assertNotIn(DOCUMENT, str(own.act_ids.read(["note", "data"])) + str(own.message_ids.mapped("body")))
        self.assertIn(DOCUMENT, case.identity_evidence)

    def test_reclassified(self):
        case = self.builder.answer(self.make_case(partner_id=self.person.id), self.operations).with_user(self.director)
        case.action_reclassify(self.env.ref("sig_pqrs.type_datos_consulta").id, "Pide sus datos")
        self.assertEachRaises(UserError, case.action_send_response)

    def test_void_when_the_addressee_changes(self):
        for vals in ({"email_from": "otra@example.com"}, {"partner_id": self.contact.id}):
            case = self.make_data_case()
            case.action_check_identity("holder", "Cédula")
            case.write({"email_from": f"<{EMAIL.upper()}>", "city": "Tunja"})
            self.assertTrue(case.identity_checked, "the same address, written otherwise")
            case.write(vals)
            self.assertFalse(case.identity_checked or case.identity_evidence)
            self.assertIn("identity_unchecked", self.kinds(case)[-2:])
            self.assertEachRaises(UserError, case.action_send_response)
            case.action_check_identity("heir", "Registro civil")
            case.action_send_response()
            self.assertChain(case)

    def test_under_reserve(self):
        case = self.make_data_case()
        case.action_check_identity("holder", "Cédula")
        self.reserve(case)
        self.assertTrue(case.identity_checked, "it is the same person")
        case.action_correct_contact(phone="601 555 0000")
        self.assertTrue(case.identity_checked)
        case.action_correct_contact(email_from="otra@example.com")
        self.assertFalse(case.identity_checked)
        case.action_check_identity("holder", "Llamada")
        case.action_reveal_identity("Correo de hoy")
        self.assertTrue(case.identity_checked)

    def test_bad_input(self):
        case = self.make_data_case()
        bad = (("owner", "x"), (None, "x"), ("holder", ""), ("holder", "  "), ("holder", None), ([], "x"))
        self.assertEachRaises(UserError, *(lambda arguments=arguments: case.action_check_identity(*arguments) for arguments in bad))
        case.action_check_identity("holder", "Cédula")
        self.assertEachRaises(UserError, lambda: case.action_check_identity("holder", "Cédula"))
        other = self.make_data_case()
        self.take_step(other, "check_identity", capacity="heir", reason="Registro civil")
        self.assertEqual(other.identity_checked, "heir")

    def test_nothing_is_stored(self):
        """Nor by its answer; by its filing: `test_attacks`."""
        partners = self.env["res.partner"].search_count([])
        case = self.builder.answer(self.make_anonymous(), self.operations).with_user(self.director)
        case.action_send_response(delivery="portal")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        sudo = case.sudo()
        self.assertFalse(sudo.identity_ids or sudo.rating_ids or sudo.message_partner_ids.filtered("partner_share"))
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id)]))
        self.assertEqual(case.petitioner, "Anonymous")
        self.assertIn("To whom filed the request", str(sudo.letter_id.raw.decode()))
        self.assertChain(case)

    def test_refusals(self):
        for vals in (
            {"partner_id": self.person.id}, {"client_id": self.person.id}, {"partner_name": NAME}, {"email_from": EMAIL}, {"phone": PHONE},
            {"document_number": DOCUMENT},
        ):
            self.assertEachRaises(UserError, lambda vals=vals: self.make_case(**{"partner_id": False, "anonymous": True, **vals}))
        own = self.make_anonymous(client_id=self.client.id).with_user(self.director)
        self.assertEachRaises(
            UserError, lambda: own.message_post(body="x", partner_ids=self.person.ids), lambda: self.make_anonymous(type="datos_consulta")
        )
