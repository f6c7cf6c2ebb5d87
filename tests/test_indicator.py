from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from ..tools import periods
from .common import SigCommon, date, freeze_time, moment

OCTOBER = date(2026, 10, 1)


class IndicatorCommon(SigCommon):
    @classmethod
    def on(cls, day, hour=10):
        return moment(cls.company, day, hour)

    @classmethod
    def make_answered(cls, received, answered, processes=None, count=1, **vals):
        cases = cls.builder.file([{"partner_id": cls.contact.id, **vals}] * count, cls.on(received))
        cls.builder.answer(cases, processes or cls.operations, cls.on(answered, 9))
        return cls.builder.send(cases, cls.on(answered, 11))

    @classmethod
    def get_indicator(cls, name):
        return cls.env.ref(f"sig_pqrs.indicator_{name}")

    @classmethod
    def measure(cls, name, month, process=None):
        indicator = cls.get_indicator(name)
        cls.env.flush_all()
        indicator._measure(cls.company, periods.containing(month, indicator.frequency))
        return cls.get_measure(name, month, process)

    @classmethod
    def get_measure(cls, name, month, process=None):
        indicator = cls.get_indicator(name)
        return cls.env["sig.indicator.measure"].search([
            ("indicator_id", "=", indicator.id), ("company_id", "=", cls.company.id), ("process_id", "=", process.id if process else False),
            ("date_from", "=", periods.containing(month, indicator.frequency).start),
        ])


