from functools import partial

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import brief_refusals
from .test_absence import AbsenceCommon


class SecretCommon(AbsenceCommon):
    """Every way in which one may come to know of a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(brief_refusals(cls.registry))
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref("base.group_allow_export")
        cls.member = cls.builder.make_user(cls.env, "sig_member", "Otro colaborador", "collaborator", lang="en_US")
        cls.outsider = cls.builder.make_user(cls.env, "sig_other", "Líder de otro proceso", "leader", lang="en_US")
        cls.operations.member_ids |= cls.member

    def make_secret(self, **vals):
        photo, report = (Command.create({"name": f"{name}.txt", "raw": name.encode()}) for name in ("foto", "informe"))
        assignment = self.make_assignment(self.make_case(subject="Acoso en el puesto", attachment_ids=[photo], **vals))
        assignment.with_user(self.collaborator).attachment_ids = [report]
        return assignment

    def knows(self, user, assignment):
        """Whether a user comes to know of an assignment and its case; by all the ways or by none."""
        case = assignment.pqrs_id
        self.reload()
        found = {}
        for name, record in (("case", case), ("assignment", assignment), ("act", case.sudo().act_ids[-1])):
            own = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            field = {"case": "subject", "assignment": "response", "act": "note"}[name]
            found[f"{name} searched"] = bool(own.search([("id", "=", record.id)]))
            found[f"{name} counted"] = bool(own.search_count([("id", "=", record.id)]))
            found[f"{name} grouped"] = bool(own._read_group([("id", "=", record.id)], [], ["__count"])[0][0])
            found[f"{name} read"] = self.works(lambda own=own, field=field: own.read([field]))
            found[f"{name} opened"] = self.works(lambda own=own, field=field: own.web_read({field: {}}))
            found[f"{name} exported"] = self.works(lambda own=own, field=field: own.export_data([field]))
            if name == "act":
                continue
            annexes = record.sudo().attachment_ids
            found[f"{name} annex"] = self.works(lambda annexes=annexes: annexes.with_user(user).read(["raw"]))
            Attachment, Message = (self.env[model].with_user(user) for model in ("ir.attachment", "mail.message"))
            found[f"{name} annex searched"] = bool(Attachment.search([("res_model", "=", record._name), ("res_id", "=", record.id)]))
            found[f"{name} talk"] = bool(Message.search([("model", "=", record._name), ("res_id", "=", record.id)]))
            found[f"{name} message"] = self.works(lambda record=record: record.sudo().message_ids.with_user(user).read(["body"]))
        found["named"] = bool(self.env["sig.pqrs"].with_user(user).name_search(case.name))
        found["named by its subject"] = bool(self.env["sig.pqrs"].with_user(user).name_search("Acoso en el puesto"))
        self.assertEqual(len(set(found.values())), 1, f"{user.name}: {found}")
        if not found["named"]:
            places = [("res_model", "in", ("sig.pqrs", "sig.pqrs.assignment"))]
            places += [("res_id", "in", (case.id, assignment.id))]
            self.assertNotIn(user, self.env["mail.activity"].search(places).user_id)
            self.assertFalse(self.env["mail.activity"].with_user(user).search(places))
            self.assertNotIn(user.partner_id, case.message_partner_ids | assignment.sudo().message_partner_ids)
        return found["named"]

    def assertKnowing(self, users, assignment, people):
        """Of the users, those people alone know of an assignment and its case."""
        self.assertEqual(users.filtered(lambda user: self.knows(user, assignment)), people)

    def works(self, function):
        try:
            function()
            return True
        except AccessError:
            return False


class TestNamedApprover(SecretCommon):
    """A conflict of interest: one person approves in place of the process, and who leads it sees nothing."""

    def name(self, assignment, approver=None, reason="El líder es el denunciado"):
        approver = self.outsider if approver is None else approver
        return assignment.with_user(self.director).action_name_approver(approver.id, reason)

    def test_who_knows(self):
        self.operations.member_ids |= self.leader | self.deputy  # listed as members too
        self.make_absence()
        assignment = self.make_secret()
        for record in (assignment, assignment.pqrs_id):
            record.sudo().message_subscribe((self.leader | self.deputy | self.member).partner_id.ids)
        assignment.sudo().message_post(body="Miren esto", partner_ids=self.leader.partner_id.ids)
        leaders = self.leader | self.deputy | self.substitute
        others = self.collaborator | self.member | self.outsider | self.director | self.management
        self.assertKnowing(leaders, assignment, leaders)
        self.name(assignment)
        self.assertKnowing(leaders | self.other_leader | others, assignment, others)
        self.assertIn(self.member.partner_id, assignment.sudo().message_partner_ids)
        self.name(assignment, self.env["res.users"], "Ya no hay conflicto")
        self.assertKnowing(leaders | self.outsider, assignment, leaders)
        self.assertEqual(self.kinds(assignment.pqrs_id)[-2:], ["approver_named", "approver_named"])
        self.assertChain(assignment.pqrs_id)

    def test_other_ground(self):
        assignment = self.make_secret()
        self.technology.member_ids |= self.leader
        self.builder.assign(assignment.pqrs_id, self.technology)
        self.name(assignment)
        self.env.invalidate_all()
        self.assertTrue(assignment.pqrs_id.with_user(self.leader).has_access("read"))
        self.assertFalse(assignment.with_user(self.leader).has_access("read"))
        self.assertNotIn("immediate_measure", assignment.pqrs_id.with_user(self.leader).allowed_transitions)

    def test_who_approves(self):
        assignment = self.make_secret()
        self.name(assignment)
        self.assertTrue(self.mails_to(self.outsider, "You approve the answer of"))
        self.builder.draft(assignment)
        self.assertEqual(self.told(assignment), self.outsider)
        with self.undone():
            self.technology.member_ids |= self.outsider
            self.make_absence(self.outsider, self.technology)
            assignment.sudo()._move_approvals()
            self.assertEqual(assignment.approval_user_id, self.director, "nobody stands in for who was named")
        self.assertFalse(self.mails_to(self.leader, "Answer to approve"))
        self.assertDenied(
            assignment, self.leader | self.deputy, lambda own: own.action_approve(), lambda own: own.action_return("x"),
            lambda own: own.action_decline("x"), lambda own: own.action_reassign(self.member.id),
            lambda own: own.write({"response": "<p>x</p>"}), lambda own: own.pqrs_id.action_immediate_measure("x"),
        )
        reassign, others = assignment.with_user(self.outsider).action_reassign, self.leader | self.deputy | self.outsider
        self.assertEachRaises(UserError, *(partial(reassign, user.id) for user in others))
        assignment.with_user(self.outsider).action_return("Falta la fecha")
        self.builder.draft(assignment)
        assignment.with_user(self.outsider).action_approve()
        act = assignment.pqrs_id.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.user_id, act.note), ("approved", self.outsider, ""))

    def test_who_gave_way_approves_as_nobody(self):
        """Not as the SIG either, who is asked when nobody else can."""
        self.operations.leader_id = self.director
        assignment = self.make_secret()
        assignment.with_user(self.administrator).action_name_approver(self.outsider.id, "La queja es contra el líder")
        self.builder.draft(assignment)
        self.assertDenied(assignment, self.director, lambda own: own.action_approve(reason="No está"))
        self.assertEachRaises(UserError, partial(self.name, assignment, self.director), said="You give way")
        self.outsider.sudo().active = False
        assignment.sudo()._move_approvals()
        self.assertNotIn(assignment.approval_user_id, self.director | self.outsider)
        assignment.with_user(self.administrator).action_approve(reason="Está de viaje")
        self.assertEqual(assignment.pqrs_id.sudo().act_ids[-1].data["in_absence_of"], self.outsider.id)

    def test_new_leader_and_former_leader(self):
        """Who gave way goes on doing so when the process changes hands, and so does who leads it now."""
        assignment = self.make_secret()
        self.name(assignment)
        self.operations.write({"leader_id": self.other_leader.id, "member_ids": [Command.link(self.leader.id)]})
        self.assertFalse(self.knows(self.leader, assignment) or self.knows(self.other_leader, assignment))
        self.name(assignment, self.director, "Se designa a otra persona")
        self.assertFalse(self.knows(self.leader, assignment))
        self.name(assignment, self.leader, "No era parte")
        self.assertTrue(self.knows(self.leader, assignment), "the SIG chose one of those who gave way")

    def test_leader_who_drafts(self):
        assignment = self.make_assignment(users={self.operations: self.leader})
        self.assertEachRaises(UserError, lambda: self.name(assignment), said="gives way .*: choose who drafts")
        self.assertFalse(assignment.approver_id)
        assignment.with_user(self.director).action_hand_over(self.member.id, "Lidera el proceso")
        self.name(assignment)
        self.assertEqual((assignment.user_id, assignment.approver_id), (self.member, self.outsider))
        self.assertEqual(self.kinds(assignment.pqrs_id)[-2:], ["reassigned", "approver_named"])

    def test_bad_input(self):
        assignment = self.make_secret()
        gone = self.builder.make_user(self.env, "sig_gone", "Ya no trabaja", "leader", active=False)
        people = self.collaborator | self.member | self.employee | self.management | self.make_stranger("leader") | gone | self.portal
        self.assertEachRaises(
            UserError, *(partial(self.name, assignment, user) for user in people),
            *(partial(self.name, assignment, reason=reason) for reason in ("", False, " ")),
            *(partial(assignment.with_user(self.director).action_name_approver, id_, "x") for id_ in (0.5, "x", 99999999, [self.outsider.id])),
        )
        others = self.leader | self.collaborator | self.management | self.outsider
        self.assertDenied(assignment, others, lambda own: own.action_name_approver(own.env.uid, "x"))
        self.assertEqual(self.kinds(assignment.pqrs_id)[-1], "assigned")


class TestRestricted(SecretCommon):
    def test_assigning_names_people(self):
        case = self.make_case(subject="Acoso en el puesto", restricted=True)
        assignment = self.make_assignment(case)
        for record in (case, assignment):
            record.sudo().write({"attachment_ids": [Command.create({"name": "a.txt", "raw": b"a"})]})
        self.assertEqual(case.sudo().authorized_user_ids, self.collaborator | self.leader)
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "assigned")
        self.assertEqual(sorted(act.data["authorized"]), sorted((self.collaborator | self.leader).ids))
        named = self.collaborator | self.leader | self.director | self.administrator
        others = self.member | self.deputy | self.other_leader | self.management
        self.assertKnowing(named | others, assignment, named)

    def test_commitments_name_people(self):
        case = self.make_case(restricted=True)
        vals = {"pqrs_id": case.id, "name": "Cambiar la chapa", "date_due": "2026-12-20"}
        self.env["sig.pqrs.commitment"].with_user(self.director).create(vals).action_reassign(self.outsider.id)
        self.assertIn(self.outsider, case.sudo().authorized_user_ids)

    def test_restricted_later(self):
        assignment = self.make_secret()
        case = assignment.pqrs_id
        for record in (assignment, case):
            record.sudo().message_subscribe((self.member | self.deputy).partner_id.ids)
        case.with_user(self.director).message_post(body="Miren esto", partner_ids=self.member.partner_id.ids)
        assignment.sudo().activity_schedule("mail.mail_activity_data_todo", user_id=self.member.id, summary="Acoso")
        self.assertTrue(self.knows(self.member, assignment))
        case.with_user(self.director).restricted = True
        self.assertEqual(case.sudo().authorized_user_ids, self.collaborator | self.leader)
        self.assertFalse(self.knows(self.member, assignment) or self.knows(self.deputy, assignment))
        self.env["mail.mail"].search([]).unlink()
        assignment.with_user(self.collaborator).message_post(
            body="Sobre el acoso", partner_ids=(self.member | self.leader).partner_id.ids, subtype_xmlid="mail.mt_comment",
        )
        case.with_user(self.director).message_post(body="Ojo", partner_ids=self.member.partner_id.ids)
        notified = self.env["mail.notification"].search([("mail_message_id.model", "like", "sig.pqrs")])
        self.assertEqual(notified.res_partner_id & (self.member | self.leader).partner_id, self.leader.partner_id)

    def acts_of_access(self, case):
        acts = case.sudo().act_ids.filtered(lambda act: act.kind in ("restricted", "unrestricted")).sorted("number")
        return [(act.kind, act.user_id, act.note or "") for act in acts]

    def test_acts_of_access(self):
        """Restricting a case, and opening it again, is one click, and an act; filing one says so in the first."""
        case, again = (self.make_case().with_user(self.director) for _number in range(2))
        again.action_cancel("duplicate", "Repetida", case.id)
        case.write({"restricted": True, "site": "Portería"})
        self.assertEqual(self.acts_of_access(again), [("restricted", self.director, "")], "with it, its duplicates")
        case.write({"restricted": True})
        case.restricted = False
        self.assertEqual(self.acts_of_access(case), [("restricted", self.director, ""), ("unrestricted", self.director, "")])
        self.assertEqual(case.sudo().act_ids.filtered(lambda act: act.kind == "restricted").data["state"], "received")
        self.assertChain(case)
        secret = self.make_case(restricted=True)
        self.assertIs(secret.sudo().act_ids.data["restricted"], True)
        self.assertFalse(self.acts_of_access(secret))
        self.assertDenied(secret, (self.collaborator, self.leader, self.management), lambda own: own.write({"restricted": False}))

    def acts_of_readers(self, case):
        acts = case.sudo().act_ids.filtered(lambda act: act.kind == "readers_changed").sorted("number")
        return [(act.user_id, {*act.data["added"]}, {*act.data["removed"]}) for act in acts]

    def test_acts_of_readers(self):
        cases = self.make_case() | self.make_case()
        cases = cases.with_user(self.director)
        cases.write({"authorized_user_ids": [(4, self.leader.id)]})
        self.assertFalse(self.acts_of_readers(cases[0]), "while it is open to all it names nobody")
        cases.write({"restricted": True})
        cases.with_user(self.administrator).write({"authorized_user_ids": [(4, self.member.id), (3, self.leader.id)]})
        cases.write({"authorized_user_ids": [(4, self.member.id)], "site": "Portería"})
        expected = [(self.director, {self.leader.id}, set()), (self.administrator, {self.member.id}, {self.leader.id})]
        for case in cases:
            self.assertEqual(self.acts_of_readers(case), expected)
            self.assertEqual(self.kinds(case)[-3:], ["restricted", "readers_changed", "readers_changed"])
            act = case.sudo().act_ids.sorted("number")[-1]
            self.assertHolds(act.note, self.member.name, self.leader.name)
            self.assertChain(case)
        cases.restricted = False
        cases.write({"authorized_user_ids": [(5,)]})
        self.assertEqual(self.acts_of_readers(cases[0]), expected)

    def test_acts_of_readers_whom_steps_name(self):
        case = self.make_case(restricted=True, authorized_user_ids=[(4, self.member.id)])
        self.assertEqual(self.acts_of_readers(case), [(self.director, {self.member.id}, set())])
        assignment = self.make_assignment(case)
        named = set().union(*(added for _user, added, _removed in self.acts_of_readers(case)))
        self.assertEqual(named, set(case.sudo().authorized_user_ids.ids))
        self.assertLess({self.member.id, assignment.user_id.id}, named)
        system = self.env["sig.pqrs"].sudo().create({
            "subject": "x", "type_id": case.type_id.id, "partner_name": "Ana", "channel": "web", "restricted": True,
            "authorized_user_ids": [(6, 0, self.member.ids)],
        })
        self.assertEqual([added for _user, added, _removed in self.acts_of_readers(system)], [{self.member.id}])

    def test_activities_reveal_nothing(self):
        case = self.make_case(restricted=True)
        assignment = self.make_assignment(case)
        for record, user in ((case, self.director), (assignment, self.leader)):
            schedule = partial(record.with_user(user).activity_schedule, "mail.mail_activity_data_todo")
            change = partial(schedule(user_id=user.id).write, {"user_id": self.member.id})
            self.assertEachRaises(UserError, partial(schedule, user_id=self.member.id), change, said=f"may not see {record.display_name}")

    def test_people_taken_out(self):
        case = self.make_case(restricted=True)
        assignment = self.make_assignment(case)
        own = case.with_user(self.director)
        take_out = partial(own.write, {"authorized_user_ids": [Command.unlink(self.collaborator.id)]})
        self.assertEachRaises(UserError, take_out, said="Reassign the draft first")
        self.assertIn(self.collaborator, case.sudo().authorized_user_ids)
        assignment.with_user(self.director).action_hand_over(self.member.id, "El colaborador es parte")
        self.assertIn(self.member, case.sudo().authorized_user_ids)
        take_out()
        self.env.invalidate_all()
        self.assertFalse(case.with_user(self.collaborator).has_access("read"))
        own.write({"authorized_user_ids": [Command.unlink(self.leader.id)]})
        self.builder.draft(assignment)
        self.assertFalse(self.mails_to(self.director, "in the leader's absence"))
        assignment.with_user(self.director).action_approve(reason="Es parte")
        act = case.sudo().act_ids[-1]
        self.assertEqual(act.note, f"By the SIG, because {self.leader.name} is not among who may see it: Es parte")
        self.assertNotIn("in_absence_of", act.data)

    def test_approval_waits_for_who_may_see_it(self):
        case = self.make_case(restricted=True)
        assignment = self.make_submitted(case=case)
        self.assertEqual(self.told(assignment), self.leader)
        self.make_absence()
        self.assertEqual(self.told(assignment), self.director)
        self.assertFalse(assignment.with_user(self.substitute).has_access("read"))
        case.with_user(self.director).write({"authorized_user_ids": [Command.link(self.substitute.id)]})
        self.assertEqual(self.told(assignment), self.substitute)
        assignment.with_user(self.substitute).action_approve()

    def test_named_approver(self):
        case = self.make_case(restricted=True)
        assignment = self.make_assignment(case)
        assignment.with_user(self.director).action_name_approver(self.outsider.id, "El líder es parte")
        self.env.invalidate_all()
        self.assertEqual(case._sig_get_readers(self.outsider | self.leader), self.outsider)
        self.assertEqual(case.sudo().authorized_user_ids, self.collaborator | self.outsider)
        assignment.with_user(self.director).action_name_approver(False, "Ya no hay conflicto")
        self.assertTrue(case.with_user(self.leader).has_access("read"))
