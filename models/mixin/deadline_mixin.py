from datetime import timedelta
from operator import methodcaller

from odoo import api, fields, models
from odoo.fields import Domain

#: states that need attention, most urgent first
PRESSING = ("overdue", "due_today", "due_soon")

#: records whose state is refreshed in one transaction
BATCH = 500


class DeadlineMixin(models.AbstractModel):
    """Due on a date; the state, stored for lists, counters and automation rules, follows the record and the day."""

    _name = "sig.deadline.mixin"
    _description = "Deadline"

    #: field that holds the date
    _deadline_field = "date_deadline"
    #: whether it is counted in days on which the company works, without its closures
    _deadline_is_internal = False
    #: states on entering which who must act is reminded
    _reminded_states = ("due_soon", "due_today", "overdue")

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

    def _get_deadline_depends(self):
        return []

    @api.depends(lambda self: self._get_deadline_depends())
    def _compute_deadline_state(self):
        for company, records in self.grouped("company_id").items():
            limits = self._get_deadline_limits(company)
            for record in records:
                record.deadline_state = record._get_deadline_state(*limits)

    @api.model
    def _get_deadline_limits(self, company):
        """Today, and the last date that is due soon, by the local date of a company."""
        company = (company or self.env.company).sudo()
        today = company._sig_today()
        return today, company._sig_calendar(internal=self._deadline_is_internal).add(today, company.sig_due_soon_days)

    def _get_deadline_state(self, today, soon):
        if settled := self._get_settled_deadline_state():
            return settled
        day = self[self._deadline_field]
        if not day:
            return "not_applicable"
        if day < today:
            return "overdue"
        if day == today:
            return "due_today"
        return "due_soon" if day <= soon else "on_track"

    def _get_settled_deadline_state(self):
        """That of what does not wait any more; here, of what is done on a date, and open until then."""
        if self.state == "done":
            is_late = self.company_id._sig_local_date(self.date_done) > self[self._deadline_field]
            return "answered_late" if is_late else "answered_on_time"
        return False if self.state == "open" else "not_applicable"

    @api.model
    @api.readonly
    def get_unusual_days(self, date_from, date_to=None):
        """Days on which the company does not work, which calendars show in grey: ``{ISO date: True}``."""
        self.check_access("read")
        to_date = self.env["sig.calendar"]._to_date
        first, last = to_date(date_from), to_date(date_to or date_from)
        calendar = self.env.company._sig_calendar(first, last, internal=True)
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return {day.isoformat(): True for day in days if not calendar.is_business_day(day)}

    def _get_deadline_recipients(self):
        """``{record: user who must act}``."""
        raise NotImplementedError

    @api.model
    def _refresh_deadline_state(self, company):
        today, soon = self._get_deadline_limits(company)
        running = Domain("company_id", "=", company.id) & self._get_running_domain()
        fname = self._deadline_field
        dates = {
            "overdue": Domain(fname, "<", today),
            "due_today": Domain(fname, "=", today),
            "due_soon": Domain(fname, ">", today) & Domain(fname, "<=", soon),
            "on_track": Domain(fname, ">", soon),
        }
        for state, in_range in dates.items():
            domain = running & in_range & Domain("deadline_state", "!=", state)
            records = self.search(domain, order="id")
            for start in range(0, len(records), BATCH):
                # Another transaction may have closed some since the last commit.
                batch = records[start : start + BATCH].try_lock_for_update(allow_referencing=True)
                batch = self.search(domain & Domain("id", "in", batch.ids))
                self.env["sig.record.mixin"]._in_isolation(batch, methodcaller("_enter_deadline_state", state))
                if start + BATCH < len(records):
                    self.env["ir.cron"]._commit_progress()
        # as after an extension
        reminder = self.env.ref("sig_pqrs.activity_deadline")
        self.search(
            [
                ("company_id", "=", company.id),
                ("deadline_state", "in", ("on_track", "suspended")),
                ("activity_ids", "any", [("activity_type_id", "=", reminder.id)]),
            ]
        ).activity_unlink(["sig_pqrs.activity_deadline"])

    @api.model
    def _get_running_domain(self):
        return Domain("state", "=", "open")

    def _enter_deadline_state(self, state):
        self.with_context(tracking_disable=True).write({"deadline_state": state})
        if state not in self._reminded_states:
            return
        summary = self.env._("%s: see to it", self._get_choices("deadline_state")[state])
        self.activity_unlink(["sig_pqrs.activity_deadline"])
        activities = self.activity_search(self._own_activities)
        asked = activities.grouped(lambda row: (row.res_id, row.date_deadline))
        recipients = {
            record: users - asked.get((record.id, record[self._deadline_field]), activities.browse()).user_id
            for record, users in self._get_deadline_recipients().items()
        }
        self.env["sig.staff.notice"]._schedule_activities(
            self,
            recipients,
            "sig_pqrs.activity_deadline",
            deadlines={record: record[self._deadline_field] for record in self},
            summary=summary,
        )
