"""A company receives PQRS when somebody switches it on, with a SIG director; nothing is filed where nobody reads it."""
from functools import partial
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from .common import CaseBuilder, SigCommon, real_clock
from .mail import write_mail
from .test_filing_page import FilingCommon
from .test_intake import FORM


@tagged("post_install", "-at_install")
class TestInstalled(TransactionCase):
    def test_nothing_is_on(self):
        self.assertFalse(self.env["res.company"].search([("sig_active", "=", True)]))
        self.assertFalse(self.env["website"].search([("sig_pqrs_active", "=", True)]))
        self.assertFalse(self.env["mail.alias"].search([("alias_model_id.model", "=", "sig.pqrs")]))
        self.assertFalse(self.env.ref("sig_pqrs.automation_overdue").active, "it starts a job of core")


@real_clock
class TestSwitch(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "switch.example.com"})
        cls.company.alias_domain_id = cls.domain
        cls.other = cls.env["res.company"].create({"name": "Otra Empresa", "alias_domain_id": cls.domain.id})

    def make_director(self, login="switch_director"):
        return CaseBuilder.make_user(self.env, login, "Directora de otra", "director", self.other)

    def test_escalation_begins_with_the_first_company(self):
        rule = self.env.ref("sig_pqrs.automation_overdue")
        self.assertTrue(rule.active)
        self.company.sig_active = False
        self.assertTrue(rule.active, "what is open goes on")
        rule.active = False  # by an administrator
        self.company.sig_active = True
        self.assertTrue(rule.active)
        rule.active = False
        self.make_director()
        self.other.write({"sig_active": True})
        self.assertFalse(rule.active)

    def test_a_new_company_is_off(self):
        self.assertFalse(self.other.sig_active or self.other.sig_alias_id)
        self.other.sig_service_email = "otra@switch.example.com"
        self.assertNotIn(self.other, self.env["res.company"]._sig_get_mailboxes().values())
        self.assertEachRaises(UserError, lambda: self.other.write({"sig_alias_name": "otra"}))

    def test_somebody_directs_its_sig(self):
        on, known = {"sig_active": True}, self.other.with_context(active_test=False)
        self.make_director("switch_gone").active = False
        self.assertEachRaises(ValidationError, lambda: known.write(on), lambda: known.create({"name": "Nueva", **on}))
        director = self.make_director()
        self.other.sig_active = True
        self.assertEachRaises(ValidationError, lambda: self.other.write({"sig_director_id": self.leader.id}))  # not of the company
        case = CaseBuilder(self.env, director, self.other).file({"partner_name": "Luis"})
        director.active = False
        archive = partial(self.assertEachRaises, ValidationError, self.other.action_archive, said="first end all of that")
        archive()
        self.other.sig_active = False
        archive()
        case.action_withdraw("Ya no")
        now = fields.Datetime.now()
        mail = self.env["sig.pqrs.mail"].create({"company_id": self.other.id, "date": now, "date_kept": now, "state": "ignored"})
        wave = self.env["sig.survey.wave"].sudo().create({"company_id": self.other.id, "year": 2026, "semester": "2"})
        letter = case.sudo().communication_ids
        letter.date_due = False
        for record, name, waits in ((letter, "date_due", now), (mail, "state", "failed"), (case.sudo(), "next_duty", "regulator"), (wave, "state", "running")):
            over, record[name] = record[name], waits
            archive()
            record[name] = over
        self.other.action_archive()
        self.company.sig_director_id = False
        self.assertEqual(self.company._sig_get_director(), self.director, "before who administers the SIG")

    def test_each_mailbox_has_its_name(self):
        self.company.sig_active = False
        self.assertFalse(self.company.sig_alias_id)
        self.make_director()
        self.other.sig_active = True
        self.company.sig_active = True
        self.assertEqual(self.company.sig_alias_id.alias_full_name, "servicioalcliente@switch.example.com")
        self.assertEqual(self.other.sig_alias_id.alias_full_name, "servicioalcliente-otra-empresa@switch.example.com")
        mailboxes = self.env["res.company"]._sig_get_mailboxes()
        self.assertEqual(mailboxes["servicioalcliente-otra-empresa@switch.example.com"], self.other)
        self.other.sig_alias_name = "pqrs"
        self.other.sig_active = False
        self.assertFalse(self.other.sig_alias_id)
        self.assertNotIn(self.other, self.env["res.company"]._sig_get_mailboxes().values())
        self.company.sig_alias_name = "pqrs"  # meanwhile
        with patch.object(self.registry["res.users"], "_bus_send") as told:
            self.other.sig_active = True
        self.assertIn("“pqrs” is another mailbox", told.call_args.args[1]["message"])
        self.assertEqual(self.other.sig_alias_name, "pqrs-2", "its name, and a number")

    def test_who_administers_odoo_is_led_to_the_sig(self):
        settings = CaseBuilder.make_user(self.env, "switch_settings", "Sistemas", None)
        settings.group_ids |= self.env.ref("base.group_system")
        with self.assertRaisesRegex(UserError, "An administrator of the SIG hands it over: .*Administradora"):
            self.director.with_user(settings).action_archive()
        self.env.ref("sig_pqrs.group_administrator").all_user_ids.group_ids -= self.env.ref("sig_pqrs.group_administrator")
        with self.assertRaisesRegex(RedirectWarning, "to who follows") as led:
            self.director.with_user(settings).action_archive()
        self.assertEqual(led.exception.args[1], self.env.ref("base.action_res_users").id)

    def test_an_integration_is_told(self):
        self.director.company_ids |= self.other
        case = self.env["sig.pqrs"].with_user(self.director)
        form = {**FORM, "notice": True}
        self.assertEachRaises(UserError, lambda: case.file_petition(form, "switch-1", company_id=self.other.id), said="receives no PQRS")
        self.other.sig_active = True
        self.assertTrue(case.file_petition(form, "switch-1", company_id=self.other.id)["number"])

    def test_a_mail_that_nobody_would_read_waits(self):
        """Until the company receives PQRS, and somebody directs its SIG."""
        Mail, Message = self.env["sig.pqrs.mail"], self.env["mail.message"]
        told = [("partner_ids", "in", self.env.ref("base.user_admin").partner_id.id), ("subject", "ilike", "Otra Empresa")]

        def receive(ident, model="sig.pqrs"):
            raw = write_mail(author="Eva <eva@example.net>", ident=ident).replace(b"servicioalcliente@", b"nadie@")
            self.env["mail.thread"].with_company(self.other).message_process(model, raw)
            return Mail.search([("message_ident", "like", ident)])

        self.assertEqual(receive("switch-0@x").pqrs_id.company_id, self.company, "which receives PQRS, as the other does not")
        self.domain.name = "example.com"
        for number, vals in enumerate(({"sig_service_email": "nadie@example.com"}, {"sig_alias_kept": "nadie"})):
            with self.undone():
                self.other.write(vals)
                mail = receive(f"switch-0{number}@x", False)  # by the pipe
                self.assertEqual((mail.company_id, mail.reason, mail.pqrs_id.ids), (self.other, "unread", []))
                mail.unlink()
                with self.undone():
                    partners = {"alias_model_id": self.env["ir.model"]._get_id("res.partner"), "alias_domain_id": self.domain.id}
                    self.env["mail.alias"].create({"alias_name": "nadie", **partners})
                    self.assertFalse(receive(f"switch-partner{number}@x", False), "of another application now")
                self.other.active = False
                self.assertEqual(receive(f"switch-archived{number}@x").company_id, self.company, "where it is read")
        self.company.sig_active = False
        director = self.make_director()
        mails = receive("switch-1@x") | receive("switch-2@x")
        self.run_cron("sig_pqrs.cron_mail")
        self.assertEqual((mails.company_id, mails.mapped("reason")), (self.other, ["unread", "unread"]))
        self.assertIn("Todavía no recibe PQRS", Message.search(told).body, "once")
        self.other.sig_active = True
        self.run_cron("sig_pqrs.cron_mail")
        self.assertEqual((len(mails.pqrs_id), set(mails.mapped("state"))), (2, {"filed"}))
        director.group_ids -= self.env.ref("sig_pqrs.group_sig_director")
        self.assertEqual((receive("switch-3@x").reason, "Nadie dirige su SIG" in Message.search(told)[0].body), ("unread", True))


