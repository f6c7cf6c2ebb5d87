"""The questionnaire of a wave in the browser: answered without a mouse and without seeing it, and on a phone."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .browser import DESKTOP, PageChecks, open_browser
from .common import real_clock
from .test_survey_wave import SurveyCommon

#: what has the focus: the question it belongs to, and its value
FOCUSED = "[+document.activeElement.closest('.js_question-wrapper')?.id, document.activeElement.value]"
ANSWERED = ".o_survey_finished"
#: whether what has the focus is not under what stays at the top
IN_SIGHT = """document.activeElement.getBoundingClientRect().bottom
    > document.querySelector(".o_sig_progress").getBoundingClientRect().bottom"""
#: answers everything that the page asks: “4”, “9 of 10”, and a comment
MARK = """(() => {
    for (const row of document.querySelectorAll(".o_sig_scale")) row.querySelectorAll("label.o_sig_choice")[3].click();
    for (const row of document.querySelectorAll("[data-question-type=scale]")) row.querySelectorAll("label")[9].click();
    for (const field of document.querySelectorAll("textarea")) field.value = "Que los relevos lleguen a tiempo";
})()"""
#: the network hangs until `goOn`; the page gives up when it is told to
HANG = """(() => {
    const [{send}, later] = [XMLHttpRequest.prototype, setTimeout];
    XMLHttpRequest.prototype.send = () => undefined;
    self.setTimeout = (act, pause) => pause === 20000 ? self.giveUp = act : later(act, pause);
    self.goOn = () => { XMLHttpRequest.prototype.send = send; };
})()"""
#: the button that shows
GO_ON = """[...document.querySelectorAll(".o_sig_continue, button[type=submit][value=finish]")]
    .find((button) => button.checkVisibility()).click()"""


@real_clock
class KeyboardCommon(PageChecks, SurveyCommon, HttpCase):
    def setUp(self):
        super().setUp()
        today = self.company._sig_today()
        self.recipient = None
        self.wave = self.Wave.create({"year": today.year, "semester": "1" if today.month <= 6 else "2"})

    def open_survey(self, browser):
        self.launch(self.wave)
        self.recipient = self.of(self.wave, self.clients[0])
        self.sheet = self.recipient.sudo().user_input_id
        self.questions = self.sheet.survey_id.question_ids.with_context(lang="es_CO")
        browser.go(self.sheet.get_start_url())
        browser.wait_for("button[value=start]:not(.disabled)")

    def start(self, browser):
        browser.tab_to("button[value=start]")
        browser.press("Enter")
        browser.wait_for(".js_question-wrapper")
        browser.wait("document.querySelector('.o_survey_form_content').style.opacity !== '0'")

    def go_to(self, browser, question):
        browser.tab_to(f"[id='{question.id}'] *:is(input, textarea)")

    def submit(self, browser):
        browser.tab_to("button[type=submit]")
        browser.press("Enter")

    def find(self, tree, role, name):
        found = [node for node in tree if node["role"] == role and node["name"] == name]
        self.assertEqual(len(found), 1, f"{role} “{name}”: {[n['name'] for n in tree if n['role'] == role]}")
        return found[0]

    def stored(self):
        self.env.invalidate_all()
        return {line.question_id: line.suggested_answer_id.sig_value or line._get_answer_value() for line in self.sheet.user_input_line_ids}


class TestSurveyKeyboard(KeyboardCommon):
    """It goes by the date of today, as the browser does."""

    def test_the_whole_questionnaire(self):
        with open_browser(self) as browser:
            self.open_survey(browser)
            self.start(browser)
            expected = {}
            for position, question in enumerate(self.questions):
                if not browser.run(f"document.getElementById('{question.id}').checkVisibility()"):
                    browser.tab_to(".o_sig_continue")
                    browser.press("Enter")
                    self.assertEqual(browser.run("document.activeElement.innerText"), question.page_id.title)
                self.go_to(browser, question)
                self.assertTrue(browser.run(IN_SIGHT))
                if question.sig_metric == "comment":
                    browser.type_in("Que los relevos lleguen a tiempo")
                    expected[question] = "Que los relevos lleguen a tiempo"
                    continue
                steps = position % 5
                browser.press("Space")
                for _step in range(steps):
                    browser.press("ArrowDown")
                expected[question] = steps if question.sig_metric == "recommendation" else steps + 1
            self.submit(browser)
            browser.wait_for(ANSWERED)
            self.assertEqual(browser.run("document.activeElement.tagName"), "H1", "the new page is read from its start")
        self.assertEqual((self.stored(), self.reload(self.recipient)[0].state), (expected, "answered"))

    def test_what_a_screen_reader_is_given(self):
        with open_browser(self, size=DESKTOP) as browser:
            self.open_survey(browser)
            self.start(browser)
            tree = browser.read_tree()
            for question in self.questions:
                if question.sig_metric == "comment":
                    self.assertFalse(self.find(tree, "textbox", question.title).get("required"))
                    continue
                group = self.find(tree, "radiogroup", question.title)
                self.assertEqual(bool(group.get("required")), question.constr_mandatory)
            radios = [node for node in tree if node["role"] == "radio"]
            choices = [q for q in self.questions if q.sig_metric != "comment"]
            count = sum(11 if q.sig_metric == "recommendation" else 6 for q in choices)
            self.assertEqual(len(radios), count)
            self.assertTrue(all(node["focusable"] and node["name"].strip() for node in radios))
            labels = self.questions[0].suggested_answer_ids
            self.assertIn(f"4, {labels.filtered(lambda label: label.sig_value == 4).value}", [node["name"] for node in radios])
            headings = [node["name"] for node in tree if node["role"] == "heading"]
            self.assertTrue(all(name.strip() for name in headings), headings)
            self.assertEqual(len(set(headings)), len(headings), "none is read twice")
            [button] = [node for node in tree if node["role"] == "button" and node["name"] == browser.run(
                "document.querySelector('button[value=finish]').innerText"
            )]
            self.assertTrue(button["focusable"])
            first = self.questions[0]
            self.go_to(browser, first)
            browser.press("Space")
            self.submit(browser)
            missing = self.questions.filtered("constr_mandatory") - first
            browser.wait_for("[aria-invalid]")
            self.assertEqual(browser.run(FOCUSED)[0], missing[0].id, "the first one that is missing")
            tree = browser.read_tree()
            for question in missing:
                group = self.find(tree, "radiogroup", question.title)
                self.assertEqual(group["invalid"], "true")
                self.assertTrue(group["description"].strip(), "what is wrong")
            self.assertEqual(self.find(tree, "radiogroup", first.title).get("invalid", "false"), "false")
            self.assertFalse([node for node in tree if node["role"] == "alert" and node["name"]])
            self.check(browser, "errors")
            browser.press("Space")
            tree = browser.read_tree()
            group = self.find(tree, "radiogroup", missing[0].title)
            self.assertEqual((group.get("invalid", "false"), group["description"].strip()), ("false", ""))

    def test_what_was_chosen_stays(self):
        question = self.template.question_ids.filtered(lambda each: each.sig_metric == "recommendation")
        question.constr_mandatory = False
        with open_browser(self, size=DESKTOP) as browser:
            self.open_survey(browser)
            self.start(browser)
            checked = "document.querySelectorAll('.o_sig_survey input:checked').length"
            self.go_to(browser, self.questions[0])
            browser.press("Space")
            browser.press("Space")
            self.assertEqual(browser.run(checked), 1, "chosen again, it stays")
            browser.run("document.activeElement.closest('label').click()")
            self.assertEqual(browser.run(checked), 1, "by a second tap too")
            optional = self.questions.filtered(lambda each: each.sig_metric == "recommendation")
            self.go_to(browser, optional)
            browser.press("Space")
            self.assertEqual(browser.run(checked), 2)
            browser.tab_to(".o_sig_clear")
            browser.press("Enter")
            self.assertEqual(browser.run(checked), 1, "what may stay empty is cleared by its button")
            self.assertEqual(browser.run(FOCUSED)[0], optional.id)
            self.assertEqual(browser.run("document.querySelectorAll('.o_sig_clear').length"), 1)
            self.assertEqual(browser.run("document.querySelectorAll('.o_survey_selected').length"), 1)


class TestSurveyPhone(KeyboardCommon):
    """As people answer it on a phone, with or without a network."""

    def begin(self, browser):
        self.open_survey(browser)
        browser.run("document.querySelector('button[value=start]').click()")
        browser.wait_for(".o_sig_part")

    def tap(self, browser, question, value=4):
        browser.run(f"document.getElementById('{question.id}').querySelector('label:nth-of-type({value})').click()")

    def wait_until_saved(self, browser):
        browser.wait("!Object.keys(localStorage).some((key) => key.startsWith('sig_survey_'))")

    def get_part(self, browser):
        """The titles of the questions that show, and how many are marked."""
        return browser.run("""(() => {
            const shown = [...document.querySelectorAll(".js_question-wrapper")].filter((each) => each.checkVisibility());
            return [shown.map(({id}) => +id), shown.filter((each) => each.querySelector(":checked")).length];
        })()""")

    def get_saved(self):
        self.env.invalidate_all()
        return self.sheet.user_input_line_ids.filtered(lambda line: not line.skipped).question_id

    def test_section_by_section(self):
        with open_browser(self) as browser:
            self.begin(browser)
            general, service = (page.question_ids for page in self.sheet.survey_id.page_ids[:2])
            self.assertEqual(self.get_part(browser), [general.ids, 0])
            self.tap(browser, general[0])
            self.tap(browser, general[0])
            self.wait_until_saved(browser)
            self.assertEqual(self.get_saved(), general[0])
            browser.run(GO_ON)
            self.assertEqual(self.get_part(browser)[0], general.ids, "something is missing")
            self.assertEqual(browser.run("document.querySelectorAll('[aria-invalid]').length"), len(general) - 1)
            for question in general[1:]:
                self.tap(browser, question)
            browser.run(GO_ON)
            self.assertEqual(self.get_part(browser), [service.ids, 0])
            self.assertEqual(browser.run("document.activeElement.tagName"), "H2")
            self.assertEqual(browser.run("document.querySelector('progress').value"), len(general))
            self.tap(browser, service[0])
            browser.run("document.querySelector('.o_sig_back').click()")
            self.assertEqual(self.get_part(browser), [general.ids, len(general)])
            self.wait_until_saved(browser)
            self.assertEqual((self.get_saved(), self.recipient.state), (general | service[0], "started"))

    def test_without_network(self):
        with open_browser(self) as browser:
            self.begin(browser)
            told = "document.querySelector('.o_sig_progress [role=status]').textContent"
            saved = browser.run(told)
            browser.set_online(False)
            self.tap(browser, self.questions[0])
            browser.wait(f"{told} === document.querySelector('.o_sig_progress').dataset.unsaved")
            self.assertFalse(self.get_saved())
            browser.set_online(True)
            self.wait_until_saved(browser)
            self.assertEqual((self.get_saved(), browser.run(told)), (self.questions[0], saved))

            # closed meanwhile, and opened again
            browser.set_online(False)
            self.tap(browser, self.questions[1])
            browser.ask("Page.navigate", url="about:blank")
            browser.set_online(True)
            browser.go(self.sheet.get_start_url())
            browser.wait("document.querySelectorAll('.o_sig_part :checked').length === 2")
            self.assertEqual(self.get_saved(), self.questions[:2])

            browser.run(MARK)
            browser.run("document.querySelector('.o_sig_scale input').dispatchEvent(new Event('change', {bubbles: true}))")
            browser.set_online(False)
            browser.run("document.querySelector('button[value=finish]').click()")
            browser.wait(f"{told} === document.querySelector('.o_sig_progress').dataset.unsent")
            self.assertEqual(self.get_part(browser)[0], self.sheet.survey_id.page_ids[0].question_ids.ids, "the page stays")
            browser.set_online(True)
            self.wait_until_saved(browser)
            browser.run(HANG)
            browser.run("document.querySelector('button[value=finish]').click()")
            browser.wait(f"{told} === document.querySelector('.o_sig_progress').dataset.sending")
            browser.run("giveUp(), 0")
            browser.wait(f"{told} === document.querySelector('.o_sig_progress').dataset.unsent")
            browser.run("goOn(); document.querySelector('button[value=finish]').click()")
            browser.wait_for(".o_survey_finished")
        self.assertEqual((self.get_saved(), self.recipient.state), (self.questions, "answered"))


class TestSurveyKeyboardTypes(KeyboardCommon):
    """Every kind of question that the SIG may add."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Question = cls.env["survey.question"]
        (cls.template.question_and_page_ids - cls.template.page_ids[0] - cls.template.question_ids[0]).unlink()
        answers = {"suggested_answer_ids": [Command.create({"value": value}) for value in ("Torre", "Garaje", "Parque")]}
        rows = {"matrix_row_ids": [Command.create({"value": value}) for value in ("Día", "Noche")]}
        common = {"survey_id": cls.template.id, "constr_mandatory": True, "sig_metric": False}
        Question.create([
            {**common, "title": f"Pregunta {name}", "sequence": position, **vals}
            for position, (name, vals) in enumerate({
                "one": {"question_type": "simple_choice", **answers, "description": "<p>Elija una sede</p>"},
                "many": {"question_type": "multiple_choice", **answers, "comments_allowed": True, "comments_message": "¿Otra?"},
                "radios": {"question_type": "matrix", "matrix_subtype": "simple", **answers, **rows},
                "boxes": {"question_type": "matrix", "matrix_subtype": "multiple", **answers, **rows},
                "line": {"question_type": "char_box"}, "number": {"question_type": "numerical_box"},
                "day": {"question_type": "date"},
            }.items(), 100)
        ])

    def test_each_kind(self):
        with open_browser(self, size=DESKTOP) as browser:
            self.open_survey(browser)
            self.start(browser)
            self.check(browser, "questions of each kind")
            _rated, one, many, radios, boxes, line, number, day = self.questions
            tree = browser.read_tree()
            group = self.find(tree, "radiogroup", one.title)
            self.assertIn("Elija una sede", group["description"])
            self.assertEqual([node["name"] for node in tree if node["role"] == "radio"][6:9], ["Torre", "Garaje", "Parque"])
            note = browser.run("document.querySelector('.visually-hidden[id^=sig_required]').innerText")
            self.find(tree, "group", f"{many.title} {note}")
            self.find(tree, "textbox", "¿Otra?")
            for matrix in (radios, boxes):
                self.find(tree, "table", f"{matrix.title} {note}")
            for role in ("radio", "checkbox"):
                self.find(tree, role, "Noche: Garaje")
            for question, role in ((line, "textbox"), (number, "spinbutton"), (day, "textbox")):
                self.assertTrue(self.find(tree, role, question.title)["required"])

            choices = [node for node in tree if node["role"] in ("radio", "checkbox")]
            self.assertTrue(all(node["focusable"] and node["name"].strip() for node in choices))
            for question in self.questions:
                self.go_to(browser, question)


