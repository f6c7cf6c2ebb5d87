import logging
import re
from datetime import date

import holidays

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools.business_days import BusinessCalendar

_logger = logging.getLogger(__name__)

LEGAL_KINDS = ("holiday", "extraordinary")

#: suffix of the library for a holiday that was moved to a Monday
OBSERVED = re.compile(r"\s*\(observad[oa]\)")


class NonworkingDay(models.Model):
    """Holidays are stored, so that an upgrade of the `holidays` library never moves a date silently. A change of days
    moves the open cases that it touches, with an act on each.
    """

    _name = "sig.nonworking.day"
    _description = "Non-working Day"
    _inherit = ["sig.record.mixin"]
    _order = "date desc, id"

    # Ley 51 de 1983 moved the holidays to Mondays; `holidays` knows them until the end of the century.
    _FIRST_YEAR = 1984
    _LAST_YEAR = 2099

    date = fields.Date(required=True)
    name = fields.Char(required=True)
    kind = fields.Selection(
        [("holiday", "Holiday"), ("extraordinary", "Extraordinary"), ("company_closure", "Company closure")],
        required=True,
        default="extraordinary",
        help="Holidays and extraordinary days (declared by the authority) move legal terms; "
        "a company closure moves internal dates only.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True, ondelete="cascade"
    )

    _date_unique = models.UniqueIndex("(company_id, date, kind)", "That day is already on this company's calendar.")

    @api.constrains("date")
    def _check_date(self):
        for day in self:
            if not self._FIRST_YEAR <= day.date.year <= self._LAST_YEAR:
                raise ValidationError(self._get_years_message())

    @api.model_create_multi
    def create(self, vals_list):
        self._generate_years_of(vals_list)
        days = super().create(vals_list)
        days._after_change(days._get_span())
        return days

    def write(self, vals):
        if not {"date", "kind", "company_id"} & vals.keys():
            return super().write(vals)
        span = self._get_span()
        own = [{"date": day.date, "kind": day.kind, "company_id": day.company_id.id, **vals} for day in self]
        self._generate_years_of(own)
        result = super().write(vals)
        self._after_change(span + self._get_span())
        return result

    def unlink(self):
        span = self._get_span()
        result = super().unlink()
        self._after_change(span)
        return result

    @api.model
    def _generate_years_of(self, vals_list):
        """Generate a year before a holiday is added by hand: a year with one holiday counts as generated."""
        for vals in vals_list:
            day = fields.Date.to_date(vals.get("date"))
            if vals.get("kind") == "holiday" and day and self._FIRST_YEAR <= day.year <= self._LAST_YEAR:
                company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
                self._generate(company.sudo(), day.year, day.year)

    def _get_span(self):
        return [(day.company_id, day.date) for day in self]

    def _is_doubled(self):
        """Whether another day of the calendar moves legal terms on the same date."""
        same = [("company_id", "=", self.company_id.id), ("date", "=", self.date), ("kind", "in", LEGAL_KINDS)]
        return bool(self.search_count([*same, ("id", "!=", self.id)], limit=1))

    @api.model
    def _after_change(self, span):
        self.env.flush_all()
        self.env.registry.clear_cache()
        Change = self.env["sig.term.change"]
        for company, found in tools.groupby(span, lambda each: each[0]):
            days = sorted({day for _company, day in found})
            named = ", ".join(tools.format_date(self.env, day) for day in days[:5])
            cases = Change._get_cases_around(company, days[0])
            Change._apply(cases, self.env._("Change of the calendar: %s", named))

    @api.model
    def _get_calendar(self, company, dates, internal=False, extra=(), without=()):
        """:return: `BusinessCalendar` that covers all ``dates``, today, and the year after the last.

        :param bool internal: also skip the company's closures.
        :param extra: for previews, dates supposed non-working; ``without``, dates supposed working.
        :raises UserError: for dates outside the years of the library.
        """
        years = [day.year for day in dates]
        if min(years) < self._FIRST_YEAR or max(years) > self._LAST_YEAR:
            raise UserError(self._get_years_message())
        # wider than asked for, so that most questions are of one calendar
        this_year = company._sig_today().year
        first, last = min(*years, this_year - 1), min(max(*years, this_year + 1) + 1, self._LAST_YEAR)
        calendar = self._get_cached_calendar(company.id, internal, first, last)
        if extra or without:
            days = {day: name for day, name in calendar.holidays.items() if day not in set(without)}
            days.update(dict.fromkeys(extra, ""))
            calendar = BusinessCalendar(days, (first, last), calendar.saturday_counts, calendar.changes)
        return calendar

    @api.model
    @tools.ormcache("company_id", "internal", "first", "last")
    def _get_cached_calendar(self, company_id, internal, first, last):
        """Years without stored holidays have those of the library."""
        company = self.env["res.company"].sudo().browse(company_id)
        kinds = [*LEGAL_KINDS, "company_closure"] if internal else list(LEGAL_KINDS)
        years = [("date", ">=", date(first, 1, 1)), ("date", "<=", date(last, 12, 31))]
        domain = [("company_id", "=", company_id), ("kind", "in", kinds), *years]
        stored = self.sudo().search_fetch(domain, ["date", "name", "kind"])
        days = {}
        for year in set(range(first, last + 1)) - {day.date.year for day in stored if day.kind == "holiday"}:
            days.update(self._get_public_holidays(company, year))
        for day in stored:
            days[day.date] = f"{days[day.date]} / {day.name}" if day.date in days else day.name
        changes = map(date.fromisoformat, company.sig_saturday_changes)
        return BusinessCalendar(days, (first, last), company.sig_saturday_counts, changes)

    def _get_years_message(self):
        years = {"first": self._FIRST_YEAR, "last": self._LAST_YEAR}
        return self.env._("The calendar covers the years %(first)s to %(last)s.", **years)

    @api.model
    def _get_public_holidays(self, company, year):
        """:return: ``{date: name}`` of the company's country, in Spanish if the library can. Hook for other sources."""
        country = company.country_id.code or "CO"
        if country not in holidays.list_supported_countries():
            _logger.warning("No public holidays are known for country %s: those of Colombia are taken", country)
            country = "CO"
        languages = holidays.list_localized_countries().get(country, [])
        language = next((code for code in languages if code.split("_")[0] == "es"), None)
        published = holidays.country_holidays(country, years=year, language=language)
        return {day: OBSERVED.sub("", name) for day, name in published.items()}

    @api.model
    def _generate(self, company, first, last):
        """Store the public holidays of the years of ``company`` that have none yet. Safe to run concurrently."""
        stored = self.sudo().search_fetch([("company_id", "=", company.id), ("kind", "=", "holiday")], ["date"])
        known = {day.date.year for day in stored}
        rows = [
            (day, name, "holiday", company.id, self.env.uid, self.env.uid)
            for year in set(range(first, last + 1)) - known
            for day, name in sorted(self._get_public_holidays(company, year).items())
        ]
        if rows:
            self.env.cr.execute_values(
                """INSERT INTO sig_nonworking_day (date, name, kind, company_id, create_uid, write_uid)
                   VALUES %s ON CONFLICT DO NOTHING""",
                rows,
            )
            self.invalidate_model()
            self.env.registry.clear_cache()

    @api.model
    def _get_differences(self, company, year):
        lines = []
        for each in (year, year + 1):
            published = self._get_public_holidays(company, each)
            years = [("date", ">=", date(each, 1, 1)), ("date", "<=", date(each, 12, 31))]
            days = self.search([("company_id", "=", company.id), ("kind", "=", "holiday"), *years])
            stored = {day.date: day.name for day in days}
            for day in sorted(published.keys() ^ stored.keys()):
                args = {"date": tools.format_date(self.env, day), "name": published.get(day) or stored[day]}
                lines.append(
                    self.env._("Published, and not in the calendar: %(date)s, %(name)s.", **args)
                    if day in published
                    else self.env._("In the calendar, and not published: %(date)s, %(name)s.", **args)
                )
        return lines
