from odoo.exceptions import UserError

from .common import date, freeze_time
from .test_reopen import ReopenCommon


class TestAnswer(ReopenCommon):
    """What was answered stays, round by round, whatever becomes of the case."""

    def test_taken_up_again_it_stays_answered_in_time(self):
        case = self.answered()
        first, letter, text = case.answer_id, case.letter_id, case.response
        self.assertEqual((first.round, first.kind, first.state, first.in_time), (1, "first", "sent", True))
        self.assertEqual((first.date_from, first.date_deadline), (date(2026, 11, 24), date(2026, 12, 16)))
        self.assertEqual((first.body, first.letter_id, first.process_ids), (text, letter, self.operations))
        self.assertEqual(first.communication_ids, case.delivery_id)
        self.rate(case, "2026-11-25 15:00:00", "2", "Falta algo")
        assignment = case.assignment_ids
        self.assertEqual(first.assignment_ids, assignment)
        self.reopen(case, "2027-02-01 15:00:00")
        self.assertFalse(case.answer_id or case.letter_id or case.date_answered or case.response)
        with freeze_time("2027-02-02 15:00:00"):
            self.as_director(case).response_opening = "<p>Lo revisamos otra vez.</p>"
            self.builder.send(self.make_approved(case))
        self.assertEqual(case.deadline_state, "answered_on_time", "a disagreement has its own term")
        self.assertEqual(
            (first.state, first.in_time, str(first.date_answered), first.body, first.letter_id, first.rating_value),
            ("reopened", True, "2026-11-24 15:00:00", text, letter, 2),
        )
        second = case.answer_id
        self.assertEqual((second.round, second.kind, second.state, second.in_time), (2, "disagreement", "sent", True))
        self.assertEqual(second.date_from, date(2027, 2, 1))
        self.assertIn("otra vez", second.body)
        self.assertEqual((second.assignment_ids, first.assignment_ids), (case.assignment_ids - assignment, assignment))
        self.assertFalse(second.rating_value)
        self.assertEqual(len(case.answer_ids), 2)
        self.assertChain(case)

    def test_the_client_reads_what_was_answered_before(self):
        for vals, user in (({}, self.portal), ({"anonymous": True}, self.env.ref("base.public_user"))):
            with self.subTest(**vals), freeze_time("2026-11-24 15:00:00"):
                case = self.make_anonymous() if vals else self.make_own()
                self.make_approved(case)
                self.builder.send(case, delivery="publication" if vals else "email")
                letter = case.letter_id
                self.assertFalse(self.see(case)["earlier_answers"])
                case.with_user(self.director).action_reopen("Falta un punto")
                [earlier] = self.see(case)["earlier_answers"]
                self.assertIn(letter.id, [file["id"] for file in earlier["files"]])
                self.assertTrue(self.env["sig.client.view"]._get_file(self.as_client(case, user), letter.id))

    def test_an_attempt_that_fails_and_a_withdrawal_that_is_undone(self):
        case = self.make_approved(self.make_own())
        self.as_director(case).action_send_response(delivery="letter", reference="Guía 1")
        self.as_director(case).delivery_id.action_register_return("Dirección errada")
        self.as_director(case).action_withdraw("Lo pidió")
        self.as_director(case).action_reopen("Se retractó", "resume")
        self.assertEqual((case.state, case.process_ids), ("approved", self.operations))
        self.as_director(case).action_send_response(delivery="hand", received_by="Ana Ruiz")
        [answer] = case.answer_ids
        self.assertEqual((answer.round, answer.state, answer.assignment_ids), (1, "sent", case.assignment_ids))

    def test_letter_of_an_earlier_answer_that_comes_back(self):
        case = self.make_own()
        assignment = self.make_assignment(case)
        self.builder.promise(assignment, "Cambiar la cámara", date(2026, 12, 15))
        self.finish_draft(assignment)
        self.as_director(case).action_send_response(delivery="letter", reference="Guía 1")
        letter = case.delivery_id
        self.assertEqual(case.commitment_ids.state, "open")
        self.reopen(case, "2026-11-25 15:00:00")
        with freeze_time("2026-11-26 15:00:00"):
            self.as_director(letter).action_register_return("Dirección errada")
        self.assertEqual((letter.state, letter.answer_id.state, letter.answer_id.in_time), ("returned", "failed", False))
        self.assertEqual((case.state, self.kinds(case)[-1]), ("received", "delivery_failed"))
        self.assertEqual(case.commitment_ids.state, "cancelled", "nobody was promised anything")
        self.assertFalse(self.see(case)["earlier_answers"])

    def test_annexes_stay_as_they_were_sent(self):
        case = self.make_own()
        assignment = self.make_assignment(case)
        annex = self.env["ir.attachment"].with_user(self.collaborator).create({"name": "video.txt", "raw": b"v1"})
        self.builder.draft(assignment)
        assignment.sudo().write({"state": "pending"})
        assignment.with_user(self.collaborator).attachment_ids = annex
        self.finish_draft(assignment)
        self.builder.send(case)
        first = case.answer_id
        case.with_user(self.director).action_reopen("Falta un punto", "correction")
        again = self.builder.assign(case, self.operations)
        self.assertEqual([(file.name, file.raw) for file in again.attachment_ids], [("video.txt", b"v1")])
        again.with_user(self.collaborator).attachment_ids = False
        self.assertEqual([(file.name, file.raw) for file in first.attachment_ids], [("video.txt", b"v1")])
        self.assertEqual(first.attachment_ids.res_model, "sig.pqrs.answer")

    def test_who_reads(self):
        case = self.answered()
        self.reload()
        for user in (self.director, self.leader, self.collaborator, self.management):
            self.assertEqual(case.with_user(user).answer_ids.body, case.sudo().answer_id.body)
        restricted = self.answered(restricted=True)
        self.reload()
        for answer, user in ((restricted.answer_id, self.management), (case.answer_id, self.portal)):
            self.assertDenied(answer, user, lambda own: own.read(["body"]))
        self.assertDenied(
            case.answer_id, self.director | self.collaborator, lambda own: own.write({"in_time": False}),
            lambda own: own.unlink(), lambda own: own.create({"pqrs_id": case.id, "round": 9}), error=UserError,
        )

    def test_under_reserve(self):
        """The letters of earlier answers name the petitioner too."""
        case = self.answered()
        letter = case.letter_id
        self.rate(case, "2026-11-25 15:00:00", "2", "Soy la señora Ana")
        self.reopen(case, "2026-11-26 15:00:00")
        with freeze_time("2026-11-27 15:00:00"):
            case.with_user(self.director).action_reserve_identity("Lo pidió")
        self.reload()
        self.assertEqual(letter.sudo().res_model, "sig.pqrs.identity")
        self.assertDenied(letter, self.collaborator, lambda own: own.read(["raw"]))
        self.assertNotIn("Ana", case.with_user(self.collaborator).answer_ids.rating_reason)
