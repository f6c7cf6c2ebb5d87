"""The survey in a visit or by phone: by whom, when, and one client after another."""

from odoo.addons.sig_pqrs.models import clock
from odoo.exceptions import UserError

from .common import freeze_time
from .test_survey_wave import SurveyCommon


@freeze_time("2026-06-03 15:00:00")  # a Wednesday, 10 in the morning
class TestApply(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave = cls.launch()
        cls.visited, cls.called = cls.of(cls.wave, cls.clients[0]), cls.of(cls.wave, cls.clients[1])
        cls.visited.write({"channel": "visit", "interviewer_id": cls.interviewer.id})
        cls.called.write({"channel": "phone", "interviewer_id": cls.interviewer.id})

    def test_the_client_answers_the_mail_before_the_visit(self):
        self.answer(self.visited, user=self.env.ref("base.public_user"))
        self.assertEqual((self.visited.state, self.visited.channel), ("answered", "email"))
        self.assertEachRaises(UserError, self.visited.action_apply, said="it is “Has answered”")

    def test_by_mail_nothing_is_applied(self):
        self.assertEachRaises(UserError, self.of(self.wave, self.clients[2]).action_apply, said="Choose visit or phone first")

    def test_hours_of_calls(self):
        """In Colombia, five hours later in UTC: from 7 to 19, on Saturdays from 8 to 15, never on Sundays and holidays."""
        for when, allowed in (
            ("2026-06-03 12:00:00", True), ("2026-06-03 11:59:00", False), ("2026-06-03 23:59:00", True), ("2026-06-04 00:00:00", False),
            ("2026-06-06 13:00:00", True), ("2026-06-06 20:00:00", False),  # Saturday
            ("2026-06-07 15:00:00", False), ("2026-06-08 15:00:00", False),  # Sunday, holiday
        ):
            with self.subTest(when=when), freeze_time(when):
                self.assertEqual(not self.company._sig_get_call_refusal(clock.now()), allowed)

    def test_out_of_hours_nobody_is_called(self):
        with freeze_time("2026-06-07 15:00:00"):
            for user in (self.interviewer, self.director):
                self.assertEachRaises(UserError, self.called.with_user(user).action_apply, said="clients are not called")
            self.visited.with_user(self.interviewer).action_apply()  # visits are no calls

    def test_after_the_close_nothing_goes(self):
        self.wave.action_close()
        self.assertEachRaises(
            UserError, self.visited.action_apply, self.visited.action_send, lambda: self.visited.action_decline("x"),
            lambda: self.visited.write({"channel": "phone"}), said="is not running",
        )
