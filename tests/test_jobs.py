"""Jobs and what fails in them: what another transaction was in the way of is tried again, whole; the rest stops nobody."""
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

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

    def test_what_could_not_be_printed(self):
        """Closed where nothing could print, it is stored as it was frozen by who prints it first."""
        review = self.make_review(date="2026-07-08")
        with patch.object(self.registry["sig.management.review"], "_store_pdf", lambda records: None):
            self.close(review)
        digest = review.content_digest
        self.assertIn(f"/web/content/{review.pdf_id.id or ''}", review.with_user(self.management).action_print()["url"])
        self.assertEqual((bool(review.pdf_id), review.is_intact, review.content_digest), (True, True, digest))
