from functools import partial

from odoo.exceptions import UserError

from .test_client_steps import PDF, ClientCommon

SIGNED = "Firma Cliente HERA, portal@example.com"


class TestClientInAnyCase(ClientCommon):
    """What a client does on a case in any state and under any shelter: its effect, its act, the SIG told, and no leak."""

    def shelters(self):
        """``(name, values of the case, user, what they write)``"""
        own = {"partner_id": self.portal.partner_id.id}
        yield "plain", own, self.portal, SIGNED
        yield "restricted", {**own, "restricted": True}, self.portal, SIGNED
        yield "reserved", {**own, "identity_reserved": True}, self.portal, SIGNED
        yield "anonymous", {"partner_id": False, "anonymous": True}, self.env.ref("base.public_user"), "Nadie vino"

    def ends(self):
        """``(name, how to bring a case there)``"""
        yield "answered", lambda case: self.builder.send(
            self.make_approved(case), delivery="publication" if case.anonymous else "email"
        )
        yield "transferred", lambda case: case.with_user(self.director).action_transfer("Alcaldía", "Es de ella")
        yield "withdrawn", lambda case: case.with_user(self.director).action_withdraw("Lo pidió")
        yield "spam", lambda case: case.with_user(self.director).action_cancel("spam", "Publicidad")

    def assertSound(self, case):
        """The chain holds, and nothing that the processes and top management read of a case names its petitioner."""
        self.assertChain(case)
        if not (case.identity_reserved or case.anonymous):
            return
        self.reload()
        for user in (self.collaborator, self.leader, self.management):
            own = case.with_user(user)
            if not own.has_access("read"):
                continue
            told = str(own.read()) + str(own.message_ids.mapped("body")) + str(own.message_ids.mapped("email_from"))
            told += str(own.act_ids.read()) + str(own.activity_ids.mapped("note")) + str(own.communication_ids.read(["purpose"]))
            for word in ("Cliente HERA", "portal@example.com"):
                self.assertNotIn(word, told, user.name)
        clients = self.portal | self.env.ref("base.public_user")
        self.assertFalse(case.sudo().act_ids.user_id & clients)
        self.assertFalse(case.sudo().message_ids.author_id & clients.partner_id)

    def test_write_after_the_end(self):
        for shelter, vals, user, words in self.shelters():
            ends = [*self.ends()]
            for end, bring in ends if shelter in ("plain", "reserved") else ends[:1]:
                with self.subTest(shelter=shelter, end=end):
                    case = self.make_case(**vals)
                    self.builder.assign(case, self.operations) if end != "answered" else None
                    bring(case)
                    case.sudo().activity_ids.unlink()
                    client = self.as_client(case, user)
                    before = case.date_answered
                    self.client_step(client, "write", words, [PDF])
                    self.assertTrue(case.sudo()._get_waiting("late"))
                    self.assertEqual((case.date_answered, self.kinds(case)[-1]), (before, "client_message"))
                    self.assertEqual(self.activities(case).user_id, self.director)
                    self.assertEachRaises(UserError, partial(self.client_step, client, "deliver", "Va", [PDF]))
                    if end != "withdrawn":  # twice is once
                        self.assertEachRaises(UserError, partial(self.client_step, client, "withdraw", "Ya no"))
                    self.assertSound(case)

    def test_deliver_and_withdraw(self):
        for shelter, vals, user, words in self.shelters():
            with self.subTest(shelter=shelter):
                case = self.make_case(**vals)
                self.builder.assign(case, self.operations)
                client = self.as_client(case, user)
                self.assertEachRaises(UserError, partial(self.client_step, client, "deliver", "Nadie lo pidió", [PDF]))
                self.require(case)
                self.client_step(client, "deliver", words, [PDF])
                self.assertEqual(self.kinds(case)[-1], "information_delivered")
                self.assertTrue(case.suspended)
                self.assertEqual(self.activities(case).user_id, self.director)
                self.assertSound(case)
                # What was delivered waits, and is no reason to keep who withdraws.
                self.client_step(client, "withdraw", f"Ya no. {words}")
                self.assertFalse(case.sudo()._get_waiting_information())
                self.assertEqual((case.state, case.outcome, case.suspended), ("closed", "withdrawn", False))
                self.assertIn("withdrawn", self.kinds(case))
                self.assertTrue(case.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.director))
                if case.identity_reserved:
                    self.assertIn("Ya no. Firma", str(case.sudo().identity_ids.message_ids.mapped("body")), "the SIG reads it")
                self.assertSound(case)

    def test_rate(self):
        for shelter, vals, user, words in self.shelters():
            with self.subTest(shelter=shelter):
                case = self.make_approved(self.make_case(**vals))
                self.builder.send(case, delivery="publication" if case.anonymous else "email")
                self.client_step(self.as_client(case, user), "rate", "2", words)
                self.assertEqual((case.rating_state, case.rating_value), ("rated", 2))
                self.assertTrue(case.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.director))
                if case.identity_reserved:
                    self.assertIn("Firma", str(case.sudo().identity_ids.text_ids.mapped("text")))
                self.assertSound(case)

    def test_not_filed_yet(self):
        case = self.make_own()
        case.sudo().state = "to_file"
        before = self.kinds(case)
        steps = (("write", "Hola", [PDF]), ("deliver", "Va", [PDF]), ("withdraw", "Ya no"), ("rate", "5"))
        self.assertEachRaises(UserError, *(partial(self.client_step, self.as_client(case), *step) for step in steps))
        self.assertEqual(self.kinds(case), before)
        self.assertFalse(self.env["sig.client.view"]._find(self.portal, case.id))
