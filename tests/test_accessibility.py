"""Who sees little, uses no mouse, or has an old browser gets through: every page of the public, by axe-core and by keys."""

import json
import os
from pathlib import Path
from unittest.mock import patch

from ..controllers import portal
from .browser import DESKTOP, PHONE, open_browser
from .test_filing_page import URL, FilingCommon
from .test_tracking import ClientPagesCase

#: fills the form, leaving out the notice
FILL = """(() => {
    for (const [name, value] of Object.entries({subject: "Ronda sin hacer", description: "Nadie pasó", name: "Ana Ruiz", email: "ana@example.com"})) {
        const field = document.querySelector(`#pqrs_${name}`);
        if (field) field.value = value;
    }
    document.querySelector("#pqrs_type_queja").checked = true;
})()"""


class TestAccessibility(FilingCommon, ClientPagesCase):
    """No serious or critical finding of axe-core, on a phone and on a desk, in Spanish."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.axe = Path(os.environ["SIG_AXE"]).read_text()
        spanish = cls.env.ref("base.lang_es_CO")
        cls.website.write({"default_lang_id": spanish.id, "language_ids": [(6, 0, spanish.ids)]})
        (cls.portal | cls.env.ref("base.public_user")).lang = "es_CO"
        cls.company.phone = "601 555 0000"

    def setUp(self):
        super().setUp()
        self.checked = []

    def check(self, browser, name):
        """The page as it is now, at the sizes of a phone and of a desk."""
        browser.run(f"window.axe || {json.dumps(self.axe)}.length && eval({json.dumps(self.axe)}), true")
        for size in (PHONE, DESKTOP):
            browser.resize(*size)
            found = browser.run(
                """axe.run().then(({violations}) => violations
                    .filter(({impact}) => ["serious", "critical"].includes(impact))
                    .map(({id, nodes}) => [id, nodes.map(({html, failureSummary}) => [html.slice(0, 300), failureSummary])]))"""
            )
            with self.subTest(page=name, size=size):
                self.assertFalse(found, json.dumps(found, indent=1))
                width = browser.run("document.documentElement.scrollWidth")
                self.assertLessEqual(width, size[0], "it is wider than the screen")
        self.checked.append(name)

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
        self.assertEqual(len(self.checked), 7)
        self.assertEqual(len(self.get_new()), 2)

    def test_tracking_and_rating(self):
        case = self.require(self.make_own(subject="Ronda sin hacer"))
        answered = self.builder.send(self.make_approved(self.make_own(subject="La cámara")))
        rating = answered.sudo()._rating_get_or_create()
        with open_browser(self) as browser:
            browser.go("/pqrs/track")
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
                "/my/pqrs/install", "/my/pqrs/offline", "/my/home", "/my/pqrs/new",
            ):
                browser.go(path)
                self.check(browser, path)
            with patch.object(portal, "PER_PAGE", 2):
                browser.go("/my/pqrs?sortby=oldest")
                self.assertTrue(browser.run("!!document.querySelector('.page-item.active')"))
                self.check(browser, "one of the pages of a list")
            browser.go("/my/pqrs/new")
            browser.run(FILL)
            self.send(browser)
            self.check(browser, "HERA with errors")
            browser.run("document.querySelector('#pqrs_notice').click()")
            self.send(browser)
            self.check(browser, "HERA receipt")
        self.assertEqual(len(self.checked), 12)
        self.assertEqual(len(self.get_new()), 4)


class TestKeyboard(FilingCommon, ClientPagesCase):
    """With keys alone."""

    def file(self, browser):
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
        # The notice was forgotten: the message is read first, and leads there.
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
        browser.wait("!!document.querySelector('.o_sig_message_mine')")
        self.env.invalidate_all()
        self.assertEqual(self.see(case)["messages"][0]["text"], "¿Ya vieron la cámara?")

    def test_file_and_follow(self):
        """With scripts, and without."""
        with open_browser(self) as browser:
            self.file(browser)
            self.known |= self.get_new()
            browser.switch_scripts_off()
            self.file(browser)
