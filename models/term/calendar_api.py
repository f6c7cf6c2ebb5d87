from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.business_days import CoverageError


class Calendar(models.AbstractModel):
    """RPC contract of the business calendar: dates or ISO dates in, ISO dates out."""

    _name = "sig.calendar"
    _description = "Business Calendar"

    @api.model
    @api.readonly
    def due_date(self, received, days, company_id=False):
        """Last day (ISO) of a term of business days from ``received``, day zero, in a company of the user."""
        company = self._get_company(company_id)
        start = self._to_date(received)
        if isinstance(days, bool) or not isinstance(days, int) or days < 0:
            raise UserError(self.env._("A term is a whole number of days, zero or more."))
        NonworkingDay = self.env["sig.nonworking.day"]
        # Two calendar days a business day and two months more reach beyond any term.
        ordinal = min(start.toordinal() + 2 * days + 60, date(NonworkingDay._LAST_YEAR, 12, 31).toordinal())
        calendar = NonworkingDay._get_calendar(company, [start, date.fromordinal(max(ordinal, start.toordinal()))])
        try:
            return calendar.add(start, days).isoformat()
        except CoverageError as error:
            raise UserError(self.env._("A term of %s days is beyond the calendar.", days)) from error

    @api.model
    @api.readonly
    def count_days(self, start, end, company_id=False):
        """Business days from ``start`` (excluded) to ``end`` (included); negative when ``end`` comes first."""
        company = self._get_company(company_id)
        start, end = self._to_date(start), self._to_date(end)
        return self.env["sig.nonworking.day"]._get_calendar(company, [start, end]).count(start, end)

    def _get_company(self, company_id):
        if not self.env.su and not self.env.user._is_internal():
            raise AccessError(self.env._("The business calendar is for employees."))
        return self.env["res.company"]._sig_get_worked_in(company_id)

    def _to_date(self, value):
        try:
            day = fields.Date.to_date(value)
        except (ValueError, TypeError, KeyError):
            day = None
        if not day:
            raise UserError(self.env._("“%s” is not a date.", value))
        return day
