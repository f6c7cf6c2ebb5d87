"""Spreadsheets of imports: reading of untrusted XLSX, and of their cells."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from zipfile import ZipFile

import openpyxl
from openpyxl.utils.datetime import from_excel

MAX_BYTES = 20 * 1024 * 1024
#: of all the XML in an XLSX, uncompressed: several times what the rows and columns need that are read
MAX_UNPACKED = 32 * 1024 * 1024
#: tags and attributes of a part that is parsed as a whole, or of a row or text of one that is streamed
MAX_MARKS = 100_000
MAX_PIECES = 1_000_000
STREAMED = re.compile(rb"<(?:\w+:)?(?:row|si)\b")
#: a formula whose result the file does not hold; one that is empty text is marked so
UNCOMPUTED = re.compile(rb'<c (?![^<>]*\bt="str")[^<>]*><f[^<>]*>(?:[^<]*</f>)?(?:<v></v>|<v ?/>)?</c>')
MAX_ROWS = 10_000
MAX_COLUMNS = 64
LAST_EXCEL_ROW = 1_048_576

DATE_PATTERNS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4}|\d{2})"),
)
TIME_PATTERN = re.compile(
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>[ap]\.?\s*m\.?)?)?",
    re.IGNORECASE,
)


class WorkbookError(Exception):
    """Says ``too_large``, ``too_many_rows``, ``old_excel``, ``not_a_workbook`` or ``damaged``."""


def read(content: bytes) -> Iterator[tuple[int, tuple]]:
    """Yield number and `MAX_COLUMNS` cells of the rows of the first sheet that are not blank; of formulas, the result.

    :raises WorkbookError: also while rows are taken.
    """
    if len(content) > MAX_BYTES:
        raise WorkbookError("too_large")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise WorkbookError("old_excel")
    if not content.startswith(b"PK"):
        raise WorkbookError("not_a_workbook")
    filled = ((number, row) for number, row in _read_xlsx(content) if any(value not in (None, "") for value in row))
    for taken, (number, row) in enumerate(filled):  # from 0: the headings
        if taken > MAX_ROWS:
            raise WorkbookError("too_many_rows")
        yield number, row


def _read_xlsx(content):
    try:
        book = openpyxl.load_workbook(_unpack(content), read_only=True, data_only=True, keep_links=False)
        sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()  # those of the file are not trusted
        yield from enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=LAST_EXCEL_ROW), 1)
    except (WorkbookError, GeneratorExit):
        raise
    except Exception as error:  # a forged file makes the parsers raise anything
        raise WorkbookError("damaged") from error


def _unpack(content):
    """:return: the XML of the archive alone, within bounds of what a parser holds at once: a part, or a row of one."""
    unpacked = BytesIO()
    with ZipFile(BytesIO(content)) as archive, ZipFile(unpacked, "w") as target:
        parts = [part for part in archive.infolist() if part.filename.endswith((".xml", ".rels"))]
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise WorkbookError("too_large")
        if "xl/workbook.xml" not in archive.namelist():
            raise WorkbookError("not_a_workbook")
        for part in parts:
            data = archive.read(part)
            # entities: no workbook of a spreadsheet program declares them
            if b"<!DOCTYPE" in data[:4096].replace(b"\0", b"").upper() or UNCOMPUTED.search(data):
                raise WorkbookError("damaged")
            is_streamed = part.filename.startswith(("xl/worksheets/", "xl/sharedStrings"))
            pieces = STREAMED.split(data) if is_streamed else [data]
            if len(pieces) > MAX_PIECES or any(piece.count(b"<") + piece.count(b"=") > MAX_MARKS for piece in pieces):
                raise WorkbookError("too_large")
            target.writestr(part.filename, data)
    return unpacked


def to_text(value) -> str:
    """:return: the cell as text without control characters."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        value = value.date()
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("_x000D_", "")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")).strip()


def to_moment(value) -> datetime | date:
    """:return: local moment, or date without an hour.

    Reads dates and numbers of Excel, and text as ``2024-03-31``, ``31/03/2024`` or ``31-3-24``, with or without
    ``14:30``, ``14:30:05`` or ``2:30 p. m.``

    :raises ValueError: for anything else.
    """
    if isinstance(value, str):
        value = _parse_moment(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        value = from_excel(value)
    if isinstance(value, datetime):
        value = value.replace(microsecond=0, tzinfo=None)
        return value if value.hour or value.minute or value.second else value.date()
    if isinstance(value, date):
        return value
    raise ValueError(value)


def _parse_moment(text):
    for pattern in DATE_PATTERNS:
        found = pattern.match(text)
        rest = found and TIME_PATTERN.fullmatch(text, found.end())
        if not rest:
            continue
        year, hour = int(found["year"]), int(rest["hour"] or 0)
        day = date(year + 2000 if year < 100 else year, int(found["month"]), int(found["day"]))
        if rest["half"]:
            if not 1 <= hour <= 12:
                raise ValueError(text)
            hour = hour % 12 + (12 if rest["half"].lower().startswith("p") else 0)
        return datetime.combine(day, time(hour, int(rest["minute"] or 0), int(rest["second"] or 0)))
    raise ValueError(text)
