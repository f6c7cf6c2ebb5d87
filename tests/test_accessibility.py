"""Who sees little, uses no mouse, or has an old browser gets through: every page of the public, by axe-core and by keys."""

from unittest.mock import patch

from odoo.tests import HttpCase

from ..controllers import portal
from .browser import PageChecks, open_browser
from .common import real_clock
from .test_filing_page import URL, FilingCommon
from .test_survey_wave import SurveyCommon
from .test_tracking import ClientPagesCase

#: fills the form, leaving out the notice
FILL = """(() => {
    for (const [name, value] of Object.entries({subject: "Ronda sin hacer", description: "Nadie pasó", name: "Ana Ruiz", email: "ana@example.com"})) {
        const field = document.querySelector(`#pqrs_${name}`);
        if (field) field.value = value;
    }
    document.querySelector("#pqrs_type_queja").checked = true;
})()"""


@real_clock
class TestAccessibility(PageChecks, FilingCommon, ClientPagesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spanish = cls.env.ref("base.lang_es_CO")
        cls.website.write({"default_lang_id": spanish.id, "language_ids": [(6, 0, spanish.ids)]})
        (cls.portal | cls.env.ref("base.public_user")).lang = "es_CO"
        cls.company.phone = "601 555 0000"

    def send(self, browser, selector=".sig_pqrs_form"):
        browser.leave_by(f"document.querySelector({selector!r}).submit()")

    def test_filing(self):
        with open_browser(self) as browser:
            browser.go("/pqrs")
            self.check(browser, "start")
            browser.go("/pqrs/privacy")
            self.check(browser, "privacy notice")
            browser.go(URL)
            self.check(browser, "empty form")
            browser.run(FILL)
            self.send(browser)
            self.assertTrue(browser.run("!!document.querySelector('#pqrs_errors')"))
            self.check(browser, "form with errors")
            browser.run("document.querySelector('#pqrs_notice').click()")
            self.send(browser)
            self.check(browser, "receipt")
            browser.go(URL)
            browser.run(FILL)
            browser.run("document.querySelector('#pqrs_anonymous').click()")
            self.check(browser, "anonymous form")
            self.send(browser)
            self.check(browser, "anonymous receipt")
        self.assertEqual((len(self.checked), len(self.get_new())), (7, 2))

    def test_tracking_and_rating(self):
        case = self.require(self.make_own(subject="Ronda sin hacer"))
        answered = self.builder.send(self.make_approved(self.make_own(subject="La cámara")))
        rating = answered.sudo()._rating_get_or_create()
        with open_browser(self) as browser:
            # The link of mails of before: number and code after the #, which leave the address at once.
            browser.go(f"/pqrs/track#{case.name}/{case._get_tracking_code()}")
            browser.wait_for_page("location.pathname === '/pqrs/track/case' && !location.hash && !location.search")
            self.assertIn(case.subject, browser.get_text("h1"))
            browser.leave_by("document.querySelector(\"form[action='/pqrs/track/leave'] button\").click()")
            self.check(browser, "tracking")
            for number, code in ((case.name, "malo"), *((each.name, each._get_tracking_code()) for each in (case, answered))):
                browser.go("/pqrs/track")
                browser.run(f"track_number.value = {number!r}, track_code.value = {code!r}")
                self.send(browser, "#sig_track_form")
                browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
                self.check(browser, f"case {number} {code}")
            browser.run("text_write.value = ' '")
            self.send(browser, "#form_write")
            self.check(browser, "refused message")
            browser.go(f"/pqrs/rate/{rating.access_token}")
            self.check(browser, "rating")
            browser.run("rate_4.checked = true")
            self.send(browser, "form[action^='/pqrs/rate']")
            self.check(browser, "thanks for the rating")
        self.assertEqual(len(self.checked), 7)
        self.env.invalidate_all()
        self.assertEqual(answered.rating_value, 4)

    def test_hera(self):
        case = self.make_own(subject="Ronda sin hacer")
        case.with_user(self.director).action_write_to_client("¿En qué torre?")
        waiting = self.require(self.make_own(subject="Falta el acta"))
        answered = self.builder.send(self.make_approved(self.make_own(subject="La cámara")))
        with open_browser(self, login=self.portal.login) as browser:
            for path in (
                "/my/pqrs", "/my/pqrs?search=nada", *(f"/my/pqrs/{each.id}" for each in (case, waiting, answered)),
                "/my/pqrs/install", "/my/pqrs/offline", "/my/pqrs/new",
            ):
                browser.go(path)
                self.check(browser, path)
            with patch.object(portal, "PER_PAGE", 2):
                browser.go("/my/pqrs")
                self.assertTrue(browser.run("!!document.querySelector('.page-item.active')"))
                self.check(browser, "one of the pages of a list")
            browser.go("/my/pqrs/new")
            browser.run(FILL)
            self.send(browser)
            self.check(browser, "HERA with errors")
            browser.run("document.querySelector('#pqrs_notice').click()")
            self.send(browser)
            self.check(browser, "HERA receipt")
        self.assertEqual((len(self.checked), len(self.get_new())), (11, 4))


@real_clock
class TestSurveyAccessibility(PageChecks, SurveyCommon, HttpCase):
    """What a survey shows before and after its questions, which `test_survey_keyboard` looks at."""

    def test_survey(self):
        today = self.company._sig_today()
        wave = self.launch(self.Wave.create({"year": today.year, "semester": "1" if today.month <= 6 else "2"}))
        wave.recipient_ids.write({"channel": "visit", "interviewer_id": self.interviewer.id})
        answered, asked, other = (self.of(wave, client) for client in self.clients)
        self.answer(answered)
        sheets = [recipient.sudo().user_input_id for recipient in (answered, asked, other)]
        survey = sheets[0].survey_id
        with open_browser(self) as browser:
            for login in (None, self.interviewer.login):
                browser.log_in(login)
                for sheet in sheets[:2]:
                    browser.go(sheet.get_start_url())
                    self.check(browser, f"survey, {sheet.state}, of {login}")
                browser.run("document.querySelector('button[value=start]').click()")
                browser.wait_for(".js_question-wrapper")
                self.check(browser, f"questions of {login}")
                sheets.pop(1)
            browser.go(f"/pqrs/survey/{answered.sudo().user_input_id.access_token}/decline")
            self.check(browser, "declining, too late")
            browser.log_in(None)
            browser.go(answered.sudo().user_input_id.get_print_url())
            self.check(browser, "answered sheet")
            browser.go(f"/survey/{survey.access_token}/unknown")
            self.check(browser, "link of nobody")
            browser.go(f"/pqrs/survey/{asked.sudo().user_input_id.access_token}/decline")
            self.check(browser, "declining")
            browser.leave_by("document.querySelector('form').submit()")
            self.check(browser, "declined")
            browser.log_in(self.employee.login)
            browser.go(asked.sudo().user_input_id.get_start_url())
            self.check(browser, "survey of somebody else")
            browser.log_in(None)
            wave.action_close()
            browser.go(asked.sudo().user_input_id.get_start_url())
            self.check(browser, "survey that has ended")


@real_clock
class TestKeyboard(FilingCommon, ClientPagesCase):
    def file(self, browser, scripts=True):
        browser.go("/pqrs")
        browser.tab_to("main a[href='/pqrs/new']")
        browser.press("Enter")
        browser.wait_for_page("location.pathname === '/pqrs/new'")
        browser.tab_to("[name=type]")
        browser.press("Space")
        for name, text in (("subject", "Ronda sin hacer"), ("description", "Nadie pasó"), ("name", "Ana Ruiz"), ("email", "ana@example.com")):
            browser.tab_to(f"#pqrs_{name}")
            browser.type_in(text)
        browser.tab_to(".sig_pqrs_form button[type=submit]")
        browser.press("Enter")
        # The notice was forgotten: a script leads there; without one the message is read first, and does.
        if scripts:
            browser.wait("document.activeElement.id === 'pqrs_notice'")
        else:
            browser.wait_for_page("!!document.querySelector('#pqrs_errors')")
            browser.tab_to("a[href='#pqrs_notice']")
            browser.press("Enter")
            browser.tab_to("#pqrs_notice")
        browser.press("Space")
        browser.tab_to(".sig_pqrs_form button[type=submit]")
        browser.press("Enter")
        browser.wait_for_page("!!document.querySelector('.sig_pqrs_number')")
        case = self.get_new()
        self.assertEqual((case.partner_name, case.subject, case.state), ("Ana Ruiz", "Ronda sin hacer", "received"))
        self.assertTrue(browser.run(f"document.body.innerText.includes({case.name!r})"))
        browser.tab_to(".sig_pqrs_follow button")
        browser.press("Enter")
        browser.wait_for_page("location.pathname === '/pqrs/track/case'")
        browser.tab_to("#text_write")
        browser.type_in("¿Ya vieron la cámara?")
        browser.tab_to("#form_write button[type=submit]")
        browser.press("Enter")
        browser.wait_for(".o_sig_message_mine")
        self.env.invalidate_all()
        self.assertEqual(self.see(case)["messages"][0]["text"], "¿Ya vieron la cámara?")

    def test_file_and_follow(self):
        with open_browser(self) as browser:
            self.file(browser)
            self.known |= self.get_new()
            browser.ask("Emulation.setScriptExecutionDisabled", value=True)
            self.file(browser, scripts=False)
