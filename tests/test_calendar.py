"""The business calendar of a company: what it answers, how it is kept, and whom a change of it moves."""

from datetime import datetime, timedelta
from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import format_date, mute_logger

from .common import SigCommon, date, freeze_time, moment


class CalendarCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Days = cls.env["sig.nonworking.day"]
        cls.calendar = cls.env["sig.calendar"].with_user(cls.director)

    @classmethod
    def make_company(cls, name="Segunda Empresa", **vals):
        company = cls.env["res.company"].create({"name": name, "country_id": cls.env.ref("base.co").id, **vals})
        cls.open_company(company)
        return company

    def add_day(self, day="2026-12-01", kind="extraordinary", company=None, user=None):
        company = company or self.company
        vals = {"date": day, "name": "Día cívico", "kind": kind, "company_id": company.id}
        return self.Days.with_user(user or self.administrator).create(vals)

    def years(self, company):
        days = self.Days.search([("company_id", "=", company.id), ("kind", "=", "holiday")])
        return sorted({day.date.year for day in days})

    def acts(self, case, kind="calendar_change"):
        return case.sudo().act_ids.filtered(lambda act: act.kind == kind)


class TestCalendar(CalendarCommon):
    """What other software asks, through the ORM, and how the days of a company are kept."""

    def test_dates_in_any_form(self):
        days = (date(2026, 11, 24), datetime(2026, 11, 24, 23, 59))
        for received in (*days, "2026-11-24", "2026-11-24 23:59:00", "2026-11-24T23:59:00Z"):
            with self.subTest(received=received):
                self.assertEqual(self.calendar.due_date(received, 15), "2026-12-16")
                self.assertEqual(self.calendar.count_days(received, date(2026, 12, 16)), 15)
        self.assertEqual(self.calendar.due_date("2026-11-24", 0), "2026-11-24")
        self.assertEqual(self.calendar.count_days("2026-12-16", "2026-11-24"), -15)

    def test_what_cannot_be_asked(self):
        """What is no date, no term, or beyond what can be known; and companies in which one does not work."""
        due, count = self.calendar.due_date, self.calendar.count_days
        others = (False, None, 20261124, True, ["2026-11-24"], {"date": "2026-11-24"})
        for value in ("", "24/11/2026", "2026-02-30", "tomorrow", *others):
            self.assertEachRaises(UserError, partial(due, value, 15), partial(count, "2026-11-24", value))
        self.assertEachRaises(UserError, *(partial(due, "2026-11-24", days) for days in (-1, 1.5, "15", None, True, [15], 10**9)))
        beyond = (("1950-01-02", 15), ("1983-12-31", 1), ("2100-01-01", 1), ("2099-12-20", 15))
        self.assertEachRaises(UserError, *(partial(due, *asked) for asked in beyond), partial(count, "2026-11-24", "2150-01-01"))
        other = self.make_company()
        for company_id in (other.id, other.id + 1000, [self.company.id, other.id], str(other.id)):
            dates = ("2026-11-24", "2026-12-16", company_id)
            self.assertEachRaises(AccessError, partial(due, "2026-11-24", 15, company_id), partial(count, *dates))

    def test_a_company_has_its_years_once_it_receives_pqrs(self):
        self.assertFalse(self.years(self.env["res.company"].create({"name": "De otros negocios"})))
        self.assertEqual(self.years(self.make_company()), [2025, 2026, 2027, 2028])

    def test_years_that_are_not_stored(self):
        company = self.make_company()
        Calendar = self.env["sig.calendar"]
        self.assertEqual(Calendar.due_date("2031-06-13", 10, company.id), "2031-07-02")
        self.assertEqual(Calendar.due_date("2020-06-12", 10, company.id), "2020-07-01")
        self.assertEqual(self.years(company), [2025, 2026, 2027, 2028])

    def test_a_removed_holiday_stays_removed(self):
        company = self.make_company()
        self.Days.search([("company_id", "=", company.id), ("date", "=", "2026-12-08")]).unlink()
        self.Days._generate(company, 2025, 2030)
        self.assertEqual(self.env["sig.calendar"].due_date("2026-11-24", 15, company.id), "2026-12-15")

    def test_a_holiday_in_a_year_not_written_down_yet(self):
        """One declared far ahead does not pass for all those of its year."""
        before = self.env["sig.calendar"].count_days("2034-12-31", "2035-12-31", self.make_company().id)
        other = self.make_company("Tercera Empresa")
        self.add_day("2035-07-03", "holiday", other, self.env.user)
        self.assertEqual(self.env["sig.calendar"].count_days("2034-12-31", "2035-12-31", other.id), before - 1)

    def test_no_date_moves_when_the_library_changes(self):
        case = self.make_case()
        published = self.registry["sig.nonworking.day"]._get_public_holidays
        self.patch(
            self.registry["sig.nonworking.day"], "_get_public_holidays",
            lambda days, company, year: {**published(days, company, year), date(2026, 12, 1): "Nuevo"},
        )
        self.registry.clear_cache()
        self.assertEqual(self.calendar.due_date("2026-11-24", 15), "2026-12-16")
        self.Days._generate(self.company, 2025, 2028)
        self.assertEqual(self.calendar.due_date("2026-11-24", 15), "2026-12-16")
        self.assertFalse(case._refresh_terms())

    @mute_logger("odoo.addons.sig_pqrs.models.term.nonworking_day")
    def test_company_of_another_country(self):
        """Also of one that the library lacks."""
        company = self.make_company(country_id=self.env.ref("base.ec").id)
        self.assertEqual(self.env["sig.calendar"].due_date("2026-12-04", 2, company.id), "2026-12-08")
        country = self.env["res.country"].create({"name": "Ninguna parte", "code": "X9"})
        company = self.make_company("Tercera Empresa", country_id=country.id)
        self.assertEqual(self.env["sig.calendar"].due_date("2026-11-24", 15, company.id), "2026-12-16")

    def test_each_company_has_its_own_days(self):
        other = self.make_company()
        self.director.company_ids |= other
        self.add_day(company=other, user=self.env.user)
        calendar = self.env["sig.calendar"].with_user(self.director)
        self.assertEqual(calendar.due_date("2026-11-24", 15), "2026-12-16")
        self.assertEqual(calendar.due_date("2026-11-24", 15, other.id), "2026-12-17")
        self.assertEqual(calendar.with_company(other).due_date("2026-11-24", 15), "2026-12-17")

    def test_days_beyond_the_calendar(self):
        self.assertEachRaises(UserError, *(partial(self.add_day, day) for day in ("1900-01-01", "1983-12-31", "2100-01-01")))

    def test_one_date_with_two_names_is_one_day(self):
        self.add_day("2026-12-08")
        self.assertEqual(self.calendar.due_date("2026-11-24", 15), "2026-12-16")
        holidays = self.Days._get_calendar(self.company, [date(2026, 12, 8)]).holidays
        self.assertHolds(holidays[date(2026, 12, 8)], "Inmaculada", "Día cívico")

    def test_the_last_minute_and_the_first(self):
        """The date of receipt is the company's, whatever the server's."""
        for hour, minute, expected in ((23, 59, date(2026, 12, 16)), (0, 0, date(2026, 12, 17))):
            day = date(2026, 11, 24) if hour else date(2026, 11, 25)
            with self.subTest(hour=hour):
                self.assertEqual(self.make_case(when=moment(self.company, day, hour, minute)).date_deadline, expected)

    def test_another_time_zone_moves_what_was_received_on_another_date(self):
        evening = self.make_case(when=moment(self.company, date(2026, 11, 24), 20))
        morning = self.make_case()
        self.company.sig_tz = "UTC"
        self.assertEqual((evening.date_deadline, len(self.acts(evening))), (date(2026, 12, 17), 1))
        self.assertEqual((morning.date_deadline, self.acts(morning).ids), (date(2026, 12, 16), []))

    def test_the_longest_term_needs_no_calendar_made_ahead(self):
        self.env.ref("sig_pqrs.type_queja").write({"term_days": 365, "extension_days": 365})
        self.company.sig_policy_days = 0
        self.Days.search([("company_id", "=", self.company.id), ("date", ">", "2027-12-31")]).unlink()
        case = self.make_case()
        case.action_extend(365, "Prueba pericial")
        self.assertEqual(self.calendar.count_days("2026-11-24", case.date_deadline), 730)


