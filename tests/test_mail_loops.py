"""Mail that programs wrote, and mail without end: nobody is answered twice, and nothing of people is lost."""

from .common import freeze_time
from .mail import NOW, MailCommon, write_mail
from .test_mail_authors import CONFIRMED, GROUP, OURS


@freeze_time(NOW)
class TestMailLoops(MailCommon):
    def flood(self, name, number):
        raw = self.read_mail(name)
        cases = self.env["sig.pqrs"]
        for index in range(number):
            cases |= self.receive(raw.replace(b"Message-ID: <", b"Message-ID: <%d." % index))
        return cases.sorted("id")

    def test_flood(self):
        mails = self.env["mail.mail"].search_count([])
        cases = self.flood("gmail", 25)
        self.assertEqual(cases.mapped("state"), ["received"] * 20)
        ignored = self.env["sig.pqrs.mail"].search([("reason", "=", "flood")])
        self.assertEqual(len(ignored), 5, "they are kept")
        self.assertEqual(len(ignored.activity_ids), 1)
        self.assertEqual(ignored.activity_ids.user_id, self.director)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails, "nobody is answered")
        self.assertEqual(len(self.receive(self.read_mail("stranger"))), 1, "others get through")
        with freeze_time("2026-11-24 18:00:00"):
            self.assertEqual(self.receive(self.read_mail("android")).state, "received")

    def test_flood_in_our_name(self):
        """Of whom anybody says to be us, and of a client behind a group of ours."""
        self.company.sig_trusted_relays = "mx.example.com"
        for headers in ("Reply-To: x@evil.example.net\r\n", CONFIRMED + GROUP):
            with self.subTest(headers), self.undone():
                mails = [write_mail(author=OURS, headers=headers, ident=f"{number}@x") for number in range(25)]
                self.assertEqual(sum(len(self.receive(raw)) for raw in mails), 20)

    def test_flood_of_nobody(self):
        raw = write_mail().replace(b"From: Ana <ana.ruiz@roble.example.org>\r\n", b"")
        cases = self.env["sig.pqrs"]
        for index in range(25):
            cases |= self.receive(raw.replace(b"<1@x>", b"<%d@x>" % index))
        self.assertEqual(cases.mapped("state"), ["to_file"] * 20)
        ignored = self.env["sig.pqrs.mail"].search([("reason", "=", "flood")])
        self.assertEqual((len(ignored), len(ignored.activity_ids)), (5, 1))
        self.assertEqual(len(self.receive(self.read_mail("android"))), 1, "others get through")

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
                self.assertEqual(case.state or None, state)
                self.assertEqual(case.acknowledgement_pending, state == "received")
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
        self.assertEqual(len(self.flood("helpdesk_forward", 25)), 25)

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
        renamed = copy.replace(message["Message-Id"].encode(), b"<0100@amazonses.example.net>")
        self.assertFalse(self.receive(renamed))
        self.assertEqual(self.get_mail().reason, "own")
