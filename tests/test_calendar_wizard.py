"""The dialog that shows what a change of the calendar or of a term moves, before it is made."""
from odoo.exceptions import UserError

from .common import date
from .test_calendar import CalendarCommon


class TestWizard(CalendarCommon):
    def make_wizard(self, user=None, **vals):
        return self.env["sig.calendar.wizard"].with_user(user or self.administrator).create(vals)

    def add_wizard(self, **vals):
        return self.make_wizard(**{"change": "add", "date": "2026-12-01", "name": "Día cívico", **vals})

    def lines(self, wizard):
        return [(line.pqrs_id.id, line.old_date, line.new_date) for line in wizard.line_ids]

    def assertPreviewed(self, wizard, action):
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))

    def test_apply_does_what_the_preview_said(self):
        cases = self.make_case() | self.make_case(date_received="2026-11-20") | self.make_case(date_received="2026-10-20")
        self.make_closed()
        wizard = self.add_wizard()
        self.assertPreviewed(wizard, wizard.action_preview())
        self.assertIn((cases[0].id, date(2026, 12, 16), date(2026, 12, 17)), self.lines(wizard))
        promised = {case: new for case, _old, new in self.lines(wizard)}
        self.assertEqual((set(promised), wizard.line_count), (set(cases[:2].ids), 2))
        wizard.action_apply()
        for case in cases:
            with self.subTest(case.date_received):
                self.assertEqual(len(self.acts(case)), int(case.id in promised))
                self.assertEqual(case.date_deadline, promised.get(case.id, case.date_deadline))

    def test_stale_preview_is_shown_again(self):
        case = self.make_case()
        wizard = self.add_wizard()
        wizard.action_preview()
        wizard.date = "2027-03-01"
        self.assertPreviewed(wizard, wizard.action_apply())
        self.assertFalse(wizard.line_ids, "that day is after all the terms")
        self.assertFalse(self.acts(case))
        wizard.action_apply()
        self.assertTrue(self.Days.search([("date", "=", "2027-03-01"), ("kind", "=", "extraordinary")]))

    def test_day_that_is_on_the_calendar_already(self):
        self.assertEachRaises(UserError, self.add_wizard(date="2026-12-08").action_preview)

    def test_remove(self):
        day = self.add_day()
        case = self.make_case()
        wizard = self.make_wizard(change="remove", day_id=day.id)
        wizard.action_preview()
        self.assertEqual(self.lines(wizard), [(case.id, date(2026, 12, 17), date(2026, 12, 16))])
        wizard.action_apply()
        self.assertFalse(day.exists())
        self.assertEqual(case.date_deadline, date(2026, 12, 16))

    def test_remove_is_about_the_company_of_the_day(self):
        other = self.make_company()
        self.administrator.company_ids |= other
        day = self.add_day()
        case = self.make_case()
        wizard = self.make_wizard(change="remove", day_id=day.id, company_id=other.id)
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.pqrs_id, case)

    def test_type(self):
        case = self.make_case()
        self.make_case(type="reclamo")
        kind = self.env.ref("sig_pqrs.type_queja")
        wizard = self.make_wizard(change="type", type_id=kind.id)
        self.assertEqual((wizard.term_days, wizard.extension_days), (15, 15))
        wizard.term_days = 10
        wizard.action_preview()
        self.assertEqual(self.lines(wizard), [(case.id, date(2026, 12, 16), date(2026, 12, 9))])
        self.assertEqual(kind.term_days, 15)
        wizard.action_apply()
        self.assertEqual(kind.term_days, 10)
        self.assertEqual(case.date_deadline, date(2026, 12, 9))
        self.assertEqual(len(self.acts(case)), 1)

    def test_incomplete(self):
        for vals in ({"change": "add"}, {"change": "add", "date": "2026-12-01"}, {"change": "remove"}, {"change": "type"}):
            wizard = self.make_wizard(**vals)
            self.assertEachRaises(UserError, wizard.action_preview, wizard.action_apply)
