"""The business calendar of a company: what it answers, how it is kept, and whom a change of it moves."""

from datetime import datetime
from functools import partial

from odoo import Command
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import SigCommon, date, moment

NOW = "2026-11-24 15:00:00"  # 10:00 of a Tuesday in Bogotá


class CalendarCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Days = cls.env["sig.nonworking.day"]
        cls.calendar = cls.env["sig.calendar"].with_user(cls.director)

    @classmethod
    def make_company(cls, name="Segunda Empresa", **vals):
        """A company that receives PQRS."""
        company = cls.env["res.company"].create({"name": name, "country_id": cls.env.ref("base.co").id, **vals})
        cls.open_company(company)
        return company

    def add_day(self, day="2026-12-01", kind="extraordinary", company=None, user=None):
        company = company or self.company
        return self.Days.with_user(user or self.administrator).create({
            "date": day, "name": "Día cívico", "kind": kind, "company_id": company.id,
        })

    def years(self, company):
        days = self.Days.search([("company_id", "=", company.id), ("kind", "=", "holiday")])
        return sorted({day.date.year for day in days})

    def patch_library(self, change):
        """As if another version of the library published what ``change`` makes of its holidays."""
        original = self.registry["sig.nonworking.day"]._get_public_holidays

        def published(model, company, year):
            return change(original(model, company, year))

        self.patch(self.registry["sig.nonworking.day"], "_get_public_holidays", published)

    def acts(self, case, kind="calendar_change"):
        return case.sudo().act_ids.filtered(lambda act: act.kind == kind)


class TestContract(CalendarCommon):
    """What other software asks, through the ORM."""

    def test_no_days_and_days_before(self):
        self.assertEqual(self.calendar.due_date("2026-11-24", 0), "2026-11-24")
        self.assertEqual(self.calendar.count_days("2026-12-16", "2026-11-24"), -15)

    def test_dates_in_any_form(self):
        for received in (
            date(2026, 11, 24), datetime(2026, 11, 24, 23, 59), "2026-11-24", "2026-11-24 23:59:00",
            "2026-11-24T23:59:00Z",
        ):
            with self.subTest(received=received):
                self.assertEqual(self.calendar.due_date(received, 15), "2026-12-16")
                self.assertEqual(self.calendar.count_days(received, date(2026, 12, 16)), 15)

    def test_what_cannot_be_asked(self):
        """What is no date, no term, or beyond what can be known; and companies in which one does not work."""
        due, count = self.calendar.due_date, self.calendar.count_days
        for value in (
            False, None, "", "24/11/2026", "2026-02-30", "tomorrow", 20261124, True, ["2026-11-24"], {"date": "2026-11-24"},
        ):
            self.assertEachRaises(UserError, partial(due, value, 15), partial(count, "2026-11-24", value))
        self.assertEachRaises(UserError, *(partial(due, "2026-11-24", days) for days in (-1, 1.5, "15", None, True, [15], 10**9)))
        beyond = (("1950-01-02", 15), ("1983-12-31", 1), ("2100-01-01", 1), ("2099-12-20", 15))
        self.assertEachRaises(UserError, *(partial(due, *asked) for asked in beyond), partial(count, "2026-11-24", "2150-01-01"))
        other = self.make_company()
        for company_id in (other.id, other.id + 1000, [self.company.id, other.id], str(other.id)):
            dates = ("2026-11-24", "2026-12-16", company_id)
            self.assertEachRaises(AccessError, partial(due, "2026-11-24", 15, company_id), partial(count, *dates))


class TestKeeping(CalendarCommon):
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
        company = self.make_company()
        before = self.env["sig.calendar"].count_days("2034-12-31", "2035-12-31", company.id)
        other = self.make_company("Tercera Empresa")
        self.add_day("2035-07-03", "holiday", other, self.env.user)
        self.assertEqual(self.env["sig.calendar"].count_days("2034-12-31", "2035-12-31", other.id), before - 1)

    def test_no_date_moves_when_the_library_changes(self):
        case = self.make_case()
        self.patch_library(lambda holidays: {**holidays, date(2026, 12, 1): "Nuevo"})
        self.registry.clear_cache()
        self.assertEqual(self.calendar.due_date("2026-11-24", 15), "2026-12-16")
        self.Days._generate(self.company, 2025, 2028)
        self.assertEqual(self.calendar.due_date("2026-11-24", 15), "2026-12-16")
        self.assertFalse(case._refresh_terms())

    def test_differences_with_the_library_are_proposed(self):
        self.assertEqual(self.Days._get_differences(self.company, 2026), [])
        self.patch_library(
            lambda holidays: {
                **{day: name for day, name in holidays.items() if day != date(2026, 12, 25)},
                date(2026, 12, 1): "Nuevo",
            }
        )
        missing, unexpected, *next_year = self.Days._get_differences(self.company, 2026)
        self.assertRegex(missing, "Published, and not in the calendar: .*2026, Nuevo")
        self.assertRegex(unexpected, "In the calendar, and not published: .*2026, Navidad")
        self.assertEqual(len(next_year), 1)

    def test_company_of_another_country(self):
        company = self.make_company(country_id=self.env.ref("base.ec").id)
        self.assertEqual(self.env["sig.calendar"].due_date("2026-12-04", 2, company.id), "2026-12-08")

    @mute_logger("odoo.addons.sig_pqrs.models.term.nonworking_day")
    def test_company_of_a_country_that_the_library_lacks(self):
        country = self.env["res.country"].create({"name": "Ninguna parte", "code": "X9"})
        company = self.make_company(country_id=country.id)
        self.assertEqual(self.env["sig.calendar"].due_date("2026-11-24", 15, company.id), "2026-12-16")

    def test_each_company_has_its_own_days(self):
        other = self.make_company()
        user = CaseBuilder.make_user(
            self.env, "sig_both", "De ambas", "director", company_ids=[Command.set([self.company.id, other.id])]
        )
        self.add_day(company=other, user=self.env.user)
        calendar = self.env["sig.calendar"].with_user(user)
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


class TestLocalDate(CalendarCommon):
    """The date of receipt is the company's, whatever the server's."""

    def test_the_last_minute_and_the_first(self):
        for hour, minute, expected in ((23, 59, date(2026, 12, 16)), (0, 0, date(2026, 12, 17))):
            day = date(2026, 11, 24) if hour else date(2026, 11, 25)
            with self.subTest(hour=hour):
                self.assertEqual(self.make_case(when=moment(self.company, day, hour, minute)).date_deadline, expected)

    def test_another_time_zone_moves_what_was_received_on_another_date(self):
        evening = self.make_case(when=moment(self.company, date(2026, 11, 24), 20))
        morning = self.make_case()
        self.company.sig_tz = "UTC"
        self.assertEqual(evening.date_deadline, date(2026, 12, 17))
        self.assertEqual(len(self.acts(evening)), 1)
        self.assertEqual(morning.date_deadline, date(2026, 12, 16))
        self.assertFalse(self.acts(morning))

    def test_the_longest_term_needs_no_calendar_made_ahead(self):
        self.env.ref("sig_pqrs.type_queja").write({"term_days": 365, "extension_days": 365})
        self.company.sig_policy_days = 0
        self.Days.search([("company_id", "=", self.company.id), ("date", ">", "2027-12-31")]).unlink()
        case = self.make_case()
        case.action_extend(365, "Prueba pericial")
        self.assertEqual(self.calendar.count_days("2026-11-24", case.date_deadline), 730)
