from unittest.mock import patch

from odoo.addons.base.models import ir_cron
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import date, freeze_time
from .test_management_review import ReviewCommon

LOGGER = "odoo.addons.sig_pqrs.models.mixin.record_mixin"


@freeze_time("2026-07-08 15:00:00")
class TestManagementMailing(ReviewCommon):
    def prepare(self):
        before = self.env["mail.mail"].sudo().search([])
        self.env["sig.management.review"]._mail_monthly_report(self.company)
        self.mails = (self.env["mail.mail"].sudo().search([]) - before).filtered("attachment_ids")
        return self.env["sig.management.review"].search([("kind", "=", "report"), ("company_id", "=", self.company.id)])

    def test_setting(self):
        self.assertFalse(self.prepare(), "the company did not ask for it")
        self.company.sig_report_monthly = True
        with freeze_time("2026-07-02 15:00:00"):
            self.assertFalse(self.prepare(), "not before its day")
        [report] = self.prepare()
        self.assertEqual((report.date_from, report.date_to), (date(2026, 6, 1), date(2026, 6, 30)))
        self.assertEqual((bool(report.date_mailed), report.presented_by_id), (True, self.director))
        self.assertEqual(set(self.mails.mapped("email_to")), {self.management.email_formatted})
        self.assertEqual((self.prepare(), self.mails.ids), (report, []), "once a month")
        stranger = {"sig_report_user_ids": [Command.set(self.portal.ids)]}
        self.assertEachRaises(ValidationError, lambda: self.company.write(stranger))

    def test_sent(self):
        self.company.write({"sig_report_monthly": True, "sig_report_user_ids": [Command.set((self.management | self.leader).ids)]})
        self.prepare()
        self.assertEqual((len(self.mails), len(self.mails.attachment_ids)), (2, 1))
        self.assertEqual(set(self.mails.mapped("email_to")), {self.management.email_formatted, self.leader.email_formatted})

    def test_failures(self):
        """Without engine or readers the SIG is told, once; the next day it is tried again."""
        self.company.sig_report_monthly = True
        review, error = self.env.registry["sig.management.review"], UserError("Unable to find Wkhtmltopdf")
        with patch.object(review, "_render_pdf", side_effect=error), mute_logger(LOGGER):
            self.prepare().activity_ids.summary = "Llamar a la gerencia"
            self.prepare().activity_ids.automated = False  # somebody's own hides no failure
            self.prepare()
            [report] = self.prepare()
        self.assertEqual((report.date_mailed, self.mails.ids), (False, []))
        activity = report.activity_ids.filtered("automated")
        self.assertEqual(activity.user_id, self.director)
        self.assertIn("Wkhtmltopdf", activity.note)
        self.assertEqual((self.prepare(), len(self.mails)), (report, 1))
        self.env.ref("sig_pqrs.group_top_management").sudo().user_ids = [Command.clear()]
        self.assertEachRaises(UserError, report.with_user(self.director).action_send_report, said="Nobody is named")

    def test_printed_when_the_review_is_over(self):
        """A PDF engine that hangs ends the worker: nothing of the daily review may be lost with it. A review that took
        all the time of its job leaves out no report.
        """
        self.company.write({"sig_report_monthly": True, "sig_watched_on": False, "sig_watch_hour": 6})
        found = []

        def render(report):
            found.append(report.company_id.sig_watched_on)
            return b"%PDF-", "pdf"

        with patch.object(self.env.registry["sig.management.review"], "_render_pdf", render), patch.object(ir_cron, "MIN_TIME_PER_JOB", 0):
            for _hour in range(2):
                self.run_cron("sig_pqrs.cron_watch")
        self.assertEqual(found, [date(2026, 7, 8)])
        self.assertTrue(self.env["sig.management.review"].search([("kind", "=", "report"), ("company_id", "=", self.company.id)]).date_mailed)

    def test_who_sends(self):
        report = self.make_review(kind="report")
        self.assertDenied(report, self.management, lambda own: own.action_send_report())
        report.with_user(self.director).action_send_report()
        self.assertTrue(report.date_mailed)

    def test_close(self):
        review = self.make_review(date="2026-07-08")
        review.action_hold()
        self.assertTriedAgain("sig.management.review", "_render_pdf", review.action_close)

    def test_what_could_not_be_printed(self):
        """Closed where nothing could print, it is stored as it was frozen by who prints it first."""
        review = self.make_review(date="2026-07-08")
        with patch.object(self.registry["sig.management.review"], "_store_pdf", lambda records: None):
            self.close(review)
        digest = review.content_digest
        self.assertIn(f"/web/content/{review.pdf_id.id or ''}", review.with_user(self.management).action_print()["url"])
        self.assertEqual((bool(review.pdf_id), review.is_intact, review.content_digest), (True, True, digest))
