"""Nobody is taken for somebody else by what any sender writes in the headers of a mail."""

from odoo.addons.sig_pqrs.models.core.mail_mail import MARK
from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail

from .mail import MailCommon, write_mail

ANA = "ana.ruiz@roble.example.org"
OURS = "Servicio <servicioalcliente@example.com>"
STRANGER = "Mallory <mallory@evil.example.net>"
CONFIRMED = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\r\n"
BEHIND = f"X-Original-From: Ana <{ANA}>\r\nX-Original-Sender: {ANA}\r\nReply-To: Ana <{ANA}>\r\n"
GROUP = f"List-Id: <servicioalcliente.example.com>\r\nPrecedence: list\r\n{BEHIND}"

#: From, and what else a mail says that somebody else sent, to be taken for Ana
FORGED = {
    "list whose name holds our domain": (STRANGER, f"List-Id: <pqrs.example.com.evil.example.net>\r\n{BEHIND}"),
    "list that begins as our domain": (STRANGER, f"List-Id: <x.example.community>\r\n{BEHIND}"),
    "domain that ends as ours": (STRANGER, f"List-Id: <pqrs.notexample.com>\r\n{BEHIND}"),
    "list of ours, of a stranger": (STRANGER, GROUP),
    "list of ours, of a stranger whose own server vouches": (
        STRANGER, f"Authentication-Results: mx.example.com; dmarc=pass header.from=evil.example.net\r\n{GROUP}",
    ),
    "list of ours in our name": (OURS, GROUP), "form of ours": (OURS, BEHIND),
    "in our name, as another server found": (OURS, CONFIRMED.replace("mx.example.com", "mx.evil.example.net") + GROUP),
    "in our name, as a server called like ours found": (OURS, CONFIRMED.replace("mx.example.com", "mx.example.com.evil.test") + GROUP),
    "in our name, of a domain like ours": (OURS, CONFIRMED.replace("header.from=example.com", "header.from=notexample.com") + GROUP),
    "in our name, in a comment": (OURS, f"Authentication-Results: mx.example.com; spf=none (x; dmarc=pass header.from=example.com)\r\n{GROUP}"),
    "in our name, in a quoted sender": (
        OURS,
        'Authentication-Results: mx.example.com; spf=fail smtp.mailfrom="x; dmarc=pass header.from=example.com"@evil.test\r\n' + GROUP,
    ),
    "in our name, found and denied": (OURS, f"Authentication-Results: mx.example.com; dmarc=fail header.from=example.com\r\n{CONFIRMED}{GROUP}"),
    "in our name, below what ours found otherwise": (
        OURS,
        f"Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=evil.test; dkim=none; dmarc=none\r\n{CONFIRMED}{GROUP}",
    ),
    "in our name, below the server of ours that found nothing": (
        OURS,
        (
            "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=evil.test\r\n"
            f"Received: from a by mx.example.com; Tue, 24 Nov 2026 09:10:05 -0500\r\n{CONFIRMED}{GROUP}"
        ),
    ),
    "in our name, below a server of others": (OURS, f"Received: from a by b.evil.test; Tue, 24 Nov 2026 09:10:05 -0500\r\n{CONFIRMED}{GROUP}"),
    "one of our people": ("Luis <luis@example.com>", BEHIND),
    "helpdesk": ("Mesa <mesadeayuda@ayuda.example.net>", BEHIND),
    "quoted local part": (f'"{ANA}"@evil.example.net', ""),
    "quoted local part in brackets": (f'Ana <"{ANA}"@evil.example.net>', ""),
    "name that is an address": (f'"{ANA}" <mallory@evil.example.net>', ""),
    "bare name that is an address": (f"{ANA} <mallory@evil.example.net>", ""),
    "encoded name": (f"=?utf-8?q?Ana_=3C{ANA.replace('@', '=40')}=3E=2C?= <mallory@evil.example.net>", ""),
    "encoded address": (f"=?utf-8?q?{ANA.replace('@', '=40')}?=", ""),
    "encoded address, and a sender": (f"=?utf-8?q?{ANA.replace('@', '=40')}?=", f"Sender: {STRANGER}\r\n"),
    "two authors": (f"{ANA}, mallory@evil.example.net", ""),
    "two authors the other way": (f"mallory@evil.example.net, {ANA}", ""),
    "two headers": (f"{ANA}\r\nFrom: mallory@evil.example.net", ""),
    "two headers the other way": (f"mallory@evil.example.net\r\nFrom: {ANA}", ""),
    "group": (f"{ANA}: mallory@evil.example.net;", ""), "route": (f"Ana <@evil.example.net:{ANA}>", ""),
    "comment": (f"({ANA}) <mallory@evil.example.net>", ""),
    "two in brackets": (f"Ana <{ANA}> <mallory@evil.example.net>", ""),
    "address of two signs": (f"{ANA}@evil.example.net", ""),
    "sign that looks like a letter": ("ana.ruiz@roble.example.org".replace("a", "\u0430"), ""),
    "sign that becomes a letter": ("\u212a".join(["kiosko@kios", "o.example.org"]), ""),
    "tag": ("ana.ruiz+x@roble.example.org", ""),
    "sender": (STRANGER, f"Sender: {ANA}\r\nResent-From: {ANA}\r\nReturn-Path: <{ANA}>\r\nX-Sender: {ANA}\r\n"),
    "answers": (STRANGER, f"Reply-To: {ANA}\r\nX-Forwarded-For: {ANA} servicioalcliente@example.com\r\nX-Forwarded-To: {ANA}\r\n"),
}  # fmt: skip


