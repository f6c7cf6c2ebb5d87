"""The reader of mail: it raises nothing, and its work grows with the length alone."""

import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail
from odoo.tests import BaseCase, tagged

from .mail import FOLDER, HTML, MALFORMED, nest, write_mail

#: what grows, of a length: some kind of work was the square of each
GROWING = {
    "subject": lambda size: write_mail(subject="=?utf-8?q?a" * (size // 11)),
    "author": lambda size: write_mail(author="a" * size),
    "comments": lambda size: write_mail(author="(" * size),
    "results": lambda size: write_mail(headers=f"Authentication-Results: x; {'(a;' * (size // 3)}\r\n"),
    "authors": lambda size: write_mail(headers="From: a@b.co\r\n" * (size // 14)),
    "parameter": lambda size: write_mail(headers=f'Content-Type: text/plain; a="{";" * size}\r\n'),
    "html": lambda size: write_mail(headers=HTML, body="<" * size),
    "parts": lambda size: write_mail(headers="Content-Type: multipart/mixed; boundary=b\r\n", body="--b\r\n\r\na\r\n" * (size // 10)),
    "lines": lambda size: write_mail(body="x" + "\n" * size),
    "quotes": lambda size: write_mail(body=">" * size),
    "forward": lambda size: write_mail(body="De:" + "\n" * size),
    "forwards": lambda size: write_mail(body="De:\n" * (size // 4)),
    "nested": lambda size: nest(size // 60),
    "encoding": lambda size: write_mail(headers="Content-Type: text/plain; charset=punycode\r\n", body="a-" + "9" * size),
}


def read_all(raw):
    """Everything that a mail says."""
    mail = IncomingMail(raw)
    return {
        "texts": [
            mail.subject, mail.message_id, mail.text, mail.html, mail.digest, *mail.references,
            *mail.original_ids, *mail.reported_ids, *mail.recipients, *(annex.name for annex in mail.annexes),
            *(part for found in (mail.author, *mail.original_authors, *mail.forwarded_authors) for part in found),
        ],
        "others": [
            mail.get_received_on(("x",)), mail.is_report, mail.reported_actions, mail.is_automatic(), mail.seems_automatic(),
            mail.get_authentication(), mail.get_authentication(("x",)), mail.has_plain_author, mail.is_of_list, mail.is_of_list_in("x"), mail.attached, mail.is_abnormal,
        ],
    }


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

    def check(self, raw):
        for text in read_all(raw)["texts"]:
            self.assertNotIn("\x00", text)
            text.encode()  # the database takes it

    @settings(max_examples=300, deadline=None)
    @given(st.one_of(mails, st.binary(max_size=400)))
    @example(b"Content-Type: \x00multipart/mixed; boundary=b\r\n\r\nx")
    def test_nothing_is_raised(self, raw):
        self.check(raw)

    def test_malformed(self):
        for name, raw in MALFORMED.items():
            with self.subTest(name):
                self.check(raw)

    def test_what_other_parsers_are_spared(self):
        for name in ("nested", "encoding", "html of signs", "header", "headers", "parts", "more parts"):
            self.assertTrue(IncomingMail(MALFORMED[name]).is_abnormal, name)
        for path in FOLDER.glob("*.eml"):
            self.assertFalse(IncomingMail(path.read_bytes()).is_abnormal, path.name)
        table = "<tr><td>1 < 2</td></tr>" * 500
        self.assertFalse(IncomingMail(write_mail(headers=HTML, body=table)).is_abnormal)

    def test_work_grows_with_the_length(self):
        """Time of the processor: four times for four times the length, sixteen times for its square."""
        for name, make in GROWING.items():
            with self.subTest(name):
                short, long = (min(self.measure(make(size)) for _time in range(2)) for size in (50_000, 200_000))
                self.assertLess(long, 8 * short + 0.5)

    def measure(self, raw):
        start = time.process_time()
        read_all(raw)
        return time.process_time() - start
