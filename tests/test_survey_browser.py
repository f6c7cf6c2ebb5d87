"""A whole wave in the browser: launched, answered from the mail and in visits on a phone, closed, read."""
import re

from odoo.tests import HttpCase

from .browser import DESKTOP, PHONE, open_browser
from .test_survey_wave import SurveyCommon

#: answers everything that the page asks: “4”, “9 of 10”, and a comment
MARK = """(() => {
    for (const row of document.querySelectorAll(".o_sig_scale")) row.querySelectorAll("label.o_sig_choice")[3].click();
    for (const row of document.querySelectorAll("[data-question-type=scale]")) row.querySelectorAll("label")[9].click();
    for (const field of document.querySelectorAll("textarea")) field.value = "Que los relevos lleguen a tiempo";
})()"""


class TestSurveyWalk(SurveyCommon, HttpCase):
    """It goes by the date of today, as the browser does."""

    def setUp(self):
        super().setUp()
        clients = self.clients[1:].with_company(self.company).with_user(self.director)
        clients.write({"sig_survey_channel": "visit", "sig_survey_interviewer_id": self.interviewer.id})
        today = self.company._sig_today()
        self.wave = self.Wave.create({"year": today.year, "semester": "1" if today.month <= 6 else "2"})
        (self.director | self.interviewer | self.env.ref("base.public_user")).lang = "es_CO"

    def press(self, browser, selector):
        browser.wait(f"!!document.querySelector({selector!r})")
        browser.run(f"document.querySelector({selector!r}).click()")

    def confirm(self, browser):
        self.press(browser, ".modal .modal-footer .btn-primary")

    def answer_on_the_page(self, browser):
        """From the first page to the end, on a phone."""
        self.press(browser, "button[value=start]:not(.disabled)")
        browser.wait("!!document.querySelector('.o_sig_scale')")
        while browser.run("!document.querySelector('.o_survey_finished')"):
            self.assertLessEqual(browser.run("document.documentElement.scrollWidth"), PHONE[0])
            page = browser.run("document.querySelector('.o_survey_form_content').innerText")
            browser.run(MARK)
            self.press(browser, ".o_survey_navigation_submit, button[type=submit]:not(.disabled):not([value=previous])")
            browser.wait(
                f"!!document.querySelector('.o_survey_finished')"
                f" || document.querySelector('.o_survey_form_content')?.innerText !== {page!r}"
            )

    def test_a_whole_wave(self):
        with open_browser(self, self.director.login, DESKTOP) as browser:
            browser.go(f"/odoo/survey-waves/{self.wave.id}")
            self.press(browser, "button[name=action_launch]")
            self.confirm(browser)
            browser.wait("!!document.querySelector('button[name=action_close]')")
            self.work_off()
            self.assertEqual(self.wave.state, "running")

            mailed = self.of(self.wave, self.clients[0])
            [mail] = self.mails(mailed)
            link = re.search(r'href="[^"]*?(/survey/start/[^"]+)"', mail.body_html)[1]
            browser.log_in(None)
            browser.resize(*PHONE)
            browser.go(link.replace("&amp;", "&"))
            self.answer_on_the_page(browser)
            self.assertEqual(self.reload(mailed)[0].state, "answered")

            browser.log_in(self.interviewer.login)
            browser.go("/odoo/my-surveys")
            self.press(browser, ".o_sig_apply")
            browser.wait("location.pathname.startsWith('/survey/')")
            visited = self.wave.recipient_ids - mailed
            for remaining in (1, 0):
                self.answer_on_the_page(browser)
                self.reload()
                self.assertEqual(visited.mapped("state").count("answered"), 2 - remaining)
                browser.leave_by("document.querySelector('.o_sig_next').click()")
            self.assertEqual(visited.applied_by_id, self.interviewer)
            self.assertEqual(set(visited.mapped("channel")), {"visit"})
            browser.wait("location.pathname === '/odoo/my-surveys' && !!document.querySelector('.o_nocontent_help')")

            browser.log_in(self.director.login)
            browser.resize(*DESKTOP)
            browser.go(f"/odoo/survey-waves/{self.wave.id}")
            self.press(browser, "button[name=action_close]")
            self.confirm(browser)
            browser.wait("!document.querySelector('button[name=action_close]')")
            self.assertEqual(self.reload(self.wave)[0].state, "closed")
            self.press(browser, "button[name=action_open_results]")
            browser.wait("!!document.querySelector('.o_field_widget[name=results_body] svg')")
            told = browser.run("document.querySelector('[name=results_body]').innerText").replace("\xa0", " ")
            self.assertIn("El 100,0 % de las respuestas son 4 o 5", told)