@real_clock
class TestWebsite(FilingCommon):
    PAGES = ("/pqrs", "/pqrs/new")

    def get_status(self, *urls):
        return {self.url_open(url).status_code for url in urls}

    def test_a_website_that_is_off(self):
        for record, field in ((self.website, "sig_pqrs_active"), (self.company, "sig_active")):
            hidden = self.get_form()
            self.assertEqual(self.get_status(*self.PAGES, "/pqrs/track"), {200})
            self.assertIn('href="/pqrs"', self.url_open("/").text)
            record[field] = False
            self.assertEqual(self.get_status(*self.PAGES), {404})
            self.assertNotIn('href="/pqrs"', self.url_open("/").text)
            self.assertEqual(self.post(hidden=hidden).status_code, 404)
            self.assertFalse(self.get_new())
            record[field] = True

    def test_who_has_a_case_follows_it(self):
        self.company.sig_active = False
        self.assertEqual(self.get_status("/pqrs/track"), {404})
        case = self.make_case()
        self.assertEqual(self.get_status("/pqrs/track"), {200})
        opened = self.url_open(f"/pqrs/track?number={case.name}&code={case.sudo()._get_tracking_code()}")
        self.assertIn(case.name, opened.text)

    def test_a_company_that_is_off_has_no_tile_in_hera(self):
        self.authenticate("sig_portal", "sig_portal")
        self.assertIn('href="/my/pqrs"', self.url_open("/my").text)
        forms = ("/my/pqrs/new", "/my/pqrs/offline")
        self.assertEqual(self.get_status(*forms), {200})
        self.company.sig_active = False
        self.assertNotIn('href="/my/pqrs"', self.url_open("/my").text)
        self.assertEqual(self.get_status(*forms), {404})
        page = self.url_open("/my/pqrs").text
        self.assertHoldsNone(page, '"/my/pqrs/new"', "o_hera_receives")  # it is neither offered nor kept by a phone
