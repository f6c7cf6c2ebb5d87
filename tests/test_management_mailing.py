from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import date, freeze_time
from .test_management_review import ReviewCommon

LOGGER = "odoo.addons.sig_pqrs.models.mixin.record_mixin"


@freeze_time("2026-07-08 15:00:00")
class TestManagementMailing(ReviewCommon):
    def prepare(self):
        self.env["sig.management.review"]._prepare_monthly_report(self.company)
        return self.env["sig.management.review"].search([("kind", "=", "report"), ("company_id", "=", self.company.id)])

    def send(self):
        before = self.env["mail.mail"].sudo().search([])
        self.run_cron("sig_pqrs.cron_management_report")
        return (self.env["mail.mail"].sudo().search([]) - before).filtered("attachment_ids")

    def test_setting(self):
        self.assertFalse(self.prepare(), "the company did not ask for it")
        self.company.sig_report_monthly = True
        with freeze_time("2026-07-02 15:00:00"):
            self.assertFalse(self.prepare(), "not before its day")
        [report] = self.prepare()
        self.assertEqual((report.date_from, report.date_to), (date(2026, 6, 1), date(2026, 6, 30)))
        self.assertEqual((report.mail_state, report.presented_by_id), ("pending", self.director))
        self.assertEqual(self.prepare(), report, "once a month")
        settings = ({"sig_report_day": 0}, {"sig_report_day": 21}, {"sig_report_user_ids": [Command.set(self.portal.ids)]})
        self.assertEachRaises(ValidationError, *(lambda vals=vals: self.company.write(vals) for vals in settings))

    def test_sent(self):
        self.company.write({"sig_report_monthly": True, "sig_report_user_ids": [Command.set((self.management | self.leader).ids)]})
        [report] = self.prepare()
        mails = self.send()
        self.assertEqual((report.mail_state, len(mails), len(mails.attachment_ids)), ("sent", 2, 1))
        self.assertEqual(set(mails.mapped("email_to")), {self.management.email_formatted, self.leader.email_formatted})
        self.assertFalse(self.send(), "safe to run twice")

    def test_failures(self):
        """Without engine or readers the SIG is told, and others leave all the same."""
        self.company.sig_report_monthly = True
        [broken] = self.prepare()
        good = self.make_review(kind="report", date_from="2026-05-01", date_to="2026-05-31")
        good.action_send_again()
        real = self.env.registry["sig.management.review"]._render_pdf

        absent = "Unable to find Wkhtmltopdf"

        def render(review):
            if review == broken:
                raise UserError(absent)
            return real(review)

        with patch.object(self.env.registry["sig.management.review"], "_render_pdf", render), mute_logger(LOGGER):
            self.send()
        self.assertEqual((broken.mail_state, good.mail_state), ("failed", "sent"))
        self.assertIn("Wkhtmltopdf", broken.mail_failure)
        self.assertEqual(broken.activity_ids.user_id, self.director)
        self.assertEqual(self.prepare() & broken, broken, "it is not made again")
        broken.with_user(self.director).action_send_again()
        self.env.ref("sig_pqrs.group_top_management").sudo().user_ids = [Command.clear()]
        self.assertFalse(self.send())
        self.assertEqual(broken.mail_state, "failed")

    def test_who_sends(self):
        self.assertDenied(self.make_review(kind="report"), self.management, lambda own: own.action_send_again())
