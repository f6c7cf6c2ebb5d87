"""One answer to the analogous petitions of more than ten people, published and sent to each."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase
from odoo.tools import mute_logger

from .common import SigCommon

TEXT = "<p>La portería norte queda abierta de 6:00 a 22:00 desde el lunes.</p>"


class CommonAnswerCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = cls.make_analogous(11)

    @classmethod
    def make_analogous(cls, count, prefix="vecino", **vals):
        """Petitions of as many people, to be answered by letter or by mail."""
        return cls.builder.file([
            {
                "type": "peticion", "subject": f"Portería norte {number}",
                "description": "Piden que la portería peatonal abra los domingos", "partner_name": f"Vecino {number}",
                "email_from": f"{prefix}{number}@example.com", **vals,
            }
            for number in range(count)
        ])

    def begin(self, cases=None, body=TEXT, user=None):
        """As the list of cases begins it."""
        cases = self.cases if cases is None else cases
        context = {"active_model": "sig.pqrs", "active_ids": cases.ids}
        form = Form(self.env["sig.common.answer"].with_user(user or self.director).with_context(**context))
        form.name, form.process_id, form.user_id, form.body = "Portería norte", self.operations, self.collaborator, body
        return form.save().with_context(active_model=False)

    def press(self, answer, step, user):
        """A button of the form, with what it shows."""
        self.reload()
        own = answer.with_user(user)
        [shown] = own.web_read({"allowed_steps": {}, "common_digests": {}})
        self.assertIn(step, shown["allowed_steps"], user.name)
        with self.builder._at(None):
            return getattr(own.with_context(draft_digest=shown["common_digests"]), f"action_{step}")()

    def approve_all(self, answer):
        self.press(answer, "draft", self.director)
        self.press(answer, "submit", self.collaborator)
        self.press(answer, "approve", self.leader)


class TestCommonAnswer(CommonAnswerCommon):
    def test_to_each_and_published(self):
        answer = self.begin()
        self.assertEqual((answer.case_ids, answer.company_id), (self.as_director(self.cases), self.company))
        self.press(answer, "draft", self.director)
        parts = answer.assignment_ids
        self.assertEqual((len(parts), set(parts.mapped("state")), set(parts.mapped("response"))), (11, {"pending"}, {TEXT}))
        self.press(answer, "submit", self.collaborator)
        self.press(answer, "approve", self.leader)
        self.assertEqual(set(self.cases.mapped("state")), {"approved"})
        acts = self.cases.sudo().act_ids.filtered(lambda act: act.kind == "approved")
        self.assertEqual((len(acts), acts.user_id), (11, self.leader))
        self.assertFalse([act for act in acts if act.data.get("unread")], "the leader read the text")
        self.assertEqual(parts.with_user(self.leader).common_answer_id, answer.with_user(self.leader))
        self.assertFalse(self.make_assignment().common_answer_id)
        self.assertFalse(answer.url)

        self.press(answer, "send", self.director)
        self.assertEqual((answer.state, answer.petition_count), ("published", 11))
        self.assertEqual(len(self.cases.communication_ids.filtered(lambda each: each.purpose == "response" and each.state == "queued")), 11)
        with self.builder._at(None):
            self.catch_mails()
            self.cases.delivery_id.sudo().mail_id.send()
        self.assertEqual(set(self.cases.mapped("state")), {"closed"})
        for case in self.cases:
            self.assertIn("queda abierta", case.sudo().answer_id.body)
            self.assertIn(self.kinds(case).index("common_answer") + 1, [place for place, kind in enumerate(self.kinds(case)) if kind == "response_sent"])
            act = case.sudo().act_ids.filtered(lambda act: act.kind == "common_answer")
            self.assertEqual(act.data["common"], answer.id)
            self.assertIn(f"Common answer {answer.id}, to 11 analogous petitions", act.note)
            self.assertChain(case)
        self.as_director(case).action_reopen("Falta un punto", "correction")
        self.finish_draft(self.builder.assign(case, self.operations), write=False)
        self.reload()
        self.assertNotIn("send", answer.allowed_steps, "it was answered in common already")

    def test_from_one_case_with_its_similar_ones(self):
        self.as_director(self.make_analogous(1, "fin")).action_withdraw("Lo pidió")
        other = self.make_case(type="peticion", subject="Copia del contrato")
        self.assertEqual(self.begin(self.cases[0]).case_ids, self.as_director(self.cases))
        asked = self.make_case(type="peticion", subject="Solicitud", description=False, remedy="Que la portería peatonal abra los domingos")
        self.assertEqual(self.begin(asked).case_ids, self.as_director(self.cases | asked), "by what is asked for, too")
        self.assertEachRaises(UserError, lambda: self.begin(other), said="art. 22")

    def test_ten_are_too_few(self):
        """People are counted, not cases; nobody knows how many the anonymous ones are."""
        ten = self.cases[:10]
        again = self.make_case(type="peticion", partner_id=False, partner_name="V", email_from="VECINO0@example.com")
        anonymous = self.make_anonymous()
        for cases in (ten, ten | again, ten | anonymous):
            self.assertEachRaises(UserError, lambda cases=cases: self.begin(cases), said="art. 22")
        values = {"name": "x", "process_id": self.operations.id, "company_id": self.company.id}
        Answer = self.env["sig.common.answer"].with_user(self.director)
        self.assertEachRaises(
            ValidationError, lambda: Answer.create(values), lambda: Answer.create({**values, "case_ids": [Command.set(ten.ids)]})
        )
        answer = self.begin()
        self.assertEachRaises(ValidationError, lambda: answer.write({"case_ids": [Command.unlink(self.cases[0].id)]}))
        self.approve_all(answer)
        self.builder.assign(self.cases[0], self.technology)
        self.assertEachRaises(UserError, answer.action_send, said="more than 10 people")
        self.assertEqual((answer.state, set(self.cases[1:].mapped("delivery_state"))), ("draft", {"none"}))

    def test_who_writes_under_two_addresses_is_one_person(self):
        ten = self.make_analogous(10, "p")
        partner = self.env["res.partner"].create({"name": "Pedro"})
        mails = self.env["sig.pqrs"].union(
            *(self.make_case(type="peticion", partner_id=partner.id, email_from=f"m{number}@example.com") for number in range(11))
        )
        documented = self.make_case(
            type="peticion", partner_id=False, partner_name="V", email_from="p0@example.com", document_type="cc", document_number="1020333"
        )
        for cases in (mails, ten | documented):
            self.assertEachRaises(UserError, lambda cases=cases: self.begin(cases), said="art. 22")
        self.assertEqual(len(self.begin(ten | mails[0]).case_ids), 11)
        by_name = self.make_analogous(11, email_from=False, response_medium="letter")
        self.assertEqual(len(self.begin(by_name).case_ids), 11)
        by_name[0].partner_name = "VECINO 1"
        self.assertEachRaises(UserError, lambda: self.begin(by_name), said="these are of 10")

    def test_who_does_not_begin_it_learns_nothing(self):
        """Neither how many people ask, nor which cases are restricted."""
        restricted = self.make_case(restricted=True)
        for user in (self.leader, self.management, self.employee, self.portal):
            self.reload()
            Answer = self.env["sig.common.answer"].with_user(user).with_context(
                active_model="sig.pqrs", active_ids=[*self.cases[:2].ids, restricted.id]
            )
            self.assertEqual(Answer.default_get(["case_ids"]), {"case_ids": [Command.set([])]}, user.name)
        Answer = self.env["sig.common.answer"].with_user(self.director).with_context(active_model="sig.pqrs", active_ids="x")
        self.assertEqual(Answer.default_get(["case_ids"]), {"case_ids": [Command.set([])]})

    @mute_logger("odoo.addons.sig_pqrs.models.mixin.record_mixin")
    def test_what_is_restricted_later_or_cannot_be_sent_keeps_nobody_waiting(self):
        cases = self.cases | self.make_analogous(2, "más")
        answer = self.begin(cases)
        self.approve_all(answer)
        cases[0].sudo().restricted = True
        late = cases[1].sudo()
        late.response_opening = "<p>Señor «[nombre]»:</p>"
        self.assertIn(late.name, self.press(answer, "send", self.director)["params"]["message"])
        self.assertEqual((answer.petition_count, cases[0].delivery_state, late.delivery_state), (11, "none", "none"))
        self.assertNotIn("common_answer", self.kinds(late))
        cases[2].sudo().restricted = True
        late.response_opening = "<p>Señor:</p>"
        self.press(answer, "send", self.director)
        self.assertEqual((answer.petition_count, late.delivery_state != "none"), (12, True))
        [act] = late.act_ids.filtered(lambda act: act.kind == "common_answer")
        self.assertIn("to 12 analogous petitions", act.note, "thirteen were looked at")
        self.assertEqual(self.kinds(cases[3]).count("common_answer"), 1, "once, though it was sent twice")

    def test_a_legal_review_without_opening_stands(self):
        answer, case = self.begin(), self.as_director(self.cases[0])
        self.approve_all(answer)
        case.write({"legal_risk": True, "legal_reviewer_id": self.other_collaborator.id})
        case.action_request_legal_review()
        case.with_user(self.other_collaborator).action_legal_approve()
        self.assertIs(self.press(answer, "send", self.director), True)
        self.assertEqual((case.legal_state, case.response_opening, case.delivery_state), ("approved", False, "pending"))
        self.assertTrue(all(self.cases[1:].mapped("response_opening")))

    def test_who_reads_a_part_without_it_opens_it(self):
        answer = self.begin()
        self.press(answer, "draft", self.director)
        self.reload()
        part = answer.assignment_ids[0].with_user(self.management)
        self.assertFalse(part.web_read({"common_answer_id": {"fields": {"display_name": {}}}})[0]["common_answer_id"])

    def test_what_has_an_answer_of_its_own(self):
        personal = self.make_case(type="datos_consulta", document_type="cc", document_number="1")
        restricted = self.make_case(restricted=True)
        for case in (personal, restricted):
            self.assertEachRaises(UserError, lambda case=case: self.begin(self.cases | case), said="answer of their own")
        for body in ('<p>x<img src="/web/image/1"></p>', '<p><img src="https://example.com/a.png"></p>'):
            self.assertEachRaises(UserError, lambda body=body: self.begin(body=body), said="without pictures")
        self.assertEachRaises(UserError, self.begin(body=False).action_draft, said="Write the text")

    def test_drafts_that_somebody_wrote_stay(self):
        written = self.make_assignment(self.cases[0])
        self.builder.draft(written)
        answer = self.begin()
        self.assertIn(written.display_name, self.press(answer, "draft", self.director)["params"]["message"])
        self.assertNotEqual(written.response, TEXT)
        new = TEXT.replace("lunes", "martes")
        self.as_director(answer).body = new
        self.press(answer, "draft", self.director)
        self.assertEqual(answer.assignment_ids.filtered(lambda part: part.response == new), answer.assignment_ids - written)

    def test_what_the_leader_has_not_read_is_approved_apart(self):
        answer = self.begin()
        self.press(answer, "draft", self.director)
        other, changed = answer.assignment_ids[:2]
        other.with_user(self.collaborator).write({"attachment_ids": [Command.create({"name": "a.txt", "raw": b"a"})]})
        self.press(answer, "submit", self.collaborator)
        self.reload()
        [shown] = answer.with_user(self.leader).web_read({"common_digests": {}})
        self.assertEqual(len(shown["common_digests"]), 10)
        self.as_director(changed).response = TEXT.replace("lunes", "jueves")
        self.press(answer, "approve", self.leader)
        self.assertEqual((other.state, changed.state), ("submitted", "returned"))
        self.assertEqual(answer.assignment_ids.mapped("state").count("approved"), 9)
        answer = self.begin(self.make_analogous(11, "otro"))
        self.press(answer, "draft", self.director)
        self.press(answer, "submit", self.collaborator)
        [shown] = answer.with_user(self.leader).web_read({"common_digests": {}})
        answer.assignment_ids[0].with_user(self.leader).commitment_ids = [Command.create({"name": "Abrir", "date_due": "2026-12-10"})]
        answer.assignment_ids[0].with_user(self.collaborator).action_submit()
        answer.assignment_ids[0].with_user(self.leader).commitment_ids.unlink()
        answer.assignment_ids[0].with_user(self.collaborator).action_submit()
        approver = answer.with_user(self.leader)
        other_text = dict.fromkeys(shown["common_digests"], "x")
        for digests in (other_text, {}, [], "", {"9" * 5000: "x"}):
            self.assertEachRaises(UserError, lambda digests=digests: approver.action_approve(digests), said="read it again")
        approver.action_approve(shown["common_digests"])
        self.assertEqual(set(answer.assignment_ids.mapped("state")), {"approved"})

    def test_what_was_published_stands(self):
        answer = self.begin()
        self.approve_all(answer)
        self.as_director(answer).body = "<p>Otra</p>"
        self.press(answer, "send", self.director)
        self.assertEachRaises(UserError, self.as_director(answer).action_draft, said="does not change")
        self.assertEqual(answer.drafted, TEXT)
        answer = self.as_director(answer)
        for step in (lambda: answer.write({"body": "<p>Otra</p>"}), lambda: answer.write({"name": "x"})):
            self.assertEachRaises(UserError, step, said="does not change")
        self.assertEachRaises(AccessError, answer.unlink)
        draft = self.begin(self.make_analogous(11, "otra"))
        for values in ({"state": "published"}, {"drafted": "<p>x</p>"}, {"petition_count": 99}):
            self.assertEachRaises(UserError, lambda values=values: draft.write(values))

    def test_who_may(self):
        answer = self.begin()
        self.press(answer, "draft", self.director)
        outsiders = (self.other_leader, self.other_collaborator, self.management, self.interviewer, self.employee, self.portal)
        self.assertDenied(
            answer, outsiders, lambda own: own.read(["body"]), lambda own: own.action_submit(), lambda own: own.action_approve(),
            lambda own: own.action_send(),
        )
        for user in (self.leader, self.collaborator):
            self.assertEqual(answer.with_user(user).body, TEXT)
            self.assertDenied(
                answer, (user,), lambda own: own.write({"body": "x"}), lambda own: own.action_draft(), lambda own: own.action_send(),
                lambda own: own.unlink(), lambda own: own.create({"name": "x", "process_id": self.operations.id}),
            )  # fmt: skip
        stranger = self.make_stranger()
        self.assertDenied(answer, (stranger,), lambda own: own.read(["body"]))
        self.press(answer, "submit", self.collaborator)
        self.assertNotIn("approve", answer.with_user(self.collaborator).allowed_steps)
        self.assertNotIn("approve", self.as_director(answer).allowed_steps, "in their absence, one by one, with the reason")

    def test_many_take_few_queries(self):
        def read(cases):
            self.as_director(self.begin(cases)).web_read({"allowed_steps": {}, "case_ids": {"fields": {"display_name": {}}}})

        few, many = (self.count_queries(read, self.make_analogous(count, f"q{count}")) for count in (11, 40))
        self.assertLess(many - few, 60, f"{few} for 11, {many} for 40")


class TestPublished(CommonAnswerCommon, HttpCase):
    def test_the_page_tells_no_case(self):
        self.env["website"].get_current_website().write({"company_id": self.company.id, "sig_pqrs_active": True})
        answer = self.begin()
        self.approve_all(answer)
        self.env.flush_all()
        self.assertEqual(self.url_open(f"/pqrs/answers/{answer.id}").status_code, 404)
        self.press(answer, "send", self.director)
        self.env.flush_all()
        page = self.url_open(f"/pqrs/answers/{answer.id}")
        self.assertEqual(page.status_code, 200)
        self.assertIn("queda abierta de 6:00", page.text)
        self.assertRegex(page.text, r"\b11 pet")
        for word in (*self.cases.mapped("name"), "Vecino 1", "vecino1", answer.name, self.leader.name):
            self.assertNotIn(word, page.text)
        self.assertEqual(self.url_open(f"/pqrs/answers/{answer.id + 1}").status_code, 404)
        website, url = self.env["website"].get_current_website(), f"/pqrs/answers/{answer.id}"
        for receives in (True, False):
            website.sig_pqrs_active = receives
            self.env.flush_all()
            self.assertEqual("/pqrs/new" in self.url_open(url).text, receives)
        website.company_id = self.env["res.company"].create({"name": "Otra"})
        self.env.flush_all()
        self.assertEqual(self.url_open(url).status_code, 200, "a company without a website publishes, too")
