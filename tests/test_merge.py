from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import freeze_time
from .rpc import RpcCommon
from .test_conflict import SecretCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestMerge(SecretCommon, RpcCommon):
    """Processes merge and change their name; what was done stays as it was done."""

    def merge(self, source=None, target=None, by=None, reason="Reorganización", **kwargs):
        source = source or self.operations
        target = target or self.technology
        return source.with_user(by or self.administrator).action_merge(target.id, reason, **kwargs)

    def test_open_drafts_move(self):
        draft, submitted = self.make_assignment(), self.make_submitted()
        both = self.make_case()
        self.builder.assign(both, self.operations | self.technology)
        stays = both.sudo().assignment_ids.filtered(lambda a: a.process_id == self.operations)
        with freeze_time("2026-11-20 15:00:00"):
            closed = self.make_closed()
        approved = self.make_approved().sudo().assignment_ids
        reason = self.env["sig.pqrs.reason"].create(
            {"name": "Rondas", "process_id": self.operations.id, "company_id": self.company.id}
        )
        self.assertEqual(self.told(submitted), self.leader)
        self.merge()
        self.assertEqual((self.operations.active, self.operations.merged_into_id), (False, self.technology))
        for assignment in (draft, submitted):
            self.assertEqual(assignment.process_id, self.technology)
            act = assignment.pqrs_id.sudo().act_ids[-1]
            self.assertEqual(
                (act.kind, act.data["former_process"], act.data["process"]), ("process_merged", "OPE", "TEC")
            )
            self.assertChain(assignment.pqrs_id)
        for assignment in (stays, approved, closed.sudo().assignment_ids):
            self.assertEqual(assignment.process_id, self.operations)
            self.assertEqual(assignment.reporting_process_id, self.technology)
            self.assertChain(assignment.pqrs_id)
        self.assertEqual(stays.leader_id, self.other_leader)
        self.assertEqual(closed.sudo().assignment_ids.leader_id, self.leader, "who approved stays")
        self.assertEqual(self.told(submitted), self.other_leader)
        self.assertEqual(reason.process_id, self.technology)
        self.assertEqual(submitted.state, "submitted")
        submitted.with_user(self.other_leader).action_approve()
        self.builder.draft(stays)
        stays.with_user(self.other_leader).action_approve()
        self.assertEqual(self.technology.open_assignment_count, 2)
        self.assertIn("Reorganización", self.operations.message_ids[0].body)

    def test_who_reads_the_history(self):
        with freeze_time("2026-11-20 15:00:00"):
            closed = self.make_closed()
        open_case = self.make_assignment().pqrs_id
        self.merge(keep_people=False)
        self.env.invalidate_all()
        for case in (closed, open_case):
            for user in self.other_leader | self.other_collaborator:
                self.assertTrue(case.with_user(user).has_access("read"), user.name)
            for user in self.leader | self.deputy | self.member:
                self.assertFalse(case.with_user(user).has_access("read"), user.name)
            self.assertTrue(case.with_user(self.collaborator).has_access("read"), "the drafter")

    def test_people_are_kept(self):
        self.make_assignment()
        self.merge()
        people = self.leader | self.deputy | self.collaborator | self.member
        self.assertEqual(self.technology.member_ids, people | self.other_collaborator)
        self.assertEqual(self.technology.leader_id, self.other_leader)

    def test_conflict_stays_a_conflict(self):
        """Who gave way becomes a collaborator of the other process, and goes on seeing nothing."""
        assignment = self.make_secret()
        assignment.with_user(self.director).action_name_approver(self.outsider.id, "El líder es parte")
        self.merge()
        self.assertEqual(assignment.process_id, self.technology)
        for user in self.leader | self.deputy | self.other_leader:
            self.assertFalse(self.knows(user, assignment), user.name)
        for user in self.outsider | self.collaborator | self.other_collaborator:
            self.assertTrue(self.knows(user, assignment), user.name)
        self.builder.draft(assignment)
        self.assertEqual(self.told(assignment), self.outsider)

    def test_restricted_stays_restricted(self):
        case = self.make_case(restricted=True)
        assignment = self.make_submitted(case=case)
        self.merge()
        self.env.invalidate_all()
        self.assertFalse(case.with_user(self.other_leader).has_access("read"))
        self.assertEqual(self.told(assignment), self.director)

    def test_substitutes_of_the_other_act(self):
        submitted = self.make_submitted()
        self.make_absence(process=self.technology)
        self.merge()
        self.assertEqual(self.told(submitted), self.substitute)
        submitted.with_user(self.substitute).action_approve()

    def test_chain_of_merges(self):
        third = self.builder.make_process("CAL", "Calidad", self.outsider, self.member)
        assignment = self.make_approved().sudo().assignment_ids
        self.merge()
        self.merge(self.technology, third)
        self.assertEqual((self.operations.root_id, self.technology.root_id, third.root_id), (third, third, third))
        self.assertEqual((assignment.process_id, assignment.reporting_process_id), (self.operations, third))
        self.env.invalidate_all()
        self.assertTrue(assignment.with_user(self.outsider).has_access("read"))
        grouped = dict(self.env["sig.pqrs.assignment"]._read_group([], ["reporting_process_id"], ["__count"]))
        self.assertNotIn(self.operations, grouped)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.merge(third, self.operations)
        self.assertEqual(self.operations._get_leaderships()[self.operations].leaders, self.outsider)

    def test_bad_input(self):
        other = self.env["res.company"].create({"name": "Otra empresa"})
        boss = self.builder.make_user(self.env, "sig_boss", "Jefe", "leader", other)
        foreign = self.env["sig.process"].create(
            {"code": "X", "name": "Ajeno", "company_id": other.id, "leader_id": boss.id}
        )
        archived = self.builder.make_process("ARC", "Archivado", self.leader, self.member, active=False)
        self.administrator.company_ids = self.company | other
        for target, error in (
            (self.operations, "into itself"),
            (foreign, "different companies"),
            (archived, "active process"),
        ):
            with self.subTest(error), self.assertRaisesRegex(UserError, error), self.env.cr.savepoint():
                own = self.operations.with_user(self.administrator)
                own.with_context(allowed_company_ids=(self.company | other).ids).action_merge(target.id, "x")
        for target_id in (False, 0, "x", [self.technology.id], 99999999):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.operations.with_user(self.administrator).action_merge(target_id, "x")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.merge(reason=" ")
        for user in self.director | self.leader | self.collaborator | self.management:
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.merge(by=user)
            self.assertRefused(
                user, "sig.process", "action_merge", self.operations.ids, target_id=self.technology.id, reason="x"
            )
        for vals in ({"merged_into_id": self.technology.id}, {"root_id": self.technology.id}):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.operations.with_user(self.administrator).write(vals)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.operations.write({"active": False, "merged_into_id": self.operations.id})
        self.assertFalse(self.operations.merged_into_id)
        self.merge()
        with self.assertRaisesRegex(UserError, "already"), self.env.cr.savepoint():
            self.merge(target=self.builder.make_process("NUE", "Nuevo", self.leader, self.member))
        with self.assertRaisesRegex(ValidationError, "does not come back"), self.env.cr.savepoint():
            self.operations.with_user(self.administrator).active = True
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.make_case().action_assign([{"process_id": self.operations.id}])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.builder.make_process("OPE", "Otra vez", self.leader, self.member)

    def test_renamed(self):
        """The name changes for all; acts keep the code under which they were recorded."""
        case = self.make_approved()
        notes = case.sudo().act_ids.mapped("data")
        self.env.cr.flush()  # what is created in a transaction is not tracked in it
        self.operations.with_user(self.administrator).write({"name": "Operaciones y servicios", "code": "OYS"})
        self.env.flush_all()
        self.assertEqual(case.sudo().act_ids.mapped("data"), notes)
        self.assertChain(case)
        self.assertEqual(case.sudo().assignment_ids.display_name, f"{case.name} · Operaciones y servicios")
        self.env.cr.flush()
        self.env.invalidate_all()
        tracked = self.operations.message_ids.sudo().tracking_value_ids
        self.assertEqual({"Operaciones", "OPE"}, set(tracked.mapped("old_value_char")))

    def test_dialog(self):
        self.make_assignment()
        both = self.make_case()
        self.builder.assign(both, self.operations | self.technology)
        wizard = (
            self.env["sig.process.merge.wizard"]
            .with_user(self.administrator)
            .with_context(active_ids=self.operations.ids)
            .create({"target_id": self.technology.id, "reason": "Reorganización"})
        )
        self.assertEqual((wizard.moving_count, wizard.staying_count), (1, 1))
        wizard.action_confirm()
        self.assertEqual(self.operations.merged_into_id, self.technology)
