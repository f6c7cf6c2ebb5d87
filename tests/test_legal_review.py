import functools
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import SigCommon


class LegalCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = cls.builder.make_user(cls.env, "sig_reviewer", "Revisora jurídica", "collaborator", lang="en_US")
        cls.company.sig_legal_reviewer_id = cls.reviewer

    def make_risky(self, **vals):
        case = self.make_approved(**vals).with_user(self.director)
        case.legal_risk = True
        return case

    def make_reviewing(self, **vals):
        case = self.make_risky(**vals)
        case.action_request_legal_review()
        return case

    def make_reviewed(self, **vals):
        case = self.make_reviewing(**vals)
        case.with_user(self.reviewer).action_legal_approve()
        return case


class TestLegalReview(LegalCommon):
    """The extra approval of the whole answer: by the named reviewer alone, and of that very text."""

    def test_from_the_flag_to_the_answer(self):
        case = self.make_risky()
        self.assertEqual((case.legal_reviewer_id, case.legal_state), (self.reviewer, "none"))
        send = functools.partial(case.action_send_response, delivery="hand", proof="x")
        self.assertEachRaises(UserError, send, said="Revisora jurídica, has not approved")
        mails = self.env["mail.mail"].search([])
        case.write({"response_opening": "<p>Inicio</p>", "response_closing": "<p>Fin</p>"})
        self.assertTrue(case.action_request_legal_review())
        self.assertEqual(case.legal_state, "pending")
        activity = case.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.reviewer)
        self.assertEqual(activity.activity_type_id, self.env.ref("sig_pqrs.activity_legal"))
        mail = self.env["mail.mail"].search([]) - mails
        self.assertEqual((mail.email_to, mail.subject), (self.reviewer.email_formatted, f"Answer for legal review: {case.name}"))
        self.assertEachRaises(UserError, send, said="has not approved")
        own = case.with_user(self.reviewer)
        self.assertIn("Inicio", own.response)
        self.assertTrue(own.action_legal_approve())
        self.assertEqual(case.legal_state, "approved")
        self.assertFalse(case.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.reviewer))
        self.assertTrue(case.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.director))
        send()
        self.assertEqual((case.state, self.kinds(case)[4:7]), ("closed", ["legal_changed", "legal_requested", "legal_approved"]))
        approved = case.act_ids.filtered(lambda act: act.kind == "legal_approved")
        self.assertEqual((approved.user_id, approved.data["digest"]), (self.reviewer, case.sudo().legal_digest))
        self.assertChain(case)

    def test_returned(self):
        case = self.make_reviewing()
        own = case.with_user(self.reviewer)
        self.assertEachRaises(UserError, *(lambda reason=reason: own.action_legal_return(reason) for reason in ("", "  ", False, None)))
        own.action_legal_return("Falta citar la norma")
        self.assertEqual((case.legal_state, self.kinds(case)[-1]), ("returned", "legal_returned"))
        self.assertTrue(case.sudo().activity_ids.filtered(lambda activity: "norma" in (activity.note or "")))
        self.assertEachRaises(UserError, lambda: case.action_send_response(delivery="hand", proof="x"), own.action_legal_approve)
        case.action_request_legal_review()
        own.action_legal_approve()
        self.assertEqual(case.legal_state, "approved")

    def test_incomplete_answer_is_not_sent_to_review(self):
        case = self.make_risky()
        case.response_closing = "<p>Lo llamará «[nombre]»</p>"
        self.assertEachRaises(UserError, case.action_request_legal_review, said="places to fill in")
        case.response_closing = False
        self.builder.assign(case, self.technology)
        technology = case.assignment_ids.filtered(lambda assignment: assignment.process_id == self.technology)
        case.action_add_requests("Una petición")
        self.finish_draft(technology)
        self.assertEachRaises(UserError, case.action_request_legal_review, said="has no process")
        self.assertEqual(case.legal_state, "none")

    def test_changes(self):
        promise = {"name": "Cambiar la chapa", "date_due": "2026-12-20"}
        requests = [Command.create({"name": name, "answer": "Sí"}) for name in ("Una", "Dos")]
        changes = {
            "opening": lambda case: case.write({"response_opening": "<p>Otro inicio</p>"}),
            "closing": lambda case: case.write({"response_closing": "<p>Otro fin</p>"}),
            "section": lambda case: case.assignment_ids.with_user(self.collaborator).write({"response": "<p>Otra cosa</p>"}),
            "annex": lambda case: case.assignment_ids.with_user(self.collaborator).write(
                {"attachment_ids": [(0, 0, {"name": "otra.txt", "raw": b"otra"})]}
            ),
            "returned": lambda case: case.assignment_ids.with_user(self.director).action_return("Falta la fecha"),
            "another process": lambda case: self.builder.assign(case, self.technology),
            "another request": lambda case: case.action_add_requests("Una más"),
            "order of the requests": lambda case: case.request_ids[0].write({"sequence": 99}),
            "another commitment": lambda case: case.commitment_ids.create({**promise, "pqrs_id": case.id}),
            "commitment of the case": lambda case: case.write({"commitment_ids": [Command.create(promise)]}),
            "date of the commitment": lambda case: case.commitment_ids.write({"date_due": "2026-12-21"}),
            "no commitment": lambda case: case.commitment_ids.unlink(),
        }
        for make, names in ((self.make_reviewing, ("opening", "annex")), (self.make_reviewed, changes)):
            for name in names:
                with self.subTest(make=make.__name__, change=name):
                    case = make(request_ids=requests, commitment_ids=[Command.create(promise)])
                    changes[name](case)
                    self.assertEqual((case.legal_state, case.sudo().legal_digest), ("none", False))
                    self.assertIn("requested again", case.act_ids.filtered(lambda act: act.kind == "legal_changed")[-1].note)
                    self.assertFalse(case.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.reviewer))
                    self.assertEachRaises(
                        UserError, lambda case=case: case.action_send_response(delivery="hand", proof="x"),
                        case.with_user(self.reviewer).action_legal_approve,
                    )
                    self.assertChain(case)

    def test_what_changed_unnoticed_is_not_sent_nor_approved(self):
        assignment = self.make_assignment()
        annex = self.env["ir.attachment"].with_user(self.collaborator).create({"name": "minuta.txt", "raw": b"minuta"})
        assignment.with_user(self.collaborator).write({"response": "<p>x</p>", "attachment_ids": [(4, annex.id)]})
        self.finish_draft(assignment, write=False)
        case = assignment.pqrs_id.with_user(self.director)
        case.legal_risk = True
        case.action_request_legal_review()
        approve = case.with_user(self.reviewer).action_legal_approve
        annex.sudo().raw = b"otra"
        self.assertEachRaises(UserError, approve, said="changed since")
        annex.sudo().raw = b"minuta"
        approve()
        annex.sudo().raw = b"otra"
        self.assertEachRaises(UserError, lambda: case.action_send_response(delivery="hand", proof="x"))

    def test_what_keeps_it(self):
        """What changes nothing, and a delivery that fails."""
        case = self.make_reviewed(email_from="ana@example.com")
        case.write({"site": "Portería norte", "resolution": "upheld", "response_opening": case.response_opening})
        case.assignment_ids.with_user(self.collaborator).response = case.assignment_ids.response
        self.assertEqual(case.legal_state, "approved")
        with patch.object(self.registry["sig.letter"], "_render", lambda *_args: (b"%PDF-1.4", "pdf")):
            case.action_send_response()
        case.sudo().delivery_id._fail("x")
        self.assertEqual((case.delivery_state, case.legal_state), ("failed", "approved"))

    def test_reopened_is_reviewed_again(self):
        case = self.make_reviewed()
        case.action_send_response(delivery="hand", proof="x")
        self.assertEqual(case.legal_state, "approved")
        case.action_reopen("Faltó un punto")
        self.assertEqual((case.legal_state, case.answer_ids.legal_state), ("none", "approved"))
        self.reload()
        seen = case.with_user(self.reviewer)
        self.assertTrue(seen.answer_ids.body and seen.communication_ids.mapped("purpose"), "the reviewer reads them")
        self.make_approved(case)
        send = functools.partial(case.action_send_response, delivery="hand", proof="x")
        self.assertEachRaises(UserError, send, said="has not approved")

    def test_proposed_by_the_type_and_the_reason(self):
        reason = self.env.ref("sig_pqrs.reason_perdida")
        reason.with_user(self.director).legal_risk = True
        case = self.make_case(reason_id=reason.id)
        self.assertEqual((case.legal_risk, case.legal_reviewer_id), (True, self.reviewer))
        self.assertTrue(self.make_case(type="autoridad", authority_deadline="2026-12-01 15:00:00").legal_risk)
        plain = self.make_case()
        self.assertFalse(plain.legal_risk or plain.legal_reviewer_id)
        plain.with_user(self.director).reason_id = reason
        self.assertTrue(plain.legal_risk)
        closed = self.make_closed()
        closed.with_user(self.director).reason_id = reason
        self.assertFalse(closed.legal_risk)

    def test_flag_removed_after_the_review_started(self):
        for make in (self.make_reviewing, self.make_reviewed):
            case = make()
            case.legal_risk = False
            self.assertEqual((case.legal_state, case.sudo().legal_digest), ("none", False))
            act = case.act_ids[-1]
            self.assertEqual((act.kind, act.user_id, act.data["required"]), ("legal_changed", self.director, False))
            self.assertFalse(case.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.reviewer))
            case.action_send_response(delivery="hand", proof="x")
            self.assertEqual(case.state, "closed")

    def test_reviewer_named_by_a_recorded_change(self):
        case = self.make_reviewing()
        self.assertEachRaises(AccessError, case.action_legal_approve)
        mails = self.env["mail.mail"].search([])
        case.legal_reviewer_id = self.other_leader
        self.assertEqual((case.legal_state, self.kinds(case)[-1]), ("pending", "legal_changed"))
        self.assertEqual((self.env["mail.mail"].search([]) - mails).email_to, self.other_leader.email_formatted)
        self.assertEachRaises(AccessError, case.with_user(self.reviewer).action_legal_approve)
        case.legal_reviewer_id = self.director
        case.action_legal_approve()
        self.assertEqual(case.act_ids.filtered(lambda act: act.kind == "legal_approved").user_id, self.director)
        self.assertIn("Directora SIG", case.act_ids.filtered(lambda act: act.kind == "legal_changed")[-1].note)

    def test_who_cannot_review(self):
        case = self.make_risky()
        archived = self.builder.make_user(self.env, "sig_gone", "Se fue", "collaborator", active=False)
        others = (archived, self.make_stranger("collaborator"), self.employee, self.portal)
        self.assertEachRaises(ValidationError, *(lambda user=user: case.write({"legal_reviewer_id": user.id}) for user in others))

    def test_reviewer_archived(self):
        case = self.make_reviewing()
        self.reviewer.active = False
        self.assertEachRaises(UserError, lambda: case.action_send_response(delivery="hand", proof="x"))
        case.legal_reviewer_id = self.other_leader
        case.with_user(self.other_leader).action_legal_approve()
        fresh = self.make_risky()
        self.assertFalse(fresh.legal_reviewer_id, "who is gone is not proposed")
        self.assertEachRaises(UserError, fresh.action_request_legal_review, said="name the legal reviewer")
        fresh.legal_reviewer_id = self.deputy
        self.deputy.active = False
        self.assertEachRaises(UserError, fresh.action_request_legal_review, said="is not an active user of")

    def test_reviewer_who_leaves_hands_it_over(self):
        case = self.make_reviewing()
        Handover = self.env["sig.handover"].with_user(self.administrator)
        pending = Handover._get_pending(self.reviewer)
        self.assertEqual((pending["legal"], pending["legal_setting"]), (case.sudo(), self.company))
        self.assertNotIn("activity", pending, "it goes with the review")
        self.assertIn("legal", Handover._get_blocking(self.reviewer)[0][self.reviewer])
        for kind, records in pending.items():
            Handover._reassign(kind, records, self.reviewer, self.other_leader, "Se retira")
        self.assertEqual((case.legal_reviewer_id, self.company.sig_legal_reviewer_id), (self.other_leader,) * 2)
        case.with_user(self.other_leader).action_legal_approve()

    def test_pending_review_is_not_given_to_who_may_not_read(self):
        case = self.make_reviewing()
        case.restricted = True
        changes = {"legal_reviewer_id": self.other_collaborator.id}, {"authorized_user_ids": [Command.unlink(self.reviewer.id)]}
        self.assertEachRaises(UserError, *(functools.partial(case.write, vals) for vals in changes), said="is restricted")
        self.assertEqual(self.activities(case, "sig_pqrs.activity_legal").user_id, self.reviewer, "who was named on it")
        case.legal_reviewer_id = False
        self.assertEqual(case.legal_state, "none")

    def assertReads(self, case, user, expected):
        self.reload()
        for records in (
            case, case.sudo().assignment_ids, case.sudo().act_ids, case.sudo().request_ids,
            case.sudo().attachment_ids, case.sudo().assignment_ids.attachment_ids,
        ):
            own = records.sudo(False).with_user(user)
            self.assertEqual(own.has_access("read"), expected, f"{user.name}: {records}")
            if records._name != "ir.attachment":
                self.assertEqual(bool(own.search([("id", "in", records.ids)])), expected, f"{user.name}: {records}")
        form = case.sudo(False).with_user(user)
        if expected:
            form.read(["response", "parts", "warnings", "response_annex_ids"])

    def make_full(self, **vals):
        case = self.make_case(attachment_ids=[(0, 0, {"name": "foto.txt", "raw": b"foto"})], **vals)
        assignment = self.make_assignment(case)
        case.with_user(self.director).action_add_requests("Una")
        assignment.request_ids.with_user(self.collaborator).answer = "Sí"
        assignment.with_user(self.collaborator).write(
            {"response": "<p>x</p>", "attachment_ids": [(0, 0, {"name": "minuta.txt", "raw": b"minuta"})]}
        )
        self.finish_draft(assignment, write=False)
        return case.with_user(self.director)

    def test_reads_that_case_and_nothing_more(self):
        case, other = self.make_full(), self.make_full()
        self.assertReads(case, self.reviewer, False)
        case.legal_risk = True
        self.assertReads(case, self.reviewer, True)
        self.assertReads(other, self.reviewer, False)
        own = case.with_user(self.reviewer)
        self.assertFalse(own.identity_document)
        self.assertEachRaises(
            UserError, lambda: own.write({"response_opening": "<p>x</p>"}),
            lambda: own.write({"legal_reviewer_id": self.reviewer.id}),
            lambda: own.assignment_ids.write({"response": "<p>x</p>"}),
            lambda: own.assignment_ids.request_ids.write({"answer": "x"}),
            lambda: own.assignment_ids.write({"template_id": self.env["sig.response.template"].search([], limit=1).id}),
            lambda: own.message_post(body="x"),
            lambda: own.assignment_ids.message_post(body="x"),
        )
        case.legal_reviewer_id = self.other_leader
        self.assertReads(case, self.reviewer, False)
        self.assertReads(case, self.other_leader, True)
        case.legal_risk = False
        self.assertReads(case, self.other_leader, False)

    def test_restricted(self):
        case = self.make_full()
        case.write({"restricted": True, "legal_risk": True})
        self.assertReads(case, self.reviewer, False)
        self.assertEachRaises(UserError, case.action_request_legal_review, said="is restricted")
        case.authorized_user_ids += self.reviewer
        self.assertReads(case, self.reviewer, True)
        case.action_request_legal_review()
        case.with_user(self.reviewer).action_legal_approve()

    def test_dialog(self):
        case = self.make_risky()
        context = {"active_model": "sig.pqrs", "active_id": case.id}
        with Form(self.env["sig.pqrs.send.wizard"].with_user(self.director).with_context(**context)) as form:
            form.opening = "<p>Inicio</p>"
            form.resolution = "upheld"
        form.record.action_request_legal_review()
        self.assertEqual(case.legal_state, "pending")
        self.assertIn("Inicio", case.response)
        with Form(case.with_user(self.reviewer)) as screen:
            self.assertIn("legal_approve", screen.allowed_transitions)
        case.with_user(self.reviewer).action_legal_approve()
        with Form(self.env["sig.pqrs.send.wizard"].with_user(self.director).with_context(**context)) as form:
            form.delivery = "hand"
        form.record.action_send()
        self.assertEqual(case.delivery_state, "pending")

    def test_it_is_sent_without_the_opening_that_was_deleted(self):
        case = self.make_risky()
        dialog = self.env["sig.pqrs.send.wizard"].with_user(self.director).with_context(active_id=case.id)
        with Form(dialog) as form:
            self.assertTrue(form.opening, "one is proposed")
            form.opening = False
            form.resolution = "upheld"
        form.record.action_request_legal_review()
        case.with_user(self.reviewer).action_legal_approve()
        with Form(dialog) as form:
            self.assertFalse(form.opening)
        form.record.action_preview()
        self.assertEqual(case.legal_state, "approved")
        form.record.action_send()
        self.assertEqual(case.delivery_state, "pending")

    def test_text_changed_in_the_dialog_is_not_sent(self):
        case = self.make_reviewed()
        wizard = self.env["sig.pqrs.send.wizard"].with_user(self.director).create(
            {"pqrs_id": case.id, "opening": "<p>Otra cosa</p>", "resolution": "upheld", "delivery": "hand"}
        )
        self.assertEachRaises(UserError, wizard.action_send, said="has not approved")
        self.assertEqual((case.state, case.legal_state), ("approved", "approved"))
