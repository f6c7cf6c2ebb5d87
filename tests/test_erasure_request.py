"""A person asks for their data to be erased before their time: what no duty keeps goes, and of the rest it is said why."""
from functools import partial
from unittest.mock import patch

from odoo.addons.sig_pqrs.models.privacy import anonymization_run
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import date, freeze_time
from .test_anonymize import ANA
from .test_retention import RetentionCommon


class TestErasureRequest(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind.write({"retention_years": 10, "duty_years": 0, "retention_confirmed": True})
        cls.duty = cls.env.ref("sig_pqrs.type_peticion")
        cls.duty.write({"retention_confirmed": True, "duty_years": 3, "duty_basis": "Ley 962 de 2005, art. 28."})

    def ask(self, user=None, **vals):
        """The list, as the button of the dialog gives it."""
        wizard = self.env["sig.person.wizard"].with_user(user or self.administrator).create({
            "partner_id": self.contact.id, "reason": "Ana Ruiz, cédula 79555444: carta del 20/11/2026, carpeta 4", **vals,
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
        run, same = (self.ask(request_id=claim.id, reason=reason) for reason in (False, "x"))
        self.assertEqual((run.kind, run.state, self.states(run)), ("request", "draft", {case: "pending", claim: "skipped"}))
        self.assertEqual(self.read_database(case), before, "a simulation changes nothing")
        self.assertIn(f"- {case.name}, of 13/01/2025: its personal data will be erased.", run.answer)
        self.assertIn(f"{claim.name}, of 24/11/2026: it is kept. It is being attended to", run.answer)
        self.assertEachRaises(UserError, run.action_confirm, said="rule or decision")
        run.reason = "Reclamo de Ana Ruiz, 79555444"
        run.action_confirm()
        self.reload()
        self.assertEqual((run.state, self.states(run)), ("done", {case: "done", claim: "skipped"}))
        self.assertHoldsNone(self.read_database(case), *ANA)
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.user_id, act.data["asked"]), ("anonymized", self.administrator, True))
        self.assertIn("art. 8", act.note)
        self.assertNotIn("Ana", act.note)
        attended = claim.sudo().act_ids[-1]
        self.assertEqual((attended.kind, attended.user_id), ("erasure", self.administrator))
        self.assertEqual(attended.data, {"run": run.id, "erased": 1, "kept": 1})
        same.action_confirm()
        self.assertEqual((self.states(same), claim.sudo().act_ids[-1].data), (self.states(run), {**attended.data, "run": same.id}))
        self.assertIn(f"{case.name}, of 13/01/2025: its personal data were erased.", same.answer)
        self.assertEqual(same.answer, run.answer)
        for record in (case, claim):
            self.assertChain(record)
        self.assertNotIn("Ana Ruiz", run.person)
        self.assertEqual(self.states(self.ask(request_id=claim.id, reason="x")), {claim: "skipped"})

    def test_what_is_kept_and_why(self):
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
        self.assertIn("Superintendencia de Industria y Comercio (Ley 1581 de 2012, art. 16)", run.answer)
        self.assertFalse(run.pending_count)
        with freeze_time("2028-01-22 15:00:00"):
            self.assertEqual(self.states(self.ask())[young], "skipped", "the last day of the duty")
        with freeze_time("2028-01-24 15:00:00"):
            self.assertEqual(self.states(self.ask())[young], "pending", "the duty is over, the retention is not")
            self.assertGreater(self.get_kept_until(young), date(2028, 1, 24))

    def test_the_shorter_retention_counts(self):
        """What need not be kept any more by the policy is kept for nobody."""
        self.kind.write({"retention_years": 1, "duty_years": 10, "retention_confirmed": True})
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

    def test_duties_as_shipped(self):
        self.assertEqual(self.env.ref("sig_pqrs.type_sugerencia").duty_years, 0, "as shipped")
        self.assertEqual(self.env.ref("sig_pqrs.type_reclamo").duty_years, 10, "as shipped")
        self.assertEachRaises(ValidationError, *(partial(self.kind.write, {"duty_years": years}) for years in (-1, 101)))

    def test_the_claim_of_somebody_else(self):
        case = self.make_old()
        stranger = self.env["res.partner"].create({"name": "Pedro", "email": "pedro@example.com"})
        claim = self.make_claim(partner_id=stranger.id, document_number="1")
        ask = partial(self.ask, request_id=claim.id, reason=False)
        self.assertEachRaises(UserError, ask, said="not only data of who asks")
        run = self.ask(request_id=claim.id, email="ana@example.com", reason="Apoderado: poder de la notaría 5")
        self.assertTrue(run.is_of_another)
        run.action_confirm()
        self.assertTrue(case.anonymized_on)
        act = claim.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.note), ("erasure", "Apoderado: poder de la notaría 5"))
        unchecked = self.make_case(type="datos_reclamo")
        for request, why in ((unchecked, "Check the identity"), (self.make_case(), "no query about personal data")):
            self.assertEachRaises(UserError, partial(self.ask, request_id=request.id), said=why)

    def test_left_out_is_told_with_its_reason(self):
        case, contract = self.make_old(), self.make_old()
        claim = self.make_claim()
        run = self.ask(request_id=claim.id)
        line = run.line_ids.filtered(lambda line: line.pqrs_id == contract)
        steps = (partial(line.action_exclude, reason) for reason in ("", "  ", False))
        self.assertEachRaises(UserError, *steps, said="Write why it is left out")
        wizard = self.env["sig.leave.out.wizard"].with_user(self.administrator).create(
            {"line_id": line.id, "reason": "Un contrato vigente pide conservarla."})
        wizard.action_leave_out()
        for _time in range(2):
            self.assertIn(f"{contract.name}, of 13/01/2025: it is kept. Un contrato vigente pide conservarla.", run.answer)
            run.action_refresh()  # it stays so
        run.action_confirm()
        self.assertEqual(self.states(run), {case: "done", contract: "excluded", claim: "skipped"})
        self.assertIn("Un contrato vigente", run.answer)
        self.assertFalse(contract.anonymized_on)
        self.assertEqual(claim.sudo().act_ids[-1].data, {"run": run.id, "erased": 1, "kept": 1, "left_out": 1})
        self.env["sig.anonymizer"]._anonymize_cases(contract.sudo(), "Tabla", {"run": 0})
        self.assertNotIn("Un contrato vigente", f"{self.reload(line)[0].detail} {run.answer}", "the reason may name its person")

    def test_taken_in_again(self):
        case, held = self.make_old(), self.make_old()
        run = self.ask()
        run.line_ids.action_exclude("Por revisar")
        held.action_hold("Juzgado 3")
        run.line_ids.action_include()
        self.assertEqual(self.states(run), {case: "pending", held: "held"})
        self.assertNotIn("Por revisar", run.answer)

    def test_of_somebody_else_is_not_told(self):
        """A case of a shared mailbox: who asks does not learn of it."""
        mine, theirs = self.make_old(), self.make_old(partner_id=False, partner_name="Vecina", email_from="ana@example.com", document_number="5")
        run = self.ask()
        run.line_ids.filtered(lambda line: line.pqrs_id == theirs).action_exclude("De la vecina", of_another=True)
        self.assertNotIn(theirs.name, run.answer)
        run.action_refresh()
        run.action_confirm()
        self.assertEqual(self.states(run), {mine: "done", theirs: "excluded"})
        self.assertFalse(theirs.anonymized_on)
        self.assertNotIn(theirs.name, run.answer)

    def test_given_up(self):
        cases = [self.make_old() for _number in range(3)]
        claim = self.make_claim()
        draft = self.ask(request_id=claim.id)
        draft.action_cancel()
        self.assertNotIn("will be erased", draft.answer)
        self.assertIn("it is kept. The erasing was given up.", draft.answer)
        self.assertNotEqual(self.kinds(claim)[-1], "erasure", "a list that was given up attended to nothing")
        run = self.ask(request_id=claim.id)
        with patch.object(anonymization_run, "AT_ONCE", 1):
            run.action_confirm()
        run.sudo()._proceed(1)
        self.assertEqual((run.state, run.done_count, run.allowed_transitions), ("running", 1, ["cancel"]))
        run.action_cancel()
        self.reload()
        self.assertEqual((run.state, run.answer.count("were erased."), run.answer.count("was given up")), ("cancelled", 1, 2))
        self.assertNotIn("will be", run.answer)
        act = claim.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.user_id, act.data), ("erasure", self.administrator, {"run": run.id, "erased": 1, "kept": 1, "given_up": 2}))
        self.assertEqual(sum(bool(case.anonymized_on) for case in cases), 1)
        self.assertEachRaises(UserError, run.action_cancel)

    def test_refused_as_a_whole(self):
        young = self.make_old(type="peticion")
        claim = self.make_claim()
        run = self.ask(request_id=claim.id)
        self.assertEqual(self.states(run), {young: "skipped", claim: "skipped"})
        run.action_confirm()
        self.reload()
        self.assertEqual((run.state, run.user_id), ("done", self.administrator))
        act = claim.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data), ("erasure", {"run": run.id, "erased": 0, "kept": 2}))
        self.assertIn("Superintendencia de Industria y Comercio (Ley 1581 de 2012, art. 16)", run.answer)
        self.assertChain(claim)
        walked_in = self.ask()
        walked_in.action_confirm()
        self.assertEqual((walked_in.state, walked_in.user_id), ("done", self.administrator), "without a claim the list says so")

    def test_failed_and_tried_again(self):
        good, bad = self.make_old(), self.make_old()
        claim = self.make_claim()
        run = self.ask(request_id=claim.id)
        with self.breaks_on(bad, "sig.anonymizer", "_empty_fields"):
            run.action_confirm()
            self.assertEqual(self.states(run), {good: "done", bad: "failed", claim: "skipped"})
            self.assertIn("broken", run.line_ids.filtered(lambda line: line.state == "failed").detail)
            self.assertIn("Ana Ruiz", bad.description)
            self.assertTrue(bad.attachment_ids.raw, "nothing of it was erased")
            self.assertChain(bad)
            self.assertNotIn("erasure", self.kinds(claim))
            self.assertIn("could not be erased.", run.answer)
            run.action_retry()
            self.run_cron("sig_pqrs.cron_anonymization")
        self.assertNotIn("erasure", self.kinds(claim), "it failed again")
        run.action_retry()
        self.run_cron("sig_pqrs.cron_anonymization")
        self.assertEqual(self.states(run), {good: "done", bad: "done", claim: "skipped"})
        act = claim.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data, self.kinds(claim).count("erasure")), ("erasure", {"run": run.id, "erased": 2, "kept": 1}, 1))

    def test_it_is_backed(self):
        self.make_old()
        run = self.ask()
        run.reason = " "
        asks = (partial(self.ask, reason=reason) for reason in (False, "", "   "))
        self.assertEachRaises(UserError, *asks, run.action_confirm, said="where the request is")
        run.reason = "Carta del 21/11/2026"
        run.action_confirm()
        self.assertEqual(run.state, "done")
        self.assertEachRaises(UserError, lambda: run.write({"reason": "Otra"}))
        claim = self.make_claim()
        self.assertEqual(self.ask(request_id=claim.id, reason=False).request_id, claim)

    def test_reserved_and_typed_otherwise(self):
        case = self.make_old(identity_reserved=True, partner_id=False, partner_name="Ana Ruiz", email_from="ANA@Example.com", document_number="79.555.444")
        run = self.ask(partner_id=False, document_number="79555444")
        self.assertEqual(self.states(run), {case: "pending"})
        run.action_confirm()
        self.reload()
        identity = case.sudo().identity_ids
        self.assertEqual((bool(case.anonymized_on), identity.partner_name, identity.message_ids.ids), (True, False, []))
        self.assertChain(case)
        self.assertHoldsNone(self.read_database(case).lower(), "ana ruiz", "ana@example", "79.555", "79555444")