class TestMailAuthors(MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kiosk = cls.env["res.partner"].create({"name": "Kiosko", "email": "kiosko@kiosko.example.org"})
        cls.theirs = cls.ana | cls.kiosk

    def test_what_is_forged_is_nobodys(self):
        """It reaches no case by its number; by the Message-Id of a notice, as somebody who is not the petitioner."""
        case, message_id = self.close()
        other = self.make_case(partner_id=self.kiosk.id)
        for relays in (False, "mx.example.com"):
            self.company.sig_trusted_relays = relays
            for name, (author, headers) in FORGED.items():
                with self.subTest(name, relays=relays), self.undone():
                    new = self.receive(write_mail(f"{case.name} y {other.name}", author, headers))
                    kept = self.get_mail()
                    self.assertFalse(kept.pqrs_id & (case | other))
                    self.assertFalse((kept.pqrs_id.partner_id | kept.pqrs_id.message_ids.author_id) & self.theirs)
                    self.assertEqual(new.state or "to_file", "to_file")
                    self.assertFalse(new.acknowledgement_pending)
                    seen = case.message_ids
                    self.receive(write_mail(author=author, headers=f"{headers}In-Reply-To: {message_id}\r\n", ident="2@x"))
                    self.assertFalse(case.sudo()._get_waiting("late"))
                    self.assertFalse((case.message_ids - seen).author_id & (self.theirs | self.director.partner_id))
                    self.assertNotIn("petitioner", case.sudo().communication_ids.mapped("author"))

    def test_why_it_is_nobodys_is_told(self):
        self.company.sig_trusted_relays = "mx.example.com"
        fail = "Authentication-Results: mx.example.com; dmarc=fail header.from=roble.example.org\r\n"
        for author, headers, said in ((ANA, fail, "that it did not send this"), (f"{ANA}, {STRANGER}", "", "in one way only")):
            with self.undone():
                case = self.receive(write_mail(author=author, headers=headers))
                self.assertIn(said, str(case.message_ids.mapped("body")))
                self.assertFalse(case.partner_name)

    def test_what_a_group_of_ours_passes_on(self):
        self.company.sig_trusted_relays = "mx.example.com"
        signed = CONFIRMED.replace("dmarc=pass header.from", "dkim=pass (2048) header.d")
        for headers in (CONFIRMED, signed, CONFIRMED.replace("mx.example", "MX.Example"), CONFIRMED.replace("example.com;", "example.com 1;")):
            with self.subTest(headers), self.undone():
                case = self.receive(write_mail(author=OURS, headers=headers + GROUP))
                self.assertEqual((case.state, case.partner_id, case.email_from), ("received", self.ana, ANA))
        with self.subTest("a form"), self.undone():
            case = self.receive(write_mail(author=OURS, headers=CONFIRMED + BEHIND))
            self.assertEqual((case.state, case.partner_id), ("to_file", self.ana))
        number = self.make_case(partner_id=self.ana.id)
        self.receive(write_mail(number.name, OURS, CONFIRMED + GROUP))
        self.assertEqual(self.get_mail().pqrs_id, number)

    def test_a_group_that_leaves_the_author_is_no_list_of_others(self):
        case = self.receive(write_mail(author=f"Ana <{ANA}>", headers=GROUP))
        self.assertEqual((case.state, case.partner_id), ("received", self.ana))
        self.assertFalse(self.receive(write_mail(author=f"Ana <{ANA}>", headers=GROUP.replace("example.com>", "example.com.evil.test>"), ident="2@x")))
        self.assertEqual(self.get_mail().reason, "list")

    def test_what_somebody_types_names_no_author(self):
        """What our own people quote, write or forward through our group is theirs."""
        self.company.sig_trusted_relays = "mx.example.com"
        case, message_id = self.close()
        quoted = f"Interno: paguémosle\r\n\r\nDe: Ana Ruiz <{ANA}>\r\nEnviado: martes\r\n\r\nHola"
        headers = f"{CONFIRMED}List-Id: <servicioalcliente.example.com>\r\n"
        for author in (self.director.email, OURS):
            with self.subTest("in a case", author=author), self.undone():
                self.receive(write_mail(author=author, headers=f"{headers}In-Reply-To: {message_id}\r\n", body=quoted))
                self.assertNotIn("petitioner", case.sudo().communication_ids.mapped("author"))
                self.receive(write_mail(author=ANA, headers=f"In-Reply-To: {message_id}\r\n", ident="2@x"))
                case.sudo().communication_ids.filtered(lambda each: each.direction == "in").with_user(self.director).action_attend()
                asked = case.activity_search(["sig_pqrs.activity_message"])
                self.assertEqual(["passed on" in each.summary for each in asked], [True] * (author == self.director.email), "it waits on")
            with self.subTest("forwarded", author=author), self.undone():
                self.assertEqual(self.receive(write_mail(author=author, headers=headers, body=quoted)).state, "to_file")
        raw = write_mail(author=OURS, headers=CONFIRMED, body=quoted)
        self.assertEqual(self.receive(raw).state, "to_file", "a scanner, or a form, writes to us in our name")
        self.assertFalse(self.receive(raw.replace(b"To: ", b"To: eva@example.net, ").replace(b"1@x", b"2@x")))
        self.assertEqual(self.get_mail().reason, "own", "a copy of what went to somebody")

    def test_an_answer_through_our_group_is_of_who_asked(self):
        self.company.sig_trusted_relays = "mx.example.com"
        case = self.make_case(partner_id=False, partner_name="Ana", email_from="ana@residente.example.net")
        self.receive(write_mail(case.name, OURS, CONFIRMED + GROUP.replace(ANA, "ana@residente.example.net")))
        self.assertEqual((self.get_mail().pqrs_id, self.get_mail().communication_id.author), (case, "petitioner"))

    def test_a_client_who_may_send_any_number_stays_who_asks(self):
        self.env["mail.gateway.allowed"].create({"email": ANA})
        case = self.receive(write_mail(author=f"Ana <{ANA}>"))
        self.assertEqual((case.partner_id, case.email_from, case.state), (self.ana, ANA, "to_file"))

    def test_our_own_people(self):
        """What an address of theirs says is theirs when a mail server of ours confirms it."""
        case, message_id = self.close()
        raw = write_mail(author=self.director.email, headers=f"{CONFIRMED}In-Reply-To: {message_id}\r\n")
        for relays, author in ((False, self.env["res.partner"]), ("mx.example.com", self.director.partner_id)):
            with self.subTest(relays), self.undone():
                self.company.sig_trusted_relays = relays
                seen = case.message_ids
                self.receive(raw)
                self.assertEqual((case.message_ids - seen).filtered(lambda message: message.message_type == "email").author_id, author)
                self.assertEqual(bool(case.activity_ids), not author, "they write themselves")
        self.company.sig_trusted_relays = "mx.example.com"
        self.receive(write_mail(author=self.leader.email, headers=f"{CONFIRMED}In-Reply-To: {message_id}\r\n"))
        self.assertIn("One of our people wrote", case.activity_ids.summary, "the director hears of what others write")

    def test_one_of_ours_who_asks(self):
        """Who left the company, or works in it, files as anybody does: what they write of their case is theirs."""
        self.company.sig_trusted_relays = "mx.example.com"
        case = self.make_case(partner_id=self.employee.partner_id.id)
        case.with_user(self.director).action_request_information("Envíe el acta")
        answer = f"In-Reply-To: {case.sudo().communication_ids.mail_id[:1].message_id}\r\n"
        author, confirmed = self.employee.email, CONFIRMED.replace("example.com\r", f"{self.employee.email.partition('@')[2]}\r")
        for headers, purpose in (("", "information"), ("List-Id: <vecinos.example.net>\r\nPrecedence: list\r\n", "message")):
            with self.subTest(headers), self.undone():
                self.receive(write_mail(author=author, headers=confirmed + answer + headers))
                self.assertEqual(self.get_mail().communication_id.mapped(lambda own: (own.purpose, own.state)), [(purpose, "received")])

    def test_failures_that_servers_of_others_found(self):
        failed = "Received: from a by b.test; Tue, 24 Nov 2026 09:10:05 -0500\r\nAuthentication-Results: b.test; dmarc=fail header.from=x\r\n"
        for relays, state in ((False, "to_file"), ("mx.example.com", "received")):
            with self.subTest(relays), self.undone():
                self.company.sig_trusted_relays = relays
                self.assertEqual(self.receive(write_mail(author=ANA, headers=failed)).state, state)

    def test_a_copied_mark_or_message_id_loses_nothing(self):
        case, message_id = self.close()
        mark = case.sudo().delivery_id.mail_id._sig_get_mark()
        for name, headers, ident in (
            ("mark", f"{MARK}: {mark}\r\n", "9@x"),
            ("message-id", "", message_id.strip("<>")),
            ("original", f"X-Google-Original-Message-ID: {message_id}\r\n", "9@x"),
        ):
            with self.subTest(name), self.undone():
                new = self.receive(write_mail(author=ANA, headers=headers, ident=ident))
                self.assertEqual((new.partner_id, new.state), (self.ana, "received"))
                self.assertFalse(self.receive(write_mail(author=OURS, headers=headers, ident=ident, body="Otra")))
                self.assertEqual(self.get_mail().reason, "own")

    def test_ordinary_authors_are_plain(self):
        for author in (
            ANA, f"<{ANA}>", f"Ana <{ANA}>", f'"Ruiz, Ana" <{ANA}>', f'"{ANA}" <{ANA}>', f"{ANA} <{ANA}>", f"Ana (El Roble) <{ANA}>",
            f"Ruiz, Ana <{ANA}>", f"=?utf-8?q?Ana_Ru=C3=ADz?= <{ANA}>", f"Ana Ruíz <{ANA}>", f"Ana <{ANA.upper()}>", f"Ana <{ANA}",
            f'"Ana \\"la de\\" Roble" <{ANA}>',
        ):  # fmt: skip
            with self.subTest(author):
                mail = IncomingMail(write_mail(author=author))
                self.assertEqual((mail.has_plain_author, mail.author.mailbox), (True, ANA))
