"""Who joins or leaves a process sees its cases, or not, from that moment on."""

from .common import SigCommon


class TestMembership(SigCommon):
    def setUp(self):
        super().setUp()
        self.assignment = self.make_assignment(self.make_case(), self.operations, users={self.operations: self.leader})
        self.case = self.assignment.pqrs_id

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
        """Members read; the new one at once, the former one no longer."""
        self.assertTrue(self.sees(self.collaborator))
        self.assertFalse(self.sees(self.other_collaborator))
        self.operations.member_ids = self.other_collaborator
        self.assertFalse(self.sees(self.collaborator))
        self.assertTrue(self.sees(self.other_collaborator))

    def test_leader(self):
        """Leaders and deputies too."""
        self.assignment.sudo().user_id = self.collaborator
        self.assertTrue(self.sees(self.leader))
        self.assertTrue(self.sees(self.deputy))
        self.assertFalse(self.sees(self.other_leader))
        self.operations.write({"leader_id": self.other_leader.id, "deputy_ids": [(5,)]})
        self.assertFalse(self.sees(self.leader))
        self.assertFalse(self.sees(self.deputy))
        self.assertTrue(self.sees(self.other_leader))

    def test_archived_process(self):
        """An archived process still answers for its cases."""
        self.operations.active = False
        self.assertTrue(self.sees(self.collaborator))

    def test_search_is_what_is_computed(self):
        """Searching and computing agree, negated as well."""
        Assignment = self.env["sig.pqrs.assignment"].sudo()
        for user in (self.collaborator, self.other_collaborator, self.leader, self.deputy, self.director):
            theirs = Assignment.with_user(user).sudo()
            everything = theirs.search([])
            for fname in ("is_of_my_process", "is_of_led_process"):
                self.assertEqual(theirs.search([(fname, "=", True)]), everything.filtered(fname))
                self.assertEqual(theirs.search([(fname, "=", False)]), everything - everything.filtered(fname))
