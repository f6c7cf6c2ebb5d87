"""Workbooks of reports: tables written row by row. No text becomes a formula or a link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter

KINDS = {
    "text": {"valign": "top", "text_wrap": True},
    "line": {"valign": "top"},
    "whole": {"num_format": "#,##0", "valign": "top"},
    "amount": {"num_format": "#,##0.00", "valign": "top"},
    "percent": {"num_format": "0.0%", "valign": "top"},
    "date": {"num_format": "dd/mm/yyyy", "valign": "top", "align": "left"},
    "datetime": {"num_format": "dd/mm/yyyy hh:mm", "valign": "top", "align": "left"},
}
TEXTS = ("text", "line")

#: beginnings of a text that programs take for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")

NAME_LENGTH = 31
#: of a cell of Excel
TEXT_LENGTH = 32_767


@dataclass(frozen=True)
class Letterhead:
    """What stands over each sheet: company and lines, the first of which is a title."""

    company: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Field:
    heading: str
    kind: str = "text"  #: one of `KINDS`
    width: float = 14


@dataclass(frozen=True)
class Sheet:
    """A table, with lines above it; ``plain`` keeps gridlines, for other programs to load."""

    title: str  #: without what a name of a sheet may not have
    fields: Sequence[Field]
    rows: Iterable[Sequence]
    intro: Sequence[str] = ()
    plain: bool = False
    frozen: int = 1  #: columns that stay in sight

    @classmethod
    def of(cls, title: str, columns: Sequence[tuple], items: Iterable, **options) -> "Sheet":
        """:param columns: pairs of a `Field`, and of the key of each item, or a function of it, that fills it in."""
        rows = ([item[get] if isinstance(get, str) else get(item) for _field, get in columns] for item in items)
        return cls(title, [field for field, _get in columns], rows, **options)


def write_report(sheets: Iterable[Sheet], letterhead: Letterhead | None = None) -> bytes:
    """:return: XLSX. Sheets and rows are taken one at a time: memory stays flat, and a sheet may count those before."""
    output = BytesIO()
    options = {
        **dict.fromkeys(("constant_memory", "nan_inf_to_errors", "remove_timezone"), True),
        **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
    }
    book = xlsxwriter.Workbook(output, options)
    formats = {kind: book.add_format(options) for kind, options in KINDS.items()}
    # marked as text, also for other programs into which the cell is copied
    formats |= {(kind, "hostile"): book.add_format({**KINDS[kind], "quote_prefix": True}) for kind in TEXTS}
    formats["heading"] = book.add_format(
        {"bold": True, "bg_color": "#D9E2F3", "border": 1, "text_wrap": True, "valign": "vcenter"}
    )
    formats["title"] = book.add_format({"bold": True, "font_size": 14})
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet.title[:NAME_LENGTH]), sheet, formats, letterhead)
    book.close()
    return output.getvalue()


def _write_letterhead(page, letterhead, formats):
    page.write_string(0, 0, letterhead.company, formats["title"])
    for row, line in enumerate(letterhead.lines, 1):
        page.write_string(row, 0, line, formats["title"] if row == 1 else None)
    page.set_footer(f"&L{letterhead.company.replace('&', '&&')}&R&P / &N")
    return len(letterhead.lines) + 2


def _write_sheet(page, sheet, formats, letterhead):
    for index, field in enumerate(sheet.fields):
        page.set_column(index, index, field.width)
    if not sheet.plain:
        page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(1)
    page.fit_to_pages(1, 0)
    row = _write_letterhead(page, letterhead, formats) if letterhead else 0
    for index, line in enumerate(sheet.intro):
        page.write_string(row, 0, line, formats["title"] if index == 0 else None)
        row += 1
    row += bool(sheet.intro)
    top = row
    for index, field in enumerate(sheet.fields):
        page.write_string(row, index, field.heading, formats["heading"])
    page.repeat_rows(top)
    page.freeze_panes(top + 1, sheet.frozen)
    for values in sheet.rows:
        row += 1
        for index, (field, value) in enumerate(zip(sheet.fields, values, strict=True)):
            _write_cell(page, row, index, field.kind, value, formats)
    if row > top and sheet.fields:
        page.autofilter(top, 0, row, len(sheet.fields) - 1)


def _write_cell(page, row, index, kind, value, formats):
    if value is None or value is False or value == "":
        return
    if isinstance(value, str):
        text = kind if kind in TEXTS else "text"
        written = formats[(text, "hostile") if value.startswith(FORMULA) else text]
        page.write_string(row, index, value[:TEXT_LENGTH], written)
    elif kind in ("date", "datetime"):
        page.write_datetime(row, index, value, formats[kind])
    else:
        page.write_number(row, index, value, formats[kind])
