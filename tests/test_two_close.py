"""Two people who close one review at the same time: it is closed once, frozen once, with one PDF."""
import threading

import psycopg2.errors

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import erase


@tagged("post_install", "-at_install")
class TestTwoClose(TransactionCase):
    """It needs transactions of its own, so its records are committed and cleaned up; its period is long over."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
            people = [
                CaseBuilder.make_user(env, f"sig_close_{role}", role, role, email=False) for role in ("director", "management")
            ]
            self.user_ids = [user.id for user in people]
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
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            review = env["sig.management.review"].browse(self.review_id)
            decisions, sections = review.decision_ids, review.section_ids
            cr.execute("UPDATE sig_management_review SET pdf_id = NULL WHERE id = %s", [self.review_id])
            for records in (decisions, sections, review):
                erase(records)
            users = env["res.users"].browse(self.user_ids)
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def close(self, cr, hand):
        env = api.Environment(cr, self.user_ids[hand], {"lang": "en_US"})
        env["sig.management.review"].browse(self.review_id).action_close()
        env.flush_all()

    def assertClosedOnce(self, hand):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            review = env["sig.management.review"].browse(self.review_id)
            self.assertEqual((review.state, review.closed_by_id.id), ("closed", self.user_ids[hand]))
            self.assertTrue(review.is_intact)
            files = env["ir.attachment"].search([("res_model", "=", review._name), ("res_id", "=", review.id)])
            self.assertEqual(files, review.pdf_id)
            self.assertEqual(len(review.decision_ids.activity_ids), 1)

    @mute_logger("odoo.sql_db")
    def test_by_turns(self):
        """The second saw it held, and closes it once the first has."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT state FROM sig_management_review WHERE id = %s", [self.review_id])
            self.close(first, 0)
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self.close(second, 1)
            second.rollback()  # as the server does, which then tries again
            with self.assertRaisesRegex(UserError, "not possible now"):
                self.close(second, 1)
            second.rollback()
        self.assertClosedOnce(0)

    @mute_logger("odoo.sql_db")
    def test_at_the_very_same_time(self):
        start, results = threading.Barrier(2), {}

        def work(hand):
            start.wait(10)
            for _attempt in range(50):
                with self.registry.cursor() as cr:
                    try:
                        self.close(cr, hand)
                        cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
                        results[hand] = "closed"
                        return
                    except psycopg2.errors.SerializationFailure:
                        cr.rollback()
                    except UserError:
                        cr.rollback()
                        results[hand] = "refused"
                        return

        threads = [threading.Thread(target=work, args=(hand,)) for hand in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(sorted(results.values()), ["closed", "refused"])
        self.assertClosedOnce(next(hand for hand, result in results.items() if result == "closed"))

    @mute_logger("odoo.sql_db")
    def test_written_while_it_is_closed(self):
        """What somebody else was writing starts again, and is refused: nothing is written beside what was frozen."""

        def write_conclusion(review):
            review.conclusion = "Otra"

        def write_analysis(review):
            review.section_ids[0].analysis = "Otro"

        with self.registry.cursor() as first, self.registry.cursor() as second, self.registry.cursor() as third:
            for cr in (second, third):
                cr.execute("SELECT state FROM sig_management_review WHERE id = %s", [self.review_id])
            self.close(first, 0)
            first.commit()
            for cr, work in ((second, write_conclusion), (third, write_analysis)):
                env = api.Environment(cr, self.user_ids[1], {"lang": "en_US"})
                review = env["sig.management.review"].browse(self.review_id)
                with self.assertRaises(psycopg2.errors.SerializationFailure):
                    work(review)
                    env.flush_all()
                env.clear()
                cr.rollback()
                with self.assertRaises(UserError):
                    work(review)
                env.clear()
                cr.rollback()
        self.assertClosedOnce(0)
