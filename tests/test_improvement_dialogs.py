"""The dialogs in which steps of findings, plans, activities and decisions are taken, and what their buttons open."""
from odoo.exceptions import UserError

from .common import date, freeze_time
from .test_action_plan import PlanCommon

VERIFIED = "2027-03-02 15:00:00"


class TestImprovementDialogs(PlanCommon):
    def make_finding(self, key="b", **vals):
        row = {"kind": "backlog", "key": key, "name": "Seis PQRS vencidas a la vez", "process_id": self.operations.id, **vals}
        return self.env["sig.finding"]._raise(self.company, [row])

    def test_plan_that_is_running(self):
        plan, finding = self.start(), self.make_finding()
        form = self.open_step(finding, "plan")
        self.assertEqual((form.name, form.process_id, form.user_id), (finding.name, self.operations, self.leader))
        form.mode, form.target_id = "existing", plan
        action = form.save().action_confirm()
        self.assertEqual((action["res_model"], action["res_id"]), ("sig.action.plan", plan.id))
        self.assertEqual((finding.state, finding.plan_id, finding.decided_by_id), ("planned", plan, self.director))

    def test_what_a_plan_lacks(self):
        finding = self.make_finding()
        plans = self.env["sig.action.plan"].search_count([])
        wizard = self.begin_step(finding, "plan").create({"mode": "existing"})
        self.assertEachRaises(UserError, wizard.action_confirm, said="Choose the plan")
        self.assertEachRaises(UserError, lambda: self.as_director(finding).action_plan(vals={"user_id": False}), said="who is responsible")
        self.assertEqual((finding.state, self.env["sig.action.plan"].search_count([])), ("open", plans))
        form = self.open_step(finding, "plan")
        form.process_id, form.user_id = self.env["sig.process"], self.env["res.users"]
        with self.assertRaisesRegex(AssertionError, "user_id is a required field"):
            form.save()
        form.user_id = self.leader
        plan = self.env["sig.action.plan"].browse(form.save().action_confirm()["res_id"])
        self.assertEqual((plan.process_id.ids, plan.user_id), ([], self.leader), "what was taken out stays out")

    def test_one_plan_is_of_one_company(self):
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.director.company_ids += other
        foreign = self.env["sig.finding"]._raise(other, [{"kind": "backlog", "key": "b", "name": "Otras seis"}])
        both = (self.make_finding() | foreign).with_context(allowed_company_ids=[self.company.id, other.id])
        self.assertEachRaises(UserError, both.with_user(self.director).action_plan, said="One plan is of one company")
        self.assertEqual(set(both.mapped("state")), {"open"})

    def test_verdict(self):
        plan = self.finish()
        with freeze_time(VERIFIED):
            said = "Say whether the plan was effective"
            wizard = self.begin_step(plan, "verify").create({"reason": "97 %"})
            self.assertEqual(wizard.criterion, plan.verification_criterion, "what was promised is read there")
            self.assertEachRaises(UserError, wizard.action_confirm, said=said)
            self.assertEqual(plan.state, "to_verify")
            self.take_step(plan, "verify", effective="yes", reason="97 %")
            self.assertEqual((plan.state, plan.verification_note), ("closed", "97 %"))

    def test_evidence_of_a_finding(self):
        cases = self.env["sig.pqrs"]
        for process in (self.operations, self.technology):
            case = self.make_case(when=self.on(date(2026, 11, 20)))
            self.make_assignment(case, process)
            cases |= case
        cases |= self.make_case(when=self.on(date(2026, 11, 20)), restricted=True)
        measures = self.measure("received", date(2026, 10, 1)) | self.get_measure("received", date(2026, 10, 1), self.operations)
        finding = self.make_finding(cases=cases, measures=measures)
        for user, seen in ((self.director, cases), (self.management, cases[:2]), (self.leader, cases[0])):
            self.reload()
            own = finding.with_user(user)
            with self.subTest(user.name):
                self.assertEqual(own.case_ids, seen)
                self.assertEqual(own.measure_ids, measures if user != self.leader else measures.filtered("process_id"))
