"""The set-up of a company: each step ticks itself when its data are there, and opens the screen where it is done."""
from operator import methodcaller
from unittest.mock import patch

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import UserError
from odoo.tests import HttpCase
from odoo.tools import config

from .common import SigCommon, real_clock

SYSTEM = {"company", "direction", "mail_out", "mail_in", "website", "live"}


@real_clock
class TestSetup(SigCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"vat": False, "street": False, "sig_director_id": False, "sig_service_email": False})
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["website"].search([]).domain = False
        cls.administrator.group_ids += cls.env.ref("base.group_system")
        cls.operator = CaseBuilder.make_user(cls.env, "sig_operator", "Administradora del SIG", "administrator")

    def get_panel(self, user=None, company=None):
        setup = self.env["sig.setup"].with_user(user or self.administrator)
        return setup.with_company(company or self.company).get_panel()

    def get_done(self, **kwargs):
        with patch.dict(config.options, {"smtp_server": "localhost"}):
            return {step["key"] for step in self.get_panel(**kwargs)["steps"] if step["done"]}

    def assertTicks(self, key):
        self.reload()
        self.assertIn(key, self.get_done())

    def test_nothing_is_done_by_itself(self):
        self.env["sig.process"].search([]).active = False
        self.company.sig_active = False
        self.assertEqual(self.get_done(), set())
        panel = self.get_panel()
        self.assertEqual((panel["company"], panel["total"], len(panel["steps"])), (self.company.name, 10, 10))

    def test_ticked_by_the_data(self):
        """Each as soon as its data are there, and no longer."""
        indicators = self.env["sig.indicator"].search([("has_target", "=", True)])
        website = self.env["website"].search([("company_id", "=", self.company.id)], limit=1)
        address = {"vat": "900123456", "street": "Carrera 7 # 1-2", "city": "Bogotá", "phone": "601 555 0100"}
        for key, *steps in (
            ("company", (self.company, address, True), (self.company, {"email": False}, False)),
            (
                "direction", (self.company, {"sig_service_email": "servicioalcliente@example.com"}, False),
                (self.company, {"sig_director_id": self.director.id}, True), (self.director, {"active": False}, False),
            ),
            ("live", (self.company, {"sig_active": False}, False), (self.company, {"sig_active": True}, True)),
            ("processes", (self.technology, {"leader_id": self.other_leader.id}, True), (self.technology, {"leader_id": False}, False)),
            ("processes", (self.other_leader, {"group_ids": [(6, 0, self.employee.group_ids.ids)]}, False)),
            ("website", (website, {"domain": "https://www.example.com"}, True), (website, {"sig_pqrs_active": False}, False)),
            ("targets", (indicators[1:], {"target_confirmed": True}, False), (indicators, {"target_confirmed": True}, True)),
        ):  # fmt: skip
            with self.undone():
                for records, vals, done in steps:
                    with self.subTest(key, **vals):
                        records.write(vals)
                        self.reload()
                        self.assertEqual(key in self.get_done(), done)

    def test_outgoing_mail(self):
        server = self.env["ir.mail_server"].create({"name": "Correo", "smtp_host": "smtp.example.com"})
        self.assertTicks("mail_out")
        server.owner_user_id = self.leader
        self.assertNotIn("mail_out", self.get_done(), "the mailbox of somebody")
        with patch.dict(config.options, {"smtp_server": "smtp.example.com"}):  # that of the server
            self.assertTrue(next(step for step in self.get_panel()["steps"] if step["key"] == "mail_out")["done"])

    def test_incoming_mail(self):
        self.company.alias_domain_id = self.env["mail.alias.domain"].create({"name": "setup.example.com"})
        self.assertNotIn("mail_in", self.get_done(), "nothing came in")
        self.env["sig.pqrs.mail"].sudo().create({
            "company_id": self.company.id, "date": "2026-11-24 10:00:00", "date_kept": "2026-11-24 10:00:00", "subject": "Ruido",
        })
        self.assertTicks("mail_in")
        self.company.alias_domain_id = False
        self.assertNotIn("mail_in", self.get_done(), "the mailbox has no address")

    def test_notice(self):
        action = self.env.ref("sig_pqrs.privacy_notice_1").with_user(self.operator).action_new_version()
        self.assertNotIn("notice", self.get_done())
        self.env["sig.privacy.notice"].with_user(self.operator).browse(action["res_id"]).action_publish()
        self.assertTicks("notice")

    def test_each_company_has_its_own(self):
        other = self.env["res.company"].create({"name": "Otra S. A. S."})
        self.administrator.company_ids += other
        self.assertIn("processes", self.get_done())
        self.assertNotIn("processes", self.get_done(company=other))
        self.assertEqual(self.get_panel(company=other)["company"], "Otra S. A. S.")
        self.env["sig.setup"].with_user(self.administrator).with_company(other).action_show(False)
        self.assertEqual([self.get_panel(company=each)["shown"] for each in (self.company, other)], [True, False])

    def test_administrators_alone(self):
        others = self.director | self.leader | self.collaborator | self.management | self.interviewer | self.employee
        steps = (methodcaller(*step) for step in (["get_panel"], ["action_show"], ["action_open_step", "processes"]))
        self.assertDenied(self.env["sig.setup"], others | self.portal, *steps)
        for user, shown in ((self.administrator, True), (self.operator, True), (self.director, False), (self.leader, False)):
            self.assertIs(self.env["sig.my.day"].with_user(user).get_my_day()["setup"], shown)

    def test_every_step_opens_its_screen(self):
        """An action whose model its user may read and whose views are there."""
        for user, keys in ((self.administrator, None), (self.operator, SYSTEM)):
            setup = self.env["sig.setup"].with_user(user)
            for step in setup.get_panel()["steps"]:
                if keys and step["key"] in keys:
                    self.assertFalse(step["allowed"], step["key"])
                    self.assertEachRaises(UserError, lambda setup=setup, step=step: setup.action_open_step(step["key"]))
                    continue
                self.assertTrue(step["allowed"], step["key"])
                action = setup.action_open_step(step["key"])
                self.assertEqual(action["type"], "ir.actions.act_window", step["key"])
                model = self.env[action["res_model"]].with_user(user)
                model.check_access("read")
                model.get_views([(view_id, kind) for view_id, kind in action["views"]])

    def test_panel(self):
        self.administrator.action_id = False
        self.start_tour("/odoo/pqrs-my-day", "sig_pqrs_setup", login=self.administrator.login)
        self.assertTrue(self.env["sig.process"].search([("code", "=", "SST"), ("leader_id", "=", self.leader.id)]))
        self.assertFalse(self.company.sig_setup_shown)
