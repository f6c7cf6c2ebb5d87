"""Indicators of surveys: what so few clients said that nobody may read it, and what was there too late."""

from ..tools import periods
from .common import date, freeze_time
from .test_survey_results import ResultsCommon

SEMESTER = periods.Period(date(2026, 1, 1), date(2026, 6, 30))


@freeze_time("2026-06-20 15:00:00")
class TestIndicatorSurvey(ResultsCommon):
    def get_measures(self, user=None):
        measures = self.env["sig.indicator.measure"].with_user(user or self.env.user).search([
            ("company_id", "=", self.company.id), ("date_from", "=", SEMESTER.start),
        ])
        return {measure.kind.removeprefix("survey_"): measure for measure in measures}

    def test_few_clients(self):
        """Four clients: no figure, no finding, whatever they said and whoever reads it."""
        wave = self.make_closed([1] * 4, [0] * 4)
        for user in (self.director, self.management):
            measures = self.get_measures(user)
            for name in ("satisfaction", "nps"):
                measure = measures[name]
                self.assertEqual((measure.status, measure.value, measure.numerator), ("no_data", 0, 0), name)
                self.assertEqual(measure.sudo()._get_record_ids("all"), wave.ids, "it still opens the wave")
            self.assertEqual(measures["response_rate"].numerator, 4)
        found = self.env["sig.finding"].search([("kind", "in", ("missed", "signal"))])
        self.assertFalse(found.measure_ids & (measures["satisfaction"] | measures["nps"]))

    def test_five_clients(self):
        self.make_closed([1] * 5, [0] * 5)
        measures = self.get_measures(self.management)
        self.assertIn("2026-1", measures["nps"].chart, "the semester, below its point")
        self.assertEqual((measures["satisfaction"].status, measures["nps"].value), ("missed", -100))

    def test_answers_of_one_client(self):
        """Thirty answers of six clients are six: no signal where the wave tells none."""
        with freeze_time("2025-12-05 15:00:00"):
            self.make_closed([5, 5, 5, 5, 5, 5], year=2025, semester="2", date_start="2025-12-01", date_end="2025-12-20")
        wave = self.make_closed([5, 5, 5, 5, 2, 2])
        self.assertEqual(wave._get_results()["change"]["verdict"], "no_change")
        self.assertFalse(self.get_measures()["satisfaction"].signal)

    def test_missing_survey_withdrawn(self):
        wave = self.launch()
        self.answer_all(wave, [5])
        with freeze_time("2026-07-02 15:00:00"):
            self.env["sig.finding"]._watch_findings(self.company)
            finding = self.env["sig.finding"].search([("kind", "=", "no_survey")])
            self.assertEqual(finding.reference, "2026-1")
            wave.action_close()
        self.assertFalse(finding.exists())

    def test_a_kind_that_fails(self):
        """It is left out; the wave is closed, and the others are measured."""
        def fail(_records, _start, _end):
            raise ValueError("x")
        self.patch(type(self.env["sig.indicator"]), "_measure_survey_nps", fail)
        with self.assertLogs("odoo.addons.sig_pqrs.models.failure", "ERROR"):
            wave = self.make_closed([5] * 6)
        self.assertEqual(wave.state, "closed")
        self.assertEqual(set(self.get_measures()), {"satisfaction", "response_rate"})
