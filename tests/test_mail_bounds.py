"""No mail costs more than seconds, whatever is in it: what would is kept, and read by nobody."""

import base64
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError

from .mail import HTML, MailCommon, nest, write_mail

MIXED = "Content-Type: multipart/mixed; boundary=b\r\n"
ALTERNATIVE = "Content-Type: multipart/alternative; boundary=b\r\n"
ATTRIBUTES = "<p {}>Nadie pasó</p>".format(" ".join(f"a{number}=1" for number in range(20_000)))
#: of memory
MAX_KILOBYTES = 500_000


def write_parts(*parts):
    return "".join(f"--b\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts) + "--b--\r\n"


#: what takes core from half a minute to hours
HEAVY = {
    "attributes": (HTML, ATTRIBUTES), "encodings that nothing closes": (HTML, "< encoding=a" * 2000),
    "a word in a style": (HTML, f"<p style='{'a' * 60_000}'>Nadie pasó</p>"),
    "lines": (HTML, "Nadie pasó" + "<br>" * 1_000_000), "quotes": ("", "> Nadie pasó\r\n" * 100_000),
    "length": (HTML, "Nadie pasó " * 300_000),
    "the other alternative": (ALTERNATIVE, write_parts(("text/plain", "Nadie pasó"), ("text/html", ATTRIBUTES))),
    "encoded": ("Content-Type: text/html; charset=utf-7\r\n", ATTRIBUTES.replace("<", "+ADw-").replace(">", "+AD4-")),
    "base64": (f"{HTML}Content-Transfer-Encoding: base64\r\n", base64.b64encode(ATTRIBUTES.encode()).decode()),
    "in a mail in it": (MIXED, write_parts(("text/plain", "Nadie pasó"), ("message/rfc822", f"{HTML}\r\n{ATTRIBUTES}"))),
    "after annexes": (MIXED, write_parts(
        ("text/plain", "Nadie pasó"), ("message/rfc822", f"{HTML}\r\nNadie pasó"), ("text/plain; name=acta.txt", "Acta"), ("text/html", ATTRIBUTES),
    )),
    "parts": (MIXED, write_parts(*[("text/html", "<p>Nadie pasó</p>" * 5)] * 3000)),
    "words of headers": (f"Cc: {'=?utf-8?q?a?= ' * 200_000}\r\n", "Nadie pasó"),
    "headers": ("To: a@b.co\r\n" * 200_000, "Nadie pasó"),
}

kinds = st.sampled_from(
    (HTML, "", MIXED, f"{HTML}Content-Transfer-Encoding: quoted-printable\r\n", "Content-Type: text/html; charset=utf-7\r\n")
)
tokens = st.sampled_from(
    ("<", ">", "<p ", "a=1 ", "<br>", "<b>", "</b>", "<td>", "<!--", "-->", "<o:", "'", '"', "&#97;", "&lt;", "style='", "class=",
     "a", " ", "\r\n", "> ", "-- \r\n", "http://a.b/c ", "encoding=a ", "<a href=x>", "<img src=cid:a>", "{", "/*", "@import ", "--b\r\n",
     "--b\r\nContent-Type: text/html\r\n\r\n", "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "=3D", "=\r\n", "+ADw-", "\x00", "é")
)
repeated = st.lists(tokens, min_size=1, max_size=4).map("".join)


class TestMailBounds(MailCommon):
    def assertFiled(self, raw):
        """The mail is kept, and is filed; the case."""
        case = self.receive(raw, model="sig.pqrs")
        self.assertEqual((self.get_mail()._get_raw(), self.get_mail().state, self.get_mail().pqrs_id), (raw, "filed", case))
        return case

    def test_what_is_too_heavy_waits_with_its_original(self):
        for name, (headers, body) in HEAVY.items():
            with self.subTest(name), self.undone():
                case = self.assertFiled(write_mail(headers=headers, body=body))
                self.assertEqual((case.state, case.partner_id), ("to_file", self.ana))
                self.assertIn("look at the original", case.description)
                self.assertIn("look at the original", str(case.message_ids.mapped("body")))

    def test_memory(self):
        for raw in (nest(150_000), write_mail(headers=MIXED, body="--b\r\n\r\n" * 1_400_000)):
            with self.undone():
                Path("/proc/self/clear_refs").write_text("5")  # the peak is what there is now
                before = self.get_memory("VmRSS")
                self.assertFiled(raw)
                self.assertLess(self.get_memory("VmHWM") - before, MAX_KILOBYTES)

    def get_memory(self, name):
        return int(re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])

    @settings(max_examples=10, deadline=None)
    @given(kinds, repeated, repeated, st.integers(1000, 100_000))
    def test_whatever_is_repeated(self, headers, first, second, size):
        with self.undone():
            half = size // 2
            body = first * (half // len(first)) + second * (half // len(second))
            self.assertFiled(write_mail(headers=headers, body=body))

    def test_an_answer_that_is_too_heavy_reaches_its_case(self):
        case, message_id = self.close()
        self.receive(write_mail(headers=f"{HTML}In-Reply-To: {message_id}\r\n", body=ATTRIBUTES))
        self.assertIn("look at the original", case.sudo()._get_waiting("late").body)

    def test_it_is_kept_once(self):
        """Of two that nobody reads, what differs is told by their bodies."""
        one, other = (write_mail(headers=HTML, body=body + ATTRIBUTES) for body in ("Uno", "Otro"))
        self.assertEqual([len(self.receive(raw)) for raw in (one, other, b"X-Route: 2\r\n" + one)], [1, 1, 0])

    def test_messages_by_other_doors(self):
        """Nobody from outside has it cleaned."""
        values = {"body": ATTRIBUTES, "model": "res.partner", "res_id": self.portal.partner_id.id}
        Message = self.env["mail.message"].with_user(self.portal)
        own = Message.sudo().create({"body": "Hola", "author_id": self.portal.partner_id.id}).sudo(False)
        self.assertEachRaises(UserError, lambda: Message.create(values), lambda: own.write({"body": ATTRIBUTES}), said="too many")
