"""A missed goal in the browser, as each person: recorded, analysed, planned, worked on, and verified by somebody else."""

from odoo.tests import HttpCase

from .common import date, freeze_time
from .test_finding import ImprovementCommon


class TestImprovementTours(HttpCase, ImprovementCommon):
    def test_missed_goal(self):
        with freeze_time("2026-11-03 15:00:00"):
            self.env["sig.indicator"].search([("is_main", "=", False)]).active = False
            self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
            measure = self.measure("on_time", date(2026, 10, 1))
            self.assertEqual(measure.status, "missed")
            self.start_tour("/odoo/sig-indicator-month", "sig_pqrs_record_month", login=self.director.login)
            self.reload()
            self.assertEqual((measure.state, measure.analysis), ("registered", "Vacante del analista"))
            self.assertEqual(measure.registration_evidence, "QVO, acta 31")
        self.start_tour("/odoo/sig-findings", "sig_pqrs_finding_to_plan", login=self.director.login)
        plan = self.get_findings("missed").plan_id
        self.assertEqual((plan.state, plan.user_id, plan.line_ids.user_id), ("in_progress", self.leader, self.collaborator))
        self.start_tour("/odoo/sig-plan-activities", "sig_pqrs_plan_activity", login=self.collaborator.login)
        self.assertEqual((plan.line_ids.state, plan.line_ids.evidence), ("done", "Acta 12"))
        self.start_tour("/odoo/sig-action-plans", "sig_pqrs_plan_finish", login=self.leader.login)
        with freeze_time(f"{plan.verification_date} 15:00:00"):
            self.start_tour("/odoo/sig-action-plans", "sig_pqrs_plan_verify", login=self.director.login)
        self.assertEqual((plan.state, plan.effective, plan.verified_by_id), ("closed", "yes", self.director))
