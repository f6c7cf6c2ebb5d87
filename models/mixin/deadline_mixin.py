from odoo import api, fields, models

#: states that call for somebody's attention, the latest first
PRESSING = ("overdue", "due_today", "due_soon")


class DeadlineMixin(models.AbstractModel):
    """Something due on a date, whose state the daily review keeps.

    The state is stored: lists, counters, filters and automation rules read it. It is computed when something happens
    to the record, and by `_refresh_deadline_state` as days go by.
    """

    _name = "sig.deadline.mixin"
    _description = "Deadline"

    #: field that holds the date
    _deadline_field = "date_deadline"

    deadline_state = fields.Selection(
        [
            ("on_track", "On track"),
            ("due_soon", "Due soon"),
            ("due_today", "Due today"),
            ("overdue", "Overdue"),
            ("suspended", "Suspended"),
            ("answered_on_time", "Answered on time"),
            ("answered_late", "Answered late"),
            ("not_applicable", "Not applicable"),
        ],
        "Deadline state",
        compute="_compute_deadline_state",
        store=True,
        precompute=True,
        index=True,
        help="How it stands against its date: it is reviewed every morning.",
    )
    is_overdue = fields.Integer(compute="_compute_deadline_state", store=True, precompute=True, aggregator="sum")

    def _get_deadline_depends(self):
        return []

    @api.depends(lambda self: self._get_deadline_depends())
    def _compute_deadline_state(self):
        for company, records in self.grouped("company_id").items():
            limits = self._get_deadline_limits(company)
            for record in records:
                record.deadline_state = record._get_deadline_state(*limits)
                record.is_overdue = int(record.deadline_state == "overdue")

    @api.model
    def _get_deadline_limits(self, company):
        """Today, and the last date that is due soon, in a company."""
        company = (company or self.env.company).sudo()
        today = company._sig_today()
        return today, company._sig_calendar().add(today, company.sig_due_soon_days)

    def _get_deadline_state(self, today, soon):
        settled = self._get_settled_deadline_state()
        if settled:
            return settled
        return self._get_running_deadline_state(self[self._deadline_field], today, soon)

    def _get_settled_deadline_state(self):
        """The state of what no longer runs, or False."""
        raise NotImplementedError

    @api.model
    def _get_running_deadline_state(self, day, today, soon):
        if not day:
            return "not_applicable"
        if day < today:
            return "overdue"
        if day == today:
            return "due_today"
        return "due_soon" if day <= soon else "on_track"

    @api.model
    def _get_deadline_ranges(self, today, soon):
        """``{state: domain on the date}`` of what runs."""
        fname = self._deadline_field
        return {
            "overdue": [(fname, "<", today)],
            "due_today": [(fname, "=", today)],
            "due_soon": [(fname, ">", today), (fname, "<=", soon)],
            "on_track": [(fname, ">", soon)],
        }
