"""The questionnaire as the SIG makes it: its questions, their answers, and the format on paper."""
from ast import literal_eval

from lxml import html

from odoo.exceptions import ValidationError
from odoo.tests import Form

from .common import freeze_time
from .test_survey_wave import SurveyCommon

SCALE = [(1, False), (2, False), (3, False), (4, False), (5, False), (0, True)]


@freeze_time("2026-06-02 15:00:00")
class TestQuestionnaire(SurveyCommon):
    def make_questionnaire(self, *questions):
        """As the SIG makes it in the form: ``(title, what it measures)`` of each question."""
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_questionnaire")
        Survey = self.env["survey.survey"].with_user(self.director).with_context(**literal_eval(action["context"]))
        form = Form(Survey, view="sig_pqrs.questionnaire_view_form")
        form.title = "Encuesta corta"
        for title, metric in questions:
            with form.question_and_page_ids.new() as line:
                line.title, line.sig_metric = title, metric
                if metric != "comment":
                    line.sig_dimension_id = self.env.ref("sig_pqrs.dimension_people")
        return form.save()

    def test_made_in_the_form(self):
        """What a question measures says how it is asked, and gives it its answers in every language."""
        for code in ("en_US", "es_CO"):
            self.env["res.lang"]._activate_lang(code)
        survey = self.make_questionnaire(("¿El trato?", "satisfaction"), ("¿Nos recomienda?", "recommendation"), ("¿Algo más?", "comment"))
        self.assertEqual((survey.survey_type, survey.access_mode), ("sig_satisfaction", "token"))
        asked = [(one.question_type, one.constr_mandatory) for one in survey.question_ids]
        self.assertEqual(asked, [("simple_choice", True), ("scale", True), ("text_box", False)])
        satisfaction, recommendation, _comment = survey.question_ids
        self.assertEqual((recommendation.scale_min, recommendation.scale_max), (0, 10))
        answers = satisfaction.suggested_answer_ids
        self.assertEqual([(answer.sig_value, answer.sig_not_applicable) for answer in answers], SCALE)
        self.assertEqual(answers.with_context(lang="en_US").mapped("value")[4:], ["Very satisfied", "Not applicable"])
        self.assertEqual(answers.with_context(lang="es_CO").mapped("value")[4:], ["Muy satisfecho", "No aplica"])
        self.assertEqual(len(set(survey.question_ids.mapped("sig_code"))), 3)

    def test_what_a_question_measures_is_changed(self):
        survey = self.make_questionnaire(("¿Algo más?", "comment"))
        question = survey.question_ids
        with Form(survey, view="sig_pqrs.questionnaire_view_form") as form, form.question_and_page_ids.edit(0) as line:
            line.sig_metric = "satisfaction"
            line.sig_dimension_id = self.env.ref("sig_pqrs.dimension_people")
        self.assertEqual((question.question_type, question.constr_mandatory), ("simple_choice", True))
        self.assertEqual([(one.sig_value, one.sig_not_applicable) for one in question.suggested_answer_ids], SCALE)
        first = question.suggested_answer_ids
        question.sig_metric = "satisfaction"
        self.assertEqual(question.suggested_answer_ids, first, "those that it has are its own")

    def test_questions_that_cannot_be_counted(self):
        question, recommendation = (
            self.template.question_ids.with_user(self.director).filtered(lambda one, kind=kind: one.sig_metric == kind)[0]
            for kind in ("satisfaction", "recommendation")
        )
        answer = question.suggested_answer_ids[0]
        for said, *changes in (
            ("satisfaction is asked with a choice of one answer", (question, "question_type", "char_box"), (recommendation, "question_type", "text_box")),
            ("from 0 to 10", (recommendation, "scale_max", 5)),
            ("give it a value from 1 to 5", (answer, "sig_value", 0), (answer, "sig_not_applicable", True)),
        ):
            steps = (lambda record=record, name=name, value=value: record.write({name: value}) for record, name, value in changes)
            self.assertEachRaises(ValidationError, *steps, said=said)

    def test_tried_and_printed(self):
        survey = self.make_questionnaire(("¿El trato?", "satisfaction"), ("¿Algo más?", "comment"))
        action = survey.action_test_survey()
        self.assertEqual((action["type"], action["url"]), ("ir.actions.act_url", f"/survey/test/{survey.access_token}"))
        for one in (survey, self.template.with_user(self.director)):
            page = self.env["ir.actions.report"].with_user(self.director)._render_qweb_html("sig_pqrs.report_survey_blank", one.ids)[0]
            text = html.fromstring(page).text_content()
            for written in ("FOR-SIG-PQRS-05", "12345N/A", *one.question_ids.mapped("title")):  # without a section, too
                self.assertIn(written, text)
            self.assertNotIn(b">X<", page)
