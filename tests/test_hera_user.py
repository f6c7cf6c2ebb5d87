import re
from datetime import datetime, timedelta

from odoo.exceptions import AccessDenied, UserError
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from .common import SigCommon, freeze_time, real_clock


@real_clock
class HeraUserCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.sig_is_client = True

    def invite(self, partners, user=None):
        return partners.with_user(user or self.director).action_sig_hera_invite()

    def revoke(self, partners, user=None):
        return partners.with_user(user or self.director).action_sig_hera_revoke()

    def invitations(self, partner):
        mails = self.env["mail.mail"].search([("model", "=", "res.users")])
        return mails.filtered(lambda mail: partner.email in (mail.email_to or "")).mapped("body_html")


class TestHeraUser(HeraUserCommon):
    def test_invite(self):
        """The invitation is the only mail: core's own warns of a login that somebody else changed."""
        self.env["mail.mail"].search([]).unlink()
        action = self.invite(self.contact)
        user = self.contact.user_ids
        self.assertEqual((user.login, user._is_portal(), user.company_ids), ("ana@example.com", True, self.company))
        self.assertEqual((self.contact.sig_hera_state, action["params"]["type"]), ("invited", "success"))
        self.invite(self.contact)
        mails = self.env["mail.mail"].search([])
        self.assertEqual((len(mails), len(set(mails.mapped("subject")))), (2, 1))
        for body in self.invitations(self.contact):
            self.assertHolds(body, "/web/signup?", "/my/pqrs/install")
        self.env["res.users.log"].with_user(user).sudo().create({})
        self.env.invalidate_all()
        self.assertEqual(self.contact.sig_hera_state, "active")
        self.assertEachRaises(UserError, lambda: self.invite(self.contact))

    def test_many_at_once(self):
        bare, twin, fine = self.env["res.partner"].create([
            {"name": name, "email": email, "parent_id": self.client.id}
            for name, email in (("Sin correo", False), ("Gemelo", "ANA@example.com"), ("Pedro", "pedro@example.com"))
        ])
        message = self.invite(self.contact | bare | twin | fine | self.director.partner_id)["params"]["message"]
        self.assertTrue(self.contact.user_ids and fine.user_ids)
        self.assertFalse(bare.user_ids or twin.user_ids)
        self.assertTrue(self.director._is_internal())
        self.assertHolds(message, "Invited to HERA: 2", "Sin correo", "Gemelo", self.director.name)

    def test_revoke_and_give_back(self):
        self.invite(self.contact)
        user = self.contact.user_ids
        other = new_test_user(self.env, "aaa_old", "base.group_portal", partner_id=self.contact.id)
        self.revoke(self.contact)
        self.assertFalse(any(one.active or one._is_portal() for one in (user, other)))
        self.assertEqual((self.contact.sig_hera_state, self.contact.signup_type), ("none", False))
        self.assertEachRaises(UserError, lambda: self.revoke(self.contact), lambda: self.revoke(self.leader.partner_id))
        self.assertTrue(self.leader.active, "our own people are never revoked")
        before = {"login": user.login, "password": "de-quien-estaba-antes", "type": "password"}
        for one in user | other:
            one.password = before["password"]
            self.env["res.users.apikeys"].with_user(one).sudo()._generate("rpc", "test", None)
            self.env["res.users.log"].with_user(one).sudo().create({})
        self.contact.email = "quien.sigue@example.com"
        self.invite(self.contact)
        given = (user | other).filtered("active")
        self.assertEqual((given.login, given._is_portal(), self.contact.sig_hera_state), (self.contact.email, True, "invited"))
        self.assertFalse(given.api_key_ids or given.log_ids or given._sig_has_password(given.login))
        with mute_logger("odoo.addons.base.models.res_users"), self.assertRaises(AccessDenied):
            self.env["res.users"].authenticate({**before, "login": given.login}, {"interactive": False})
        self.invite(self.contact)
        self.assertEqual(len(self.invitations(self.contact)), 2, "who has not entered is invited again")
        user.sudo()._deactivate_portal_user()
        self.invite(self.contact)
        with self.enter_registry_test_mode():
            self.env.ref("base.ir_cron_res_users_deletion").method_direct_trigger()
        self.reload()
        self.assertTrue(user.exists() and self.contact.exists(), "who deleted their account, and was given it back")

    def test_who_deletes_their_account_stays_the_petitioner(self):
        case = self.make_case(partner_id=self.contact.id)
        self.invite(self.contact)
        self.contact.user_ids.sudo()._deactivate_portal_user()
        with self.enter_registry_test_mode(), mute_logger("odoo.sql_db", "odoo.addons.base.models.res_users_deletion"):
            self.env.ref("base.ir_cron_res_users_deletion").method_direct_trigger()
        self.reload()
        self.assertFalse(self.contact.user_ids)
        self.assertEqual((case.partner_id, case.client_id), (self.contact, self.client))

    def test_each_company_gives_and_takes_its_own(self):
        director = self.make_stranger()
        other = director.company_id
        self.invite(self.contact)
        user = self.contact.user_ids
        self.assertEachRaises(UserError, lambda: self.revoke(self.contact, director))
        self.assertTrue(user.active and user._is_portal())
        self.env["res.users.log"].with_user(user).sudo().create({})
        self.env.invalidate_all()
        theirs = self.contact.with_user(director)
        self.assertEqual((self.contact.sig_hera_state, theirs.sig_hera_state), ("active", "none"))
        invitations = len(self.invitations(self.contact))
        self.invite(self.contact, director)
        self.assertEqual((user.company_ids, theirs.sig_hera_state), (self.company | other, "active"))
        self.assertEqual(len(self.invitations(self.contact)), invitations, "who is inside needs no new key")
        with self.undone():
            user.log_ids.unlink()
            self.invite(self.contact, director)
            self.assertIn(f"{other.name} le creó un usuario", re.sub("<[^>]+>", "", str(self.invitations(self.contact)[0])))
        self.revoke(self.contact)
        self.assertEqual((user.active, user.company_ids, user.company_id), (True, other, other))
        self.revoke(self.contact, director)
        self.assertFalse(user.active or user._is_portal())
        self.invite(self.contact)
        self.assertEqual((user.active, user.company_ids, user.company_id), (True, self.company, self.company))

    def test_answer_in_hera_only_where_the_client_enters(self):
        other = self.env["res.company"].create({"name": "Otra"})
        self.invite(self.contact)
        case = self.make_approved(partner_id=self.contact.id, response_medium="portal")
        user = self.contact.user_ids
        user.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        self.assertFalse(self.env["sig.client.view"]._find(user, case.id))
        self.assertEqual(case.sudo()._get_default_medium(), "email")
        self.assertEachRaises(UserError, lambda: case.with_user(self.director).action_send_response(delivery="portal"))
        self.assertEqual((case.state, case.delivery_state), ("approved", "none"))
        self.invite(self.contact)
        self.assertTrue(self.env["sig.client.view"]._find(user, case.id))
        self.assertEqual(case.sudo()._get_default_medium(), "portal")

    def test_who_may(self):
        arch = self.contact.get_view(self.env.ref("sig_pqrs.hera_user_view_list").id)["arch"]
        self.assertIn('name="action_sig_hera_invite"', arch.partition("</header>")[2], "a row invites")
        others = self.leader | self.collaborator | self.management | self.employee | self.portal
        self.assertDenied(self.contact, others, lambda own: own.action_sig_hera_invite(), lambda own: own.action_sig_hera_revoke())
        self.assertFalse(self.contact.user_ids)

    def test_nobody_gives_themselves_the_requests_of_the_whole_company(self):
        partner = self.portal.partner_id
        for record in (partner, self.portal):
            self.assertDenied(record, self.portal, lambda own: own.write({"sig_hera_colleagues": True}), error=UserError)
        self.assertFalse(partner.sig_hera_colleagues)
        self.assertDenied(partner, self.collaborator, lambda own: own.sig_hera_colleagues)


