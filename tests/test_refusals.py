from functools import partial

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import SigCommon


class TestRefusals(SigCommon):
    """What is refused says why, and changes nothing."""

    def test_why(self):
        mine, other, led = self.make_assignment(), self.make_assignment(), self.make_assignment()
        led.sudo().user_id = self.leader
        mine.with_user(self.collaborator).write({"commitment_ids": [Command.create({"name": "Reforzar la luz", "date_due": "2026-12-10"})]})
        commitment = mine.commitment_ids.with_user(self.collaborator)
        case, approved, fresh = (self.as_director(one) for one in (other.pqrs_id, self.make_approved(), self.make_case()))
        case.action_extend(3, "Faltan las grabaciones.")
        mail = self.env["sig.pqrs.mail"].sudo().create(
            {"company_id": self.company.id, "direction": "in", "pqrs_id": case.id, "key": "a" * 64, "date": case.date_received, "date_kept": case.date_received}
        )
        gone = self.env["ir.attachment"].create({"name": "guía.pdf", "raw": b"x"})
        proofs = (gone.ids, {"id": 1}, ["1"], 1.5)
        gone.unlink()
        kept = [(record, record.read()) for record in (led, commitment, case, fresh, mail, self.operations.sudo())]
        for text, step, *args in (
            ("cannot draft it too", led.with_user(self.director).action_name_approver, self.leader.id, "Conflicto de interés."),
            ("needs a subject", fresh.write, {"subject": " "}),
            *(("1 to 365", self.operations.with_user(self.administrator).write, {"internal_days": days}) for days in (0, 366)),
            ("with this role", self.operations.write, {"member_ids": [Command.link(self.employee.id)]}),
            *(("stays with its answer", commitment.write, vals) for vals in ({"assignment_id": other.id}, {"pqrs_id": case.id})),
            ("is not deleted", case.communication_ids.sudo().unlink),
            ("not the name of a mail server", self.company.write, {"sig_trusted_relays": "mx.example.com, no es un servidor"}),
            ("of which there is no case", mail.with_user(self.director).action_file),
            *(("proof of delivery was not found", approved.action_send_response, "letter", False, proof, "RA1") for proof in proofs),
        ):  # fmt: skip
            with self.subTest(text):
                self.assertEachRaises(UserError, partial(step, *args), said=text)
        self.reload()
        self.assertEqual([(record, record.read()) for record, _values in kept], kept)
        self.assertEqual((approved.state, "delivered" in self.kinds(approved)), ("approved", False))

    def test_steps_that_are_not_possible(self):
        """In which states each step is refused, `test_transition_table` proves."""
        case, query, compliment = (self.make_case(type=kind).with_user(self.director) for kind in ("queja", "datos_consulta", "felicitacion"))
        self.assertEachRaises(UserError, case.action_send_response, said="have not approved")
        steps = (partial(query.action_request_information, "La cédula"), partial(compliment.action_extend, 5, "Falta algo"))
        self.assertEachRaises(UserError, *steps, said="is not possible now")
        mailing = self.as_director(self.make_approved())
        mailing.action_send_response()
        self.assertEachRaises(UserError, lambda: mailing.action_withdraw("Lo pidió"), said="on its way")