@freeze_time("2026-11-03 15:00:00")
class TestIndicator(IndicatorCommon):
    def test_on_time(self):
        # due in October: two in time, one late, one never answered; another is due in November
        on_time = self.make_answered(date(2026, 9, 21), date(2026, 10, 2)) | self.make_answered(
            date(2026, 9, 23), date(2026, 10, 1), self.technology
        )
        late = self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        overdue = self.make_case(when=self.on(date(2026, 9, 28)))
        self.make_answered(date(2026, 10, 20), date(2026, 10, 22))
        measure = self.measure("on_time", OCTOBER)
        self.assertEqual({case.date_deadline.month for case in on_time | late | overdue}, {10})
        self.assertEqual((measure.numerator, measure.denominator, measure.value), (2, 4, 50))
        self.assertEqual((measure.status, measure.state, measure.value_text.replace(",", ".")), ("missed", "draft", "50.0\u00a0%"))
        self.assertEqual(measure.action_open_records()["domain"], [("id", "in", sorted((on_time | late | overdue).ids))])
        self.assertEqual(measure.action_open_misses()["domain"], [("id", "in", sorted((late | overdue).ids))])
        by_type = {row[0]: row[1:] for row in measure.detail["type_id"]}
        self.assertEqual(by_type, {self.env.ref("sig_pqrs.type_queja").id: [4, 2]})
        of_process = self.get_measure("on_time", OCTOBER, self.technology)
        self.assertEqual((of_process.numerator, of_process.denominator, of_process.status), (1, 1, "met"))

    def test_no_data(self):
        measure = self.measure("on_time", OCTOBER)
        self.assertEqual((measure.status, measure.has_data, measure.value_text), ("no_data", False, "No data"))
        count = self.measure("received", OCTOBER)
        self.assertEqual((count.has_data, count.value, count.value_text), (True, 0, "0"))
        self.measure("overdue_backlog", OCTOBER)
        for name, status, text in (("on_time", "no_data", "No data"), ("overdue_backlog", "met", "0")):
            of_process = self.get_measure(name, OCTOBER, self.technology)
            self.assertEqual((of_process.status, of_process.value_text), (status, text))

    def test_backlog_at_the_end(self):
        answered_later = self.make_answered(date(2026, 9, 16), date(2026, 11, 2))
        never = self.make_case(when=self.on(date(2026, 9, 28)))
        withdrawn_later = self.make_case(when=self.on(date(2026, 9, 28)))
        self.reload()
        with freeze_time("2026-11-02 15:00:00"):
            withdrawn_later.with_user(self.director).action_withdraw("Se resolvió")
        self.make_answered(date(2026, 9, 16), date(2026, 10, 30))
        measure = self.measure("overdue_backlog", OCTOBER)
        self.assertEqual((measure._get_record_ids("all"), measure.value), (sorted((answered_later | never | withdrawn_later).ids), 3))

    def test_transfers_that_nobody_proves(self):
        """One is late that is not forwarded once the days of the law are over, whenever it was closed."""
        waiting, later = (self.make_case(when=self.on(date(2026, 9, 28))).with_user(self.director) for _case in range(2))
        self.reload()
        with freeze_time("2026-10-02 15:00:00"):
            waiting.action_transfer("Alcaldía", "Es competente")
        later.action_transfer("Alcaldía", "Es competente")
        measure = self.measure("on_time", OCTOBER)
        self.assertEqual((measure.numerator, measure._get_record_ids("all")), (0, sorted((waiting | later).ids)))

    def test_repetition(self):
        """Three of the same in so many days; what was filed twice is one."""
        reason = self.env.ref("sig_pqrs.reason_trato")
        cases = [self.make_case(when=self.on(day), reason_id=reason.id) for day in (
            date(2026, 5, 4), date(2026, 9, 1), date(2026, 9, 14), date(2026, 10, 5), date(2026, 10, 6)
        )]
        self.make_case(when=self.on(date(2026, 10, 7)))
        measure = self.measure("repetition", OCTOBER)
        self.assertEqual((measure.numerator, measure.denominator, measure._get_record_ids("hits")), (2, 3, [cases[3].id, cases[4].id]))
        self.assertEqual(self.measure("repetition", date(2026, 9, 1)).numerator, 0, "two are no repetition yet")
        cases[2].with_user(self.director).action_cancel("duplicate", "Llegó dos veces", duplicate_of=cases[1].id)
        measure = self.measure("repetition", OCTOBER)
        self.assertEqual((measure.numerator, measure.denominator), (1, 3))

    def test_month_by_local_date(self):
        self.make_case(when=self.on(date(2026, 9, 30), 23))
        self.make_case(when=self.on(date(2026, 10, 31), 23))
        self.assertEqual(self.measure("received", OCTOBER).value, 1)

    def test_trend(self):
        indicator = self.get_indicator("response_time")
        for day in (6, 10, 11, 12, 13):
            self.make_answered(date(2026, 8, 3), date(2026, 8, day))
        for day in (9, 15, 16, 17):
            self.make_answered(date(2026, 9, 1), date(2026, 9, day))
        self.measure("response_time", date(2026, 8, 1)).state = "confirmed"
        self.assertFalse(self.measure("response_time", date(2026, 9, 1)).trend, "four are too few to tell")
        self.make_answered(date(2026, 9, 1), date(2026, 9, 18))
        measure = self.measure("response_time", date(2026, 9, 1))
        self.assertEqual((measure.trend, measure.value), ("worsening", 10.4))
        self.assertRegex(measure.value_text, "^10[.,]4 business days$")
        version = indicator.formula_version
        indicator.unit = "count"
        self.assertEqual(indicator.formula_version, version + 1)
        self.assertFalse(self.measure("response_time", date(2026, 9, 1)).trend, "figures of another formula do not compare")

    def test_watch(self):
        self.make_answered(date(2026, 8, 3), date(2026, 8, 6))
        Measure, Indicator = self.env["sig.indicator.measure"], self.env["sig.indicator"]
        with freeze_time("2026-11-02 15:00:00"):  # a holiday
            self.assertFalse(Indicator._measure_due(self.company))
        measures = Indicator._measure_due(self.company)
        monthly = measures.filtered(lambda measure: measure.indicator_id.frequency == "month")
        self.assertEqual({measure.date_from.month for measure in monthly}, {8, 9, 10}, "what was missed too")
        measure = self.get_measure("on_time", date(2026, 8, 1))
        self.assertEqual((measure.value, measure.numerator), (100, 1))
        before = Measure.search_count([])
        for active in (True, False):  # once
            self.get_indicator("on_time").active = active
            self.assertFalse(Indicator._measure_due(self.company))
        self.assertEqual(Measure.search_count([]), before)

    def test_confirm(self):
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        measure = self.measure("on_time", OCTOBER).with_user(self.director)
        self.assertEachRaises(UserError, measure.action_confirm, said="write the analysis first")
        measure.analysis = "Vacante del analista; se cubrió en octubre."
        measure.action_confirm()
        self.assertEqual((measure.state, measure.confirmed_by_id), ("confirmed", self.director))
        self.assertEqual(set(measure._get_parts().mapped("state")), {"confirmed"}, "those of its processes go along")
        frozen = (measure.value, measure.target, measure._get_record_ids("all"))
        # what happens to its cases and to the definition changes nothing of it
        case = self.env["sig.pqrs"].browse(frozen[2])
        case.with_user(self.director).action_reopen("Faltaba una parte")
        self.get_indicator("on_time").target = 99
        self.measure("on_time", OCTOBER)
        self.reload()
        self.assertEqual((measure.value, measure.target, measure._get_record_ids("all")), frozen)
        changes = ({"analysis": "Otra"}, {"value": 100}, {"state": "draft"}, {"target": 1})
        self.assertEachRaises(
            UserError, *(lambda vals=vals: measure.write(vals) for vals in changes), measure.action_confirm, measure.unlink
        )

    def test_rounds(self):
        """An answer that was disputed is a term of its own, in its month and of its processes; a correction is none."""

        def figures():
            keys = ((name, month) for name in ("on_time", "within_days", "response_time") for month in (10, 11))
            found = {key: self.measure(key[0], date(2026, key[1], 1)) for key in keys}
            return {key: (measure.numerator, measure.denominator) for key, measure in found.items()}

        disputed = self.make_answered(date(2026, 9, 21), date(2026, 10, 2))  # due on October 12
        corrected = self.make_answered(date(2026, 9, 23), date(2026, 10, 1))
        before = figures()
        self.assertEqual(before["on_time", 10], (2, 2))
        with freeze_time("2026-10-26 15:00:00"):
            disputed.with_user(self.director).action_reopen("No está de acuerdo", date="2026-10-16")
            corrected.with_user(self.director).action_reopen("Falta un punto", "correction")
            self.builder.assign(disputed, self.technology)
        self.assertEqual(disputed.date_deadline, date(2026, 11, 9))
        after = figures()
        self.assertEqual(after["on_time", 10], (1, 2), "what is corrected is late; what was disputed was in time")
        self.assertEqual(after["response_time", 10], (9, 1))
        with freeze_time("2026-12-01 15:00:00"):
            late = [self.measure("on_time", date(2026, 11, 1), process) for process in (self.operations, self.technology)]
            self.assertEqual([measure.denominator for measure in late], [0, 1], "what is open is of who answers it now")
        self.finish_draft(disputed.assignment_ids.filtered("is_current"))
        self.builder.send(disputed)
        self.builder.send(self.builder.answer(corrected, self.technology))
        with freeze_time("2026-12-01 15:00:00"):
            after = figures()
            self.assertEqual((after["on_time", 10], after["on_time", 11]), ((1, 2), (1, 1)))
            self.assertEqual(after["response_time", 11], (11 + 27, 2), "from the disagreement, and from the first receipt")
            own = [self.measure("on_time", OCTOBER, process) for process in (self.operations, self.technology)]
            self.assertEqual([(m.numerator, m.denominator) for m in own], [(1, 1), (0, 1)])
            [main] = self.measure("on_time", OCTOBER)
            self.assertEqual([row[1:] for row in main.detail["type_id"]], [[2, 1]])

    def test_correction_that_ends_without_an_answer(self):
        """A late answer does not leave its month by that."""
        case = self.make_answered(date(2026, 9, 16), date(2026, 10, 20)).with_user(self.director)
        for step, *args in ("reopen", "Falta un punto", "correction"), ("withdraw", "Lo pidió"), ("reopen", "Se retractó", "resume"):
            getattr(case, f"action_{step}")(*args)
            measure = self.measure("on_time", OCTOBER)
            self.assertEqual((measure.numerator, measure.denominator), (0, 1), "once: it is late, and late when it runs again")

    def test_opens_what_the_reader_may_see(self):
        restricted = self.make_case(when=self.on(date(2026, 10, 5)), restricted=True)
        seen = self.make_case(when=self.on(date(2026, 10, 6)))
        measure = self.measure("received", OCTOBER).with_user(self.management)
        action = measure.action_open_records()
        self.assertEqual(measure.value, 2)
        self.assertEqual(self.env[action["res_model"]].with_user(self.management).search(action["domain"]), seen)
        self.assertEqual(self.env[action["res_model"]].with_user(self.director).search(action["domain"]), seen | restricted)

    def test_not_over_yet(self):
        self.make_case(when=self.on(date(2026, 11, 2)))
        self.assertEachRaises(UserError, self.measure("received", date(2026, 11, 1)).with_user(self.director).action_confirm)

    def test_kind_that_fails(self):
        def fail(records, _start, _end):
            records.env.cr.execute("SELECT 1 FROM no_such_table")
        self.make_case(when=self.on(date(2026, 10, 5)))
        with self.assertLogs("odoo.addons.sig_pqrs.models.failure", "ERROR"), mute_logger("odoo.sql_db"), \
                patch.object(type(self.env["sig.indicator"]), "_measure_response_time", fail):
            self.env["sig.indicator"]._measure_due(self.company)
        self.assertFalse(self.get_measure("response_time", OCTOBER))
        self.assertTrue(self.get_measure("received", OCTOBER).value)
        self.env["sig.indicator"]._measure_due(self.company)
        self.assertTrue(self.get_measure("response_time", OCTOBER))

    def test_targets(self):
        indicator = self.get_indicator("on_time")
        bad = ({"target": 120}, {"alert_target": 99}, {"direction": "neutral"}, {"direction": "lower"}, {"alert_target": -1})
        self.assertEachRaises(ValidationError, *(lambda vals=vals: indicator.write(vals) for vals in bad))
        bad = ({"baseline_from": "2026-06-01", "baseline_to": "2026-01-01"}, {"baseline_to": "2026-01-01"})
        with mute_logger("odoo.sql_db"):
            self.assertEachRaises(CheckViolation, *(lambda vals=vals: indicator.write(vals) for vals in bad))
        indicator.write({"has_target": False})
        self.make_answered(date(2026, 9, 21), date(2026, 10, 2))
        measure = self.measure("on_time", OCTOBER)
        self.assertEqual((measure.status, measure.needs_analysis), ("no_target", False), "nothing to be off of")
        indicator.write({"has_target": True, "target": 100, "alert_target": 95})
        self.assertEqual((measure.status, measure.target), ("met", 100), "drafts follow the definition")
        draft = self.measure("received", OCTOBER)
        draft.indicator_id.write({"kind": "response_time", "unit": "days", "direction": "lower", "has_target": True, "target": 5})
        self.assertEqual((draft.value, draft.unit, draft.status), (9, "days", "missed"))
        draft.write({"formula_version": 1, "analysis": "No se midió otra vez"})
        self.assertEachRaises(UserError, draft.with_user(self.director).action_confirm, said="formula changed")
        draft.analysis = False
        draft.indicator_id.write({"kind": "survey_nps", "unit": "points"})
        self.assertFalse(draft.exists(), "no month of surveys is measured")

    def test_roles(self):
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        company = self.measure("on_time", OCTOBER)
        own = self.get_measure("on_time", OCTOBER, self.operations)
        self.assertTrue(company and own)
        Measure = self.env["sig.indicator.measure"]
        everything = Measure.search([])
        for user, seen in (
            (self.director, everything), (self.management, everything), (self.leader, own), (self.deputy, own),
            (self.other_leader, self.get_measure("on_time", OCTOBER, self.technology)),
        ):
            self.assertEqual(Measure.with_user(user).search([]), seen, user.name)
        self.assertDenied(Measure, self.collaborator | self.interviewer | self.employee | self.portal, lambda own: own.search([]))
        indicator = self.get_indicator("on_time")
        self.assertEqual(indicator.with_user(self.leader).last_measure_id, own)
        self.assertEqual(indicator.with_user(self.director).last_measure_id, company)
        own.with_user(self.leader).analysis = "Se reforzó el turno"
        self.assertEqual(own.analysis, "Se reforzó el turno")
        self.assertDenied(own, self.leader, lambda own: own.action_confirm())
        self.assertDenied(own, self.management | self.other_leader, lambda own: own.write({"analysis": "No"}))
        for user in (self.leader, self.director):
            self.assertEachRaises(AccessError, lambda user=user: own.with_user(user).write({"value": 100}), said='"value"')
        self.assertDenied(indicator, self.leader | self.management, lambda own: own.write({"target": 10}))
        self.assertDenied(Measure, self.leader | self.management, lambda own: own.create({"indicator_id": indicator.id}), error=UserError)

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.make_case(when=self.on(date(2026, 10, 5)))
        self.measure("received", OCTOBER)
        indicator = self.get_indicator("received")
        indicator._measure(other, periods.containing(OCTOBER, "month"))
        measures = indicator.measure_ids.filtered(lambda measure: not measure.process_id)
        self.assertEqual({measure.company_id: measure.value for measure in measures}, {self.company: 1, other: 0})
        self.assertEqual(self.env["sig.indicator.measure"].with_user(self.director).search([]).company_id, self.company)
        self.make_case(when=self.on(date(2026, 10, 6)))
        Month = self.env["sig.indicator.month.wizard"].with_user(self.director)
        Month.create({"date": OCTOBER}).action_measure()
        self.assertEqual(self.get_measure("received", OCTOBER).value, 2, "measuring changes no shared indicator")
        self.assertEachRaises(AccessError, Month.create({"date": OCTOBER, "company_id": other.id}).action_measure)
