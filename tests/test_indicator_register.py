import json
import re
from base64 import b64decode
from io import BytesIO

import openpyxl
from lxml import html
from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..models.indicator.indicator import Figure
from ..tools import periods
from .common import date, freeze_time
from .test_finding import ImprovementCommon

OCTOBER = date(2026, 10, 1)
REASON = "Se reabrió la PQRS: la respuesta no era de fondo."


@freeze_time("2026-11-03 15:00:00")
class TestIndicatorRegister(ImprovementCommon):
    def open_month(self, user=None, **vals):
        return Form(self.env["sig.indicator.month.wizard"].with_user(user or self.director).with_context(**vals))

    def record(self):
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        self.env.flush_all()
        self.env["sig.indicator"]._measure_due(self.company)
        month = self.open_month().save()
        unexplained, why = month.measure_ids.filtered("needs_analysis"), {"analysis": "=Vacaciones del analista"}
        month.write({"measure_ids": [Command.update(measure.id, why) for measure in unexplained]})
        return month

    def test_one_page(self):
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        self.env["sig.indicator"]._measure_due(self.company)
        month = self.open_month().save()
        self.assertEqual((month.date, month.draft_count), (OCTOBER, 8))
        self.assertIn('create="0"', month.get_view(view_type="form")["arch"], "the page is of a month, none is made anew")
        self.assertFalse(month.measure_ids.filtered("is_breakdown"))
        self.assertEachRaises(UserError, month.action_confirm, said="analysis")
        self.assertEqual(set(month.measure_ids.mapped("state")), {"draft"}, "all or nothing")
        month = self.record()
        self.assertEqual(month.off_target_count, 0)
        month.shown = {**month.shown, next(iter(month.shown)): [7, 9]}  # as if somebody had measured again
        with self.assertRaisesRegex(RedirectWarning, "Figures changed") as refused:
            month.action_confirm()
        self.open_month(**refused.exception.args[3]).save().action_confirm()
        october = self.env["sig.indicator.measure"].search([("date_from", "=", "2026-10-01")])
        self.assertEqual(set(october.mapped("state")), {"confirmed"}, "those of processes too")

    def test_workbook(self):
        self.get_indicator("on_time").qvo_code = "QVO-01"
        month = self.record()
        month.action_confirm()
        finding = self.get_findings("missed", process_id=False).filtered(
            lambda one: one.measure_ids.indicator_id == self.get_indicator("on_time")
        )
        finding.with_user(self.director).action_plan(vals={"external_reference": "PA-7"})
        self.assertIn("/web/content", month.action_download()["url"])
        sheet = openpyxl.load_workbook(BytesIO(month.measure_ids._write_register())).active
        rows = list(sheet.iter_rows(values_only=True))
        self.assertEqual(rows[0][:5], ("Código QVO", "Código", "Indicador", "Proceso", "Periodo"))
        self.assertEqual(rows[0], tuple(column.heading for column, _get in month.measure_ids._get_register_columns()))
        [row] = [row for row in rows if row[0] == "QVO-01"]
        self.assertEqual((row[4], *row[7:10], row[11], *row[15:17]), ("2026-10", 0, 1, 0, 95, "=Vacaciones del analista", "PA-7"))
        cell = next(cell for cell in sheet["P"] if cell.value == "=Vacaciones del analista")
        self.assertEqual(cell.data_type, "s", "text, not a formula")
        [empty] = [row for row in rows if row[1] == "SIG-PQRS-04"]
        self.assertNotIn(empty[0], (None, ""), "it says that its code is to be confirmed")
        self.assertEqual(empty[7:10], (None, None, None), "no data is not zero")
        self.assertEqual(sheet.freeze_panes, "A2")

    def test_registered(self):
        month = self.record()
        month.action_confirm()
        action = month.action_register()
        dialog = self.env["sig.pqrs.improvement.wizard"].with_user(self.director).with_context(**action["context"])
        self.assertEachRaises(UserError, lambda: dialog.create({}).action_confirm())
        measures = month._search_measures().with_user(self.director)
        odd = (31, ["QVO"], {"acta": 31})
        self.assertEachRaises(UserError, *(lambda one=one: measures.action_register(one) for one in odd), said="is a text")
        self.assertDenied(measures, self.leader | self.management | self.collaborator, lambda own: own.action_register("x"))
        self.assertEqual(set(measures.mapped("state")), {"confirmed"})
        dialog.create({"reason": "QVO, acta 31"}).action_confirm()
        self.assertEqual(set(measures.mapped("state")), {"registered"})
        self.assertEqual((measures[0].registered_by_id, measures[0].registration_evidence), (self.director, "QVO, acta 31"))
        self.assertEachRaises(UserError, lambda: measures.action_register("x"))

    def test_tenth_business_day(self):
        self.record()
        # 2 and 16 November are holidays: the tenth business day is the 17th
        for day, number in ((16, 8), (17, 8 * 2)):
            self.reload()
            with freeze_time(f"2026-11-{day} 15:00:00"), self.subTest(day):
                tiles = self.get_tiles(self.director)
                self.assertEqual(tiles["unregistered"]["count"], number, "of the months: nothing had come in the first semester")
                action = getattr(self.env["sig.indicator.measure"].with_user(self.director), tiles["measures"]["method"])()
                self.assertEqual(action["context"]["default_date"], date(2026, 9, 30), "the oldest that waits")
                self.assertTrue(tiles["findings"]["count"])
                told = self.env["sig.my.day"].with_user(self.director)._get_pressing_tiles(5)
                self.assertIn(("unregistered", number), {(tile["key"], tile["count"]) for tile in told})

    def test_measure_again(self):
        case = self.make_case(when=self.on(date(2026, 10, 20)))
        self.builder.assign(case, self.operations | self.technology)
        month = self.record()
        before = month.measure_ids.filtered(lambda measure: measure.kind == "on_time")
        self.assertEqual(before.denominator, 1)
        self.make_answered(date(2026, 9, 21), date(2026, 10, 2))
        written, mute = (self.get_measure("received", OCTOBER, one) for one in (self.operations, self.technology))
        written.with_user(self.leader).analysis = "Hubo un paro"
        case.with_user(self.director).action_cancel("spam", "Publicidad")
        (self.operations | self.technology).active = False
        month.action_measure()
        self.assertEqual((before.denominator, before.analysis), (2, "=Vacaciones del analista"))
        self.assertEqual((mute.exists().ids, written.value, written.analysis), ([], 0, "Hubo un paro"), "what nobody wrote in goes")

    def test_month_that_is_not_over(self):
        for day in ("2026-11-01", "2026-12-15"):
            month = self.open_month().save()
            month.date = day
            self.assertEachRaises(UserError, month.action_measure)
        self.assertFalse(self.env["sig.indicator.measure"].search([("date_to", ">=", "2026-11-03")]))
        with mute_logger("odoo.sql_db"):
            self.assertEachRaises(IntegrityError, lambda: month.create({"date": False}), lambda: month.create({"date": ""}))

    def test_draft_taken_too_early(self):
        with freeze_time("2026-10-20 15:00:00"):
            measure = self.measure("received", date(2026, 10, 1))
            self.assertEqual(measure.value, 0)
        for day in (25, 26):  # once
            self.make_case(when=self.on(date(2026, 10, day)))
            self.env.flush_all()
            self.env["sig.indicator"]._measure_due(self.company)
            self.assertEqual(measure.value, 1)

    def test_roles(self):
        others, Month = self.leader | self.management | self.collaborator, self.env["sig.indicator.month.wizard"]
        self.assertDenied(Month, others, lambda own: own.create({}))

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
        first, last = self.fill("within_days", [95, 60])
        first.detail, last.detail = {"basis": [15]}, {"basis": [5]}
        last._judge()
        self.assertFalse(last.trend, "figures of another rule do not compare")

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
        tables = self.read_table(Form(self.get_indicator("on_time").with_user(self.management)).last_behaviour)
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


