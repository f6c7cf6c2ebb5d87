"""Many at once; that their queries do not grow with their number, `dev/bench` judges."""
from .common import SigCommon, freeze_time, real_clock


@real_clock
class TestBulk(SigCommon):
    def file(self, count):
        cases = self.builder.file([{"partner_id": self.contact.id} for _case in range(count)])
        return cases.browse(cases.ids)

    def test_overdue_together(self):
        with freeze_time("2026-11-03 15:00:00"):
            cases = self.file(3)
        self.watch("2026-11-26 12:00:00")
        mails = self.env["mail.mail"].search([("subject", "like", "OVERDUE"), ("email_to", "=", self.director.email_formatted)])
        self.assertIn("and 2 more", mails.subject)
        self.assertHolds(mails.body_html, *cases.mapped("name"))
        for late in cases:
            self.assertTrue(self.activities(late, "sig_pqrs.activity_deadline"))

    def test_one_mail_for_one_gesture(self):
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