class TestWhoMayErase(RetentionCommon):
    """Whoever did not order an erasing neither changes nor stops it."""

    STEPS = ("action_refresh", "action_cancel", "action_retry", "action_confirm")

    def test_others(self):
        self.make_old()
        wizard = self.env["sig.person.wizard"].with_user(self.administrator).create({"partner_id": self.contact.id, "reason": "Carta"})
        self.kind.write({"retention_years": 10, "duty_years": 0, "retention_confirmed": True})
        asked = self.env["sig.anonymization"].browse(wizard.action_simulate_erasing()["res_id"])
        self.kind.write({"retention_years": 1, "retention_confirmed": True})
        ordered = self.simulate(self.administrator)
        ordered.reason = "Tabla"
        with patch.object(anonymization_run, "AT_ONCE", 0):
            ordered.action_confirm()
        others = self.leader | self.collaborator | self.management | self.employee | self.portal
        self.assertDenied(self.env["sig.anonymization"], others, lambda own: own.search([]))
        changes = ({"state": "cancelled"}, {"reason": "x"}, {"user_id": self.director.id}, {"kind": "retention"})
        for run in (asked, ordered):
            self.assertDenied(
                run, self.director | self.leader, *(lambda own, step=step: getattr(own, step)() for step in self.STEPS),
                *(lambda own, vals=vals: own.write(vals) for vals in changes), error=UserError,
            )
            self.assertDenied(
                run.line_ids, self.director | self.leader, lambda own: own.action_exclude("x"), lambda own: own.action_include(),
                lambda own: own.write({"is_of_another": True}), error=UserError,
            )
            leave_out = {"line_id": run.line_ids.id, "reason": "x"}
            Wizard = self.env["sig.leave.out.wizard"]
            self.assertDenied(Wizard, others | self.director, lambda own, vals=leave_out: own.create(vals))
        Run = self.env["sig.anonymization"]
        self.assertDenied(Run, self.director | self.leader, lambda own: own._simulate_request(None, None, None, "x"))
        self.reload()
        self.assertEqual((asked.state, ordered.state, asked.line_ids.state), ("draft", "running", "pending"))
        self.assertEqual(asked.with_user(self.director).allowed_transitions, [])
        self.assertEqual(asked.with_user(self.administrator).allowed_transitions, ["edit", "confirm", "cancel"])
        ordered.with_user(self.administrator).action_cancel()
        self.assertEqual(ordered.state, "cancelled")

    def test_who_ordered_it(self):
        self.make_old()
        run = self.simulate()
        run.reason = "Tabla"
        other = self.builder.make_user(self.env, "sig_otra", "Otra directora", "director", lang="en_US")
        run.with_user(other).action_refresh()  # a list that nobody ordered is of the SIG
        with patch.object(anonymization_run, "AT_ONCE", 0):
            run.action_confirm()
        self.assertEachRaises(AccessError, run.with_user(other).action_cancel, said="belongs to somebody else")
        run.action_cancel()
        self.assertEqual(run.state, "cancelled")
