"""An approval is of what the approver read; what is changed after it was submitted is submitted again."""
from functools import partial

from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .rpc import RpcCommon
from .test_absence import AbsenceCommon
from .test_intake import PNG
from .test_legal_review import LegalCommon
from .test_two_at_once import TwoHands


class ApprovalCommon(AbsenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.drafter = cls.builder.make_user(cls.env, "sig_drafter", "Otra de Operaciones", "collaborator", lang="en_US")
        cls.operations.member_ids = [Command.link(cls.drafter.id)]

    def make_waiting(self):
        """A draft with all its parts, of the collaborator, submitted by another member."""
        assignment = self.make_assignment()
        self.as_director(assignment.pqrs_id).action_add_requests("Copia de la minuta")
        own = assignment.with_user(self.collaborator)
        own.write({
            "response": "<p>Concedemos lo que pide.</p>",
            "attachment_ids": [Command.create({"name": "minuta.txt", "raw": b"minuta"})],
            "commitment_ids": [Command.create({"name": "Reforzar la ronda", "date_due": "2026-12-10"})],
        })
        own.request_ids.answer = "Va anexa"
        assignment.with_user(self.drafter).action_submit()
        self.env["mail.mail"].search([]).unlink()
        return assignment

    def read_form(self, assignment, user=None):
        self.reload()
        own = assignment.with_user(user or self.leader)
        return own.with_context(bin_size=True).web_read({"draft_digest": {}, "state": {}, "response": {}})[0]

    def press(self, assignment, shown, user=None):
        self.env.flush_all()
        [context] = self.button_context("action_approve", shown)
        try:
            assignment.with_user(user or self.leader).with_context(**context).action_approve()
        finally:
            self.reload()

    def button_context(self, name, shown):
        """The context of the buttons of a step in the form, with the values that it shows: all send the same."""
        arch = self.env["sig.pqrs.assignment"].with_user(self.leader).get_view(view_type="form")["arch"]
        found = [node.get("context") for node in etree.fromstring(arch).iter("button") if node.get("name") == name]
        return [safe_eval(context or "{}", dict(shown)) for context in found]


class TestApproval(ApprovalCommon):
    def test_two_who_have_the_draft_open(self):
        assignment = self.make_assignment()
        assignment.with_user(self.collaborator).response = "<p>Una hora de trabajo.</p><p>Fin.</p>"
        self.reload()
        other = assignment.with_user(self.drafter)
        other.response = "<p>Una hora de trabajo.</p><p>Fin.</p><p>Y algo más.</p>"
        self.reload()
        other.response = "<p>Otra cosa.</p>"
        self.assertIn("Una hora de trabajo.", str(assignment.message_ids.mapped("body")))
        self.assertEqual(assignment.writer_ids, self.drafter, "nothing is left of it")

    def test_the_text_that_was_read(self):
        assignment = self.make_waiting()
        case = assignment.pqrs_id.sudo()
        shown = self.read_form(assignment)
        assignment.with_user(self.director).write({"response": "<p>Negamos lo que pide.</p>"})
        self.assertEqual((assignment.state, case.state), ("returned", "assigned"))
        act = case.act_ids[-1]
        self.assertEqual((act.kind, act.user_id), ("returned", self.director))
        self.assertIn(self.director.name, act.note)
        self.assertFalse(self.activities(assignment, "sig_pqrs.activity_approve"))
        self.assertEqual(self.activities(assignment, "sig_pqrs.activity_draft").user_id, self.collaborator)
        for user in (self.collaborator, self.drafter, self.leader):
            self.assertIn(self.director.name, self.mails_to(user, case.name).body_html, user.name)
        self.assertEachRaises(UserError, lambda: self.press(assignment, shown), said="once it is submitted again")
        assignment.with_user(self.collaborator).action_submit()
        self.assertEachRaises(UserError, lambda: self.press(assignment, shown), said="the text changed, read it again")
        self.assertEqual((assignment.state, assignment.approved_by_id), ("submitted", self.leader.browse()))
        self.press(assignment, self.read_form(assignment))
        act = case.act_ids[-1]
        is_mine = assignment.with_user(self.drafter).is_mine_to_draft
        self.assertEqual((assignment.state, act.kind, is_mine), ("approved", "approved", True))
        self.assertEqual((act.data["digest"], "unread" in act.data), (assignment.response_digest, False))
        self.assertChain(case)
        self.assertFalse(assignment.with_user(self.management).is_mine_to_draft)
        self.builder.send(case)
        self.assertFalse(assignment.with_user(self.drafter).is_mine_to_draft, "the answer left")

    def test_any_part_by_anybody(self):
        """Whoever changes whatever the leader reads: it goes back to work; what changes nothing leaves it."""
        director, leader = self.director, self.leader
        picture = self.env["ir.attachment"].with_user(leader).create({"name": "a.png", "raw": PNG})
        assignment = self.make_waiting()
        shown = self.read_form(assignment)
        for user, change, voids in (
            (director, lambda own: own.write({"response": "<p>Negamos lo que pide.</p>"}), True),
            (leader, lambda own: own.write({"response": "<p>Concedemos lo que pide todo.</p>"}), True),
            (leader, lambda own: own.write({"response": f'{own.response}<img src="/web/image/{picture.id}">'}), True),
            (director, lambda own: own.write({"attachment_ids": [Command.create({"name": "otro.txt", "raw": b"x"})]}), True),
            (leader, lambda own: own.write({"attachment_ids": [Command.clear()]}), True),
            (leader, lambda own: own.write({"request_ids": [Command.update(own.request_ids.id, {"answer": "No va"})]}), True),
            (leader, lambda own: own.request_ids.write({"resolution": "not_upheld"}), True),
            (director, lambda own: own.request_ids.write({"assignment_id": False}), True),
            (director, lambda own: own.request_ids.write({"name": "Otra cosa"}), True),
            (director, lambda own: own.pqrs_id.write({"request_ids": [Command.delete(own.request_ids.id)]}), True),
            (director, lambda own: own.pqrs_id.action_add_requests("Una más"), True),
            (leader, lambda own: own.write({"commitment_ids": [Command.delete(own.commitment_ids.id)]}), True),
            (leader, lambda own: own.commitment_ids.write({"date_due": "2026-12-20"}), True),
            (leader, lambda own: own.commitment_ids.write({"user_id": leader.id}), True),
            (director, lambda own: own.load([".id", "response"], [[str(own.id), "<p>Importado</p>"]]), True),
            (leader, lambda own: own.web_save({"response": "<p>En la pantalla</p>"}, {"state": {}}), True),
            (director, self.use_template, True),
            (leader, lambda own: own.write({"response": own.response}), False),
            (director, lambda own: own.pqrs_id.write({"reason_id": False}), False),
        ):  # fmt: skip
            with self.subTest(line=change.__code__.co_firstlineno), self.undone():
                change(assignment.with_user(user))
                self.assertEqual(assignment.state, "returned" if voids else "submitted")
                if not voids:
                    self.press(assignment, shown)
                    self.assertEqual(assignment.state, "approved")
                    continue
                self.assertEqual(assignment.pqrs_id.sudo().act_ids[-1].user_id, user)
                unanswered = assignment.request_ids.filtered(lambda request: not request.answer)
                unanswered.with_user(self.collaborator).answer = "Va anexa"
                assignment.with_user(self.collaborator).action_submit()
                self.assertEachRaises(UserError, partial(self.press, assignment, shown), said="read it again")

    def use_template(self, own):
        template = self.env["sig.response.template"].create({"name": "Base", "body": "<p>De plantilla</p>", "part": "section"})
        with Form(own) as form:
            form.template_id = template

    def test_every_button_says_what_was_read(self):
        assignment = self.make_waiting()
        shown = self.read_form(assignment)
        for context in (
            *self.button_context("action_approve", shown),
            *(found for found in self.button_context("action_open_step", shown) if found["default_step"] == "approve"),
        ):
            self.assertEqual(context["draft_digest"], shown["draft_digest"])
        own = assignment.with_user(self.leader)
        digests = (False, None, "", "x", 5, [[]], {}, {"x": shown["draft_digest"]}, {"9" * 5000: "x"}, {str(own.id): {}})
        self.assertEachRaises(
            UserError, *(own.with_context(draft_digest=digest).action_approve for digest in digests), said="read it again"
        )
        self.assertEqual(assignment.state, "submitted")

    def test_in_place_of_a_leader_who_is_there(self):
        assignment = self.make_waiting()
        shown = self.read_form(assignment, self.director)
        [context] = [c for c in self.button_context("action_open_step", shown) if c["default_step"] == "approve"]
        own = assignment.with_user(self.director)

        def confirm():
            action = own.with_context(**context).action_open_step()
            with Form(self.env[action["res_model"]].with_user(self.director).with_context(**action["context"])) as form:
                form.reason = "Vence hoy"
            form.record.action_confirm()
            self.reload()

        assignment.with_user(self.leader).write({"response": "<p>Otro texto</p>"})
        assignment.with_user(self.collaborator).action_submit()
        self.assertEachRaises(UserError, confirm, said="read it again")
        context.update(draft_digest=self.read_form(assignment, self.director)["draft_digest"])
        confirm()
        self.assertEqual((assignment.state, assignment.approved_by_id), ("approved", self.director))
        act = assignment.pqrs_id.sudo().act_ids[-1]
        self.assertTrue({"unread", "in_absence_of"}.isdisjoint(act.data), "the leader is there")
        self.assertEqual(act.note, f"By the SIG, though {self.leader.name} could approve: Vence hoy")

    def test_only_who_may_read_it_is_told(self):
        assignment = self.make_waiting()
        self.operations.member_ids -= self.drafter
        self.reload()
        assignment.with_user(self.director).write({"response": "<p>Otro</p>"})
        self.assertFalse(self.mails_to(self.drafter))
        self.assertTrue(self.mails_to(self.leader))

    def test_changed_after_the_approval(self):
        assignment = self.make_waiting()
        self.press(assignment, self.read_form(assignment))
        assignment.with_user(self.collaborator).write({"response": assignment.response})
        self.assertEqual(assignment.state, "approved", "the same text is no change")
        self.env["mail.mail"].search([]).unlink()
        assignment.with_user(self.director).write({"response": "<p>Negamos</p>"})
        self.assertEqual((assignment.state, assignment.pqrs_id.state), ("returned", "assigned"))
        self.assertFalse(assignment.response_digest or assignment.approved_by_id)
        self.assertFalse(self.activities(assignment.pqrs_id), "nobody closes and sends it")
        for user in (self.collaborator, self.drafter, self.leader):
            self.assertIn(self.director.name, self.mails_to(user).body_html, user.name)


class TestApprovalByRpc(ApprovalCommon, RpcCommon):
    """The contract of integrations: ``action_approve(digest=False)``."""

    def approve(self, assignments, **kwargs):
        return self.json2(self.leader, "sig.pqrs.assignment", "action_approve", assignments.ids, **kwargs)

    def test_without_a_digest(self):
        """What stands is approved, and the act says that nobody said what was read."""
        assignment = self.make_waiting()
        self.assertEqual(self.approve(assignment), (200, True))
        act = assignment.pqrs_id.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data["unread"], act.data["digest"]), ("approved", True, assignment.response_digest))

    def test_several(self):
        first, second = self.make_waiting(), self.make_waiting()
        both = first | second
        digests = {str(assignment.id): self.read_form(assignment)["draft_digest"] for assignment in both}
        for wrong in ({str(first.id): digests[str(first.id)]}, {**digests, str(second.id): "x"}, digests[str(first.id)]):
            self.assertEqual(self.approve(both, digest=wrong)[0], 422)
        self.assertEqual(set(both.mapped("state")), {"submitted"})
        self.assertEqual(self.approve(both, digest=digests), (200, True))
        alone = self.make_waiting()
        self.assertEqual(self.approve(alone, digest="x")[0], 422)
        self.assertEqual(self.approve(alone, digest=self.read_form(alone)["draft_digest"]), (200, True))
        self.assertNotIn("unread", alone.pqrs_id.sudo().act_ids[-1].data)