class TestMoves(CalendarCommon):
    """A change of the calendar or of a type moves the open cases, each with an act."""

    def move(self, old, new):
        """Data of the act of a case whose operative and legal deadlines are one."""
        return {"old": old, "new": new, "old_legal": old, "new_legal": new}

    def test_extraordinary_day_moves_open_cases(self):
        case = self.make_case()
        self.add_day()
        self.assertEqual((case.date_deadline, case.date_legal), (date(2026, 12, 17), date(2026, 12, 17)))
        act = self.acts(case)
        self.assertEqual((act.data, act.user_id), (self.move("2026-12-16", "2026-12-17"), self.administrator))
        self.assertIn(format_date(self.env, date(2026, 12, 1)), act.note)
        self.assertChain(case)

    def test_the_client_of_a_later_date_is_told(self):
        case, silent = self.make_case(), self.make_anonymous()
        day = self.add_day()
        self.assertTrue(case.sudo().date_notice_pending)
        self.assertFalse(silent.sudo().date_notice_pending, "nobody can be told")
        self.assertEqual(silent.date_deadline, date(2026, 12, 17))
        case.sudo().date_notice_pending = False
        day.unlink()
        self.assertEqual(case.date_deadline, date(2026, 12, 16))
        self.assertEqual(self.acts(case).mapped("data")[-1], self.move("2026-12-17", "2026-12-16"))
        self.assertFalse(case.sudo().date_notice_pending, "an earlier date hurts no client")

    def test_changing_the_date_of_a_day(self):
        case = self.make_case()
        day = self.add_day("2027-03-02")
        self.assertFalse(self.acts(case))
        day.date = date(2026, 12, 1)
        self.assertEqual(case.date_deadline, date(2026, 12, 17))
        day.date = date(2027, 3, 2)
        self.assertEqual(case.date_deadline, date(2026, 12, 16))

    def test_days_that_touch_no_term(self):
        case = self.make_case()
        for day in ("2026-11-24", "2026-11-28", "2026-12-08", "2026-12-17"):
            self.add_day(day)
        self.assertEqual((case.date_deadline, self.acts(case).ids), (date(2026, 12, 16), []))

    def test_closed_cases_never_move(self):
        answered = self.make_closed()
        withdrawn, cancelled = self.make_case(), self.make_case()
        withdrawn.action_withdraw("Desiste")
        cancelled.action_cancel("spam", "Publicidad")
        cases = answered | withdrawn | cancelled
        self.add_day()
        self.env.ref("sig_pqrs.type_queja").term_days = 10
        self.company.sig_saturday_counts = True
        self.assertEqual(set(cases.mapped("date_deadline")), {date(2026, 12, 16)})
        self.assertFalse(cases.sudo().act_ids.filtered(lambda act: act.kind == "calendar_change"))

    def test_terms_that_ended_before_the_day_do_not_move(self):
        case = self.make_case(date_received="2026-10-20")
        self.assertEqual(case.date_deadline, date(2026, 11, 11))
        self.add_day()
        self.assertEqual(case.date_deadline, date(2026, 11, 11))
        self.add_day("2026-11-10")
        self.assertEqual(case.date_deadline, date(2026, 11, 12), "a day declared afterwards counts all the same")

    def test_copies_follow_a_day_after_the_term(self):
        """The copies are due three business days after a term that is over."""
        case = self.make_case(type="informacion", date_received="2026-11-06")
        self.assertEqual((case.date_deadline, case.next_duty, case.next_duty_date), (date(2026, 11, 23), "copies", date(2026, 11, 26)))
        self.add_day("2026-11-25")
        self.assertEqual(case.next_duty_date, date(2026, 11, 27))

    def test_drafts_follow_every_day(self):
        """A closure of the company moves them alone."""
        assignment = self.make_assignment()
        case, before = assignment.pqrs_id, assignment.date_due
        closure = before - timedelta(days=1)
        self.assertLess(before, case.date_deadline)
        self.add_day(closure, "company_closure")
        self.assertGreater(assignment.date_due, before)
        self.assertEqual(case.date_deadline, date(2026, 12, 16))
        self.assertFalse(self.acts(case) or case.sudo().date_notice_pending)
        before = assignment.date_due
        day = self.add_day(before)
        self.assertGreater(assignment.date_due, before)
        day.unlink()
        self.assertEqual(assignment.date_due, before)

    def test_settings_move_open_cases(self):
        case = self.make_case()
        self.company.sig_policy_days = 10
        self.assertEqual((case.date_deadline, case.date_legal), (date(2026, 12, 9), date(2026, 12, 16)))
        said = ("Deadline: 16/12/2026 → 09/12/2026.", "Legal deadline: 16/12/2026, as before.")
        self.assertHolds(self.acts(case).note, *said)
        self.company.sig_saturday_counts = True
        self.assertEqual((case.date_deadline, case.date_legal), (date(2026, 12, 5), date(2026, 12, 12)))
        self.assertIn("Legal deadline: 16/12/2026 → 12/12/2026.", self.acts(case).sorted("number")[-1].note)

    def test_a_change_of_saturdays_counts_from_its_day_on(self):
        """What was in time when it was done stays so, as the extension of a last day."""
        case = self.make_case(date_received="2026-10-30")
        case.action_extend(15, "Prueba pericial")
        for today, counts, deadline in (("11-25", True, date(2026, 12, 12)), ("12-09", False, date(2026, 12, 14))):
            with freeze_time(f"2026-{today} 15:00:00"):
                self.company.sig_saturday_counts = counts
                self.assertEqual(case.date_deadline, deadline)

    def test_date_of_an_authority_never_moves(self):
        before, case, after = self.make_case(), self.make_case(type="autoridad", authority_deadline="2026-12-10 20:00:00"), self.make_case()
        self.add_day()
        self.assertEqual(case.date_deadline, date(2026, 12, 10))
        self.assertFalse(self.acts(case))
        self.assertEqual(set((before | after).mapped("date_deadline")), {date(2026, 12, 17)}, "those around it move")

    def test_a_day_on_the_last_one_to_complete_or_to_copy_moves_it(self):
        case = self.make_case(type="sugerencia")
        case.action_request_information("Fotocopia de la cédula")
        self.builder.tell(case)
        self.add_day("2026-12-24")
        self.assertEqual(case.next_duty_date, date(2026, 12, 28))
        self.assertEqual((case.suspended, case.date_deadline, self.acts(case).ids), (True, False, []))
        copies = self.make_case(type="informacion")
        self.add_day("2026-12-11")
        self.assertEqual((copies.date_legal, copies._get_duty_date("copies")), (date(2026, 12, 9), date(2026, 12, 15)))