class TestCaseRegister(ImprovementCommon):
    def read_register(self, user, cases=None):
        cases = self.env["sig.pqrs"] if cases is None else cases
        self.assertIn("model=sig.workbook", cases.with_user(user).action_export_register()["url"])
        workbook = self.env["sig.workbook"].search([], order="id desc", limit=1)
        rows = list(openpyxl.load_workbook(BytesIO(b64decode(workbook.file))).active.iter_rows(values_only=True))
        self.letterhead = [row[0] for row in rows[:4]]
        return rows[5:]

    def test_register(self):
        case = self.make_answered(date(2026, 11, 3), date(2026, 11, 9), subject="=cmd|'/c calc'!A1", site="Torre 1")
        other = self.make_case(subject="Otra")
        rows = self.read_register(self.director)
        self.assertEqual([row[0] for row in rows[1:]], [other.name, case.name])
        cells = dict(zip(rows[0], rows[2], strict=True))
        self.assertEqual(cells["Subject"], "=cmd|'/c calc'!A1")
        self.assertEqual((cells["Site or post"], cells["Processes"], cells["Days to answer"]), ("Torre 1", "Operaciones", 4))
        self.assertEqual(str(cells["Received on"]), "2026-11-03 10:00:00", "in the time of the company")
        self.assertEqual(cells["Deadline state"], "Answered on time")
        self.assertEqual(len(self.read_register(self.director, other)), 2, "those that were chosen")
        self.assertEqual(self.letterhead, [
            self.company.name, "Register of PQRS", "Code: FOR-SIG-PQRS-12 · Version: 1 · Date: —",
            "Cut: 24/11/2026 10:00. Cases: 1.",
        ])

    def test_people_and_severity(self):
        case = self.make_assignment(self.make_case(severity="high")).pqrs_id
        reserved = self.make_case(identity_reserved=True)
        answered = self.make_answered(date(2026, 11, 9), date(2026, 11, 9))
        rows = self.read_register(self.director)
        cells = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
        self.assertEqual(
            [cells[case.name][name] for name in ("Who asks", "Responsible", "Severity", "Days to answer")],
            [case.petitioner, case.assignment_ids.user_id.name, "High", None],
        )
        self.assertEqual(cells[reserved.name]["Who asks"], "Identity reserved", "also for the SIG: a file goes around")
        self.assertEqual(cells[answered.name]["Days to answer"], 0, "on the same day")

    def test_rights(self):
        mine = self.make_assignment(self.make_case()).pqrs_id
        foreign = self.make_case()
        self.assertEqual([row[0] for row in self.read_register(self.leader)[1:]], [mine.name])
        self.assertDenied(foreign, self.leader, lambda own: own.action_export_register())
        workbook = self.env["sig.workbook"].search([], order="id desc", limit=1)
        self.assertDenied(workbook, self.other_leader, lambda own: own.read(["file"]))

    def test_cases_of_its_figures(self):
        """What was received opens the cases of the twelve whole months that it counts, the others their indicators."""
        inside = self.make_case(when=self.on(date(2025, 11, 1))) | self.make_case(when=self.on(date(2026, 10, 31)))
        outside = self.make_case(when=self.on(date(2025, 10, 31))) | self.make_case(when=self.on(date(2026, 11, 1)))
        dashboard = json.loads(b64decode(self.env.ref("sig_pqrs.dashboard_pqrs").spreadsheet_binary_data))
        charts = {figure["id"]: figure["data"]["type"] for figure in dashboard["sheets"][0]["figures"]}
        linked = dashboard["chartOdooMenusReferences"]
        self.assertEqual({id_ for id_, kind in charts.items() if kind == "scorecard"}, set(linked))
        domain = safe_eval(self.env.ref(linked.pop("sig-received")).action.domain, {"allowed_company_ids": self.company.ids})
        self.assertEqual(self.env["sig.pqrs"].with_user(self.director).search(domain) & (inside | outside), inside)
        self.assertEqual({self.env.ref(xmlid).action.res_model for xmlid in linked.values()}, {"sig.indicator"})

    def test_every_figure_follows_the_filters(self):
        """Each figure's data has a field for each filter of the dashboard."""
        dashboard = json.loads(b64decode(self.env.ref("sig_pqrs.dashboard_pqrs").spreadsheet_binary_data))
        board, data = dashboard["sheets"]
        filters = {one["id"]: one for one in dashboard["globalFilters"]}
        kinds = {"date": ("date", "datetime"), "relation": ("many2one", "many2many")}
        cards, shown = [], [(pivot["model"], pivot["fieldMatching"]) for pivot in dashboard["pivots"].values()]
        for chart in (figure["data"] for figure in board["figures"]):
            if chart["type"] == "scorecard":
                cards.append(data["cells"][chart["keyValue"].removeprefix("Data!")])
            else:
                shown.append((chart["metaData"]["resModel"], chart["fieldMatching"]))
        for model, matching in shown:
            self.assertEqual(matching.keys(), filters.keys())
            for id_, match in matching.items():
                field, asked = self.env[model]._fields[match["chain"]], filters[id_]
                self.assertEqual((field.type, field.comodel_name), (match["type"], asked.get("modelName")))
                self.assertIn(field.type, kinds[asked["type"]])
        used = [re.search(r"PIVOT\.VALUE\((\d+)|ODOO\.LIST\(", card)[1] for card in cards]
        self.assertEqual(set(filter(None, used)), dashboard["pivots"].keys())


