"""What the SIG and interviewers do with the clients of a wave: counters, dialogs, and what each refuses."""
import base64
from ast import literal_eval

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .common import freeze_time
from .test_survey_wave import SurveyCommon

PDF = base64.b64encode(b"%PDF-1.4 paper")


class StepsCommon(SurveyCommon):
    def open(self, recipients, step, user):
        """The dialog as its button opens it."""
        action = recipients.with_user(user).with_context(default_step=step).action_open_step()
        return self.env["sig.pqrs.improvement.wizard"].with_user(user).with_context(**action["context"])

    def take(self, recipients, step, user, reason):
        form = Form(self.open(recipients, step, user))
        form.reason = reason
        return form.save().action_confirm()

    def assertKept(self, records, said, *steps):
        before = records.read(["state", "reason", "channel", "queued"])
        self.assertEachRaises(UserError, *steps, said=said)
        self.assertEqual(self.reload(records)[0].read(["state", "reason", "channel", "queued"]), before)


@freeze_time("2026-06-03 15:00:00")
class TestCounters(StepsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clients |= cls.env["res.partner"].create([
            {"name": f"Conjunto {name}", "is_company": True, "sig_is_client": True, **vals}
            for name, vals in (
                ("Dalia", {"email": "CEDRO@example.com"}), ("Encino", {"phone": "6015550101"}),
                ("Fresno", {"email": "f@example.com", "sig_survey_channel": "visit"}), ("Guayacán", {"sig_survey_channel": "email"}),
            )
        ])

    def test_buttons_open_what_they_count(self):
        wave = self.launch()
        answered, declined, excluded, *_others = (self.of(wave, client) for client in self.clients)
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


@freeze_time("2026-06-03 15:00:00")
class TestSteps(StepsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave = cls.launch()
        cls.first, cls.second, cls.third = (cls.of(cls.wave, client) for client in cls.clients)
        cls.first.write({"channel": "visit", "interviewer_id": cls.interviewer.id})

    def test_dialogs(self):
        self.take(self.first, "wrong_contact", self.interviewer, "Ya no trabaja allí")
        self.assertEqual((self.first.state, self.first.reason), ("wrong_contact", "Ya no trabaja allí"))
        self.take(self.first, "decline", self.interviewer, "No quieren")
        self.assertEqual((self.first.state, self.first.reason), ("declined", "No quieren"))
        both = self.second | self.third
        self.take(both, "exclude", self.director, "Contrato terminado")
        self.assertEqual(set(both.mapped("state")), {"excluded"})
        self.assertEqual(set(self.mails(both).mapped("state")), {"cancel"}, "the mails that waited do not leave")

    def test_what_the_dialogs_refuse(self):
        first, Wizard = self.first, self.env["sig.pqrs.improvement.wizard"]
        steps = (None, "restore", "call", "answered")
        self.assertKept(first, "no such step", *(lambda step=step: self.open(first, step, self.director) for step in steps))
        self.assertKept(first, "Say why", *(lambda reason=reason: first.action_decline(reason) for reason in ("", "  ", None, 5)))
        self.take(first, "decline", self.interviewer, "No quieren")
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

    def test_who_gets_no_link(self):
        self.second.action_decline("No quieren")
        self.assertKept(self.second, "it is “Does not take part”", self.second.with_user(self.director).action_send)
        self.third.write({"channel": "email", "email": False})
        self.third.with_user(self.director).action_send()
        self.assertEqual((self.third.state, self.third.reason), ("failed", "Has no email."))

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
        self.first.email = "alameda2@example.com"
        self.assertEqual((self.first.state, self.first.reason), ("to_send", False))
        self.work_off()
        self.assertEqual(self.mails(self.first).email_to, "alameda2@example.com")

    def test_what_waits_to_leave_goes_to_the_corrected_address(self):
        self.work_off()
        mail, other = self.mails(self.second), self.mails(self.third)
        self.assertEqual((mail.state, mail.email_to), ("outgoing", "bosque@example.com"))
        for address in ("nueva@example.com", False, "otra@example.com"):
            before = self.mails(self.second)
            self.second.email = address
            self.assertEqual(self.second.state, "to_send" if address else "failed")
            self.work_off()
            self.assertEqual(set(before.mapped("state")), {"cancel"}, "it does not leave for the address of before")
            self.assertEqual((self.mails(self.second) - before).mapped("email_to"), [address] if address else [])
        self.assertEqual((self.mails(self.third), other.state), (other, "outgoing"))
        self.second.phone = "6015550199"
        self.assertFalse(self.second.queued, "its mail is as it was")

    def test_paper(self):
        """Its dialog takes the scan; a client who was asked by mail was visited after all."""
        third = self.third.with_user(self.director)
        dialog = self.open(third, "transcribe", self.director).create({})
        html = base64.b64encode(b"<html>")
        for name, content in ((False, False), ("paper.pdf", html), ("paper.pdf", b"not base64!")):
            dialog.write({"scan_name": name, "scan": content})
            self.assertEachRaises(UserError, dialog.action_confirm)
        dialog.write({"scan_name": "encuesta.pdf", "scan": PDF})
        self.assertIn(third.user_input_id.sudo().access_token, dialog.action_confirm()["url"])
        self.assertEqual((third.channel, third.scan, third.scan_name), ("visit", PDF, "encuesta.pdf"))
        scan = self.env["ir.attachment"].search(
            [("res_model", "=", third._name), ("res_id", "=", third.id), ("res_field", "=", "scan")]
        )
        self.assertDenied(
            scan, self.director | self.administrator, lambda own: own.write({"raw": b"x"}), lambda own: own.write({"res_field": False}),
            lambda own: own.unlink(), error=UserError,
        )
        self.answer(third, user=self.director)
        self.assertEqual((third.state, third.channel), ("answered", "visit"))
        self.assertEachRaises(UserError, dialog.action_confirm, said="it is “Has answered”")

    def test_before_the_job_has_run(self):
        """Who is visited at once after the launch is asked on the sheet that the job then finds."""
        self.clients[0].with_company(self.company).write(
            {"sig_survey_channel": "visit", "sig_survey_interviewer_id": self.interviewer.id}
        )
        wave = self.make_wave(semester="2")
        wave.action_launch()
        recipient = self.of(wave, self.clients[0])
        self.assertFalse(recipient.user_input_id)
        url = recipient.with_user(self.interviewer).action_apply()["url"]
        sheet = recipient.user_input_id
        self.assertEqual(url, sheet.sudo().get_start_url())
        self.work_off()
        self.assertEqual(recipient.user_input_id, sheet)


@freeze_time("2026-06-03 15:00:00")
class TestWaveRefusals(StepsCommon):
    def test_questionnaire_of_another_wave(self):
        wave = self.make_wave(semester="2", survey_id=self.launch().sudo().survey_id.id)
        self.assertEachRaises(UserError, wave.action_launch, said="not of another wave")
        self.assertEqual((wave.state, wave.recipient_ids.ids), ("draft", []))

    def test_questionnaire_without_scale(self):
        survey = self.template.copy({"sig_to_confirm": False})
        question = survey.question_ids.filtered(lambda question: question.sig_metric == "satisfaction")[0]
        question.suggested_answer_ids.filtered(lambda answer: not answer.sig_not_applicable).unlink()
        wave = self.make_wave(survey_id=survey.id)
        self.assertEachRaises(UserError, wave.action_launch, said="has no answers from 1 to 5")
        self.assertEqual((wave.state, wave.survey_id), ("draft", survey))
