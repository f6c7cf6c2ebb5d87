"""Two people on one draft at the same time: one clean result, and never an act too many."""

import threading

import psycopg2.errors

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import erase


@tagged("post_install", "-at_install")
class TestTwoHands(TransactionCase):
    """It needs transactions of its own, so its records are committed and cleaned up; nothing depends on the date."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
            people = [
                CaseBuilder.make_user(env, f"sig_hand_{name}", name, "leader", email=False) for name in ("one", "two")
            ]
            self.user_ids = [user.id for user in people]
            process = env["sig.process"].create(
                {
                    "code": "HANDS",
                    "name": "Dos manos",
                    "leader_id": people[0].id,
                    "deputy_ids": [(6, 0, people[1].ids)],
                    "company_id": env.company.id,
                }
            )
            case = env["sig.pqrs"].create(
                {
                    "type_id": env.ref("sig_pqrs.type_queja").id,
                    "subject": "Dos manos a la vez",
                    "channel": "phone",
                    "company_id": env.company.id,
                }
            )
            case.action_assign([{"process_id": process.id}])
            assignment = case.assignment_ids
            assignment.response = "<p>Revisamos los hechos.</p>"
            assignment.action_submit()
            self.process_id, self.case_id, self.assignment_id = process.id, case.id, assignment.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            case = env["sig.pqrs"].browse(self.case_id)
            for records in (case.act_ids, env["sig.pqrs.assignment"].browse(self.assignment_id), case):
                erase(records)
            erase(env["sig.process"].browse(self.process_id))
            users = env["res.users"].browse(self.user_ids)
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def act(self, cr, hand, step, *args):
        env = api.Environment(cr, self.user_ids[hand], {"lang": "en_US"})
        getattr(env["sig.pqrs.assignment"].browse(self.assignment_id), f"action_{step}")(*args)
        env.flush_all()

    def assertResult(self, state, *kinds):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            assignment = env["sig.pqrs.assignment"].browse(self.assignment_id)
            case = assignment.pqrs_id
            self.assertEqual(assignment.state, state)
            self.assertEqual(case.act_ids.sorted("number").mapped("kind"), ["received", "assigned", "submitted", *kinds])
            self.assertFalse(env["sig.pqrs.act"]._verify(case))
            self.assertEqual(case.state, "approved" if state == "approved" else "assigned")

    @mute_logger("odoo.sql_db")
    def race_by_turns(self, first_step, second_step):
        """The second has read the draft before the first acts on it, and acts afterwards."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT state FROM sig_pqrs_assignment WHERE id = %s", [self.assignment_id])
            self.act(first, 0, *first_step)
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self.act(second, 1, *second_step)
            second.rollback()  # as the server does, which then tries again
            with self.assertRaisesRegex(UserError, "not possible now"):
                self.act(second, 1, *second_step)
            second.rollback()

    def test_two_approve(self):
        self.race_by_turns(("approve",), ("approve",))
        self.assertResult("approved", "approved")

    def test_returned_while_it_is_approved(self):
        self.race_by_turns(("return", "Falta la fecha"), ("approve",))
        self.assertResult("returned", "returned")

    def test_approved_while_it_is_returned(self):
        """Once it is approved, only the SIG returns it."""
        with self.registry.cursor() as first, self.registry.cursor() as second, mute_logger("odoo.sql_db"):
            second.execute("SELECT state FROM sig_pqrs_assignment WHERE id = %s", [self.assignment_id])
            self.act(first, 0, "approve")
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self.act(second, 1, "return", "Falta la fecha")
            second.rollback()
            with self.assertRaises(AccessError):
                self.act(second, 1, "return", "Falta la fecha")
            second.rollback()
        self.assertResult("approved", "approved")

    @mute_logger("odoo.sql_db")
    def test_at_the_very_same_time(self):
        """Whoever comes first wins; the other waits, starts again, and is told that there is nothing left to do."""
        start = threading.Barrier(2)
        results = []

        def work(hand, step, *args):
            start.wait(10)
            for _attempt in range(50):
                with self.registry.cursor() as cr:
                    try:
                        self.act(cr, hand, step, *args)
                        cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
                        results.append(step)
                        return
                    except psycopg2.errors.SerializationFailure:
                        cr.rollback()
                    except UserError:
                        cr.rollback()
                        results.append("refused")
                        return

        threads = [
            threading.Thread(target=work, args=args)
            for args in ((0, "approve"), (1, "return", "Falta la fecha"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(results), 2)
        [done] = [result for result in results if result != "refused"]
        kind = {"approve": "approved", "return": "returned"}[done]
        self.assertResult(kind, kind)
