"""Nonsense for the pages of the public: requests drawn from a number, the same ones for the same number."""

import random
import re
import string
from typing import NamedTuple

from odoo import http

#: texts that break what is careless
NASTY = (
    "",
    " ",
    "\x00",
    "a\r\nBcc: x@example.com",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "<t t-out='7*7'/>",
    "../../etc/passwd",
    "%00",
    "%",
    "%s%n",
    "\u202egpj.exe",
    "🙂" * 50,
    "\ud83d",
    "-1",
    "0",
    "1",
    "2147483648",
    "99999999999999999999",
    "1e9",
    "NaN",
    "null",
    "true",
    "[]",
    "2026-13-45",
    "0001-01-01",
    "9999-12-31",
    "PQRS-2026-00001",
    "x" * 5000,
    "١٢٣",
    "ﬁ",
    "é" * 300,
    "\uffff\ufffe",
    "a" * 254 + "@example.com",
    "a@b",
    "\u200b\u200e",
    "1;2",
    "on",
    "__class__",
    "${7*7}",
    "\x1b[31m",
    "\u0001",
)
#: a petition without a fault, to be given some
PETITION = {
    "type": "queja",
    "name": "Ana Ruiz",
    "email": "ana@example.com",
    "phone": "310 555 1234",
    "subject": "Ronda sin hacer",
    "description": "Nadie pasó.",
    "notice": "1",
    "response_medium": "email",
    "capacity": "client",
    "incident_date": "2026-01-20",
    "person_type": "natural",
    "document_type": "cc",
    "document_number": "52.123.456",
    "city": "Bogotá",
    "site": "Torre 3",
    "remedy": "Que se haga",
    "urgent": "1",
    "consent_surveys": "1",
    "anonymous": "1",
}
OTHER_FIELDS = (
    "submission_token",
    "reference_code",
    "number",
    "code",
    "text",
    "reason",
    "rate",
    "feedback",
    "lang",
    "company_id",
    "csrf_token",
    "token",
    "page",
    "filterby",
    "search",
    "done",
    "wrong",
    "version",
    "state",
    "id",
    "partner_id",
    "attachments",
    "debug",
    "context",
)
FILES = (b"", b"%PDF-1.4\n", b"\xff\xd8\xff\xe0", b"<svg onload=alert(1)>", b"MZ\x90", b"PK\x03\x04", b"\x00" * 50)
NAMES = (
    "a.pdf",
    "foto.jpg",
    "x.html",
    "\u202egpj.exe",
    "../../a.pdf",
    "a" * 300 + ".pdf",
    "a\r\nb.pdf",
    ".",
    "ñ 🙂.png",
    "\x00.pdf",
)
METHODS = (*["GET"] * 5, *["POST"] * 12, "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")


class Request(NamedTuple):
    """``data`` is ``{field: bytes}``; ``files`` is ``[(field, (name, bytes))]``; ``body`` goes in the place of both."""

    method: str
    path: str
    params: dict
    data: dict
    files: list
    body: bytes | None
    headers: dict


def draw(number, routes, known, hidden):
    """The request of a number.

    :param routes: paths, with converters such as ``<int:page>`` in them.
    :param known: ids and tokens that there are, as texts.
    :param hidden: fields of the forms of the visitor, with the token against CSRF.
    """
    chance = random.Random(number)

    def text():
        if chance.random() < 0.7:
            return chance.choice(NASTY)
        return "".join(chance.choices(string.printable + "áñ🙂\u200e\x00", k=chance.randint(0, 60)))

    def segment(match):
        kind = match[1]
        if kind.startswith("any(") and chance.random() < 0.9:
            return chance.choice(kind[4:].split(")")[0].split(","))
        if known and chance.random() < 0.5:
            return chance.choice(known)
        if kind.startswith("int") and chance.random() < 0.8:
            return chance.choice(("0", "1", "7", "2147483647", "2147483648", "99999999999999999999", "-1"))
        return quote(text()[:200])

    forms = [route for route in routes if route.endswith("/new")]
    path = re.sub(r"<([^>]+)>", segment, chance.choice(forms if chance.random() < 0.3 else routes))
    if chance.random() < 0.1:
        path += quote("/" + text()[:100])
    method = chance.choice(METHODS)
    fields = dict(PETITION) if chance.random() < 0.5 else {}
    names = (*PETITION, *OTHER_FIELDS)
    for name in chance.sample(names, chance.randint(0, 4 if fields else 10)):
        fields[name] = text()
    if fields.get("anonymous") == "1" and chance.random() < 0.7:
        del fields["anonymous"]
    params = {}
    if method in ("GET", "HEAD") or chance.random() < 0.1:
        params, fields = fields, {}
    elif chance.random() < 0.85:
        fields.update({name: value for name, value in hidden.items() if name not in fields})
    files = []
    if fields and chance.random() < 0.3:
        for _file in range(chance.choice((1, 1, 2, 12))):
            field = chance.choice(("attachments", "attachments", "subject", "file", "text"))
            files.append(
                (field, (chance.choice(NAMES), chance.choice(FILES) + chance.randbytes(chance.randint(0, 200))))
            )
    body, headers = None, {}
    if method not in ("GET", "HEAD") and chance.random() < 0.1:
        body, content_type = chance.choice(BODIES)
        headers["Content-Type"] = content_type
    if chance.random() < 0.1:
        name = chance.choice(
            ("Accept-Language", "Referer", "User-Agent", "X-Forwarded-For", "Range", "If-None-Match", "Accept")
        )
        headers[name] = re.sub(r"[^\x20-\x7e]", "", text())[:200].strip()
    return Request(method, path, encode(params), encode(fields), files, body, headers)


BODIES = (
    (b"", "multipart/form-data"),
    (b'--x\r\nContent-Disposition: form-data; name="subject"\r\n\r\nab', "multipart/form-data; boundary=x"),
    (b"\xff\xfe=%zz&&=&a", "application/x-www-form-urlencoded"),
    (b'{"jsonrpc": "2.0", "params": {}}', "application/json"),
    (b"{", "application/json"),
    (b"[1]", "application/json"),
    (b"<x/>", "text/xml"),
    (b"\x00" * 100, "application/octet-stream"),
    (b"a=" + b"%F0%9F" * 1000, "application/x-www-form-urlencoded; charset=utf-7"),
)


def encode(fields):
    return {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}


def quote(text):
    """A segment of a path, as a browser sends it: neither control characters nor folders above."""
    text = re.sub(r"[\x00-\x1f\x7f]|(?<![^/])\.\.?(?![^/])", "", text)
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogatepass")
    )


def get_routes():
    """The paths of the pages of this addon, whatever they are."""
    rules = http._generate_routing_rules(["portal", "sig_pqrs"], nodb_only=False)
    return sorted({path for path, _endpoint in rules if "pqrs" in path})
