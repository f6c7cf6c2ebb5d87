"""Registering a case: what is known of who asks is seen before, and whoever says so files it, not leaving its form."""
from odoo.exceptions import AccessError
from odoo.tests import HttpCase

from .browser import DESKTOP, open_browser
from .common import SigCommon, real_clock

FIELDS = ("partner_id", "client_id", "email_from", "document_number", "anonymous", "identity_reserved", "company_id", "subject")
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
        self.known |= self.make_case(subject="Lo de antes")
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

    def ask(self, user=None, **vals):
        Pqrs = self.env["sig.pqrs"].with_user(user or self.director).with_context(lang="en_US")
        spec = {name: {} for name in (*FIELDS, "intake_panel")}
        values = {**dict.fromkeys(FIELDS, False), "company_id": self.company.id, **vals}
        told = Pqrs.onchange(values, list(vals), spec).get("value", {}).get("intake_panel") or []
        return {part["title"]: [row["text"] for row in part["rows"]] for part in told}

    def test_other_cases_of_the_petitioner(self):
        """By contact, address or document, also under reserve; nothing is saved, and nobody is told."""
        same = self.make_case(subject="La misma persona", document_number="52.123.456")
        reserved = self.make_case(subject="Bajo reserva", identity_reserved=True)
        self.make_case(partner_id=False, partner_name="Otra", email_from="otra@example.com")
        known = self.env["sig.pqrs"].search([]), self.env["mail.mail"].search([])
        both = {f"{case.name} · {case.subject}" for case in same | reserved}
        title = "Other cases of the petitioner"
        for vals in ({"partner_id": self.contact.id}, {"email_from": "ANA@example.com"}):
            for reserve in (False, True):
                self.assertEqual(set(self.ask(**vals, identity_reserved=reserve)[title]), both)
        self.assertEqual(self.ask(document_number="52123456")[title], [f"{same.name} · {same.subject}"])
        self.assertFalse(self.ask(subject="Nadie todavía"))
        self.assertFalse(self.ask(partner_id=self.contact.id, anonymous=True).get(title))
        self.assertEqual((self.env["sig.pqrs"].search([]), self.env["mail.mail"].search([])), known)

    def test_the_client(self):
        other = self.make_case(partner_id=False, partner_name="Vecino", client_id=self.client.id)
        closed = self.make_closed()
        closed.with_user(self.director).action_register_rating(4, "Bien")
        told = self.ask(client_id=self.client.id)
        self.assertIn([f"{other.name} · {other.subject}"], told.values())
        self.assertEqual(told["Last ratings"], [f"{closed.name} · {closed.subject}"])
        self.assertIn(self.contact.name, told["Contacts"])

    def test_who_files_alone(self):
        """Over RPC, others learn nothing of who asked what; and a case that is filed says it elsewhere."""
        case = self.make_case()
        own = [name for name in FIELDS if name != "document_number"]  # which they may not write
        for user in (self.collaborator, self.leader, self.management, self.employee):
            Pqrs = self.env["sig.pqrs"].with_user(user)
            vals = {**dict.fromkeys(own, False), "partner_id": self.contact.id, "email_from": "ana@example.com"}
            try:
                told = Pqrs.onchange(vals, ["partner_id"], {name: {} for name in (*own, "intake_panel")})
            except AccessError:
                continue
            self.assertFalse(told["value"].get("intake_panel"), user.name)
        self.assertEqual(case.with_user(self.director).intake_panel, [])
