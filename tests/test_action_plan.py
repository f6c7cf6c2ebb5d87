from contextlib import nullcontext
from functools import partial

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from ..tools import periods
from .common import date, freeze_time
from .test_finding import ImprovementCommon


class PlanCommon(ImprovementCommon):
    activity_type = "sig_pqrs.activity_plan"

    def make_plan(self, **vals):
        return self.env["sig.action.plan"].with_user(self.director).create({
            "name": "Respuestas a tiempo en Operaciones", "process_id": self.operations.id, "user_id": self.leader.id,
            "cause_analysis": "No hay reemplazo del analista en vacaciones.",
            "verification_criterion": "Tres meses seguidos con 95 % en término.", "verification_date": "2027-03-01",
            "line_ids": [
                Command.create({"name": "Nombrar suplente", "user_id": self.collaborator.id, "date_due": "2026-12-10"}),
                Command.create({"name": "Capacitar", "user_id": self.leader.id, "date_due": "2026-12-15"}),
            ],
            **vals,
        })

    def start(self, **vals):
        plan = self.make_plan(**vals)
        plan.with_user(self.leader).action_start()
        return plan

    def finish(self, **vals):
        plan = self.start(**vals)
        plan.line_ids.with_user(self.leader).action_complete("Acta 12")
        plan.with_user(self.leader).action_finish()
        return plan


