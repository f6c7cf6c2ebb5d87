"""A wave of the satisfaction survey: launched, answered, closed."""
from odoo.addons.sig_pqrs.models import clock
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SigCommon, date, freeze_time, moment


class SurveyCommon(SigCommon):
    """Three current clients, and the questionnaire that is shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref("sig_pqrs.questionnaire")
        cls.env["res.partner"].search([("sig_client", "=", True)]).sig_client = False
        cls.clients = cls.env["res.partner"].create([
            {"name": f"Conjunto {name}", "is_company": True, "email": f"{name.lower()}@example.com", "phone": "6015550100",
             "sig_client": True, "city": "Bogotá"}
            for name in ("Alameda", "Bosque", "Cedro")
        ])
        cls.Wave = cls.env["sig.survey.wave"].with_user(cls.director)

    def make_wave(self, **vals):
        return self.Wave.create({"year": 2026, "semester": "1", "date_start": "2026-06-01", **vals})

    def launch(self, wave=None, **vals):
        """A wave that is running, its queue worked off."""
        wave = wave or self.make_wave(**vals)
        wave.action_launch()
        self.run_cron("sig_pqrs.cron_survey")
        return self.reload(wave)[0]

    def answer(self, recipient, value=5, nps=9, comment=""):
        """The client answers every question alike; 0 for “not applicable”."""
        sheet = recipient.sudo().user_input_id
        sheet._mark_in_progress()
        for question in sheet.survey_id.question_ids:
            if question.sig_metric == "satisfaction":
                choice = question.suggested_answer_ids.filtered(lambda answer: answer.sig_value == value)
                sheet._save_lines(question, str(choice.id))
            else:
                sheet._save_lines(question, str(nps) if question.sig_metric == "recommendation" else comment)
        sheet._mark_done()

    def of(self, wave, partner):
        return wave.recipient_ids.filtered(lambda recipient: recipient.partner_id == partner)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-02 15:00:00")
class TestLaunch(SurveyCommon):
    def test_launch_freezes_clients_and_questionnaire(self):
        wave = self.launch()
        self.assertEqual(wave.state, "running")
        self.assertEqual(wave.recipient_ids.partner_id, self.clients)
        self.assertEqual(wave.template_id, self.template)
        survey = wave.sudo().survey_id
        self.assertNotEqual(survey, self.template)
        self.assertTrue(survey.sig_frozen)
        for code, _name in self.env["res.lang"].get_installed():
            self.assertEqual(survey.with_context(lang=code).title, self.template.with_context(lang=code).title)
        for old, new in zip(self.template.question_ids, survey.question_ids, strict=True):
            self.assertEqual((old.title, old.sig_code, old.sig_metric), (new.title, new.sig_code, new.sig_metric))
            self.assertEqual(old.sig_dimension_id, new.sig_dimension_id)
            self.assertEqual(
                old.suggested_answer_ids.mapped("sig_value"), new.suggested_answer_ids.mapped("sig_value")
            )
        self.assertEqual(len(wave.recipient_ids.user_input_id), 3)

    def test_answers_move_the_state(self):
        wave = self.launch()
        recipient = wave.recipient_ids[0]
        with clock.at(moment(self.company, date(2026, 6, 3))):
            self.answer(recipient)
        self.assertEqual(recipient.state, "answered")
        self.assertTrue(recipient.date_answered)
        self.assertEqual(wave.recipient_ids[1].state, "to_send")

    def test_launched_twice(self):
        wave = self.launch()
        message = "was launched already"
        with self.assertRaisesRegex(UserError, message):
            wave.action_launch()
        self.assertEqual(len(wave.recipient_ids), 3)

    def test_nobody_to_ask(self):
        self.clients.sig_client = False
        wave = self.make_wave()
        message = "finds no client"
        with self.assertRaisesRegex(UserError, message):
            wave.action_launch()
        self.assertEqual(wave.state, "draft")
        self.assertEqual(wave.survey_id, self.template)
