"""Indicators, findings and plans as other software sees them: what each role reads and does, and what it may not."""

from odoo.tests import tagged

from .common import date, freeze_time
from .rpc import RpcCommon
from .test_action_plan import PlanCommon

MEASURE, PLAN, LINE = "sig.indicator.measure", "sig.action.plan", "sig.action.plan.line"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-03 15:00:00")
class TestImprovementRpc(RpcCommon, PlanCommon):
    def setUp(self):
        super().setUp()
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        self.of_company = self.measure("on_time", date(2026, 10, 1))
        self.own = self.get_measure("on_time", date(2026, 10, 1), self.operations)
        self.plan = self.start()

    def read_ids(self, user, model):
        status, body = self.json2(user, model, "search_read", domain=[], fields=["id"])
        return {row["id"] for row in body} if status == 200 else status

    def refuse(self, user, model, method, ids=(), **kwargs):
        status, body = self.json2(user, model, method, ids, **kwargs)
        self.assertGreaterEqual(status, 400, (user.login, model, method, body))
        self.assertLess(status, 500, (user.login, model, method, body))

    def test_measures(self):
        everything = set(self.env[MEASURE].search([]).ids)
        for user, seen in (
            (self.director, everything), (self.management, everything), (self.leader, {self.own.id}), (self.deputy, {self.own.id}),
            (self.collaborator, 403), (self.employee, 403), (self.portal, 403),
        ):
            self.assertEqual(self.read_ids(user, MEASURE), seen, user.login)
        self.json2_ok(self.leader, MEASURE, "write", self.own.ids, vals={"analysis": "Se reforzó el turno"})
        self.assertEqual(self.own.analysis, "Se reforzó el turno")
        for user in (self.leader, self.management, self.collaborator):
            self.refuse(user, MEASURE, "action_confirm", self.own.ids)
            self.refuse(user, MEASURE, "action_register", self.own.ids, evidence="QVO, acta 31")
            self.refuse(user, MEASURE, "action_correct", self.own.ids, reason="Porque sí")
            self.refuse(user, MEASURE, "write", self.of_company.ids, vals={"analysis": "x"})
        for vals in ({"value": 100}, {"state": "registered"}, {"target": 1}, {"signal": False}, {"correction_ids": [[5]]}):
            self.refuse(self.director, MEASURE, "write", self.own.ids, vals=vals)
        self.refuse(self.director, MEASURE, "create", vals_list=[{"indicator_id": self.own.indicator_id.id}])
        self.json2_ok(self.director, MEASURE, "action_confirm", self.own.ids)
        self.refuse(self.director, MEASURE, "unlink", self.own.ids)
        self.refuse(self.leader, MEASURE, "write", self.own.ids, vals={"analysis": "Otra"})
        self.refuse(self.director, MEASURE, "action_correct", self.own.ids, reason="Nada cambió")
        self.reload()
        self.assertEqual((self.own.state, self.own.analysis), ("confirmed", "Se reforzó el turno"))
        opened = self.json2_ok(self.leader, MEASURE, "action_open_records", self.own.ids)
        self.assertEqual(len(self.json2_ok(self.leader, opened["res_model"], "search_read", domain=opened["domain"], fields=["name"])), 1)

    def test_findings(self):
        findings = self.get_findings()
        self.assertEqual(self.read_ids(self.director, "sig.finding"), set(findings.ids))
        self.assertEqual(self.read_ids(self.management, "sig.finding"), set(findings.ids))
        for user in (self.leader, self.management, self.collaborator):
            self.refuse(user, "sig.finding", "action_dismiss", findings[:1].ids, reason="No quiero")
            self.refuse(user, "sig.finding", "action_plan", findings[:1].ids)
        for vals in ({"state": "dismissed"}, {"kind": "backlog"}, {"plan_id": self.plan.id}):
            self.refuse(self.director, "sig.finding", "write", findings[:1].ids, vals=vals)
        self.refuse(self.director, "sig.finding", "unlink", findings[:1].ids)
        self.json2_ok(self.director, "sig.finding", "action_dismiss", findings[:1].ids, reason="Un caso en un mes")
        self.reload()
        self.assertEqual(findings[0].state, "dismissed")

    def test_plans(self):
        mine, of_leader = self.plan.line_ids
        self.assertEqual(self.read_ids(self.collaborator, LINE), {mine.id})
        for user in (self.leader, self.director, self.management):
            self.assertEqual(self.read_ids(user, LINE), set(self.plan.line_ids.ids), user.login)
        for user in (self.other_leader, self.other_collaborator):
            self.assertFalse(self.read_ids(user, PLAN))
        for ids, method in ((of_leader.ids, "action_complete"), (mine.ids, "action_drop")):
            self.refuse(self.collaborator, LINE, method, ids, **{"evidence" if "complete" in method else "reason": "Acta"})
        self.refuse(self.collaborator, LINE, "write", mine.ids, vals={"date_due": "2027-12-31"})
        self.refuse(self.management, PLAN, "write", self.plan.ids, vals={"name": "x"})
        self.refuse(self.leader, PLAN, "action_finish", self.plan.ids)  # an activity is not done
        self.json2_ok(self.collaborator, LINE, "write", mine.ids, vals={"progress": 50})
        self.json2_ok(self.collaborator, LINE, "action_complete", mine.ids, evidence="Acta 12")
        self.json2_ok(self.leader, LINE, "action_complete", of_leader.ids, evidence="Acta 13")
        self.json2_ok(self.leader, PLAN, "action_finish", self.plan.ids)
        with freeze_time("2027-03-01 15:00:00"):
            for user in (self.leader, self.collaborator, self.management):
                self.refuse(user, PLAN, "action_verify", self.plan.ids, effective=True, note="Funcionó")
            self.refuse(self.director, PLAN, "write", self.plan.ids, vals={"effective": "yes"})
        self.reload()
        self.assertEqual((self.plan.state, self.plan.effective), ("to_verify", False))
