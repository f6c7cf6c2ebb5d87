"""Headers and content of a raw mail, read without raising.

Callers decide which headers to trust: strangers write those below the headers of our own servers. Headers are read up
to a size; the rest only within the bounds of `mail_bounds`.
"""

import email
import hashlib
import mimetypes
import re
from contextlib import suppress
from datetime import datetime, timezone
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import dropwhile, islice
from typing import NamedTuple

from odoo.tools import html2plaintext

from . import mail_authentication, mail_bounds
from .mail_text import ADDRESS, Address, decode, decode_words, lower, split_addresses, unfold

#: bytes of headers, and headers of one name
MAX_HEAD = 256 * 1024
MAX_HEADERS = 200
#: bytes of inline images that are taken for logos of a signature
DECORATION_SIZE = 32 * 1024

#: headers of automatic replies that do not follow RFC 3834
_AUTOMATIC_HEADERS = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponder",
    "X-AutoReply-From", "X-Mail-Autoreply", "X-Vacation",
)  # fmt: skip
#: types of parts that are no annexes
_TECHNICAL = frozenset(
    {
        "application/pgp-encrypted", "application/pgp-keys", "application/pgp-signature",
        "application/pkcs7-signature", "application/x-pkcs7-signature", "application/ics",
        "message/delivery-status", "message/disposition-notification", "message/feedback-report",
        "text/calendar", "text/directory", "text/vcard", "text/x-vcard",
    }
)  # fmt: skip
_AUTOMATIC_SUBJECT = re.compile(
    r"(respuesta autom[aá]tica|contestaci[oó]n autom[aá]tica|auto(matic)?[ -]?reply|out of (the )?office"
    r"|fuera de (la )?oficina|ausencia de la oficina)\s*(:|$)",
    re.IGNORECASE,
)
_FORWARDED_FROM = re.compile(
    r"^[>\t\xa0 *_]*+(?:De|From)[\t\xa0 ]{0,20}:[\s*_]{0,20}(.{3,300})$", re.IGNORECASE | re.MULTILINE
)
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_RECEIVED_BY = re.compile(r"\bby\s+([\w.:\[\]-]+)", re.IGNORECASE)
#: the name that the server found for the address, not the one that it was told
_RECEIVED_FROM = re.compile(r"^\s*from\s+\S+\s+\(([\w.-]+)\s+\[[^\]]*\]\)", re.IGNORECASE)
_CID = re.compile(r"cid:([^\"'\s>)]+)", re.IGNORECASE)
#: of reports, in any of their parts
_REPORTED_ID = re.compile(rb"^(?:original-)?message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_REPORTED_ACTION = re.compile(rb"^action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_DISPLAYED = re.compile(rb"^content-type:\s*message/disposition-notification", re.IGNORECASE | re.MULTILINE)


class Annex(NamedTuple):
    name: str
    content: bytes
    mimetype: str


class Content(NamedTuple):
    """Of alternative texts, the plain one that is not empty."""

    #: pairs of ``plain`` or ``html``, and the text
    texts: list[tuple[str, str]]
    #: all HTML, also of unused alternatives
    html: list[str]
    #: pairs of a file and its Content-Id; empty for attached files
    files: list[tuple[Annex, str]]
    #: raw attached mails
    attached: list[bytes]


UNREADABLE = Content([], [], [], [])


class IncomingMail:
    def __init__(self, raw: bytes):
        self.raw = raw
        self._headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:MAX_HEAD])

    # -- Headers ----------------------------------------------------------------------------------------------------

    def _get_raw_all(self, name):
        values = (value for key, value in self._headers.raw_items() if key.lower() == name.lower())
        return [unfold(str(value)) for value in islice(values, MAX_HEADERS)]

    def get_all(self, name: str) -> list[str]:
        return [decode_words(value) for value in self._get_raw_all(name)]

    def _get_addresses(self, *names):
        return [address for name in names for value in self._get_raw_all(name) for address in split_addresses(value)]

    def get(self, name: str) -> str:
        return next(iter(self.get_all(name)), "")

    @cached_property
    def subject(self):
        return self.get("Subject")

    @cached_property
    def message_id(self):
        return self.get("Message-Id").strip()

    @cached_property
    def original_ids(self) -> list[str]:
        names = ("X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID", "X-Original-Message-ID")
        return [id_ for name in names for value in self.get_all(name) for id_ in _MESSAGE_ID.findall(value)]

    @cached_property
    def references(self) -> list[str]:
        older = _MESSAGE_ID.findall(" ".join(self.get_all("References")))
        return list(dict.fromkeys([*_MESSAGE_ID.findall(self.get("In-Reply-To")), *reversed(older)]))[:32]

    @cached_property
    def author(self) -> Address:
        return next(iter(self._get_addresses("From")), Address("", ""))

    @cached_property
    def has_plain_author(self) -> bool:
        """Whether all programs read the same author in it."""
        values = self._get_raw_all("From")
        bare = mail_authentication.without_quotes(values[0]) if len(values) == 1 else ""
        found = ADDRESS.findall(bare)
        return (
            {lower(address) for address in found} == {self.author.mailbox}
            and bare.count("@") == len(found)
            and not any(sign in bare for sign in '"()')
        )

    @cached_property
    def recipients(self) -> set[str]:
        """Addresses of recipients, also those that core finds in encoded words."""
        names = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "To", "Cc", "Resent-To", "Resent-Cc")
        encoded = (address for name in names for value in self.get_all(name) for address in split_addresses(value))
        return {address.mailbox for address in (*self._get_addresses(*names), *encoded)}

    def get_received_on(self, trusted=()) -> datetime | None:
        """When the first of the trusted servers that handed it on took it in, or else the last of all; naive UTC.

        A sender forges what stands below ours: it counts if the one above found out that a trusted server wrote it.

        :param trusted: names or domains of servers.
        """
        lines = self.get_all("Received")
        ours = dropwhile(lambda line: not self._is_of(line, trusted), lines)
        line = next(ours, next(iter(lines), ""))
        while self._is_of(line, trusted, _RECEIVED_FROM) and self._is_of(below := next(ours, ""), trusted):
            line = below
        try:
            moment = parsedate_to_datetime(line.rpartition(";")[2].strip())
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return moment.replace(microsecond=0)

    def _is_of(self, line, trusted, pattern=_RECEIVED_BY):
        match = pattern.search(line)
        return self._is_one_of(match[1].lower().rstrip(".") if match else "", trusted)

    def _is_one_of(self, host, trusted):
        return any(host == name or host.endswith(f".{name}") for name in trusted)

    # -- Kind of mail -----------------------------------------------------------------------------------------------

    @cached_property
    def content_type(self):
        return self._headers.get_content_type()

    @property
    def is_report(self) -> bool:
        """Whether it reports that another mail was returned, delayed, delivered or displayed."""
        return (
            self.content_type in ("multipart/report", "message/disposition-notification", "message/delivery-status")
            or self.author.mailbox.startswith("mailer-daemon@")
            or bool(self.get("X-Failed-Recipients"))
            or (self.author.mailbox.startswith("postmaster@") and self.is_automatic())  # a person may have that address
        )

    @cached_property
    def reported_actions(self) -> set[str]:
        """Of ``failed delayed delivered relayed expanded displayed``."""
        report = self.raw[self.raw.lower().find(b"delivery-status") :]  # message/delivery-status or RFC 6533's
        actions = {action.decode().lower() for action in _REPORTED_ACTION.findall(report)}
        return actions | {"displayed"} if _DISPLAYED.search(self.raw) else actions

    @property
    def reports_failure(self) -> bool:
        """Also of reports without a readable action."""
        return not self.reported_actions or "failed" in self.reported_actions

    @cached_property
    def reported_ids(self) -> list[str]:
        found = [ident.decode("ascii", "replace") for ident in _REPORTED_ID.findall(self.raw)]
        return list(dict.fromkeys([*(ident for ident in found if ident != self.message_id), *self.references]))[:32]

    def is_automatic(self, own_list=False) -> bool:
        """Whether a program wrote it (RFC 3834, and headers beside it); a list of ours marks all mails."""
        submitted = self.get("Auto-Submitted").split(";")[0].strip().lower() or "no"
        return (
            submitted != "no"
            or any(self.get(name) for name in _AUTOMATIC_HEADERS)
            or self._precedence == "auto_reply"
            or (not own_list and self._precedence in ("bulk", "junk") and bool(self.get("List-Unsubscribe")))
            or self.get("Return-Path").strip() == "<>"
            or self._answers_invitation()
        )

    def seems_automatic(self, own_list=False) -> bool:
        return bool(_AUTOMATIC_SUBJECT.match(self.subject.strip())) or (
            not own_list and self._precedence in ("bulk", "junk")
        )

    @property
    def _precedence(self):
        return self.get("Precedence").strip().lower()

    def _answers_invitation(self):
        with suppress(Exception):
            calendars = [part for part in self.message.walk() if part.get_content_type() == "text/calendar"]
            return any(str(part.get_param("method")).upper() in ("REPLY", "COUNTER") for part in calendars)
        return False

    @property
    def is_of_list(self) -> bool:
        return bool(self.get("List-Id") or self.get("List-Post")) or self._precedence == "list"

    def is_of_list_in(self, domains) -> bool:
        """Whether it claims to come through a list of one of the domains."""
        named = self.get("List-Id") + self.get("List-Post").replace("mailto:", "").replace("@", ".")
        names = [name.strip().lower() for name in re.findall(r"<([^<>]{1,255})>", named)] or [named.strip().lower()]
        return any(self._is_one_of(name, domains) for name in names)

    def get_authentication(self, trusted=()) -> str:
        """Whether trusted servers authenticated the domain of the author: ``pass``, ``fail``, or empty.

        Without trusted servers, failures of any server count.
        """
        findings = self._get_own_findings(trusted)
        verdicts = {finding.result for finding in findings if finding.method == "dmarc"}
        if "fail" in verdicts:
            return "fail"
        domain = self.author.domain
        if "pass" in {finding.result for finding in findings if domain and finding.is_of(domain)}:
            return "pass"
        return "" if trusted or not self._has_failed_anywhere() else "fail"

    def _get_own_findings(self, trusted):
        """Findings of trusted servers, which they write above the headers of the mail.

        A sender can forge headers in their name below: a pass is ignored once a trusted server reported the method, or
        when a trusted Received stands above it.
        """
        findings, said, is_below = [], set(), False
        for name, line in self._trace:
            if name == "authentication-results":
                results = mail_authentication.read(line)
                if self._is_one_of(results.server, trusted):
                    findings += [
                        finding
                        for finding in results.findings
                        if finding.result != "pass" or not (is_below or finding.method in said)
                    ]
                    said.update(finding.method for finding in results.findings)
            elif not self._is_of(line, trusted):
                break
            else:
                is_below = bool(said)
        return findings

    @cached_property
    def _trace(self):
        headers = ((name.lower(), value) for name, value in self._headers.raw_items())
        written = (pair for pair in headers if pair[0] in ("received", "authentication-results"))
        return [(name, unfold(str(value))) for name, value in islice(written, MAX_HEADERS)]

    def _has_failed_anywhere(self):
        return any(
            (finding.method, finding.result) == ("dmarc", "fail")
            for value in self.get_all("Authentication-Results")
            for finding in mail_authentication.read(value).findings
        )

    # -- Content ----------------------------------------------------------------------------------------------------

    @cached_property
    def is_bearable(self) -> bool:
        return mail_bounds.is_bearable(self.raw)

    @cached_property
    def message(self) -> EmailMessage:
        """:raises Exception: beyond the bounds, or when `email` fails."""
        if not self.is_bearable:
            raise MemoryError
        return email.message_from_bytes(self.raw, policy=policy.SMTP)

    @cached_property
    def content(self) -> Content:
        content = Content([], [], [], [])
        with suppress(Exception):
            content.texts.extend(self._read(self.message, content))
            return content
        return UNREADABLE

    @property
    def is_readable(self) -> bool:
        return self.content is not UNREADABLE

    def _read(self, part, content):
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            read = [self._read(child, content) for child in part.get_payload()]
            if kind == "multipart/alternative":
                plain = [texts for texts in read if any(k == "plain" and text.strip() for k, text in texts)]
                rich = [texts for texts in read if any(text.strip() for _k, text in texts)]
                return next(iter(plain or rich), [])
            return [pair for texts in read for pair in texts]
        name, disposition = unfold(str(part.get_filename() or "")), part.get_content_disposition()
        if kind in _TECHNICAL and not (kind.startswith("text/") and disposition == "attachment"):
            return []
        if kind == "message/rfc822" and part.is_multipart():
            data = part.get_payload(0).as_bytes()
            name = f"{IncomingMail(data).subject[:80] or 'mail'}.eml"
            content.attached.append(data)
        else:
            data = part.get_payload(decode=True) or b""
        if kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
            text = decode(data, part.get_content_charset())
            if kind == "text/html":
                content.html.append(text)
            return [(kind.partition("/")[2], text)]
        if data or name or disposition == "attachment":
            name = name or unfold(part.get_content_maintype()) + (mimetypes.guess_extension(kind) or ".bin")
            cid = "" if disposition == "attachment" else unfold(str(part.get("Content-Id") or "")).strip("<>")
            content.files.append((Annex(name, data, kind), cid))
        return []

    @cached_property
    def text(self) -> str:
        texts = (text if kind == "plain" else self._get_plain(text) for kind, text in self.content.texts)
        return "\n\n".join(text for text in texts if text.strip())

    def _get_plain(self, html):
        with suppress(Exception):  # the parser of HTML may fail
            return html2plaintext(html)
        return ""

    @cached_property
    def annexes(self) -> list[Annex]:
        """Files, also empty ones, without the small pictures of a signature."""
        shown = {cid.strip("<>") for cid in _CID.findall("".join(self.content.html))}
        return [
            annex
            for annex, cid in self.content.files
            if cid not in shown or len(annex.content) > DECORATION_SIZE or not annex.mimetype.startswith("image/")
        ]

    @cached_property
    def original_authors(self) -> list[Address]:
        """Likely authors of a mail that a group, form or helpdesk sent under its own address, the likeliest first.

        Any sender can write them: use them for mails from our own addresses.
        """
        return self._get_addresses("X-Original-From", "X-Original-Sender", "Reply-To")

    @cached_property
    def passed_on_authors(self) -> list[Address]:
        """The original authors, and those whom a mail that was forwarded names in what anybody can type."""
        found = [*self.original_authors]
        found += [IncomingMail(raw).author for raw in self.content.attached]
        for line in _FORWARDED_FROM.findall(self.text):
            found += [
                Address(line[: match.start()].strip(" \"'<[*_:"), match[0].lower())
                for match in [ADDRESS.search(line.replace("mailto:", ""))]
                if match
            ]
        return [address for address in dict.fromkeys(found) if address.mailbox]

    @cached_property
    def digest(self) -> str:
        """Equal for two deliveries of one mail; different for another mail with its Message-Id."""
        files = sorted(hashlib.sha256(annex.content).hexdigest() for annex in self.annexes if annex.content)
        if not self.is_readable:
            body = re.split(rb"\r?\n\r?\n", self.raw, maxsplit=1)[-1]
            files = [hashlib.sha256(b"".join(body.split())).hexdigest()]
        parts = [self.message_id, self.author.mailbox, self.subject, " ".join(self.text.split()), *files]
        if not self.message_id:
            parts.append(self.get("Date") or str(self.get_received_on() or ""))
        return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()
