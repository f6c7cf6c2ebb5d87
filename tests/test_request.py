import functools

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import SigCommon

PASTED = """
1. Que se repare la reja
2) Que se cambie al guarda

- Copia de la minuta del 12 de noviembre
• Disculpas por escrito
a) Que me llamen
Una petición sin número de 2026
"""


class TestRequest(SigCommon):
    """What the petitioner asks for, one by one: listed, owned, answered, approved, printed."""

    def list_requests(self, case, *texts):
        ids = self.as_director(case).action_add_requests("\n".join(texts))
        return self.env["sig.pqrs.request"].browse(ids)

    def answer(self, requests, text="Se hará el lunes", user=None):
        requests.with_user(user or self.collaborator).write({"answer": text})

    def test_pasted(self):
        case = self.make_case()
        requests = self.list_requests(case, PASTED)
        self.assertEqual(requests.mapped("name"), [
            "Que se repare la reja", "Que se cambie al guarda", "Copia de la minuta del 12 de noviembre",
            "Disculpas por escrito", "Que me llamen", "Una petición sin número de 2026",
        ])
        self.assertEqual(requests.mapped("number"), [1, 2, 3, 4, 5, 6])
        more = self.list_requests(case, "Otra más")
        self.assertEqual((more.number, self.kinds(case)), (7, ["received", "requests", "requests"]))
        self.assertIn("Que se repare la reja", case.act_ids[1].note)
        self.assertChain(case)

    def test_bad_lists(self):
        case = self.as_director(self.make_case())
        bad = ("", "  \n ", None, False, 5, ["x"], "x\n" * 101)
        self.assertEachRaises(UserError, *(lambda text=text: case.action_add_requests(text) for text in bad))
        self.assertFalse(case.request_ids)
        self.assertEqual(self.kinds(case), ["received"])

    def test_edited_on_the_form_of_the_case(self):
        case = self.make_case()
        self.builder.assign(case, self.operations | self.technology)
        with Form(self.as_director(case)) as form:
            with form.request_ids.new() as line:
                line.name = "Que se repare la reja"
                line.assignment_id = case.assignment_ids[0]
            with form.request_ids.new() as line:
                line.name = "Otra"
        self.assertEqual(case.request_ids.assignment_id, case.assignment_ids[0])
        with Form(self.as_director(case)) as form:
            form.request_ids.remove(1)
            with form.request_ids.edit(0) as line:
                line.name = "Que se cambie la reja"
        self.assertEqual((case.request_ids.mapped("name"), self.kinds(case).count("requests")), (["Que se cambie la reja"], 3))
        self.assertChain(case)

    def test_the_process_that_is_alone_takes_them(self):
        case = self.make_case()
        before = self.list_requests(case, "Una")
        self.assertFalse(before.assignment_id)
        assignment = self.make_assignment(case)
        self.assertEqual(before.assignment_id, assignment)
        self.assertEqual(self.list_requests(case, "Dos").assignment_id, assignment)
        self.builder.assign(case, self.technology)
        self.assertFalse(self.list_requests(case, "Tres").assignment_id, "of two, the SIG chooses")

    def test_owner_must_have_the_case(self):
        case = self.make_case()
        request = self.list_requests(case, "Una").with_user(self.director)
        declined = self.make_assignment(case)
        declined.with_user(self.leader).action_decline("No es nuestra")
        self.assertEachRaises(ValidationError, *(
            lambda other=other: request.write({"assignment_id": other.id}) for other in (self.make_assignment(), declined)
        ))

    def test_declined_or_removed_goes_back_to_the_sig(self):
        for step, user in (("decline", self.leader), ("remove", self.director)):
            case = self.make_case()
            mine, theirs = self.builder.assign(case, self.operations | self.technology)
            request = self.list_requests(case, "Que se repare la reja").with_user(self.director)
            request.assignment_id = mine
            self.answer(request, "Se reparará")
            getattr(mine.with_user(user), f"action_{step}")("No es nuestra")
            self.assertFalse(request.assignment_id)
            self.assertEqual(request.answer, "Se reparará", "what was written is not lost")
            self.finish_draft(theirs)
            self.assertEqual(case.state, "approved")
            send = functools.partial(self.as_director(case).action_send_response, delivery="hand", proof="x")
            self.assertEachRaises(UserError, send, said="has no process: “Que se repare la reja”")
            self.assertEqual(case.delivery_state, "none")
            self.assertDenied(request, self.collaborator, lambda own: own.read(["name"]))

    def test_unanswered_blocks_every_step(self):
        assignment = self.make_assignment()
        case = assignment.pqrs_id
        first, second = self.list_requests(case, "Que se repare la reja", "Que se cambie al guarda")
        own, led = assignment.with_user(self.collaborator), assignment.with_user(self.leader)
        own.response = "<p>Revisamos los hechos.</p>"
        self.answer(first)
        missing = "request 2 is not answered: “Que se cambie al guarda”"
        for text, said in ((False, missing), ("  \n", missing), ("Se hará el «[fecha]»", "places to fill in")):
            self.answer(second, text)
            self.assertEachRaises(UserError, own.action_submit, said=said)
        self.answer(second, "Se cambió el lunes")
        own.action_submit()
        self.answer(second, "", self.leader)
        self.assertEachRaises(UserError, led.action_approve, said="once it is submitted again")
        self.assertEachRaises(UserError, led.action_submit, said=missing)
        self.answer(second, "Se cambió el lunes", self.leader)
        led.action_submit()
        led.action_approve()
        self.assertEqual(case.state, "approved")

    def test_rules_of_the_draft_are_those_of_its_answers(self):
        assignment = self.make_assignment()
        request = self.list_requests(assignment.pqrs_id, "Una")
        for user in (self.collaborator, self.leader, self.deputy, self.director):
            request.with_user(user).write({"answer": f"De {user.name}", "resolution": "upheld"})
        strangers = (self.other_collaborator, self.other_leader, self.management, self.employee, self.portal)
        self.assertDenied(request, strangers, lambda own: own.write({"answer": "x"}))
        drafters = (self.collaborator, self.leader, self.deputy)
        for vals in ({"name": "x"}, {"assignment_id": False}, {"sequence": 1}, {"pqrs_id": 1}):
            self.assertDenied(request, drafters, lambda own, vals=vals: own.write(vals), error=UserError)
        self.assertDenied(
            request, drafters, lambda own: own.unlink(), lambda own: own.create({"pqrs_id": assignment.pqrs_id.id, "name": "x"}),
        )
        for command in (
            Command.create({"name": "x", "pqrs_id": assignment.pqrs_id.id}), Command.delete(request.id),
            Command.unlink(request.id), Command.clear(),
        ):
            self.assertDenied(assignment, drafters, lambda own, command=command: own.write({"request_ids": [command]}), error=UserError)
        case, own = self.as_director(assignment.pqrs_id), self.as_director(request)
        self.assertEachRaises(UserError, lambda: own.write({"pqrs_id": self.make_case().id}))
        self.answer(request)
        self.builder.draft(assignment)
        self.assertEachRaises(UserError, lambda: self.answer(request), said="waits for the leader")
        self.builder.approve(assignment)
        case.action_send_response(delivery="letter")
        people = (self.collaborator, self.leader, self.director)
        self.assertEachRaises(UserError, *(lambda user=user: self.answer(request, "Otra", user) for user in people), said="on its way")
        self.assertEachRaises(UserError, own.unlink)
        case.delivery_id.action_register_delivery("letter", proof="x")
        self.assertEachRaises(UserError, lambda: case.write({"request_ids": [Command.create({"name": "x"})]}), said="no longer be changed")

    def test_answered_on_the_form_of_the_assignment(self):
        assignment = self.make_assignment()
        self.list_requests(assignment.pqrs_id, "Una", "Dos")
        with Form(assignment.with_user(self.collaborator)) as form:
            with form.request_ids.edit(0) as line:
                line.answer = "Sí"
                line.resolution = "upheld"
            with form.request_ids.edit(1) as line:
                line.answer = "No"
                line.resolution = "not_upheld"
        self.assertEqual(assignment.request_ids.mapped("answer"), ["Sí", "No"])
        self.finish_draft(assignment, write=False)
        self.assertEqual(assignment.pqrs_id._get_proposed_resolution(), "partially_upheld")

    def test_other_processes_do_not_read_them(self):
        case = self.make_case()
        mine, theirs = self.builder.assign(case, self.operations | self.technology)
        first, second = self.list_requests(case, "Una", "Dos").with_user(self.director)
        first.assignment_id, second.assignment_id = mine, theirs
        self.reload()
        Request = self.env["sig.pqrs.request"]
        for user, expected in (
            (self.collaborator, first), (self.leader, first), (self.deputy, first), (self.other_leader, second),
            (self.director, first | second), (self.management, first | second),
        ):
            self.assertEqual(Request.with_user(user).search([]), expected.with_user(user), user.name)
        self.assertDenied(second, self.collaborator, lambda own: own.read(["answer"]))
        case.with_user(self.director).restricted = True
        self.reload()
        for user in (self.deputy, self.management):  # who drafts and who approves are named on it
            self.assertFalse(Request.with_user(user).search([]), user.name)

    def test_in_the_answer_one_by_one(self):
        self.contact.lang = "en_US"
        case = self.make_case()
        mine, theirs = self.builder.assign(case, self.operations | self.technology)
        requests = self.list_requests(case, "Que se repare <la> reja", "Copia de la minuta", "Disculpas")
        requests.with_user(self.director)[:2].write({"assignment_id": mine.id})
        requests[2].with_user(self.director).assignment_id = theirs
        requests[0].with_user(self.collaborator).write({"answer": "Se reparó\nel <b>lunes</b>", "resolution": "upheld"})
        self.answer(requests[1], "Va anexa")
        self.answer(requests[2], "Le pedimos disculpas", self.other_collaborator)
        self.finish_draft(mine)
        self.assertNotIn("disculpas", case.response, "what is not approved is not in the answer")
        self.finish_draft(theirs)
        self.as_director(case).write({"response_opening": "<p>Inicio</p>", "response_closing": "<p>Fin</p>"})
        positions = [
            case.response.index(text)
            for text in (
                "Inicio", "tomamos las medidas", "Que se repare &lt;la&gt; reja", "Se reparó\nel &lt;b&gt;lunes&lt;/b&gt;",
                "Upheld", "Copia de la minuta", "Va anexa", "Disculpas", "Le pedimos disculpas", "Fin",
            )
        ]
        self.assertEqual(positions, sorted(positions))
        self.as_director(case).action_send_response(delivery="hand", proof="x")
        self.assertEqual(case.state, "closed")
        self.assertIn("Le pedimos disculpas", case.response)

    def test_client_who_writes_marks_is_answered(self):
        assignment = self.make_assignment()
        self.answer(self.list_requests(assignment.pqrs_id, "Que se aclare «[qué pasó]»"))
        self.finish_draft(assignment)
        self.as_director(assignment.pqrs_id).action_send_response(delivery="hand", proof="x")
        self.assertEqual(assignment.pqrs_id.state, "closed")
