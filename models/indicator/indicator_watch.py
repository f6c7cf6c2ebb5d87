from odoo import api, models

from ...tools import periods

#: periods that are measured afterwards at most, when the job did not run or the software is new
CATCH_UP = {"month": 12, "semester": 1}


class IndicatorWatch(models.Model):
    """Measures what is due, from the first business day of the month on; what was missed before, too."""

    _inherit = "sig.indicator"

    @api.model
    def _measure_due(self, company):
        """Measure what is over and was not measured yet in a company. Safe to run twice.

        :return: the new measures.
        """
        measures = self.env["sig.indicator.measure"]
        today = company._sig_today()
        if today < company._sig_business_day_of_month(today, 1):
            return measures
        for frequency, indicators in self._get_for(company).grouped("frequency").items():
            for period, due in indicators._get_due_periods(company, frequency, today).items():
                measures |= due._measure(company, period)
        return measures

    def _get_due_periods(self, company, frequency, today):
        """``{period: indicators not measured in it}``, from the first case of the company on, the oldest first."""
        first = self.env["sig.pqrs"].search([("company_id", "=", company.id)], order="date_received", limit=1)
        last = periods.last_complete(today, frequency)
        start = last
        for _step in range(CATCH_UP[frequency] - 1):
            start = periods.before(start, frequency)
        first_day = company._sig_local_date(first.date_received) if first else last.start
        known = self._get_measured(company, start.start)
        due = {}
        for period in periods.between(max(start.start, min(first_day, last.start)), last.end, frequency):
            missing = self.filtered(
                lambda indicator, period=period: (
                    (period.start, indicator) not in known and indicator._is_due_in(company, period)
                )
            )
            if missing:
                due[period] = missing
        return due

    def _get_measured(self, company, since):
        """``{(first day of a period, indicator)}`` of what is not to be measured again.

        A draft that was taken before its period was over is: it holds the figures of a part. So is one of a day to
        come, taken by a clock that ran ahead.
        """
        today = company._sig_today()
        measures = (
            self.env["sig.indicator.measure"].search_fetch(
                [("indicator_id", "in", self.ids), ("company_id", "=", company.id), ("date_from", ">=", since)],
                ["date_from", "date_to", "indicator_id", "state", "date_measured"],
            )
        )
        early = measures.filtered(
            lambda measure: (
                measure.state == "draft"
                and measure.kind != "manual"
                and measure.date_measured
                and not measure.date_to < company._sig_local_date(measure.date_measured) <= today
            )
        )
        partial = {(measure.date_from, measure.indicator_id) for measure in early}
        return {(measure.date_from, measure.indicator_id) for measure in measures} - partial

    def _is_due_in(self, company, period):
        """What is written by hand begins with the indicator: nobody owes the figures of months before it."""
        return self.kind != "manual" or company._sig_local_date(self.create_date) <= period.end


class IndicatorsReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self.env["sig.indicator"]._measure_due]
