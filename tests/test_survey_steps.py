"""What the SIG and interviewers do with the clients of a wave: counters, dialogs, and what each refuses."""
import base64
from ast import literal_eval

from lxml import etree

from odoo.addons.sig_pqrs.models import clock
from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

from .common import freeze_time
from .test_survey_wave import SurveyCommon

PDF = base64.b64encode(b"%PDF-1.4 paper")


@freeze_time("2026-06-03 15:00:00")
class TestSteps(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave = cls.launch()
        cls.first, cls.second, cls.third = (cls.of(cls.wave, client) for client in cls.clients)
        cls.first.write({"channel": "visit", "interviewer_id": cls.interviewer.id})

    def assertKept(self, records, said, *steps):
        before = records.read(["state", "reason", "channel", "queued"])
        self.assertEachRaises(UserError, *steps, said=said)
        self.assertEqual(self.reload(records)[0].read(["state", "reason", "channel", "queued"]), before)

    def test_dialogs(self):
        self.take_step(self.first, "wrong_contact", self.interviewer, reason="Ya no trabaja allí")
        self.assertEqual((self.first.state, self.first.reason), ("wrong_contact", "Ya no trabaja allí"))
        self.take_step(self.first, "decline", self.interviewer, reason="No quieren")
        self.assertEqual((self.first.state, self.first.reason), ("declined", "No quieren"))
        both = self.second | self.third
        self.take_step(both, "exclude", reason="Contrato terminado")
        self.assertEqual(set(both.mapped("state")), {"excluded"})
        self.assertEqual(set(self.mails(both).mapped("state")), {"cancel"}, "the mails that waited do not leave")

    def test_what_the_dialogs_refuse(self):
        first, Wizard = self.first, self.env["sig.pqrs.improvement.wizard"]
        steps = (None, "restore", "call", "answered")
        self.assertKept(first, "no such step", *(lambda step=step: self.begin_step(first, step) for step in steps))
        self.assertKept(first, "Say why", *(lambda reason=reason: first.action_decline(reason) for reason in ("", "  ", None, 5)))
        self.take_step(first, "decline", self.interviewer, reason="No quieren")
        self.assertKept(
            first, "not possible now .it is “Does not take part”.", lambda: first.with_user(self.interviewer).action_decline("Otra"),
            lambda: first.with_user(self.interviewer).action_wrong_contact("Otro"),
        )
        wizard = Wizard.with_user(self.director).create({"step": "exclude", "reason": "x"})
        self.assertKept(self.wave.recipient_ids, "choose again", wizard.action_confirm)
        forged = {"step": "exclude", "reason": "x", "res_model": first._name, "res_ids": first.ids}
        for odd in ({"step": "plan"}, *({"res_ids": ids} for ids in (["x", 10**8], [True], 5, {"x": 1}))):
            self.assertEachRaises(UserError, Wizard.with_user(self.director).create({**forged, **odd}).action_confirm)
        self.assertDenied(Wizard, self.interviewer, lambda own: own.create(forged).action_confirm())

    def test_by_mail_without_address(self):
        """What the SIG chose holds at once: who has an address is written to, who has none shows that it lacks one."""
        self.clients[0].email = False
        self.first.write({"email": False})
        self.second.channel = "phone"
        self.work_off()
        self.mails(self.first | self.second).unlink()
        (self.first | self.second).write({"channel": "email"})
        self.assertEqual((self.first.state, self.first.reason), ("failed", "Has no email."))
        self.assertEqual((self.second.state, self.second.queued), ("to_send", True))
        self.work_off()
        self.assertEqual((self.mails(self.first).ids, self.mails(self.second).email_to), ([], "bosque@example.com"))

    def test_what_waits_to_leave_goes_to_the_corrected_address(self):
        self.work_off()
        mail, other = self.mails(self.second), self.mails(self.third)
        self.assertEqual((mail.state, mail.email_to), ("outgoing", "bosque@example.com"))
        for address in ("nueva@example.com", False, "otra@example.com"):
            before = self.mails(self.second)
            self.second.email = address
            self.assertEqual((self.second.state, self.second.reason), ("to_send", False) if address else ("failed", "Has no email."))
            self.work_off()
            self.assertEqual(set(before.mapped("state")), {"cancel"}, "it does not leave for the address of before")
            self.assertEqual((self.mails(self.second) - before).mapped("email_to"), [address] if address else [])
        self.assertEqual((self.mails(self.third), other.state), (other, "outgoing"))
        self.second.phone = "6015550199"
        self.assertFalse(self.second.queued, "its mail is as it was")

    @freeze_time("2026-06-10 15:00:00")
    def test_paper(self):
        """Its dialog takes scan and day; a client who was asked by mail was visited after all."""
        third = self.third.with_user(self.director)
        dialog = self.begin_step(third, "transcribe").create({"received_on": "2026-06-05"})
        html = base64.b64encode(b"<html>")
        for name, content in ((False, False), ("paper.pdf", html), ("paper.pdf", b"not base64!")):
            dialog.write({"scan_name": name, "scan": content})
            self.assertEachRaises(UserError, dialog.action_confirm, said="Attach|Send it as PDF")
        dialog.write({"scan_name": "encuesta.pdf", "scan": PDF})
        for day in (False, "2026-06-02", "2026-06-11"):
            dialog.received_on = day
            self.assertEachRaises(UserError, dialog.action_confirm, said="The survey began on 03/06/2026")
        dialog.received_on = "2026-06-05"
        dialog.action_confirm()
        third.action_apply()
        self.assertFalse(third.date_answered, "asked in person after all")
        self.assertIn(third.user_input_id.sudo().access_token, dialog.action_confirm()["url"])
        self.assertEqual((third.channel, third.scan, third.scan_name), ("visit", PDF, "encuesta.pdf"))
        scan = self.env["ir.attachment"].search([("res_model", "=", third._name), ("res_id", "=", third.id), ("res_field", "=", "scan")])
        self.assertDenied(
            scan, self.director | self.administrator, lambda own: own.write({"raw": b"x"}), lambda own: own.write({"res_field": False}),
            lambda own: own.unlink(), error=UserError,
        )
        self.answer(third, user=self.director)
        self.assertEqual((third.state, third.channel), ("answered", "visit"))
        self.assertEqual(str(third.date_answered), "2026-06-05 17:00:00", "a complaint in it runs from that day")
        self.assertEachRaises(UserError, dialog.action_confirm, said="it is “Has answered”")

    def test_before_the_job_has_run(self):
        """Who is visited at once after the launch is asked on the sheet that the job then finds."""
        self.clients[0].with_company(self.company).write({"sig_survey_channel": "visit", "sig_survey_interviewer_id": self.interviewer.id})
        wave = self.make_wave(semester="2")
        wave.action_launch()
        recipient = self.of(wave, self.clients[0])
        self.assertFalse(recipient.user_input_id)
        url = recipient.with_user(self.interviewer).action_apply()["url"]
        sheet = recipient.user_input_id
        self.assertEqual(url, sheet.sudo().get_start_url())
        self.work_off()
        self.assertEqual(recipient.user_input_id, sheet)

    def test_who_is_asked_no_more_and_not_so(self):
        """Who is visited gets no link; by mail nothing is applied, nor once the client answered the mail."""
        self.assertKept(self.first | self.second, "is not asked by email", (self.first | self.second).action_send)
        self.assertEachRaises(UserError, self.third.action_apply, said="Choose visit or phone first")
        self.answer(self.first, user=self.env.ref("base.public_user"))
        self.assertEqual((self.first.state, self.first.channel), ("answered", "email"))
        self.assertEachRaises(UserError, self.first.action_apply, said="it is “Has answered”")

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
        self.second.write({"channel": "phone", "interviewer_id": self.interviewer.id})
        with freeze_time("2026-06-07 15:00:00"):
            for user in (self.interviewer, self.director):
                self.assertEachRaises(UserError, self.second.with_user(user).action_apply, said="clients are not called")
            self.assertHolds(self.second.with_user(self.interviewer).call_refusal, "clients are not called")
            self.first.with_user(self.interviewer).action_apply()  # visits are no calls

    def test_buttons_open_what_they_count(self):
        self.env["res.partner"].create([
            {"name": f"Conjunto {name}", "is_company": True, "sig_is_client": True, **vals}
            for name, vals in (
                ("Dalia", {"email": "CEDRO@example.com"}), ("Encino", {"phone": "6015550101"}),
                ("Fresno", {"email": "f@example.com", "sig_survey_channel": "visit"}), ("Guayacán", {"sig_survey_channel": "email"}),
            )
        ])
        wave = self.launch(semester="2")
        answered, declined, excluded = (self.of(wave, client) for client in self.clients)
        self.answer(answered)
        declined.action_decline("No quieren")
        excluded.action_exclude("Contrato terminado")
        wave = self.reload(wave)[0]
        arch = etree.fromstring(self.Wave.get_view(self.env.ref("sig_pqrs.wave_view_form").id, "form")["arch"])
        opened = self.env.ref("sig_pqrs.action_wave_recipients")
        search = etree.fromstring(self.env[opened.res_model].get_view(view_type="search")["arch"])
        counted = {}
        for button in arch.iter("button"):
            counter = button.find("field")
            if button.get("name") == str(opened.id) and counter is not None:
                [name] = literal_eval(button.get("context"))
                [chosen] = search.xpath(f"//filter[@name='{name.removeprefix('search_default_')}']/@domain")
                domain = safe_eval(opened.domain, {"active_id": wave.id}) + literal_eval(chosen)
                found = self.env[opened.res_model].with_user(self.director).search(domain)
                counted[counter.get("name")] = len(found)
                self.assertEqual(wave[counter.get("name")], len(found), counter.get("name"))
                self.assertEqual(found.wave_id, wave)
        self.assertEqual(counted, {
            "recipient_count": 6, "answered_count": 1, "pending_count": 3, "unreached_count": 1,
            "declined_count": 1, "excluded_count": 1,
        })
        self.assertEqual(len(wave.search_read([("id", "=", wave.id)], ["progress"])), 1)
