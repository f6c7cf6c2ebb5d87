from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.tools.safe_eval import safe_eval

from ..models.indicator.indicator import Figure
from ..tools import periods
from .common import date, freeze_time
from .test_indicator import IndicatorCommon


class ImprovementCommon(IndicatorCommon):
    def get_findings(self, kind=None, **values):
        domain = [("kind", "=", kind)] if kind else []
        return self.env["sig.finding"].search(domain + [(name, "=", value) for name, value in values.items()], order="id")

    def fill(self, name, values, year=2026, last=10, denominator=100):
        """Measures of the months until ``last`` with given numerators, judged in order."""
        indicator = self.get_indicator(name)
        first = last - len(values) + 1
        measures = self.env["sig.indicator.measure"]
        for offset, value in enumerate(values):
            month = first + offset
            period = periods.containing(date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1), "month")
            self.patch(type(indicator), f"_measure_{indicator.kind}", lambda records, start, end, value=value: {
                record: {False: Figure(value, denominator)} for record in records
            })
            measures |= indicator._measure(self.company, period)
        return measures


@freeze_time("2026-11-03 15:00:00")
class TestFinding(ImprovementCommon):
    """What asks for a decision: it arises by itself, once, with its evidence."""

    def test_target_missed(self):
        """It is dated since when; its last date and its title are of the last period that shows it."""
        [good, near] = self.fill("on_time", [97, 92])
        [finding] = self.get_findings("missed")
        self.assertEqual((finding.measure_ids, finding.state, good.status), (near, "open", "met"))
        self.assertIn("92", finding.name)
        missed = self.fill("on_time", [50], last=11)
        self.assertEqual(self.get_findings("missed"), finding, "one while nobody has decided")
        self.assertEqual(finding.measure_ids, near | missed)
        dates = (date(2026, 10, 31), date(2026, 11, 3))
        self.assertEqual((finding.date, finding.date_last), dates, "a period that is not over ends today")
        self.assertIn("50", finding.name)
        self.fill("on_time", [99], last=11)
        self.assertEqual((finding.measure_ids, finding.date_last), (near, dates[0]), "measured again, it is on target")
        self.assertIn("92", finding.name)
        self.fill("on_time", [93], last=10)
        self.assertIn("93", finding.name, "its figure is that of now")
        self.assertIn("31/10/2026", finding._get_my_day_row({})["date_text"])
        self.fill("on_time", [99], last=10)
        self.assertFalse(self.get_findings("missed"), "nothing is left to decide")

    def test_decided_once(self):
        measures = self.fill("on_time", [50])
        finding = self.get_findings("missed")
        self.assertEachRaises(UserError, lambda: finding.with_user(self.director).action_dismiss("  "))
        finding.with_user(self.director).action_dismiss("El corte de luz afectó a todos; no se repite.")
        self.assertEqual((finding.state, finding.decided_by_id), ("dismissed", self.director))
        self.fill("on_time", [50])
        self.assertEqual(self.get_findings("missed"), finding, "the same evidence was decided on")
        self.assertEqual(finding.measure_ids, measures)
        self.fill("on_time", [40], last=11)
        self.assertEqual(len(self.get_findings("missed", state="open")), 1, "another month is another matter")
        self.assertEachRaises(UserError, lambda: finding.with_user(self.director).action_dismiss("Otra vez"))

    def test_attended_to_by_a_plan(self):
        self.fill("on_time", [50])
        finding = self.get_findings("missed")
        plan = self.env["sig.action.plan"].browse(finding.with_user(self.director).action_plan())
        self.fill("on_time", [45], last=11)
        self.assertEqual(self.get_findings("missed"), finding, "a running plan attends to it")
        self.assertEqual(len(finding.measure_ids), 2)
        action = self.env["ir.actions.act_window"]._for_xml_id("sig_pqrs.action_plan_finding")
        self.assertIn(f'name="{action["id"]}"', plan.with_user(self.director).get_view(view_type="form")["arch"])
        self.assertEqual(finding.search(safe_eval(action["domain"], {"active_id": plan.id})), finding)
        self.assertFalse(safe_eval(action["context"]), "no filter hides them")
        self.assertIn("45", plan.message_ids[0].body)
        plan.with_user(self.director).action_cancel("Se planteó mal")
        self.assertEqual((finding.state, finding.plan_id), ("open", self.env["sig.action.plan"]), "it waits again")

    def test_a_goal_raised_once_months_were_measured(self):
        earlier, later = self.fill("on_time", [97, 96])
        indicator = self.get_indicator("on_time")
        indicator.write({"target": 99, "alert_target": 98})
        [finding] = self.get_findings("missed")
        self.assertEqual((finding.measure_ids, finding.date, finding.date_last), (earlier | later, earlier.date_to, later.date_to))
        self.assertIn("96", finding.name)
        self.fill("on_time", [99], last=9)
        self.assertEqual((finding.measure_ids, finding.date), (later, later.date_to), "since the first that is left")
        self.fill("on_time", [98], last=9)
        self.assertEqual(finding.date, earlier.date_to)
        self.assertIn("96", finding.name, "of the last month, whichever was measured last")
        indicator.write({"target": 95, "alert_target": 90})
        self.assertFalse(self.get_findings("missed"))

    def test_what_was_corrected_waits_for_nobody_when_its_plan_is_cancelled(self):
        measure = self.fill("on_time", [50])
        measure.analysis = "No había quién respondiera"
        measure.with_user(self.director).action_confirm()
        finding = self.get_findings("missed")
        plan = self.env["sig.action.plan"].browse(finding.with_user(self.director).action_plan())
        next_month = self.fill("on_time", [98], last=11)
        self.assertEqual(next_month.trend, "improving")
        self.patch(type(measure.indicator_id), "_measure_on_time", lambda records, *_days: {record: {False: Figure(99, 100)} for record in records})
        measure.with_user(self.director).action_correct("Se contaron mal los aplazados")
        self.assertEqual((measure.status, finding.state), ("met", "planned"), "who planned says what becomes of the plan")
        self.assertEqual((next_month.trend, next_month.state), ("steady", "draft"), "against the month as it is now")
        plan.with_user(self.director).action_cancel("La meta se cumplió")
        self.assertFalse(self.get_findings("missed"))

    def test_signals(self):
        self.get_indicator("on_time").has_target = False
        quiet = self.fill("on_time", [90, 92, 91, 89, 90, 93, 91, 90, 92, 90, 91, 92])
        self.assertFalse(any(measure.signal for measure in quiet) or self.get_findings())
        drop = self.fill("on_time", [60], last=11)
        self.assertEqual((drop.signal, drop.signal_is_bad, self.get_findings("signal").measure_ids), ("beyond", True, drop))
        self.assertIn("out of the ordinary", self.get_findings("signal").name)
        self.assertIn("out of the ordinary", drop.statistics)
        self.assertIn("<svg", drop.chart)
        for version, begins in (0, "may 26"), (drop.formula_version, "nov 25"):
            quiet[:6].sudo().write({"formula_version": version})
            self.assertIn(f"from {begins} to nov 26", self.reload(drop)[0].chart.lower(), "months of one formula")
        rise = self.fill("on_time", [100], last=11)
        self.assertEqual((rise.signal, rise.signal_is_bad), ("beyond", False), "a good surprise")
        self.assertFalse(self.get_findings("signal"))

    def test_hint(self):
        """A month of long answers is shown, and is no alert: of few skewed days it comes by chance. A run of months is one."""
        days = [8.1, 7.6, 8.4, 7.9, 8.8, 7.4, 8.0, 8.3, 7.7, 8.6, 7.8, 8.2]
        self.fill("response_time", days, denominator=1)
        long = self.fill("response_time", [14], last=11, denominator=1)
        self.assertEqual((long.signal, long.signal_is_bad), (False, False))
        self.assertIn("a hint, not an alert", long.statistics)
        self.assertFalse(self.get_findings("signal"))
        self.get_indicator("response_time").write({"baseline_from": "2025-11-01", "baseline_to": "2026-10-31"})
        slow = self.fill("response_time", [10.1, 9.9, 10.3, 10.0, 9.8, 10.2, 9.9, 10.4], last=18, denominator=1)[-1]
        self.assertEqual(slow.signal, "side")
        self.assertIn(slow, self.get_findings("signal").measure_ids)

    def test_baseline_is_proposed(self):
        """Once twelve months are confirmed, to the SIG, who declares it; drafts are judged by it at once."""
        indicator = self.get_indicator("on_time")
        indicator.write({"has_target": False, "baseline_from": False, "baseline_to": False})

        def get_waiting():
            self.env.invalidate_all()
            return [row["id"] for row in self.get_tiles(self.director).get("baselines", {"records": []})["records"]]

        measures = self.fill("on_time", [90, 92, 91, 89, 90, 93, 91, 90, 92, 90, 91, 92])
        measures[:11].sudo().state = "confirmed"
        self.assertFalse(get_waiting())
        measures.sudo().state = "confirmed"
        self.assertEqual(get_waiting(), indicator.ids)
        self.assertEqual((indicator.proposed_from, indicator.proposed_to), (date(2025, 11, 1), date(2026, 10, 31)))
        indicator.with_user(self.director).action_declare_baseline()
        self.assertEqual((indicator.baseline_from, indicator.baseline_to), (date(2025, 11, 1), date(2026, 10, 31)))
        self.assertEqual((get_waiting(), indicator.proposed_from), ([], False))
        self.assertEachRaises(AccessError, indicator.with_user(self.management).action_declare_baseline)

    def test_baseline(self):
        indicator = self.get_indicator("on_time")
        indicator.write({"baseline_from": "2025-01-01", "baseline_to": "2025-12-31", "has_target": False})
        old = self.fill("on_time", [90, 92, 91, 89, 90, 93, 91, 90, 92, 90, 91, 92], last=12, year=2025)
        self.assertEqual(old[0].date_from, date(2025, 1, 1))
        moved = self.fill("on_time", [78, 79, 78, 80, 79, 78, 80, 79], last=8)
        self.assertTrue(all(measure.signal for measure in moved), "the new level is judged by the old one")
        self.assertIn("12", moved[-1].statistics)
        self.assertIn("fewer than 12", self.fill("within_days", [90, 91])[-1].statistics)

    def test_process_with_few_cases(self):
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        self.measure("on_time", date(2026, 10, 1))
        self.assertFalse(self.get_findings("missed").process_id, "one late case of one is no finding of the process")
        self.make_answered(date(2026, 9, 16), date(2026, 11, 2), count=5)
        for kind in "on_time", "overdue_backlog":
            self.measure(kind, date(2026, 10, 1))
        found = self.get_findings("missed").filtered("process_id")
        self.assertEqual((found.process_id, found.measure_ids.mapped("kind")), (self.operations, ["on_time", "overdue_backlog"]))

    def watch(self):
        self.env.flush_all()
        self.env["sig.finding"]._watch_findings(self.company)

    def test_repetition(self):
        reason = self.env.ref("sig_pqrs.reason_trato")
        cases = self.env["sig.pqrs"]
        for day in (5, 6, 7):
            cases |= self.make_case(when=self.on(date(2026, 10, day)), reason_id=reason.id, site=f"Torre {day}")
        self.make_case(when=self.on(date(2026, 5, 4)), reason_id=reason.id)
        self.watch()
        [finding] = self.get_findings("repetition")
        self.assertEqual(finding.case_ids, cases, "the client and the reason; the old one is out of the window")
        self.watch()
        self.assertEqual(self.get_findings("repetition"), finding)
        for case in cases:
            self.make_assignment(case)
        self.watch()
        self.assertEqual(self.get_findings("repetition"), finding, "the same cases, whatever else they have in common")
        finding.with_user(self.director).action_dismiss("Es un solo hecho.")
        again = self.make_case(when=self.on(date(2026, 10, 20)), reason_id=reason.id)
        self.watch()
        self.assertFalse(self.get_findings("repetition", state="open"), "one more of them is not yet another repetition")
        self.assertNotIn(again, finding.case_ids)

    def test_repetition_in_a_process(self):
        reason = self.env.ref("sig_pqrs.reason_trato")
        for number in range(3):
            client = self.env["res.partner"].create({"name": f"Cliente {number}", "email": f"c{number}@example.com"})
            self.make_assignment(self.make_case(when=self.on(date(2026, 10, 5)), reason_id=reason.id, partner_id=client.id))
        self.watch()
        [finding] = self.get_findings("repetition")
        self.assertEqual((finding.process_id, len(finding.case_ids)), (self.operations, 3))
        self.assertIn("Operaciones", finding.reference)

    def test_repetition_of_a_site(self):
        for day in (5, 6, 7):
            self.make_case(when=self.on(date(2026, 10, day)), site="Portería norte")
        self.watch()
        self.assertEqual(self.get_findings("repetition").reference, "Site or post: Portería norte · Client: Conjunto El Roble")
        self.company.sig_repetition_count = 4
        self.make_case(when=self.on(date(2026, 10, 5)), site="Otra")
        self.watch()
        self.assertEqual(len(self.get_findings("repetition")), 1)

    def test_a_site_is_of_a_client(self):
        """Every client has a reception: three of them are no repetition. What is reserved names nobody."""
        for number in range(3):
            client = self.env["res.partner"].create({"name": f"Cliente {number}", "email": f"c{number}@example.com"})
            self.make_case(when=self.on(date(2026, 10, 5)), site="Recepción", partner_id=client.id)
            self.make_case(when=self.on(date(2026, 10, 5)), site="Torre 9", identity_reserved=True)
        self.watch()
        self.assertFalse(self.get_findings("repetition"))
        of_client = {"partner_id": client.id, "reason_id": self.env.ref("sig_pqrs.reason_trato").id}
        cases = self.env["sig.pqrs"].union(*(self.make_case(when=self.on(date(2026, 10, day)), **of_client) for day in (5, 6, 7)))
        self.watch()
        self.assertIn(client.name, self.get_findings("repetition").name)
        cases.with_user(self.director).action_reserve_identity("Teme represalias")
        self.assertNotIn(client.name, self.get_findings("repetition").name)

    def test_repetition_of_restricted_cases(self):
        """That they repeat is told; what they have in common, only if the others alone would have told it."""
        reason = self.env.ref("sig_pqrs.reason_trato")
        for day in (5, 6, 7):
            self.make_case(when=self.on(date(2026, 10, day)), reason_id=reason.id, restricted=True)
        self.watch()
        [finding] = self.get_findings("repetition")
        for told in (finding.name, finding.reference):
            self.assertIn("restricted access", told)
            self.assertHoldsNone(told, "Roble", reason.name)
        finding.with_user(self.director).action_dismiss("Se atiende aparte.")
        for day in (12, 13, 14):
            self.make_case(when=self.on(date(2026, 10, day)), reason_id=reason.id)
        self.watch()
        self.assertIn("Roble", self.get_findings("repetition", state="open").name)

    def test_survey_changed(self):
        """Between two surveys the verdict is that of the wave, for satisfaction and for the NPS."""
        wave = self.env["sig.survey.wave"].create({"year": 2026, "semester": "1", "date_start": "2026-06-01"})
        self.patch(type(wave), "_get_indicator_figures", lambda _self: {
            "satisfaction": (40, 100), "nps": (5, 50), "response_rate": (50, 60),
        })
        results = {"answered": 50, "change": {"verdict": "no_change"}, "nps_change": {"verdict": "worse"}}
        wave.sudo().write({"state": "closed", "results": results})
        wave._measure_indicators()
        satisfaction, nps = (self.get_measure(f"survey_{name}", date(2026, 3, 1)) for name in ("satisfaction", "nps"))
        self.assertFalse(satisfaction.signal, "however many answers: chance explains it")
        self.assertEqual((nps.signal, nps.signal_is_bad), ("change", True))
        self.assertIn("larger than chance", self.get_findings("signal").name)
        wave.sudo().results = {**results, "nps_change": {"verdict": "improved"}}
        wave._measure_indicators()
        self.assertEqual((nps.signal, nps.signal_is_bad), ("change", False))
        self.assertFalse(self.get_findings("signal"))

    def test_low_rating(self):
        case = self.make_answered(date(2026, 10, 20), date(2026, 10, 23))
        self.builder.rate(case, 1, "Nadie leyó lo que pregunté")
        [finding] = self.get_findings("low_rating")
        self.assertEqual((finding.case_ids, finding.reference, finding.process_id), (case, case.name, self.operations))
        self.assertNotIn("Nadie", finding.name, "the reason is read on the case")
        self.assertEqual(finding.date, date(2026, 11, 3), "of the month in which it was rated, whose report tells it")
        self.builder.rate(self.make_answered(date(2026, 10, 20), date(2026, 10, 23)), 4)
        self.assertEqual(self.get_findings("low_rating"), finding)

    def test_semester_without_survey(self):
        self.watch()
        self.assertFalse(self.get_findings("no_survey"), "nobody owes what was before the software")
        self.make_case(when=self.on(date(2025, 12, 1)))
        self.watch()
        [finding] = self.get_findings("no_survey")
        self.assertEqual(finding.reference, "2026-1")
        finding.with_user(self.director).action_dismiss("Se aplicó en papel.")
        self.watch()
        self.assertEqual(self.get_findings("no_survey"), finding)

    def test_roles(self):
        self.builder.rate(self.make_answered(date(2026, 10, 20), date(2026, 10, 23)), 1)
        finding = self.get_findings("low_rating")
        for user in (self.director, self.management, self.leader, self.deputy):
            self.assertEqual(finding.with_user(user).search([]), finding, user.name)
        self.assertFalse(finding.with_user(self.other_leader).search([]))
        self.assertDenied(finding, (self.collaborator, self.employee, self.portal), lambda own: own.search([]))
        readers = self.management | self.leader | self.other_leader
        self.assertDenied(finding, readers, lambda own: own.action_dismiss("No"), lambda own: own.action_plan())
        changes = ({"state": "dismissed"}, {"name": "x"}, {"dismiss_reason": "x"})
        writes = (lambda own, vals=vals: own.write(vals) for vals in changes)
        self.assertDenied(finding, self.director | self.administrator, *writes, lambda own: own.unlink())
        new = {"kind": "missed", "name": "x", "key": "x"}
        self.assertDenied(finding, self.director | self.administrator, lambda own: own.create(new), error=UserError)

    def test_several_in_one_plan(self):
        self.fill("on_time", [50])
        self.fill("within_days", [50])
        findings = self.get_findings("missed").with_user(self.director)
        plan = self.env["sig.action.plan"].browse(self.take_step(findings, "plan", name="Respuestas a tiempo")["res_id"])
        self.assertEqual((plan.finding_ids, plan.name), (findings.sudo(), "Respuestas a tiempo"))
        self.assertEqual(set(findings.mapped("state")), {"planned"})
        self.assertEachRaises(UserError, findings.action_plan)
        closed, waiting = (plan.with_user(self.director).create({"name": name}) for name in ("Otro", "Por verificar"))
        closed.action_cancel("No")
        waiting.sudo().state = "to_verify"  # nothing can be added to it
        self.fill("response_time", [5000])
        finding = self.get_findings("missed", state="open").with_user(self.director)
        bad = ({"plan_id": closed.id}, {"plan_id": waiting.id}, {"plan_id": 10**8}, {"vals": {"state": "closed"}}, {"vals": 7})
        self.assertEachRaises(UserError, *(partial(finding.action_plan, **arguments) for arguments in bad))
        finding.action_plan(plan_id=plan.id)
        self.assertIn(finding.sudo(), plan.finding_ids)
