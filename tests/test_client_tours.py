from .browser import open_browser
from .test_filing_page import FilingCommon
from .test_tracking import ClientPagesCase


class TestClientTours(FilingCommon, ClientPagesCase):
    """A client in a browser of the size of a phone."""

    def fill(self, browser, field, text, form):
        browser.run(f"document.querySelector('{field}').value = {text!r}")
        browser.leave_by(f"document.querySelector('{form} button[type=submit]').click()")

    def click(self, browser, selector, text=""):
        found = f"[...document.querySelectorAll({selector!r})].find((each) => each.textContent.includes({text!r}))"
        browser.leave_by(f"{found}.click()")

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
            self.click(browser, "form[action='/pqrs/track/leave'] button")
            self.assertTrue(browser.run("!!document.querySelector('#track_number')"))
            self.open(browser, case, url)
            self.fill(browser, "#text_deliver", "Va el acta", "#form_deliver")
            self.assertIn("Va el acta", browser.get_text(".o_sig_message_mine"))
            self.fill(browser, "#text_write", "¿Les llegó?", "#form_write")
            self.assertIn("¿Les llegó?", browser.get_text(".o_sig_talk"))
            browser.switch_scripts_off()
            self.open(browser, case, url)
            browser.tab_to(".o_sig_withdraw summary")
            browser.press("Enter")
            browser.tab_to("#text_withdraw")
            browser.type_in("Ya lo resolvieron")
            browser.tab_to("#form_withdraw button")
            browser.press("Enter")
            browser.wait_for_page("!!document.querySelector('.o_sig_status_withdrawn')")
        self.env.invalidate_all()
        self.assertEqual((case.state, case.outcome), ("closed", "withdrawn"))
        self.assertIn("information_delivered", self.kinds(case))

    def test_hera(self):
        case = self.make_own(subject="Ronda sin hacer")
        answered = self.builder.send(self.make_approved(self.make_own(subject="La cámara")))
        with open_browser(self, login=self.portal.login) as browser:
            browser.go("/my/pqrs")
            self.click(browser, "a.o_hera_row", "Ronda sin hacer")
            self.fill(browser, "#text_write", "Olvidé la hora", "#form_write")
            self.assertIn("Olvidé la hora", browser.get_text(".o_sig_message_mine"))
            self.click(browser, ".o_hera_back")
            self.click(browser, ".o_hera_chips a[href*=to_rate]")
            self.click(browser, "a.o_hera_row", "La cámara")
            browser.run("document.querySelector('label[for=rate_5]').click()")
            self.click(browser, "#form_rate button")
            self.assertIn("5", browser.get_text(".o_sig_rated"))
        self.env.invalidate_all()
        self.assertEqual(len(self.see(case)["messages"]), 1)
        self.assertEqual(answered.rating_value, 5)

    def test_hera_filing(self):
        """Nothing of what is known is asked."""
        with open_browser(self, login=self.portal.login) as browser:
            browser.go("/my/pqrs")
            self.click(browser, ".o_hera_tabs a[href='/my/pqrs/new']")
            self.assertFalse(browser.run("!!document.querySelector('#pqrs_name')"))
            browser.run("pqrs_type_queja.click(), pqrs_subject.value = 'Luminaria fundida', pqrs_notice.click()")
            self.fill(browser, "#pqrs_description", "La del parqueadero.", ".sig_pqrs_form")
            self.assertIn("PQRS-", browser.get_text(".sig_pqrs_number"))
            self.click(browser, ".sig_pqrs_page a.btn[href^='/my/pqrs/']")
            self.assertIn("Luminaria fundida", browser.get_text(".o_sig_case h1"))
        case = self.get_new()
        self.assertEqual((case.channel, case.partner_id, case.state), ("portal", self.portal.partner_id, "received"))

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