@freeze_time("2026-11-03 15:00:00")
class TestIndicatorCorrection(ImprovementCommon):
    """A confirmed figure that turns out to be wrong: it is corrected in the open, by the SIG, and goes to QVO again."""

    def confirm(self, measure):
        measure = measure.with_user(self.director)
        if measure.needs_analysis:
            measure.analysis = "Vacante del analista"
        measure.action_confirm()
        return measure

    def read_register(self, measure):
        rows = list(openpyxl.load_workbook(BytesIO(measure._write_register()))["Indicadores"].iter_rows(values_only=True))
        return dict(zip(rows[0], rows[1], strict=True))

    def make_wrong(self):
        """A figure of 100 % that was registered, and of which a case was reopened since."""
        self.make_answered(date(2026, 9, 23), date(2026, 10, 1))
        case = self.make_answered(date(2026, 9, 21), date(2026, 10, 2))
        measure = self.confirm(self.measure("on_time", date(2026, 10, 1)))
        measure.action_register("QVO, acta 31")
        self.assertFalse(measure.today_text, "nothing changed")
        case.with_user(self.director).action_reopen("Faltaba una parte", "correction")
        self.env["sig.pqrs"]._refresh_deadline_state(self.company)
        self.reload()
        return measure

    def test_shown(self):
        """A confirmed figure says when it is not what today's data would make; that alone changes nothing."""
        measure = self.make_wrong()
        self.assertEqual((measure.value, measure.state, measure.today_text.replace(",", ".")), (100, "registered", "50.0\u00a0% (1 of 2)"))
        month = self.env["sig.indicator.month.wizard"].with_user(self.director).create({"date": "2026-10-01"})
        self.assertGreaterEqual(month.differing_count, 1)
        self.assertRegex(month.display_name, r": oct\w+ (de )?2026$", "the title of the page says what it is for")

    def test_corrected(self):
        measure = self.make_wrong()
        records = measure._get_record_ids("hits")
        self.get_indicator("on_time").write({"target": 40, "alert_target": 30})
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        self.assertEqual(measure.target, 95, "that which it was confirmed with")
        self.assertEqual((measure.numerator, measure.denominator, measure.value), (1, 2, 50))
        self.assertEqual((measure.status, measure.state, bool(measure.correction_ids)), ("missed", "confirmed", True))
        self.assertFalse(measure.today_text or measure.date_registered or measure.registration_evidence)
        [old] = measure.correction_ids
        self.assertEqual((old.value, old.value_text.replace(",", "."), old.state, old.reason), (100, "100.0\u00a0%", "registered", REASON))
        self.assertEqual((old.user_id, old.registered_by_id, old.registration_evidence), (self.director, self.director, "QVO, acta 31"))
        self.assertEqual(sorted(old.sudo().records["hits"]), sorted(records), "its cases stay too")
        self.assertTrue([message for message in measure.message_ids if REASON in message.body])
        self.assertEqual(self.get_findings("missed", process_id=False).measure_ids & measure, measure, "it is judged again")
        self.assertEachRaises(UserError, lambda: measure.action_correct(REASON), said="nothing to correct")

    def test_registered_again(self):
        measure = self.make_wrong()
        of_process, untouched = (self.get_measure("on_time", date(2026, 10, 1), one) for one in (self.operations, self.technology))
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        self.assertEqual((of_process.value, of_process.correction_ids.value, untouched.correction_ids.ids), (50, 100, []))
        cells = self.read_register(measure)
        self.assertEqual((cells["Resultado"], cells["Resultado anterior"]), (50, 100))
        self.assertIn(cells["Corregida"], ("corrected", "Corregida"), "in Spanish where it is installed")
        self.assertEqual(cells["Motivo de la corrección"], REASON)
        with freeze_time("2026-11-26 15:00:00"):
            late = self.env["sig.indicator.measure"].search(measure._get_unregistered_domain(self.company))
        self.assertIn(measure, late, "the corrected figure is not in QVO yet")
        measure.action_register("QVO, acta 32")
        self.assertEqual((measure.state, measure.registration_evidence), ("registered", "QVO, acta 32"))
        self.assertIsNone(self.read_register(self.confirm(self.measure("received", date(2026, 10, 1))))["Corregida"])

    def test_only_processes_differ(self):
        """A case that was assigned once its month was confirmed: its process alone is corrected, and goes to QVO again."""
        case = self.make_case(when=self.on(date(2026, 10, 30)))
        whole = self.confirm(self.measure("received", OCTOBER))
        whole.action_register("QVO, acta 31")
        part = self.get_measure("received", OCTOBER, self.operations)
        self.builder.assign(case, self.operations)
        month = self.env["sig.indicator.month.wizard"].with_user(self.director).create({"date": "2026-10-01"})
        self.reload()
        self.assertEqual((part.value, part.state, whole.today_text), (0, "registered", "the same, but not by process"))
        self.assertEqual((month.differing_count, month.confirmed_count), (1, 0))
        whole.action_correct(REASON)
        self.reload()
        self.assertEqual((part.value, part.state, whole.today_text, whole.state), (1, "confirmed", False, "registered"))
        self.assertEqual((month.differing_count, month.confirmed_count), (0, 1))
        with freeze_time("2026-11-26 15:00:00"):
            self.assertIn(part, part.search(part._get_unregistered_domain(self.company)))
        self.assertEachRaises(UserError, lambda: whole.action_correct(REASON), said="nothing to correct")

    def test_nothing_is_left_in_a_process(self):
        """As in one that is archived: no figure of today names it; one that was made since has one now."""
        indicator, parts = self.get_indicator("received"), {False: 5, self.operations.id: 3, self.technology.id: 2}
        new = self.operations.copy({"name": "Nuevo", "code": "NUE"})
        after = {False: 7, self.operations.id: 0, self.technology.id: 6, new.id: 1}
        for counts in (parts, {key: count for key, count in after.items() if count}):
            figures = {process_id: Figure(count, None) for process_id, count in counts.items()}
            self.patch(type(indicator), "_measure_received", lambda records, *_days, figures=figures: records._share(figures))
            if counts is parts:
                measures = indicator._measure(self.company, periods.containing(date(2026, 10, 1), "month")).sorted("process_id")
                measures.with_user(self.director).action_confirm()
        self.reload()
        part = measures.filtered(lambda one: one.process_id == self.operations).with_user(self.director)
        part.action_correct(REASON)
        made = indicator.measure_ids.filtered(lambda one: one.process_id == new)
        self.assertEqual((made.value, made.state), (1, "confirmed"))
        part.action_register("QVO, acta 32")
        self.assertEqual(made.state, "registered", "nothing asks for it by itself")
        measures.filtered(lambda one: not one.process_id).with_user(self.director).action_correct(REASON)
        self.assertEqual({one.process_id.id: one.value for one in indicator.measure_ids if one.state != "draft"}, after)

    def test_settings_and_erasing_change_no_data(self):
        self.company.sig_repetition_count = 2
        person, reason = self.env["res.partner"].create({"name": "Ana", "email": "ana@example.com"}), self.env.ref("sig_pqrs.reason_trato")
        vals, days = {"partner_id": person.id, "client_id": person.id, "reason_id": reason.id}, (date(2026, 9, 21), date(2026, 10, 2))
        cases = self.make_answered(*days, self.operations, **vals) | self.make_answered(*days, self.technology, **vals)
        measures = [self.confirm(self.measure(*names)) for names in (("within_days", OCTOBER), ("repetition", date(2026, 9, 1)))]
        for policy, count, erased in (5, 3, False), (15, 2, True):
            self.company.write({"sig_policy_days": policy, "sig_repetition_count": count})
            if erased:
                self.env["sig.anonymizer"]._anonymize_cases(cases, "Retención", {})
            self.reload()
            self.assertEqual([(one.value, one.today_text) for one in measures], [(100, False), (100, False)])

    def test_what_is_confirmed_is_what_was_read(self):
        measure = self.make_wrong()
        measure.with_env(self.env).analysis = "Todas a tiempo"
        form = self.open_step(measure, "correct")
        form.reason, form.analysis = REASON, False
        self.assertIn("(1 of 2)", form.today_text)
        dialog = form.save()
        self.assertEachRaises(UserError, dialog.action_confirm, said="write the analysis first")
        dialog.analysis = "Una no era de fondo"
        self.make_answered(date(2026, 9, 16), date(2026, 10, 20))
        self.reload()
        self.assertEachRaises(UserError, dialog.action_confirm, said="changed since you opened this")
        self.assertEqual((measure.value, measure.analysis), (100, "Todas a tiempo"))

    def test_refused(self):
        draft = self.measure("received", date(2026, 10, 1)).with_user(self.director)
        measure = self.make_wrong()
        for bad in "", "  ", None, 5:
            self.assertEachRaises(UserError, lambda: draft.action_correct(REASON), lambda bad=bad: measure.action_correct(bad))
        self.assertEachRaises(UserError, lambda: measure.action_correct(REASON), said="write the analysis first")
        self.assertEachRaises(UserError, lambda: self.take_step(draft | measure, "correct", reason=REASON), said="one figure at a time")
        self.assertEqual((measure.value, measure.state, bool(measure.correction_ids)), (100, "registered", False))
        self.get_indicator("on_time").unit = "count"  # another formula
        self.assertFalse(measure.today_text, "figures of another formula do not compare")
        self.assertEachRaises(UserError, lambda: measure.action_correct(REASON, analysis="x"), said="formula")

    def test_nobody_changes_a_correction(self):
        measure = self.make_wrong()
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        correction, people = measure.correction_ids, self.director | self.administrator
        steps = lambda own: own.write({"reason": "Otra"}), lambda own: own.unlink(), lambda own: own.create({"measure_id": measure.id, "reason": "x"})
        self.assertDenied(correction, people, *steps, error=UserError)
        self.assertDenied(measure, people, lambda own: own.write({"correction_ids": [(5,)]}), error=UserError)
        self.assertEachRaises(UserError, lambda: correction.sudo().write({"value": 1}), correction.sudo().unlink)

    def test_roles(self):
        measure = self.make_wrong()
        own = self.get_measure("on_time", date(2026, 10, 1), self.operations).with_user(self.director)
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        others = self.leader | self.management | self.collaborator | self.employee | self.portal
        for one in (measure, own):
            self.assertDenied(one, others, lambda own: own.action_correct(REASON, analysis="x"))
        Correction = self.env["sig.indicator.correction"]
        self.assertEqual(Correction.with_user(self.leader).search([]), own.correction_ids, "of their process, not of the company")
        self.assertEqual(Correction.with_user(self.management).search([]), measure.correction_ids | own.correction_ids)
        self.assertDenied(Correction, self.collaborator, lambda own: own.search([]))
