"""The reader of mail: it raises nothing, and what is beyond its bounds it leaves."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.incoming_mail import DECORATION_SIZE, IncomingMail
from odoo.tests import BaseCase, tagged

from .mail import FOLDER, HTML, write_mail

headers = st.sampled_from(
    ("From", "To", "Subject", "Received", "References", "Message-Id", "Content-Type", "Content-Disposition", "Reply-To",
     "Content-Transfer-Encoding", "Auto-Submitted", "Content-Id", "List-Id", "Date", "Authentication-Results")
)
pieces = st.sampled_from(
    ("=?utf-8?q?a?=", "=?utf-7?b?+2AA-?=", "=?x\x00?q?a?=", "multipart/mixed; boundary=b", "message/rfc822", "text/html", "<a@b.co>",
     "multipart/report", "message/delivery-status", "text/calendar; method*1*=x", "; filename*0*=a'b'%ff", "; charset=utf-16", "base64",
     "quoted-printable", "uuencode", "(", '"', "<", ";", "\x00", "\r\n ", "\ud83d", "áñ🙂", "attachment", "De: ", "a@b.co", "9" * 5000)
)
values = st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=6).map("".join)
blocks = st.lists(st.tuples(headers, values), max_size=5).map(lambda pairs: "".join(f"{key}: {value}\r\n" for key, value in pairs))
bodies = st.lists(st.one_of(values, st.sampled_from(("--b\r\n", "--b--\r\n", "\r\n")), blocks), max_size=8).map("".join)
mails = st.builds(lambda head, body: f"{head}\r\n{body}".encode("utf-8", "surrogatepass"), blocks, bodies)


@tagged("post_install", "-at_install")
class TestIncomingMail(BaseCase):
    """The reader of mail, without a database."""

    @settings(max_examples=100, deadline=None)  # each long one is tried in a process of its own
    @given(st.one_of(mails, st.binary(max_size=400)))
    @example(b"Content-Type: \x00multipart/mixed; boundary=b\r\n\r\nx")
    def test_nothing_is_raised(self, raw):
        mail = IncomingMail(raw)
        mail.get_received_on(("x",)), mail.get_authentication(), mail.get_authentication(("x",)), mail.seems_automatic(), mail.is_automatic()
        assert all(isinstance(flag, bool) for flag in (mail.is_report, mail.has_plain_author, mail.is_of_list, mail.is_of_list_in("x")))
        for text in (
            mail.subject, mail.message_id, *mail.references, *mail.original_ids, *mail.reported_ids, *mail.recipients, *mail.reported_actions,
            *(part for address in (mail.author, *mail.passed_on_authors) for part in address), mail.text, mail.digest,
            *(annex.name for annex in mail.annexes),
        ):  # fmt: skip
            self.assertNotIn("\x00", text)
            text.encode()  # the database takes it

    def test_one_alternative_is_read_and_all_parts_one_after_another(self):
        types = {"plain": "Nadie pasó", "html": "<p>Nadie vino</p>", "html; x=y": "<!--"}
        for kind, kinds, text in (
            ("alternative", ("plain", "html"), "Nadie pasó"), ("alternative", ("html", "plain"), "Nadie pasó"), ("alternative", ("html",), "Nadie vino"),
            ("mixed", ("html", "plain"), "Nadie vino\n\nNadie pasó"), ("mixed", ("plain", "html; x=y", "html"), "Nadie pasó\n\nNadie vino"),
        ):  # fmt: skip
            body = "".join(f"--b\r\nContent-Type: text/{type_}; charset=utf-8\r\n\r\n{types[type_]}\r\n" for type_ in kinds)
            read = IncomingMail(write_mail(headers=f"Content-Type: multipart/{kind}; boundary=b\r\n", body=f"{body}--b--")).text
            self.assertEqual(read.strip(), text, kinds)

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 3), st.sampled_from(("evil.test [6.6.6.6]", "unknown [6.6.6.6]", "[6.6.6.6]", "mx.x [6.6.6.6] (may be forged)")))
    def test_a_sender_does_not_date_the_receipt(self, hops, peer):
        line = "Received: from mx.x ({}) by mx.x; Tue, {} Nov 2026 09:00:00 -0500\r\n"
        passed = "".join(line.format("mx.x [10.0.0.1]", 24 - hop) for hop in range(hops))
        raw = f"{passed}{line.format(peer, 24 - hops)}{line.format('mx.x [10.0.0.1]', 2) * 2}\r\n".encode()
        self.assertEqual(IncomingMail(raw).get_received_on(("x",)).day, 24 - hops)

    def test_what_a_program_wrote(self):
        invitation = "Content-Type: text/calendar; method={}\r\n"
        automatic = "Auto-Submitted: auto-replied\r\n", "Return-Path: <>\r\n", invitation.format("REPLY")
        for headers in (*automatic, "", "Return-Path: <a@b.co>\r\n", invitation.format("REQUEST")):
            self.assertEqual(IncomingMail(write_mail(headers=headers)).is_automatic(), headers in automatic, headers)

    def test_pictures_of_a_signature_are_no_annexes(self):
        part = "--b\r\nContent-Type: {}\r\nContent-Id: <{}>\r\nContent-Disposition: inline; filename={}\r\n\r\n{}\r\n"
        body = f'--b\r\n{HTML}\r\n<img src="cid:logo"><img src="cid:plan"><a href="cid:n">x</a>\r\n' + "".join((
            part.format("image/png", "logo", "logo.png", "x"), part.format("image/png", "a", "a.png", "x"),
            part.format("image/png", "plan", "plan.png", "x" * (DECORATION_SIZE + 1)), part.format("text/rtf", "n", "n.rtf", "x"),
        ))
        read = IncomingMail(write_mail(headers="Content-Type: multipart/related; boundary=b\r\n", body=f"{body}--b--"))
        self.assertEqual([annex.name for annex in read.annexes], ["a.png", "plan.png", "n.rtf"])

    def test_two_deliveries_of_one_mail_without_an_ident(self):
        dated = "Date: Tue, 24 Nov 2026 09:10:00 -0500\r\n"
        raw, undated = (write_mail(headers=headers).replace(b"Message-Id: <1@x>\r\n", b"") for headers in (dated, ""))
        later, undated_later = (mail.replace(b"09:10:05", b"09:40:05") for mail in (raw, undated))
        mails = raw, later, raw.replace(b"09:10:00", b"09:20:00"), undated, undated_later
        digests = [IncomingMail(mail).digest for mail in mails]
        self.assertEqual([digests.index(digest) for digest in digests], [0, 0, 2, 3, 4])

    def test_what_people_write_is_read(self):
        table = "<tr>" + "<td style='border: 1px' class=x valign=top>1 < 2</td>" * 5 + "</tr>"
        for text in (f"<table>{table * 300}</table>", "<p>Hola</p>" * 3000, f"<style>{'p > a {color: red} ' * 9000}</style><p>x"):
            self.assertTrue(IncomingMail(write_mail(headers=HTML, body=text)).text)
        self.assertTrue(IncomingMail(write_mail(body="Nadie pasó.\r\n" * 5000)).text)
        for path in FOLDER.glob("*.eml"):
            self.assertTrue(IncomingMail(path.read_bytes()).is_readable, path.name)
