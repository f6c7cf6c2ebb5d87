"""Spreadsheets of strangers: what is in them is read, what is wrong with them is said."""

import zipfile
from datetime import date, datetime
from io import BytesIO
from unittest.mock import patch

import openpyxl

from odoo.addons.sig_pqrs.tools import import_workbook
from odoo.tests import BaseCase


def make_xlsx(*rows, sheet=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if sheet:
        sheet(book)
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def repack(content, change):
    """The same archive with parts changed: ``change(name, data)``, and those that it adds."""
    output = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return output.getvalue()


class TestReading(BaseCase):
    def rows_of(self, content):
        return [(number, tuple(value for value in row if value is not None)) for number, row in import_workbook.read(content)]

    def assertRefused(self, code, content):
        with self.assertRaises(import_workbook.WorkbookError) as caught:
            list(import_workbook.read(content))
        self.assertEqual(caught.exception.code, code)
        return caught.exception

    def test_xlsx(self):
        content = make_xlsx(["Número", "Fecha"], [], ["A-1", datetime(2024, 3, 31, 14, 30)], ["=1+1", 5])
        self.assertEqual(
            self.rows_of(content),
            [(1, ("Número", "Fecha")), (3, ("A-1", datetime(2024, 3, 31, 14, 30))), (4, ("=1+1", 5))],
        )

    def test_first_visible_sheet(self):
        def hide(book):
            book.active.sheet_state = "hidden"
            book.create_sheet("Datos").append(["visible"])

        self.assertEqual(self.rows_of(make_xlsx(["hidden"], sheet=hide)), [(1, ("visible",))])

    def test_declared_size_is_not_believed(self):
        content = repack(
            make_xlsx(["uno"], ["dos"]), lambda _name, data: data.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
        )
        self.assertEqual(self.rows_of(content), [(1, ("uno",)), (2, ("dos",))])

    def test_refused(self):
        """Others: `test_import`."""
        self.assertRefused("not_a_workbook", b"1;Peticion\n")
        self.assertRefused("damaged", make_xlsx(["uno"])[:-200])
        self.assertRefused("damaged", repack(make_xlsx(["uno"]), lambda name, data: data[: len(data) // 2]))

    def test_bombs(self):
        with patch.object(import_workbook, "MAX_UNPACKED", 1024 * 1024):
            bomb = repack(make_xlsx(["uno"]), lambda _name, data: data + b" " * 300_000)
            self.assertLess(len(bomb), 20_000)
            self.assertRefused("too_large", bomb)
        declared = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaa">]>'
        self.assertRefused("damaged", repack(make_xlsx(["uno"]), lambda _name, data: declared + data))
        with patch.object(import_workbook, "MAX_ROWS", 3):
            self.assertRefused("too_many_rows", make_xlsx([1], [2], [3], [4]))

    def test_bombs_of_tags(self):
        """Some kilobytes that a parser would hold as a whole, whatever part they are in and however it is named."""
        sheet, rows = "xl/worksheets/sheet1.xml", b"</row>"
        attributes = b" ".join(b'a%d="1"' % number for number in range(120_000))
        for part, before, more in (
            (sheet, rows, b"<c/>" * 400_000), (sheet, rows, b'<c t="inlineStr"><is><t>a</t></is></c>' * 400_000),
            (sheet, b"<row ", b"<row %s " % attributes), ("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 400_000),
            ("xl/workbook.xml", b"</workbook>", b"<x/>" * 400_000), ("[Content_Types].xml", b"</Types>", b"<x/>" * 400_000),
        ):  # fmt: skip
            def swell(name, data, part=part, before=before, more=more):
                return data.replace(before, more + before, 1) if name == part else data

            with self.subTest(part, more=more[:9]):
                self.assertRefused("too_large", repack(make_xlsx(["uno"]), swell))
        renamed = BytesIO()
        with zipfile.ZipFile(BytesIO(make_xlsx(["uno"]))) as source, zipfile.ZipFile(renamed, "w") as target:
            for name in source.namelist():
                data = source.read(name).replace(b"sheet1.xml", b"sheet1.dat")
                target.writestr(name.replace("sheet1.xml", "sheet1.dat"), data)
        self.assertRefused("damaged", renamed.getvalue())


class TestCells(BaseCase):
    def test_moments(self):
        noon = datetime(2024, 3, 31, 14, 30)
        for value, expected in (
            ("2024-03-31", date(2024, 3, 31)),
            ("31/03/2024", date(2024, 3, 31)),
            ("31-3-24", date(2024, 3, 31)),
            ("31.03.2024", date(2024, 3, 31)),
            ("2024/03/31", date(2024, 3, 31)),
            ("2024-03-31 14:30", noon),
            ("2024-03-31T14:30:00.000", noon),
            (" 31/03/2024 2:30 p. m. ", noon),
            ("31/03/2024 02:30 PM", noon),
            ("31/03/2024 12:05 a.m.", datetime(2024, 3, 31, 0, 5)),
            ("31/03/2024 00:00", date(2024, 3, 31)),
            (45382, date(2024, 3, 31)),
            (45382 + 14.5 / 24, noon),
            (noon, noon),
            (datetime(2024, 3, 31), date(2024, 3, 31)),
            (date(2024, 3, 31), date(2024, 3, 31)),
        ):
            with self.subTest(value):
                found = import_workbook.to_moment(value)
                self.assertEqual((type(found), found), (type(expected), expected))

    def test_not_moments(self):
        for value in (
            "", "ayer", "03/31/2024", "31/02/2024", "31/03/2024 25:00", "31/03/2024 13:00 p. m.", "31/03", "2024",
            True, 0, 1e12, float("inf"), "=HOY()", "#N/A", "31/03/2024 abc", datetime.min.time(),
        ):  # fmt: skip
            with self.subTest(value), self.assertRaises((ValueError, OverflowError)):
                import_workbook.to_moment(value)

    def test_texts(self):
        for value, expected in (
            (None, ""), (79555444.0, "79555444"), (3.5, "3.5"), ("  a\x00b\x07 ", "ab"), ("a\r\nb_x000D_", "a\nb"),
            (datetime(2024, 3, 31), "2024-03-31"), ("e\u0301", "é"), ("=1+1", "=1+1"), ("\ud800x", "x"),
        ):  # fmt: skip
            with self.subTest(ascii(value)):
                self.assertEqual(import_workbook.to_text(value), expected)
