from datetime import date, datetime, time, timedelta

import pytz

from odoo import api, fields, models, tools
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...tools import readable_color
from .. import clock
from ..json_list import JsonList

#: of pages, where the company has none
COLOR = "#0b5d66"

#: years of dates that somebody may mean
FIRST_YEAR, LAST_YEAR = 1900, 2200

#: business days to answer (procedure 5.1)
PROCEDURE_DAYS = 15

TIME_ZONE = "America/Bogota"

#: lowest and highest value of the settings that are numbers
RANGES = {
    **dict.fromkeys(("sig_policy_days", "sig_due_soon_days", "sig_rating_reminder_days"), (0, 365)),
    "sig_watch_hour": (0, 23),
    "sig_low_rating": (1, 5),
    "sig_survey_reminders": (0, 10),
    "sig_survey_reminder_days": (0, 90),
    "sig_survey_retention_years": (0, 100),
    "sig_repetition_count": (2, 1000),
    "sig_repetition_days": (1, 730),
}


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_tz = fields.Selection(_tz_get, "Legal time zone", required=True, default=TIME_ZONE, prefetch="sig_pqrs")
    sig_saturday_counts = fields.Boolean("Saturday is a business day", prefetch="sig_pqrs")
    #: days of its changes, each of which counts from then on
    sig_saturday_changes = JsonList(readonly=True, copy=False, prefetch="sig_pqrs")
    sig_policy_days = fields.Integer("Days to answer by policy", default=PROCEDURE_DAYS, prefetch="sig_pqrs")
    sig_due_soon_days = fields.Integer("Days of warning", default=3, prefetch="sig_pqrs")
    sig_watch_hour = fields.Integer("Hour of the daily review", default=6, prefetch="sig_pqrs")
    sig_watched_on = fields.Date(readonly=True, copy=False, prefetch="sig_pqrs")
    sig_digested_on = fields.Date(readonly=True, copy=False, prefetch="sig_pqrs")
    sig_director_id = fields.Many2one(
        "res.users", "SIG director", domain="[('share', '=', False), ('company_ids', 'in', id)]", prefetch="sig_pqrs"
    )
    sig_legal_reviewer_id = fields.Many2one(
        "res.users", "Legal reviewer", domain="[('share', '=', False), ('company_ids', 'in', id)]", prefetch="sig_pqrs"
    )
    sig_service_email = fields.Char("Service mailbox", prefetch="sig_pqrs")
    sig_low_rating = fields.Integer("Low rating", default=2, prefetch="sig_pqrs")
    sig_rating_reminder_days = fields.Integer("Days to the rating reminder", default=5, prefetch="sig_pqrs")
    sig_repetition_count = fields.Integer("Cases that repeat", default=3, prefetch="sig_pqrs")
    sig_repetition_days = fields.Integer("Days of the rule of repetition", default=60, prefetch="sig_pqrs")
    sig_setup_shown = fields.Boolean("Set-up steps", default=True, prefetch="sig_pqrs")

    def init(self):
        """Set defaults in PostgreSQL, for companies that modules loaded before this one create."""
        result = super().init()
        for name, field in self._fields.items():
            if name.startswith("sig_") and field.store and field.column_type and field.default:
                value = field.convert_to_column_insert(field.default(self), self)
                table, column = SQL.identifier(self._table), SQL.identifier(name)
                self.env.cr.execute(SQL("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s", table, column, value))
        return result

    @api.constrains(*RANGES)
    def _check_sig_ranges(self):
        for name, (low, high) in RANGES.items():
            if not all(low <= company[name] <= high for company in self):
                label = self._fields[name]._description_string(self.env)
                args = {"field": label, "low": low, "high": high}
                raise ValidationError(self.env._("“%(field)s” is between %(low)s and %(high)s.", **args))

    def write(self, vals):
        name, Change = "sig_saturday_counts", self.env["sig.term.change"]
        changed = self.filtered(lambda company: name in vals and company[name] != bool(vals[name]))
        result = super().write(vals)
        for company in changed.filtered(lambda company: company._sig_has("sig.pqrs")):  # before, nothing is to protect
            company.sig_saturday_changes += [company._sig_today().isoformat()]
        if {name, "sig_policy_days", "sig_tz"} & vals.keys():
            self.env.registry.clear_cache()
            for company in self:
                cases = Change._get_cases([("company_id", "=", company.id)])
                Change._apply(cases, self.env._("Change of the company's calendar or policy"))
        return result

    def _sig_set_up(self):
        self.env["sig.case.number"]._prepare(self)
        for company in self:
            year = company._sig_today().year
            self.env["sig.nonworking.day"]._generate(company, year - 1, year + 2)

    def _sig_zone(self):
        """The legal time zone; that of Colombia for an empty recordset."""
        return pytz.timezone(self.sudo().sig_tz or TIME_ZONE)

    def _sig_local(self, moment):
        """Local datetime, with time zone, of ``moment`` (naive UTC)."""
        return pytz.utc.localize(moment).astimezone(self._sig_zone())

    def _sig_utc(self, local):
        """Naive UTC moment of a naive local datetime."""
        return self._sig_zone().localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def _sig_format_moment(self, moment, brief=False):
        """Local date and time of ``moment`` (naive UTC), in words, or in numbers if ``brief``."""
        if brief:
            return tools.format_datetime(self.env, moment, tz=self._sig_zone().zone, dt_format="dd/MM/yyyy HH:mm")
        local = self._sig_local(moment)
        day = tools.format_date(self.env, local.date(), date_format="long")
        return f"{day}, {tools.format_time(self.env, local.time(), time_format='short')}"

    def _sig_local_date(self, moment):
        return self._sig_local(moment).date()

    def _sig_today(self):
        return self._sig_local_date(clock.now())

    def _sig_moment(self, value):
        """Naive UTC moment of a moment, of its ISO text, or of the noon of a local date.

        :raises UserError: for anything else.
        """
        try:
            if isinstance(value, str):
                text = value.strip().replace("T", " ").removesuffix("Z")
                value = fields.Date.to_date(text) if len(text) <= 10 else fields.Datetime.to_datetime(text)
        except ValueError:
            raise UserError(self.env._("“%s” is not a date.", value)) from None
        if value and (not isinstance(value, date) or not FIRST_YEAR <= value.year <= LAST_YEAR):
            raise UserError(self.env._("“%s” is not a date.", value))
        if isinstance(value, date) and not isinstance(value, datetime):
            return self._sig_utc(datetime.combine(value, time(12)))
        return value

    @api.model
    def _sig_is_day(self, value):
        return len(value.strip()) <= 10 if isinstance(value, str) else not isinstance(value, datetime)

    def _sig_date(self, value):
        """Local date of a value of `_sig_moment`, False without any."""
        return bool(value) and self._sig_local_date(self._sig_moment(value))

    def _sig_midnight(self, day):
        """Naive UTC moment at which a local day begins."""
        return self._sig_utc(datetime.combine(day, time()))

    def _sig_calendar(self, *dates, internal=False):
        """The company's business calendar, covering ``dates`` and today."""
        company = self.sudo()
        days = company.env["sig.nonworking.day"]
        return days._get_calendar(company, [company._sig_today(), *dates], internal=internal)

    def _sig_business_day_of_month(self, day, number):
        eve = day.replace(day=1) - timedelta(days=1)
        return self._sig_calendar(eve, eve + timedelta(days=31 + 2 * number)).add(eve, number)

    def _sig_get_color(self):
        return readable_color.darken(self.sudo().primary_color, COLOR)

    def _sig_get_name_beside(self):
        """The name beside a number of the company, where there are several; empty where there is one."""
        return (self.sudo().name or "") if len(self.env.companies) > 1 else ""

    def _sig_get_contact_email(self):
        company = self.sudo()
        return company.sig_service_email or company.email or ""

    def _sig_get_mail_values(self):
        """Values of outgoing mails of the company: its domain gives return path and mail server."""
        company = self.sudo()
        return {
            "record_company_id": company.id,
            "record_alias_domain_id": company.alias_domain_id.id,
            "reply_to": company.catchall_formatted or company._sig_get_sender(),
        }

    def _sig_get_sender(self):
        company, alias = self.sudo(), self.sudo().sig_alias_id.filtered("alias_domain_id")  # else it is no address
        return company.sig_service_email or company.email_formatted or alias.alias_full_name or False

    def _sig_get_director(self, recused=()):
        """Who receives the work of the SIG: another one if they have no role or give way; empty when nobody has it."""
        self.ensure_one()
        director = self.sudo().sig_director_id._sig_filter_active("sig_director", self)
        if director and director not in recused:
            return director
        others = self._sig_find_users("sig_pqrs.group_sig_director").filtered(lambda user: user not in recused)
        return others.sorted(lambda user: user.has_group("sig_pqrs.group_administrator"))[:1] or director

    def _sig_get_top_management(self):
        self.ensure_one()
        return self._sig_find_users("sig_pqrs.group_top_management")

    def _sig_find_users(self, role):
        groups, users = self.env.ref(role), self.env["res.users"].sudo().with_context(active_test=True)
        domain = [("all_group_ids", "in", groups.ids), ("company_ids", "in", self.ids), ("share", "=", False)]
        return users.search(domain, order="id")

    def _sig_filter_own(self, users):
        return users.filtered(lambda user: user.active and not user.share and self in user.company_ids)

    def _sig_check_own(self, users):
        """:raises ValidationError: for users who are nobody of the company."""
        for user in users.filtered(lambda user: user.share or self not in user.company_ids):
            raise ValidationError(self.env._("%s is nobody of the company.", user.name))

    def _sig_filter_staff(self, users):
        self.ensure_one()
        return users._sig_filter_active("collaborator", self)

    def _sig_check_staff(self, users, roles=("collaborator",)):
        for user in users.sudo() - users.sudo()._sig_filter_able(roles, self):
            labels = ", ".join(self.env.ref(f"sig_pqrs.group_{role}").sudo().name for role in roles)
            names = {"user": user.name, "company": self.name, "roles": labels}
            text = self.env._("%(user)s is not an active user of %(company)s with this role: %(roles)s.", **names)
            raise ValidationError(text)

    @api.model
    def _sig_get_worked_in(self, company_id=False):
        """The company of an id, the current one by default, as superuser.

        :raises AccessError: for one in which the user does not work.
        """
        company = self.browse(company_id if type(company_id) is int else []) if company_id else self.env.company
        if not self.env.su and company not in self.env.user.company_ids:
            raise AccessError(self.env._("You do not work in that company."))
        return company.sudo()

    def _sig_lang(self):
        """Language of jobs: that of the SIG director, else of the company."""
        return self._sig_get_director().lang or self.sudo().partner_id.lang
