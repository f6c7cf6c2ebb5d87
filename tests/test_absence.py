from contextlib import nullcontext
from functools import partial

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import SigCommon, date, freeze_time


class AbsenceCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.substitute = cls.builder.make_user(cls.env, "sig_substitute", "Quien reemplaza", "collaborator", lang="en_US")

    def make_submitted(self, **kwargs):
        assignment = self.make_assignment(**kwargs)
        self.builder.draft(assignment)
        return assignment

    def told(self, assignment):
        """Who has the activity to approve an assignment."""
        return self.activities(assignment, "sig_pqrs.activity_approve").user_id

    def mails_to(self, user, text=""):
        return self.env["mail.mail"].search([("email_to", "=", user.email_formatted), ("subject", "like", text)])


class TestAbsence(AbsenceCommon):
    """While a leader is away, the substitute approves; before and after, the substitute is nobody."""

    def test_substitute_acts_on_the_days_alone(self):
        assignment = self.make_submitted()
        self.make_absence()
        case, act = assignment.pqrs_id, assignment.pqrs_id.sudo().act_ids[0]
        for moment, acts in (
            ("2026-11-24 04:59:00", False),  # 23:59 of the 23rd in Bogotá
            ("2026-11-24 05:00:00", True),
            ("2026-11-28 04:59:00", True),
            ("2026-11-28 05:00:00", False),
        ):
            with freeze_time(moment), self.subTest(moment):
                self.env.invalidate_all()
                own = assignment.with_user(self.substitute)
                for record in (assignment, case, act):
                    theirs = record.with_user(self.substitute)
                    self.assertEqual(bool(theirs.search([("id", "=", record.id)])), acts)
                    self.assertEqual(theirs.has_access("read"), acts)
                self.assertEqual(bool(own.search([("is_of_led_process", "=", True)])), acts)
                if acts:
                    self.assertIn("approve", own.allowed_transitions)
                    self.assertFalse(own.approves_in_absence)
                else:
                    self.assertEachRaises(AccessError, own.action_approve)

    def test_all_that_a_leader_does(self):
        """The act of an approval names the substitute."""
        assignment, other = self.make_submitted(), self.make_submitted()
        self.make_absence()
        other.with_user(self.substitute).action_return("Falta la fecha")
        other.with_user(self.substitute).action_reassign(self.leader.id)
        other.pqrs_id.with_user(self.substitute).action_immediate_measure("Se reforzó el puesto")
        other.with_user(self.substitute).action_decline("Es de Tecnología")
        assignment.with_user(self.substitute).action_approve()
        act = assignment.pqrs_id.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.user_id, act.data["in_absence_of"]), ("approved", self.substitute, self.leader.id))
        self.assertHolds(act.note, self.leader.name, self.substitute.name)
        self.assertEqual((assignment.approved_by_id, assignment.pqrs_id.state), (self.substitute, "approved"))
        self.assertChain(assignment.pqrs_id)

    def test_approvals_move_when_it_begins_and_back_when_it_ends(self):
        assignment = self.make_submitted()
        self.make_absence(start="2026-11-25", end="2026-11-26")
        self.assertEqual(self.told(assignment), self.leader)
        self.watch("2026-11-25 12:00:00")
        self.assertEqual((self.told(assignment), assignment.approval_user_id), (self.substitute, self.substitute))
        self.assertEqual(len(self.mails_to(self.substitute, "Answer to approve")), 1)
        self.watch("2026-11-26 12:00:00")
        self.assertEqual(len(self.mails_to(self.substitute, "Answer to approve")), 1, "told once")
        self.watch("2026-11-30 12:00:00")
        self.assertEqual(self.told(assignment), self.leader, "also after a weekend without review")

    def test_a_day_without_review_is_caught_up_on(self):
        """Of an urgent case, whoever leads again hears the day after."""
        self.make_absence(start="2026-11-24", end="2026-11-26")
        self.watch("2026-11-24 12:00:00")
        with freeze_time("2026-11-24 15:00:00"):
            case = self.make_case(priority="2")
            self.builder.assign(case, self.operations)
        self.assertEqual(self.activities(case, "sig_pqrs.activity_urgent").user_id & (self.leader | self.substitute), self.substitute)
        self.watch("2026-11-28 12:00:00")
        self.assertEqual(self.activities(case, "sig_pqrs.activity_urgent").user_id & (self.leader | self.substitute), self.leader)

    def test_who_is_reminded_of_a_late_draft(self):
        assignment = self.make_assignment(date_due="2026-11-24")
        self.make_absence(start="2026-11-24", end="2026-11-26")
        for day, user in (("2026-11-25", self.substitute), ("2026-11-27", self.leader)):
            self.watch(f"{day} 12:00:00")
            self.assertEqual(self.activities(assignment, "sig_pqrs.activity_deadline").user_id, user)

    def test_who_lost_the_role_is_not_asked(self):
        self.leader.group_ids -= self.env.ref("sig_pqrs.group_process_leader")
        self.leader.group_ids += self.env.ref("sig_pqrs.group_collaborator")
        link = [Command.link(self.other_leader.id)]  # who is named is judged, not who was there
        self.operations.write({"internal_days": 4, "member_ids": link, "deputy_ids": link})
        self.assertEqual(self.env["sig.handover"]._get_stranded() & (self.leader | self.other_leader), self.leader)
        self.assertEqual(self.told(self.make_submitted()), self.deputy)
        self.make_absence()
        self.substitute.group_ids -= self.env.ref("sig_pqrs.group_collaborator")
        self.assertEqual(self.told(self.make_submitted()), self.deputy)
        part = self.make_assignment()
        self.assertEqual(part._get_deadline_recipients(), {part: self.collaborator})
        self.collaborator.group_ids = self.env.ref("base.group_user")
        self.assertEqual(part._get_deadline_recipients(), {part: self.deputy}, "nor reminded")
        self.director.group_ids -= self.env.ref("sig_pqrs.group_sig_director")
        self.assertNotEqual(self.company._sig_get_director(), self.director)

    def test_at_once_when_recorded_changed_or_withdrawn(self):
        assignment = self.make_submitted()
        absence = self.make_absence()
        self.assertEqual(self.told(assignment), self.substitute)
        absence.substitute_id = self.other_leader
        self.assertEqual(self.told(assignment), self.other_leader)
        absence.date_from = "2026-11-25"
        self.assertEqual(self.told(assignment), self.leader)
        absence.write({"date_from": "2026-11-24", "substitute_id": self.substitute.id})
        self.assertEqual(self.told(assignment), self.substitute)
        absence.unlink()
        self.assertEqual(self.told(assignment), self.leader)

    def assertHearsNothing(self, assignment, user):
        self.assertIn(user.partner_id, assignment.sudo().message_partner_ids)
        said = assignment.sudo().message_post(body="Hola", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertNotIn(user.partner_id, said.notification_ids.res_partner_id)

    def test_substitute_of_former_days_neither_hears_nor_posts(self):
        """Whatever ended it: the days are over, it was withdrawn, or somebody else stands in."""
        for end in (
            lambda absence: self.watch("2026-11-30 12:00:00"),
            lambda absence: absence.unlink(),
            lambda absence: absence.write({"substitute_id": self.other_leader.id}),
        ):
            assignment = self.make_submitted()
            absence = self.make_absence()
            own = assignment.with_user(self.substitute)
            note = own.message_post(body="Lo reviso", message_type="comment", subtype_xmlid="mail.mt_comment")
            assignment.sudo().message_subscribe(self.substitute.partner_id.ids)
            end(absence)
            with freeze_time("2026-11-30 15:00:00" if absence.exists() and absence.substitute_id == self.substitute else "2026-11-24 15:00:00"):
                self.reload()
                self.assertHearsNothing(assignment, self.substitute)
                Message = self.env["mail.message"].with_user(self.substitute)
                answer = {"model": "sig.pqrs.assignment", "res_id": note.res_id, "body": "x", "parent_id": note.id}
                self.assertEachRaises(AccessError, partial(own.message_post, body="x"), partial(Message.create, answer))
                self.env["sig.process.absence"].search([]).unlink()

    def test_member_who_leaves_hears_nothing(self):
        assignment, member = self.make_assignment(), self.other_collaborator
        self.operations.with_user(self.administrator).member_ids = [Command.link(member.id)]
        assignment.sudo().message_subscribe(member.partner_id.ids)
        self.operations.with_user(self.administrator).member_ids = [Command.unlink(member.id)]
        self.reload()
        self.assertHearsNothing(assignment, member)

    def test_notices_go_to_the_substitute(self):
        with freeze_time("2026-11-03 15:00:00"):
            late = self.make_assignment()
            submitted = self.make_submitted()
        self.make_absence(start="2026-11-03", end="2026-12-31")
        self.assertTrue(self.mails_to(self.substitute, "You stand in for Líder de Operaciones in Operaciones"))
        self.env["mail.mail"].search([]).unlink()
        self.watch("2026-11-26 12:00:00", digests=True)
        self.assertTrue(all(self.mails_to(self.substitute, text) for text in ("OVERDUE", "Your PQRS of today")))
        self.assertFalse(self.mails_to(self.leader))
        self.assertEqual(late.sudo().activity_ids.filtered(lambda a: "Overdue" in (a.summary or "")).user_id, self.substitute)
        self.assertEqual(self.told(submitted), self.substitute)

    def test_substitute_who_is_away_too(self):
        """One who falls ill afterwards is passed over."""
        self.technology.leader_id = self.other_leader
        sick = self.make_absence(process=self.technology, user=self.other_leader, start="2026-11-26", end="2026-11-26")
        self.make_absence(substitute=self.other_leader, end="2026-11-25")
        assignment = self.make_submitted()
        self.assertEqual(self.told(assignment), self.other_leader)
        sick.date_from = "2026-11-24"
        self.operations._follow_people()
        self.assertEqual(self.told(assignment), self.deputy)
        assignment.with_user(self.other_leader).action_approve()  # away, but there

    def test_substitute_who_goes_away_afterwards(self):
        """The leader and the SIG hear of it, who may choose another."""
        self.make_absence()
        self.operations.member_ids |= self.substitute
        away, text = {"user": self.substitute, "substitute": self.deputy}, "Who stands in will be away too"
        self.make_absence(start="2026-11-28", end="2026-11-28", **away)
        self.assertFalse(self.mails_to(self.leader, text) | self.mails_to(self.director, text))
        self.make_absence(start="2026-11-27", end="2026-11-27", **away)
        [mail], [_other] = self.mails_to(self.leader, text), self.mails_to(self.director, text)
        self.assertHolds(mail.body_html, self.leader.name, self.substitute.name)

    def test_all_approvers_away(self):
        assignment, headless = self.make_submitted(), self.make_submitted()
        self.make_absence(substitute=self.env["res.users"])
        self.assertEqual(self.told(assignment), self.deputy)
        self.make_absence(user=self.deputy, substitute=self.env["res.users"])
        self.assertEqual(self.told(assignment), self.director)
        self.assertTrue(self.mails_to(self.director, "Answer to approve in the leader's absence"))
        own = assignment.with_user(self.director)
        self.assertTrue(own.approves_in_absence)
        steps = (partial(own.action_approve, reason=reason) for reason in (False, "", "  ", 7))
        self.assertEachRaises(UserError, *steps, said="say why the SIG approves")
        own.action_approve(reason="Todos están en vacaciones")
        act = assignment.pqrs_id.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.user_id, act.data["in_absence_of"]), ("approved", self.director, self.leader.id))
        self.assertIn("Todos están en vacaciones", act.note)
        self.operations.leader_id = False
        headless.with_user(self.director).action_approve(reason="Renunció")
        self.assertEqual(headless.pqrs_id.sudo().act_ids[-1].note, "By the SIG, in the absence of a leader: Renunció")

    def test_deputy_who_is_the_drafter(self):
        """Nobody approves what they drafted while somebody else can; the leader answers for the process."""
        assignment = self.make_submitted(users={self.operations: self.deputy})
        self.assertEqual(self.told(assignment), self.leader)
        own = assignment.with_user(self.deputy)
        self.assertNotIn("approve", own.allowed_transitions)
        self.assertEachRaises(AccessError, own.action_approve)
        self.make_absence()
        self.assertEqual(self.told(assignment), self.substitute)
        self.assertEachRaises(AccessError, own.action_approve)
        self.env["sig.process.absence"].search([]).substitute_id = False
        self.assertEqual(self.told(assignment), self.deputy, "nobody else is left")
        self.env.invalidate_all()
        own.action_approve()

    def test_deputy_who_wrote_or_submitted(self):
        """They drafted it too; where all who are there did, any of them approves."""
        text, more = "<p>Se reforzó el puesto.</p>", "<p>Va la copia.</p>"
        for place in range(4):
            people = [self.deputy if step == place else self.collaborator for step in range(4)]
            assignment = self.make_assignment()
            self.as_director(assignment.pqrs_id).action_add_requests("Copia")
            answers, writes, adds, submits = (assignment.with_user(user) for user in people)
            answers.request_ids.answer, writes.response, adds.response = "Va", text, text + more
            submits.action_submit()
            own = assignment.with_user(self.deputy)
            self.assertEachRaises(AccessError, own.action_approve)
        self.make_absence()
        self.assertEqual(self.told(assignment), self.substitute)
        assignment.sudo().user_id = self.substitute
        own.action_approve()

    def test_director_or_leader_who_is_the_drafter(self):
        assignment = self.make_submitted(users={self.operations: self.director})
        self.assertEachRaises(AccessError, lambda: assignment.with_user(self.director).action_approve(reason="Vence"))
        assignment = self.make_submitted(users={self.operations: self.leader})
        self.assertEqual(self.told(assignment), self.leader)
        assignment.with_user(self.leader).action_approve()
        self.assertEqual(assignment.state, "approved")


