from datetime import timedelta

from odoo import models

from .. import clock
from ..mixin.transitions import OPEN, RUNNING
from .priority import URGENT


class CaseAlarm(models.AbstractModel):
    """Whom the assessment of cases notifies at once: of danger, of evidence to preserve."""

    _name = "sig.case.alarm"
    _description = "Alarms of Cases"

    def _raise(self, cases):
        """Notify who must preserve evidence, and who must act on urgent cases without a measure."""
        self._request_evidence(cases)
        urgent = cases.sudo().filtered(
            lambda case: case.priority == URGENT and case.state in RUNNING and not case.immediate_measure_on
        )
        cases._in_isolation(urgent, self._send_urgent_notices)

    def _send_urgent_notices(self, cases):
        """Notify who must act on the cases, unless their activity is open already."""
        kind = self.env.ref("sig_pqrs.activity_urgent")
        people = {
            case: users - case.activity_ids.filtered(lambda activity: activity.activity_type_id == kind).user_id
            for case, users in self._get_urgent_people(cases).items()
        }
        cases = cases.filtered(lambda case: people[case])
        if not cases:
            return
        Notice = self.env["sig.staff.notice"]
        today = {case: case.company_id._sig_today() for case in cases}
        Notice._schedule_activities(cases, people, "sig_pqrs.activity_urgent", today)
        Notice._mail_about(
            cases,
            people,
            lambda case: case.env._("URGENT – danger to life: %s", case.name),
            lambda case: "\n".join(
                [
                    *filter(None, [f"{case.type_id.name} · {case.subject}", case.site]),
                    case.env._("Take the immediate measures now and record them on the case."),
                ]
            ),
            apart=True,
        )
        self.env["ir.cron"]._sig_trigger_mails()

    def _get_urgent_people(self, cases):
        """:return: ``{case: users}``: SIG director, drafters and approvers. Hook for other addons."""
        people = {case: case.company_id._sig_get_director() for case in cases}
        for assignment, approver in cases._get_current_assignments()._get_approvers().items():
            people[assignment.pqrs_id] |= assignment.user_id | approver
        return {case: self._filter_told(case, users) for case, users in people.items()}

    def _filter_told(self, case, users):
        own = case.company_id._sig_filter_own(users)
        return own.filtered(lambda user: not case.restricted or case._sig_filter_readable_by(user))

    def _request_evidence(self, cases):
        """Schedule an activity, due in 24 hours, on each case with evidence to preserve; it follows the responsible."""
        pending = cases.sudo().filtered(
            lambda case: case.preserve_evidence and not case.evidence_preserved_on and case.state in OPEN
        )
        if not pending:
            return
        kind = self.env.ref("sig_pqrs.activity_evidence")
        keepers = {case: self._get_evidence_keeper(case) for case in pending}
        asked = {case: case.activity_ids.filtered(lambda each: each.activity_type_id == kind) for case in pending}
        moved = pending.filtered(lambda case: keepers[case] and asked[case].user_id != keepers[case])
        tomorrow = clock.now() + timedelta(hours=24)
        deadlines = {case: asked[case][:1].date_deadline or case.company_id._sig_local_date(tomorrow) for case in moved}
        moved.activity_unlink(["sig_pqrs.activity_evidence"])
        self.env["sig.staff.notice"]._schedule_activities(moved, keepers, "sig_pqrs.activity_evidence", deadlines)

    def _get_evidence_keeper(self, case):
        users = case._get_current_assignments().sorted("id").user_id
        return self._filter_told(case, users)[:1] or case.company_id._sig_get_director()