class TestLegalApproval(LegalCommon):
    def test_the_answer_that_was_read(self):
        case = self.make_reviewing()
        own = case.with_user(self.reviewer)
        [shown] = own.web_read({"legal_digest": {}})
        case.response_closing = "<p>Y no hay más que decir.</p>"
        self.assertEqual(case.legal_state, "none")
        case.action_request_legal_review()
        seen = own.with_context(legal_digest=shown["legal_digest"])
        self.assertEachRaises(UserError, seen.action_legal_approve, said="read it again")
        self.assertEqual(case.legal_state, "pending")
        [button] = etree.fromstring(own.get_view(view_type="form")["arch"]).xpath("//button[@name='action_legal_approve']")
        [shown] = own.web_read({"legal_digest": {}})
        own.with_context(**safe_eval(button.get("context"), dict(shown))).action_legal_approve()
        self.assertEqual(case.legal_state, "approved")
        self.assertNotIn("unread", case.sudo().act_ids[-1].data)


class TestTwoApprovals(TwoHands):
    """A part of the draft changes in one browser while it is approved in another."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            case = api.Environment(cr, SUPERUSER_ID, {})["sig.pqrs"].browse(self.case_id)
            self.request_id = case.env["sig.pqrs.request"].create(
                {"pqrs_id": case.id, "name": "Copia", "assignment_id": self.assignment_id, "answer": "Va"}
            ).id
            draft = case.assignment_ids
            draft.action_submit()
            self.digest = draft.draft_digest

    def clean_up(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM sig_pqrs_request WHERE pqrs_id = %s", [self.case_id])
        return super().clean_up()

    def change(self, cr):
        env = api.Environment(cr, self.user_ids[1], {"lang": "en_US"})
        env["sig.pqrs.request"].browse(self.request_id).answer = "No va"

    def get_state(self):
        with self.registry.cursor() as cr:
            return api.Environment(cr, SUPERUSER_ID, {})["sig.pqrs.assignment"].browse(self.assignment_id).state

    def test_changed_first(self):
        told = self.assertSecondStartsAgain(self.change, lambda cr: self.act(cr, 0, "approve", self.digest))
        self.assertIn("once it is submitted again", told)
        self.assertEqual(self.get_state(), "returned")

    def test_approved_first(self):
        self.assertIsNone(self.assertSecondStartsAgain(lambda cr: self.act(cr, 0, "approve", self.digest), self.change))
        self.assertEqual(self.get_state(), "returned")
