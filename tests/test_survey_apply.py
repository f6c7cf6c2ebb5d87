"""The survey in a visit or by phone: by whom, when, and one client after another."""

from odoo.addons.sig_pqrs.models import clock
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

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
        with self.assertRaisesRegex(UserError, "has answered already"):
            self.visited.with_user(self.director).action_apply()

    def test_two_interviewers_on_one_client(self):
        self.visited.with_user(self.interviewer).action_apply()
        with self.assertRaisesRegex(UserError, "is asking"):
            self.visited.with_user(self.director).action_apply()
        self.visited.with_user(self.interviewer).action_apply()
        with freeze_time("2026-06-03 16:00:00"):
            self.visited.with_user(self.director).action_apply()

    def test_by_mail_nothing_is_applied(self):
        with self.assertRaisesRegex(UserError, "Choose visit or phone first"):
            self.of(self.wave, self.clients[2]).with_user(self.director).action_apply()

    def test_hours_of_calls(self):
        for when, allowed in (
            ("2026-06-03 12:00:00", True),  # 7:00
            ("2026-06-03 11:59:00", False),
            ("2026-06-03 23:59:00", True),  # 18:59
            ("2026-06-04 00:00:00", False),  # 19:00
            ("2026-06-06 13:00:00", True),  # Saturday 8:00
            ("2026-06-06 20:00:00", False),  # Saturday 15:00
            ("2026-06-07 15:00:00", False),  # Sunday
            ("2026-06-08 15:00:00", False),  # holiday
        ):
            with self.subTest(when=when), freeze_time(when):
                self.assertEqual(not self.company._sig_get_call_refusal(clock.now()), allowed)

    def test_out_of_hours_the_sig_alone_goes_on(self):
        with freeze_time("2026-06-07 15:00:00"):
            with self.assertRaisesRegex(UserError, "clients are not called"):
                self.called.with_user(self.interviewer).action_apply()
            action = self.called.with_user(self.director).action_apply()
            self.assertEqual(action["res_model"], "sig.survey.step.wizard")
            Wizard = self.env["sig.survey.step.wizard"]
            wizard = Wizard.with_user(self.director).with_context(**action["context"]).create({})
            self.assertTrue(wizard.warning)
            self.assertEqual(wizard.action_confirm()["type"], "ir.actions.act_url")
            forged = Wizard.with_user(self.interviewer).create(
                {"step": "call", "recipient_ids": [Command.set(self.called.ids)]}
            )
            with self.assertRaises(AccessError):
                forged.action_confirm()
            self.visited.with_user(self.interviewer).action_apply()  # visits are no calls

    def test_who_opens_the_link_does_not_take_the_client_from_who_asks(self):
        self.visited.with_user(self.interviewer).action_apply()
        self.visited.user_input_id.with_user(self.director).sudo()._mark_in_progress()
        self.assertEqual((self.visited.state, self.visited.applied_by_id), ("started", self.interviewer))

    def test_after_the_close_nothing_goes(self):
        self.wave.action_close()
        message = "is not running"
        for step in (
            lambda: self.visited.with_user(self.director).action_apply(),
            lambda: self.visited.with_user(self.director).action_send(),
            lambda: self.visited.with_user(self.director).action_decline("x"),
            lambda: self.visited.with_user(self.director).write({"channel": "phone"}),
        ):
            with self.assertRaisesRegex(UserError, message):
                step()
