"""Who sees which cases, by role and by company."""
from itertools import product

from odoo.exceptions import AccessError
from odoo.fields import Command, Domain

from .common import SigCommon, brief_refusals


class TestVisibility(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = cls.builder.make_user(cls.env, "sig_member", "Otro colaborador de Operaciones", "collaborator")
        cls.operations.member_ids |= cls.member
        cls.startClassPatcher(brief_refusals(cls.registry))
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref("base.group_allow_export")
        annex = {"attachment_ids": [Command.create({"name": "foto.txt", "raw": b"foto"})]}
        cls.ours = cls.make_case(subject="De Operaciones", **annex)
        cls.theirs = cls.make_case(subject="De Tecnología", **annex)
        cls.both = cls.make_case(subject="De las dos", **annex)
        cls.unassigned = cls.make_case(subject="De nadie", **annex)
        cls.secret = cls.make_case(subject="Reservada", restricted=True, **annex)
        users = {cls.operations: cls.collaborator}
        cls.builder.assign(cls.ours, cls.operations, users=users)
        cls.builder.assign(cls.secret, cls.operations, users={cls.operations: cls.director})
        cls.secret.authorized_user_ids = cls.director  # assigning named the leader too
        cls.builder.assign(cls.theirs, cls.technology)
        cls.builder.assign(cls.both, cls.operations | cls.technology, users=users)
        cls.cases = cls.ours | cls.theirs | cls.both | cls.unassigned | cls.secret
        cls.reload()

    def assertReads(self, user, expected):
        """Every way to read gives the user the cases, assignments, acts, messages and annexes of ``expected`` alone."""
        message = user.name
        Pqrs = self.env["sig.pqrs"].with_user(user)
        domain = Domain("id", "in", self.cases.ids)
        self.env.invalidate_all()
        self.assertEqual(set(Pqrs.search(domain).ids), set(expected.ids), message)
        self.assertEqual(Pqrs.search_count(domain), len(expected), message)
        self.assertEqual(sum(count for _state, count in Pqrs._read_group(domain, ["state"], ["__count"])), len(expected), message)
        groups = Pqrs.formatted_read_group(domain, ["state"], ["__count"])
        self.assertEqual(sum(group["__count"] for group in groups), len(expected), message)
        self.assertEqual({row["id"] for row in Pqrs.search_read(domain, ["name"])}, set(expected.ids), message)
        found = Pqrs.web_search_read(domain, {"name": {}, "term_explanation": {}})["records"]
        self.assertEqual({row["id"] for row in found}, set(expected.ids))
        for case in self.cases:
            own = case.with_user(user)
            self.assertEqual(bool(Pqrs.name_search(case.name)), case in expected, message)
            self.assertEqual(bool(Pqrs.name_search(case.subject)), case in expected, message)
            if case in expected:
                own.read(["subject", "description", "act_ids", "term_explanation", "response"])
                self.assertEqual(own.export_data(["subject"])["datas"], [[case.subject]])
                own.attachment_ids.read(["name", "raw"])
            else:
                for reading in (
                    lambda own=own: own.read(["subject"]), lambda own=own: own.web_read({"subject": {}}),
                    lambda own=own: own.export_data(["subject"]), lambda own=own: own.subject,
                    lambda own=own: own.action_verify_acts(),
                    lambda own=own, case=case: case.attachment_ids.with_user(user).read(["raw"]),
                    lambda own=own: own.message_ids.read(["body"]) or own.sudo().message_ids.with_user(user).read(["body"]),
                    lambda own=own: own.sudo().act_ids.with_user(user).read(["note"]),
                ):
                    self.env.invalidate_all()
                    with self.assertRaises(AccessError, msg=f"{user.name}: {case.subject}"):
                        reading()
        Act, of_cases = self.env["sig.pqrs.act"].with_user(user), [("pqrs_id", "in", self.cases.ids)]
        self.assertEqual(set(Act.search(of_cases).sudo().pqrs_id.ids), set(expected.ids), message)
        by_case = Act._read_group(of_cases, ["pqrs_id"], ["__count"])
        self.assertEqual({case.id for case, _count in by_case}, set(expected.ids), message)
        messages = self.env["mail.message"].with_user(user).search([("model", "=", "sig.pqrs"), ("res_id", "in", self.cases.ids)])
        messages -= messages.filtered(lambda each: each.author_id == user.partner_id and each.res_id not in expected.ids)
        self.assertEqual(set(messages.mapped("res_id")), set(expected.ids), message)
        annexes = self.env["ir.attachment"].with_user(user).search([("res_model", "=", "sig.pqrs"), ("res_id", "in", self.cases.ids)])
        self.assertEqual(set(annexes.mapped("res_id")), set(expected.ids), message)

    def test_roles(self):
        """By every way, for one of each kind of reader; the others find the same."""
        of_us, of_them = self.ours | self.both, self.theirs | self.both
        for user, others, expected in (
            (self.director, self.administrator, self.cases), (self.management, (), self.cases - self.secret),
            (self.leader, self.deputy, of_us), (self.collaborator, self.member, of_us), (self.other_leader, self.other_collaborator, of_them),
        ):
            self.assertReads(user, expected)
            for other in others:
                self.assertEqual(self.cases.with_user(other)._filtered_access("read").sudo(), expected.sudo(), other.name)
                self.assertEqual(self.cases.with_user(other).search([("id", "in", self.cases.ids)]).ids, expected.sorted().ids, other.name)

    def test_assignments_of_others(self):
        """On a case of two processes, each reads its own share; the other's draft and talk are not its business."""
        mine, other = self.both.sudo().assignment_ids.sorted(lambda assignment: assignment.process_id != self.operations)
        other.message_post(body="Hablemos de esto")
        people = self.leader | self.collaborator | self.member | self.deputy
        for user in people:
            own = self.env["sig.pqrs.assignment"].with_user(user)
            self.assertIn(mine, own.search([]))
            self.assertNotIn(other, own.search([]))
            self.assertFalse(own.search([("process_id", "=", self.technology.id)]))
            self.assertFalse(self.env["mail.message"].with_user(user).search([("model", "=", other._name), ("res_id", "=", other.id)]))
        self.env.invalidate_all()
        self.assertDenied(
            other.sudo(False), people, lambda own: own.read(["response"]), lambda own: own.message_post(body="x"),
            lambda own: own.write({"response": "<p>x</p>"}), lambda own: own.write({"attachment_ids": [Command.clear()]}),
        )

    def test_restricted(self):
        self.assertDenied(self.secret.sudo().assignment_ids.sudo(False), self.collaborator, lambda own: own.read(["response"]))
        self.secret.with_user(self.director).authorized_user_ids = self.director | self.collaborator | self.management
        self.assertReads(self.collaborator, self.ours | self.both | self.secret)
        self.assertReads(self.leader, self.ours | self.both)
        self.assertReads(self.management, self.cases)
        self.secret.with_user(self.director).authorized_user_ids = self.director | self.other_leader
        self.assertReads(self.other_leader, self.theirs | self.both)

    def test_declined_or_removed(self):
        self.ours.sudo().description = "Lo que nadie más debe leer"
        for step, user in (("decline", self.leader), ("remove", self.director)):
            with self.subTest(step), self.undone():
                assignment = self.ours.sudo().assignment_ids
                getattr(assignment.with_user(user), f"action_{step}")("No es nuestra")
                self.reload()
                for person in (self.collaborator, self.member, self.leader, self.deputy):
                    self.assertFalse(self.ours.with_user(person).has_access("read"), person.name)
                    own = assignment.with_user(person)
                    names = ["case_subject", "case_deadline", "brief", "return_reason"]
                    self.assertFalse(any(own.read(names, load=None)[0][name] for name in names))
                    self.assertFalse(own.search([("pqrs_id.description", "ilike", "nadie"), ("id", "=", own.id)]))
                self.assertReads(self.collaborator, self.both)

    def test_reassigned_from_outside_the_process(self):
        case = self.make_case()
        assignment = self.make_assignment(case, user_id=self.other_collaborator.id)
        self.builder.assign(self.unassigned, self.operations, users={self.operations: self.other_collaborator})
        self.assertTrue(case.with_user(self.other_collaborator).has_access("read"))
        assignment.with_user(self.leader).action_reassign(self.collaborator.id)
        self.reload()
        for record in (case, assignment):
            self.assertFalse(record.with_user(self.other_collaborator).has_access("read"))

    def test_identity_document(self):
        number = "79555444"
        plain = self.make_case(document_type="cc", document_number=number)
        data = self.make_case(type="datos_consulta", document_type="cc", document_number=number)
        self.builder.assign(plain | data, self.operations, users={self.operations: self.collaborator})
        self.reload()
        for user in (self.director, self.administrator):
            self.assertIn(number, plain.with_user(user).identity_document)
            self.assertEqual(plain.with_user(user).document_number, number)
        process = self.leader | self.deputy | self.collaborator | self.member
        for case in (plain, data):
            self.env.invalidate_all()
            self.assertDenied(
                case, process | self.management,
                *(lambda own, name=name: own.read([name]) for name in ("document_number", "document_type", "uuid")),
                lambda own: own.export_data(["document_number"]), lambda own: own.search([("document_number", "=", number)]),
                lambda own: own._read_group([], ["document_number"], ["__count"]), lambda own: own.search([], order="document_number"),
                lambda own: own.assignment_ids.search([("pqrs_id.document_number", "=", number)]),
            )
        for user in process | self.management:
            self.assertNotIn("document_number", plain.with_user(user).fields_get())
            self.assertFalse(plain.with_user(user).identity_document)
            self.assertEqual(number in (data.with_user(user).identity_document or ""), user != self.management)

    def test_models_closed_to_the_rest(self):
        public = self.env.ref("base.public_user")
        # The dialog of findings and plans, and what top management writes: its reviews (test_management_review).
        dialogs = ("sig.pqrs.improvement.wizard",)
        for model in (model for model in self.env if model.startswith("sig.") and not self.env[model]._abstract):
            # What interviewers may do with the surveys they apply is proven in test_survey_roles.
            applies = model.startswith("sig.survey.") or model in dialogs
            interviewers = self.env["res.users"] if applies else self.interviewer
            for operation in ("read", "write", "create", "unlink"):
                people = self.portal | public | self.employee | interviewers
                if operation != "read" and model not in dialogs and not model.startswith("sig.management."):
                    people |= self.management
                for user in people:
                    self.assertFalse(self.env[model].with_user(user).has_access(operation), f"{user.name} {operation} {model}")
        self.assertDenied(self.env["sig.calendar"], self.portal | public, lambda own: own.due_date("2026-11-24", 15))
        self.assertDenied(self.env["sig.calendar"], self.make_stranger(), lambda own: own.due_date("2026-11-24", 15, self.company.id))

    def test_configuration_is_the_administrators(self):
        documents = ("sig.document", "sig.document.revision")  # prepared by the SIG
        for user in (self.director, self.leader, self.collaborator):
            own = () if user == self.director else documents
            for model, operation in product(("sig.process", "sig.pqrs.type", "sig.nonworking.day", *own), ("write", "create", "unlink")):
                self.assertFalse(self.env[model].with_user(user).has_access(operation), f"{user.name} {operation} {model}")
        self.assertDenied(self.company, self.director | self.leader | self.collaborator, lambda own: own.write({"sig_policy_days": 90}))

    def test_an_approved_answer_keeps_who_led_the_process_then(self):
        pending, submitted, approved = (self.make_assignment() for _number in range(3))
        self.builder.draft(submitted | approved)
        approved.with_user(self.leader).action_approve()
        self.operations.write({"leader_id": self.other_leader.id, "deputy_ids": [(5,)]})
        self.reload()
        self.assertEqual((pending.leader_id, submitted.leader_id, approved.leader_id), (self.other_leader, self.other_leader, self.leader))
        submitted.with_user(self.other_leader).action_approve()
        self.operations.leader_id = self.leader
        self.reload()
        self.assertEqual(submitted.leader_id, self.other_leader)
        submitted.with_user(self.director).action_return("Falta la fecha")
        self.reload()
        self.assertEqual(submitted.leader_id, self.leader, "it is led again by who leads today")

    def sees(self, user):
        """Whether a user finds a case of ours, its assignment and its acts; all of them or none, by search and by record."""
        seen = set()
        for record in (self.ours, self.ours.sudo().assignment_ids, self.ours.sudo().act_ids[:1]):
            theirs = record.with_user(user).sudo(False)
            seen.add(bool(theirs.search([("id", "=", record.id)])))
            seen.add(theirs.has_access("read"))
        self.assertEqual(len(seen), 1)
        return seen.pop()

    def test_who_joins_or_leaves_the_process(self):
        """The new one reads at once, the former one no longer; an archived process still answers for its cases."""
        former, new = self.member | self.leader | self.deputy, self.other_collaborator | self.other_leader
        for readers, others in ((former, new), (new, former)):
            for user in readers | others:
                self.assertEqual(self.sees(user), user in readers, user.name)
            self.operations.write({
                "member_ids": [Command.set(self.other_collaborator.ids)], "leader_id": self.other_leader.id,
                "deputy_ids": [Command.clear()], "active": False,
            })
