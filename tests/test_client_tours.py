from .browser import open_browser
from .common import real_clock
from .test_filing_page import FilingCommon
from .test_tracking import ClientPagesCase


@real_clock
class TestClientTours(FilingCommon, ClientPagesCase):
    """A client in a browser of the size of a phone."""

    def fill(self, browser, field, text, form):
        browser.run(f"document.querySelector('{field}').value = {text!r}")
        browser.leave_by(f"document.querySelector('{form} button[type=submit]').click()")

    def open(self, browser, case, url):
        browser.go(url)
        browser.wait_for_page("location.pathname === '/pqrs/track/case'")
        self.assertIn(case.subject, browser.get_text("h1"))
        self.assertFalse(browser.run("location.hash + location.search"))

    def test_tracking(self):
        case = self.require(self.make_own(subject="Ronda sin hacer"))
        url = case._get_tracking_url().removeprefix(case.get_base_url())
        with open_browser(self) as browser:
            # The link of mails of before: number and code after the #, which leave the address at once.
            self.open(browser, case, f"/pqrs/track#{case.name}/{case._get_tracking_code()}")
            browser.leave_by("document.querySelector(\"form[action='/pqrs/track/leave'] button\").click()")
            self.assertTrue(browser.run("!!document.querySelector('#track_number')"))
            self.open(browser, case, url)
            self.fill(browser, "#text_deliver", "Va el acta", "#form_deliver")
            self.assertIn("Va el acta", browser.get_text(".o_sig_message_mine"))
            self.fill(browser, "#text_write", "¿Les llegó?", "#form_write")
            self.assertIn("¿Les llegó?", browser.get_text(".o_sig_talk"))
        self.env.invalidate_all()
        self.assertIn("information_delivered", self.kinds(case))

    def test_install(self):
        with open_browser(self) as browser:
            browser.go("/my/pqrs/install")
            browser.wait("navigator.serviceWorker.ready.then(({active}) => active.scriptURL.endsWith('/my/pqrs/service-worker.js'))")
            browser.wait("caches.match('/my/pqrs/offline').then(Boolean)")
            # As the browser does where the app can be installed.
            browser.run(
                """(() => {
                    const event = new Event("beforeinstallprompt");
                    event.prompt = async () => { window.prompted = true; };
                    window.dispatchEvent(event);
                })()"""
            )
            self.assertTrue(browser.run("!!document.querySelector('.o_hera_install_button').offsetHeight"))
            browser.run("document.querySelector('.o_hera_install_button').click()")
            self.assertTrue(browser.run("window.prompted && !document.querySelector('.o_hera_installable')"))
