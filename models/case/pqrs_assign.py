from odoo import models, tools
from odoo.exceptions import UserError

from .. import clock
from ..mixin.transitions import DRAFTING, OPEN


class PqrsAssign(models.Model):
    """Giving cases to processes, and what follows from what their processes do."""

    _inherit = "sig.pqrs"

    def action_assign(self, assignments):
        """Give the cases to one or several processes.

        :param list assignments: dicts with ``process_id``, and optionally ``user_id`` (the leader by default),
            ``instruction`` and ``date_due`` (from the process's internal days by default).
        :return: ids of the assignments.
        """
        proven = self._check_transition("assign")
        if (
            not isinstance(assignments, list)
            or not assignments
            or not all(isinstance(vals, dict) for vals in assignments)
        ):
            raise UserError(self.env._("Choose at least one process."))
        proven._check_authority_copy()
        now = clock.now()
        chosen = proven._look_up_assignments(assignments)
        vals_list = [vals for case in proven for vals in case._prepare_assignments(chosen, now)]
        proven._authorize(self.env["res.users"].union(*(user for _process, user, _vals in chosen)))
        created = (
            proven.env["sig.pqrs.assignment"]
            .with_context(mail_create_nolog=True, tracking_disable=True)
            .create(vals_list)
        )
        proven.write({"state": "assigned"})
        named = created.filtered(lambda assignment: assignment.pqrs_id.restricted)
        for assignment, approver in named._get_approvers(authorized=False).items():
            assignment.pqrs_id._authorize(approver)
        created._record(
            "assigned",
            notes={assignment: assignment.user_id.name for assignment in created},
            data={assignment: {"authorized": assignment.pqrs_id.authorized_user_ids.ids} for assignment in named},
        )
        created._log(
            {
                assignment: self.env._(
                    "Assigned to %(user)s, draft for %(date)s.",
                    user=assignment.user_id.name,
                    date=tools.format_date(self.env, assignment.date_due),
                )
                for assignment in created
            }
        )
        created._take_requests()
        self._close_activities()
        created.with_env(self.env)._notify_drafters()
        return created.ids

    def _look_up_assignments(self, assignments):
        """Process, responsible and values of each assignment asked for, looked up once for all the cases."""
        chosen = []
        for vals in assignments:
            process = self._get_record("sig.process", vals.get("process_id"))
            user = self._get_record("res.users", vals.get("user_id") or process.leader_id.id)
            chosen.append((process, user, vals))
        return chosen

    def _prepare_assignments(self, chosen, now):
        """Values of the assignments of one case, each checked."""
        self.ensure_one()
        company = self.company_id
        taken = self._get_standing_assignments().process_id
        for process, user, vals in chosen:
            if not process or process.company_id != company:
                raise UserError(self.env._("Choose a process of %s.", company.name))
            if process in taken:
                raise UserError(
                    self.env._("%(case)s already waits for %(process)s.", case=self.name, process=process.name)
                )
            taken |= process
            process._check_can_answer()
            self._check_drafter(user)
            date_due = company._sig_date(vals.get("date_due"))
            if date_due:
                self._check_draft_date(date_due)
            yield {
                "pqrs_id": self.id,
                "process_id": process.id,
                "user_id": user.id,
                "instruction": vals.get("instruction") or False,
                "date_assigned": now,
                "date_due": date_due or self._get_draft_date(now, process.internal_days),
                "internal_days": 0 if date_due else process.internal_days,
            }

    def _check_drafter(self, user):
        if not user or not user.active or self.company_id not in user.company_ids:
            raise UserError(self.env._("The responsible is not an active user of %s.", self.company_id.name))
        if not user.has_group("sig_pqrs.group_collaborator"):
            raise UserError(self.env._("%s needs a SIG role before working on cases.", user.name))

    def _check_draft_date(self, day):
        if day < self.company_id._sig_local_date(self.date_received):
            raise UserError(self.env._("A draft cannot be due before the case was received."))
        if self.date_deadline and day > self.date_deadline:
            raise UserError(
                self.env._(
                    "The draft would be due after the case itself, on %s.",
                    tools.format_date(self.env, self.date_deadline),
                )
            )

    # -- What the assignments make of the case ----------------------------------------------------------------------

    def _follow_assignments(self):
        """The state that the assignments of open cases give them; tell the SIG what it must take up."""
        cases = self.sudo().filtered(lambda case: case.state in OPEN)
        moved = {}
        for case in cases:
            waiting = case._get_standing_assignments()
            if not waiting:
                state = "received"
            elif any(assignment.state in DRAFTING for assignment in waiting):
                state = "assigned"
            else:
                state = "approved"
            if state != case.state:
                moved.setdefault(state, []).append(case.id)
        for state, ids in moved.items():
            cases.browse(ids).write({"state": state})
        ready = self.browse(moved.get("approved"))
        unassigned = self.browse(moved.get("received"))
        ready._message_log_batch(
            dict.fromkeys(ready.ids, self.env._("All the processes have approved: close and send the answer."))
        )
        ready._notify_director(lambda env: env._("Close and send the answer"))
        unassigned._notify_director(lambda env: env._("Assign the case"))

    def _on_declined(self, reasons):
        """A process said that a case is not its own."""
        self._follow_assignments()
        for assignment, reason in reasons.items():
            assignment_sudo = assignment.sudo()
            process = assignment_sudo.process_id.name
            assignment_sudo.pqrs_id._notify_director(
                lambda env, process=process: env._("%s says that the case is not its own", process), reason
            )