class TestHeraLogin(HttpCase, HeraUserCommon):
    """The invitation opens the door, once; a user that was taken away opens nothing."""

    def get_invitation(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.contact.lang = "en_US"
        self.invite(self.contact)
        [body] = self.invitations(self.contact)
        return re.search(r'href="(?:https?://[^/"]+)?(/web/signup\?[^"]+)"', body).group(1).replace("&amp;", "&")

    def test_the_link_of_the_invitation(self):
        link = self.get_invitation()
        page = self.url_open(link)
        self.assertEqual(page.status_code, 200)
        self.assertIn("ana@example.com", page.text)
        before = self.opener.cookies["session_id"]
        hidden = dict(re.findall(r'<input type="hidden" name="(token|redirect)" value="([^"]+)"', page.text))
        entered = self.url_open("/web/signup", data={
            "csrf_token": self.get_token(page), **hidden, "login": "ana@example.com", "name": "Ana Ruiz",
            "password": "una-clave-larga", "confirm_password": "una-clave-larga",
        })
        self.assertURLEqual(entered.url, "/my/pqrs", "the password leads into HERA")
        self.env.invalidate_all()
        self.assertEqual(self.contact.sig_hera_state, "active")
        self.assertNotEqual(self.opener.cookies["session_id"], before)
        self.opener.cookies["session_id"] = before
        self.assertIn("/web/login", self.url_open("/my/pqrs").url, "whoever gave the browser its session does not enter")
        self.opener.cookies.clear()
        again = self.url_open(link)
        self.assertIn("Usted ya creó su contraseña", again.text)
        self.assertNotIn('name="password"', again.text)
        log_in = re.search(r'href="(/web/login\?[^"]+)"[^>]*>Ingresar a HERA', again.text)[1].replace("&amp;", "&")
        page = self.url_open(log_in)
        self.assertHolds(page.text, 'value="ana@example.com"', 'name="redirect" value="/my/pqrs"')
        self.assertEnters(page)

    def assertEnters(self, page):
        """The password opens HERA, on a page of core's login."""
        credentials = {"login": "ana@example.com", "password": "una-clave-larga", "redirect": "/my/pqrs"}
        entered = self.url_open("/web/login", data={"csrf_token": self.get_token(page), **credentials})
        self.assertURLEqual(entered.url, "/my/pqrs")

    def test_an_invitation_that_expired(self):
        link = self.get_invitation()
        with freeze_time(datetime.now() + timedelta(days=30)):
            page = self.url_open(link)
        self.assertIn("Este enlace ya no funciona", page.text)
        self.assertNotIn("ana@example.com", page.text)
        for token in ("x", "%C3%B1", "AQ" + "A" * 80):
            self.assertIn("Este enlace ya no funciona", self.url_open(f"/web/signup?token={token}&redirect=/my/pqrs").text)
        self.assertNotIn("Este enlace ya no funciona", self.url_open("/web/signup?token=x").text, "others are of core")

    def test_an_invitation_to_a_wrong_address(self):
        """It opens nothing once the address is corrected, and tells nobody which is right."""
        wrong = self.get_invitation()
        self.contact.email = "correcta@example.com"
        self.assertIn("Este enlace ya no funciona", self.url_open(wrong).text)
        right = self.get_invitation()
        page = self.url_open(wrong).text
        self.assertIn("Este enlace ya no funciona", page)
        self.assertHoldsNone(page, "correcta@example.com", "correcta%40example.com")
        self.assertIn("correcta@example.com", self.url_open(right).text)

    def test_a_new_password(self):
        """It leads to HERA, also of who asked for it on core's page."""
        self.invite(self.contact)
        self.env["res.users.log"].with_user(self.contact.user_ids).sudo().create({})
        self.contact.signup_prepare(signup_type="reset")
        link = f"/web/reset_password?token={self.contact._generate_signup_token()}"
        page = self.url_open(link)
        self.assertNotIn("/my/pqrs", page.text)
        password = {"password": "una-clave-larga", "confirm_password": "una-clave-larga"}
        self.assertEqual(self.contact.user_ids.login, "ana@example.com")
        done = self.url_open(link, data={"csrf_token": self.get_token(page), "login": "ana@example.com", **password})
        page = self.url_open(re.search(r'href="(/web/login\?[^"]+)"', done.text)[1].replace("&amp;", "&"))
        self.assertIn('name="redirect" value="/my/pqrs"', page.text)
        self.assertEnters(page)

    def test_revoked_while_inside(self):
        self.invite(self.contact)
        user = self.contact.user_ids
        user.password = "una-clave-larga"
        self.env.flush_all()
        self.authenticate(user.login, "una-clave-larga")
        self.assertURLEqual(self.url_open("/my/pqrs").url, "/my/pqrs")
        key = self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", None)
        self.revoke(self.contact)
        self.env.flush_all()
        self.assertIn("/web/login", self.url_open("/my/pqrs", allow_redirects=False).headers["Location"])
        response = self.url_open(
            "/json/2/res.users/read", json={"ids": user.ids, "fields": ["name"]}, headers={"Authorization": f"Bearer {key}"}
        )
        self.assertEqual(response.status_code, 401)
