from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .common import date, freeze_time, moment
from .test_management_review import ReviewCommon

REPORT = "odoo.addons.base.models.ir_actions_report.IrActionsReport"


@freeze_time("2026-07-20 15:00:00")
class TestManagementInputs(HttpCase, ReviewCommon):
    """Of a semester in which something of all happened: what is told, and what is printed of it by the real engine."""

    languages = ("en_US",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for month in (2, 3, 4, 5):
            cls.make_answered(date(2026, month, 2), date(2026, month, 9), partner_id=cls.contact.id)
        cls.make_answered(date(2026, 3, 2), date(2026, 5, 4))  # late
        cls.make_answered(date(2025, 9, 1), date(2025, 9, 8))  # of the semester before
        cls.make_case(when=cls.on(date(2026, 4, 7)), type="sugerencia", subject="Registrar a los domiciliarios con código QR")
        cls.make_case(when=cls.on(date(2026, 4, 8)), type="sugerencia", subject="Cambiar al jefe de turno", restricted=True)
        for month in range(1, 7):
            cls.measure("on_time", date(2026, month, 1))
        findings = cls.env["sig.finding"]
        findings.sudo().search([]).unlink()
        cls.plan = cls.env["sig.action.plan"].with_user(cls.director).create({
            "name": "Reemplazos en vacaciones", "user_id": cls.leader.id, "cause_analysis": "Sin suplente.",
            "verification_criterion": "95 %", "verification_date": "2026-12-01",
            "line_ids": [Command.create({"name": "Nombrar suplente", "user_id": cls.leader.id, "date_due": "2026-06-30"})],
        })
        with freeze_time("2026-05-10 15:00:00"):
            cls.plan.with_user(cls.leader).action_start()
            [finding] = findings._raise(cls.company, [{"kind": "backlog", "key": "b", "name": "Seis PQRS vencidas a la vez"}])
            finding.with_user(cls.director).action_dismiss("Fue el corte de luz del 3 de mayo.")

    def get_page(self, review, code):
        return review.section_ids.filtered(lambda section: section.code == code)._get_page()

    def get_card(self, page, label):
        return next(card for card in page["cards"] if label in card["label"])

    def test_acts(self):
        """The monthly report tells the heads that were exported, how many acts there are, and whether all hold."""
        case = self.make_case(when=self.on(date(2026, 6, 2)))
        report = self.make_review(kind="report", date_from="2026-06-01", date_to="2026-06-30")
        page = self.get_page(report, "acts")
        self.assertFalse(page["has_data"])
        self.assertIn("No chain of acts was verified yet", page["summary"])
        Check, Export = self.env["sig.act.check"], self.env["sig.act.head.export"]
        for moment_ in ("2026-05-29 15:00:00", "2026-06-02 15:00:00", "2026-06-30 15:00:00", "2026-07-01 15:00:00"):
            with freeze_time(moment_):
                Export._export_heads(self.company)
        with freeze_time("2026-07-01 15:00:00"):
            Check._start(self.company)._check_batch({}, [])
        exported = Export.search([("company_id", "=", self.company.id), ("date", "<=", "2026-06-30")], order="date desc")
        page = self.get_page(report, "acts")
        self.assertHolds(page["summary"], "chains of acts hold (verified: ", exported[0].digest)
        self.assertFalse(page["tables"])
        self.assertIn(f"were {exported[0].act_count}, and their last heads file", page["summary"])
        self.assertNotIn("acts", self.make_review().section_ids.mapped("code"))

        self.env.cr.execute("UPDATE sig_pqrs_act SET kind = 'closed' WHERE pqrs_id = %s AND number = 1", [case.id])
        self.env.invalidate_all()
        with mute_logger("odoo.addons.sig_pqrs.models.proof.act_check"):
            Check._start(self.company)._check_batch({}, [])
        page = self.get_page(report, "acts")
        self.assertIn("ALTERED: chains of acts that do not hold: 1 of", page["summary"])

    def test_pqrs(self):
        review = self.make_review()
        indicators, page = (self.get_page(review, code) for code in ("indicators", "pqrs"))
        received, on_time, overdue = (
            self.get_card(indicators, self.get_indicator(name).name) for name in ("received", "on_time", "overdue_backlog")
        )
        self.assertEqual((received["value"], received["change"]["text"]), ("7", "no detectable change; before: 1"))
        self.assertEqual(on_time["detail"].partition(";")[0], "4 of 7")
        self.assertEqual((on_time["tone"], on_time["change"]["text"][:7]), ("danger", "before:"), "one case is no comparison")
        self.assertEqual(overdue["value"], "2")
        self.assertIn("PQRS received: 7; due in the period: 7.", page["summary"])
        [by_type, by_process, by_channel, *_by_reason] = page["tables"]
        self.assertEqual((sum(int(row[1]) for row in by_type["rows"]), sum(int(row[1]) for row in by_channel["rows"])), (7, 7))
        self.assertEqual([row[3] for row in by_process["rows"] if row[0] == self.operations.display_name], ["5"])

    def test_restricted_cases_are_counted(self):
        """Management may not read them; how many there are, and were restricted once late or closed, it is told."""
        late = self.make_case(when=self.on(date(2026, 6, 1))).with_user(self.director)
        late.sudo()._refresh_deadline_state(self.company)
        late.invalidate_recordset()
        late.write({"restricted": True})
        for period, value, detail in (
            ({"date_to": "2026-05-31"}, "1", ""),
            ({"date_from": "2026-07-01", "date_to": "2026-07-31"}, "0", "restricted in the period: 1; closed or late by then: 1"),
        ):
            card = self.get_card(self.get_page(self.make_review(**period), "pqrs"), "restricted access")
            self.assertEqual((card["value"], card["detail"]), (value, detail))

    def test_period_that_is_not_over(self):
        """What is due later is not overdue yet."""
        self.make_case(when=self.on(date(2026, 6, 1)))
        self.make_case(when=self.on(date(2026, 7, 16)))
        page = self.get_page(self.make_review(date_from="2026-06-01", date_to="2026-12-31"), "indicators")
        self.assertEqual(self.get_card(page, self.get_indicator("received").name)["value"], "2")
        overdue = self.get_card(page, self.get_indicator("overdue_backlog").name)
        until_today = self.get_page(self.make_review(date_from="2026-06-01", date_to="2026-07-20"), "indicators")
        open_, aged = (self.get_card(each, self.get_indicator("response_time").name)["detail"] for each in (page, until_today))
        self.assertIn("open at the end: ", open_)
        self.assertEqual(open_.partition("open at")[1:], aged.partition("open at")[1:], "what is open grows no older than today")
        self.assertEqual(overdue["value"], "3", "two of April, and one of June")

    def test_improvement(self):
        review = self.make_review()
        plans = self.get_page(review, "plans")
        self.assertEqual(self.get_card(plans, "overdue")["value"], "1")
        self.assertIn("Plans that began: 1", plans["summary"])
        [row] = plans["tables"][0]["rows"]
        self.assertEqual(row[:3], [self.plan.code, "Reemplazos en vacaciones", self.leader.name])
        [row] = self.get_page(review, "dismissed")["tables"][0]["rows"]
        self.assertEqual(row[1:], ["Seis PQRS vencidas a la vez", "Fue el corte de luz del 3 de mayo.", self.director.name])
        suggestions = self.get_page(review, "opportunities")
        self.assertIn("2 suggestions were received", suggestions["summary"])
        subjects = [row[1] for row in suggestions["tables"][0]["rows"]]
        self.assertEqual(subjects, ["Registrar a los domiciliarios con código QR"], "restricted ones are only counted")

    def test_indicators_and_ratings(self):
        case = self.env["sig.pqrs"].search([("date_answered", "!=", False)], limit=2)
        for stars, one in zip((5, 2), case, strict=True):
            self.builder.rate(one, stars, "", moment(self.company, date(2026, 6, 1)))
        review = self.make_review()
        page = self.get_page(review, "indicators")
        card = self.get_card(page, self.get_indicator("on_time").name)
        self.assertIn("goal", card["light"])
        self.assertTrue(page["charts"])
        rated = self.get_card(page, self.get_indicator("answer_satisfaction").name)
        self.assertEqual((rated["value"][:2], rated["detail"][:6]), ("50", "1 of 2"))
        self.assertIn("rated by clients: 2; with 4 or 5 stars: 1.", self.get_page(review, "satisfaction")["summary"])

    def test_earlier_decisions(self):
        earlier = self.make_review(date_from="2025-07-01", date_to="2025-12-31", date="2026-01-20")
        late = self.add_decision(earlier, date_due="2026-03-01", name="Comprar radios")
        done = self.add_decision(earlier, name="Capacitar a los supervisores")
        self.close(earlier)
        done.with_user(self.leader).action_carry_out("Se capacitaron 12")
        page = self.get_page(self.make_review(), "decisions")
        rows = [[row[0], row[4]] for row in page["tables"][0]["rows"]]
        self.assertEqual(rows, [["Comprar radios", "—"], ["Capacitar a los supervisores", "Se capacitaron 12"]])
        self.assertEqual(self.get_card(page, "overdue")["value"], "1")
        self.assertTrue(late.is_overdue)

    def test_without_data(self):
        """Of another company, or of a period in which nothing happened."""
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        foreign = self.env["sig.management.review"].create({"company_id": other.id, "date_from": "2026-01-01", "date_to": "2026-06-30"})
        for review in (foreign, self.make_review(date_from="2019-01-01", date_to="2019-06-30")):
            if review != foreign:
                self.plan.sudo().state = "cancelled"
            sections = review.section_ids.filtered(lambda section: section.kind == "system")
            self.assertGreater(len(sections), 5)
            for section in sections:
                page = section._get_page()
                self.assertEqual((page["has_data"], page["charts"], page["tables"]), (False, [], []), section.code)
                self.assertIn(page["summary"].split()[0], str(section.body))

    def test_sixty_plans(self):
        plan = {"user_id": self.leader.id, "company_id": self.company.id, "description": "x" * 2000}
        self.env["sig.action.plan"].sudo().create([{"name": f"Plan {n}", **plan} for n in range(60)])
        page = self.get_page(self.make_review(), "plans")
        self.assertEqual(len(page["tables"][0]["rows"]), 40)
        self.assertIn("21", page["tables"][0]["more"])
        self.assertIn("open: 61", page["summary"])
        section = self.make_review().section_ids.filtered(lambda section: section.code == "plans")
        self.reload()
        with self.assertQueryCount(40):
            section._get_page()

    def test_frozen(self):
        review = self.close(self.make_review())
        self.assertTrue(self.reads_intact(review))
        before = {section.code: section._get_page() for section in review.section_ids}
        self.make_answered(date(2026, 5, 4), date(2026, 5, 11))
        self.plan.sudo().name = "Otro nombre"
        self.reload()
        self.assertEqual({section.code: section._get_page() for section in review.section_ids}, before)
        self.assertDenied(
            review.pdf_id, self.administrator | self.director | self.management, lambda own: own.write({"raw": b"otro"}),
            lambda own: own.write({"res_id": 0}), lambda own: own.unlink(), error=UserError,
        )
        self.assertTrue(review.pdf_id.with_user(self.leader).has_access("read"))
        self.env.cr.execute(
            "UPDATE sig_management_review SET content = jsonb_set(content, '{conclusion}', '\"Otra\"') WHERE id = %s", [review.id]
        )
        self.reload()
        self.assertFalse(self.reads_intact(review), "what is changed behind the software's back is noticed")

    def reads_intact(self, review):
        """What the form shows to management: the web client reads sizes in the place of files."""
        [values] = review.with_user(self.management).with_context(bin_size=True).web_read(
            {"is_intact": {}, "pdf_id": {"fields": {"display_name": {}, "raw": {}}}}
        )
        return values["is_intact"]

    def test_engine_absent(self):
        review = self.make_review()
        review.action_hold()
        failure = patch(f"{REPORT}._render_qweb_pdf", side_effect=UserError("Unable to find Wkhtmltopdf"))
        with failure, mute_logger("odoo.addons.sig_pqrs.models.review.management_review"):
            self.assertEachRaises(UserError, review.action_close, said="nothing was changed.*Wkhtmltopdf")
        self.assertEqual((review.state, review.content, any(review.section_ids.mapped("figures"))), ("held", False, False))

    def read_pdf(self, content):
        return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages]

    def print_review(self, review):
        content, kind = review.with_context(force_report_rendering=True)._render_pdf()
        self.assertEqual(kind, "pdf")
        return content

    def assertFramed(self, pages, code):
        for number, page in enumerate(pages, 1):
            self.assertHolds(page, "INTEGRATED MANAGEMENT SYSTEM", code, "Prepared by:", f"Page {number} of {len(pages)}")

    def test_review(self):
        review = self.make_review(act_number="ACTA-07")
        self.add_decision(review)
        written = review.section_ids.filtered(lambda section: section.code == "risks")
        written.with_user(self.director).analysis = "<b>Riesgo</b> de <script>alert(1)</script> & otros\n" + "palabra" * 80
        review.action_hold()
        review.with_context(force_report_rendering=True).action_close()
        self.assertEqual(review.pdf_id.mimetype, "application/pdf")
        pages = self.read_pdf(review.pdf_id.raw)
        self.assertFramed(pages, "FOR-SIG-PQRS-09")
        self.assertHolds(pages[0], "ACTA-07", "Summary", "Contratar un analista", "Gerente General")
        self.assertHolds(pages[1], "1. What changed, and why", "Nothing got worse that a test could tell", "Reemplazos en vacaciones", "Newcombe")
        self.assertHoldsNone(pages[0], "DRAFT", "1. What changed, and why")  # the first page is the summary alone
        self.assertIn("2. Decisions of earlier reviews", pages[2], "what changed has a page of its own")
        whole = " ".join(pages)
        self.assertNotIn("2015", whole)
        self.assertHolds(whole, "<b>Riesgo</b>", "<script>", "nothing was written here", "Reemplazos en vacaciones", "9.3.2 f", "9.3.3", "9.3.1")
        self.assertIn(review.content_digest, whole.replace(" ", ""))
        self.assertTrue(review.is_intact)
        again, _kind = self.env["ir.actions.report"].with_user(self.leader).with_context(
            force_report_rendering=True
        )._render_qweb_pdf("sig_pqrs.report_management_review", review.ids)
        self.assertEqual(again, review.pdf_id.raw, "the menu Print gives what was closed")

    def test_report_without_logo_or_document(self):
        self.company.logo = False
        self.env["sig.document"].search([("usage", "in", ("management_report", "management_review"))]).active = False
        pages = self.read_pdf(self.print_review(self.make_review(kind="report", date_from="2019-02-01", date_to="2019-02-28")))
        self.assertHolds(pages[0], "DRAFT", "SIG management report", self.company.name, "Code: —")
        self.assertIn("No PQRS was received", " ".join(pages))

    def test_long_words_shrink_nothing(self):
        """A word without an end is broken: the engine would print the whole page smaller, or cut the table."""
        review = self.make_review()
        self.add_decision(review)
        plain = self.get_sizes(self.print_review(review))
        word = "Palabralarguísima" * 30
        review.write({"name": word, "participants": f"{word}\n" * 30, "conclusion": word, "act_number": word})
        review.section_ids.with_user(self.director).write({"analysis": word})
        self.plan.sudo().name = word
        self.add_decision(review, name=word)
        printed = self.print_review(review)
        pages = self.read_pdf(printed)
        self.assertFramed(pages, "FOR-SIG-PQRS-09")
        self.assertIn("Participants (30):", " ".join(pages))
        self.assertEqual(self.get_sizes(printed), plain)

    def get_sizes(self, content):
        """Sizes in which some words are printed: a title, a heading, the head and a cell of a table."""
        sizes = {}

        def see(text, cm, tm, _font, size):
            for word in ("Summary", "Responsible", "Satisfaction and feedback"):
                if word in text:
                    sizes.setdefault(word, round(abs(size * tm[3] * cm[3]), 1))

        for page in PdfReader(BytesIO(content)).pages:
            page.extract_text(visitor_text=see)
        self.assertEqual(len(sizes), 3, sizes)
        return sizes
