from functools import partial

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.tools import act_chain
from odoo.tools import SQL

from .common import SigCommon
from .test_two_at_once import TwoOnOneCase


class TestActs(SigCommon):
    """The acts of a case are numbered, chained, and tell every change made behind the software's back."""

    def verify(self, case):
        self.reload()
        return self.env["sig.pqrs.act"]._verify(case.sudo()).get(case.sudo(), [])

    def assertWhole(self, case):
        """The chain holds, and its head is the last act."""
        self.assertEqual(self.verify(case), [])
        last = case.sudo().act_ids[-1]
        self.assertEqual((case.sudo().act_number, case.sudo().act_head), (last.number, last.digest))

    def append(self, case, note):
        return self.env["sig.pqrs.act"]._append(case, "closed", note)

    def test_a_head_goes_with_what_is_undone(self):
        """Whatever is written before, inside or after what is rolled back, the chain goes on from what is there."""
        case, other = (self.make_case() | self.make_case()).sudo()
        for written in ("before", "inside", "after"):
            with self.subTest(written):
                if written == "before":
                    case.subject = "Antes"
                with self.env.cr.savepoint() as savepoint:
                    if written == "inside":
                        case.subject = "Dentro"
                    self.append(case | other, "Se deshace")
                    self.append(case | other, "También")
                    savepoint.rollback()
                if written == "after":
                    case.subject = "Después"
                self.append(case | other, "Queda")
                self.assertWhole(case)
                self.assertWhole(other)
        for one in (case, other):
            self.assertEqual(one.act_ids.filtered("note").mapped("note"), ["Queda"] * 3)

    def tamper(self, case, query, *args):
        """The faults found after a change by SQL, which is undone."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(SQL(query, *args))
            self.assertTrue(self.env.cr.rowcount, "nothing was changed")
            faults = self.verify(case)
            told = case.with_user(self.director).action_verify_acts()["params"]["type"]
            self.assertEqual(told, "danger" if faults else "success")
            savepoint.rollback()
        return faults

    def test_edit(self):
        case = self.make_closed(email_from="ana@example.com")
        self.builder.rate(case, 2, "Llegó tarde")
        act = case.sudo().act_ids[-1]
        self.assertTrue(act.note)
        for column, value in (
            ("kind", "withdrawn"),
            ("date", "2026-11-20 10:00:00"),
            ("recorded_at", "2026-11-20 10:00:00"),
            ("user_id", self.management.id),
            ("user_id", None),
            ("days", 3),
            ("data", '{"rate": 5}'),
            ("data", None),
            ("note", "Llegó a tiempo"),
            ("note_salt", "00"),
            ("note_commitment", "00"),
            ("note_commitment", None),
            ("previous_digest", act_chain.GENESIS),
            ("digest", "0" * 64),
            ("number", 99),
        ):
            faults = self.tamper(case, "UPDATE sig_pqrs_act SET %s = %s WHERE id = %s", SQL.identifier(column), value, act.id)
            self.assertTrue(faults, f"{column} = {value}")
        self.assertEqual(self.verify(case), [])

    def test_user_from_outside(self):
        """The chain holds a commitment to the user, so that it can be forgotten; it binds the user all the same."""
        case = self.make_case()
        act = self.env["sig.pqrs.act"].with_user(self.portal)._append(case, "client_message").sudo()
        self.assertWhole(case)
        self.assertEqual(act.user_commitment, act_chain.commit(str(self.portal.id), act.user_salt))
        self.assertFalse(case.sudo().act_ids[0].user_commitment, "of those who work here")
        for change in (
            f"user_id = {self.employee.id}", "user_id = NULL", "user_id = NULL, user_salt = NULL",
            "user_commitment = NULL", "user_salt = 'x'",
        ):
            query = f"UPDATE sig_pqrs_act SET {change} WHERE id = %s"
            self.assertEqual(self.tamper(case, query, act.id), [(act.number, "altered")], change)

    def test_two_equal_notes_do_not_show_it(self):
        """What is committed is salted: an erased text cannot be guessed from an equal one."""
        cases = self.builder.file([{}, {}])
        cases.action_immediate_measure("Se reforzó el puesto")
        first, second = cases.sudo().act_ids.filtered("note").mapped("note_commitment")
        self.assertNotEqual(first, second)


class TestActsAtOnce(TwoOnOneCase):
    """Two hands on one case never fork its chain: the second waits, and then sees the first or starts again."""

    def append(self, cr, note):
        env = api.Environment(cr, SUPERUSER_ID, {})
        act = env["sig.pqrs.act"]._append(env["sig.pqrs"].browse(self.case_id), "immediate_measure", notes=note)
        return act.number

    def assertNumbers(self, count):
        with self.committed() as env:
            case = env["sig.pqrs"].browse(self.case_id)
            self.assertEqual((case.act_ids.mapped("number"), case.act_number), (list(range(1, count + 1)), count))
            self.assertFalse(env["sig.pqrs.act"]._verify(case))

    def test_an_old_view_of_the_case_starts_again(self):
        self.assertFalse(self.assertSecondStartsAgain(partial(self.append, note="nota")))
        self.assertNumbers(3)

    def test_many_hands(self):
        hands = 20
        numbers = self.run_at_once(*(partial(self.append, note=f"Mano {hand}") for hand in range(hands)))
        self.assertEqual(sorted(numbers), list(range(2, hands + 2)))
        self.assertNumbers(1 + hands)