@tagged("post_install", "-at_install")
class TestSurveysOfOthers(HttpCase):
    def test_they_stay_as_core_makes_them(self):
        survey = self.env["survey.survey"].create({
            "title": "Clima", "access_mode": "public", "questions_layout": "one_page", "survey_type": "survey",
            "question_and_page_ids": [Command.create({
                "title": "¿Cómo está?", "question_type": "simple_choice",
                "suggested_answer_ids": [Command.create({"value": value}) for value in ("Bien", "Mal")],
            })],
        })
        with open_browser(self, size=DESKTOP) as browser:
            browser.go(f"/survey/start/{survey.access_token}")
            browser.wait_for("button[value=start]:not(.disabled)")
            browser.run("document.querySelector('button[value=start]').click()")
            browser.wait_for(".js_question-wrapper")
            self.assertFalse(browser.run("document.querySelectorAll('[id^=sig_], .o_sig_clear').length"))
            self.assertTrue(browser.run("!!document.querySelector('.o_survey_question_error[role=alert]')"))
            browser.run("document.querySelectorAll('.o_survey_choice_btn')[0].click()")
            browser.run("document.querySelectorAll('.o_survey_choice_btn')[0].click()")
            self.assertEqual(browser.run("document.querySelectorAll('input:checked').length"), 0)