class TestWizard(CalendarCommon):
    """The dialog that shows what a change of the calendar or of a term moves, before it is made."""

    def make_wizard(self, user=None, **vals):
        return self.env["sig.calendar.wizard"].with_user(user or self.administrator).create(vals)

    def add_wizard(self, **vals):
        return self.make_wizard(**{"change": "add", "date": "2026-12-01", "name": "Día cívico", **vals})

    def lines(self, wizard):
        return [(line.pqrs_id.id, line.old_date, line.new_date) for line in wizard.line_ids]

    def assertPreviewed(self, wizard, action):
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))

    def test_two_change_one_type(self):
        kind = self.env.ref("sig_pqrs.type_queja")
        with Form(self.make_wizard(change="type", type_id=kind.id)) as form:
            kind.with_user(self.administrator).extension_days = 7
            form.transfer_days = 4
        form.record.action_preview()
        form.record.action_apply()
        self.assertEqual((kind.extension_days, kind.transfer_days), (7, 4))

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

    def test_remove(self):
        """It is about the company of the day."""
        other = self.make_company()
        self.administrator.company_ids |= other
        day = self.add_day()
        case = self.make_case()
        wizard = self.make_wizard(change="remove", day_id=day.id, company_id=other.id)
        wizard.action_preview()
        self.assertEqual(self.lines(wizard), [(case.id, date(2026, 12, 17), date(2026, 12, 16))])
        wizard.action_apply()
        self.assertFalse(day.exists())
        self.assertEqual(case.date_deadline, date(2026, 12, 16))

    def test_type(self):
        case = self.make_case()
        self.make_case(type="reclamo")
        kind = self.env.ref("sig_pqrs.type_queja")
        wizard = self.make_wizard(change="type", type_id=kind.id)
        self.assertEqual((wizard.term_days, wizard.extension_days), (15, 15))
        wizard.term_days = 10
        wizard.action_preview()
        self.assertEqual((self.lines(wizard), kind.term_days), ([(case.id, date(2026, 12, 16), date(2026, 12, 9))], 15))
        wizard.action_apply()
        self.assertEqual((kind.term_days, case.date_deadline, len(self.acts(case))), (10, date(2026, 12, 9), 1))

    def test_incomplete(self):
        for vals in ({"change": "add"}, {"change": "add", "date": "2026-12-01"}, {"change": "remove"}, {"change": "type"}):
            wizard = self.make_wizard(**vals)
            self.assertEachRaises(UserError, wizard.action_preview, wizard.action_apply)
        self.assertEachRaises(UserError, self.add_wizard(date="2026-12-08").action_preview)  # it is a holiday already
