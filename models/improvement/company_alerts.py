from datetime import timedelta

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_repetition_count = fields.Integer("Cases that repeat", default=3)
    sig_repetition_days = fields.Integer("Days of the rule of repetition", default=60)
    sig_backlog_limit = fields.Integer("Overdue cases that alert", default=5)

    def _sig_business_day_of_month(self, day, number):
        """Date of the n-th business day of the month of ``day``."""
        eve = day.replace(day=1) - timedelta(days=1)
        return self._sig_calendar(eve, eve + timedelta(days=31 + 2 * number)).add(eve, number)