class TestAbsenceRights(AbsenceCommon):
    def test_bad_input(self):
        absence = self.make_absence()
        stranger = self.make_stranger("leader")
        archived = self.builder.make_user(self.env, "sig_gone", "Ya no trabaja", "leader", active=False)
        for vals, error in (
            ({"start": "2026-11-27", "end": "2026-11-30"}, "recorded already"),
            ({"start": "2026-11-20", "end": "2026-11-24"}, "recorded already"),
            ({"start": "2026-11-25", "end": "2026-11-25"}, "recorded already"),
            ({"user": self.other_collaborator}, "is not of the process"),
            ({"user": self.deputy, "substitute": self.employee}, "not an active user of .* with this role: Collaborator"),
            ({"user": self.deputy, "substitute": stranger}, "not an active user"),
            ({"user": self.deputy, "substitute": archived}, "not an active user"),
            ({"user": self.deputy, "substitute": self.leader}, "will be away too"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, error), self.env.cr.savepoint():
                self.make_absence(**vals)
        with mute_logger("odoo.sql_db"):
            self.assertEachRaises(
                CheckViolation, lambda: self.make_absence(start="2026-12-10", end="2026-12-09"),
                lambda: self.make_absence(start="2026-12-10", end="2026-12-11", substitute=self.leader),
            )
        self.assertEqual(self.operations.absence_ids, absence)
        self.make_absence(start="2026-11-28", end="2026-11-28")
        self.make_absence(user=self.deputy)

    def test_who_records_them(self):
        Absence = self.env["sig.process.absence"]
        vals = {"process_id": self.operations.id, "date_from": "2026-12-01", "date_to": "2026-12-02"}
        for user in (self.leader, self.deputy):
            own = Absence.with_user(user).create({**vals, "user_id": user.id, "substitute_id": self.substitute.id})
            self.assertEqual(own.user_id, user)
        self.assertEqual(Absence.with_user(self.substitute).search_count([]), 2)
        self.assertFalse(Absence.with_user(self.other_leader).search([]))
        self.assertFalse(Absence.with_user(self.collaborator).search([]))
        self.assertDenied(Absence, self.substitute, lambda own: own.search([], limit=1).read(["reason"]))
        vals.update(date_from="2026-12-05", date_to="2026-12-06")
        self.assertDenied(
            Absence, self.other_leader | self.collaborator | self.substitute | self.management | self.employee | self.portal,
            lambda own: own.create({**vals, "user_id": self.leader.id, "substitute_id": own.env.uid}), error=UserError,
        )
        absence = Absence.search([("user_id", "=", self.leader.id)])
        self.assertDenied(
            absence, self.deputy | self.other_leader | self.substitute, lambda own: own.write({"substitute_id": own.env.uid})
        )
        Absence.with_user(self.director).create({**vals, "user_id": self.leader.id})
        for user in self.leader | self.director | self.deputy | self.substitute:
            edits, form = user in self.leader | self.director, Form(absence.with_user(user))
            with nullcontext() if edits else self.assertRaisesRegex(AssertionError, "readonly"):
                form.substitute_id = self.other_leader

    def test_away_dialog(self):
        self.technology.deputy_ids = self.leader
        Wizard = self.env["sig.absence.wizard"].with_user(self.leader)
        wizard = Wizard.create({"date_to": "2026-11-30", "substitute_id": self.substitute.id})
        self.assertEqual((wizard.user_id, wizard.process_ids), (self.leader, self.operations | self.technology))
        wizard.action_confirm()
        absences = self.env["sig.process.absence"].search([])
        self.assertEqual(absences.process_id, self.operations | self.technology)
        self.assertEqual((set(absences.mapped("date_from")), len(self.mails_to(self.substitute))), ({date(2026, 11, 24)}, 1))
        self.assertIn(self.substitute.name, self.operations.with_user(self.collaborator).absence_notice)
        for user in (self.collaborator, self.leader, self.director, self.management):
            self.assertIn("Away", Form(self.operations.with_user(user)).absence_notice, user.name)

    def test_collaborator_is_away(self):
        """Each registers the own one; who stands in for somebody who does not lead is proposed, and reads no more."""
        self.assertIn(self.env.ref("sig_pqrs.menu_absence").id, self.env["ir.ui.menu"].with_user(self.collaborator)._visible_menu_ids())
        with Form(self.env["sig.absence.wizard"].with_user(self.collaborator)) as form:
            form.date_to = date(2026, 11, 30)
            form.substitute_id = self.substitute
        self.assertEqual(form.record.process_ids, self.operations)
        form.record.action_confirm()
        absence = self.env["sig.process.absence"].search([])
        self.assertEqual((absence.user_id, absence.process_id), (self.collaborator, self.operations))
        theirs = self.make_submitted().with_user(self.substitute)
        self.assertFalse(theirs.has_access("read"), "standing in for a collaborator leads nothing")
        self.assertFalse(theirs.search([("is_of_led_process", "=", True)]))
        own = absence.with_user(self.collaborator)
        own.date_to = "2026-12-01"
        self.assertDenied(
            absence, self.substitute | self.other_collaborator,
            lambda own: own.write({"substitute_id": own.env.uid}), lambda own: own.unlink(),
        )
        wizard = self.env["sig.absence.wizard"].with_user(self.other_collaborator).create({
            "user_id": self.collaborator.id, "date_from": "2026-12-10", "date_to": "2026-12-11",
        })
        wizard.process_ids = self.operations
        self.assertEachRaises(AccessError, theirs.action_approve, wizard.action_confirm)
        changes = ({"user_id": self.leader.id}, {"process_id": self.technology.id})
        self.assertEachRaises(UserError, *(partial(own.write, change) for change in changes))
        own.unlink()

    def test_deputy_without_the_role_gives_no_rights(self):
        """Who may not approve gives nobody the right to, over RPC either."""
        self.deputy.group_ids = self.env.ref("sig_pqrs.group_collaborator")
        assignment = self.make_submitted()
        vals = {"user_id": self.deputy.id, "substitute_id": self.substitute.id, "date_to": "2026-11-30"}
        Absence = self.env["sig.process.absence"].with_user(self.deputy)
        self.assertEachRaises(AccessError, lambda: Absence.create({**vals, "process_id": self.operations.id}))
        self.technology.member_ids |= self.deputy
        absence = Absence.create({**vals, "process_id": self.technology.id})
        self.assertEachRaises(AccessError, lambda: absence.write({"process_id": self.operations.id}))
        self.assertFalse(assignment.with_user(self.substitute).has_access("read"))

    def test_people_of_another_company(self):
        stranger = self.make_stranger("leader")
        link = [Command.link(stranger.id)]
        changes = ({"leader_id": stranger.id}, {"deputy_ids": link}, {"member_ids": link})
        steps = (partial(self.operations.write, change) for change in changes)
        self.assertEachRaises(ValidationError, *steps, said="is nobody of the company")
        changes = ({"leader_id": self.collaborator.id}, {"deputy_ids": [Command.link(self.collaborator.id)]})
        steps = (partial(self.operations.write, change) for change in changes)
        self.assertEachRaises(ValidationError, *steps, said="leader first to Colaborador de Operaciones")


class TestAssigningToWhoIsAway(AbsenceCommon):
    def assign_form(self, case):
        return Form(self.env["sig.pqrs.assign.wizard"].with_user(self.director).with_context(lang="en_US", active_ids=case.ids))

    def test_assign_proposes_the_substitute_of_the_leader(self):
        self.make_absence()
        case = self.make_case()
        with self.assign_form(case) as form:
            self.assertFalse(form.absence_notice)
            with form.line_ids.edit(0) as line:
                line.process_id = self.operations
                self.assertEqual(line.user_id, self.substitute)
                self.assertIn(self.substitute, line.candidate_ids[:])
            self.assertHolds(form.absence_notice, f"Away: {self.leader.name}, ", f"{self.substitute.name} stands in")
            with form.line_ids.edit(0) as line:
                line.user_id = self.env["res.users"]
        form.record.action_assign()
        self.assertEqual(case.assignment_ids.user_id, self.substitute)

    def test_triage_and_reasons(self):
        reason = self.env["sig.pqrs.reason"].create({
            "name": "Rondas", "process_id": self.operations.id, "user_id": self.collaborator.id, "company_id": self.company.id,
        })
        self.make_absence(user=self.collaborator)
        wizard = self.env["sig.pqrs.triage.wizard"].with_user(self.director).with_context(lang="en_US")
        case = self.make_case()
        with Form(wizard.with_context(default_pqrs_id=case.id)) as form:
            form.reason_id = reason
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.user_id, self.substitute)
                line.user_id = self.collaborator
            self.assertIn(f"{self.substitute.name} stands in", form.absence_notice)

    def test_reassign_and_hand_over(self):
        assignment = self.make_assignment()
        self.make_absence(user=self.collaborator)
        for user, step in ((self.leader, "reassign"), (self.director, "hand_over")):
            wizard = self.env["sig.pqrs.step.wizard"].with_user(user).with_context(lang="en_US")
            wizard = wizard.new({"assignment_id": assignment.id, "step": step})
            self.assertFalse(wizard.absence_notice)
            wizard.user_id = self.collaborator
            self.assertIn("Away: ", wizard.absence_notice, step)

    def test_who_goes_away_before_the_draft_is_due(self):
        self.make_absence(start="2026-11-30", end="2026-12-04")
        with self.assign_form(self.make_case()) as form:
            with form.line_ids.edit(0) as line:
                line.process_id = self.operations
                self.assertEqual(line.user_id, self.leader, "who is there today")
            self.assertIn(f"Away: {self.leader.name}, 30/11/2026 to 04/12/2026.", form.absence_notice)
            with form.line_ids.edit(0) as line:
                line.date_due = "2026-11-27"
            self.assertFalse(form.absence_notice)
        assignment = self.make_assignment(users={self.operations: self.collaborator}, date_due="2026-12-01")
        wizard = self.env["sig.pqrs.step.wizard"].with_user(self.director)
        wizard = wizard.new({"assignment_id": assignment.id, "step": "hand_over", "user_id": self.leader.id})
        self.assertIn("stands in", wizard.absence_notice)

    def test_nobody_asks_who_is_away_elsewhere(self):
        """Over RPC, a dialog tells nothing of people of processes that one does not read."""
        assignment = self.make_assignment()
        self.make_absence(user=self.other_leader, process=self.technology)
        for user, case in ((self.leader, assignment), (self.other_collaborator, assignment)):
            wizard = self.env["sig.pqrs.step.wizard"].with_user(user)
            found = wizard.onchange(
                {"assignment_id": case.id, "step": "reassign", "user_id": self.other_leader.id},
                ["user_id"], {"absence_notice": {}, "user_id": {}, "assignment_id": {}, "step": {}},
            )
            self.assertFalse(found.get("value", {}).get("absence_notice"), user.name)
