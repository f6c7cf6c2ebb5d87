"""Cases of the past from a spreadsheet: what is right comes in as it was, what is wrong is said row by row."""

import base64
import zipfile
from datetime import datetime
from io import BytesIO
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import BaseCase

from ..tools import import_workbook
from ..wizards.pqrs_import_columns import get_columns
from .common import SigCommon, date

ROW = {
    "number": "V-1", "received": "05/02/2021 14:30", "type": "Queja", "channel": "Phone",
    "subject": "El puesto quedó solo", "petitioner": "Pedro Gil",
}


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
    """Spreadsheets of strangers: what is in them is read, what is wrong with them is said."""

    def rows_of(self, content):
        return [(number, tuple(value for value in row if value is not None)) for number, row in import_workbook.read(content)]

    def assertRefused(self, code, content):
        with self.assertRaises(import_workbook.WorkbookError) as caught:
            list(import_workbook.read(content))
        self.assertEqual(caught.exception.args, (code,))

    def test_xlsx(self):
        content = make_xlsx(["Número", "Fecha"], [], ["A-1", datetime(2024, 3, 31, 14, 30)], ["=1+1", 5])
        self.assertRefused("damaged", content)  # no program computed it
        content = repack(content, lambda _name, data: data.replace(b"<v></v>", b"<v>2</v>"))
        self.assertEqual(self.rows_of(content), [(1, ("Número", "Fecha")), (3, ("A-1", datetime(2024, 3, 31, 14, 30))), (4, (2, 5))])

    def test_first_visible_sheet(self):
        def hide(book):
            book.active.sheet_state = "hidden"
            book.create_sheet("Datos").append(["visible"])

        self.assertEqual(self.rows_of(make_xlsx(["hidden"], sheet=hide)), [(1, ("visible",))])

    def test_declared_size_is_not_believed(self):
        content = repack(make_xlsx(["uno"], ["dos"]), lambda _name, data: data.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
        self.assertEqual(self.rows_of(content), [(1, ("uno",)), (2, ("dos",))])

    def test_refused(self):
        self.assertRefused("not_a_workbook", b"1;Peticion\n")
        self.assertRefused("damaged", make_xlsx(["uno"])[:-200])
        self.assertRefused("damaged", repack(make_xlsx(["uno"]), lambda name, data: data[: len(data) // 2]))

    def test_bombs(self):
        with patch.object(import_workbook, "MAX_UNPACKED", 1024 * 1024):
            bomb = repack(make_xlsx(["uno"]), lambda _name, data: data + b" " * 300_000)
            self.assertLess(len(bomb), 20_000)
            self.assertRefused("too_large", bomb)
        for blanks in (0, 4096 - len("<!----><!DOCTYPE")):
            declared = b"<!--%s--><!DOCTYPE lolz>" % (b" " * blanks)
            content = repack(make_xlsx(["uno"]), lambda _name, data, start=declared: start + data.rpartition(b"?>")[2])
            self.assertRefused("damaged", content)
        with patch.object(import_workbook, "MAX_ROWS", 3):
            self.assertRefused("too_many_rows", make_xlsx([1], [2], [3], [4], [5]))
            self.assertEqual(len(self.rows_of(make_xlsx([1], [2], [3], [4]))), 4, "with the headings")

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
        day, noon = date(2024, 3, 31), datetime(2024, 3, 31, 14, 30)
        days = ("2024-03-31", "31/03/2024", "31-3-24", "31.03.2024", "31/03/2024 00:00", 45382, datetime(2024, 3, 31), day)
        noons = ("2024-03-31 14:30", "2024-03-31T14:30:00.000", " 31/03/2024 2:30 p. m. ", "31/03/2024 02:30 PM", 45382 + 14.5 / 24, noon)
        for value, expected in (
            *((value, day) for value in days), *((value, noon) for value in noons), ("31/03/2024 12:05 a.m.", datetime(2024, 3, 31, 0, 5)),
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


class TestImport(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.vat = "900.123.456-7"
        cls.headings = {key: column.heading for key, column in get_columns(cls.env).items()}

    def make_file(self, *rows, keys=None):
        keys = keys or [key for key in self.headings if any(key in row for row in rows)]
        return make_xlsx([self.headings[key] for key in keys], *([row.get(key) for key in keys] for row in rows))

    def make_wizard(self, *rows, content=None, user=None, **vals):
        file = base64.b64encode(content or self.make_file(*rows))
        Wizard = self.env["sig.pqrs.import.wizard"].with_user(user or self.administrator)
        return Wizard.create({"file": file, "filename": "viejas.xlsx", **vals})

    def run_import(self, *rows, **vals):
        wizard = self.make_wizard(*rows, **vals)
        wizard.action_check()
        shown = wizard.action_import()
        self.assertEqual(shown["res_model"], "sig.pqrs", wizard.line_ids.mapped("message"))
        return self.env["sig.pqrs"].search(shown["domain"], order="id")

    def check(self, *rows, **vals):
        """``[(row, heading, message)]`` of the faults, after a check that changed nothing."""
        before = self.snapshot()
        wizard = self.make_wizard(*rows, **vals)
        wizard.action_check()
        self.assertEqual((self.snapshot(), wizard.fault_count), (before, len(wizard.line_ids)))
        return [(line.row, line.column, line.message) for line in wizard.line_ids]

    def assertFault(self, heading, message, **vals):
        faults = self.check({**ROW, **vals})
        self.assertEqual([(row, column) for row, column, _message in faults], [(2, heading)], faults)
        self.assertIn(message, faults[0][2])

    def snapshot(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT (SELECT count(*) FROM sig_pqrs), (SELECT count(*) FROM sig_pqrs_act),
                      (SELECT count(*) FROM res_partner), (SELECT count(*) FROM sig_pqrs_assignment),
                      (SELECT count(*) FROM sig_nonworking_day), (SELECT count(*) FROM mail_message)"""
        )
        return self.env.cr.fetchone()

    def test_answered(self):
        case = self.run_import({
            **ROW, "description": "La portería quedó sola dos horas.", "document": "52000111", "reason": "TRATO",
            "email": "pedro@example.com", "phone": "3001234567", "client": "900123456-7", "site": "Torre 3",
            "processes": "OPE; Tecnología", "responsible": "sig_collaborator", "closed": "25/02/2021",
            "resolution": "Upheld", "rating": "4,0", "comment": "Bien",
        })
        self.assertEqual((case.name, case.state, case.outcome), ("V-1", "closed", "answered"))
        self.assertEqual(case.reason_id, self.env.ref("sig_pqrs.reason_trato"), "by its code")
        self.assertEqual(case.date_received, datetime(2021, 2, 5, 19, 30))
        self.assertEqual(case.date_deadline, date(2021, 2, 26))  # fifteen business days of 2021
        self.assertEqual((case.deadline_state, case.response_days), ("answered_on_time", 14))
        self.assertEqual((case.rating_state, case.rating_value, case.rating_reason), ("rated", 4, "Bien"))
        self.assertEqual((case.partner_name, case.email_from, case.phone), ("Pedro Gil", "pedro@example.com", "3001234567"))
        self.assertEqual((case.partner_id, case.client_id, case.document_number), (case.partner_id.browse(), self.client, "52000111"))
        self.assertEqual((case.process_ids, case.assignment_ids.user_id), (self.operations | self.technology, self.collaborator))
        self.assertEqual(set(case.assignment_ids.mapped("state")), {"approved"})
        self.assertEqual(set(case.assignment_ids.mapped("deadline_state")), {"answered_on_time"})
        self.assertEqual(self.kinds(case), ["imported", "response_sent", "closed", "rated"])
        first, *others = case.sudo().act_ids.sorted("number")
        self.assertEqual((first.data["row"], first.data["source"]), (2, case.sudo().import_source))
        self.assertIn("viejas.xlsx, row 2", first.note)
        self.assertEqual([act.date for act in others], [datetime(2021, 2, 25, 17)] * 3)
        self.assertEqual(case.date_recorded, datetime(2026, 11, 24, 15))
        self.assertChain(case)

    def test_late_with_its_own_deadline(self):
        """A Saturday moves to the Monday; the policy of today says nothing of it. The type is the company's own copy."""
        own = self.env.ref("sig_pqrs.type_queja")._copy_for(self.company)
        cases = self.run_import(
            {**ROW, "number": "V-1", "deadline": "27/03/2021", "closed": "29/03/2021"},
            {**ROW, "number": "V-2", "deadline": "26/03/2021", "closed": "29/03/2021 09:00"},
            {**ROW, "number": "EJEMPLO-1"},  # of templates of before: it is not imported
        )
        self.assertEqual((cases.type_id, cases.mapped("date_deadline")), (own, [date(2021, 3, 29), date(2021, 3, 26)]))
        self.assertEqual(cases.mapped("deadline_state"), ["answered_on_time", "answered_late"])
        self.assertEqual(cases.mapped("date_legal"), cases.mapped("date_deadline"))
        self.assertIn("imported with its deadline", self.explain(cases[0]))

    def test_open(self):
        """Open cases are taken up: with their deadline, whatever the policy, and without a word to anybody."""
        self.company.sig_policy_days = 10
        self.env.ref("sig_pqrs.reason_trato").priority = "2"
        mails, activities = (self.env[model].search_count([]) for model in ("mail.mail", "mail.activity"))
        received, assigned, overdue = self.run_import(
            {**ROW, "number": "V-1", "received": "2026-11-20", "reason": "TRATO"},
            {**ROW, "number": "V-2", "received": "2026-11-20", "processes": "OPE", "deadline": "2026-12-30", "email": "p@example.com"},
            {**ROW, "number": "V-3", "received": "2026-01-20"},
        )
        found = [(case.state, case.priority) for case in (received, assigned, overdue)]
        self.assertEqual(found, [("received", "2"), ("assigned", "0"), ("received", "0")], "the priority is that of the reason")
        self.assertEqual((overdue.deadline_state, assigned.date_deadline), ("overdue", date(2026, 12, 30)))
        self.assertEqual((assigned.assignment_ids.user_id, self.kinds(assigned)), (self.leader, ["imported", "assigned"]))
        self.assertEqual((mails, activities), tuple(self.env[model].search_count([]) for model in ("mail.mail", "mail.activity")))
        self.assertFalse(any(case.acknowledgement_pending for case in received | assigned | overdue))
        assigned.with_user(self.director).action_extend(5, "Faltan pruebas")
        self.assertEqual(assigned.date_deadline, date(2027, 1, 7))
        assigned.with_user(self.director).action_reclassify(self.env.ref("sig_pqrs.type_reclamo").id, "Pide una solución")
        self.assertFalse(assigned.imported_deadline)
        self.assertLess(assigned.date_deadline, date(2027, 1, 7))
        self.finish_draft(assigned.assignment_ids)
        self.assertEqual(assigned.state, "approved")
        self.assertChain(received | assigned | overdue)

    def test_other_ends(self):
        ends = enumerate(("Transferred", "Withdrawn", "Tacitly withdrawn", "Duplicate", "Not a PQRS"))
        cases = self.run_import(*({**ROW, "number": f"V-{number}", "outcome": end, "closed": "10/02/2021"} for number, end in ends))
        self.assertEqual(cases.mapped("state"), ["closed"] * 3 + ["cancelled"] * 2)
        self.assertEqual(set(cases.mapped("deadline_state")), {"not_applicable"})
        self.assertEqual([self.kinds(case)[-1] for case in cases], ["transfer", "withdrawn", "withdrawn", "cancelled", "cancelled"])
        self.assertChain(cases)
        cases[0].with_user(self.director).action_reopen("Se equivocó", "resume")
        self.assertEqual(cases[0].state, "received")

    def test_authority(self):
        kind = {"type": "autoridad", "petitioner": "Superintendencia"}
        self.assertFault("Deadline", "The authority sets the deadline", **kind)
        case = self.run_import({**ROW, **kind, "deadline": "2021-02-10", "closed": "2021-02-10"})
        self.assertEqual((case.date_deadline, case.deadline_state), (date(2021, 2, 10), "answered_on_time"))
        days = (("V-2", "2021-02-10"), ("V-3", "10/02/2021 14:00"))
        rows = ({**ROW, **kind, "number": number, "deadline": day, "closed": "10/02/2021 14:30"} for number, day in days)
        self.assertEqual(self.run_import(*rows).mapped("deadline_state"), ["answered_on_time", "answered_late"], "a day ends at midnight")

    def test_anonymous(self):
        case = self.run_import({**ROW, "petitioner": ""})
        self.assertTrue(case.anonymous)
        self.assertFault("Petitioner", "cannot be anonymous", petitioner="", type="derecho_peticion")
        case = self.run_import({**ROW, "number": "V-2", "petitioner": "", "client": self.client.name})
        self.assertEqual((case.anonymous, case.partner_id), (False, self.client))

    def test_many(self):
        counts = []
        for size in (10, 60):
            rows = [{**ROW, "number": f"N{size}-{index}", "closed": "25/02/2021", "processes": "OPE", "rating": 5} for index in range(size)]
            wizard = self.make_wizard(*rows)
            wizard.action_check()
            counts.append(self.count_queries(wizard.action_import))
        self.assertLess(counts[1] - counts[0], 30, counts)
        self.assertChain(self.env["sig.pqrs"].search([("name", "like", "N60-")]))

    def test_contacts_found(self):
        other = self.env["res.partner"].create({"name": "Pedro Gil", "email": "otro@example.com", "vat": "79.000.222"})
        foreign = self.env["res.company"].create({"name": "Otra"})
        twins = [{"name": "Luz Mora", "is_company": True}] * 2
        self.env["res.partner"].create([*twins, {"name": "De otra", "is_company": True, "company_id": foreign.id}, {"name": "Sin documento", "vat": "N/A"}])
        cases = self.run_import(
            {**ROW, "number": "V-1", "document": "79000222", "petitioner": "P. Gil"},
            {**ROW, "number": "V-2", "email": "ANA@example.com", "petitioner": "Ana"},
            {**ROW, "number": "V-3"},
            {**ROW, "number": "V-4", "document": "1000"},
            {**ROW, "number": "V-5", "petitioner": "Luz Mora"},
            {**ROW, "number": "V-6", "petitioner": "De otra"},
            {**ROW, "number": "V-7", "document": "N/A", "petitioner": "Otra persona"},
            {**ROW, "number": "V-8", "document": "No tiene", "email": "ana@example.com"},
            {**ROW, "number": "V-9", "petitioner": "Ana Ruiz", "client": "Conjunto El Roble"},
            {**ROW, "number": "V-10", "petitioner": "Conjunto El Roble"},
        )
        none = other.browse()
        found = [other, self.contact, none, none, none, none, none, self.contact, self.contact, self.client]
        self.assertEqual([case.partner_id for case in cases], found, "V-3 may be another Pedro Gil")
        self.assertEqual((cases[1].client_id, cases[0].partner_name, cases[2].partner_name), (self.client, "P. Gil", "Pedro Gil"))

    def test_faults_of_a_cell(self):
        for heading, message, vals in (
            ("Original number", "missing", {"number": ""}),
            ("Received on", "not a date", {"received": "ayer"}),
            ("Received on", "in the future", {"received": "25/11/2026"}),
            ("Received on", "begins in 1984", {"received": "31/12/1983"}),
            ("Received on", "begins in 1984", {"received": 2021}),
            ("Type", "not known. It may be: ", {"type": "Demanda"}),
            ("Reason", "not known", {"reason": "Nada"}),
            ("Channel", "It may be: Website, HERA app", {"channel": "Fax"}),
            ("Subject", "missing", {"subject": " "}),
            ("Subject", "too long: 500", {"subject": "x" * 501}),
            ("Original number", "Write it without spaces", {"number": "V 1"}),
            ("Email", "not an email", {"email": "no tiene"}),
            ("Processes", "It may be: Operaciones, Tecnología", {"processes": "OPE; Ventas"}),
            ("Responsible", "not known", {"responsible": "Nadie", "processes": "OPE"}),
            ("Processes", "write the process", {"responsible": "sig_leader"}),
            *((heading, "has an error", {key: "#REF!"}) for key, heading in self.headings.items()),
            ("Deadline", "before the receipt", {"deadline": "04/02/2021"}),
            ("Deadline", "beyond the calendar", {"deadline": "01/01/2150"}),
            ("Answered or closed on", "before it was received", {"closed": "04/02/2021"}),
            ("Answered or closed on", "write when", {"outcome": "Answered"}),
            ("Resolution", "Only what was answered", {"resolution": "Upheld"}),
            *(("Stars", "from 1 to 5", {"rating": rating, "closed": "10/02/2021"}) for rating in (6, "buena", 4.5)),
            ("Stars", "Only what was answered", {"rating": 5}),
            *(("Client", "No company is called so", {"client": name}) for name in ("Bodegas Ñ", self.contact.name)),
        ):
            with self.subTest(heading, **{key: str(value)[:30] for key, value in vals.items()}):
                self.assertFault(heading, message, **vals)

    def test_faults_of_what_is_open(self):
        retired = self.other_leader
        retired.active = False
        self.assertFault("Processes", "cannot answer it", processes="TEC")
        self.assertFault("Responsible", "no SIG role", processes="OPE", responsible="sig_employee")
        self.operations.leader_id = False
        self.assertFault("Responsible", "has no leader", processes="OPE", closed="10/02/2021")
        cases = self.run_import({**ROW, "processes": "TEC", "closed": "10/02/2021"})
        self.assertEqual(cases.assignment_ids.user_id, retired)

    def test_names_of_several(self):
        self.employee.write({"name": self.collaborator.name, "email": self.collaborator.login})
        self.operations.name = self.technology.name
        row = {**ROW, "processes": "OPE", "closed": "10/02/2021"}
        self.assertFault("Responsible", "Several are called so: write a login", **{**row, "responsible": self.collaborator.name})
        self.assertFault("Processes", "Several are called so", **{**row, "processes": "Tecnología"})
        self.assertEqual(self.run_import({**row, "responsible": "sig_collaborator"}).assignment_ids.user_id, self.collaborator)
        self.env["sig.pqrs.reason"].create([{"name": "Ronda"}] * 2)
        self.assertFault("Reason", "or rename one", reason="Ronda")
        shared = self.env.ref("sig_pqrs.type_queja")
        own = shared.create({"name": "Queja nuestra", "code": shared.code, "term_days": 15, "company_id": self.company.id})
        self.assertEqual(self.run_import({**ROW, "number": "V-2", "type": shared.code}).type_id, own, "it goes before the shared one")

    def test_duplicates(self):
        faults = self.check(ROW, {**ROW, "number": "V-2"}, {**ROW, "number": " V-1 "})
        self.assertEqual(faults, [(4, "Original number", "Row 2 has the same number.")])
        self.run_import(ROW)
        self.assertFault("Original number", "imported before")

    def test_numbers_of_our_own(self):
        """The numbers that the sequence will give are refused; those of past years are history."""
        for number in ("PQRS-2026-00001", "pqrs-2027-1", "PQRS-2026-99999"):
            self.assertFault("Original number", "The numbering will give", number=number)
        cases = self.run_import({**ROW, "number": "PQRS-2025-00001"}, {**ROW, "number": "ANT-PQRS-2026-00001"})
        self.assertEqual(len(cases), 2)
        self.assertRegex(self.make_case().name, r"^PQRS-2026-\d{5}$")
        self.company.sig_active = False  # and was never on
        self.env["ir.sequence"].search([("code", "=", "sig.pqrs"), ("company_id", "=", self.company.id)]).unlink()
        self.assertFault("Original number", "The numbering will give", number="PQRS-2026-99999")

    def test_all_or_nothing(self):
        rows = (ROW, {**ROW, "number": "V-2", "type": "Demanda"}, {**ROW, "number": "V-3"})
        before = self.snapshot()
        wizard = self.make_wizard(*rows)
        wizard.action_check()
        wizard.action_import()
        self.assertEqual(self.snapshot(), before)
        wizard = self.make_wizard(*rows[::2])
        wizard.action_check()
        shown = wizard.action_import()
        self.assertEqual((wizard.case_count, wizard.fault_count, self.env["sig.pqrs"].search_count(shown["domain"])), (2, 0, 2))
        wizard.action_import()
        self.assertEqual(wizard.fault_count, 2, "its numbers are there")
        wizard.file = base64.b64encode(self.make_file({**ROW, "number": "V-9"}))
        self.assertEqual(wizard.action_import()["res_model"], wizard._name, "another file is checked again")
        self.assertEqual(wizard.action_import()["res_model"], "sig.pqrs")

    def test_files_that_are_refused(self):
        for message, content in (
            ("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100),
            ("not a spreadsheet", b"%PDF-1.4\n\0"),
            ("cannot be read", b"PK\x03\x04"),
            ("too large, as it is or unpacked", b"x" * (import_workbook.MAX_BYTES + 1)),
        ):
            self.assertEachRaises(UserError, self.make_wizard(content=content).action_check, said=message)
        nothing = self.env["sig.pqrs.import.wizard"].with_user(self.administrator).create({})
        self.assertEachRaises(UserError, nothing.action_check, said="Choose the file")

    def test_headings(self):
        content = make_xlsx(["subject", "TYPE ", "Channel", "Otra"], ["a", "b", "c", "d"])
        [(_row, _column, message)] = self.check(content=content)
        self.assertEqual(message, "These columns are missing: Original number, Received on.")
        wizard = self.make_wizard(content=make_xlsx([*(self.headings[key] for key in ROW), "Otra"], list(ROW.values())))
        wizard.action_check()
        self.assertEqual((wizard.fault_count, wizard.case_count, wizard.ignored), (0, 1, "Otra"))

    def test_cell_of_ten_megabytes(self):
        names = ("number", "received", "type", "channel", "subject", "description")
        row = ["V-1", "2021-02-05", "Queja", "Phone", "Largo", "TEXTO"]
        file = make_xlsx([self.headings[key] for key in names], row)

        def fill(size):
            return repack(file, lambda _name, data: data.replace(b"TEXTO", b"x" * size))

        for size, message in ((10 * 1024 * 1024, "too long: 100000"), (100_001, "too long: 100000")):
            [(row, heading, found)] = self.check(content=fill(size))
            self.assertEqual((row, heading), (2, "What happened"))
            self.assertIn(message, found)
        self.assertEqual(len(self.run_import(content=fill(100_000)).description), 100_000)

    def download_template(self, wizard):
        self.assertIn("download=true", wizard.action_download_template()["url"])
        return base64.b64decode(self.env["sig.workbook"].search([], order="id desc", limit=1).file)

    def test_template(self):
        content = self.download_template(self.make_wizard(ROW))
        [(_number, headings)] = import_workbook.read(content)
        self.assertEqual([heading.rstrip(" *") for heading in filter(None, headings)], list(self.headings.values()))
        guide = openpyxl.load_workbook(BytesIO(content)).worksheets[1]
        self.assertIn("Website", str([cell.value for row in guide for cell in row]))
        self.assertEqual(self.check(content=content), [])

    def test_template_in_spanish(self):
        self.env["res.lang"]._activate_lang("es_CO")
        self.env["ir.module.module"]._load_module_terms(["sig_pqrs"], ["es_CO"])
        spanish = self.make_wizard(ROW).with_context(lang="es_CO", bin_size=False)
        content = self.download_template(spanish)
        self.assertIn("Número original *", next(iter(import_workbook.read(content)))[1])
        spanish.file = base64.b64encode(content)
        spanish.action_check()
        self.assertEqual(spanish.fault_count, 0)

    def test_only_administrators(self):
        others = self.director | self.leader | self.management | self.employee
        wizard = self.make_wizard(ROW)
        self.assertDenied(wizard, others, lambda own: self.make_wizard(ROW, user=own.env.user), lambda own: own.action_import())
