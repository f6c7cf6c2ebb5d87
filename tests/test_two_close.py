"""Two people who close one review at the same time: it is closed once, frozen once, with one PDF."""
from odoo import api
from odoo.exceptions import UserError

from .common import OwnTransactions, erase


class TestTwoClose(OwnTransactions):
    """The period of the review is long over."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            people = self.make_people(env, "director", "management")
            review = env["sig.management.review"].with_user(people[0]).create({
                "date_from": "2024-01-01", "date_to": "2024-06-30", "date": "2024-07-15", "participants": "Gerencia",
                "conclusion": "Conveniente, adecuado y eficaz.",
            })
            env["sig.management.decision"].with_user(people[0]).create({
                "review_id": review.id, "name": "Contratar un analista", "kind": "resources",
                "user_id": people[0].id, "date_due": "2024-09-30",
            })
            review.action_hold()
            self.review_id = review.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.committed() as env:
            review = env["sig.management.review"].browse(self.review_id)
            decisions, sections = review.decision_ids, review.section_ids
            env.cr.execute("UPDATE sig_management_review SET pdf_id = NULL WHERE id = %s", [self.review_id])
            for records in (decisions, sections, review):
                erase(records)

    def review(self, cr, hand):
        env = api.Environment(cr, self.user_ids[hand], {"lang": "en_US"})
        return env["sig.management.review"].browse(self.review_id)

    def close(self, cr, hand):
        self.review(cr, hand).action_close()
        cr.flush()

    def assertClosedOnce(self, hand):
        with self.committed() as env:
            review = env["sig.management.review"].browse(self.review_id)
            self.assertEqual((review.state, review.closed_by_id.id), ("closed", self.user_ids[hand]))
            self.assertTrue(review.is_intact)
            files = env["ir.attachment"].search([("res_model", "=", review._name), ("res_id", "=", review.id)])
            self.assertEqual(files, review.pdf_id)
            self.assertEqual(len(review.decision_ids.activity_ids), 1)

    def test_at_the_very_same_time(self):
        results = self.run_at_once(lambda cr: self.close(cr, 0), lambda cr: self.close(cr, 1))
        [closer] = [hand for hand, result in enumerate(results) if not isinstance(result, UserError)]
        self.assertClosedOnce(closer)

    def test_written_while_it_is_closed(self):
        """What somebody else was writing starts again, and is refused: nothing is written beside what was frozen."""

        def write_conclusion(cr):
            self.review(cr, 1).conclusion = "Otra"

        def write_analysis(cr):
            self.review(cr, 1).section_ids[0].analysis = "Otro"

        with self.hands() as (first, second), self.registry.cursor() as third:
            for cr in (second, third):
                cr.execute("SELECT state FROM sig_management_review WHERE id = %s", [self.review_id])
            self.close(first, 0)
            first.commit()
            self.assertTrue(self.assertStartsAgain(write_conclusion, second))
            self.assertTrue(self.assertStartsAgain(write_analysis, third))
        self.assertClosedOnce(0)
