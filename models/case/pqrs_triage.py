from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .. import clock
from ..mixin.transitions import DRAFTING, OPEN, UNTRIAGED

#: the most urgent first
TRIAGE_ORDER = "priority desc, date_deadline, id"


class PqrsTriage(models.Model):
    """Taking cases up, in `TRIAGE_ORDER`, and assigning them to processes."""

    _inherit = "sig.pqrs"

    def action_open_triage(self):
        self.ensure_one()
        self._check_untriaged()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_triage_wizard")
        return {
            **action,
            "name": self.env._("Triage · %s", self.name),
            "context": {"default_pqrs_id": self.id, "dialog_size": "extra-large"},
        }

    @api.model
    def action_triage_next(self):
        domain = Domain("state", "in", UNTRIAGED) & Domain("company_id", "in", self.env.companies.ids)
        if case := self.search(domain, order=TRIAGE_ORDER, limit=1):
            return case.action_open_triage()
        return self._show_message(self.env._("Nothing is left to triage."), "success", closes=True)

    def _check_untriaged(self):
        for case in self:
            if case.state not in UNTRIAGED:
                args = {"case": case.name, "state": self._get_choices("state")[case.state]}
                text = self.env._("%(case)s was taken up already (it is “%(state)s”). Nothing was changed.", **args)
                raise UserError(text)
            case._check_transition("file" if case.state == "to_file" else "assign")

    def action_assign(self, assignments):
        """Assign the cases to one or several processes.

        :param list assignments: dicts with ``process_id``, and optionally ``user_id`` (the leader, or who stands in),
            ``instruction`` and ``date_due`` (from the process's internal days by default).
        :return: ids of the assignments.
        """
        proven = self._check_transition("assign")
        is_list = isinstance(assignments, list) and all(isinstance(vals, dict) for vals in assignments)
        if not is_list or not assignments:
            raise UserError(self.env._("Choose at least one process."))
        for case in proven:
            if case.due_by_authority and not case.attachment_ids:
                raise UserError(
                    self.env._("%s: attach a copy of the requirement of the authority before assigning it.", case.name)
                )
        chosen = []
        for vals in assignments:
            process = proven._get_record("sig.process", vals.get("process_id"))
            leader = self.env["sig.process.absence"]._get_stand_in(process.leader_id, process)
            user = proven._get_record("res.users", vals.get("user_id") or leader.id)
            chosen.append((process, user, vals))
        now = clock.now()
        vals_list = [vals for case in proven for vals in case._prepare_assignments(chosen, now)]
        proven._authorize(self.env["res.users"].union(*(user for _process, user, _vals in chosen)))
        Assignment = proven.env["sig.pqrs.assignment"].with_context(mail_create_nolog=True, tracking_disable=True)
        Assignment.flush_model(["active", "state"])  # the unique index leaves declined ones out
        created = Assignment.create(vals_list)
        for assignment in created:
            assignment._check_may_draft(assignment.user_id)
        proven.write({"state": "assigned"})
        named = created.filtered(lambda assignment: assignment.pqrs_id.restricted)
        for assignment, approver in named._get_approvers(authorized=False).items():
            assignment.pqrs_id._authorize(approver)
        created._record(
            "assigned",
            notes={assignment: assignment.user_id.name for assignment in created},
            data={assignment: {"authorized": assignment.pqrs_id.authorized_user_ids.ids} for assignment in named},
        )
        told = {
            each: {"user": each.user_id.name, "date": tools.format_date(self.env, each.date_due)} for each in created
        }
        created._log({each: self.env._("Assigned to %(user)s, draft for %(date)s.", **told[each]) for each in created})
        created._take_requests()
        created._continue_earlier()
        self._close_activities("sig_pqrs.activity_sig", "sig_pqrs.activity_deadline")
        if reminded := proven - proven._without_activity("sig_pqrs.activity_duty"):
            company = proven.company_id
            self.env["sig.daily.review"]._remind_duties(reminded._sig_in_language_of(company), company._sig_today())
        created._notify_drafters()
        return created.ids

    def _prepare_assignments(self, chosen, now):
        """Yield the checked values for each ``chosen`` process, responsible and values asked for."""
        Assignment, company = self.env["sig.pqrs.assignment"], self.company_id
        today = company._sig_local_date(now)
        taken = self._get_current_assignments().process_id
        parts = self.with_context(active_test=False).assignment_ids.sorted("id")
        for process, user, vals in chosen:
            if not process or process.company_id != company:
                raise UserError(self.env._("Choose a process of %s.", company.name))
            if process in taken:
                args = {"case": self.name, "process": process.name}
                raise UserError(self.env._("%(case)s already waits for %(process)s.", **args))
            taken |= process
            process._check_can_answer()
            self._check_drafter(user)
            # Who gave way in the last part of the process in the case gives way again.
            earlier = parts.filtered(lambda part, process=process: part.process_id == process)[-1:]
            date_due = company._sig_date(vals.get("date_due"))
            latest = date_due and Assignment._get_due_date(self, now)
            if date_due and not today <= date_due <= latest:
                args = {"case": self.name, "date": tools.format_date(self.env, latest)}
                raise UserError(self.env._("%(case)s: the draft can be due from today to %(date)s.", **args))
            days = Assignment._count_days(company, today, date_due) if date_due else process.internal_days
            yield {
                "pqrs_id": self.id,
                "process_id": process.id,
                "user_id": user.id,
                "instruction": vals.get("instruction") or False,
                "date_assigned": now,
                "date_due": Assignment._get_due_date(self, now, days),
                "internal_days": days,
                "approver_id": earlier.approver_id.id,
                "recused_user_ids": [Command.set(earlier.recused_user_ids.ids)],
            }

    def _check_drafter(self, user):
        if not user:
            raise UserError(self.env._("Choose who drafts the answer."))
        for company in self.company_id:
            company._sig_check_staff(user)

    def _follow_assignments(self):
        """Set the state of open cases from their assignments, and tell the SIG what it must do next, or no longer."""
        cases = self.sudo().filtered(lambda case: case.state in OPEN)
        moved = {}
        for case in cases:
            states = set(case._get_current_assignments().mapped("state"))
            state = ("assigned" if states & set(DRAFTING) else "approved") if states else "received"
            if state != case.state:
                moved.setdefault(state, []).append(case.id)
        for state, ids in moved.items():
            cases.browse(ids).filtered(lambda case: case.state == "approved")._close_activities("sig_pqrs.activity_sig")
            cases.browse(ids).write({"state": state})
        ready = self.browse(moved.get("approved"))
        ready._message_log_batch(
            dict.fromkeys(ready.ids, self.env._("All the processes have approved: close and send the answer."))
        )
        ready._notify_director(lambda env: env._("Close and send the answer"))
        received = self.browse(moved.get("received"))._without_activity("sig_pqrs.activity_sig")
        received._ask_triage()
        self.env["sig.case.alarm"]._request_evidence(self)

    def _ask_triage(self):
        unfiled = self.filtered(lambda case: case.state == "to_file")
        unfiled._notify_director(lambda env: env._("File or discard it"))
        (self - unfiled)._notify_director(lambda env: env._("Assign the case"))
