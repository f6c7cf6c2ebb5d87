"""One mail as it came, read leniently: whatever is broken in it, something is read and nothing is raised.

The work grows with the length of the mail, never with its square: patterns start at one place of a run, and what is
longer or deeper than people and their programs write is cut.

It says what the mail claims; which claims are believed is for who reads it. Headers below those of our own servers are
written by strangers.
"""

import codecs
import email
import hashlib
import mimetypes
import re
from datetime import UTC, datetime
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime
from functools import cached_property
from typing import NamedTuple

#: inline images up to this size are logos of a signature; photos and screenshots weigh more
DECORATION_SIZE = 32 * 1024

#: bytes of a header that are read; the standards and those who keep to them stay far below
MAX_HEADER = 16 * 1024
#: headers of one name that are read
MAX_HEADERS = 200
#: parts that hold others
MAX_NESTS = 100
#: lines that may begin a part
MAX_SEPARATORS = 20_000
#: parts, and headers of one, of which other parsers make records and values
MAX_PARTS = 1000
#: lines times parts that hold others: each line is compared with the end of each
MAX_COMPARISONS = 20_000_000
#: signs of HTML that no other closes, times its length: programs that clean it go on to the end from each
MAX_OPEN_SIGNS = 300_000_000
#: characters that are read of a mail whose parts cannot be told apart
MAX_FLAT = 200_000

