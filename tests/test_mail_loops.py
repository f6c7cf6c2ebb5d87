"""Mail that programs wrote, and mail without end: nobody is answered twice, and nothing of people is lost."""

from .common import freeze_time
from .mail import MailCommon, write_mail
from .test_mail_authors import CONFIRMED, GROUP, OURS


class TestMailLoops(MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "3")

    def flood(self, raw):
        """Five mails of one author, in the two hours in which three are taken: the cases of those."""
        cases = self.env["sig.pqrs"]
        for number in range(5):
            cases |= self.receive(raw.replace(b"<1@x>", b"<%d@x>" % number).replace(b"Message-ID: <gmail", b"Message-ID: <%dgmail" % number))
        return cases.sorted("id")

    def test_flood(self):
        """Of somebody, of nobody, of whom anybody says to be us, and of a client behind a group of ours."""
        self.company.sig_trusted_relays = "mx.example.com"
        nobody = write_mail().replace(b"From: Ana <ana.ruiz@roble.example.org>\r\n", b"")
        for raw, state in (
            (self.read_mail("gmail"), "received"), (nobody, "to_file"), (write_mail(author=OURS, headers=CONFIRMED + GROUP), "received"),
            (write_mail(author=OURS, headers="Reply-To: x@evil.example.net\r\n"), "to_file"),
        ):
            with self.subTest(raw[:200]), self.undone():
                mails = self.env["mail.mail"].search_count([])
                self.assertEqual(self.flood(raw).mapped("state"), [state] * 3)
                ignored = self.env["sig.pqrs.mail"].search([("reason", "=", "flood")])
                self.assertEqual((len(ignored), len(ignored.activity_ids)), (2, 1), "they are kept, and it is told once")
                self.assertEqual(ignored.activity_ids.user_id, self.director)
                self.assertEqual(self.env["mail.mail"].search_count([]), mails, "nobody is answered")
                self.assertEqual(len(self.receive(self.read_mail("stranger"))), 1, "others get through")
                with freeze_time("2026-11-24 18:00:00"):
                    self.assertEqual(self.receive(self.read_mail("android")).state, "received")
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "veinte")
        self.assertEqual(len(self.receive(self.read_mail("android"))), 1, "a limit that is no number stops no petition")

    def test_what_a_program_may_have_written_waits_for_the_sig(self):
        bulk = "Precedence: bulk\r\n"
        for state, subject, headers in (
            ("to_file", "Fuera de la oficina: el guarda nunca está", ""),
            ("to_file", "Ausencia de la oficina", ""),
            ("to_file", "El guarda", bulk),
            (None, "El guarda", f"{bulk}List-Unsubscribe: <mailto:x@y.co>\r\n"),
            (None, "El guarda", "Precedence: auto_reply\r\n"),
            (None, "Fuera de la oficina: vacaciones", "Auto-Submitted: auto-replied\r\n"),
            ("received", "El guarda está fuera de la oficina", ""),
        ):
            with self.subTest(subject=subject, headers=headers), self.undone():
                case = self.receive(write_mail(subject, headers=headers))
                self.assertEqual((case.state or None, case.acknowledgement_pending), (state, state == "received"))
                if state == "to_file":
                    self.assertEqual(case.partner_id, self.ana)
                    self.assertIn("like those of a program", str(case.message_ids.mapped("body")))

    def test_an_answer_that_a_program_may_have_written_is_nobodys_work(self):
        _case, message_id = self.close()
        raw = write_mail("Fuera de la oficina: vacaciones", headers=f"In-Reply-To: {message_id}\r\n")
        self.assertFalse(self.receive(raw))
        mail = self.get_mail()
        self.assertEqual((mail.reason, mail.communication_id.author, mail.communication_id.state), ("automatic", "automatic", "attended"))

    def test_forwarder_may_send_any_number(self):
        raw = self.read_mail("helpdesk_forward")
        self.assertEqual([len(self.receive(raw.replace(b"Message-ID: <", b"Message-ID: <%d." % number))) for number in range(5)], [1] * 5)

    def test_our_notices_say_that_a_program_wrote_them(self):
        case = self.receive(self.read_mail("gmail"))
        self.run_cron("sig_pqrs.cron_notices")
        sent = self.catch_mails()
        self.env["mail.mail"].search([("res_id", "=", case.id), ("sig_purpose", "=", "acknowledgement")]).send()
        [message] = sent
        self.assertEqual(message["Auto-Submitted"], "auto-replied")
        self.assertIn("<gmail.20261124@roble.example.org>", message["References"])
        self.assertTrue(message["X-SIG-PQRS"])
        out = self.env["sig.pqrs.mail"].search([("pqrs_id", "=", case.id), ("direction", "=", "out")])
        self.assertEqual(out.state, "sent")
        self.assertIn(case.name.encode(), out._get_raw())
        copy = message.as_bytes().replace(b"ana.ruiz@roble.example.org", b"servicioalcliente@example.com")
        self.assertFalse(self.receive(copy))
        self.assertFalse(self.receive(copy.replace(message["Message-Id"].encode(), b"<0100@amazonses.example.net>")))
        self.assertEqual(self.get_mail().reason, "own")
