from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import SigCommon, date, freeze_time


class TestCommitment(SigCommon):
    """What an answer promises: drafted and approved with it, made when it leaves, followed until it is done."""

    activity_type = "sig_pqrs.activity_commitment"

    def promise(self, assignment=None, user=None, **vals):
        assignment = assignment or self.make_assignment()
        vals = {"name": "Reforzar la iluminación", "date_due": "2026-12-10", **vals}
        assignment.with_user(user or assignment.user_id).write({"commitment_ids": [Command.create(vals)]})
        return assignment.sudo().commitment_ids.sorted("id")[-1]

    def send(self, commitment, **arguments):
        assignment = commitment.assignment_id
        if assignment.state == "pending":
            self.builder.draft(assignment)
        if assignment.state == "submitted":
            self.builder.approve(assignment)
        case = commitment.pqrs_id
        case.with_user(self.director).action_send_response(**{"delivery": "hand", "received_by": "Ana Ruiz", **arguments})
        self.reload()  # what is computed now is stored now, as at the end of a request
        return case

    def test_of_a_process_that_is_removed(self):
        part = self.promise().assignment_id
        self.builder.draft(part)
        part.with_user(self.director).action_remove("No era de ellos")
        self.assertEqual((part.state, self.kinds(part.pqrs_id)[-1]), ("submitted", "removed"), "nothing was returned")
        self.assertFalse(part.sudo().activity_ids)

    def test_life(self):
        commitment = self.promise()
        assignment = commitment.assignment_id
        self.assertEqual(
            (commitment.state, commitment.user_id, commitment.pqrs_id, commitment.process_id),
            ("draft", self.collaborator, assignment.pqrs_id, self.operations),
        )
        self.assertEqual(commitment.deadline_state, "not_applicable", "nothing is promised yet")
        self.assertEqual(self.promise(user=self.leader).user_id, self.collaborator, "who drafts, whoever wrote it down")
        self.assertFalse(self.activities(commitment))
        case = self.send(commitment)
        self.assertEqual((commitment.state, str(commitment.date_made)), ("open", "2026-11-24 15:00:00"))
        self.assertEqual(commitment.deadline_state, "on_track")
        self.assertIn("Reforzar la iluminación", self.see(case)["answer_text"], "as in letter and mail")
        activity = self.activities(commitment)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.collaborator, date(2026, 12, 10)))
        self.assertIn("commitment", self.kinds(case))
        self.assertIn("Reforzar la iluminación", case.sudo().act_ids.filtered(lambda act: act.kind == "commitment").note)
        own = commitment.with_user(self.collaborator)
        self.assertEachRaises(UserError, *(partial(own.action_complete, nothing) for nothing in (False, "  ", 7)))
        photo = self.env["ir.attachment"].with_user(self.collaborator).create({"name": "foto.jpg", "raw": b"x"})
        with freeze_time("2026-12-09 15:00:00"):
            own.action_complete(evidence="Se instalaron dos luminarias", attachments=photo.ids)
        self.assertEqual((commitment.state, commitment.deadline_state), ("done", "answered_on_time"))
        self.assertEqual((commitment.attachment_ids, photo.res_model), (photo, "sig.pqrs.commitment"))
        self.assertEqual(commitment.evidence, "Se instalaron dos luminarias")
        self.assertFalse(self.activities(commitment))
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data["proof"]), ("commitment_done", [photo.checksum]))
        self.assertEachRaises(UserError, lambda: own.action_complete(evidence="Otra vez"))
        self.assertChain(case)

    def test_in_the_letter(self):
        commitment = self.promise()
        other = self.promise(self.make_assignment(commitment.pqrs_id, self.technology), name="Cambiar la cámara")
        self.finish_draft(commitment.assignment_id)
        case = commitment.pqrs_id.sudo()
        self.assertEqual(self.env["sig.pqrs.commitment"]._get_promised(case), commitment, "what is not approved is not promised")
        self.finish_draft(other.assignment_id)
        html = self.env["ir.actions.report"]._render_qweb_html("sig_pqrs.report_response_letter", case.ids)[0].decode()
        self.assertHolds(html, "Reforzar la iluminación", "Cambiar la cámara")
        self.assertIn("Reforzar", self.env["sig.pqrs.send.wizard"].with_user(self.director).create(
            {"pqrs_id": case.id, "delivery": "hand", "resolution": "upheld"}
        ).sections)

    def test_the_approval_covers_it(self):
        commitment = self.promise()
        assignment = commitment.assignment_id
        self.finish_draft(assignment)
        commitment.with_user(self.collaborator).write({"user_id": self.leader.id})
        self.assertEqual(assignment.state, "approved", "the client does not read who does it")
        commitment.with_user(self.collaborator).write({"date_due": "2026-12-20"})
        self.assertEqual(assignment.state, "returned")
        for change in (
            lambda: commitment.with_user(self.collaborator).write({"name": "Otra cosa"}),
            lambda: commitment.with_user(self.collaborator).unlink(),
            lambda: self.env["sig.pqrs.commitment"].with_user(self.collaborator).create(
                {"assignment_id": assignment.id, "name": "Otra", "date_due": "2026-12-20"}
            ),
        ):
            self.finish_draft(assignment, write=False)
            change()
            self.assertEqual(assignment.state, "returned")

    def test_listed_by_the_sig(self):
        case = self.make_approved().with_user(self.director)
        case.write({"commitment_ids": [Command.create({"name": "Visitar al cliente", "date_due": "2026-12-01"})]})
        commitment = case.commitment_ids
        self.assertEqual((commitment.user_id, commitment.process_id.ids, case.assignment_ids.state), (self.director, [], "approved"))
        case.action_send_response(delivery="letter", reference="Guía 1")
        self.assertEqual((commitment.state, len(self.activities(commitment))), ("open", 1))
        case.delivery_id.action_register_return("Dirección errada")
        self.assertEqual((commitment.state, len(self.activities(commitment))), ("draft", 0), "it stands in the next letter")

    def test_bad_drafts(self):
        assignment = self.make_assignment()
        gone = self.builder.make_user(self.env, "sig_gone", "Retirado", "collaborator")
        gone.active = False
        bad = (
            {"date_due": "2026-11-23"}, {"user_id": gone.id}, {"user_id": self.employee.id},
            {"user_id": self.portal.id}, {"state": "done"}, {"date_made": "2026-11-24 10:00:00"}, {"evidence": "x"},
            {"pqrs_id": self.make_case().id},
        )  # fmt: skip
        self.assertEachRaises(UserError, *(partial(self.promise, assignment, **vals) for vals in bad))
        self.assertFalse(assignment.commitment_ids.exists())

    def test_what_cannot_be_promised_any_more(self):
        late, idle = self.promise(date_due="2026-11-25"), self.promise(user_id=self.other_collaborator.id)
        for commitment in (late, idle):
            self.finish_draft(commitment.assignment_id)
        self.other_collaborator.active = False
        with freeze_time("2026-11-26 15:00:00"):
            for commitment, text in ((late, "a date that has passed"), (idle, "not an active user")):
                self.assertEachRaises(UserError, partial(self.send, commitment), said=text)
                self.assertEqual((commitment.pqrs_id.state, commitment.state), ("approved", "draft"))
            idle.with_user(self.director).write({"user_id": self.leader.id})
            self.send(idle)
        self.assertEqual(idle.state, "open")

    def test_what_was_promised_stands(self):
        commitment = self.promise()
        self.send(commitment)
        self.assertDenied(
            commitment, (self.collaborator, self.leader, self.director, self.administrator),
            lambda own: own.write({"date_due": "2027-01-20"}), lambda own: own.write({"name": "Otra cosa"}),
            lambda own: own.write({"state": "done"}), lambda own: own.unlink(), lambda own: own.sudo().unlink(),
            error=UserError,
        )
        self.assertEqual((commitment.state, commitment.date_due), ("open", date(2026, 12, 10)))

    def test_letter_returned_and_case_reopened(self):
        commitment = self.promise()
        case = self.send(commitment, delivery="letter", received_by=False, reference="Guía 1")
        self.assertEqual(commitment.state, "open")
        case.with_user(self.director).delivery_id.action_register_return("Dirección errada")
        self.assertEqual((commitment.state, commitment.date_made), ("draft", False))
        self.assertFalse(self.activities(commitment))
        case.with_user(self.director).action_send_response(delivery="hand", received_by="Ana")
        self.assertEqual(commitment.state, "open")
        case.with_user(self.director).action_reopen("Faltó un punto")
        self.assertEqual(commitment.state, "open", "the client read it")
        self.assertFalse(self.env["sig.pqrs.commitment"]._get_promised(case))

    def test_of_a_round_that_is_over_and_did_not_arrive(self):
        commitment = self.promise()
        case = self.send(commitment, delivery="letter", received_by=False, reference="Guía 1").with_user(self.director)
        letter = case.delivery_id
        case.action_reopen("Faltó un punto", "correction")
        letter.action_register_return("Dirección errada")
        self.assertEqual((commitment.state, self.activities(commitment).ids), ("cancelled", []))

    def test_of_a_process_that_left(self):
        commitment = self.promise()
        case = commitment.pqrs_id
        other = self.make_assignment(case, self.technology)
        commitment.assignment_id.with_user(self.leader).action_decline("Es de Tecnología")
        self.finish_draft(other)
        case.with_user(self.director).action_send_response(delivery="hand", received_by="Ana")
        self.assertFalse(commitment.exists(), "nobody could change it, and it would wait for who drafted it")

    def test_drop_and_reassign(self):
        commitment = self.promise()
        case = self.send(commitment)
        self.assertDenied(commitment, self.collaborator, lambda own: own.action_reassign(self.leader.id))
        self.assertDenied(commitment, self.leader, lambda own: own.action_reassign(self.employee.id), error=UserError)
        commitment.with_user(self.leader).action_reassign(self.other_collaborator.id)
        self.assertEqual((commitment.user_id, self.activities(commitment).user_id), (self.other_collaborator,) * 2)
        self.assertDenied(commitment, (self.leader, self.collaborator), lambda own: own.action_drop("No se puede"))
        self.assertDenied(commitment, self.director, lambda own: own.action_drop(" "), error=UserError)
        commitment.with_user(self.director).action_drop("El cliente cambió de sede")
        self.assertEqual((commitment.state, commitment.deadline_state), ("cancelled", "not_applicable"))
        self.assertFalse(self.activities(commitment))
        self.assertEqual(self.kinds(case)[-1], "commitment_dropped")
        self.assertChain(case)

    def test_evidence_of_another_record(self):
        commitment = self.promise()
        self.send(commitment)
        foreign = self.env["ir.attachment"].with_user(self.collaborator).create(
            {"name": "x", "raw": b"x", "res_model": "sig.pqrs.assignment", "res_id": commitment.assignment_id.id}
        )
        hidden = self.env["ir.attachment"].create({"name": "y", "raw": b"y"})
        own = commitment.with_user(self.collaborator)
        self.assertEachRaises(AccessError, lambda: own.action_complete(attachments=hidden.ids))
        self.assertEqual(commitment.state, "open")
        own.action_complete(attachments=foreign.ids)
        self.assertEqual((commitment.attachment_ids.res_model, commitment.attachment_ids.raw), (commitment._name, b"x"))

    def test_rights(self):
        commitment = self.promise()
        assignment = commitment.assignment_id
        Commitment = self.env["sig.pqrs.commitment"]
        vals = {"assignment_id": assignment.id, "name": "Otra", "date_due": "2026-12-20"}
        for user in (self.director, self.leader, self.deputy, self.collaborator, self.management):
            self.assertEqual(Commitment.with_user(user).search([("id", "=", commitment.id)]), commitment)
        self.assertDenied(
            commitment, (self.other_leader, self.other_collaborator, self.interviewer, self.employee, self.portal),
            lambda own: own.read(["name"]), lambda own: own.write({"name": "x"}), lambda own: own.unlink(),
            lambda own: own.create(vals), lambda own: own.action_complete(evidence="x"),
        )
        self.assertDenied(commitment, [self.management], lambda own: own.write({"name": "x"}))
        of_no_process = {**vals, "assignment_id": False, "pqrs_id": assignment.pqrs_id.id}
        self.assertDenied(Commitment, self.collaborator, lambda own: own.create(of_no_process))
        case = assignment.pqrs_id
        case.with_user(self.director).write({"restricted": True})
        self.reload()
        for user in (self.director, self.collaborator, self.leader, self.other_leader, self.management):
            self.assertEqual(commitment.with_user(user).has_access("read"), case.with_user(user).has_access("read"), user.name)
        self.assertFalse(commitment.with_user(self.management).has_access("read"))

    def test_watch(self):
        commitment = self.promise()
        self.send(commitment)
        Commitment = self.env["sig.pqrs.commitment"].sudo()
        self.assertIn("sig.pqrs.commitment", self.env["sig.daily.review"]._get_watched_models())
        for day, state, user in (
            ("2026-12-04", "due_soon", self.env["res.users"]),  # who is asked for it already
            ("2026-12-10", "due_today", self.env["res.users"]),
            ("2026-12-11", "overdue", self.leader),
        ):
            with freeze_time(f"{day} 12:00:00"):
                Commitment._refresh_deadline_state(self.company)
                self.assertEqual(commitment.deadline_state, state)
                self.assertEqual(self.activities(commitment, "sig_pqrs.activity_deadline").user_id, user)
                tiles = self.get_tiles(self.collaborator)
                self.assertEqual({key: tile["tone"] for key, tile in tiles.items()}, {"commitments": "danger"})
        with freeze_time("2026-12-12 12:00:00"):
            commitment.with_user(self.collaborator).action_complete(evidence="Hecho")
        self.assertEqual(commitment.deadline_state, "answered_late")
        self.assertFalse(commitment.activity_ids)

    def test_who_promised_reads_it_without_the_case(self):
        """The responsible may be of no process of the case; of a restricted one only who is named on it."""
        commitment = self.promise(user=self.leader, user_id=self.other_collaborator.id)
        case = self.send(commitment).with_user(self.director)
        own = commitment.with_user(self.other_collaborator)
        self.assertTrue(own.search([("id", "=", commitment.id)]))
        self.assertFalse(own.pqrs_id.has_access("read") or commitment.with_user(self.interviewer).has_access("read"))
        self.assertEachRaises(AccessError, lambda: own.write({"name": "Otra cosa"}))
        case.restricted = True
        self.assertIn(self.other_collaborator, case.authorized_user_ids)
        case.authorized_user_ids -= self.other_collaborator
        self.reload()
        self.assertFalse(own.search([("id", "=", commitment.id)]))
        self.assertEachRaises(AccessError, lambda: own.action_complete(evidence="Hecho"))
        case.authorized_user_ids += self.other_collaborator
        self.reload()
        own.action_complete(evidence="Hecho")
        self.assertEqual(commitment.state, "done")

    def test_dialogs(self):
        commitment = self.promise()
        self.send(commitment)
        for step, user, values, state in (
            ("reassign", self.leader, {"user_id": self.other_collaborator.id}, "open"),
            ("complete", self.director, {"reason": "Se visitó"}, "done"),
        ):
            wizard = self.begin_step(commitment, step, user).create(values)
            self.assertIn(self.other_collaborator, wizard.candidate_ids)
            wizard.action_confirm()
            self.assertEqual(commitment.state, state)

    def test_what_is_no_id_is_refused(self):
        assignment = self.make_assignment()
        Commitment = self.env["sig.pqrs.commitment"].with_user(self.collaborator)
        Request = self.env["sig.pqrs.request"].with_user(self.director)
        for value in ("x", [assignment.id], {"id": assignment.id}, True, 1.5):
            vals = {"name": "Una", "pqrs_id": assignment.pqrs_id.id, "assignment_id": value}
            self.assertEachRaises(
                UserError, partial(Commitment.create, {"assignment_id": value, "name": "Una", "date_due": "2026-12-01"}),
                partial(Request.create, vals), partial(Request.with_context(default_pqrs_id=value).create, {"name": "Una"}),
                said="is not the id of a record",
            )
        self.assertFalse(assignment.sudo().commitment_ids or assignment.sudo().request_ids)

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
        commitment = self.promise(assignment)
        assignment.pqrs_id.with_user(self.director).action_transfer("Policía Nacional", "Es de su competencia")
        for record, vals in ((request, {"answer": "Sí"}), (commitment, {"name": "Otra"}), (assignment, {"response": "Otra"})):
            write = partial(record.with_user(self.collaborator).write, vals)
            self.assertEachRaises(UserError, write, said="its answer can no longer be changed")
