"""What would cost a program that cleans HTML minutes is kept, and cleaned by none."""

from markupsafe import Markup

from odoo.addons.sig_pqrs.tools import html_bounds
from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import freeze_time
from .mail import FOLDER, HTML, NOW, MailCommon, write_mail

ATTRIBUTES = "<p {}>Nadie pasó</p>".format(" ".join(f"a{number}=1" for number in range(5000)))
MIXED = "Content-Type: multipart/mixed; boundary=b\r\n"
ALTERNATIVE = "Content-Type: multipart/alternative; boundary=b\r\n"


def write_parts(*parts):
    return "".join(f"--b\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts) + "--b--\r\n"


HEAVY = {
    "attributes": (HTML, ATTRIBUTES),
    "attributes without values": (HTML, f"<p {'a ' * 5000}>Nadie pasó</p>"),
    "attributes after signs": (HTML, f"<p {'a<b ' * 5000}>Nadie pasó</p>"),
    "attributes after quotes": (HTML, f"<p {'a=x&quot; ' * 5000}>Nadie pasó</p>"),
    "attributes in a comment": (HTML, f"<!--><p {'a=1 ' * 5000}>Nadie pasó</p>"),
    "attributes by slashes": (HTML, f"<p {'a/' * 5000}>Nadie pasó</p>"),
    "attributes after a sign that is no space": (HTML, f"<p x=\xa0' {'a=1 ' * 5000}>Nadie pasó</p>"),
    "a word in a style": (HTML, f"<p style='{'a' * 10_000}'>Nadie pasó</p>"),
    "an encoded word in a style": (HTML, f"<p STYLE='{'&#97;' * 10_000}'>Nadie pasó</p>"),
    "blanks after a word in a style": (HTML, f"<p style='{'a' * 50}{' ' * 10_000}'>Nadie pasó</p>"),
    "lines": (HTML, "Nadie pasó" + "<br>" * 60_000),
    "length": (HTML, "Nadie pasó " * 200_000),
    "parts": (MIXED, write_parts(*[("text/html", "<p>Nadie pasó</p>" * 5)] * 300)),
    "the other alternative": (ALTERNATIVE, write_parts(("text/plain", "Nadie pasó"), ("text/html", ATTRIBUTES))),
    "encoded": ("Content-Type: text/html; charset=utf-7\r\n", ATTRIBUTES.replace("<", "+ADw-").replace(">", "+AD4-")),
    "quoted": (f"{HTML}Content-Transfer-Encoding: quoted-printable\r\n", ATTRIBUTES.replace("=", "=3D")),
    "in a mail in it": (MIXED, write_parts(("text/plain", "Nadie pasó"), ("message/rfc822", f"{HTML}\r\n{ATTRIBUTES}"))),
    "text": ("", "Nadie pasó\r\n" * 400_000),
}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestMailBounds(MailCommon):
    def test_what_is_too_heavy_waits_with_its_original(self):
        for name, (headers, body) in HEAVY.items():
            with self.subTest(name), self.undone():
                raw = write_mail(headers=headers, body=body)
                self.assertTrue(IncomingMail(raw).is_abnormal)
                case = self.receive(raw)
                self.assertEqual((case.state, case.partner_id), ("to_file", self.ana))
                self.assertIn("Nadie", case.description)
                self.assertLessEqual(len(case.description), 101_000)
                self.assertEqual(self.get_mail()._get_raw(), raw)
                self.assertIn("look at the original", str(case.message_ids.mapped("body")))

    def test_an_answer_that_is_too_heavy_reaches_its_case(self):
        case, message_id = self.close()
        self.receive(write_mail(headers=f"{HTML}In-Reply-To: {message_id}\r\n", body=ATTRIBUTES))
        self.assertTrue(case.client_message_pending)
        self.assertIn("Nadie pasó", str(case.message_ids.mapped("body")))

    def test_what_people_write_is_read(self):
        table = "<tr>" + "<td style='border: 1px' class=x valign=top>12</td>" * 5 + "</tr>"
        for text in (f"<table>{table * 500}</table>", "<p>Hola</p>" * 5000, f"<style>{'p > a {color: red} ' * 9000}</style>"):
            self.assertFalse(html_bounds.is_heavy(text))
        for path in FOLDER.glob("*.eml"):
            self.assertFalse(IncomingMail(path.read_bytes()).is_abnormal, path.name)

    def test_messages_by_other_doors(self):
        """Nobody from outside has it cleaned; a step of ours keeps the words."""
        case = self.make_case()
        values = {"body": ATTRIBUTES, "model": "res.partner", "res_id": self.portal.partner_id.id}
        Message = self.env["mail.message"].with_user(self.portal)
        with self.assertRaisesRegex(UserError, "too many"):
            Message.create(values)
        own = Message.sudo().create({"body": "Hola", "author_id": self.portal.partner_id.id}).sudo(False)
        with self.assertRaisesRegex(UserError, "too many"):
            own.write({"body": ATTRIBUTES})
        message = case.sudo()._message_log(body=Markup(ATTRIBUTES))
        self.assertEqual(message.body, "<p> Nadie pasó </p>")
