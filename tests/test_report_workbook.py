"""Workbooks of reports: what is in the cells, and what nobody may make of them."""

import tracemalloc
from datetime import date
from io import BytesIO

import openpyxl

from odoo.addons.sig_pqrs.tools.report_workbook import Field, Letterhead, Sheet, write_report
from odoo.tests import BaseCase

FIELDS = [Field("Pregunta"), Field("Satisfechos", "percent"), Field("Respuestas", "whole"), Field("Fecha", "date")]


def read(content):
    return openpyxl.load_workbook(BytesIO(content))


class TestReportWorkbook(BaseCase):
    def test_cells(self):
        rows = [("Puntualidad", 0.8, 30, date(2026, 6, 30)), ("Informes", None, 0, False)]
        page = read(write_report([Sheet("Tabulación", FIELDS, rows, intro=["Encuesta", "Nota"])]))["Tabulación"]
        self.assertEqual([cell.value for cell in page[4]], ["Pregunta", "Satisfechos", "Respuestas", "Fecha"])
        self.assertEqual([cell.value for cell in page[6]], ["Informes", None, 0, None], "no data is no zero")
        self.assertEqual((page["B5"].value, page["B5"].number_format, page["D5"].value.date()), (0.8, "0.0%", date(2026, 6, 30)))
        self.assertEqual([page.cell(row, 1).font.b for row in range(1, 5)], [True, False, False, True])
        self.assertEqual((page.freeze_panes, page.auto_filter.ref), ("B5", "A4:D6"))

    def test_on_paper(self):
        """Any sheet fits the width of its pages, with the heading on each; also what other programs load."""
        pages = read(write_report([Sheet(name, FIELDS, [("x", 1, 2, None)], intro=["Encuesta"], plain=plain, frozen=frozen)
                                   for name, plain, frozen in (("A", False, 1), ("B", True, 1), ("C", True, 0))])).worksheets
        for page in pages:
            self.assertEqual((page.page_setup.orientation, page.page_setup.fitToHeight), ("landscape", 0))
            self.assertTrue(page.sheet_properties.pageSetUpPr.fitToPage)
            self.assertEqual(page.print_title_rows, "$3:$3")
        self.assertEqual([page.freeze_panes for page in pages], ["B4", "B4", "A4"])

    def test_letterhead(self):
        lines = ("Matriz", "Código: X · Versión: 1", "Corte: hoy")
        content = write_report([Sheet("A", FIELDS, [("x", 1, 2, None)]), Sheet("B", FIELDS, [], intro=["Nota"])],
                               Letterhead("Vigías & Cía.", lines))
        for page, top, filtered in zip(read(content).worksheets, (6, 8), ("A6:D7", None), strict=True):
            self.assertEqual(page.auto_filter.ref, filtered)
            self.assertEqual([page.cell(row, 1).value for row in range(1, 5)], ["Vigías & Cía.", *lines])
            self.assertEqual((page.cell(top, 1).value, page.print_title_rows), ("Pregunta", f"${top}:${top}"))
            self.assertEqual(page.oddFooter.left.text, "Vigías && Cía.")

    def test_formulas_stay_text(self):
        hostile = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\t=1", "{=1}", "http://example.com"]
        page = read(write_report([Sheet("Datos", [Field("Comentario")], [(text,) for text in hostile])]))["Datos"]
        cells = [page.cell(row, 1) for row in range(2, 9)]
        self.assertEqual(([cell.value for cell in cells], {cell.data_type for cell in cells}), (hostile, {"s"}))
        self.assertFalse([cell for cell in cells if cell.hyperlink])
        self.assertEqual([cell.quotePrefix for cell in cells], [True] * 5 + [False] * 2)

    def test_memory_is_flat(self):
        def peak(number):
            rows = ((f"Fila {index}", 0.5, index, date(2026, 1, 1)) for index in range(number))
            tracemalloc.start()
            write_report([Sheet("Datos", FIELDS, rows)])
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return size

        small, large = peak(500), peak(10000)
        self.assertLess(large, 3 * small + 500_000, "twenty times the rows")
