"""Mail as it arrives, raw, at the PQRS mailbox, and a server that takes or refuses what leaves."""

import smtplib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.sig_pqrs.tools.mail_text import MAX_HEADER
from odoo.tools import mute_logger

from .common import SigCommon

FOLDER = Path(__file__).parent / "data" / "mail"
RECEIVED = "2026-11-24 14:10:05"
NOW = "2026-11-24 15:00:00"
GATEWAY = "odoo.addons.mail.models.mail_thread"


def write_mail(subject="Ronda", author="Ana <ana.ruiz@roble.example.org>", headers="", body="Nadie pasó.", ident="1@x"):
    """A raw mail, of texts that may be nonsense."""
    return (
        f"Received: from x by mx.example.com; Tue, 24 Nov 2026 09:10:05 -0500\r\nFrom: {author}\r\n"
        f"To: servicioalcliente@example.com\r\nSubject: {subject}\r\nMessage-Id: <{ident}>\r\n{headers}\r\n{body}\r\n"
    ).encode()


def unreadable(raw):
    """A mail in an encoding that core does not know."""
    return raw.replace(b"charset=utf-8", b"charset=x-none").replace(b'charset="UTF-8"', b"charset=x-none")


def nest(number):
    """A mail of multiparts in multiparts."""
    raw = write_mail(headers="Content-Type: multipart/mixed; boundary=b0\r\n", body="").rstrip() + b"\r\n\r\n"
    nests = (b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (index, index + 1) for index in range(number))
    return raw + b"".join(nests) + b"--b%d\r\n\r\nNadie lee\r\n" % number


HTML = "Content-Type: text/html\r\n"


class SmtpStub:
    """A session with a mail server.

    :param dict refused: ``{address: (code, text) or an exception}`` of whom it takes no mail for.
    :param away: the exception with which nobody reaches it.
    """

    from_filter = smtp_from = False

    def __init__(self, refused=(), away=None):
        self.refused = dict(refused)
        self.away = away
        #: tuples of envelope sender, recipients and message of what it took
        self.taken = []

    def send_message(self, message, smtp_from, smtp_to_list):
        """As `smtplib` does, it raises when it takes the message for none of them."""
        refused = {address: self.refused[address] for address in smtp_to_list if address in self.refused}
        for answer in refused.values():
            if isinstance(answer, Exception):
                raise answer
        if len(refused) == len(smtp_to_list):
            raise smtplib.SMTPRecipientsRefused(refused)
        self.taken.append((smtp_from, [address for address in smtp_to_list if address not in refused], message))
        return refused

    def connect(self, *_args, **_kwargs):
        if self.away:
            raise self.away
        return self

    def quit(self):
        """It stays open."""

    @contextmanager
    def serves(self):
        """What the software sends goes to it."""
        with ExitStack() as stack:
            for name, double in (("_disable_send", lambda _self: False), ("_connect__", self.connect)):
                stack.enter_context(patch.object(IrMail_Server, name, double))
            stack.enter_context(mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server"))
            yield self

#: mails on which parsers choke; those that cost them too much are in `test_mail_bounds`
MALFORMED = {
    "nested": nest(1500),
    "charset of the body": write_mail(headers='Content-Type: text/plain; charset="utf\x00-8"\r\n'),
    "charset of the subject": write_mail(subject="=?utf\x00-8?q?Hola?="),
    "charset of the author": write_mail(author="=?utf\x00-8?q?Ana?= <ana.ruiz@roble.example.org>"),
    "number of a parameter": write_mail(
        headers=f"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*{'1' * 5000}=a.pdf\r\n"
    ),
    "number in the type": write_mail(headers=f"Content-Type: multipart/mixed; boundary*{'1' * 5000}=a\r\n"),
    "half of a character": write_mail(subject="=?utf-7?q?+2AA-?="),
    "comments": write_mail(author="(" * 15_000),
    "ident": write_mail(headers="References: <a\x00@b>\r\n"),
    "encoding": write_mail(headers="Content-Type: text/plain; charset=punycode\r\n", body="a-9999"),
    "html of nothing": write_mail(headers=HTML, body="<!--"),
    "header": write_mail(subject="a" * 2 * MAX_HEADER),
    "nothing": b"",
    "noise": bytes(range(256)) * 20,
}


class MailCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(cls.registry["sig.letter"], "_render", lambda *_args: (b"%PDF-1.4", "pdf")))
        domain = cls.env["mail.alias.domain"].search([("name", "=", "example.com")])
        cls.company.alias_domain_id = domain or cls.env["mail.alias.domain"].create({"name": "example.com"})
        cls.env["mail.gateway.allowed"].create({"email": "mesadeayuda@ayuda.example.net"})
        cls.roble = cls.env["res.partner"].create({"name": "El Roble P.H.", "is_company": True})
        cls.ana = cls.env["res.partner"].create({"name": "Ana Ruiz", "email": "Ana.Ruiz@Roble.example.org", "parent_id": cls.roble.id})

    def read_mail(self, name, **values):
        raw = (FOLDER / f"{name}.eml").read_bytes()
        for key, value in values.items():
            raw = raw.replace(b"{%s}" % key.encode(), value.encode())
        return raw

    def receive(self, raw, **kwargs):
        """A raw mail comes through the gateway.

        :return: the new cases.
        """
        before = self.env["sig.pqrs"].search([])
        with mute_logger(GATEWAY, "odoo.addons.sig_pqrs.models.channel.pqrs_mail"):
            self.env["mail.thread"].message_process(kwargs.pop("model", None), raw, **kwargs)
        self.env.flush_all()
        return self.env["sig.pqrs"].search([]) - before

    def get_mail(self):
        return self.env["sig.pqrs.mail"].search([("direction", "=", "in")], order="id desc", limit=1)

    def close(self, **vals):
        """A case answered by mail, and the Message-Id of the answer."""
        case = self.make_approved(partner_id=self.ana.id, **vals)
        case.with_user(self.director).action_send_response()
        self.catch_mails()
        mail = case.sudo().delivery_id.mail_id
        mail.send()
        self.assertEqual(case.state, "closed")
        return case, mail.message_id
