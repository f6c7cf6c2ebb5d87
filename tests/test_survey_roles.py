"""Who does what with surveys, and in which company."""
from itertools import product

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase

from .common import freeze_time
from .test_survey_wave import SurveyCommon

ROLES = ("administrator", "director", "leader", "collaborator", "management", "interviewer", "employee", "portal")
OPERATIONS = ("read", "write", "create", "unlink")

#: who may do what; all others may do nothing
RIGHTS = {
    "sig.survey.wave": {
        "administrator": "read write create unlink", "director": "read write create unlink",
        "leader": "read", "management": "read",
    },
    "sig.survey.recipient": {"administrator": "read write", "director": "read write", "interviewer": "read"},
    "sig.survey.dimension": {
        "administrator": "read write create unlink", "director": "read write create unlink",
        "leader": "read", "collaborator": "read", "management": "read",
    },
    "survey.survey": dict.fromkeys(("administrator", "director"), "read write create unlink"),
    "survey.question": dict.fromkeys(("administrator", "director"), "read write create unlink"),
    "survey.question.answer": dict.fromkeys(("administrator", "director"), "read write create unlink"),
    "survey.user_input": dict.fromkeys(("administrator", "director"), "read"),
    "survey.user_input.line": dict.fromkeys(("administrator", "director"), "read"),
}


