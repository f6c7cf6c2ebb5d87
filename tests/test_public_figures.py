"""What a company publishes of its petitions: the figures that it has inside, of nobody in particular."""
import csv
from io import StringIO
from unittest.mock import patch

from lxml import html

from odoo.addons.sig_pqrs.controllers import figures as controller
from odoo.exceptions import AccessError

from .browser import PageChecks, open_browser
from .common import date, freeze_time, real_clock
from .test_action_plan import PlanCommon
from .test_filing_page import FilingCommon

PAGE, DATA = "/pqrs/cifras", "/pqrs/cifras.csv"


class FiguresCommon(FilingCommon, PlanCommon):
    is_counted = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website.sig_pqrs_figures = True

    def assertStatus(self, status):
        self.assertEqual([self.url_open(url).status_code for url in (PAGE, DATA)], [status, status])

    def publish(self, name, *figures, last=10, confirm=True):
        """Confirmed months of an indicator until ``last``: numbers, or pairs of those in favour and all."""
        measures = self.env["sig.indicator.measure"]
        for offset, figure in enumerate(figures, last - len(figures) + 1):
            pair = figure if isinstance(figure, tuple) else (figure, None)
            measures |= self.fill(name, pair[:1], last=offset, denominator=pair[1])
        if confirm:
            measures.analysis = "Hubo un paro."
            measures.with_user(self.director).action_confirm()
        return measures

    def get_rows(self):
        """``{name: [(first day, last day, cases, result)]}`` of the open data."""
        self.env.flush_all()
        rows = list(csv.reader(StringIO(self.url_open(DATA).content.decode("utf-8-sig"))))
        found = {}
        for name, _unit, *row in rows[1:]:
            found.setdefault(name, []).append(tuple(row))
        return found


@freeze_time("2026-11-03 15:00:00")
class TestPublicFigures(FiguresCommon):
    def test_only_where_it_is_switched_on(self):
        self.assertFalse(self.env["website"].create({"name": "Otro sitio"}).sig_pqrs_figures)
        self.assertStatus(200)
        self.assertIn(PAGE, self.url_open("/pqrs").text)
        self.website.sig_pqrs_figures = False
        self.assertStatus(404)
        self.assertNotIn(PAGE, self.url_open("/pqrs").text)
        self.website.write({"sig_pqrs_figures": True, "sig_pqrs_active": False})
        self.assertStatus(404)

    def test_as_inside(self):
        """Real cases, measured and confirmed: the page says what the measure says."""
        for day in (1, 2, 5, 6, 7, 8):
            self.make_answered(date(2026, 9, 21), date(2026, 10, day))
        measures = [self.measure(name, date(2026, 10, 1)) for name in ("response_time", "on_time")]
        for measure in measures:
            self.assertNotIn(measure.value_text, self.url_open(PAGE).text, "a draft is for nobody")
            measure.analysis = "x"
            measure.with_user(self.director).action_confirm()
        page = self.url_open(PAGE).text
        for measure in measures:
            self.assertHolds(page, measure.value_text, measure.cut)
        rows = self.get_rows()
        self.assertEqual(rows["PQRS answered in time"], [("2026-10-01", "2026-10-31", "6", "100.00")])
        self.assertEqual(rows["Mean time to answer"], [("2026-10-01", "2026-10-31", "6", f"{measures[0].value:.2f}")])

    def test_no_figure_is_of_few(self):
        self.publish("received", 7, 3, 0, 4, 0, 5, 2, 1)
        self.assertEqual([(row[0][5:7], row[1][5:7], row[2]) for row in self.get_rows()["PQRS received"]], [
            ("03", "03", "7"), ("04", "06", "7"), ("07", "07", "0"), ("08", "08", "5"),
        ])
        page = self.url_open(PAGE).text
        self.assertHolds(page.replace(",", "."), "April 2026 to June 2026", "latest: 5.0 (")
        self.assertNotIn("October 2026", page, "September and October wait for those that follow")
        self.publish("answer_satisfaction", (2, 3), (1, 1), (3, 4))
        self.assertEqual(self.get_rows()["Satisfaction with the answer"], [("2026-08-01", "2026-10-31", "8", "75.00")])

    def test_what_was_published_stays_when_months_are_added(self):
        numbers, earlier = (4, 9, 1, 0, 3, 2, 12, 0, 4), []
        for month, number in enumerate(numbers, 1):
            self.publish("received", number, last=month)
            rows = self.get_rows().get("PQRS received", [])
            self.assertEqual(rows[: len(earlier)], earlier)
            new = sum(int(row[2]) for row in rows) - sum(int(row[2]) for row in earlier)
            self.assertNotIn(new, range(1, 5), "two editions, subtracted, are of few")
            earlier = rows

    def test_a_month_that_is_not_confirmed_is_in_no_figure(self):
        self.publish("received", 3, last=7)
        self.publish("received", 8, last=8, confirm=False)
        self.publish("received", 4, 6, last=10)
        self.assertEqual(self.get_rows()["PQRS received"], [("2026-09-01", "2026-10-31", "10", "10.00")])
        self.publish("received", 9, last=6)
        self.assertIn("September 2026 to October 2026. Cut", self.url_open(PAGE).text, "the total names no month that it lacks")

    def test_months_of_another_formula_are_apart(self):
        september, _october = self.publish("on_time", (50, 100), (90, 100))
        september.sudo().formula_version -= 1
        self.assertEqual(self.get_rows()["PQRS answered in time"], [("2026-10-01", "2026-10-31", "100", "90.00")])

    def test_the_last_year_on_the_page_and_all_in_the_data(self):
        self.publish("on_time", *[(8, 10)] * 12, (10, 10))
        page = self.url_open(PAGE).text
        self.assertNotIn("October 2025", page)
        self.assertIn("November 2025 to October 2026", page)
        self.assertIn("81.7", page.replace(",", "."), "98 of 120")
        self.assertEqual(len(self.get_rows()["PQRS answered in time"]), 13)

    def test_chart_and_table_say_the_same(self):
        self.publish("on_time", (80, 100), (9496, 10000))
        [figure] = html.fromstring(self.url_open(PAGE).content).find_class("o_sig_figure")
        told = " ".join(figure.xpath(".//*[local-name()='svg']/*[local-name()='desc']/text()")).replace(",", ".")
        cells = [cell.text_content().replace(",", ".") for cell in figure.xpath(".//tbody//td")]
        self.assertEqual(cells, ["100", "80.0\u00a0%", "10000", "94.96\u00a0%"])
        self.assertIn("latest: 94.96\u00a0%", told)

    def test_of_its_own_company_alone(self):
        self.publish("received", 40)
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.open_company(other)
        self.website.company_id = other
        self.assertEqual(self.get_rows(), {})
        self.assertIn("There are no figures yet", self.url_open(PAGE).text)

    def test_open_data(self):
        self.publish("received", 40)
        self.assertNotIn("does not begin at zero", self.url_open(PAGE).text)
        response = self.url_open(DATA)
        self.assertTrue(response.content.startswith("\ufeffIndicator,".encode()), "spreadsheets know the accents by it")
        self.assertIn("text/csv", response.headers["Content-Type"])
        self.assertIn("attachment", response.headers["Content-Disposition"])
        [_labels, row] = csv.reader(StringIO(response.content.decode("utf-8-sig")))
        self.assertEqual(row, ["PQRS received", "Number", "2026-10-01", "2026-10-31", "40", "40.00"])


