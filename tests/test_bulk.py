"""Many at once: queries that do not grow with the cases, and notices of which a broken one stops no other."""

from datetime import timedelta

from ..models import clock
from .common import SigCommon, moment


class TestBulk(SigCommon):
    def file(self, count):
        cases = self.builder.file([{"partner_id": self.contact.id} for _case in range(count)])
        return cases.browse(cases.ids)

    def assertFlat(self, prepare, work):
        """Five times as many records take hardly more queries."""
        work(prepare(2))  # warms the caches
        few, many = (self.count_queries(work, prepare(count)) for count in (5, 25))
        self.assertLess(many - few, 10, f"{few} queries for 5, {many} for 25")

    def submitted(self, count):
        assignments = self.builder.assign(self.file(count), self.operations)
        self.builder.draft(assignments)
        return assignments.browse(assignments.ids).with_user(self.leader)

    def test_assign(self):
        """Assigning takes the same queries for any number of cases."""
        process = self.operations
        self.assertFlat(self.file, lambda cases: cases.action_assign([{"process_id": process.id}]))

    def test_approve(self):
        """Approving too, and each draft keeps the digest of its own text."""
        self.assertFlat(self.submitted, lambda assignments: assignments.action_approve())
        assignments = self.submitted(2)
        assignments[0].write({"response": "<p>Otra respuesta.</p>"})
        assignments[0].with_user(self.collaborator).action_submit()
        assignments.action_approve()
        for assignment in self.reload(*assignments):
            self.assertEqual(assignment.response_digest, assignment._compute_digest())
        self.assertEqual(len(set(assignments.mapped("response_digest"))), 2)

    def test_overdue_together(self):
        """The cases that the daily review finds overdue are escalated together."""
        case = self.file(1)
        morning = moment(self.company, case.date_deadline + timedelta(days=1), 7)

        def prepare(count):
            return self.file(count).sudo()

        def review(cases):
            with clock.at(morning):
                cases._enter_deadline_state("overdue")
                cases._escalate_overdue()

        self.assertFlat(prepare, review)
        cases = prepare(3)
        review(cases)
        for late in cases:
            self.assertTrue(self.env["mail.mail"].search([("body_html", "like", late.name)]), "one mail tells of all")
            self.assertIn(self.env.ref("sig_pqrs.activity_deadline"), late.activity_ids.activity_type_id)

    def test_one_mail_for_one_gesture(self):
        """Assigning several cases to one person sends one mail, in which each has its link; one case says which."""
        cases = self.file(3)
        for given, subject in ((cases[:2], "and 1 more"), (cases[2], cases[2].name)):
            known = self.env["mail.mail"].search([])
            given.with_user(self.director).action_assign([
                {"process_id": self.operations.id, "user_id": self.collaborator.id, "instruction": "Revise <la ronda>"},
            ])
            mail = self.env["mail.mail"].search([("email_to", "=", self.collaborator.email_formatted)]) - known
            self.assertEqual(len(mail), 1)
            self.assertIn(subject, mail.subject)
            for assignment in given.assignment_ids:
                self.assertIn(f"res_id={assignment.id}", mail.body_html)
                self.assertIn(assignment.pqrs_id.name, f"{mail.subject} {mail.body_html}")
            self.assertIn("Revise &lt;la ronda&gt;", mail.body_html)
            self.assertEqual(len(given.assignment_ids.activity_ids.filtered(lambda each: each.user_id == self.collaborator)), len(given))
