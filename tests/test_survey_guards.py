"""What a wave refuses, and what nobody may tell from it while it runs."""
from odoo.exceptions import UserError, ValidationError

from .common import date, freeze_time
from .test_survey_results import ResultsCommon
from .test_survey_wave import SurveyCommon


@freeze_time("2026-06-02 15:00:00")
class TestPopulation(SurveyCommon):
    def test_a_filter_by_what_the_sig_may_not_read(self):
        message = "is not valid, or asks for what you may not read"
        hostile = (
            "[('user_ids.password', 'like', 'a')]", "[('name', '=', {})]", "[('no_such_field', '=', 1)]",
            "[('create_date', '>', 'yesterday, perhaps')]", "__import__('os')", "[(",
        )
        wave = self.make_wave()
        self.assertEachRaises(
            ValidationError, *(lambda text=text: self.make_wave(population_domain=text) for text in hostile),
            lambda: wave.write({"population_domain": hostile[0]}), said=message,
        )
        self.assertEqual(len(self.reload(wave)[0]._get_population()), 3)

    def test_a_filter_that_went_bad_opens_and_is_not_launched(self):
        wave = self.make_wave()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sig_survey_wave SET population_domain = %s WHERE id = %s", ("[('user_ids.password', 'like', 'a')]", wave.id)
        )
        wave = self.reload(wave)[0]
        self.assertIn("The filter finds no client", wave.launch_obstacles)
        self.assertEachRaises(ValidationError, wave.action_launch, said="asks for what you may not read")
        self.assertEqual(self.reload(wave)[0].state, "draft")

    def test_all_obstacles_are_told_at_once(self):
        self.clients.sig_is_client = False
        wave = self.make_wave(date_start="2026-05-01", date_end="2026-06-01")
        said = "has passed. Choose a later one. The filter finds no client"
        self.assertRegex(wave.launch_obstacles, said)
        self.assertEachRaises(UserError, wave.action_launch, said=said)
        self.clients.sig_is_client = True
        wave.date_end = "2026-06-02"
        self.assertFalse(self.reload(wave)[0].launch_obstacles)
        wave.action_launch()
        self.assertEqual((wave.state, wave.allowed_transitions), ("running", ["edit", "close"]), "on its last day")

    def test_the_same_clients_twice_in_a_semester(self):
        self.launch(population_domain=f"[('id', '=', {self.clients[0].id})]")
        wave = self.make_wave()
        self.assertEachRaises(UserError, wave.action_launch, said="1 of these clients answer in")
        others = self.launch(population_domain=f"[('id', 'in', {self.clients[1:].ids})]")
        self.answer(others.recipient_ids[0])
        others.recipient_ids[1].action_decline("No quiere")
        for running in self.Wave.search([("state", "=", "running")]):
            running.action_close()
        self.assertEachRaises(UserError, wave.action_launch, said="2 of these clients answer in")
        self.assertEqual(wave.state, "draft")
        wave.population_domain = f"[('id', '=', {self.clients[0].id})]"
        wave.action_launch()
        self.assertEqual(wave.recipient_ids.partner_id, self.clients[0], "who did not answer may be asked again")

    def test_questionnaires_of_another_wave_or_without_scale(self):
        survey = self.template.copy({"sig_to_confirm": False})
        question = survey.question_ids.filtered(lambda question: question.sig_metric == "satisfaction")[0]
        question.suggested_answer_ids.filtered(lambda answer: not answer.sig_not_applicable).unlink()
        for asked, said in ((self.launch().sudo().survey_id, "not of another wave"), (survey, "has no answers from 1 to 5")):
            wave = self.make_wave(semester="2", survey_id=asked.id)
            self.assertEachRaises(UserError, wave.action_launch, said=said)
            self.assertEqual((wave.state, wave.survey_id, wave.recipient_ids.ids), ("draft", asked, []))


