"""An attack round on doors that were opened last: ids in addresses, who has a user, and what strangers' mails carry."""
import re
from unittest.mock import patch
from urllib.parse import quote

from odoo.exceptions import UserError
from odoo.http import Request
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .browser import DESKTOP, open_browser
from .common import SigCommon, real_clock
from .mail import MailCommon, write_mail
from .test_person_data import PersonCommon
from .test_tracking import ClientPagesCase

#: what nobody has, and what is no number
ODD_IDS = ("0", "-1", "99999999", "2147483648", "9223372036854775808", "1e3", "١")
MARKUP = '<script>alert(1)</script><img src=x onerror="alert(1)">{{7*7}}=HYPERLINK("http://x")'


class TestForeignIds(PersonCommon, ClientPagesCase):
    """A number in an address opens what is one's own; a foreign one and one that nobody has look alike."""

    def test_files_that_are_handed_over(self):
        pack = self.env["sig.evidence.pack"].with_user(self.director)._request(self.make_case().with_user(self.director))
        export = self.export(partner_id=self.contact.id)
        stranger = self.make_stranger("administrator")
        self.env.flush_all()
        logins = ("sig_leader", "sig_collaborator", "sig_interviewer", "sig_employee", "sig_portal", stranger.login, "sig_management")
        for base, own in (("/pqrs/evidence", pack.id), ("/pqrs/personal-data", export.id)):
            for login in logins:
                self.authenticate(login, login)
                foreign = self.get(f"{base}/{own}")
                with self.subTest(base, login=login):
                    self.assertEqual(foreign.status_code, 404)
                    self.assertFalse(foreign.content.startswith(b"PK"))
                    nobody = self.get(f"{base}/{own + 99999}")
                    self.assertEqual(nobody.status_code, 404)
                    self.assertEqual(*(re.sub(r"\d+|csrf_token.*", "", page.text) for page in (foreign, nobody)))
            for odd in ODD_IDS:
                self.assertIn(self.get(f"{base}/{odd}").status_code, (400, 404), odd)
            self.authenticate(None, None)
            self.assertIn("/web/login", self.url_open(f"{base}/{own}").url)
        self.env.invalidate_all()
        self.assertFalse(export.sudo().message_ids.filtered(lambda message: "Downloaded" in (message.preview or "")))

    def test_exports_by_rpc(self):
        export = self.export(partner_id=self.contact.id)
        foreign = self.env["ir.attachment"].create({"name": "nómina", "raw": b"PK secreto"})
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        Wizard = self.env["sig.person.wizard"].with_user(self.director)
        asked = {"partner_id": self.contact.id, "company_id": other.id, "reason": "x"}
        self.assertEachRaises(UserError, lambda: Wizard.create(asked).action_export())
        for vals in ({"attachment_id": foreign.id}, {"user_id": self.leader.id}, {"digest": "x"}, {"is_of_another": True}, {"company_id": other.id}):
            self.assertDenied(
                export, self.administrator, lambda own, vals=vals: own.write(vals),
                lambda own, vals=vals: own.create({"person": "x", **vals}), error=UserError,
            )
        made = self.look_up(partner_id=self.contact.id)
        made.with_context(default_attachment_id=foreign.id, default_user_id=self.leader.id).action_export()
        newest = self.env["sig.person.export"].search([], limit=1, order="id desc")
        self.assertEqual(newest.user_id, self.director)
        self.assertNotEqual(newest.sudo().attachment_id, foreign)


