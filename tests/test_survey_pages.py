"""The questionnaire of a wave on the web: for the client with the link, for who applies it, and for nobody else."""
import json

from lxml import html

from odoo import http
from odoo.tests import HttpCase

from .common import freeze_time
from .test_survey_wave import SurveyCommon


@freeze_time("2026-06-03 15:00:00")
class TestSurveyPages(SurveyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave = cls.launch()
        cls.recipient = cls.of(cls.wave, cls.clients[0])
        cls.sheet = cls.recipient.sudo().user_input_id
        cls.tokens = f"{cls.sheet.survey_id.access_token}/{cls.sheet.access_token}"

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def csrf(self):
        return http.Request.csrf_token(self)

    def open(self, sheet=None):
        return self.url_open((sheet or self.sheet).get_start_url())

    def call(self, step, **params):
        answer = self.url_open(
            f"/survey/{step}/{self.tokens}", data=json.dumps({"jsonrpc": "2.0", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        self.assertNotIn("error", answer, answer)
        return answer["result"][1]

    def save(self, **answers):
        self.env.flush_all()
        result = self.url_open(f"/pqrs/survey/save/{self.tokens}", json={"jsonrpc": "2.0", "params": {"answers": answers}}).json()["result"]
        self.env.invalidate_all()
        return result

    def get_saved(self):
        """What is marked in the page: ``{code of the question: answer}``."""
        lines = self.reload(self.sheet)[0].user_input_line_ids.filtered(lambda line: not line.skipped)
        self.assertEqual(len(lines), len(lines.question_id))
        return {line.question_id.sig_code: line._sig_get_value() for line in lines}

    def mark(self, value=4, nps=9):
        params = {}
        for question in self.sheet.survey_id.question_ids:
            answer = {"recommendation": nps, "comment": "Todo bien"}.get(question.sig_metric)
            if question.sig_metric == "satisfaction":
                answer = question.suggested_answer_ids.filtered(lambda answer: answer.sig_value == value).id
            params[str(question.id)] = str(answer)
        return params

    def test_the_client_answers_once(self):
        page = self.open()
        self.assertEqual((page.status_code, page.headers["Cache-Control"]), (200, "no-store"))
        self.assertIn("o_sig_survey", page.text)
        self.call("begin")
        self.assertEqual(self.reload(self.recipient)[0].state, "started")
        content = self.call("submit", **self.mark())["survey_content"]
        self.assertIn("o_survey_finished", content)
        self.assertHoldsNone(content, "retake", "/survey/retry", "/odoo/my-surveys")
        self.reload()
        self.assertEqual((self.recipient.state, self.recipient.channel), ("answered", "email"))
        lines = self.sheet.user_input_line_ids
        self.assertEqual(len(lines), len(self.sheet.survey_id.question_ids))
        self.assertIn("o_survey_finished", self.call("submit", **self.mark(value=1))["survey_content"])
        self.url_open(f"/survey/retry/{self.tokens}")
        self.assertEqual(self.reload(self.sheet)[0].user_input_line_ids, lines)
        self.assertEqual(self.env["survey.user_input"].search_count([("survey_id", "=", self.sheet.survey_id.id)]), 3)

    def test_saved_as_it_is_answered(self):
        marks, codes = self.mark(), {question.sig_code: str(question.id) for question in self.sheet.survey_id.question_ids}
        [overall, trust, scale, comment] = [codes[code] for code in ("overall", "trust", "recommendation", "comment_keep")]
        self.call("begin")
        for ids in ([overall], [overall, scale], [trust, comment]):
            self.assertEqual(self.save(**{each: marks[each] for each in ids}), {"saved": True, "invalid": []})
        saved = {"overall": 4, "trust": 4, "recommendation": 9, "comment_keep": "Todo bien"}
        self.assertEqual(self.get_saved(), saved)
        self.save(**{scale: "0", overall: self.mark(2)[overall], comment: "", trust: ""})
        self.assertEqual(self.get_saved(), {"overall": 2, "recommendation": 0})
        self.assertEqual((self.sheet.state, self.recipient.state, self.wave.answered_count), ("in_progress", "started", 0))
        page = html.fromstring(self.open().content)
        self.assertEqual(page.xpath("count(//form//input[@checked])"), 2, "it is opened where it was left")
        # what another device saved stands where this one was not asked
        self.save(**{comment: "Todo bien"})
        page = self.call("submit", **{**marks, comment: "", scale: None})
        self.assertIn("o_survey_finished", page["survey_content"])
        self.assertEqual(self.get_saved(), {**dict.fromkeys(codes, 4), "recommendation": 0, "comment_keep": "Todo bien", "comment_improve": "Todo bien"})
        self.assertEqual(self.reload(self.recipient)[0].state, "answered")
        page = self.save(**{overall: self.mark(1)[overall]})
        self.assertIn("o_survey_finished", page["survey_content"])
        self.assertEqual(self.get_saved()["overall"], 4)

    def test_what_is_not_saved(self):
        marks = self.mark()
        [first, scale] = [str(q.id) for q in self.sheet.survey_id.question_ids if q.sig_code in ("overall", "recommendation")]
        self.assertNotIn("saved", self.save(**marks), "it was not begun")
        self.call("begin")
        other = self.template.question_ids[0]
        for name, value in (
            (first, str(other.suggested_answer_ids[4].id)), (first, "x"), (first, {"comment": "x"}), (scale, "11"), (scale, "-1"),
            (str(other.id), str(other.suggested_answer_ids[4].id)), ("state", "done"),
        ):
            with self.subTest(name=name, value=value):
                self.save(**{name: value})
                self.assertEqual(self.get_saved(), {})
        self.save(**{first: marks[first]})
        for user in (self.employee, self.interviewer, self.portal):
            self.authenticate(user.login, user.login)
            self.assertIn("o_sig_survey_end", self.save(**{first: self.mark(1)[first]})["survey_content"])
        self.authenticate(None, None)
        self.assertEqual(self.save(**{scale: "11"}), {"saved": True, "invalid": [int(scale)]}, "it says what it left out")
        with self.undone():
            self.recipient.action_exclude("Contrato terminado")
            self.assertNotIn("La encuesta terminó", self.save(**{scale: "9"})["survey_content"], "it goes on, for others")
        self.wave.action_close()
        content = self.save(**{first: self.mark(1)[first]})["survey_content"]
        self.assertIn("lo que acaba de marcar no quedó registrado", content)
        self.assertEqual(self.get_saved(), {"overall": 4})
        self.tokens = f"{self.sheet.survey_id.access_token}/{self.sheet.survey_id.access_token}"
        self.assertEqual(self.save(**{first: marks[first]}), {"error": "unauthorized"})

    def test_who_refused_may_think_again(self):
        """Who had begun begins again, with what they had marked; what comes late undoes no refusal."""
        self.recipient.sudo()._on_mail_done()
        question, client = self.sheet.survey_id.question_ids[0], self.clients[0].with_user(self.director)
        name, saved, other = str(question.id), {question.sig_code: 4}, self.mark(1)[str(question.id)]
        self.call("begin")
        self.save(**{name: self.mark()[name]})
        for refuse in (lambda: self.recipient.action_decline("No quiere"), client.action_sig_revoke_surveys):
            refuse()
            self.assertEqual((self.save(**{name: other}), self.recipient.state), ({"error": "unauthorized"}, "declined"))
            self.assertIn("o_survey_start", self.open().text)
            self.call("begin")
            self.assertEqual((self.get_saved(), self.recipient.state), (saved, "started"))

    def test_a_link_of_nobody_says_why(self):
        token = self.sheet.survey_id.access_token
        start = f"/survey/start/{token}"
        for url in (start, f"{start}?answer_token=x", f"/survey/{token}/x", "/pqrs/survey/x/decline"):
            page = self.url_open(url)
            with self.subTest(url):
                self.assertEqual(page.status_code, 404)
                self.assertHolds(page.text, "Este enlace no es válido", "servicioalcliente@example.com")
                self.assertEqual(page.headers["Cache-Control"], "no-store")

    def test_what_was_answered_is_not_kept_by_browsers(self):
        self.answer(self.recipient)
        self.env.flush_all()
        page = self.url_open(self.reload(self.sheet)[0].get_print_url())
        self.assertEqual((page.status_code, page.headers["Cache-Control"]), (200, "no-store"))
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        # what was chosen is told by more than an icon
        chosen = html.fromstring(page.content).xpath("//fieldset//label[span[contains(@class, 'visually-hidden')]]")
        self.assertEqual(len(chosen), len(self.sheet.user_input_line_ids.filtered(lambda line: line.answer_type in ("suggestion", "scale"))))
        self.assertTrue(all("o_survey_selected" in label.get("class") for label in chosen))

    def test_what_the_page_does_not_offer(self):
        self.call("begin")
        other = self.template.question_ids[0].suggested_answer_ids[4]
        first = self.sheet.survey_id.question_ids[0]
        scale = self.sheet.survey_id.question_ids.filtered(lambda question: question.sig_metric == "recommendation")
        for question, value in ((first, str(other.id)), (first, "x"), (first, ""), (scale, "11"), (scale, "-1"), (scale, "a")):
            with self.subTest(value=value):
                page = self.call("submit", **{**self.mark(), str(question.id): value})
                self.assertEqual(page["error"], "validation")
                self.assertIn(str(question.id), page["fields"])
        self.assertNotEqual(self.reload(self.sheet)[0].state, "done")

    def test_after_the_close(self):
        self.call("begin")
        self.wave.action_close()
        self.env.flush_all()
        page = self.open()
        self.assertEqual(page.status_code, 410)
        self.assertIn("servicioalcliente@example.com", page.text)
        lost = "lo que acaba de marcar no quedó registrado"
        self.assertNotIn(lost, page.text)
        self.assertNotIn(lost, self.call("begin")["survey_content"])
        content = self.call("submit", **self.mark())["survey_content"]
        self.assertHolds(content, "o_sig_survey_end", lost)
        self.assertFalse(self.reload(self.sheet)[0].user_input_line_ids)
        website = self.env["website"].get_current_website()
        for receives, company in ((True, self.company), (False, self.company), (True, self.env["res.company"].create({"name": "Otra"}))):
            website.write({"sig_pqrs_active": receives, "company_id": company.id})
            self.env.flush_all()
            for text in (self.open().text, self.call("begin")["survey_content"]):
                self.assertEqual('href="/pqrs/new"' in text, receives and company == self.company)

    def test_who_is_logged_in(self):
        """The client's own users, and the SIG, open it; nobody else."""
        for user in (self.employee, self.leader, self.interviewer, self.portal, self.director):
            self.authenticate(user.login, user.login)
            with self.subTest(user=user.login):
                self.assertEqual(self.open().status_code, 200 if user == self.director else 403)
        self.portal.partner_id.parent_id = self.clients[0]
        self.env.flush_all()
        self.authenticate(self.portal.login, self.portal.login)
        self.assertEqual(self.open().status_code, 200)

    def test_the_interviewer_asks_and_goes_on(self):
        others = self.wave.recipient_ids[:2]
        others.write({"channel": "visit", "interviewer_id": self.interviewer.id})
        self.env.flush_all()
        self.authenticate(self.interviewer.login, self.interviewer.login)
        self.assertEqual(self.open().status_code, 200)
        self.call("begin")
        self.assertEqual(self.save(**self.mark(2)), {"saved": True, "invalid": []})
        content = self.call("submit", **self.mark())["survey_content"]
        self.assertIn("/odoo/my-surveys", content)
        self.reload()
        self.assertEqual(self.recipient.applied_by_id, self.interviewer)
        self.assertEqual((self.recipient.state, self.recipient.channel), ("answered", "visit"))

    def test_not_taking_part(self):
        url = f"/pqrs/survey/{self.sheet.access_token}/decline"
        self.assertEqual(self.url_open(url).status_code, 200)
        refused = self.url_open(url, data={"reason": "Lo que escribí", "never": "1"})
        self.assertEqual(refused.status_code, 400)
        self.assertRegex(refused.text, r'(?s)name="reason"[^>]*value="Lo que escribí".*name="never"[^>]*checked')
        self.assertEqual(self.reload(self.recipient)[0].state, "to_send")
        self.url_open(url, data={"csrf_token": self.csrf(), "reason": "Sin tiempo"})
        self.reload()
        self.assertEqual((self.recipient.state, self.recipient.reason), ("declined", "Sin tiempo"))
        self.assertFalse(self.env["sig.privacy.consent"].search([("partner_id", "=", self.clients[0].id)]))
        self.assertEqual(self.open().status_code, 200)  # who thinks again may answer
        self.call("begin")
        self.assertEqual(self.reload(self.recipient)[0].state, "started")
        self.answer(self.recipient)
        self.url_open(url, data={"csrf_token": self.csrf()})
        self.assertEqual(self.reload(self.recipient)[0].state, "answered", "and declines no more")
        self.assertEqual(self.url_open("/pqrs/survey/x/decline", data={"csrf_token": self.csrf()}).status_code, 404)

    def test_no_more_surveys(self):
        """Whatever became of this one."""
        url = f"/pqrs/survey/{self.sheet.access_token}/decline"
        for state, step in (
            ("declined", lambda: self.recipient.action_decline("No quiere")), ("answered", lambda: self.answer(self.recipient)),
            ("excluded", lambda: self.recipient.action_exclude("Contrato terminado")), ("failed", self.wave.action_close),
        ):
            with self.subTest(state), self.undone():
                step()
                self.env.flush_all()
                self.assertIn('name="never"', self.url_open(url).text)
                page = self.url_open(url, data={"csrf_token": self.csrf(), "never": "1"}).text
                self.assertHoldsNone(page, 'name="never"', "alert-danger")
                self.assertEqual('data-done="decline"' in page, state == "declined")
                consent = self.reload(self.clients[0])[0].with_company(self.company).sig_survey_consent
                self.assertEqual((self.recipient.state, consent), (state, "refused"))
        self.url_open(url, data={"csrf_token": self.csrf(), "never": "1"})
        self.assertEqual(self.of(self.launch(semester="2"), self.clients[0]).state, "excluded")

    def test_other_surveys_are_answered_as_ever(self):
        """Their answers, their errors and their second attempts are core's."""
        survey = self.env["survey.survey"].create({
            "title": "Clima laboral", "access_mode": "public", "questions_layout": "one_page",
            "question_and_page_ids": [(0, 0, {"title": "¿Qué tal?", "question_type": "char_box", "constr_mandatory": True})],
        })
        sheet = survey._create_answer(user=self.env.ref("base.public_user"))
        self.tokens = f"{survey.access_token}/{sheet.access_token}"
        wrong = self.url_open(f"/survey/{survey.access_token}/no-such-answer")
        self.assertNotIn("Este enlace no es válido", wrong.text)
        self.assertIn('class="jumbotron', wrong.text)
        self.call("begin")
        self.assertEqual(set(self.call("begin")), {"error"}, "it was begun: core says so, and no page of ours")
        self.assertEqual(self.call("submit")["error"], "validation")
        page = self.call("submit", **{str(survey.question_ids.id): "Bien"})
        self.assertIn("o_survey_finished", page["survey_content"])
        self.assertEqual(self.reload(sheet)[0].user_input_line_ids.value_char_box, "Bien")
        again = self.url_open(f"/survey/retry/{self.tokens}", allow_redirects=False).headers["Location"]
        self.assertNotIn(sheet.access_token, again)
        self.assertEqual(self.env["survey.user_input"].search_count([("survey_id", "=", survey.id)]), 2)
