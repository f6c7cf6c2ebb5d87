"""What the parts of an answer share, and the helpers of steps: asked for whole, in batches, on the right case."""
from functools import partial

from odoo.exceptions import UserError

from .common import SigCommon, date


class TestAnswerPart(SigCommon):
    def commit(self, assignment, **vals):
        return self.env["sig.pqrs.commitment"].with_user(self.collaborator).create({
            "assignment_id": assignment.id, "name": "Cambiar la cámara", "date_due": date(2026, 12, 1), **vals,
        })

    def test_what_is_no_id_is_refused(self):
        assignment = self.make_assignment()
        Request = self.env["sig.pqrs.request"].with_user(self.director)
        for value in ("x", [assignment.id], {"id": assignment.id}, True, 1.5):
            vals = {"name": "Una", "pqrs_id": assignment.pqrs_id.id, "assignment_id": value}
            self.assertEachRaises(
                UserError, partial(self.commit, assignment, assignment_id=value), partial(Request.create, vals),
                partial(Request.with_context(default_pqrs_id=value).create, {"name": "Una"}), said="is not the id of a record",
            )
        self.assertFalse(assignment.sudo().commitment_ids)
        self.assertFalse(assignment.sudo().request_ids)

    def test_a_part_that_the_context_names_voids_the_approval_too(self):
        case = self.make_approved()
        assignment = case.assignment_ids
        self.env["sig.pqrs.request"].with_user(self.director).with_context(
            default_pqrs_id=case.id, default_assignment_id=assignment.id
        ).create({"name": "Una más"})
        self.assertEqual(assignment.state, "returned")

    def test_parts_of_a_closed_answer_stay(self):
        assignment = self.make_assignment()
        request = self.env["sig.pqrs.request"].with_user(self.director).create(
            {"name": "Una", "pqrs_id": assignment.pqrs_id.id, "assignment_id": assignment.id}
        )
        commitment = self.commit(assignment)
        assignment.pqrs_id.with_user(self.director).action_transfer("Policía Nacional", "Es de su competencia")
        for record, vals in (
            (request, {"answer": "Sí"}), (commitment, {"name": "Otra"}), (assignment, {"response": "Otra"})
        ):
            write = partial(record.with_user(self.collaborator).write, vals)
            self.assertEachRaises(UserError, write, said="its answer can no longer be changed")