@real_clock
class TestWhoHasAUser(SigCommon, HttpCase):
    """From outside nobody learns who is a client: neither by words, nor by where a page leads, nor by the time it takes."""

    LOGINS = ("nadie@example.com", "sig_portal", "portal@example.com", "invited@example.com", "archived@example.com", "two@example.com")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        portal = [(6, 0, cls.env.ref("base.group_portal").ids)]
        Users = cls.env["res.users"].with_context(no_reset_password=True)
        Users.create({"login": "invited@example.com", "name": "Invitada", "email": "invited@example.com", "group_ids": portal})
        Users.create({"login": "archived@example.com", "name": "Antes", "password": "archived@example.com", "email": "archived@example.com", "group_ids": portal}).active = False
        Users.create([{"login": f"two{number}", "name": "Dos", "email": "two@example.com", "group_ids": portal} for number in range(2)])
        cls.env["ir.config_parameter"].set_param("auth_signup.reset_password", "True")
        cls.env["ir.config_parameter"].set_param("base.login_cooldown_after", 0)
        cls.env.flush_all()

    def strip(self, response, login):
        """The page without what differs by chance."""
        text = re.sub(r'csrf_token[^>]*>|csrf_token: "[^"]*"|[0-9a-f]{40}o?\d*|"[^"]*assets[^"]*"', "", response.text)
        return response.status_code, text.replace(login, "LOGIN").replace(quote(login), "LOGIN")

    def ask(self, url, login, **data):
        self.authenticate(None, None)
        token = self.get_token(self.url_open(url))
        with mute_logger("odoo.addons.base.models.res_users", "odoo.addons.auth_signup.controllers.main"):
            return self.strip(self.url_open(url, data={"login": login, "csrf_token": token, **data}), login)

    def test_a_password_that_cannot_be_reset_tells_no_more(self):
        usual = self.ask("/web/reset_password", "nadie@example.com")
        with (
            patch.object(self.env.registry["res.partner"], "signup_prepare", side_effect=UserError("broken")),
            self.assertLogs("odoo.addons.sig_pqrs", "ERROR"),
        ):
            self.assertEqual(self.ask("/web/reset_password", "sig_portal"), usual)

    def test_new_password(self):
        before = self.env["mail.mail"].search([])
        answers = {login: self.ask("/web/reset_password", login) for login in self.LOGINS}
        self.assertEqual(len(set(answers.values())), 1, {login: answer[1][-3000:] for login, answer in answers.items()})
        self.assertIn("alert-success", answers["sig_portal"][1])
        self.env.invalidate_all()
        mails = self.env["mail.mail"].search([]) - before
        self.assertEqual(sorted(mails.mapped("email_to")), ["invited@example.com", "portal@example.com", "portal@example.com"])
        self.assertEqual(set(mails.mapped("state")), {"outgoing"}, "nobody waits for the mail server")

    def test_new_password_as_another_client(self):
        other = self.portal.copy({"login": "otro", "email": "otro@example.com", "password": "otro"})
        self.env.flush_all()
        pages = set()
        for login in self.LOGINS:
            self.authenticate(other.login, "otro")
            token = Request.csrf_token(self)
            pages.add(self.strip(self.url_open("/web/reset_password", data={"login": login, "csrf_token": token}), login))
        self.assertEqual(len(pages), 1)

    def test_address_in_the_link(self):
        pages = set()
        for login in self.LOGINS:
            self.authenticate(None, None)
            response = self.url_open(f"/web/reset_password?signup_email={login}", allow_redirects=False)
            self.assertNotIn("Location", response.headers, login)
            pages.add(self.strip(response, login))
        self.assertEqual(len(pages), 1)

    def test_login(self):
        """A wrong password costs as much as a login that nobody has: one comparison of passwords."""
        answers, costs = set(), {}
        cls = type(self.env["res.users"]._crypt_context())
        for login in self.LOGINS:
            done = []
            original_hash, original_verify = cls.hash, cls.verify_and_update

            def count_hash(context, secret, *args, done=done, original=original_hash, **kwargs):
                done.append("hash")
                return original(context, secret, *args, **kwargs)

            def count_verify(context, secret, hashed, *args, done=done, original=original_verify, **kwargs):
                if hashed:
                    done.append("verify")
                return original(context, secret, hashed, *args, **kwargs)

            with patch.object(cls, "hash", count_hash), patch.object(cls, "verify_and_update", count_verify):
                answers.add(self.ask("/web/login", login, password="equivocada"))
            costs[login] = len(done)
        self.assertEqual((len(answers), set(costs.values())), (1, {1}), costs)

    def test_our_own_people_are_told(self):
        with self.assertRaisesRegex(Exception, "No account found"):
            self.env["res.users"].with_user(self.env.ref("base.user_admin")).reset_password("nadie")