#: headers of programs that answer by themselves, older than RFC 3834 or deaf to it
_AUTOMATIC_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_AUTOMATIC_SUBJECT = re.compile(
    r"(respuesta autom[aá]tica|contestaci[oó]n autom[aá]tica|auto(matic)?[ -]?reply|out of (the )?office"
    r"|fuera de (la )?oficina|ausencia de la oficina)\s*(:|$)",
    re.IGNORECASE,
)
_FORWARDED_FROM = re.compile(
    r"^[>\t\xa0 *_]*+(?:De|From)[\t\xa0 ]{0,20}:[\s*_]{0,20}(.{3,300})$", re.IGNORECASE | re.MULTILINE
)
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
_ADDRESS = re.compile(rf"(?<!{_LOCAL}){_LOCAL}++@[\w-]++(?:\.[\w-]++)++")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_RECEIVED_BY = re.compile(r"\bby\s+([\w.:\[\]-]+)", re.IGNORECASE)
_CID = re.compile(r"cid:([^\"'\s>)]+)", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_NEST = re.compile(rb"^content-type:[\x00-\x20]*+(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)

#: parts that carry the mail itself, and no annex of it
_TECHNICAL = frozenset(
    {
        "application/pgp-encrypted",
        "application/pgp-keys",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/ics",
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "text/calendar",
        "text/directory",
        "text/vcard",
        "text/x-vcard",
    }
)
#: as which browsers read what old programs declare
_CHARSETS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8"}
#: encodings of Python that are none of mail: their work is the square of the text, or they make what is no character
_ODD_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


class _CuttingPolicy(policy.Compat32):
    """Headers of all parts up to the length that is read."""

    def header_source_parse(self, sourcelines):
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_HEADER]


_POLICY = _CuttingPolicy()


class Annex(NamedTuple):
    """A file of a mail."""

    name: str
    content: bytes
    mimetype: str


class Address(NamedTuple):
    """A name, possibly empty, and an address in lower case."""

    name: str
    mailbox: str

    @property
    def domain(self):
        return self.mailbox.rpartition("@")[2]


def _decode(data: bytes, charset: str | None) -> str:
    """Bytes as text that can be stored: without NUL and halves of characters."""
    charset = (charset or "utf-8").strip("\"' ").lower()
    text = None
    for name in (_CHARSETS.get(charset, charset), "utf-8"):
        try:
            if codecs.lookup(name).name not in _ODD_CHARSETS:
                text = data.decode(name)
                break
        except (LookupError, ValueError):  # a NUL in the name is a ValueError
            continue
    if text is None:
        text = data.decode("cp1252", "replace")
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _unfold(value: str) -> str:
    """A raw header on one line; bytes that no standard allows are taken as UTF-8 or Windows Latin."""
    return _decode(" ".join(value[:MAX_HEADER].split()).encode("utf-8", "surrogateescape"), None)


def _decode_words(text: str) -> str:
    """A header as people read it, on one line too when it encodes breaks."""
    if "=?" not in text:
        return text
    try:
        chunks = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    words = (chunk if isinstance(chunk, str) else _decode(chunk, charset or "utf-8") for chunk, charset in chunks)
    return " ".join("".join(words).splitlines())


def split_addresses(text: str) -> list[Address]:
    """The addresses that a raw header names. What a name encodes is never taken for an address."""
    found = []
    try:
        pairs = getaddresses([text])
    except Exception:  # comments in comments without end
        pairs = ()
    for name, address in pairs:
        if match := _ADDRESS.search(address):
            found.append(Address(_decode_words(name).strip(), match[0].lower()))
    return found or [Address("", match.lower()) for match in _ADDRESS.findall(text)]


def without_tag(mailbox: str) -> str:
    """The address without what follows a plus sign in its local part."""
    local, at, domain = mailbox.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


class IncomingMail:
    """A raw mail. Its headers are read at once, the rest only when asked for.

    :param bytes raw: as the server delivered it.
    """

    def __init__(self, raw: bytes):
        self.raw = raw
        self._headers = BytesHeaderParser(policy=_POLICY).parsebytes(raw)

    # -- Headers ----------------------------------------------------------------------------------------------------

    @cached_property
    def _raw_headers(self):
        found = {}
        for key, value in self._headers.raw_items():
            values = found.setdefault(key.lower(), [])
            if len(values) < MAX_HEADERS:
                values.append(str(value))
        return found

    def _get_raw_all(self, name):
        return [_unfold(value) for value in self._raw_headers.get(name.lower(), ())]

    def get_all(self, name: str) -> list[str]:
        """The values of a header, as people read them."""
        return [_decode_words(value) for value in self._get_raw_all(name)]

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
        """Message-Ids that the mail had before a relay gave it another."""
        names = ("X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID", "X-Original-Message-ID")
        return [id_ for name in names for value in self.get_all(name) for id_ in _MESSAGE_ID.findall(value)]

    @cached_property
    def references(self) -> list[str]:
        """Message-Ids of what the mail answers, the nearest first."""
        older = _MESSAGE_ID.findall(" ".join(self.get_all("References")))
        return list(dict.fromkeys([*_MESSAGE_ID.findall(self.get("In-Reply-To")), *reversed(older)]))[:32]

    @cached_property
    def author(self) -> Address:
        """Whom the mail says it is from; empty when it says nobody."""
        return next(iter(self._get_addresses("From")), Address("", ""))

    @cached_property
    def original_authors(self) -> list[Address]:
        """Who may have written what a group, a form or a helpdesk sends under its own address, the likeliest first."""
        return list(dict.fromkeys(self._get_addresses("X-Original-From", "X-Original-Sender", "Reply-To", "From")))

    @cached_property
    def recipients(self) -> set[str]:
        """Addresses to which the mail was sent or delivered."""
        names = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "To", "Cc", "Resent-To", "Resent-Cc")
        return {address.mailbox for address in self._get_addresses(*names)}

    def get_received_on(self, trusted=()) -> datetime | None:
        """When our mail system took the mail in, naive UTC; None when no header of ours says so.

        Servers write their header above those that were there. The topmost one of a trusted server is thus its own,
        whatever a sender wrote below. Without names of ours, or with names that do not occur, the topmost is taken.

        :param trusted: names of servers, or domains of theirs.
        """
        lines = self.get_all("Received")
        ours = [line for line in lines if self._is_by(line, trusted)] if trusted else []
        line = next(iter(ours or lines), "")
        try:
            moment = parsedate_to_datetime(line.rpartition(";")[2].strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if moment.tzinfo:
            try:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            except OverflowError:
                return None
        return moment.replace(microsecond=0)

    def _is_by(self, line, trusted):
        match = _RECEIVED_BY.search(line)
        host = match[1].lower().rstrip(".") if match else ""
        return any(host == name or host.endswith(f".{name}") for name in trusted)

    # -- What kind of mail it is ------------------------------------------------------------------------------------

    @cached_property
    def content_type(self):
        return self._headers.get_content_type()

    @property
    def is_report(self) -> bool:
        """Whether a mail system writes about another mail: returned, delayed, delivered or displayed."""
        return (
            self.content_type in ("multipart/report", "message/disposition-notification", "message/delivery-status")
            or self.author.mailbox.partition("@")[0] == "mailer-daemon"
            or bool(self.get("X-Failed-Recipients"))
        )

    @cached_property
    def reported_actions(self) -> set[str]:
        """What a delivery report says became of the mail: ``failed delayed delivered relayed expanded displayed``."""
        actions = set()
        for part in self._parts:
            if part.get_content_type() == "message/delivery-status":
                for block in part.get_payload() if part.is_multipart() else ():
                    if action := block.get("Action"):
                        actions.add(str(action).split(";")[0].strip().lower())
            elif part.get_content_type() == "message/disposition-notification":
                actions.add("displayed")
        return actions

    @property
    def reports_failure(self) -> bool:
        """Whether a report says that a mail did not arrive: so do those that say nothing a program can read."""
        return not self.reported_actions or "failed" in self.reported_actions

    @cached_property
    def reported_ids(self) -> list[str]:
        """Message-Ids of the mail that a report is about."""
        found = []
        for part in self._parts:
            if part is self.message:
                continue
            kind = part.get_content_type()
            if kind == "text/rfc822-headers":
                found += _MESSAGE_ID.findall(IncomingMail(self._get_content(part)).message_id)
            if kind == "message/disposition-notification":
                text = str(part.get_payload())
                for line in re.findall(r"Original-Message-ID:.*", text, re.IGNORECASE)[:32]:
                    found += _MESSAGE_ID.findall(_unfold(line))
            found += _MESSAGE_ID.findall(_unfold(str(part.get("Message-Id") or "")))
        return list(dict.fromkeys([*found, *self.references]))[:32]

    def is_automatic(self, own_list=False) -> bool:
        """Whether nobody wrote it: RFC 3834, and what programs do that do not keep to it.

        :param bool own_list: it came through a list of ours, which marks all that it distributes.
        """
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
        """Whether it looks as what a program writes, which a person may have written too.

        :param bool own_list: it came through a list of ours, which marks all that it distributes.
        """
        return bool(_AUTOMATIC_SUBJECT.match(self.subject.strip())) or (
            not own_list and self._precedence in ("bulk", "junk")
        )

    @property
    def _precedence(self):
        return self.get("Precedence").strip().lower()

    def _answers_invitation(self):
        return any(
            part.get_content_type() == "text/calendar"
            and str(self._get_param(part, "method") or "").upper() in ("REPLY", "COUNTER")
            for part in self._parts
        )

    @property
    def list_id(self) -> str:
        """The list that distributed the mail; empty when none did."""
        if found := self.get("List-Id") or self.get("List-Post"):
            return found.lower()
        return "list" if self._precedence == "list" else ""

    @property
    def failed_authentication(self) -> bool:
        """Whether a server found that the domain of the author did not send it (RFC 8601)."""
        return any("dmarc=fail" in value.lower() for value in self.get_all("Authentication-Results"))

    @cached_property
    def forwarded_authors(self) -> list[Address]:
        """Who may have written what somebody forwards, the likeliest first."""
        found = [mail.author for mail in self.attached]
        for line in _FORWARDED_FROM.findall(self.text or self.html_without_tags):
            found += [
                Address(line[: match.start()].strip(" \"'<[*_:"), match[0].lower())
                for match in [_ADDRESS.search(line.replace("mailto:", ""))]
                if match
            ]
        return [address for address in dict.fromkeys(found) if address.mailbox]

    # -- What it brings ---------------------------------------------------------------------------------------------

    @cached_property
    def is_entangled(self) -> bool:
        """Whether it holds more parts, or parts in parts, than a parser should follow."""
        nests = len(_NEST.findall(self.raw))
        return (
            nests > MAX_NESTS
            or self.raw.count(b"\n") * (nests + 1) > MAX_COMPARISONS
            or self.raw.count(b"\n--") > MAX_SEPARATORS
        )

    @cached_property
    def is_abnormal(self) -> bool:
        """Whether it is made so that other parsers may not end: deep, endless or oddly encoded."""
        return (
            self.is_entangled
            or len(self._parts) > MAX_PARTS
            or any(len(part) > MAX_PARTS for part in self._parts)
            or any(len(value) >= MAX_HEADER for part in self._parts for _name, value in part.raw_items())
            or any(self._has_odd_charset(part) for part in self._parts)
            or (self.html.count("<") - len(_TAGS.findall(self.html))) * len(self.html) > MAX_OPEN_SIGNS
        )

    def _has_odd_charset(self, part):
        try:
            return codecs.lookup(part.get_content_charset() or "utf-8").name in _ODD_CHARSETS
        except Exception:  # unknown or broken: it is read as another, by others too
            return False

    @cached_property
    def message(self) -> Message:
        if not self.is_entangled:
            try:
                return email.message_from_bytes(self.raw, policy=_POLICY)
            except Exception:  # parameters, boundaries and depths on which a parser chokes
                return self._flatten()
        return self._flatten()

    def _flatten(self):
        """All that it says as one text."""
        flat = Message(policy=_POLICY)
        flat.set_payload(_decode(self.raw[:MAX_FLAT], None), "utf-8")
        return flat

    @cached_property
    def _parts(self):
        return list(self.message.walk())

    @cached_property
    def _content(self):
        """Texts as pairs of kind and text, and files; of alternatives, the plain one that says something."""
        for message in (self.message, self._flatten()):
            self._files, self._inline, self._attached, self._html = [], [], [], []
            try:
                return self._read(message)
            except Exception:
                continue
        return []

    @property
    def text(self) -> str:
        """What is written in it as plain text; empty when it is only HTML."""
        return "\n\n".join(text for kind, text in self._content if kind == "plain" and text.strip())

    @property
    def html(self) -> str:
        return "\n".join(text for kind, text in self._content if kind == "html")

    @property
    def html_without_tags(self) -> str:
        return _TAGS.sub("\n", self.html)

    @property
    def attached(self) -> list["IncomingMail"]:
        """Mails that it carries whole."""
        return self._content is not None and self._attached

    @cached_property
    def annexes(self) -> list[Annex]:
        """Its files, without those that only dress the mail: logos, signatures of keys, invitations."""
        _texts, html = self._content, "".join(self._html)
        shown = {cid.strip("<>") for cid in _CID.findall(html)}
        kept = [
            annex
            for annex, cid in self._inline
            if cid not in shown or len(annex.content) > DECORATION_SIZE or not annex.mimetype.startswith("image/")
        ]
        return [*self._files, *kept]

    def _read(self, part):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            self._take_mail(part)
            return []
        if part.is_multipart():
            read = [self._read(child) for child in part.get_payload()]
            if kind == "multipart/alternative":
                plain = [texts for texts in read if any(k == "plain" and text.strip() for k, text in texts)]
                rich = [texts for texts in read if any(text.strip() for _k, text in texts)]
                return next(iter(plain or rich), [])
            return [pair for texts in read for pair in texts]
        if kind in _TECHNICAL:
            return []
        name, disposition = self._get_name(part), part.get_content_disposition()
        content = self._get_content(part)
        if kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
            text = _decode(content, self._get_charset(part))
            if kind == "text/html":
                self._html.append(text)
            return [(kind.partition("/")[2], text)]
        if content:
            annex = Annex(name or self._make_name(kind), content, kind)
            cid = str(part.get("Content-Id") or "").strip().strip("<>")
            if cid and disposition != "attachment":
                self._inline.append((annex, cid))
            else:
                self._files.append(annex)
        return []

    def _take_mail(self, part):
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        try:
            raw = inner.as_bytes() if inner is not None else self._get_content(part)
        except Exception:  # a generator that chokes on what a parser took: the raw mail has it
            return
        mail = IncomingMail(raw)
        self._attached.append(mail)
        self._files.append(Annex(f"{mail.subject[:80] or 'mail'}.eml", raw, "message/rfc822"))

    def _get_content(self, part) -> bytes:
        try:
            return part.get_payload(decode=True) or b""
        except Exception:  # broken encodings raise all kinds
            return str(part.get_payload()).encode("utf-8", "replace")

    def _get_charset(self, part):
        try:
            return part.get_content_charset()
        except Exception:
            return None

    def _get_param(self, part, name, header="Content-Type"):
        try:
            return part.get_param(name, header=header)
        except Exception:  # a number of thousands of digits in the name of another
            return None

    def _get_name(self, part) -> str:
        name = self._get_param(part, "filename", "Content-Disposition") or self._get_param(part, "name")
        if not name:
            return ""
        try:
            return _decode_words(_unfold(collapse_rfc2231_value(name))).strip()
        except Exception:
            return "file"

    def _make_name(self, kind) -> str:
        family = kind.partition("/")[0].encode("utf-8", "replace").decode().replace("\x00", "")
        return f"{family}{mimetypes.guess_extension(kind) or '.bin'}"

    @cached_property
    def digest(self) -> str:
        """The same for two deliveries of one mail, whatever route each took; another for a mail with its Message-Id."""
        words = " ".join((self.text or _TAGS.sub(" ", self.html)).split())
        files = sorted(hashlib.sha256(annex.content).hexdigest() for annex in self.annexes)
        parts = [self.message_id, self.author.mailbox, self.subject, words, *files]
        if not self.message_id:
            parts.append(self.get("Date") or str(self.get_received_on() or ""))
        return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()