class TestActionPlan(PlanCommon):
    def test_life(self):
        plan = self.make_plan()
        self.assertRegex(plan.code, r"^PA-2026-\d{3}$")
        first, second = plan.line_ids
        self.assertEqual((plan.state, first.deadline_state), ("draft", "not_applicable"))
        self.assertIn("plans_to_finish", self.get_tiles(self.leader))
        plan.with_user(self.leader).action_start()
        self.assertNotIn("plans_to_finish", self.get_tiles(self.leader))
        self.assertEqual((plan.state, first.deadline_state, plan.progress), ("in_progress", "on_track", 0))
        activity = self.activities(first)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.collaborator, date(2026, 12, 10)))
        own = first.with_user(self.collaborator)
        own.progress = 50
        self.assertEqual(plan.progress, 25)
        self.assertEachRaises(UserError, *(partial(own.action_complete, nothing) for nothing in (False, " ", 3)))
        photo = self.env["ir.attachment"].with_user(self.collaborator).create({"name": "acta.pdf", "raw": b"x"})
        own.action_complete(evidence="Acta 12 de 2026", attachments=photo.ids)
        self.assertEqual((first.state, first.deadline_state, first.attachment_ids), ("done", "answered_on_time", photo))
        self.assertFalse(self.activities(first))
        self.assertEachRaises(UserError, plan.with_user(self.leader).action_finish)
        second.with_user(self.leader).action_drop("Ya la hizo Gestión Humana")
        self.assertIn("plans_to_finish", self.get_tiles(self.leader))
        plan.with_user(self.leader).action_finish()
        self.assertEqual(plan.state, "to_verify")
        self.assertEqual(self.activities(plan, "sig_pqrs.activity_verify").user_id, self.director)
        self.assertEachRaises(UserError, lambda: plan.action_verify(True, "Se revisó"))
        with freeze_time("2027-03-01 15:00:00"):
            bad = ((True, ""), ("yes", "Se revisó"), (None, "Se revisó"))
            self.assertEachRaises(UserError, *(partial(plan.action_verify, *args) for args in bad))
            plan.action_verify(True, "Enero a marzo: 96, 97 y 98 %")
        self.assertEqual((plan.state, plan.effective, plan.verified_by_id), ("closed", "yes", self.director))
        self.assertEqual(plan.date_closed, date(2027, 3, 1))
        self.assertFalse(self.activities(plan, "sig_pqrs.activity_verify"))
        self.assertEachRaises(UserError, lambda: plan.write({"name": "Otro"}))

    def test_not_effective(self):
        plan = self.finish()
        with freeze_time("2027-03-02 15:00:00"):
            plan.line_ids.sudo().date_done = "2027-03-02 14:00:00"
            plan.action_verify(False, "En febrero hubo 80 %", "2027-06-01")
            self.assertEqual((plan.state, plan.effective, plan.reopened_count), ("in_progress", "no", 1))
            self.assertEqual((plan.verification_date, self.activities(plan).user_id), (date(2027, 6, 1), self.leader))
            self.assertEachRaises(UserError, plan.with_user(self.leader).action_finish, said="a new activity, since it was not")
            plan.with_user(self.leader).write({"line_ids": [
                Command.create({"name": "Contratar", "user_id": self.collaborator.id, "date_due": "2027-04-01"})
            ]})
            line = plan.line_ids.filtered(lambda line: line.name == "Contratar")
            self.assertTrue(self.activities(line), "what is added to a running plan begins at once")
            self.assertEachRaises(UserError, plan.with_user(self.leader).action_finish)
            line.with_user(self.collaborator).action_complete("Contrato 7")
            plan.with_user(self.leader).action_finish()
            self.assertFalse(self.activities(plan), "its causes were analysed again")
        with freeze_time("2027-06-02 15:00:00"):
            plan.action_verify(True, "97 %")
        self.assertEqual((plan.state, plan.effective), ("closed", "yes"))
        text = self.env["ir.actions.report"].with_user(self.leader)._render_qweb_html("sig_pqrs.report_action_plan", plan.ids)[0].decode()
        self.assertHolds(text, "Not effective", "En febrero hubo 80 %", "02/03/2027</span></td>", "97 %", "02/06/2027</span></td>")
        section = self.env["sig.management.review"].with_user(self.director).create({}).section_ids[0]
        spans = ((date(2027, 1, 1), date(2027, 3, 31)), (date(2027, 1, 1), date(2027, 6, 30)), (date(2027, 4, 1), date(2027, 6, 30)))
        figures = [section._get_input_plans(*span)["verified"] for span in spans]
        self.assertEqual(figures, [(0, 1), (1, 2), (1, 1)], "each verdict counts in its period")

    def test_incomplete(self):
        for lacking in (
            {"cause_analysis": " "}, {"line_ids": False}, {"verification_criterion": False}, {"verification_date": False},
        ):
            plan = self.make_plan(**lacking)
            self.assertEachRaises(UserError, plan.action_start)
            self.assertEqual(plan.state, "draft")
        self.make_plan(kind="preventive", cause_analysis=False).action_start()
        elsewhere = self.make_plan(external_reference="PA-77", cause_analysis=False, line_ids=False)
        elsewhere.action_start()
        elsewhere.action_finish()

    def test_verified_by_somebody_else(self):
        plan, other = self.make_plan(user_id=self.director.id), self.make_stranger().company_id
        self.assertEachRaises(UserError, plan.action_start)
        plan.verifier_id = self.other_leader
        plan.action_start()
        plan.line_ids.with_user(self.leader).action_complete("Acta")
        plan.write({"user_id": self.collaborator.id, "verifier_id": False})
        self.assertEachRaises(UserError, plan.action_finish, said="who would verify it")
        plan.write({"user_id": self.director.id, "verifier_id": self.other_leader.id})
        plan.action_finish()
        plan.user_id = self.deputy
        self.assertEqual(self.activities(plan, "sig_pqrs.activity_verify").user_id, self.other_leader)
        with freeze_time("2027-03-01 15:00:00"):
            with self.undone():
                self.other_leader.group_ids = self.env.ref("base.group_user")
                self.assertIn("plans_to_verify", self.get_tiles(self.director))
            with self.undone():
                self.other_leader.write({"company_ids": [Command.clear(), Command.link(other.id)], "company_id": other.id})
                self.assertIn("plans_to_verify", self.get_tiles(self.director))
            self.assertNotIn("plans_to_verify", self.get_tiles(self.director))
            self.assertDenied(plan, (self.director, self.leader, self.collaborator), lambda own: own.action_verify(True, "Funcionó"))
            plan.with_user(self.other_leader).action_verify(True, "Funcionó")
        self.assertEqual(plan.verified_by_id, self.other_leader)

    def test_promise(self):
        """Once begun, what success is and when it is seen is no longer of who works on it."""
        plan = self.start()
        changes = ({"verification_criterion": "Con que mejore"}, {"verification_date": "2027-04-01"})
        self.assertEachRaises(AccessError, *(partial(plan.with_user(self.leader).write, change) for change in changes))
        self.assertEachRaises(UserError, lambda: plan.write({"verification_date": "2026-12-01"}))
        self.reload()
        plan.write({"verification_criterion": "Cuatro meses con 95 %", "verification_date": "2027-04-01"})
        self.env.flush_all()
        self.cr.precommit.run()
        before = plan.sudo().message_ids.tracking_value_ids.filtered("old_value_text").mapped("old_value_text")
        self.assertEqual(before, ["Tres meses seguidos con 95 % en término."], "the thread keeps what was promised")
        self.assertEachRaises(UserError, self.make_plan(verification_date="2026-12-14").action_start)

    def test_who_did_it_does_not_verify(self):
        plan = self.start()
        plan.line_ids.action_complete("Acta 3")
        self.assertEqual(plan.line_ids.done_by_id, self.director)
        self.assertEachRaises(UserError, plan.action_finish)
        plan.verifier_id = self.other_leader
        plan.action_finish()
        with freeze_time("2027-03-01 15:00:00"), self.assertRaises(AccessError):
            plan.action_verify(True, "Funcionó")

    def test_verifier_replaced(self):
        plan = self.finish(verifier_id=self.other_leader.id)
        self.assertEachRaises(
            UserError, lambda: plan.with_user(self.other_leader).write({"verifier_id": self.director.id}),
            lambda: plan.write({"verifier_id": self.other_collaborator.id, "name": "Otro"}),
        )
        plan.write({"verifier_id": self.other_collaborator.id, "public_text": "Hay suplente en cada puesto"})
        self.assertEqual(self.activities(plan, "sig_pqrs.activity_verify").user_id, self.other_collaborator)
        self.assertDenied(plan, self.leader, lambda own: own.write({"verification_date": "2027-04-01"}))
        plan.verification_date = "2027-02-26"
        self.assertEqual(str(self.activities(plan, "sig_pqrs.activity_verify").date_deadline), "2027-02-26")
        with freeze_time("2027-03-01 15:00:00"):
            verify = plan.with_user(self.other_collaborator).action_verify
            with self.undone():
                plan.sudo().line_ids[0].user_id = self.other_collaborator  # who answers for an activity does not verify
                self.assertDenied(plan, self.other_collaborator, lambda own: own.action_verify(True, "Funcionó"))
            self.assertEachRaises(UserError, lambda: verify(False, "No funcionó", "2027-01-01"))
            verify(True, "Funcionó")
        self.assertEqual(plan.state, "closed")

    def test_who_answered_for_it_left(self):
        plan, failed = self.finish(verifier_id=self.other_leader.id), self.finish()
        (self.leader | self.other_leader).active = False  # as superuser
        self.assertDenied(plan, self.deputy, lambda own: own.write({"user_id": self.deputy.id}))
        with freeze_time("2027-03-02 15:00:00"):
            self.assertEqual(self.get_tiles(self.director)["plans_to_verify"]["count"], 2)
        plan.write({"verifier_id": self.other_collaborator.id, "user_id": self.deputy.id})
        self.assertEqual(self.activities(plan, "sig_pqrs.activity_verify").user_id, self.other_collaborator)
        self.assertEachRaises(UserError, lambda: plan.write({"user_id": self.other_collaborator.id}), said="who would verify it")
        with freeze_time("2027-03-02 15:00:00"):
            failed.action_verify(False, "No funcionó", "2027-06-01")
        self.assertEqual(self.activities(failed).user_id, self.director)
        failed.user_id = self.deputy
        self.assertEqual(self.activities(failed).user_id, self.deputy)

    def test_who_leaves_hands_plans_over(self):
        draft, running, done = self.make_plan(), self.start(), self.finish(verifier_id=self.other_leader.id)
        review = self.env["sig.management.review"].with_user(self.director).create({"participants": "x", "date": "2026-07-15"})
        review.decision_ids = [Command.create({"name": "Contratar", "date_due": "2026-12-30", "user_id": self.leader.id})]
        review.sudo().state = "closed"
        review.sudo().decision_ids._ask_responsible()
        lines, decision = (draft | running).line_ids.filtered(lambda line: line.user_id == self.leader), review.decision_ids
        self.administrator.group_ids |= self.env.ref("base.group_erp_manager")
        archive = self.leader.with_user(self.administrator).action_archive
        self.assertEachRaises(RedirectWarning, archive, said="Responsible for.* plan, Activity of.* plan, Decision of")
        for leaving, receiver in ((self.leader, self.deputy), (self.other_leader, self.other_collaborator)):
            form = Form(self.env["sig.handover.wizard"].with_user(self.director).with_context(default_user_id=leaving.id))
            form.receiver_id = receiver
            form.save().action_confirm()
            pending = self.env["sig.handover"]._get_pending(leaving)
            self.assertHoldsNone(pending, "plan", "plan_line", "decision", "verifier", "activity")
        self.env.flush_all()
        self.cr.precommit.run()
        self.assertEqual(((draft | running | done).user_id, lines.user_id, decision.user_id), (self.deputy,) * 3)
        asked = self.activities(lines) | decision.activity_ids | self.activities(done, "sig_pqrs.activity_verify")
        self.assertEqual(asked.user_id, self.deputy | self.other_collaborator)
        form = Form(self.env["sig.handover.wizard"].with_user(self.director).with_context(default_user_id=self.deputy.id))
        form.receiver_id = self.management
        form.save().action_confirm()
        self.assertEqual((decision.user_id, draft.user_id), (self.management, self.deputy), "top management takes decisions alone")
        self.management.active = False  # as superuser
        decision._ask_responsible()
        self.assertEqual(decision.activity_ids.user_id, self.director)
        for record in (draft, lines[0], decision):
            self.assertIn("Change of personnel", " ".join(record.sudo().message_ids.mapped("body")))

    def test_activity_of_another_plan(self):
        vals = {"name": "Colado", "date_due": "2027-01-01", "user_id": self.collaborator.id}
        Line = self.env["sig.action.plan.line"]
        for plan in (self.start(), self.make_plan()):
            here = Line.with_context(default_plan_id=plan.id)
            self.assertDenied(here, self.collaborator | self.other_collaborator, lambda own: own.create(vals))
        closed = self.finish()
        with freeze_time("2027-03-01 15:00:00"):
            closed.action_verify(True, "Funcionó")
        self.assertDenied(
            Line, self.director | self.leader, lambda own: own.with_context(default_plan_id=closed.id).create(vals),
            lambda own: own.create({**vals, "plan_id": closed.id}), error=UserError,
        )
        self.reload()
        self.assertEqual(len(closed.line_ids), 2)

    def test_roles(self):
        plan = self.start()
        line = plan.line_ids[0]
        readers = self.leader | self.deputy | self.collaborator | self.director | self.management
        others = self.other_leader | self.other_collaborator | self.employee | self.portal
        self.assertEqual(plan._sig_get_readers(readers | others), readers)
        self.assertFalse(line._sig_get_readers(others))
        self.assertEqual(self.env["sig.action.plan.line"].with_user(self.collaborator).search([]), line)
        for user, vals in (
            (self.collaborator, {"name": "x"}), (self.management, {"name": "x"}), (self.leader, {"user_id": self.leader.id}),
            (self.leader, {"state": "closed"}), (self.director, {"effective": "yes"}), (self.director, {"verdicts": []}), (self.director, {"code": "x"}),
        ):
            self.assertDenied(plan, user, lambda own, vals=vals: own.write(vals))
        self.assertDenied(
            plan, (self.leader, self.collaborator, self.management),
            lambda own: own.create({"name": "x"}), lambda own: own.action_cancel("x"),
        )
        changes = ({"date_due": "2027-12-31"}, {"user_id": self.leader.id}, {"name": "x"})
        self.assertDenied(
            line, self.collaborator, *(lambda own, vals=vals: own.write(vals) for vals in changes),
            lambda own: own.action_drop("No quiero"),
            lambda own: own.create({"plan_id": plan.id, "name": "x", "date_due": "2027-01-01"}),
        )
        self.assertDenied(line, self.director, lambda own: own.write({"state": "done"}))
        self.assertDenied(line, self.leader, lambda own: own.unlink(), error=UserError)
        plan.with_user(self.deputy).write({"correction": "Se respondió ese mismo día"})
        line.with_user(self.deputy).date_due = "2026-12-20"

    def test_form_is_editable_to_who_may_write(self):
        plan = self.start()
        planning, people = {"name", "kind", "cause_analysis", "verification_date"}, {"user_id", "verifier_id"}
        for user, editable in (
            (self.collaborator, set()), (self.leader, planning), (self.deputy, planning), (self.director, planning | people),
        ):
            self.env.invalidate_all()
            form = Form(plan.with_user(user))
            for name in planning | people:
                with self.subTest(user=user.name, name=name), nullcontext() if name in editable else self.assertRaises(AssertionError):
                    form[name] = form[name]

    def test_what_is_typed_does_not_lock_the_form(self):
        """Fields that become read-only are not saved, without a word."""
        form = Form(self.start().with_user(self.deputy))
        allowed = form.allowed_transitions
        form.process_id = self.technology
        with form.line_ids.new() as line:
            line.name, line.date_due, line.user_id = "Nombrarlo", "2026-12-20", self.collaborator
        self.assertEqual((form.allowed_transitions, "edit" in allowed), (allowed, True))

    def test_bad_people(self):
        people = ({"user_id": self.employee.id}, {"verifier_id": self.portal.id})
        self.assertEachRaises(ValidationError, *(partial(self.make_plan, **vals) for vals in people))
        plan = self.start()
        line = plan.line_ids[:1]
        self.assertEachRaises(ValidationError, lambda: line.write({"user_id": self.employee.id}))
        line.with_user(self.leader).user_id = self.other_collaborator
        self.assertEqual(self.activities(line).user_id, self.other_collaborator)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            line.with_user(self.leader).progress = 101
            line.flush_recordset()

    def test_activity_that_is_over(self):
        plan, other = self.start(), self.make_plan(name="Otro plan")
        first, second = plan.line_ids
        first.with_user(self.collaborator).action_complete("Acta 3")
        said, stays = "is over: it can no longer be changed", "stays in its plan"
        for user, vals in ((self.collaborator, {"progress": 40}), (self.leader, {"name": "Otro"}), (self.director, {"date_due": "2027-01-01"})):
            with self.subTest(user.name), self.assertRaisesRegex(UserError, said):
                first.with_user(user).write(vals)
        self.assertEachRaises(UserError, lambda: second.with_user(self.leader).write({"plan_id": other.id}), said=stays)
        self.assertEqual((first.progress, first.name, plan.line_ids), (100, "Nombrar suplente", first | second))

    def test_progress_counts_activities_of_others(self):
        plan = self.start()
        own, other = plan.line_ids
        other.with_user(self.leader).progress = 50
        self.env.invalidate_all()
        [shown] = plan.with_user(self.collaborator).read(["name", "line_ids", "progress"])
        self.assertEqual((shown["line_ids"], shown["progress"]), (own.ids, 25))

    def test_progress_is_told_by_who_does_it(self):
        """Whoever verifies the plan reads its activities, and tells nothing of them."""
        plan = self.start(verifier_id=self.other_leader.id)
        line = plan.line_ids[0]
        self.assertTrue(line.with_user(self.other_leader).has_access("write"), "the rules alone would let it")
        self.assertDenied(line, self.other_leader, lambda own: own.write({"progress": 90}))
        line.with_user(self.leader).progress = 30
        self.assertEqual(line.progress, 30)

    def test_cancel(self):
        plan = self.start()
        self.assertEachRaises(UserError, plan.unlink)
        plan.action_cancel("Se hará con otro plan")
        self.assertEqual((plan.state, set(plan.line_ids.mapped("state"))), ("cancelled", {"cancelled"}))
        self.assertFalse(self.activities(plan.line_ids[0]))
        draft = self.make_plan()
        self.assertDenied(draft.line_ids[0], self.collaborator, lambda own: own.unlink())
        draft.line_ids[1].with_user(self.leader).unlink()
        draft.unlink()

    def test_watch(self):
        plan = self.start()
        line = plan.line_ids[0]
        self.reload()
        with freeze_time("2026-12-11 15:00:00"):
            for model in self.env["sig.daily.review"]._get_watched_models():
                self.env[model].sudo()._refresh_deadline_state(self.company)
            self.assertEqual((line.deadline_state, plan.overdue_line_count), ("overdue", 1))
            self.assertEqual(self.activities(line, "sig_pqrs.activity_deadline").user_id, self.leader)
            tiles = self.get_tiles(self.collaborator)
            self.assertEqual((tiles["plan_lines"]["count"], tiles["plan_lines"]["tone"]), (1, "danger"))
            line.with_user(self.leader).user_id = self.other_collaborator
            self.assertEqual(self.activities(line).user_id, self.other_collaborator)
            self.assertFalse(self.activities(line, "sig_pqrs.activity_deadline"), "nor is who had it reminded of it")
        plan.line_ids.with_user(self.leader).action_complete("Acta")
        plan.with_user(self.leader).action_finish()
        self.reload()
        with freeze_time("2027-03-02 15:00:00"):
            self.env["sig.action.plan"].sudo()._refresh_deadline_state(self.company)
            self.assertEqual((plan.deadline_state, plan.activity_ids.user_id), ("overdue", self.director))
            self.assertEqual(self.get_tiles(self.director)["plans_to_verify"]["count"], 1)

    def test_indicator_of_activities(self):
        """What is moved, dropped or of a plan that is cancelled once its date has passed is late as well."""
        plan, moved = self.start(), self.start()
        plan.line_ids[0].with_user(self.collaborator).action_complete("Acta")
        self.reload()
        with freeze_time("2027-01-04 15:00:00"):
            self.env["sig.action.plan.line"].sudo()._refresh_deadline_state(self.company)
            moved.line_ids[0].date_due = "2027-02-01"
            for cancelled in (moved, plan):
                cancelled.action_cancel("Se hará con otro plan")
                measure = self.measure("plan_on_time", date(2026, 12, 1))
                self.assertEqual((measure.numerator, measure.denominator, measure.value), (1, 4, 25), "what was done stays")
            begun = self.start().line_ids[0]
            begun.date_due = "2027-02-01"
            self.assertFalse(begun.date_missed, "its date had passed before its plan began")
        self.assertEqual(measure.action_open_records()["res_model"], "sig.action.plan.line")
        own = measure.indicator_id._copy_for(self.company)
        own._measure(self.company, periods.containing(date(2026, 11, 1), "month"))
        own.by_process = True
        self.assertIn(self.operations, own.measure_ids.process_id, "each process, with activities or without")
        part = own.measure_ids.filtered(lambda one: one.process_id == self.operations)
        part.analysis = "Faltó gente"
        self.assertEachRaises(UserError, lambda: own.write({"process_id": self.technology.id}), said="There is an analysis")
        part.analysis = False
        own.process_id = self.technology
        self.assertEqual((own.measure_ids.process_id, own.last_measure_id), (self.technology, own.measure_ids), "drafts of others go")
        [measure] = own._measure(self.company, periods.containing(date(2026, 12, 1), "month"))
        self.assertEqual(own.last_measure_id, measure, "not the last one of when it was of the whole company")
        self.assertEqual((measure.process_id, measure.status), (self.technology, "no_data"), "a process without activities, too")

    def test_printed(self):
        plan = self.make_plan(why_2="El analista salió", name="Plan de Operaciones", description="Meta incumplida\nY dos quejas verbales")
        plan.action_start()
        self.env["sig.finding"]._raise(self.company, [{"kind": "missed", "key": "x", "name": "Meta incumplida"}]).plan_id = plan
        plan.line_ids[0].action_complete("Acta 12")
        report = self.env["ir.actions.report"].with_user(self.leader)
        text = report._render_qweb_html("sig_pqrs.report_action_plan", plan.ids)[0].decode()
        self.assertHolds(
            text, "FOR-SIG-PQRS-07", plan.code, "Plan de Operaciones", "El analista salió", "No hay reemplazo del analista",
            "Nombrar suplente", "Capacitar", "Acta 12", "Tres meses seguidos con 95 %", "Y dos quejas verbales",
        )
        self.reload()
        text = report.with_user(self.collaborator)._render_qweb_html("sig_pqrs.report_action_plan", plan.ids)[0].decode()
        self.assertEqual(("Nombrar suplente" in text, "Capacitar" in text), (True, False), "each their own, as on the screen")