class TestMarkupByMail(MailCommon, HttpCase):
    """A hostile mail becomes a case; wherever the case is shown, printed or exported, it is text."""

    def setUp(self):
        super().setUp()
        name = "../../x\"><img src=x onerror=alert(1)>.txt"
        author = MARKUP.replace('"', "")
        headers = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n'
        body = (
            f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{MARKUP}</p><a href=\"javascript:alert(1)\">x</a><svg onload=alert(1)><iframe src='javascript:alert(1)'></iframe>\r\n"
            f"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\nhola\r\n--b--\r\n"
        )
        [self.case] = self.receive(write_mail(MARKUP, f'"{author}" <ana.ruiz@roble.example.org>', headers, body))
        self.builder.assign(self.case, self.operations)
        self.case = self.case.with_user(self.director)

    def assertHarmless(self, text, what):
        self.assertNotRegex(text, r"(?i)<script>alert|<[^>]*\bon(error|load)\s*=\s*.?alert|(href|src)=.?javascript:", what)

    def test_stored(self):
        self.assertIn("alert", self.case.subject)
        for message in self.case.sudo().message_ids | self.case.sudo().assignment_ids.message_ids:
            self.assertHarmless(str(message.body), message.id)
        for activity in self.env["mail.activity"].sudo().search([("res_model", "=like", "sig.%")]):
            self.assertHarmless(str(activity.note or ""), "activity")
        self.env["mail.mail"].search([]).flush_recordset()
        for mail in self.env["mail.mail"].search([]):
            self.assertHarmless(mail.body_html or "", f"mail {mail.subject}")
            self.assertNotIn("\n", mail.subject or "")

    def test_printed(self):
        reports = self.env["ir.actions.report"].search([("model", "=", "sig.pqrs"), ("report_type", "=", "qweb-pdf")])
        self.assertGreater(len(reports), 2)
        for report in reports:
            with self.subTest(report.report_name):
                content = report.sudo()._render_qweb_html(report.report_name, self.case.ids)[0].decode()
                self.assertHarmless(content, report.report_name)
                self.assertNotIn("49=HYPERLINK", content, "it is no template")

    def test_name_of_the_file(self):
        annex = self.case.attachment_ids
        self.assertEqual(len(annex), 1)
        self.assertNotIn("/", annex.name)
        self.authenticate(self.director.login, self.director.login)
        for url in (f"/web/content/{annex.id}", f"/web/content/{annex.id}?download=true"):
            response = self.url_open(url)
            self.assertEqual(response.status_code, 200)
            self.assertRegex(response.headers["Content-Disposition"], r'^(inline|attachment); filename="?([^"\\]|\\.)*"?(;[^"]*)?$')
            self.assertIn("text/plain", response.headers["Content-Type"])
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_backend(self):
        """In the real web client nothing of it runs: neither in the form, nor in the list, nor in the triage."""
        alert = "window.ran = 0; window.alert = () => { window.ran += 1 }"
        with open_browser(self, self.director.login, DESKTOP) as browser:
            for path, shown in ((f"/odoo/sig.pqrs/{self.case.id}", ".o_form_view .o-mail-Message"), ("/odoo/pqrs", ".o_data_row")):
                browser.go(path)
                browser.run(alert)
                browser.wait_for(shown)
                self.assertIn("alert", browser.run("document.body.innerText"), path)
                harm = "document.querySelectorAll('.o_action_manager [onerror], .o_action_manager script, .o_action_manager iframe[src^=javascript]').length"
                self.assertEqual(browser.run(f"[window.ran, {harm}]"), [0, 0], path)
