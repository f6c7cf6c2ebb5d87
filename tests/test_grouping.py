"""Cases grouped and filtered by process."""

from .common import SigCommon, real_clock


@real_clock
class TestGrouping(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = cls.builder.file([{"partner_id": cls.contact.id}] * 3)
        cls.both, cls.one, cls.none = cls.cases
        cls.builder.assign(cls.both, cls.operations | cls.technology)
        cls.builder.assign(cls.one, cls.operations)

    def group(self, fname, user=None):
        """``{value: cases}`` of our cases, as a user sees them."""
        Pqrs = self.env["sig.pqrs"].with_user(user or self.director)
        return {
            value.sudo(): cases.sudo()
            for value, cases in Pqrs._read_group([("id", "in", self.cases.ids)], [fname], ["id:recordset"])
        }

    def assertStanding(self, case, processes):
        self.reload()
        self.assertEqual(case.sudo().process_ids, processes)

    def test_groups(self):
        groups = {self.operations: self.both | self.one, self.technology: self.both, self.env["sig.process"]: self.none}
        self.assertEqual(self.group("process_ids"), groups)

    def test_follow_the_assignments(self):
        first, second = self.both.sudo().assignment_ids
        self.assertStanding(self.both, self.operations | self.technology)
        second.with_user(self.other_leader).action_decline("No es de este proceso")
        self.assertStanding(self.both, self.operations)
        first.with_user(self.director).action_remove("Se asignó por error")
        self.assertStanding(self.both, self.operations.browse())
        self.builder.assign(self.both, self.technology)
        self.assertStanding(self.both, self.technology)

    def test_each_reader_groups_what_is_theirs(self):
        """No group tells of a case that its reader does not see."""
        self.assertEqual(self.group("process_ids", self.other_collaborator)[self.operations], self.both)
        self.one.write({"restricted": True, "authorized_user_ids": [(6, 0, self.director.ids)]})
        self.assertEqual(self.group("process_ids", self.management)[self.operations], self.both)
        self.assertEqual(self.group("process_ids", self.deputy)[self.operations], self.both)
        self.assertEqual(self.group("process_ids", self.collaborator)[self.operations], self.both | self.one, "drafts")