@freeze_time("2026-06-02 15:00:00")
class TestRespondent(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave = cls.launch()
        cls.recipient = cls.of(cls.wave, cls.clients[0])
        cls.sheet = cls.recipient.sudo().user_input_id
        cls.contact = cls.env["res.partner"].create({"name": "Carla", "parent_id": cls.clients[0].id})

    def test_only_contacts_of_the_client(self):
        strangers = (self.clients[1], self.administrator.partner_id)
        self.assertEachRaises(
            ValidationError, *(lambda stranger=stranger: self.recipient.write({"contact_id": stranger.id}) for stranger in strangers),
            said="is no contact of",
        )
        self.contact.with_user(self.director).action_sig_revoke_surveys()
        self.assertEachRaises(UserError, lambda: self.recipient.write({"contact_id": self.contact.id}), said="Carla does not allow surveys")
        self.assertEqual(self.reload(self.recipient)[0].contact_id, self.clients[0])

    def test_nobody_elses_mail_is_kept(self):
        first, second = self.env["res.partner"].create([
            {"name": name, "parent_id": self.clients[0].id, "email": email}
            for name, email in (("Ana", "ana@example.com"), ("Beto", False))
        ])
        self.recipient.contact_id = first
        self.assertEqual(self.recipient.email, "ana@example.com")
        self.recipient.contact_id = second
        self.assertEqual(self.recipient.email, "alameda@example.com", "that of the client")
        self.clients[0].email = False
        self.recipient.contact_id = self.contact
        self.assertEqual((self.recipient.email, self.recipient.state), (False, "failed"))
        self.recipient.write({"contact_id": second.id, "email": "beto@example.com"})
        self.assertEqual((self.recipient.email, self.recipient.state), ("beto@example.com", "to_send"))

    def test_another_person_gets_another_link(self):
        self.mails(self.recipient)._postprocess_sent_message([], [])
        self.sheet._mark_in_progress()
        question = self.sheet.survey_id.question_ids[0]
        self.sheet._save_lines(question, str(question.suggested_answer_ids[0].id))
        old = self.sheet.access_token
        self.recipient.email = f"{self.recipient.email}, recepcion@example.com"
        self.assertEqual((self.sheet.access_token, self.sheet.state), (old, "in_progress"), "one address more takes nobody's link away")
        self.contact.email = "carla@example.com"
        self.recipient.contact_id = self.contact
        self.assertNotEqual(self.sheet.access_token, old)
        self.assertEqual((self.sheet.state, self.sheet.partner_id, self.sheet.nickname), ("new", self.contact, "Carla"))
        self.assertFalse(self.sheet.user_input_line_ids, "the first person's answers are nobody else's to see")
        self.assertEqual(self.recipient.state, "to_send")
        self.work_off()
        [mail] = self.mails(self.recipient)
        self.assertFalse(self.recipient.message_ids.sudo().tracking_value_ids, "nothing names the first person")
        self.assertEqual(mail.email_to, "carla@example.com")
        self.assertIn(self.sheet.access_token, mail.body_html)
        self.assertNotIn(old, mail.body_html)


@freeze_time("2026-06-20 15:00:00")
class TestPublished(ResultsCommon):
    def read_all(self, wave, user):
        wave = self.reload(wave.with_user(user))[0]
        sheets = [[cell.value for row in sheet.iter_rows() for cell in row] for sheet in self.open(wave, user)]
        return wave.get_results(), wave.results_body, wave._get_comments(), sheets, wave.satisfaction, wave.nps

    def test_one_more_answer_tells_nothing(self):
        wave = self.launch()
        self.answer_all(wave, [5] * 8, comments=["Bien"] * 8)
        for user in (self.leader, self.management):
            results, body, comments, _sheets, satisfaction, nps = self.read_all(wave, user)
            self.assertEqual((results["answered"], results["asked"]), (8, 19))
            self.assertAlmostEqual(results["response_rate"]["value"], 800 / 19, 4)
            for shown in (*(results[name] for name in ("satisfied", "nps", "questions", "dimensions")), *results["segments"].values()):
                self.assertFalse(shown)
            self.assertNotIn("sums", results)
            self.assertFalse(comments)
            self.assertNotIn("Bien", body)
            self.assertIn("ublished when the survey is closed", body)
            self.assertEqual((satisfaction, nps), (0, 0))
        self.assertEqual((wave.get_results()["satisfied"]["value"], len(wave._get_comments())), (100, 16), "the SIG reads on")
        before = self.read_all(wave, self.leader)
        self.answer(self.of(wave, self.clients[8]), 1, 0, "Mal")
        other = self.read_all(wave, self.leader)
        told = {name for name in before[0] if before[0][name] != other[0][name]}
        self.assertLessEqual(told, {"answered", "response_rate"})
        self.assertEqual((before[2], before[4:]), (other[2], other[4:]))

    def test_figures_of_the_semester(self):
        """Those of the waves together: who did not answer in the first was asked in both, and counts once."""
        with freeze_time("2026-06-10 15:00:00"):
            first = self.make_closed([1] * 6, nps=[0] * 6, date_end="2026-06-30")
        wave = self.launch(population_domain=f"[('id', 'in', {self.clients[6:].ids})]")
        for client in self.clients[6:11]:
            self.answer(self.of(wave, client), 5, 10)
        wave.action_close()
        waves = (first | wave).sudo()
        number = len([question for question in waves[0]._get_results()["questions"] if question["metric"] == "satisfaction"])
        self.assertEqual(
            waves._get_semester_figures(),
            {"satisfaction": (5 * number, 11 * number), "nps": (5 - 6, 11), "response_rate": (11, 19)},
        )
        self.assertEqual(waves[0]._get_semester_figures(), waves[0]._get_indicator_figures())
        indicators = self.env["sig.indicator"].sudo().search([("kind", "=", "survey_response_rate")])
        measured = indicators.with_company(self.company)._measure_survey_response_rate(date(2026, 1, 1), date(2026, 6, 30))
        self.assertIn((11, 19), [tuple(figure[:2]) for found in measured.values() for figure in found.values()])
