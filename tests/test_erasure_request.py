"""A person asks for their data to be erased before their time: what no duty keeps goes, and of the rest it is said why."""
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import date, freeze_time
from .test_retention import ANA, RetentionCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestErasureRequest(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind.write({"retention_years": 10, "duty_years": 0})
        cls.duty = cls.env.ref("sig_pqrs.type_peticion")
        cls.duty.write({"retention_confirmed": True, "duty_years": 3, "duty_basis": "Ley 962 de 2005, art. 28."})

    def ask(self, user=None, **vals):
        """The list, as the button of the dialog gives it."""
        wizard = self.env["sig.person.wizard"].with_user(user or self.administrator).create({
            "partner_id": self.contact.id, "reason": "Ana Ruiz vino con su cédula 79555444", **vals,
        })
        action = wizard.action_simulate_erasing()
        return self.env[action["res_model"]].with_user(user or self.administrator).browse(action["res_id"])

    def make_claim(self, **vals):
        claim = self.make_case(**{"type": "datos_reclamo", "document_type": "cc", "document_number": "79.555.444", **vals})
        self.builder.check_identity(claim)
        return claim

    def test_what_no_duty_keeps_goes(self):
        case = self.make_old()
        claim = self.make_claim()
        before = self.read_database(case)
        run = self.ask(request_id=claim.id, reason=False)
        self.assertEqual((run.kind, run.state, self.states(run)), ("request", "draft", {case: "pending", claim: "skipped"}))
        self.assertEqual(self.read_database(case), before, "a simulation changes nothing")
        self.assertIn(f"- {case.name}, of 13/01/2025: its personal data will be erased.", run.answer)
        self.assertIn(f"{claim.name}, of 24/11/2026: it is kept. It is being attended to", run.answer)
        with self.assertRaisesRegex(UserError, "rule or decision"):
            run.action_confirm()
        run.reason = "Reclamo de Ana Ruiz, 79555444"
        run.action_confirm()
        self.reload()
        self.assertEqual((run.state, self.states(run)), ("done", {case: "done", claim: "skipped"}))
        text = self.read_database(case)
        for word in ANA:
            self.assertNotIn(word, text)
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.user_id, act.data["asked"]), ("anonymized", self.administrator, True))
        self.assertIn("art. 8", act.note)
        self.assertNotIn("Ana", act.note)
        attended = claim.sudo().act_ids[-1]
        self.assertEqual((attended.kind, attended.user_id), ("erasure", self.administrator))
        self.assertEqual(attended.data, {"run": run.id, "erased": 1, "kept": 1})
        self.assertIn(f"{case.name}, of 13/01/2025: its personal data were erased.", run.answer)
        for record in (case, claim):
            self.assertChain(record)
        self.assertNotIn("Ana Ruiz", run.person)
        again = self.ask(request_id=claim.id, reason="x")
        self.assertEqual(self.states(again), {claim: "skipped"})

    def test_what_is_kept_and_why(self):
        """Each with its reason, in words that the person can read."""
        held, young = self.make_old(), self.make_old(type="peticion")
        held.action_hold("Juzgado 3, 2026-00123")
        opened = self.make_case()
        run = self.ask()
        self.assertEqual(self.states(run), {held: "held", young: "skipped", opened: "skipped"})
        why = {line.pqrs_id: line.detail for line in run.line_ids}
        self.assertEqual(why[held], "A proceeding or an authority asks for it: it is kept until that ends.")
        self.assertNotIn("Juzgado", run.answer)
        # three years from its rating
        self.assertEqual(why[young], "It must be kept until 22/01/2028: Ley 962 de 2005, art. 28.")
        self.assertIn("attended to", why[opened])
        self.assertIn("Superintendencia", run.answer)
        with self.assertRaisesRegex(UserError, "nothing to erase"):
            run.action_confirm()
        with freeze_time("2028-01-22 15:00:00"):
            self.assertEqual(self.states(self.ask())[young], "skipped", "the last day of the duty")
        with freeze_time("2028-01-24 15:00:00"):
            later = self.ask()
            self.assertEqual(self.states(later)[young], "pending", "the duty is over, the retention is not")
            self.assertGreater(young.retention_until, date(2028, 1, 24))

    def test_the_shorter_retention_counts(self):
        """What need not be kept any more by the policy is kept for nobody."""
        self.kind.write({"retention_years": 1, "duty_years": 10})
        case = self.make_old()
        self.assertEqual(self.states(self.ask()), {case: "pending"})

    def test_held_or_reopened_after_the_list(self):
        held, reopened, other = self.make_old(), self.make_old(), self.make_old()
        run = self.ask()
        held.action_hold("Juzgado 3")
        reopened.action_reopen("Faltó algo")
        run.action_confirm()
        self.assertEqual(self.states(run), {held: "held", reopened: "skipped", other: "done"})
        self.assertIn("Ana Ruiz", held.description)
        self.assertIn("Ana Ruiz", reopened.description)

    def test_only_an_administrator(self):
        case = self.make_old()
        run = self.ask()
        for user in (self.director, self.leader, self.collaborator, self.management, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.ask(user)
            with self.assertRaises(AccessError):
                run.with_user(user).action_confirm()
        self.assertEqual(run.with_user(self.director).read(["answer", "state"])[0]["state"], "draft")
        for vals in ({"kind": "retention"}, {"person": "x"}, {"request_id": case.id}):
            with self.assertRaises(UserError):
                run.with_user(self.administrator).write(vals)
        self.assertFalse(case.anonymized_on)
        run.with_user(self.director).action_refresh()
        self.assertEqual(self.states(run), {case: "pending"})

    def test_types_are_confirmed_first(self):
        self.make_old()
        self.kind.retention_confirmed = False
        run = self.ask()
        self.assertEqual(run.unconfirmed_type_ids, self.kind)
        with self.assertRaisesRegex(UserError, "has not confirmed"):
            run.action_confirm()
        self.assertEqual(self.env.ref("sig_pqrs.type_sugerencia").duty_years, 0, "as shipped")
        self.assertEqual(self.env.ref("sig_pqrs.type_reclamo").duty_years, 10, "as shipped")
        for years in (-1, 101):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.kind.duty_years = years

    def test_the_claim_of_somebody_else(self):
        case = self.make_old()
        stranger = self.env["res.partner"].create({"name": "Pedro", "email": "pedro@example.com"})
        claim = self.make_claim(partner_id=stranger.id, document_number="1")
        with self.assertRaisesRegex(UserError, "not only data of who asks"):
            self.ask(request_id=claim.id, reason=False)
        run = self.ask(request_id=claim.id, email="ana@example.com", reason="Apoderado: poder de la notaría 5")
        self.assertTrue(run.is_of_another)
        run.action_confirm()
        self.assertTrue(case.anonymized_on)
        act = claim.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.note), ("erasure", "Apoderado: poder de la notaría 5"))
        unchecked = self.make_case(type="datos_reclamo")
        for request, why in ((unchecked, "Check the identity"), (self.make_case(), "no query about personal data")):
            with self.assertRaisesRegex(UserError, why):
                self.ask(request_id=request.id)

    def test_left_out_is_not_told(self):
        """Somebody else's case of a shared mailbox."""
        mine, theirs = self.make_old(), self.make_old(partner_id=False, partner_name="Vecina", email_from="ana@example.com", document_number="5")
        run = self.ask()
        run.line_ids.filtered(lambda line: line.pqrs_id == theirs).with_user(self.administrator).action_exclude()
        self.assertNotIn(theirs.name, run.answer)
        run.action_refresh()
        run.action_confirm()
        self.assertEqual(self.states(run), {mine: "done", theirs: "excluded"})
        self.assertFalse(theirs.anonymized_on)
        self.assertNotIn(theirs.name, run.answer)

    def test_reserved_and_typed_otherwise(self):
        case = self.make_old(identity_reserved=True, partner_id=False, partner_name="Ana Ruiz", email_from="ANA@Example.com", document_number="79.555.444")
        run = self.ask(partner_id=False, document_number="79555444")
        self.assertEqual(self.states(run), {case: "pending"})
        run.action_confirm()
        text = self.read_database(case).lower()
        for word in ("ana ruiz", "ana@example", "79.555", "79555444"):
            self.assertNotIn(word, text)

    def test_the_list_of_the_policy_is_another(self):
        self.kind.write({"retention_years": 1})
        case = self.make_old()
        run = self.ask()
        policy = self.simulate()
        self.assertNotEqual(run, policy)
        self.assertEqual((policy.kind, self.states(policy)), ("retention", {case: "pending"}))
        self.assertFalse(policy.answer)

    def test_other_companies(self):
        case = self.make_old()
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        stranger = self.builder.make_user(self.env, "sig_otra", "Administradora de otra", "administrator", other, lang="en_US")
        with self.assertRaisesRegex(UserError, "no case of this person"):
            self.ask(stranger, partner_id=False, document_number="79555444")
        run = self.ask()
        with self.assertRaises(AccessError):
            run.with_user(stranger).action_confirm()
        self.assertFalse(case.anonymized_on)
