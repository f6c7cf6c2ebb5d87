from datetime import timedelta
from unittest.mock import patch

from odoo.addons.sig_pqrs.models import clock
from odoo.tests import HttpCase

from .common import SigCommon

URL = "/sig/health"


class TestHealth(SigCommon, HttpCase):
    """A page for monitors: it says which check fails, to who has the token, and nothing of a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("sig_pqrs.health_token", "abrete")
        cls.jobs = cls.env["sig.health"]._get_jobs()
        cls.jobs.write({"active": True, "nextcall": clock.now() + timedelta(hours=1), "failure_count": 0})
        cls.env["fetchmail.server"].search([]).active = False
        cls.env.company.sig_watched_on = False
        cls.before = clock.now() - timedelta(hours=3)

    def setUp(self):
        super().setUp()
        self.patch(self.registry["ir.actions.report"], "get_wkhtmltopdf_state", lambda _self: "ok")

    def ask(self, token="abrete"):
        self.env.flush_all()
        return self.url_open(URL, headers={"Authorization": f"Bearer {token}".encode()})

    def assertFails(self, *names):
        """:return: the checks"""
        response = self.ask()
        checks = response.json()["checks"]
        self.assertEqual({name for name, check in checks.items() if not check["ok"]}, set(names))
        self.assertEqual(response.status_code, 503 if names else 200)
        return checks

    def age(self, records, **values):
        """Store what no user writes."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(f'UPDATE "{records._table}" SET "{name}" = %s WHERE id IN %s', [value, tuple(records.ids)])
        records.invalidate_recordset()

    def test_who_may_ask(self):
        self.assertEqual(self.ask().headers["Cache-Control"], "no-store")
        for token in ("", "abret", "ábrete"):
            self.assertEqual(self.ask(token).status_code, 404)
        self.authenticate("admin", "admin")
        self.assertEqual(self.url_open(URL).status_code, 404)
        self.env["ir.config_parameter"].set_param("sig_pqrs.health_token", False)
        self.assertEqual([self.ask(token).status_code for token in ("abrete", "", "False")], [404, 404, 404])

    def test_jobs(self):
        watch, notices, delivery = (self.env.ref(f"sig_pqrs.cron_{name}") for name in ("watch", "notices", "delivery"))
        watch.nextcall = self.before
        notices.active = False
        delivery.failure_count = 1
        jobs = self.assertFails("jobs")["jobs"]
        self.assertEqual((jobs["late"], jobs["off"], jobs["failing"]), ([watch.cron_name], [notices.cron_name], [delivery.cron_name]))
        self.age(self.make_case(), create_date=self.before - timedelta(days=2))
        self.assertEqual(self.assertFails("jobs")["jobs"]["failing"], [delivery.cron_name, watch.cron_name], "nobody reviewed it")

    def test_mail_that_leaves(self):
        mail = self.env["mail.mail"].create({"model": "sig.pqrs", "res_id": self.make_case().id, "state": "outgoing"})
        others = mail.copy({"model": "res.partner"}) + mail.copy({"scheduled_date": clock.now() + timedelta(hours=1)})
        self.age(mail + others, create_date=self.before)
        self.assertEqual(self.assertFails("mail_out")["mail_out"]["waiting"], 1)
        mail.write({"state": "exception"})
        self.assertEqual(self.assertFails()["mail_out"]["failed_today"], 1)

    def test_mail_that_comes(self):
        server = self.env["fetchmail.server"].create({"name": "Buzón", "server_type": "imap", "state": "done"})
        self.assertFails()
        server.error_date = clock.now()
        self.assertEqual(self.assertFails("mail_in")["mail_in"]["servers_failing"], 1)
        server.set_draft()  # as core does after five days
        self.assertEqual(self.assertFails("mail_in")["mail_in"]["servers_failing"], 1)
        server.write({"state": "done", "error_date": False, "date": self.before})
        self.assertFails("mail_in")
        server.active = False
        mail = self.env["sig.pqrs.mail"].sudo().create({"date": self.before, "date_kept": self.before, "company_id": self.env.company.id})
        self.age(mail, create_date=self.before)
        for state in ("waiting", "failed"):
            mail.state = state
            self.assertEqual(self.assertFails("mail_in")["mail_in"]["unread"], 1)

    def test_answer_that_does_not_leave(self):
        case = self.make_approved()
        with patch.object(self.registry["sig.letter"], "_store_answers", lambda _self, cases: cases.browse()):
            self.builder.send(case)
        self.assertFails()
        self.age(case.delivery_id, write_date=self.before)
        self.assertEqual(self.assertFails("answers")["answers"]["stuck"], 1)

    def test_acts(self):
        case = self.make_case()
        self.assertFails()
        self.env.company.sig_watched_on = self.env.company._sig_today()
        self.age(case, create_date=clock.now() - timedelta(days=4))
        self.assertEqual(self.assertFails("acts")["acts"]["unverified_companies"], 1)
        self.run_cron("sig_pqrs.cron_act_check")
        self.assertFails()
        check = self.env["sig.act.check"]._get_last(self.env.company)
        check.fault_count = 2
        self.assertEqual(self.assertFails("acts")["acts"]["faults"], 2)
        check.write({"fault_count": 0, "date_done": clock.now() - timedelta(days=4)})
        self.assertEqual(self.assertFails("acts")["acts"]["unverified_companies"], 1)

    def test_disk_and_pdf_engine(self):
        full = type("Usage", (), {"total": 100, "free": 4})
        with patch("odoo.addons.sig_pqrs.models.watch.health.shutil.disk_usage", return_value=full):
            self.assertEqual(self.assertFails("disk")["disk"]["free_percent"], 4.0)
        self.patch(self.registry["ir.actions.report"], "get_wkhtmltopdf_state", lambda _self: "install")
        self.assertFails("pdf")

    def test_nothing_of_a_case(self):
        case = self.make_case(subject="Turno sin cubrir")
        self.env["mail.mail"].create({"model": "sig.pqrs", "res_id": case.id, "subject": "Acuse de Ana", "state": "exception"})
        self.assertHoldsNone(self.ask().text, case.name, "Turno", "Ana", case.partner_id.name or "Ana")
