"""One figure, one definition, one cut-off: what each place shows is what a plain reading of the cases makes."""
import json
from base64 import b64decode
from fractions import Fraction
from io import BytesIO

import openpyxl

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.tools import formatLang
from odoo.tools.safe_eval import safe_eval

from ..tools import periods
from .common import date, freeze_time
from .test_management_review import ReviewCommon

OCTOBER = periods.Period(date(2026, 10, 1), date(2026, 10, 31))
ENDINGS = ("transfer", "withdrawn", "cancelled", "forwarded")


@freeze_time("2026-11-04 15:00:00")
class TestOneFigure(ReviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-11-04 15:00:00"):
            cls.make_october()
            cls.env.flush_all()
        cls.cases = cls.env["sig.pqrs"].search([("company_id", "=", cls.company.id)])

    @classmethod
    def at(cls, day, case, step, *args, **kwargs):
        cls.env.flush_all()
        cls.env.invalidate_all()
        with freeze_time(f"2026-{day} 15:00:00"):
            getattr(case.with_user(cls.director), step)(*args, **kwargs)
            cls.env.flush_all()

    @classmethod
    def make_october(cls):
        def answered(received, day, *processes, **vals):
            processes = cls.env["sig.process"].union(*processes) if processes else None
            return cls.make_answered(date(2026, *received), date(2026, *day), processes, **vals)

        def filed(*received, **vals):
            return cls.make_case(when=cls.on(date(2026, *received)), **vals)

        cls.on_time = answered((9, 21), (10, 2))
        cls.both = answered((9, 22), (10, 6), cls.operations, cls.technology)
        cls.late = answered((9, 16), (10, 20), cls.technology)
        cls.slow = answered((8, 20), (10, 28))
        cls.overdue, cls.no_process = filed(9, 28), filed(9, 29)
        cls.transferred_late, cls.transferred = filed(9, 18), filed(10, 5)
        cls.withdrawn_late, cls.withdrawn = filed(9, 17), filed(10, 7)
        cls.twice = filed(9, 18, partner_id=cls.contact.id)
        original = filed(9, 18, partner_id=cls.contact.id)
        cls.brief = filed(10, 14, type="informacion")
        cls.suspended = filed(9, 25)
        cls.soon = filed(10, 26, type="autoridad", authority_deadline="2026-10-29 21:30:00")
        filed(9, 15, type="autoridad", authority_deadline="2026-11-20 21:30:00")  # whose fifteen days were over in October
        cls.disputed, cls.corrected = answered((9, 21), (10, 5)), answered((9, 1), (9, 8))
        cls.at("09-28", cls.suspended, "action_request_information", "La fecha del hecho")
        cls.builder.send(cls.builder.answer(cls.suspended, cls.operations, cls.on(date(2026, 10, 8), 9)), cls.on(date(2026, 10, 9)))
        cls.at("10-06", cls.transferred, "action_transfer", "Alcaldía", "Es competente")
        cls.at("10-06", cls.transferred._get_forwardings(), "action_register_delivery", "letter", proof="Radicado 7")
        cls.at("10-08", cls.withdrawn, "action_withdraw", "Lo pidió")
        cls.at("10-22", cls.withdrawn_late, "action_withdraw", "Lo pidió")
        cls.at("10-26", cls.transferred_late, "action_transfer", "Alcaldía", "Es competente")
        cls.at("10-26", cls.transferred_late._get_forwardings(), "action_register_delivery", "letter", proof="Radicado 8")
        cls.at("10-27", cls.twice, "action_cancel", "duplicate", "Ya está", duplicate_of=original.id)
        cls.at("10-28", cls.disputed, "action_reopen", "No está de acuerdo", date="2026-10-28")
        cls.at("11-03", cls.corrected, "action_reopen", "Falta un punto", "correction")
        cls.builder.rate(cls.on_time, 2, when=cls.on(date(2026, 10, 5)))
        cls.builder.rate(cls.both, 5, when=cls.on(date(2026, 10, 7)))

    def local(self, moment):
        return self.company._sig_local_date(moment)

    def count(self, first, last):
        return self.company._sig_calendar(first, last).count(first, last)

    def read_terms(self):
        """``[(case, processes, deadline, day it ended or None, whether it was answered, business days)]``."""
        for case in self.cases:
            for answer in case.answer_ids.filtered("disputed"):
                day = self.local(answer.date_answered)
                yield case, answer.process_ids, answer.date_deadline, day, True, answer.response_days
            ending = case.act_ids.filtered(lambda act: act.kind in ENDINGS).sorted("number")[-1:]
            if case.state not in ("closed", "cancelled"):
                yield case, case.process_ids, case.date_deadline, None, False, 0
            elif case.outcome == "answered":
                day = self.local(case.date_answered)
                yield case, case.process_ids, case.date_deadline or day, day, True, case.response_days
            elif case.outcome != "spam":
                late = (ending.data or {}).get("in_time") is False or self.local(ending.date) > case.date_deadline
                yield case, case.process_ids, case.date_deadline, self.local(ending.date) if late else False, False, 0

    def reckon(self, process=None):
        """``{kind: numerator and denominator}`` of October, by hand."""
        def inside(day):
            return bool(day) and OCTOBER.start <= day <= OCTOBER.end

        today, found = self.company._sig_today(), dict.fromkeys(("on_time", "within_days", "response_time"), (0, 0))

        def add(kind, part, whole=1):
            found[kind] = (found.get(kind, (0, 0))[0] + part, found.get(kind, (0, 0))[1] + whole)

        for case, processes, deadline, ended, is_answer, days in self.read_terms():
            if process and process not in processes:
                continue
            if ended is not False and inside(deadline) and (ended or deadline < today):
                add("on_time", is_answer and ended <= deadline)
            start = case.date_received.date() if not case.answer_ids.filtered("disputed") or is_answer else date(2026, 10, 28)
            calendar = self.company._sig_calendar(start, date(2026, 12, 31))
            if not case.act_ids.filtered(lambda act: act.kind == "requirement"):  # no term but one was suspended
                day = calendar.add(start, 15)
                if ended is not False and inside(day) and (ended or day < today):
                    add("within_days", is_answer and days <= 15)
            elif inside(ended):
                add("within_days", days <= 15)
            if is_answer and inside(ended):
                add("response_time", days)
        mine = self.cases.filtered(lambda case: not process or process in case.process_ids)
        found["received"] = (sum(inside(self.local(case.date_received)) for case in mine), 0)
        waiting = mine.filtered(lambda case: case.state not in ("closed", "cancelled")) - self.corrected
        found["overdue_backlog"] = (sum(bool(day) and day <= OCTOBER.end for day in waiting.mapped("date_deadline")), 0)
        stars = [act.data["rate"] for case in mine for act in case.act_ids if act.kind == "rated"]
        found["answer_satisfaction"] = (sum(rate >= 4 for rate in stars), len(stars))
        return found

    def write_value(self, kind, part, whole):
        unit = self.get_indicator(kind).unit
        value = Fraction(part, whole) * (100 if unit == "percent" else 1) if whole else part
        return formatLang(self.env, float(value), digits=0 if unit == "count" else 1)

    def test_measures(self):
        for process in (None, self.operations, self.technology):
            for kind, figure in self.reckon(process).items():
                measure = self.measure(kind, OCTOBER.start, process)
                with self.subTest(kind, process=process and process.name):
                    self.assertEqual((measure.numerator, measure.denominator), figure)
                    self.assertEqual(measure.value_text.split("\u00a0")[0].split(" ")[0], self.write_value(kind, *figure))
                    self.assertIn("Cut: ", measure.cut)

    def test_what_is_late_stays(self):
        """Ending an overdue case improves nothing; what ended before its deadline is neither."""
        measure = self.measure("on_time", OCTOBER.start)
        misses = self.env["sig.pqrs"].browse(measure._get_record_ids("misses"))
        late = self.transferred_late | self.withdrawn_late | self.twice | self.late | self.overdue | self.no_process
        self.assertEqual(misses & (late | self.transferred | self.withdrawn), late)
        self.assertIn(self.suspended.id, measure._get_record_ids("hits"))
        self.assertIn(self.brief.id, measure._get_record_ids("misses"))
        within = self.env["sig.pqrs"].browse(self.measure("within_days", OCTOBER.start)._get_record_ids("all"))
        self.assertFalse(within & (self.brief | self.soon), "their fifteen days are not over")
        self.assertNotIn(self.corrected.id, self.measure("overdue_backlog", OCTOBER.start)._get_record_ids("all"))
        self.assertIn(self.slow.id, self.measure("response_time", OCTOBER.start)._get_record_ids("all"))
        rows = {row[0]: row[1:] for row in measure.detail["process_ids"]}
        self.assertTrue(rows[False][0], "what has no process is a row")

    def test_screens(self):
        indicators = self.env["sig.indicator"]._get_for(self.company)
        indicators.filtered(lambda one: one.frequency == "month")._measure(self.company, OCTOBER)
        for kind, figure in self.reckon().items():
            indicator = self.get_indicator(kind).with_user(self.management)
            with self.subTest(kind):
                self.assertIn(self.write_value(kind, *figure), indicator.last_value)
                self.assertEqual(indicator.last_cut, self.get_measure(kind, OCTOBER.start).cut)
        self.get_indicator("on_time").copy({"code": "OPE", "company_id": self.company.id, "process_id": self.operations.id})
        other = self.env["res.company"].create({"name": "Otra, con sus propios indicadores"})
        (self.management | self.director).company_ids += indicators.browse().union(*(one._copy_for(other) for one in indicators)).company_id
        Indicator = self.env["sig.indicator"].with_user(self.management).with_context(allowed_company_ids=[self.company.id, other.id])
        dashboard = json.loads(b64decode(self.env.ref("sig_pqrs.dashboard_pqrs").spreadsheet_binary_data))
        self.assertEqual({each["model"] for each in dashboard["lists"].values()}, {"sig.indicator"})
        for each in dashboard["lists"].values():
            order = ", ".join(column["name"] for column in each["orderBy"])
            [row] = Indicator.search_read(each["domain"], each["columns"], limit=1, order=order)
            shown = self.get_indicator(each["domain"][0][2]).with_user(self.management)
            self.assertEqual((row["last_value"], row["last_cut"]), (shown.last_value, shown.last_cut))
        board, data = dashboard["sheets"]
        for card in (one["data"] for one in board["figures"] if one["data"]["type"] == "scorecard"):
            self.assertEqual(card["background"], "#F8F9FA", "a tint would mean something")
            self.assertRegex(data["cells"][card["baseline"].partition("!")[2]], r'"last_cut"|NOW\(\)', card["title"])
        CaseBuilder(self.env, self.director, other).file({"subject": "De la otra", "partner_name": "Luis"}, self.on(date(2026, 10, 7)))
        asked = [one["data"]["searchParams"]["domain"] for one in board["figures"] if "searchParams" in one["data"]]
        [domain] = {*asked, *(pivot["domain"] for pivot in dashboard["pivots"].values())}
        shown = safe_eval(domain, {"allowed_company_ids": Indicator.env.companies.ids})
        received = [("date_received", ">=", "2026-10-01 05:00:00"), ("date_received", "<", "2026-11-01 05:00:00")]
        self.assertEqual(Indicator.env["sig.pqrs"].search_count(shown + received), self.reckon()["received"][0])

    def test_report_and_workbook(self):
        indicators = self.env["sig.indicator"]._get_for(self.company).filtered(lambda one: one.frequency == "month")
        indicators._measure(self.company, OCTOBER)
        report = self.make_review(kind="report", date_from=OCTOBER.start, date_to=OCTOBER.end)
        pages = {section.code: section._get_page() for section in report.section_ids if section.kind == "system"}
        cards = {card["label"]: card for card in pages["indicators"]["cards"]}
        measures = self.env["sig.indicator.measure"].search([("date_from", "=", OCTOBER.start), ("process_id", "=", False)])
        measures.sudo().write({"state": "confirmed"})
        rows = list(openpyxl.load_workbook(BytesIO(measures._write_register())).active.iter_rows(values_only=True))
        written = {row[1]: row for row in rows}
        for kind, figure in self.reckon().items():
            indicator, measure = self.get_indicator(kind), self.get_measure(kind, OCTOBER.start)
            with self.subTest(kind):
                digits = 0 if indicator.unit == "count" else 1
                value = float(self.write_value(kind, *figure).replace(",", "."))
                card = cards[indicator.name]
                self.assertEqual(card["value"].split("\u00a0")[0], formatLang(self.env, measure.value, digits=digits))
                light = dict(measure._fields["status"]._description_selection(self.env))[measure.status]
                self.assertTrue(card["light"].startswith(light) or measure.status == "no_target", card["light"])
                self.assertAlmostEqual(written[indicator.code][9], value, delta=0.051)
        hits, due = self.reckon()["on_time"]
        self.assertHolds(pages["pqrs"]["summary"], f"; due in the period: {due}.", f" {due - hits} were not.")
        for page in pages.values():
            self.assertIn("Cut: ", page["cut"])

    def test_what_waits_today(self):
        """*Mi día* tells today, the digest the same, and the indicator the end of its month."""
        self.cases._refresh_deadline_state(self.company)
        self.env.flush_all()
        running = self.cases.filtered(lambda case: case.state not in ("closed", "cancelled") and case.date_deadline)
        overdue = running.filtered(lambda case: case.date_deadline < self.company._sig_today())
        self.assertEqual(self.get_tiles(self.director)["overdue"]["count"], len(overdue))
        now = self.env["sig.indicator"].new({})._measure_overdue_backlog(date(2026, 11, 1), date(2026, 11, 30))
        [figure] = now.values()
        self.assertEqual(sorted(figure[False].record_ids), sorted(overdue.ids))


@freeze_time("2026-11-04 15:00:00")
class TestNobodyFlatters(ReviewCommon):
    """What makes a figure look better is counted as late, or said beside it."""

    def step(self, day, case, name, *args):
        with freeze_time(f"2026-{day} 15:00:00"):
            getattr(case.with_user(self.director), f"action_{name}")(*args)
            self.env.flush_all()

    def test_an_extension_undoes_no_delay(self):
        """Of a consultation, whose law gives thirty days: after the fifteen of the policy it is lawful, and late."""
        kind = self.env.ref("sig_pqrs.type_consulta")
        kind.active = True
        late, waiting, gone, before = (self.make_case(when=self.on(date(2026, 9, 1)), type_id=kind.id) for _number in range(4))
        missed = late.date_deadline
        self.assertEqual(missed.month, 9)
        self.step(f"{missed:%m-%d}", before, "extend", 15, "Falta un informe")
        for case, day in (late, "09-28"), (waiting, "09-28"), (gone, "10-01"):
            self.step(day, case, "extend", 10, "Falta un informe")
        self.step("10-02", gone, "withdraw", "Lo pidió")
        self.assertGreater(late.date_deadline, missed)
        for case in late, before:
            self.builder.send(self.builder.answer(case, self.operations, self.on(date(2026, 9, 30), 9)), self.on(date(2026, 9, 30)))
        self.assertEqual((late.deadline_state, before.deadline_state), ("answered_on_time",) * 2)
        september, october = (self.measure("on_time", date(2026, month, 1)) for month in (9, 10))
        self.assertEqual(sorted(september._get_record_ids("misses")), (late | waiting | gone).ids)
        self.assertEqual((october._get_record_ids("all"), october._get_record_ids("hits")), (before.ids, before.ids))
        self.assertEqual(self.measure("overdue_backlog", september.date_from)._get_record_ids("all"), gone.ids, "as it was then")

    def test_what_is_discarded_is_said(self):
        """What a stranger sent, and was never filed, is told apart."""
        overdue, recent, stays = (self.make_case(when=self.on(date(2026, *day))) for day in ((9, 1), (10, 19), (10, 20)))
        stranger = self.make_unfiled()
        for case in overdue, recent:
            self.step("10-20", case, "cancel", "spam", "Publicidad")
        self.step("10-21", stranger, "discard", "Publicidad")
        received, on_time = self.measure("received", OCTOBER.start), self.measure("on_time", OCTOBER.start)
        self.assertEqual((received.numerator, received._get_record_ids("all")), (1, stays.ids))
        for measure in received, on_time:
            self.assertIn("Ended as “not a PQRS” in the period, so they count nowhere: 2.", measure.note)
            self.assertIn("never filed because they are no PQRS: 1.", measure.note)
        self.assertIn("Overdue when they were ended as “not a PQRS”: 1.", on_time.note)
        self.assertFalse(self.measure("received", date(2026, 9, 1)).note, "they were ended in October")
        report = self.make_review(kind="report", date_from=OCTOBER.start, date_to=OCTOBER.end)
        for section in report.section_ids.filtered(lambda one: one.code in ("indicators", "reading")):
            self.assertIn("so they count nowhere: 2.", " ".join(section._get_page()["notes"]))

    def test_another_type_once_overdue_is_said(self):
        informed, early = (self.make_case(when=self.on(date(2026, *day)), type="informacion") for day in ((9, 28), (10, 5)))
        for case in informed, early:
            self.step("10-14", case, "reclassify", self.env.ref("sig_pqrs.type_queja").id, "Es una queja")
        self.assertIn("Overdue when their type was changed: 1.", self.measure("on_time", OCTOBER.start).note)
