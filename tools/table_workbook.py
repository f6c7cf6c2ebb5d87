"""One table in an XLSX: typed cells, frozen heading, filter, and memory that does not grow with the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

import xlsxwriter

FORMATS = {
    "text": {"text_wrap": False},
    "long": {"text_wrap": True, "valign": "top"},
    "date": {"num_format": "dd/mm/yyyy"},
    "datetime": {"num_format": "dd/mm/yyyy hh:mm"},
    "integer": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.00"},
}

#: what a cell of Excel holds at most
MAX_TEXT = 32_767


@dataclass(frozen=True)
class TableColumn:
    """``kind`` is one of `FORMATS`."""

    heading: str
    kind: str = "text"
    width: int = 16


def write(title: str, columns: Sequence[TableColumn], rows: Iterable[Sequence], tables: Iterable = ()) -> bytes:
    """An XLSX with one sheet for a table, and one more for each ``(title, columns, rows)`` of ``tables``.

    Rows are taken one by one. Text is text, whatever it begins with: no cell is ever a formula or a link. None and
    False are blank.

    :param title: of the sheet, 31 characters at most.
    """
    output = BytesIO()
    book = xlsxwriter.Workbook(
        output,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    heading = book.add_format({"bold": True, "bg_color": "#D9E2F3", "border": 1, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format(options) for kind, options in FORMATS.items()}
    for name, its_columns, its_rows in ((title, columns, rows), *tables):
        _write_sheet(book.add_worksheet(name[:31]), its_columns, its_rows, heading, formats)
    book.close()
    return output.getvalue()


def _write_sheet(sheet, columns, rows, heading, formats):
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.heading, heading)
    last = 0
    for last, row in enumerate(rows, 1):
        for index, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write_cell(sheet, last, index, value, formats[column.kind])
    sheet.autofilter(0, 0, last, len(columns) - 1)


def _write_cell(sheet, row, column, value, cell_format):
    if value is None or value is False or value == "":
        return
    if isinstance(value, datetime | date):
        sheet.write_datetime(row, column, value, cell_format)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, cell_format)
    else:
        sheet.write_string(row, column, str(value)[:MAX_TEXT], cell_format)
