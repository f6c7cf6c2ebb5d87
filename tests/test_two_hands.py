"""Two people on one draft at the same time: one clean result, and never an act too many."""

from odoo import api
from odoo.exceptions import UserError

from .common import OwnTransactions, erase
from .test_two_at_once import TwoOnOneCase


class TwoHands(OwnTransactions):
    def setUp(self):
        super().setUp()
        with self.committed() as env:
            people = self.make_people(env, "leader", "leader")
            process = env["sig.process"].create({
                "code": "HANDS", "name": "Dos manos", "leader_id": people[0].id, "deputy_ids": [(6, 0, people[1].ids)],
                "company_id": env.company.id,
            })
            case = env["sig.pqrs"].create({
                "type_id": env.ref("sig_pqrs.type_queja").id, "subject": "Dos manos a la vez", "channel": "phone",
                "company_id": env.company.id,
            })
            case.action_assign([{"process_id": process.id}])
            assignment = case.assignment_ids
            assignment.response = "<p>Revisamos los hechos.</p>"
            assignment.action_submit()
            self.process_id, self.case_id, self.assignment_id = process.id, case.id, assignment.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.committed() as env:
            case = env["sig.pqrs"].browse(self.case_id)
            for records in (case.act_ids, env["sig.pqrs.assignment"].browse(self.assignment_id), case):
                erase(records)
            erase(env["sig.process"].browse(self.process_id))

    def act(self, cr, hand, step, *args):
        env = api.Environment(cr, self.user_ids[hand], {"lang": "en_US"})
        getattr(env["sig.pqrs.assignment"].browse(self.assignment_id), f"action_{step}")(*args)
        cr.flush()

    def assertResult(self, state, *kinds):
        with self.committed() as env:
            assignment = env["sig.pqrs.assignment"].browse(self.assignment_id)
            case = assignment.pqrs_id
            self.assertEqual(assignment.state, state)
            self.assertEqual(case.act_ids.sorted("number").mapped("kind"), ["received", "assigned", "submitted", *kinds])
            self.assertFalse(env["sig.pqrs.act"]._verify(case))
            self.assertEqual(case.state, "approved" if state == "approved" else "assigned")

    def assertSecondIsRefused(self, first_step, second_step):
        """The second has begun before the first acts on the draft, and acts afterwards."""
        told = self.assertSecondStartsAgain(
            lambda cr: self.act(cr, 0, *first_step), lambda cr: self.act(cr, 1, *second_step)
        )
        self.assertTrue(told)
        return told


class TestTwoHands(TwoHands):

    def test_returned_while_it_is_approved(self):
        told = self.assertSecondIsRefused(("return", "Falta la fecha"), ("approve",))
        self.assertIn("once it is submitted again", told)
        self.assertResult("returned", "returned")

    def test_at_the_very_same_time(self):
        """Whoever comes first wins; the other waits, starts again, and is told that there is nothing left to do."""
        approved, returned = self.run_at_once(
            lambda cr: self.act(cr, 0, "approve"), lambda cr: self.act(cr, 1, "return", "Falta la fecha")
        )
        self.assertNotEqual(isinstance(approved, UserError), isinstance(returned, UserError))
        kind = "returned" if isinstance(approved, UserError) else "approved"
        self.assertResult(kind, kind)


class TestTwoDeliver(TwoOnOneCase):
    """Two directors who record how one petitioner was told, or a mail that leaves meanwhile."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            self.case(cr).action_extend(5, "Faltan registros")

    def tell(self, cr, hand):
        self.case(cr, hand).communication_ids.action_register_delivery("phone", received_by=f"Ana {hand}")

    def leave(self, cr):
        self.case(cr).sudo().communication_ids._on_mail_done()

    def assertTold(self, **values):
        with self.registry.cursor() as cr:
            [told] = self.case(cr).sudo().communication_ids
            self.assertEqual({name: told[name] for name in values}, values)
        self.assertEqual(self.count("notified"), 1)

    def test_its_mail_leaves_once_it_was_told(self):
        self.assertFalse(self.assertSecondStartsAgain(lambda cr: self.tell(cr, 0), self.leave))
        self.assertTold(state="delivered", received_by="Ana 0")

    def test_told_once_its_mail_left(self):
        told = self.assertSecondStartsAgain(self.leave, lambda cr: self.tell(cr, 1))
        self.assertIn("not possible now", told)
        self.assertTold(state="sent", received_by=False)
