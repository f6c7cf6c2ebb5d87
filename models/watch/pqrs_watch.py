from operator import methodcaller

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..case.priority import URGENT
from ..mixin.transitions import DRAFTING, RUNNING, UNAPPROVED


class PqrsWatch(models.Model):
    _inherit = "sig.pqrs"

    date_escalation = fields.Datetime(
        "Escalation",
        readonly=True,
        index="btree_not_null",
        help="When an overdue case is escalated. The daily review writes it; automation rules on time may use it.",
    )

    # An automation rule escalates those that are overdue; drafts are escalated to who approves.
    _reminded_states = ("due_soon", "due_today")

    @api.model
    def _get_running_domain(self):
        return Domain("state", "in", RUNNING) & Domain("suspended", "=", False)

    def _get_deadline_recipients(self):
        return {case: case.company_id._sig_get_director() for case in self}

    def _escalate_overdue(self):
        """Notify the SIG, and who approves for the processes that owe a draft, of overdue cases.

        The automation rule calls this case by case, and stops at the first error. So the last case of a company takes
        those before it along, for one mail to each reader, and failed cases are passed over: the next daily review
        plans them again.
        """
        cases = self.sudo()
        rules = [rule for rule in self.env.context.get("__action_done", ()) if rule.model_name == cases._name]
        for rule in rules:
            planned = rule._search_time_based_automation_records(until=self.env.cr.now())
            due = planned.grouped("company_id").get(cases.company_id, cases)
            if cases <= due:
                cases = due if cases == due[-1:] else cases.browse()
        self._in_isolation(cases, methodcaller("_notify_overdue")).date_escalation = False

    def _notify_overdue(self):
        users = self._get_deadline_recipients()
        owing = self.assignment_ids.filtered(lambda assignment: assignment.state in DRAFTING)
        for assignment, approver in owing._get_approvers().items():
            users[assignment.pqrs_id] |= approver

        def get_subject(case):
            args = {"case": case.name, "date": tools.format_date(case.env, case.date_deadline)}
            return case.env._("OVERDUE: %(case)s was due on %(date)s", **args)

        self.env["sig.staff.notice"]._mail_about(self, users, get_subject, lambda case: case.subject)
        self.activity_unlink(["sig_pqrs.activity_deadline"])
        self._notify_director(lambda env: env._("Overdue: answer at once"), activity_type="sig_pqrs.activity_deadline")

    def _get_waiting_names(self):
        return self.name, self.subject

    def _get_my_day_row(self, tile):
        case = self.sudo()
        about = " · ".join(filter(None, [case.client_id.name, *case.process_ids.mapped("name")]))
        return {**super()._get_my_day_row(tile), "about": about, "urgent": self.priority == URGENT}


class AssignmentWatch(models.Model):
    _inherit = "sig.pqrs.assignment"

    @api.model
    def _get_running_domain(self):
        return Domain([*UNAPPROVED, ("pqrs_id.suspended", "=", False)])

    def _get_deadline_recipients(self):
        approvers = self._get_approvers()
        return {
            assignment: approvers[assignment]
            if assignment.state == "submitted" or assignment.deadline_state in ("due_today", "overdue")
            else assignment.company_id._sig_filter_staff(assignment.user_id) or approvers[assignment]
            for assignment in self
        }

    def _get_waiting_names(self):
        case = self.sudo().pqrs_id
        return case.name, case.subject

    def _get_my_day_row(self, tile):
        part = self.sudo()
        about = " · ".join(filter(None, [part.pqrs_id.client_id.name, part.process_id.name]))
        return {**super()._get_my_day_row(tile), "about": about, "urgent": part.pqrs_id.priority == URGENT}
