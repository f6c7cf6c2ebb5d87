"""A case that was begun is filed by whoever says so, not by leaving its form."""
from odoo.tests import HttpCase

from .browser import DESKTOP, open_browser
from .common import SigCommon, real_clock

#: what shows of the app in the background, as when another tab is looked at
HIDE = """Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true}),
    document.dispatchEvent(new Event("visibilitychange")), true"""


@real_clock
class TestNewCase(SigCommon, HttpCase):
    def get_new(self):
        self.env.invalidate_all()
        return self.env["sig.pqrs"].search([]) - self.known

    def setUp(self):
        super().setUp()
        self.known = self.env["sig.pqrs"].search([])

    def test_leaving(self):
        """Who stays goes on, who leaves files nothing, who says so files."""
        self.start_tour("/odoo/pqrs-my-day", "sig_pqrs_leave_unfiled", login=self.director.login)
        self.assertEqual(self.get_new().mapped("subject"), ["Sí se radica"])

    def test_registering(self):
        """Another tab, or closing this one, files nothing. Its own button does, and says so: no cloud, no chatter that saves;
        what is known of who asks is seen before.
        """
        other = self.make_case(subject="Lo de antes")
        self.known |= other
        with open_browser(self, self.director.login, DESKTOP) as browser:
            browser.go("/odoo/pqrs-register")
            browser.wait_for("div[name=subject] textarea")
            self.assertFalse(browser.run("!!document.querySelector('.o-mail-Chatter')"))
            self.assertTrue(browser.run("[...document.querySelectorAll('.o_form_button_save')].every((button) => !button.offsetParent)"))
            browser.run("document.querySelector('div[name=email_from] input').focus()")
            browser.type_in("ana@example.com")
            browser.run("document.querySelector('div[name=subject] textarea').focus()")
            browser.type_in("Registrada")
            browser.wait("document.querySelector('.o_sig_intake')?.textContent.includes('Lo de antes')")
            browser.run("document.querySelector('div[name=type_id] input').click()")
            option = ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) > a"
            # An option that is drawn again while it is pressed takes no notice.
            browser.wait(f"document.querySelector('{option}')?.click(), !!document.querySelector('div[name=type_id] input').value")
            browser.run(HIDE)
            self.assertTrue(browser.run("!window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"), "the browser asks")
            browser.wait("!document.querySelector('.o_loading_indicator')")
            self.assertTrue(browser.run("!!document.querySelector('div[name=subject] textarea')"), "it goes on being filled in")
            self.assertFalse(self.get_new())
            browser.run("document.querySelector('.o_statusbar_buttons button[data-hotkey=s]').click()")
            browser.wait_for(".o-mail-Chatter")
        self.assertEqual(self.get_new().mapped("subject"), ["Registrada"])
