"""What raw headers of mails say: text that can be stored, and the addresses in it. Nothing is raised."""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses
from typing import NamedTuple

#: bytes of a header that are read; the standards and those who keep to them stay far below
MAX_HEADER = 16 * 1024

_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
ADDRESS = re.compile(rf"(?<!{_LOCAL}){_LOCAL}++@[\w-]++(?:\.[\w-]++)++")

#: as which browsers read what old programs declare
_CHARSETS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8"}
#: encodings of Python that are none of mail: their work is the square of the text, or they make what is no character
_ODD_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


class Address(NamedTuple):
    """A name, possibly empty, and an address in lower case."""

    name: str
    mailbox: str

    @property
    def domain(self):
        return self.mailbox.rpartition("@")[2]


def decode(data: bytes, charset: str | None) -> str:
    """Bytes as text that can be stored: without NUL and halves of characters."""
    charset = (charset or "utf-8").strip("\"' ").lower()
    for name in (_CHARSETS.get(charset, charset), "utf-8"):
        try:
            if codecs.lookup(name).name not in _ODD_CHARSETS:
                text = data.decode(name)
                break
        except (LookupError, ValueError):  # a NUL in the name is a ValueError
            continue
    else:
        text = data.decode("cp1252", "replace")
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def unfold(value: str) -> str:
    """A raw header on one line; bytes that no standard allows are taken as UTF-8 or Windows Latin."""
    return decode(" ".join(value[:MAX_HEADER].split()).encode("utf-8", "surrogateescape"), None)


def decode_words(text: str) -> str:
    """A header as people read it, on one line too when it encodes breaks."""
    if "=?" not in text:
        return text
    try:
        chunks = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    words = (chunk if isinstance(chunk, str) else decode(chunk, charset or "utf-8") for chunk, charset in chunks)
    return " ".join("".join(words).splitlines())


def split_addresses(text: str) -> list[Address]:
    """The addresses that a raw header names. What a name encodes is never taken for an address."""
    found = []
    try:
        pairs = getaddresses([text])
    except Exception:  # comments in comments without end
        pairs = ()
    for name, address in pairs:
        if match := ADDRESS.search(address):
            found.append(Address(decode_words(name).strip(), lower(match[0])))
    return found or [Address("", lower(match)) for match in ADDRESS.findall(text)]


def lower(address: str) -> str:
    """An address in lower case, unless a sign that only looks like a letter would become that letter."""
    lowered = address.lower()
    return lowered if lowered.isascii() == address.isascii() else address


def without_tag(mailbox: str) -> str:
    """The address without what follows a plus sign in its local part."""
    local, at, domain = mailbox.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
