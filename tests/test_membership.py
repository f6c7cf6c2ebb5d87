"""Who joins or leaves a process sees its cases, or not, from that moment on."""

from .common import SigCommon, real_clock


@real_clock
class TestMembership(SigCommon):
    def test_an_approved_answer_keeps_who_led_the_process_then(self):
        pending, submitted, approved = (self.make_assignment() for _number in range(3))
        self.builder.draft(submitted | approved)
        approved.with_user(self.leader).action_approve()
        self.operations.write({"leader_id": self.other_leader.id, "deputy_ids": [(5,)]})
        self.reload()
        self.assertEqual(
            (pending.leader_id, submitted.leader_id, approved.leader_id),
            (self.other_leader, self.other_leader, self.leader),
        )
        submitted.with_user(self.other_leader).action_approve()
        self.operations.leader_id = self.leader
        self.reload()
        self.assertEqual(submitted.leader_id, self.other_leader)
        submitted.with_user(self.director).action_return("Falta la fecha")
        self.reload()
        self.assertEqual(submitted.leader_id, self.leader, "it is led again by who leads today")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assignment = cls.make_assignment(cls.make_case(), cls.operations, users={cls.operations: cls.leader})
        cls.case = cls.assignment.pqrs_id

    def sees(self, user):
        """Whether a user finds the case, its assignment and its acts; all of them or none, by search and by record."""
        seen = set()
        for record in (self.case, self.assignment, self.case.sudo().act_ids[:1]):
            theirs = record.with_user(user)
            seen.add(bool(theirs.search([("id", "=", record.id)])))
            seen.add(theirs.has_access("read"))
        self.assertEqual(len(seen), 1)
        return seen.pop()

    def test_member(self):
        """The new one reads at once, the former one no longer; an archived process still answers for its cases."""
        self.assertTrue(self.sees(self.collaborator))
        self.assertFalse(self.sees(self.other_collaborator))
        self.operations.write({"member_ids": [(6, 0, self.other_collaborator.ids)], "active": False})
        self.assertFalse(self.sees(self.collaborator))
        self.assertTrue(self.sees(self.other_collaborator))

    def test_leader(self):
        self.assignment.sudo().user_id = self.collaborator
        for leaders, others in ((self.leader | self.deputy, self.other_leader), (self.other_leader, self.leader | self.deputy)):
            for user in leaders | others:
                self.assertEqual(self.sees(user), user in leaders, user.name)
            self.operations.write({"leader_id": self.other_leader.id, "deputy_ids": [(5,)]})

    def test_whose_processes_is_known_without_asking(self):
        """Searches ask once whose processes the user works in, until that changes, in this transaction too."""
        own = self.env["sig.pqrs"].with_user(self.collaborator)
        self.assertTrue(own.search([]))
        with self.assertQueryCount(1):
            self.assertTrue(own.search([]))
        self.operations.member_ids = self.other_collaborator
        self.assertFalse(own.search([]))
