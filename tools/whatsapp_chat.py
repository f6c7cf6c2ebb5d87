"""Chats that WhatsApp exports, from Android and iOS, in Spanish and English: a text, or a ZIP of it with its files."""

import hashlib
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from io import BytesIO
from itertools import pairwise
from typing import NamedTuple

from . import clean_text

MAX_BYTES = 44 * 1024 * 1024
#: of the text
MAX_TEXT = 8 * 1024 * 1024
#: of a chat; WhatsApp exports the last 40 000 at most
MAX_MESSAGES = 50_000

#: marks of direction, which iOS puts before what the application writes itself
_LRM = "\u200e"
_MARKS = "\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"

#: "5/12/24, 3:04 p. m. - Ana: Hola" of Android, "[5/12/24, 3:04:05 PM] Ana: Hola" of iOS; `\s` matches narrow spaces
_HEADER = re.compile(
    rf"[{_MARKS}]*(?P<open>\[?)(?P<first>\d{{1,4}})[/.-](?P<second>\d{{1,2}})[/.-](?P<third>\d{{2,4}}),?\s"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?:\s?(?P<half>[ap])\.?\s?m\.?)?(?P<close>\]\s|\s-\s)",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"(?P<author>[^:\n]{1,100}):(?:\s(?P<text>.*)|$)", re.DOTALL)
_ATTACHED = re.compile(
    rf"{_LRM}?<(?:adjunto|attached):\s(?P<ios>[^<>\n]{{1,200}})>"
    rf"|^{_LRM}?(?P<android>[^\n]{{1,200}}\.\w{{1,5}})\s\((?:archivo adjunto|file attached)\)",
    re.MULTILINE,
)
_OMITTED = re.compile(
    rf"^{_LRM}?<(?:Multimedia omitido|Media omitted)>|{_LRM}[^\n{_LRM}]{{0,40}}\b(?:omitid[oa]|omitted)\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_DAY = ("first", "second", "third")
#: orders of day, month and year in the parts of a date
_ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}


class ChatError(ValueError):
    """Says ``too_large``, ``too_long``, ``unreadable`` (no ZIP or text, or a damaged one) or ``not_a_chat``."""


class Message(NamedTuple):
    """``line`` is that of the text at which it begins; ``date`` is local to the telephone, to the minute; ``files`` are
    names; ``omitted``: a file was not exported.
    """

    line: int
    date: datetime
    author: str
    text: str
    files: tuple[str, ...] = ()
    omitted: bool = False


