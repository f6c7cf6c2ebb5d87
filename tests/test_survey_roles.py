"""Who does what with surveys, and in which company."""
from itertools import product

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tests import Form, HttpCase

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
    "sig.survey.delivery": dict.fromkeys(("administrator", "director"), "read"),
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
        others = self.leader | self.collaborator | self.management | self.employee | self.portal
        wave, own, other = self.wave, self.recipient, self.wave.recipient_ids[1]
        self.assertDenied(
            wave, others | self.interviewer, lambda own: own.action_close(), lambda own: own.action_launch(),
            lambda own: own.action_propose(), error=UserError,
        )
        applying = (lambda own: own.action_apply(), lambda own: own.action_decline("x"), lambda own: own.action_wrong_contact("x"))
        running = (lambda own: own.action_restore(), lambda own: own.action_send(), lambda own: own.action_exclude("x"))
        self.assertDenied(own, others, *applying, error=UserError)
        self.assertDenied(own, others | self.interviewer, *running, error=UserError)
        self.assertDenied(other, others | self.interviewer, *applying, error=UserError)
        self.assertTrue(self.recipient.with_user(self.interviewer).action_apply())

    def test_the_sig_sees_no_other_survey(self):
        survey = self.env["survey.survey"].create({
            "title": "Clima laboral", "question_and_page_ids": [(0, 0, {"title": "¿Qué tal?", "question_type": "char_box"})],
        })
        for record in (survey, survey.question_ids, survey._create_answer(email="x@example.com")):
            self.assertDenied(record, self.director, lambda own: own.check_access("read"))
        self.assertDenied(survey, self.director, lambda own: own.create({"title": "Otra", "survey_type": "survey"}), error=UserError)

    def test_officers_of_other_surveys_see_none_of_ours(self):
        self.answer(self.recipient)
        survey = self.wave.sudo().survey_id
        answers = survey.question_ids.suggested_answer_ids
        self.assertTrue(answers)
        for record in (self.template, survey, survey.question_ids[0], answers[0], self.recipient.sudo().user_input_id):
            self.assertDenied(record, self.officer, lambda own: own.check_access("read"))
        own = self.template.question_ids.suggested_answer_ids[0]
        self.assertDenied(own, self.officer, lambda own: own.write({"sig_value": 1}), lambda own: own.write({"value": "x"}))
        self.assertFalse(answers.with_user(self.officer).search([("id", "in", answers.ids)]))
        self.assertFalse(survey.with_user(self.officer).search([("survey_type", "=", "sig_satisfaction")]))

    def test_officers_keep_the_answers_of_their_surveys(self):
        question = self.env["survey.survey"].with_user(self.officer).create({
            "title": "Clima laboral", "question_and_page_ids": [(0, 0, {
                "title": "¿Qué tal?", "question_type": "matrix",
                "suggested_answer_ids": [(0, 0, {"value": "Bien"})], "matrix_row_ids": [(0, 0, {"value": "El casino"})],
            })],
        }).question_ids
        for answer in (question.suggested_answer_ids, question.matrix_row_ids):
            answer.with_user(self.officer).check_access("write")
            self.assertDenied(answer, self.director, lambda own: own.check_access("read"))

    def test_interviewers_see_their_clients_while_the_wave_runs(self):
        Recipient = self.env["sig.survey.recipient"].with_user(self.interviewer)
        self.assertEqual(Recipient.search([]), self.recipient)
        self.assertDenied(self.of(self.wave, self.clients[1]), self.interviewer, lambda own: own.check_access("read"))
        self.assertDenied(self.recipient, self.interviewer, lambda own: own.write({"channel": "phone"}))
        own = self.recipient.with_user(self.interviewer)
        self.clients[0].street = "Calle 147 # 19-50"
        self.assertEqual((own.street, own.date_end), ("Calle 147 # 19-50", self.wave.date_end))
        own.message_post(body="No hay nadie antes de las diez")
        self.assertDenied(own, self.leader, lambda their: their.message_post(body="Ya"))
        tile = self.get_tiles(self.interviewer)["surveys"]
        self.assertEqual((tile["count"], tile["action"]), (1, "sig_pqrs.action_my_surveys"))
        with self.undone():
            self.recipient.interviewer_id = self.director
            self.assertIn("surveys", self.get_tiles(self.director))
        self.recipient.channel = "email"
        self.assertNotIn("surveys", self.get_tiles(self.interviewer))
        self.wave.action_close()
        self.env.flush_all()
        self.assertFalse(Recipient.search([]))

    def test_an_interviewer_leaves(self):
        self.clients[1].sig_survey_interviewer_id = self.interviewer
        self.clients[2].sig_survey_interviewer_id = self.make_stranger("interviewer")
        leaving = self.interviewer.with_user(self.env.ref("base.user_admin"))
        self.assertNotIn(leaving, self.env["sig.handover"]._get_stranded())
        self.assertEachRaises(RedirectWarning, leaving.action_archive, said="Client to visit or call")
        receiver = CaseBuilder.make_user(self.env, "sig_next", "Otra encuestadora", "interviewer")
        wizard = Form(self.env["sig.handover.wizard"].with_user(self.director).with_context(default_user_id=leaving.id))
        for unable in self.collaborator | self.clients[2].sig_survey_interviewer_id:
            wizard.receiver_id = unable  # is proposed for none
            self.assertEachRaises(UserError, wizard.save().action_confirm, said="Choose who receives")
            with wizard.line_ids.edit(0) as line:
                line.receiver_id = unable
            confirm = wizard.save().action_confirm
            self.assertEachRaises(ValidationError, confirm, said=f"{unable.name} needs the role of interviewer")
        wizard.receiver_id = receiver
        wizard.save().action_confirm()
        leaving.action_archive()
        self.wave.action_close()
        interviewers = self.recipient.interviewer_id, *(one.interviewer_id for one in self.launch(semester="2").recipient_ids)
        self.assertEqual([user.id for user in interviewers], [receiver.id, receiver.id, False, False])

    def test_leaders_and_management_read_the_wave_and_no_answer(self):
        self.answer(self.recipient)
        for user in (self.leader, self.management):
            self.assertEqual(self.wave.with_user(user).read(["name", "answered_count", "recipient_count"])[0]["answered_count"], 1)
            self.assertDenied(self.wave, user, lambda own: own.read(["recipient_ids"]))

    def test_companies(self):
        stranger = self.make_stranger()
        other, survey = stranger.company_id, self.wave.sudo().survey_id
        answer = survey.question_ids.suggested_answer_ids[0]
        for record in (self.wave, survey, survey.question_ids[0], answer, self.recipient, self.recipient.sudo().user_input_id):
            self.assertDenied(record, stranger, lambda own: own.check_access("read"))
        self.assertTrue(self.template.with_user(stranger).has_access("read"))
        self.assertFalse(self.template.question_ids.suggested_answer_ids.with_user(stranger).has_access("write"))
        own = self.template.with_user(stranger).copy()
        self.assertTrue(own.question_ids.suggested_answer_ids.with_user(stranger).has_access("write"))
        self.assertFalse(self.env["sig.survey.recipient"].with_user(stranger).search([]))
        self.clients[0].company_id = self.company
        self.clients.with_company(stranger.company_id).sig_is_client = True
        wave = self.env["sig.survey.wave"].with_user(stranger).create({"year": 2026, "semester": "1"})
        wave.action_launch()
        self.assertEqual((wave.company_id, wave.recipient_ids.partner_id), (other, self.clients[1:]))
        self.assertFalse(self.recipient._may_answer(stranger))


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
        self.assertHolds(html, recipient.partner_id.name, "Answering is optional", notice._get_path(recipient.company_id).replace("&", "&amp;"))
        self.assertHoldsNone(html, ">X<", notice.summary[:40])  # the note is of a survey
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