@freeze_time("2026-06-03 15:00:00")
class TestSurveyRoles(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = CaseBuilder.make_user(cls.env, "sig_officer", "Oficial de encuestas", None)
        cls.officer.group_ids |= cls.env.ref("survey.group_survey_manager")
        cls.wave = cls.launch()
        cls.recipient = cls.of(cls.wave, cls.clients[0])
        cls.recipient.write({"channel": "visit", "interviewer_id": cls.interviewer.id})

    def test_rights(self):
        for (model, rights), role, operation in product(RIGHTS.items(), ROLES, OPERATIONS):
            with self.subTest(model=model, role=role, operation=operation):
                self.assertEqual(
                    self.env[model].with_user(getattr(self, role)).has_access(operation),
                    operation in rights.get(role, "").split(),
                )

    def test_only_the_sig_runs_the_wave(self):
        """Interviewers apply what is theirs; the rest does nothing."""
        for role in ("leader", "collaborator", "management", "interviewer", "employee", "portal"):
            user = getattr(self, role)
            wave, own, other = (record.with_user(user) for record in (self.wave, self.recipient, self.wave.recipient_ids[1]))
            steps = [wave.action_close, wave.action_launch, wave.action_send_reminders, wave.action_propose]
            steps += [own.action_restore, own.action_send, lambda own=own: own.action_exclude("x")]
            for recipient in (other,) if role == "interviewer" else (own, other):
                steps += [recipient.action_apply, lambda theirs=recipient: theirs.action_decline("x")]
                steps += [lambda theirs=recipient: theirs.action_wrong_contact("x")]
            for number, step in enumerate(steps):
                with self.subTest(role=role, step=number), self.assertRaises(UserError), self.env.cr.savepoint():
                    step()
        self.assertTrue(self.recipient.with_user(self.interviewer).action_apply())

    def test_the_sig_sees_no_other_survey(self):
        survey = self.env["survey.survey"].create({
            "title": "Clima laboral", "question_and_page_ids": [(0, 0, {"title": "¿Qué tal?", "question_type": "char_box"})],
        })
        answer = survey._create_answer(email="x@example.com")
        for record in (survey, survey.question_ids, answer):
            with self.assertRaises(AccessError):
                record.with_user(self.director).check_access("read")
        with self.assertRaises(UserError):
            self.env["survey.survey"].with_user(self.director).create({"title": "Otra", "survey_type": "survey"})

    def test_officers_of_other_surveys_see_none_of_ours(self):
        self.answer(self.recipient)
        survey = self.wave.sudo().survey_id
        answers = survey.question_ids.suggested_answer_ids
        self.assertTrue(answers)
        for record in (self.template, survey, survey.question_ids[0], answers[0], self.recipient.sudo().user_input_id):
            with self.assertRaises(AccessError):
                record.with_user(self.officer).check_access("read")
        for vals in ({"sig_value": 1}, {"value": "x"}):
            with self.assertRaises(AccessError):
                self.template.question_ids.suggested_answer_ids[0].with_user(self.officer).write(vals)
        self.assertFalse(answers.with_user(self.officer).search([("id", "in", answers.ids)]))
        self.assertFalse(
            self.env["survey.survey"].with_user(self.officer).search([("survey_type", "=", "sig_satisfaction")])
        )

    def test_officers_keep_the_answers_of_their_surveys(self):
        survey = self.env["survey.survey"].with_user(self.officer).create({
            "title": "Clima laboral", "question_and_page_ids": [(0, 0, {
                "title": "¿Qué tal?", "question_type": "matrix",
                "suggested_answer_ids": [(0, 0, {"value": "Bien"})], "matrix_row_ids": [(0, 0, {"value": "El casino"})],
            })],
        })
        question = survey.question_ids
        for answer in (question.suggested_answer_ids, question.matrix_row_ids):
            answer.with_user(self.officer).check_access("write")
            with self.assertRaises(AccessError):
                answer.with_user(self.director).check_access("read")

    def test_interviewers_see_their_clients_while_the_wave_runs(self):
        Recipient = self.env["sig.survey.recipient"].with_user(self.interviewer)
        self.assertEqual(Recipient.search([]), self.recipient)
        with self.assertRaises(AccessError):
            self.of(self.wave, self.clients[1]).with_user(self.interviewer).check_access("read")
        with self.assertRaises(AccessError):
            self.recipient.with_user(self.interviewer).write({"channel": "phone"})
        self.wave.action_close()
        self.env.flush_all()
        self.assertFalse(Recipient.search([]))

    def test_leaders_and_management_read_the_wave_and_no_answer(self):
        self.answer(self.recipient)
        for user in (self.leader, self.management):
            wave = self.wave.with_user(user)
            self.assertEqual(wave.read(["name", "answered_count", "recipient_count"])[0]["answered_count"], 1)
            with self.assertRaises(AccessError):
                wave.read(["recipient_ids"])
            with self.assertRaises(AccessError):
                self.recipient.sudo().user_input_id.with_user(user).read(["state"])

    def test_companies(self):
        stranger = self.make_stranger()
        with self.assertRaises(AccessError):
            self.wave.with_user(stranger).check_access("read")
        survey = self.wave.sudo().survey_id
        answer = survey.question_ids.suggested_answer_ids[0]
        for record in (survey, survey.question_ids[0], answer, self.recipient, self.recipient.sudo().user_input_id):
            with self.assertRaises(AccessError):
                record.with_user(stranger).check_access("read")
        self.assertTrue(self.template.with_user(stranger).has_access("read"))
        self.assertFalse(self.template.question_ids.suggested_answer_ids.with_user(stranger).has_access("write"))
        own = self.template.browse(self.template.with_user(stranger).action_sig_copy_to_company()["res_id"])
        self.assertTrue(own.question_ids.suggested_answer_ids.with_user(stranger).has_access("write"))
        self.assertFalse(self.env["sig.survey.recipient"].with_user(stranger).search([]))
        self.clients[0].company_id = self.company
        self.clients.with_company(stranger.company_id).sig_is_client = True
        wave = self.env["sig.survey.wave"].with_user(stranger).create({"year": 2026, "semester": "1"})
        self.assertEqual(wave.company_id, stranger.company_id)
        wave.action_launch()
        self.assertEqual(wave.recipient_ids.partner_id, self.clients[1:])
        self.assertFalse(self.recipient._may_answer(stranger))

    def test_queries_do_not_grow_with_the_clients(self):
        def launch(number, semester):
            self.env["res.partner"].search([("sig_is_client", "=", True)]).sig_is_client = False
            self.env["res.partner"].create([
                {"name": f"Cliente {semester} {n}", "is_company": True, "email": f"c{semester}{n}@example.com", "sig_is_client": True}
                for n in range(number)
            ])
            wave = self.make_wave(semester=semester)
            launched = self.count_queries(wave.action_launch)
            recipients = self.env["sig.survey.recipient"].sudo().search([("wave_id", "=", wave.id)])
            return launched, self.count_queries(recipients._process_queue)

        launch(5, "1")
        few, many = launch(5, "1"), launch(25, "2")
        self.assertLessEqual(many[0], few[0] + 3)
        self.assertLessEqual(many[1], few[1] + 8)


@freeze_time("2026-06-03 15:00:00")
class TestSurveyFormat(SurveyCommon, HttpCase):
    def render(self, report, record):
        html, _kind = self.env["ir.actions.report"].with_user(self.director)._render_qweb_html(report, record.ids)
        return html.decode()

    def test_of_a_client(self):
        wave = self.launch()
        recipient = wave.recipient_ids[0]
        html = self.render("sig_pqrs.report_survey_format", recipient)
        notice = self.env["sig.privacy.notice"]._get_current(self.company)
        for printed in (recipient.partner_id.name, "Answering is optional", notice._get_path()):
            self.assertIn(printed, html)
        for missing in (">X<", notice.summary[:40]):  # the note is of a survey
            self.assertNotIn(missing, html)
        self.answer(recipient, {"overall": 5, "recommendation": 10, "comment_improve": "Más rondas"})
        html = self.render("sig_pqrs.report_survey_format", recipient)
        self.assertEqual(html.count(">X<"), 2)
        self.assertIn("Más rondas", html)

    def test_interviewers_print_what_they_apply(self):
        wave = self.launch()
        recipient = wave.recipient_ids[0]
        recipient.write({"channel": "visit", "interviewer_id": self.interviewer.id})
        self.env.flush_all()
        self.authenticate(self.interviewer.login, self.interviewer.login)
        url = "/report/html/sig_pqrs.report_survey_format/%s"
        self.assertEqual(self.url_open(url % recipient.id).status_code, 200)
        self.assertNotEqual(self.url_open(url % wave.recipient_ids[1].id).status_code, 200)
