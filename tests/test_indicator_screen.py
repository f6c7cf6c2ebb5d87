"""What the screens of an indicator show: the behaviour table, the trend, the baseline, and its buttons."""
from lxml import html

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import date, freeze_time
from .test_finding import ImprovementCommon

OCTOBER = date(2026, 10, 1)


@freeze_time("2026-11-03 15:00:00")
class TestBehaviour(ImprovementCommon):
    def setUp(self):
        super().setUp()
        self.reason = self.env.ref("sig_pqrs.reason_trato")
        # due in October: two in time, one late, one never answered
        self.make_answered(date(2026, 9, 21), date(2026, 10, 2), reason_id=self.reason.id)
        self.make_answered(date(2026, 9, 23), date(2026, 10, 1), self.technology)
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20), reason_id=self.reason.id)
        self.make_case(when=self.on(date(2026, 9, 28)))
        self.measured = self.measure("on_time", OCTOBER)

    def read_table(self, body):
        """``{title of a table: {name: cells}}`` of what the screen shows."""
        tables = {}
        for table in html.fragment_fromstring(str(body), create_parent="div").iter("table"):
            title, *heads = [cell.text for cell in table.find("thead").iter("th")]
            self.assertEqual(heads, ["Cases due", "On time", "Late or overdue", "% on time"])
            rows = [[cell.text_content().replace(",", ".") for cell in row] for row in table.find("tbody")]
            tables[title] = {name: cells for name, *cells in rows}
            self.assertEqual([int(cells[0]) for _name, *cells in rows], sorted((int(row[1]) for row in rows), reverse=True))
        return tables

    def test_on_the_screen(self):
        form = Form(self.get_indicator("on_time").with_user(self.management))
        tables = self.read_table(form.last_behaviour)
        self.assertEqual(self.read_table(self.measured.with_user(self.director).behaviour), tables)
        Case = self.env["sig.pqrs"]
        titles = [Case._fields[name]._description_string(self.env) for name in ("type_id", "process_ids", "channel", "reason_id")]
        self.assertEqual(list(tables), titles)
        _by_type, by_process, by_channel, by_reason = tables.values()
        self.assertEqual(by_process, {
            self.operations.display_name: ["2", "1", "1", "50.0\u00a0%"],
            self.technology.display_name: ["1", "1", "0", "100.0\u00a0%"],
            "Without a process": ["1", "0", "1", "0.0\u00a0%"],
        })
        self.assertEqual(by_reason[self.reason.display_name], ["2", "1", "1", "50.0\u00a0%"])
        self.assertEqual(by_reason["Without data"], ["2", "1", "1", "50.0\u00a0%"])
        self.assertLessEqual(by_channel.keys(), set(dict(Case._fields["channel"]._description_selection(self.env)).values()))
        for rows in (_by_type, by_channel):
            self.assertEqual(sum(int(cells[0]) for cells in rows.values()), 4, "a case is of one type, and came by one channel")
        own = self.get_measure("on_time", OCTOBER, self.operations)
        self.assertFalse(own.with_user(self.leader).behaviour, "of a process there is no table")
        self.assertFalse(self.measure("within_days", OCTOBER).behaviour, "it is of the main indicator alone")

    def test_as_it_was_when_it_was_confirmed(self):
        measure = self.measured.with_user(self.director)
        before = self.read_table(measure.behaviour)
        measure.analysis = "Vacante del analista"
        measure.action_confirm()
        self.make_answered(date(2026, 9, 21), date(2026, 10, 2))
        self.reason.active = False
        self.measure("on_time", OCTOBER)
        self.assertEqual(self.read_table(self.reload(measure)[0].behaviour), before, "a reason that was archived keeps its name")

    def test_names_are_no_markup(self):
        self.operations.name = "<b>Operaciones</b>"
        self.assertNotIn("<b>", str(self.reload(self.measured)[0].behaviour))


@freeze_time("2026-11-03 15:00:00")
class TestIndicatorScreen(ImprovementCommon):
    def test_trend(self):
        """It says whether the figure got better, if by more than chance."""
        for name, values, trend in (
            ("on_time", [80, 92], "improving"), ("on_time", [92, 80], "worsening"), ("within_days", [90, 93], "steady"),
        ):
            last = self.fill(name, values)[-1]
            indicator = self.reload(self.get_indicator(name).with_user(self.director))[0]
            with self.subTest(values=values):
                self.assertEqual((indicator.last_measure_id, indicator.last_trend), (last, trend))
        self.assertFalse(self.fill("response_time", [5], denominator=1)[0].trend, "there was nothing before")

    def test_why_there_are_no_limits(self):
        """A baseline that is too short, and figures that hardly move, are told apart."""
        indicator = self.get_indicator("on_time")
        indicator.write({"baseline_from": "2025-11-01", "baseline_to": "2026-01-31", "has_target": False})
        values = [90, 92, 91, 89, 90, 93, 91, 90, 92, 90, 91, 92]
        self.assertIn("declared baseline has fewer than 12", self.fill("on_time", values, last=10)[-1].statistics)
        self.get_indicator("response_time").has_target = False
        told = self.fill("response_time", [400] * 13, last=10)[-1].statistics
        self.assertIn("repeat the value before", told)
        self.assertNotIn("fewer than", told)

    def test_a_measured_indicator_stays(self):
        unused = self.env["sig.indicator"].create({"name": "V", "code": "V", "kind": "received", "unit": "count"})
        self.measure("received", OCTOBER)
        measured = self.get_indicator("received").with_user(self.director)
        self.assertEachRaises(UserError, measured.unlink, said="Archive it instead")
        unused.with_user(self.director).unlink()
