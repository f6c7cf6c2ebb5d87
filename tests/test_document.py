"""Versions of the documents: issued with what changed, frozen afterwards, and kept by the cases handled under them."""
import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import SigCommon, date, freeze_time, moment


@freeze_time("2026-11-24 15:00:00")
class TestDocumentVersions(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.procedure = cls.env.ref("sig_pqrs.document_procedure")

    def issue(self, document=None, user=None, **vals):
        document = document or self.procedure
        wizard = self.env["sig.document.version.wizard"].with_user(user or self.administrator)
        wizard = wizard.with_context(default_document_id=document.id)
        with Form(wizard) as form:
            for name, value in {"description": "Se incluye HERA", **vals}.items():
                form[name] = value
        form.record.action_issue()
        self.reload()
        return document.revision_ids[0]

    def test_next_version(self):
        revision = self.issue(approved_by="Gerente")
        self.assertEqual((self.procedure.version, self.procedure.date), ("4", date(2026, 11, 24)))
        self.assertEqual(self.procedure.approved_by, "Gerente")
        self.assertEqual(
            (revision.version, revision.code, revision.description, revision.approved_by, revision.prepared_by),
            ("4", "PRO-SIG-10", "Se incluye HERA", "Gerente", "Asesor HSEQ"),
        )
        self.assertEqual(len(self.procedure.revision_ids), 4)
        former = self.procedure.revision_ids[1]
        self.assertEqual((former.version, former.approved_by), ("03", "Gerente General"), "what was issued stays")

    def test_dated_by_the_day_of_the_company(self):
        self.company.sig_tz = "Pacific/Auckland"
        document = self.env["sig.document"].with_user(self.administrator).create({"name": "Acta", "code": "FOR-SIG-99"})
        self.assertEqual(document.date, date(2026, 11, 25))

    def test_proposed_version(self):
        for current, expected in (("3", "4"), ("09", "10"), ("2.1", "2.2"), ("v9", "v10"), ("A", "A"), ("2023-b", "2023-b")):
            self.procedure.sudo().version = current
            with Form(self.env["sig.document.version.wizard"].with_context(default_document_id=self.procedure.id)) as form:
                self.assertEqual(form.version, expected)
                form.description = "x"

    def test_a_document_that_was_never_issued(self):
        """Its first version is written freely, and then issued as it is."""
        receipt = self.env.ref("sig_pqrs.document_receipt")
        self.assertFalse(receipt.revision_ids)
        receipt.with_user(self.administrator).write({"code": "FOR-SIG-30", "approved_by": "Gerente General"})
        revision = self.issue(receipt, description="Creación del documento")
        self.assertEqual((revision.version, revision.code, receipt.date), ("1", "FOR-SIG-30", date(2026, 11, 24)))
        with self.assertRaisesRegex(UserError, "New version"):
            receipt.with_user(self.administrator).write({"code": "FOR-SIG-31"})

    def test_what_was_issued_does_not_change(self):
        procedure = self.procedure.with_user(self.administrator)
        for name in ("name", "code", "version", "date", "prepared_by", "reviewed_by", "approved_by"):
            with self.assertRaises(UserError, msg=name):
                procedure.write({name: "2026-01-01" if name == "date" else "otro"})
        procedure.write({"active": True})
        revision = procedure.revision_ids[0]
        for attempt in (
            lambda: procedure.write({"revision_ids": [(0, 0, {"version": "9", "date": "2026-01-01", "description": "x"})]}),
            lambda: procedure.write({"revision_ids": [(1, revision.id, {"description": "x"})]}),
            lambda: procedure.write({"revision_ids": [(2, revision.id, 0)]}),
            lambda: revision.write({"description": "x"}),
            revision.unlink, procedure.unlink,
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertEqual(len(self.procedure.revision_ids), 3)

    def test_bad_versions(self):
        for vals in (
            {"version": "03"}, {"version": "3"}, {"version": "  "}, {"date": date(2026, 11, 25)}, {"date": date(2020, 1, 1)},
            {"description": "   "}, {"code": "  "}, {"name": " "},
        ):
            with self.assertRaises(UserError, msg=vals):
                self.issue(**vals)
        self.assertEqual((self.procedure.version, len(self.procedure.revision_ids)), ("3", 3))

    def test_who_issues(self):
        for user in (self.director, self.leader, self.management, self.collaborator):
            with self.assertRaises(AccessError, msg=user.name):
                self.env["sig.document.version.wizard"].with_user(user).create(
                    {"document_id": self.procedure.id, "name": "x", "code": "x", "version": "4", "description": "x"}
                ).action_issue()
            with self.assertRaises(AccessError):
                self.procedure.with_user(user)._issue({"version": "4", "date": date(2026, 11, 24), "code": "x", "name": "x"}, "x")

    # -- Cases ------------------------------------------------------------------------------------------------------

    def test_a_case_keeps_its_version(self):
        before = self.make_case()
        self.assertEqual(before.procedure_revision_id.version, "03")
        revision = self.issue()
        self.assertEqual(before.procedure_revision_id.version, "03")
        after = self.make_case()
        self.assertEqual(after.procedure_revision_id, revision)
        late = self.builder.file({"partner_id": self.contact.id, "date_received": moment(self.company, date(2026, 11, 20))})
        self.assertEqual(late.procedure_revision_id.version, "03", "that of when it was received")
        self.assertIn("PRO-SIG-10 version 03 (20/05/2023)", self.print_file(before))
        self.assertIn("PRO-SIG-10 version 4 (24/11/2026)", self.print_file(after))

    def test_a_long_name_fits_into_the_header(self):
        """The page leaves the header room for a title of two lines: a longer one is written smaller."""
        document = self.env["sig.document"]._get_for("case_file", self.company)
        case = self.make_case()

        def is_small():
            env = case.with_user(self.director).env
            html = env["ir.actions.report"]._render_qweb_html("sig_pqrs.report_case_file", case.ids)[0].decode()
            return "sig_title sig_long" in html

        self.assertFalse(is_small())
        document.name = "Expediente de peticiones, quejas, reclamos y sugerencias de clientes externos"
        self.assertTrue(is_small())

    def print_file(self, case):
        env = case.with_user(self.director).env
        html = env["ir.actions.report"]._render_qweb_html("sig_pqrs.report_case_file", case.ids)[0].decode()
        return " ".join(re.sub("<[^>]+>", " ", html).split())

    def test_history(self):
        case = self.builder.file({"partner_id": self.contact.id}, moment(self.company, date(2023, 2, 1)))
        self.assertEqual(case.procedure_revision_id.version, "02")
        case = self.builder.file({"partner_id": self.contact.id}, moment(self.company, date(2021, 2, 1)))
        self.assertEqual(case.procedure_revision_id.version, "01", "there was none yet: the first")
        case = self.builder.import_answered("V-1", moment(self.company, date(2023, 2, 1)), moment(self.company, date(2023, 2, 9)), self.operations)
        self.assertEqual(case.procedure_revision_id.version, "02")

    def test_a_company_without_the_document(self):
        self.procedure.active = False
        self.assertFalse(self.make_case().procedure_revision_id)
        self.procedure.active = True
        self.assertTrue(self.make_case().procedure_revision_id)

    def test_document_of_the_company(self):
        own = self.env["sig.document"].create(
            {"name": "Procedimiento propio", "code": "PRO-1", "usage": "procedure", "company_id": self.company.id}
        )
        self.assertFalse(self.make_case().procedure_revision_id)
        revision = self.issue(own)
        self.assertEqual(self.make_case().procedure_revision_id, revision)
