"""What a mail brings, read leniently: its texts, its files and the mails in it, whatever is broken in its parts.

The work grows with the length of the mail, never with its square: what is longer or deeper than people and their
programs write is cut, or not taken apart.
"""

import email
import mimetypes
import re
from collections.abc import Callable
from contextlib import suppress
from email import policy
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import cached_property
from typing import NamedTuple

from . import html_bounds
from .mail_text import MAX_HEADER, decode, decode_as_declared, decode_words, is_odd_charset, unfold

#: inline images up to this size are logos of a signature; photos and screenshots weigh more
DECORATION_SIZE = 32 * 1024

#: parts that hold others
MAX_NESTS = 100
#: lines that may begin a part
MAX_SEPARATORS = 20_000
#: parts, and headers of one, of which other parsers make records and values
MAX_PARTS = 1000
#: lines times parts that hold others: each line is compared with the end of each
MAX_COMPARISONS = 20_000_000
#: characters of plain text that other programs make HTML of
MAX_TEXT = 4_000_000
#: characters that are read of a mail whose parts cannot be told apart
MAX_FLAT = 200_000

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


class _CuttingPolicy(policy.Compat32):
    """Headers of all parts up to the length that is read."""

    def header_source_parse(self, sourcelines):
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_HEADER]


POLICY = _CuttingPolicy()


class Annex(NamedTuple):
    """A file of a mail."""

    name: str
    content: bytes
    mimetype: str


def get_content(part: Message) -> bytes:
    try:
        return part.get_payload(decode=True) or b""
    except Exception:  # broken encodings raise all kinds
        return str(part.get_payload()).encode("utf-8", "replace")


def get_charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except Exception:
        return None


def get_param(part: Message, name: str, header: str = "Content-Type"):
    try:
        return part.get_param(name, header=header)
    except Exception:  # a number of thousands of digits in the name of another
        return None


class Content(NamedTuple):
    """What is in a mail. Of alternatives, the texts are those of the plain one that says something."""

    #: pairs of ``plain`` or ``html``, and the text
    texts: list[tuple[str, str]]
    #: all HTML, that of alternatives left out too
    html: list[str]
    files: list["Annex"]
    #: pairs of a file and the Content-Id by which HTML shows it
    inline: list[tuple["Annex", str]]
    #: raw mails that it carries whole
    attached: list[bytes]


class MailBody:
    """The parts of a raw mail.

    :param bytes raw: as the server delivered it.
    :param get_subject: gives the subject of a raw mail, by which one that it carries is named as a file.
    """

    def __init__(self, raw: bytes, get_subject: Callable[[bytes], str]):
        self.raw = raw
        self._get_subject = get_subject

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
            or len(self.parts) > MAX_PARTS
            or any(len(part) > MAX_PARTS for part in self.parts)
            or any(len(value) >= MAX_HEADER for part in self.parts for _name, value in part.raw_items())
            or any(is_odd_charset(get_charset(part)) for part in self.parts)
            or self.has_heavy_html
            or sum(len(get_content(part)) for part in self._get_texts("text/plain")) > MAX_TEXT
        )

    @cached_property
    def has_heavy_html(self) -> bool:
        """Whether its HTML is more than should be cleaned. Other programs clean all that came so far with each part."""
        parts = [(get_content(part), get_charset(part)) for part in self._get_texts("text/html")]
        texts = "\n".join(decode(data, charset) for data, charset in parts)
        as_declared = "\n".join(decode_as_declared(data, charset) for data, charset in parts)
        return any(text and html_bounds.is_heavy(text, len(parts)) for text in {texts, as_declared})

    def _get_texts(self, kind):
        """The parts of a kind that other programs take for what is written, those of mails in it too."""
        return [
            part
            for part in self.parts
            if part.get_content_type() == kind
            and not get_param(part, "filename", "Content-Disposition")
            and not get_param(part, "name")
            and not str(part.get("Content-Disposition") or "").strip().startswith("attachment")
        ]

    @cached_property
    def message(self) -> Message:
        """The mail taken apart, or as one text when it cannot be."""
        if not self.is_entangled:
            with suppress(Exception):  # parameters, boundaries and depths on which a parser chokes
                return email.message_from_bytes(self.raw, policy=POLICY)
        return self._flatten()

    def _flatten(self):
        """All that it says as one text."""
        flat = Message(policy=POLICY)
        flat.set_payload(decode(self.raw[:MAX_FLAT], None), "utf-8")
        return flat

    @cached_property
    def parts(self):
        return list(self.message.walk())

    @cached_property
    def content(self) -> Content:
        for message in (self.message, self._flatten()):
            content = Content([], [], [], [], [])
            with suppress(Exception):  # parts that are not what they say
                content.texts.extend(self._read(message, content))
                return content
        return Content([], [], [], [], [])

    @property
    def text(self) -> str:
        """What is written in it as plain text; empty when it is only HTML."""
        return "\n\n".join(text for kind, text in self.content.texts if kind == "plain" and text.strip())

    @property
    def html(self) -> str:
        return "\n".join(text for kind, text in self.content.texts if kind == "html")

    @property
    def html_without_tags(self) -> str:
        return _TAGS.sub("\n", self.html)

    @cached_property
    def annexes(self) -> list[Annex]:
        """Its files, without those that only dress the mail: logos, signatures of keys, invitations."""
        shown = {cid.strip("<>") for cid in _CID.findall("".join(self.content.html))}
        kept = [
            annex
            for annex, cid in self.content.inline
            if cid not in shown or len(annex.content) > DECORATION_SIZE or not annex.mimetype.startswith("image/")
        ]
        return [*self.content.files, *kept]

    def _read(self, part, content):
        """The texts of a part; what else is in it goes to the content."""
        kind = part.get_content_type()
        if kind == "message/rfc822":
            self._take_mail(part, content)
            return []
        if part.is_multipart():
            read = [self._read(child, content) for child in part.get_payload()]
            if kind == "multipart/alternative":
                plain = [texts for texts in read if any(k == "plain" and text.strip() for k, text in texts)]
                rich = [texts for texts in read if any(text.strip() for _k, text in texts)]
                return next(iter(plain or rich), [])
            return [pair for texts in read for pair in texts]
        if kind in _TECHNICAL:
            return []
        name, disposition = self._get_name(part), part.get_content_disposition()
        data = get_content(part)
        if kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
            text = decode(data, get_charset(part))
            if kind == "text/html":
                content.html.append(text)
            return [(kind.partition("/")[2], text)]
        if data:
            annex = Annex(name or self._make_name(kind), data, kind)
            cid = str(part.get("Content-Id") or "").strip().strip("<>")
            if cid and disposition != "attachment":
                content.inline.append((annex, cid))
            else:
                content.files.append(annex)
        return []

    def _take_mail(self, part, content):
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        try:
            raw = inner.as_bytes() if inner is not None else get_content(part)
        except Exception:  # a generator that chokes on what a parser took: the raw mail has it
            return
        content.attached.append(raw)
        content.files.append(Annex(f"{self._get_subject(raw)[:80] or 'mail'}.eml", raw, "message/rfc822"))

    def _get_name(self, part) -> str:
        name = get_param(part, "filename", "Content-Disposition") or get_param(part, "name")
        if not name:
            return ""
        try:
            return decode_words(unfold(collapse_rfc2231_value(name))).strip()
        except Exception:
            return "file"

    def _make_name(self, kind) -> str:
        family = kind.partition("/")[0].encode("utf-8", "replace").decode().replace("\x00", "")
        return f"{family}{mimetypes.guess_extension(kind) or '.bin'}"
