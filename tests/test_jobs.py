"""Jobs and what fails in them: what another transaction was in the way of is tried again, whole; the rest stops nobody."""
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError

from .common import SigCommon, freeze_time
from .test_management_review import ReviewCommon
from .test_survey_results import ResultsCommon


class JobCommon(SigCommon):
    def assertTriedAgain(self, model, step, job):
        """The error goes up to the scheduler, which rolls back and runs the job again."""
        with patch.object(self.registry[model], step, side_effect=SerializationFailure), self.assertRaises(SerializationFailure):
            job()


@freeze_time("2026-06-20 15:00:00")
class TestSurveyJobs(JobCommon, ResultsCommon):
    def test_queue(self):
        wave = self.make_wave()
        wave.action_launch()
        queue = self.env["sig.survey.recipient"]._cron_queue
        self.assertTriedAgain("sig.survey.recipient", "_prepare_and_mail", queue)

        def fail(recipients):  # the batch fails by itself, and then one of them meets another transaction
            raise ValueError("broken") if len(recipients) > 1 else SerializationFailure

        with patch.object(self.registry["sig.survey.recipient"], "_prepare_and_mail", fail), \
                self.assertLogs("odoo.addons.sig_pqrs.models.mixin.record_mixin", "ERROR"), self.assertRaises(SerializationFailure):
            queue()
        self.assertEqual((set(wave.recipient_ids.mapped("state")), wave.queued_count), ({"to_send"}, len(wave.recipient_ids)))
        self.work_off()
        self.assertEqual(len(self.mails(wave.recipient_ids)), len(wave.recipient_ids))

    def test_clients_are_looked_for_again(self):
        """A filter that met another transaction is not a filter that is wrong."""
        wave = self.make_wave()
        self.assertTriedAgain("res.partner", "_read_group", wave.action_launch)
        self.assertEqual(wave.state, "draft")

    def test_a_wave_is_closed_though_its_indicators_fail(self):
        wave = self.launch()
        self.answer_all(wave, [5] * 6)
        self.assertTriedAgain("sig.survey.wave", "_measure_indicators", wave.action_close)
        wave.invalidate_recordset()
        other = self.launch(semester="2", date_start="2026-06-20")
        self.answer_all(other, [5])
        with patch.object(self.registry["sig.finding"], "_get_survey_key", side_effect=ValueError("broken")), \
                self.assertLogs("odoo.addons.sig_pqrs.models.mixin.record_mixin", "ERROR") as logs:
            other.action_close()
        self.assertEqual((other.state, bool(other.results_digest), len(logs.output)), ("closed", True, 1))
        self.assertFalse(self.env["sig.indicator.measure"].search([("date_from", "=", "2026-07-01")]), "all of it or none")


@freeze_time("2026-07-08 15:00:00")
class TestReviewJobs(JobCommon, ReviewCommon):
    def test_close(self):
        review = self.make_review(date="2026-07-08")
        review.action_hold()
        self.assertTriedAgain("sig.management.review", "_render_pdf", review.action_close)

    def test_what_cannot_be_printed_waits(self):
        """Closed where nothing could print, it is printed another day as it was frozen; it stops neither others nor reports."""
        broken, good = self.make_review(date="2026-07-08"), self.make_review(date="2026-07-08", date_from="2025-07-01", date_to="2025-12-31")
        with patch.object(self.registry["sig.management.review"], "_store_pdf", lambda records: None):
            for review in (broken, good):
                self.close(review)
        self.company.sig_report_user_ids = self.management
        report = self.make_review(kind="report", date_from="2026-06-01", date_to="2026-06-30")
        report.action_send_again()
        store, absent, digest = self.registry["sig.management.review"]._store_pdf, "Unable to find Wkhtmltopdf", broken.content_digest

        def fail(review):
            if broken in review:
                raise UserError(absent)
            return store(review)

        with patch.object(self.registry["sig.management.review"], "_store_pdf", fail), \
                self.assertLogs("odoo.addons.sig_pqrs.models.mixin.record_mixin", "ERROR"):
            self.run_cron("sig_pqrs.cron_management_report")
        self.assertEqual(((broken | good).mapped(lambda one: bool(one.pdf_id)), report.mail_state), ([False, True], "sent"))
        self.run_cron("sig_pqrs.cron_management_report")
        self.assertEqual((bool(broken.pdf_id), broken.is_intact, broken.content_digest), (True, True, digest))