class TestImprovements(FiguresCommon):
    TEXT = "Cada puesto tiene reemplazo <b>"

    def end(self, plan):
        plan.with_user(self.leader).action_start()
        plan.line_ids.with_user(self.leader).action_complete("Acta 12")
        plan.with_user(self.leader).action_finish()
        with freeze_time("2027-03-02 15:00:00"):
            plan.with_user(self.director).action_verify(True, "Tres meses a tiempo")

    def is_shown(self):
        return "Cada puesto tiene reemplazo &lt;b&gt;" in self.url_open(PAGE).text

    def test_what_the_company_chose(self):
        self.fill("on_time", [50])
        plan = self.make_plan()
        self.get_findings("missed", state="open").with_user(self.director).action_plan(plan.id)
        plan.with_user(self.director).public_text = self.TEXT
        self.assertFalse(self.is_shown(), "nobody knows yet whether it works")
        self.end(plan)
        self.assertTrue(self.is_shown())
        self.assertIn("March 2027", self.url_open(PAGE).text)
        plan.with_user(self.director).public_text = False
        self.assertFalse(self.is_shown(), "it may be taken back")
        plan.with_user(self.director).public_text = self.TEXT
        self.assertTrue(self.is_shown(), "and written once the plan is closed")
        self.website.company_id = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.open_company(self.website.company_id)
        self.assertFalse(self.is_shown())

    def test_what_did_not_come_of_cases(self):
        plan = self.make_plan()
        plan.with_user(self.director).public_text = self.TEXT
        self.end(plan)
        self.assertFalse(self.is_shown())

    def test_the_sig_says_what_the_public_reads(self):
        plan = self.make_plan()
        self.assertDenied(plan, self.leader, lambda own: own.write({"public_text": self.TEXT}))
        self.assertDenied(plan, self.management | self.other_leader, lambda own: own.write({"public_text": self.TEXT}), error=AccessError)


@real_clock
class TestFiguresLimit(FiguresCommon):
    _registry_readonly_enabled = False

    def test_limit(self):
        with patch.object(controller, "MAX_READS", 2):
            self.assertStatus(200)
            self.assertStatus(429)


@real_clock
class TestFiguresBrowser(PageChecks, FiguresCommon):
    def test_pages(self):
        with freeze_time("2026-11-03 15:00:00"):
            self.publish("received", *[12] * 12)
            self.publish("on_time", *[(9, 10)] * 11, (3, 4))
            self.publish("response_time", *[(80, 10)] * 12)
            self.publish("answer_satisfaction", *[(2, 3)] * 12)
        with open_browser(self) as browser:
            browser.go(PAGE)
            browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            self.check(browser, "figures")
            self.assertEqual(browser.run("document.querySelectorAll('.o_sig_figure svg').length"), 4)
