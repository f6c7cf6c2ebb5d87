"""How clients of a wave are asked, and asked again: jobs, mails and reminders."""
from pathlib import Path

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError

from .common import date, freeze_time, moment, real_clock
from .test_survey_wave import SurveyCommon


@freeze_time("2026-06-02 15:00:00")
class TestQueue(SurveyCommon):
    def test_mails(self):
        for client in self.clients:
            client.name = f"{client.name} S. A. S."
        wave = self.launch()
        self.work_off()
        mails = self.mails(wave.recipient_ids)
        self.assertEqual((len(mails), len(wave.recipient_ids.user_input_id)), (3, 3), "once, though the job ran twice")
        mail = mails[0]
        recipient = wave.recipient_ids.browse(mail.res_id)
        self.assertIn(wave.name, mail.subject)
        self.assertHolds(mail.body_html, recipient._get_answer_url().replace("&", "&amp;"), recipient._get_decline_url())
        self.assertIn("S. A. S</strong>.", mail.body_html, "one full stop ends the name and the sentence")
        self.assertIn("Puede responder hasta el <strong>22 de junio", mail.body_html)
        self.assertEqual(recipient.state, "to_send")
        with freeze_time("2026-06-23 15:00:00"), self.undone():
            recipient.action_send()
            self.work_off()
            late = (self.mails(recipient) - mail).body_html
            self.assertEqual(("El enlace es solo para usted" in late, "Puede responder hasta" in late), (True, False), "that day is over")
        with self.assertRaisesRegex(UserError, "by invitation, once"):
            wave.sudo().survey_id._create_answer(partner=self.clients[0])
        sent, failed = self.of(wave, self.clients[0]), self.of(wave, self.clients[1])
        self.mails(sent)._postprocess_sent_message([], [])
        self.mails(failed)._postprocess_sent_message([], [], failure_reason="No such mailbox", failure_type="mail_email_invalid")
        self.assertEqual((sent.state, bool(sent.date_sent), failed.state), ("sent", True, "failed"))
        self.assertIn("No such mailbox", failed.reason)

    def test_what_colleagues_write_is_no_invitation(self):
        """It leaves and fails without the client; what leaves after the close changes nothing either."""
        recipient = self.of(self.launch(), self.clients[0])
        invitation = self.mails(recipient)
        recipient.message_post(body="¿Quién responde?", partner_ids=self.administrator.partner_id.ids)
        note = self.mails(recipient) - invitation
        note._postprocess_sent_message([], [], failure_reason="Refused", failure_type="unknown")
        self.assertEqual((note.state, recipient.state, recipient.reason), ("outgoing", "to_send", False))
        recipient.wave_id.action_close()
        self.assertEqual((note.state, invitation.state), ("outgoing", "cancel"))
        (note | invitation)._postprocess_sent_message([], [])
        self.assertEqual((recipient.state, recipient.date_sent), ("failed", False))

    def test_who_refused_is_not_asked(self):
        wave = self.make_wave()
        wave.action_launch()
        first, sent, allows = recipients = wave.recipient_ids
        sent.sudo()._on_mail_done()
        for client in (first | sent).partner_id:
            self.make_case(partner_id=False, partner_name="Luis", survey_answer="no").partner_id = client  # learnt later
        sent.channel = "visit"
        allows.partner_id.with_user(self.director).action_sig_allow_surveys()
        self.make_case(partner_id=allows.partner_id.id, date_received="2025-11-20 15:00:00", survey_answer="no")
        self.assertEachRaises(UserError, first.action_send, sent.action_apply, said="does not allow surveys")
        self.work_off()
        found = [(one.state, one.queued, len(self.mails(one))) for one in recipients]
        self.assertEqual(found, [("excluded", False, 0), ("declined", False, 0), ("to_send", False, 1)])
        allows.sudo().write({"state": "started", "date_sent": False})  # in a visit
        allows.sudo()._get_respondent().sudo().with_user(self.director).action_sig_revoke_surveys()
        self.work_off()
        self.assertEqual(allows.state, "declined", "who was being asked was asked")

    def test_one_that_fails_stops_no_other(self):
        wave = self.make_wave()
        wave.action_launch()
        broken = self.of(wave, self.clients[1])
        with self.breaks_on(broken, "sig.survey.recipient", "_prepare_answer"):
            self.work_off()
        self.assertEqual(broken.state, "failed")
        self.assertNotIn("broken", broken.reason, "what the program said is for the log")
        self.assertIn("could not be prepared", broken.with_context(lang="en_US").reason)
        self.assertEqual(len(self.mails(wave.recipient_ids)), 2)
        broken.with_user(self.director).action_restore()
        self.work_off()
        self.assertEqual(len(self.mails(broken)), 1)
        self.mails(broken)._postprocess_sent_message([], [])
        broken.with_user(self.director).action_send()
        with self.breaks_on(broken, "sig.survey.recipient", "_mail"):
            self.work_off()
        self.assertEqual((broken.state, bool(broken.reason), broken.queued), ("sent", True, False), "it was asked before")

    def test_a_returned_mail(self):
        """A report that it is late returns nothing, nor does one about who answered."""
        wave = self.launch()
        recipient, answered = self.of(wave, self.clients[0]), self.of(wave, self.clients[1])
        self.answer(answered)
        for one, name, state in (
            (recipient, "dsn_delayed", "to_send"), (recipient, "dsn_failed", "bounced"), (answered, "dsn_failed", "answered"),
        ):
            raw = (Path(__file__).parent / "data" / "mail" / f"{name}.eml").read_text()
            raw = raw.replace("{message_id}", self.mails(one).message_id).replace("ana.ruiz@roble.example.org", one.email)
            self.env["mail.thread"].with_user(SUPERUSER_ID).message_process(False, raw)
            with self.subTest(name, client=one.partner_id.name):
                self.assertEqual(self.reload(one)[0].state, state)
        token = recipient.user_input_id.sudo().access_token
        recipient.email = "nueva@example.com"
        self.work_off()
        self.assertEqual(self.mails(recipient)[-1].email_to, "nueva@example.com")
        self.mails(recipient).write({"state": "sent"})
        recipient.sudo()._on_mail_done()
        recipient.email = "otra@example.com"
        self.assertNotEqual(recipient.user_input_id.sudo().access_token, token, "whoever has the first link answers no more")

    def test_resending_changes_no_answer(self):
        wave = self.launch()
        recipient = self.of(wave, self.clients[0])
        sheet = recipient.user_input_id.sudo()
        token = sheet.access_token
        sheet._mark_in_progress()
        recipient.action_send()
        self.work_off()
        self.assertEqual((recipient.state, sheet.access_token, len(self.mails(recipient))), ("started", token, 2))
        self.answer(recipient)
        self.assertEachRaises(UserError, recipient.action_send, lambda: recipient.write({"channel": "phone"}), said="it is “Has answered”")

    def test_a_change_of_channel_keeps_the_link_and_is_remembered(self):
        wave = self.launch()
        recipients = wave.recipient_ids[:2]
        token = recipients[0].user_input_id.sudo().access_token
        recipients.write({"channel": "visit", "interviewer_id": self.interviewer.id})
        self.assertEqual(recipients[0].user_input_id.sudo().access_token, token)
        clients = recipients.partner_id.with_company(self.company)
        self.assertEqual((set(clients.mapped("sig_survey_channel")), clients.sig_survey_interviewer_id), ({"visit"}, self.interviewer))
        recipient = self.of(self.launch(semester="2"), recipients[0].partner_id)
        self.assertEqual((recipient.channel, recipient.interviewer_id), ("visit", self.interviewer))