class Export:
    """What was exported: ``text`` of the chat, as bytes with its ``name``, and the files in the same ZIP.

    :raises ChatError:
    """

    def __init__(self, name: str, content: bytes):
        if len(content) > MAX_BYTES:
            raise ChatError("too_large")
        self._archive, self._members = None, {}
        self.name, self.text = name, content
        if content.startswith(b"PK"):
            self._open(content)
        if len(self.text) > MAX_TEXT:
            raise ChatError("too_large")

    def _open(self, content):
        """Programs for telephones write ZIPs that `strict_zip` refuses: it is for what is to be proved."""
        try:
            self._archive = zipfile.ZipFile(BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
            raise ChatError("unreadable") from error
        for member in self._archive.infolist():
            self._members.setdefault(member.filename.rpartition("/")[2], member)
        texts = [name for name in self._members if name.lower().endswith(".txt")]
        named = [name for name in texts if re.search(r"_chat\.txt$|whatsapp", name, re.IGNORECASE)]
        if not texts:
            raise ChatError("not_a_chat")
        name = (named or texts)[0]
        if self._members[name].file_size > MAX_TEXT:
            raise ChatError("too_large")
        self.text = self.extract(name, MAX_TEXT)
        self.name = name if name != "_chat.txt" else f"{self.name.removesuffix('.zip')}.txt"

    def extract(self, name: str, limit: int) -> bytes:
        """The content of a file; empty when it is not there, or is larger than the limit, which is not unpacked."""
        member = self._members.get(name)
        if not member or member.file_size > limit:
            return b""
        try:
            with self._archive.open(member) as file:
                return file.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
            raise ChatError("unreadable") from error


def parse(content: bytes, latest: date | None = None) -> list[Message]:
    """The messages of a chat; what the application says itself is left out.

    The order of day and month is that in which the dates are possible, not after ``latest``, and go forward; of both,
    the day first.

    :raises ChatError: for a text without messages, or with more than `MAX_MESSAGES`.
    """
    lines = _split(content)
    headers = [_HEADER.match(line) for line in lines]
    form = next((header["open"] for header in headers if header), "")
    headers = [header if header and header["open"] == form else None for header in headers]
    if len(headers) - headers.count(None) > MAX_MESSAGES:
        raise ChatError("too_long")
    order = _choose_order([header for header in headers if header], latest)
    entries = []
    for number, (line, header) in enumerate(zip(lines, headers, strict=True)):
        if moment := header and _read_moment(header, order):
            entries.append((number, moment, [line[header.end() :]]))
        elif entries:
            entries[-1][2].append(line)
    messages = [message for *place, text in entries if (message := _read_message(*place, "\n".join(text)))]
    if not messages:
        raise ChatError("not_a_chat")
    return messages


def cut(content: bytes, line: int) -> bytes:
    """The text of a chat from a line on, as it was exported."""
    return "\n".join(_split(content)[line:]).encode()


def identify(messages: Iterable[Message], checksums: Mapping[str, str]) -> list[list[str]]:
    """Digests of the parts of each message: its text, and each of its files by its content.

    The same message has the same ones in a later export of the chat, with or without its files.

    :param checksums: of the files that are there, by name.
    """
    seen, identified = Counter(), []
    for message in messages:
        parts = [("text", message.text)] if message.text else []
        parts += [("file", checksums[name]) for name in message.files if name in checksums]
        digests = []
        for part in parts:
            key = (message.date.isoformat(), message.author, *part)
            seen[key] += 1
            digests.append(hashlib.sha256(repr((*key, seen[key])).encode()).hexdigest())
        identified.append(digests)
    return identified


def _split(content):
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")


def _read_message(line, moment, entry):
    found = _AUTHOR.match(entry)
    if not found:
        return None  # of the application
    said = found["text"] or ""
    names = tuple((file["ios"] or file["android"]).strip(_MARKS + " ") for file in _ATTACHED.finditer(said))
    text, omitted = _OMITTED.subn("", _ATTACHED.sub("", said))
    if text.startswith(_LRM) and not (names or omitted):
        return None
    author = clean_text.line(found["author"]).removeprefix("~ ")
    return Message(line, moment, author, clean_text.paragraphs(text), names, bool(omitted))


def _choose_order(headers, latest):
    days = [header.group(*_DAY) for header in headers]
    distinct = [day for before, day in zip([None, *days], days, strict=False) if day != before]

    def count_faults(order):
        read = [_read_day(day, order) for day in distinct]
        possible = [day for day in read if day]
        late = sum(latest is not None and day > latest for day in possible)
        return read.count(None), late, sum(after < before for before, after in pairwise(possible))

    return min(_ORDERS, key=count_faults)


def _read_day(parts, order):
    """The date that the parts are in an order; None when there is no such date."""
    year, month, day = (parts[position] for position in _ORDERS[order])
    if len(year) not in (2, 4) or max(len(month), len(day)) > 2 or (order == "ymd") != (len(parts[0]) == 4):
        return None
    if year[:-2] not in ("", "20"):
        return None
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _read_moment(header, order):
    """The moment of a header in an order; None when there is no such date or hour."""
    day, hour, minute = _read_day(header.group(*_DAY), order), int(header["hour"]), int(header["minute"])
    if header["half"]:
        hour = hour % 12 + (12 if header["half"].lower() == "p" else 0)
    return datetime.combine(day, time(hour, minute)) if day and hour < 24 and minute < 60 else None
