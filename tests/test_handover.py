from functools import partial
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form

from .common import freeze_time
from .test_absence import AbsenceCommon


class TestHandover(AbsenceCommon):
    """Nobody leaves while something waits for them; one dialog gives it to others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = cls.builder.make_user(cls.env, "sig_receiver", "Quien recibe", "leader", lang="en_US")
        cls.system = cls.env.ref("base.user_admin")
        cls.system.write({"email": "admin@example.com", "group_ids": [Command.link(cls.env.ref("sig_pqrs.group_administrator").id)]})

    def hand_over(self, user, receiver=None, by=None, **vals):
        form = Form(self.env["sig.handover.wizard"].with_user(by or self.system).with_context(default_user_id=user.id))
        form.receiver_id = self.receiver if receiver is None else receiver
        for name, value in vals.items():
            setattr(form, name, value)
        wizard = form.save()
        wizard.action_confirm()
        return wizard

    def pending(self, user):
        return {kind: records.ids for kind, records in self.env["sig.handover"]._get_pending(user).items()}

    def test_archiving_and_leaving_the_company_are_refused(self):
        """The dialog shows what waits where it is named, whatever is active, also to who takes a company from themselves."""
        assignment, other = self.make_assignment(), self.make_stranger().company_id
        self.assertEqual(self.pending(self.collaborator)["draft"], assignment.ids)
        self.technology.leader_id, leads = self.system, "Leads the process"
        (self.collaborator | self.leader | self.system).company_ids |= other
        move = {"company_id": other.id, "company_ids": [Command.unlink(self.company.id)]}
        for user, kind in ((self.collaborator, "Drafts as responsible"), (self.leader, leads), (self.system, leads)):
            leaving = user.with_user(self.system).with_context(allowed_company_ids=other.ids)
            gone = leaving.action_archive, *([leaving.unlink] if user != self.system else ())  # core keeps that one
            for leave in (*gone, partial(leaving.write, move), partial(leaving.sudo().write, move)):
                with self.assertRaises(RedirectWarning) as caught, self.env.cr.savepoint():
                    leave()
                message, action, _button, shown = caught.exception.args
                self.assertHolds(message, kind, f"in {self.company.name}. Give")
                self.assertEqual(action, self.env.ref("sig_pqrs.action_handover_wizard").id)
                self.assertEqual(shown["default_archive_user"], leave in gone)
                self.assertTrue(Form(self.env["sig.handover.wizard"].with_user(self.system).with_context(**shown)).line_ids)
            user.with_user(self.system).company_ids -= other  # where nothing waits
        self.leader.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})  # as superuser
        archive = self.leader.with_user(self.system).action_archive
        self.assertEachRaises(RedirectWarning, archive, said=f"in {self.company.name}. Give")
        with patch.object(self.registry["res.users"], "_check_nothing_pending") as asked:
            self.env["res.company"].with_user(self.system).create({"name": "Nueva"})
        asked.assert_not_called()  # the host pays nothing

    def test_who_is_free_to_go(self):
        """Members and deputies without work of theirs, portal users, and what the superuser does."""
        case = self.make_case().sudo()
        lost = case.activity_schedule("mail.mail_activity_data_todo", user_id=self.deputy.id)
        self.env.cr.execute("UPDATE mail_activity SET res_id = 2147483647 WHERE id = %s", (lost.id,))
        for user in self.deputy | self.other_collaborator | self.employee | self.portal:
            user.with_user(self.system).active = False
            self.assertFalse(user.active)
            user.active = True
        case.activity_schedule("mail.mail_activity_data_todo", user_id=self.deputy.id)
        self.assertEachRaises(RedirectWarning, self.deputy.with_user(self.system).action_archive, said="still waits")
        self.make_assignment()
        (self.collaborator | self.leader).write({"active": False})  # as superuser

    def test_who_receives_is_proposed(self):
        """Who stands in for somebody who is away, or else who leads their process; nobody is moved by it."""
        def propose(user):
            Wizard = self.env["sig.handover.wizard"].with_user(self.director)
            return Form(Wizard.with_context(default_user_id=user.id)).receiver_id

        self.make_assignment()
        self.assertEqual((propose(self.collaborator), propose(self.employee)), (self.leader, self.env["res.users"]))
        self.operations.deputy_ids = self.deputy
        self.assertEqual(propose(self.leader), self.deputy)
        self.make_absence(self.collaborator, substitute=self.receiver)
        self.assertEqual(propose(self.collaborator), self.receiver)
        self.assertIn("draft", self.pending(self.collaborator))

    def test_closed_cases_hold_nobody(self):
        with freeze_time("2026-11-23 15:00:00"):
            self.make_closed()
        assignment = self.make_assignment()
        self.builder.promise(assignment, "Pintar la caseta", "2026-12-10")
        self.as_director(assignment.pqrs_id).action_withdraw("Ya no")
        self.assertNotIn("draft", self.pending(self.collaborator))
        self.collaborator.with_user(self.system).action_archive()

    def test_all_at_once(self):
        draft = self.make_assignment()
        submitted = self.make_submitted()
        approved = self.make_approved().sudo().assignment_ids
        secret = self.make_case(restricted=True)
        self.make_assignment(secret)
        before = {assignment: assignment.state for assignment in (draft, submitted, approved)}
        self.env["mail.mail"].search([]).unlink()
        self.hand_over(self.collaborator, archive_user=True)
        self.assertFalse(self.collaborator.active)
        for assignment, state in before.items():
            self.assertEqual((assignment.user_id, assignment.state), (self.receiver, state))
            act = assignment.pqrs_id.sudo().act_ids[-1]
            self.assertEqual(act.kind, "reassigned")
            self.assertIn("Change of personnel", act.note)
            self.assertChain(assignment.pqrs_id)
        for people in (secret.sudo().authorized_user_ids, self.operations.member_ids):
            self.assertEqual(people & (self.receiver | self.collaborator), self.receiver)
        mail = self.mails_to(self.receiver)
        self.assertEqual(len(mail), 1, "one mail for all")
        self.assertIn(draft.pqrs_id.name, mail.body_html)
        self.assertIn(self.receiver, self.activities(draft, "sig_pqrs.activity_draft").user_id)
        self.assertEqual(set(self.pending(self.collaborator)), {"authorized"}, "a restricted case is given one by one")

    def test_open_commitments(self):
        assignment = self.make_assignment()
        self.builder.promise(assignment, "Reforzar la iluminación", "2026-12-10")
        self.finish_draft(assignment)
        self.as_director(assignment.pqrs_id).action_send_response(delivery="hand", received_by="Ana Ruiz")
        self.reload()
        commitment = assignment.sudo().commitment_ids
        self.assertEqual((commitment.state, commitment.user_id), ("open", self.collaborator))
        commitment.activity_schedule("sig_pqrs.activity_deadline", user_id=self.collaborator.id)
        commitment.activity_schedule("mail.mail_activity_data_todo", user_id=self.collaborator.id, summary="Llamar")
        self.env["mail.mail"].search([]).unlink()
        self.hand_over(self.collaborator, by=self.director)
        self.assertEqual((commitment.user_id, commitment.activity_ids.user_id), (self.receiver, self.receiver))
        self.assertEqual(sorted(commitment.activity_ids.mapped("summary")), sorted([commitment.display_name, "Llamar"]))
        self.assertNotIn("commitment", self.pending(self.collaborator))
        self.assertIn("Reforzar la iluminación", self.mails_to(self.receiver).body_html)

    def test_leader(self):
        submitted = self.make_submitted()
        self.technology.write({"deputy_ids": [Command.link(self.leader.id)]})
        self.make_absence(process=self.technology, substitute=self.leader)
        named = self.make_assignment(process=self.technology)
        named.with_user(self.director).action_name_approver(self.leader.id, "La líder es parte")
        self.company.sig_active = False  # who directs the SIG of one that receives PQRS has the role
        self.company.sig_director_id = self.leader
        self.make_case().sudo().activity_schedule("sig_pqrs.activity_sig", user_id=self.leader.id)
        self.assertIn(self.leader, self.env["sig.handover"]._get_stranded(), "without the role of SIG director")
        self.assertEqual(set(self.pending(self.leader)), {"leader", "deputy", "substitute", "approval", "director", "activity"})
        activity = self.env["mail.activity"].search([("user_id", "=", self.leader.id), ("res_model", "=", "sig.pqrs")])
        self.assertEachRaises(UserError, lambda: self.hand_over(self.leader), said=r"^PQRS-\S+ · .*: .* may not see PQRS-\S+: nothing")
        by_role = self.builder.make_user(self.env, "sig_director2", "Otra directora", "director", lang="en_US")
        self.env["mail.mail"].search([]).unlink()
        known = self.env["mail.message"].search([])
        self.hand_over(self.leader, by_role, archive_user=True)
        self.assertFalse(self.leader.active)
        self.assertEqual((self.operations.leader_id, self.told(submitted)), (by_role, by_role))
        mail = self.mails_to(by_role)
        self.assertEqual(len(mail), 1, "one mail for all, also for the approvals that go over")
        self.assertIn("hands over work to you, and", mail.subject)
        self.assertHolds(mail.body_html, submitted.pqrs_id.name, *self.env["sig.pqrs"].browse(activity.mapped("res_id")).mapped("name"))
        told = self.env["mail.message"].search([("message_type", "=", "user_notification")]) - known
        self.assertNotIn(by_role.partner_id, told.partner_ids, "core tells of no activity in a mail of its own")
        self.assertEqual((named.approver_id, self.company.sig_director_id), (by_role, by_role))
        self.assertEqual((self.technology.deputy_ids, self.technology.absence_ids.substitute_id), (by_role, by_role))
        self.assertEqual(activity.user_id, by_role)

    def test_line_by_line(self):
        first, second = self.make_assignment(), self.make_assignment()
        form = Form(self.env["sig.handover.wizard"].with_user(self.director).with_context(default_user_id=self.collaborator.id))
        self.assertEqual(len(form.line_ids), 3)
        for position in range(len(form.line_ids)):
            with form.line_ids.edit(position) as line:
                if line.kind == "draft":
                    line.receiver_id = self.receiver if line.res_id == first.id else self.deputy
        form.save().action_confirm()
        self.assertEqual((first.user_id, second.user_id), (self.receiver, self.deputy))
        self.assertIn(self.collaborator, self.operations.member_ids, "given by an administrator alone")

    def test_rights(self):
        wizard = self.env["sig.handover.wizard"].with_user(self.director).create({"user_id": self.leader.id})
        wizard.line_ids.receiver_id = self.receiver
        archiving = wizard.create({"user_id": self.employee.id, "archive_user": True})
        self.assertEachRaises(AccessError, wizard.action_confirm, archiving.action_confirm)
        others = self.leader | self.collaborator | self.management
        self.assertDenied(wizard, others, lambda own: own.create({"user_id": self.collaborator.id}))
        self.assertEqual(self.operations.leader_id, self.leader)

    def test_who_left_a_company(self):
        """Moved by the superuser, who asks nobody: what waits there goes to who is left, and the dialog names them."""
        submitted, named = self.make_submitted(), self.make_assignment(process=self.technology)
        named.with_user(self.director).action_name_approver(self.receiver.id, "La líder es parte")
        reason = self.env["sig.pqrs.reason"].create({"name": "Ronda", "process_id": self.operations.id})
        left, other = self.leader | self.director | self.receiver | self.collaborator, self.make_stranger().company_id
        left.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        self.assertEqual((submitted | named)._get_approvers(), {submitted: self.deputy, named: self.system})
        submitted.sudo()._mail_people({submitted: left | self.deputy}, lambda part: "Hoy")
        self.assertEqual(self.env["mail.mail"].search([("subject", "=", "Hoy")]).email_to, self.deputy.email_formatted)
        for company, stranded in ((self.company, left), (other, left.browse())):
            self.assertEqual(left & self.env["sig.handover"].with_company(company)._get_stranded(), stranded)
        case, wave = submitted.pqrs_id.sudo(), self.env["sig.survey.wave"].new({"company_id": self.company.id})
        self.assertFalse(left & self.env["sig.case.alarm"]._get_urgent_people(case)[case] or reason._get_proposal(case))
        self.assertEqual([*wave._get_owners()], [self.other_leader])
        self.assertEachRaises(UserError, self.operations._check_can_answer, said="no active leader")
        submitted.with_user(self.deputy).action_return("Falta la fecha")
        self.assertEqual(self.activities(submitted, "sig_pqrs.activity_draft").user_id, self.deputy)

    def test_activities_of_another_company(self):
        """They are called as their records: who does not read those neither sees nor gives them."""
        director = self.make_stranger()
        ours, foreign = self.make_case(), self.make_case().sudo()
        self.env.cr.execute("UPDATE sig_pqrs SET company_id = %s WHERE id = %s", (director.company_id.id, foreign.id))
        director.company_ids |= self.company
        self.env.invalidate_all()
        for case in ours.sudo() | foreign:
            case.activity_schedule("mail.mail_activity_data_todo", summary="Llamar", user_id=director.id)
        wizard = self.env["sig.handover.wizard"].with_user(self.director).create({"user_id": director.id})
        self.assertEqual(wizard.line_ids.mapped("name"), [f"{ours.name} · Llamar"])

    def test_forged_lines(self):
        """What the lines say is a choice among what really waits."""
        other = self.make_assignment(process=self.technology)
        self.make_assignment()
        wizard = self.env["sig.handover.wizard"].with_user(self.director).create({"user_id": self.collaborator.id})
        wizard.line_ids = [Command.clear(), Command.create({"kind": "draft", "res_id": other.id, "receiver_id": self.receiver.id})]
        self.assertEachRaises(UserError, wizard.action_confirm, said="Choose who receives")
        self.assertEqual(other.user_id, self.other_collaborator)

    def test_conflict_goes_first(self):
        assignment = self.make_assignment()
        self.builder.promise(assignment, "Pintar la caseta", "2026-12-10")
        assignment.with_user(self.director).action_name_approver(self.receiver.id, "El líder es parte")
        other = self.make_assignment()
        self.make_absence(substitute=self.receiver)
        self.hand_over(self.collaborator, self.leader)
        drafters = (assignment.user_id, assignment.sudo().commitment_ids.user_id, other.user_id)
        self.assertEqual(drafters, (self.collaborator, self.collaborator, self.leader), "who cannot is not proposed")
        refused = (partial(self.hand_over, *pair) for pair in ((self.collaborator, self.receiver), (self.receiver, self.leader)))
        self.assertEachRaises(UserError, *refused, said="Choose who receives")
        by_hand = partial(assignment.with_user(self.director).action_hand_over, self.receiver.id, "Se va")
        self.assertEachRaises(UserError, by_hand, said=f"{assignment.display_name}: ")
        wizard = self.env["sig.handover.wizard"].with_user(self.director).create({"user_id": self.receiver.id})
        wizard.line_ids.receiver_id = self.leader
        self.assertEachRaises(UserError, wizard.action_confirm, said=f"^{assignment.display_name}: {self.leader.name} gives way")
        self.hand_over(self.receiver, self.other_collaborator)
        self.assertEqual(set(self.pending(self.receiver)), {"approval"}, "a collaborator receives all but what leaders do")
        assignment.pqrs_id.sudo().activity_schedule("mail.mail_activity_data_todo", user_id=self.management.id)
        self.receiver.group_ids = self.env.ref("sig_pqrs.group_collaborator")
        stranded = self.env["sig.handover"]._get_stranded() & (self.receiver | self.management)
        self.assertEqual(stranded, self.receiver, "who no longer may approve; top management attends to what it reads")

    def test_without_role(self):
        """Who loses the role, by the user or by the group, keeps what waits: the dialog names them."""
        role = self.env.ref("sig_pqrs.group_collaborator")
        for user, lose in (
            (self.other_collaborator, lambda: role.write({"user_ids": [Command.unlink(self.other_collaborator.id)]})),
            (self.collaborator, lambda: self.collaborator.write({"group_ids": [Command.set(self.env.ref("base.group_user").ids)]})),
        ):
            process = self.operations if user == self.collaborator else self.technology
            self.make_assignment(process=process, user=user)
            process.member_ids -= user
            lose()
            wizard = self.env["sig.handover.wizard"].with_user(self.director).new({})
            self.assertIn(user, wizard.stranded_user_ids._origin, user.name)
        self.assertEachRaises(RedirectWarning, self.collaborator.with_user(self.system).action_archive, said="still waits")
        self.hand_over(self.collaborator, by=self.director)
        self.env.invalidate_all()
        self.assertNotIn(self.collaborator, self.env["sig.handover"]._get_stranded())