@real_clock
class TestReminders(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-06-02 15:00:00"):
            cls.wave = cls.launch()
            cls.recipients = cls.wave.recipient_ids
            cls.mails(cls.recipients).write({"state": "sent"})
            cls.recipients.sudo()._on_mail_done()

    def remind(self, when):
        self.company.sig_survey_reminder_days = 1
        with freeze_time(when):
            self.env["sig.daily.review"].sudo()._remind_surveyed(self.company)
            self.work_off()

    def test_only_who_has_not_answered(self):
        """Nor who refused all surveys, though they open this one afterwards."""
        answered, refused, _other = self.recipients
        self.answer(answered, when=moment(self.company, date(2026, 6, 3)))
        refused.partner_id.with_user(self.director).action_sig_revoke_surveys()
        refused.user_input_id.sudo()._mark_in_progress()
        self.remind("2026-06-05 15:00:00")
        self.assertEqual([len(self.mails(recipient)) for recipient in self.recipients], [1, 1, 2])
        self.assertEqual((refused.state, refused.reason), ("declined", "Does not allow surveys."))

    def test_not_twice_a_day_and_only_so_many(self):
        for when, number in (("06-05 15", 1), ("06-05 20", 1), ("06-09 15", 2), ("06-12 15", 2)):
            self.remind(f"2026-{when}:00:00")
            self.assertEqual(set(self.recipients.mapped("reminder_count")), {number})
            for failure in ("", "Mailbox full"):
                with freeze_time(f"2026-{when}:00:00"):
                    self.recipients.sudo()._on_mail_done(failure)
                self.assertEqual(set(self.recipients.mapped(lambda one: (one.state, one.reason or ""))), {("sent", failure)})
        self.assertEqual(set(self.recipients.mapped(lambda one: str(one.date_sent))), {"2026-06-02 15:00:00"})
        self.recipients.action_send()
        self.assertFalse(any(self.recipients.mapped("date_reminded")), "they are invited again")

    def test_by_itself_after_some_business_days(self):
        review = self.env["sig.daily.review"].sudo()
        none = self.recipients.browse()
        # Monday 8 is a holiday: on the 9th it is four business days; it ends on the 22nd
        for days, day, reminded in ((5, 9, none), (5, 10, self.recipients), (0, 20, none), (1, 22, self.recipients), (1, 23, none)):
            self.company.sig_survey_reminder_days = days
            with freeze_time(f"2026-06-{day:02} 15:00:00"), self.subTest(day):
                review._remind_surveyed(self.company)
                self.assertEqual(self.recipients.filtered("reminding"), reminded)
                self.work_off()
        self.assertEqual(set(self.recipients.mapped("reminder_count")), {2})
