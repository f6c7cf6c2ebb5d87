"""What readers of the results find: changes in words, analyses and comments, each where its button leads."""
import re

from odoo.tests import Form

from .common import freeze_time
from .test_survey_report import ReportCommon


@freeze_time("2026-06-20 15:00:00")
class TestReaders(ReportCommon):
    def analyse(self, wave, user, text="Se reforzará la supervisión."):
        return self.env["sig.survey.analysis"].with_user(user).create(
            {"wave_id": wave.id, "dimension_id": self.people_dimension.id, "text": text}
        )

    def test_a_change_that_is_told(self):
        """With its size, and by name in the summary; what improved is no bad news."""
        with freeze_time("2025-12-10 15:00:00"):
            self.make_closed([5] * 19, [9] * 19, year=2025, semester="2", date_start="2025-12-01")
        wave = self.make_closed([5] * 6 + [2] * 13)
        figures = self.analyse(wave, self.leader).with_user(self.leader).figures
        self.assertRegex(figures, r"^Satisfied: 31\.6.*\)\. Worse \(−68\.4 points\)\.$")
        text = self.get_text(wave, self.leader)
        self.assertIn("Worse (−68.4 points)", text)
        worse = re.search(r"Worse than in the wave before: ([^.]*)[.]", text)
        self.assertIn(self.people_dimension.name, worse[1])
        with freeze_time("2026-12-10 15:00:00"):
            better = self.make_closed([5] * 19, semester="2", date_start="2026-12-01")
            text = self.get_text(better, self.leader)
        self.assertIn("Improved (+68.4 points)", text)
        self.assertNotIn("Worse than", text)

    def test_the_list_has_those_of_the_wave(self):
        wave = self.make_read()
        other = self.make_closed([5], comments=["De otra encuesta"], semester="2", date_start="2026-06-20")
        for one in (wave, other):
            lines = self.find_by_action("sig_pqrs.action_survey_comment", one, self.director)
            written = [line.value_text_box.strip() for line in lines]
            self.assertEqual(sorted(filter(None, written)), sorted(comment["text"] for comment in one._get_comments()))
            self.assertTrue(lines)

    def test_the_dialog_and_the_list(self):
        wave, other = self.make_read(), self.launch(semester="2", date_start="2026-06-20")
        form = Form(self.env["sig.survey.analysis"].with_user(self.leader).with_context(default_wave_id=wave.id))
        form.dimension_id, form.text = self.people_dimension, "Se reforzará la supervisión."
        analysis = form.save()
        self.assertEqual((analysis.wave_id, analysis.user_id), (wave, self.leader))
        for one, seen in ((wave, analysis), (other, analysis.browse())):
            self.assertEqual(self.find_by_action("sig_pqrs.action_survey_analysis_wave", one, self.management), seen)

    def test_figures_beside_it(self):
        """What so few said is not told beside an analysis either."""
        few = self.make_read([5, 1])
        self.assertEqual(self.analyse(few, self.leader).with_user(self.leader).figures, "Too few answers to publish.")
