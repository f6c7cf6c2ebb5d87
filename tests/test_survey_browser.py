"""The questionnaire of a wave on a phone, in the browser."""

from .browser import open_browser
from .test_survey_keyboard import KeyboardCommon

#: answers everything that the page asks: “4”, “9 of 10”, and a comment
MARK = """(() => {
    for (const row of document.querySelectorAll(".o_sig_scale")) row.querySelectorAll("label.o_sig_choice")[3].click();
    for (const row of document.querySelectorAll("[data-question-type=scale]")) row.querySelectorAll("label")[9].click();
    for (const field of document.querySelectorAll("textarea")) field.value = "Que los relevos lleguen a tiempo";
})()"""
#: the button that shows
GO_ON = """[...document.querySelectorAll(".o_sig_continue, button[type=submit][value=finish]")]
    .find((button) => button.checkVisibility()).click()"""


class TestSurveyPhone(KeyboardCommon):
    def begin(self, browser):
        self.open_survey(browser)
        browser.run("document.querySelector('button[value=start]').click()")
        browser.wait_for(".o_sig_part")

    def tap(self, browser, question, value=4):
        browser.run(f"document.getElementById('{question.id}').querySelector('label:nth-of-type({value})').click()")

    def wait_until_saved(self, browser):
        browser.wait("!Object.keys(localStorage).some((key) => key.startsWith('sig_survey_'))")

    def go_on(self, browser):
        browser.run(GO_ON)

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
            self.go_on(browser)
            self.assertEqual(self.get_part(browser)[0], general.ids, "something is missing")
            self.assertEqual(browser.run("document.querySelectorAll('[aria-invalid]').length"), len(general) - 1)
            for question in general[1:]:
                self.tap(browser, question)
            self.go_on(browser)
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
            self.assertEqual(self.get_saved(), self.questions[0])
            self.assertEqual(browser.run(told), saved)

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
            browser.run("document.querySelector('button[value=finish]').click()")
            browser.wait_for(".o_survey_finished")
        self.assertEqual(self.get_saved(), self.questions)
        self.assertEqual(self.recipient.state, "answered")
