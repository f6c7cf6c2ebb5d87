from datetime import date

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import is_html_empty, plaintext2html

from ..mixin import transitions
from ..people.process import LONGEST_DRAFT


def _get_runs(words, size):
    """The runs of so many words of a text."""
    return {tuple(words[start : start + size]) for start in range(len(words) - size + 1)}


class PqrsAssignment(models.Model):
    """One process's share of a case: its draft, its approval, and the internal talk about them.

    The responsible and the members of the process draft. Who acts as its leader (`sig.process._get_leaderships`)
    approves, reassigns or declines. The SIG may approve in their place, return an approved draft, and remove it.
    """

    _name = "sig.pqrs.assignment"
    _description = "PQRS Assignment"
    _inherit = [
        "sig.answer.part", "sig.transition.mixin", "sig.deadline.mixin",
        "sig.files.mixin",
        "sig.thread.mixin", "sig.activity.mixin",
    ]  # fmt: skip
    _rec_names_search = ["pqrs_id", "process_id"]
    _sig_is_proof = True
    _sig_keeps_messages = True
    _deadline_field = "date_due"
    _deadline_is_internal = True
    _transitions = transitions.ASSIGNMENT
    _dialog_field = "assignment_id"
    _editable_fields = frozenset({"response", "template_id", "attachment_ids", "request_ids", "commitment_ids"})

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    case_subject = fields.Char("Subject", compute="_compute_case")
    case_deadline = fields.Date("Deadline of the answer", compute="_compute_case")
    process_id = fields.Many2one("sig.process", required=True, index=True, readonly=True, check_company=True)
    leader_id = fields.Many2one("res.users", compute="_compute_leader_id", store=True, precompute=True)
    user_id = fields.Many2one("res.users", "Responsible", required=True, index=True, readonly=True, tracking=True)
    instruction = fields.Text(readonly=True, help="What the SIG asks of the process.")
    checklist = fields.Html(related="process_id.checklist")
    date_due = fields.Date("Draft due", required=True, readonly=True)
    date_assigned = fields.Datetime(required=True, readonly=True)
    internal_days = fields.Integer(aggregator=None, readonly=True)
    response = fields.Html(
        "Draft answer",
        sanitize_attributes=True,
        help="The share of the process in the answer. The client reads it as it was approved.",
    )
    writer_ids = fields.Many2many("res.users", "sig_pqrs_assignment_writer_rel", readonly=True, exportable=False)
    attachment_ids = fields.Many2many(
        "ir.attachment", "sig_pqrs_assignment_attachment_rel", string="Annexes", bypass_search_access=True
    )
    request_ids = fields.One2many(
        "sig.pqrs.request",
        "assignment_id",
        "Requests to answer",
        help="Each one is answered apart in the letter: the answer does not leave while one has none.",
    )
    commitment_ids = fields.One2many("sig.pqrs.commitment", "assignment_id", "Commitments")
    template_id = fields.Many2one("sig.response.template", "Template used", index="btree_not_null", check_company=True)
    template_ids = fields.Many2many("sig.response.template", compute="_compute_template_ids", compute_sudo=True)
    state = fields.Selection(
        [
            ("pending", "Being drafted"),
            ("returned", "Returned"),
            ("submitted", "To approve"),
            ("approved", "Approved"),
            ("declined", "Declined"),
        ],
        default="pending",
        index=True,
    )
    # The draft is delivered to its leader; the case holds when the client is answered.
    deadline_state = fields.Selection(
        selection_add=[("answered_on_time", "Delivered on time"), ("answered_late", "Delivered late")]
    )
    active = fields.Boolean(default=True, readonly=True)
    date_submitted = fields.Datetime(readonly=True)
    date_approved = fields.Datetime(readonly=True)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True)
    response_digest = fields.Char(readonly=True, exportable=False)
    is_mine_to_draft = fields.Boolean(compute="_compute_is_mine_to_draft")
    answer_id = fields.Many2one(
        "sig.pqrs.answer", "Answer given", readonly=True, index="btree_not_null", check_company=True
    )
    is_current = fields.Boolean(compute="_compute_is_current", store=True, precompute=True)

    _process_unique = models.UniqueIndex(
        "(pqrs_id, process_id, COALESCE(answer_id, 0)) WHERE active IS TRUE AND state != 'declined'",
        "The case already waits for that process.",
    )
    _watch_index = models.Index("(company_id, date_due) WHERE state IN ('pending', 'returned', 'submitted')")

    @api.depends("pqrs_id.name", "process_id.name")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        for assignment in self:
            case, process = assignment._get_nameable("pqrs_id"), assignment._get_nameable("process_id")
            assignment.display_name = f"{case._get_number()} · {process.name or ''}"

    @api.depends("pqrs_id.subject", "pqrs_id.date_deadline", "state", "active")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_case(self):
        """Data of the case for its drafters; empty when the user cannot read the case."""
        readable = self.pqrs_id._filtered_access("read")
        for assignment in self:
            case = assignment.pqrs_id & readable
            assignment.case_subject = case.subject
            assignment.case_deadline = case.date_deadline

    @api.depends("process_id.leader_id", "state")
    def _compute_leader_id(self):
        """The leader of the process; of an approved assignment, the leader at that time."""
        for assignment in self:
            if assignment.state != "approved" or not assignment.leader_id:
                assignment.leader_id = assignment.process_id.leader_id

    @api.depends("allowed_transitions")
    @api.depends_context("uid")
    def _compute_is_mine_to_draft(self):
        """Whether the user may change the draft, also once it is approved, until the answer leaves."""
        for assignment in self:
            steps = {"submit", "approve"}.intersection(assignment.allowed_transitions)
            is_open = assignment.state == "approved" and transitions.is_worked_on(assignment.sudo())
            assignment.is_mine_to_draft = bool(steps) or (is_open and assignment._origin.has_access("write"))

    @api.depends("pqrs_id.type_id", "pqrs_id.reason_id")
    def _compute_template_ids(self):
        for assignment in self:
            case = assignment._origin.pqrs_id  # clients send any case
            assignment.template_ids = self.env["sig.response.template"]._get_fitting(case, "section")

    @api.onchange("template_id")
    def _onchange_template_id(self):
        """It tells of the stored case, for clients send any."""
        if self.template_id:
            self.response = self.template_id._put_into(self.response, self._origin.pqrs_id)

    def _get_transition_depends(self):
        return ["active", "is_current", "writer_ids", "pqrs_id.state", "pqrs_id.delivery_state"]

    @api.depends("active", "state", "answer_id", "pqrs_id.answer_id")
    def _compute_is_current(self):
        for assignment in self:
            given, of_case = assignment.answer_id, assignment.pqrs_id.answer_id
            assignment.is_current = transitions.is_standing(assignment) and (not given or given == of_case)

    def _get_deadline_depends(self):
        return ["date_due", "state", "is_current", "date_submitted", "pqrs_id.state", "pqrs_id.suspended"]

    def _get_settled_deadline_state(self):
        if self.state == "approved":
            return "answered_late" if self._is_submitted_late() else "answered_on_time"
        if not self.is_current or self.pqrs_id.state not in transitions.OPEN:
            return "not_applicable"
        return "suspended" if self.pqrs_id.suspended else False

    def _get_user_roles(self):
        user = self.env.user
        led = self._filter_led_by_user()
        own_drafts = self._filter_drafted_for_others(user)
        member_ids = self.env["sig.process"]._get_roles_of(user.id).member_ids
        roles = super()._get_user_roles()
        for assignment in self.sudo():
            found = roles[assignment]
            if assignment in led:
                found.add(transitions.LEADER)
            if found and assignment not in own_drafts and user not in assignment.recused_user_ids:
                found.add(transitions.APPROVER)
            if assignment.process_id.id in member_ids:
                found.add(transitions.MEMBER)
            if user == assignment.user_id:
                found.add(transitions.RESPONSIBLE)
        return roles

    def _get_owners(self, _vals):
        return self

    def write(self, vals):
        if "response" in vals and not self.env.su:
            self._keep_replaced(vals["response"])
        return super().write(vals)

    def _keep_replaced(self, response):
        """What somebody else wrote and this takes out stays in the thread: both may have had the draft open."""
        new = tools.html2plaintext(response or "")
        for draft in self.sudo():
            old = tools.html2plaintext(draft.response or "")
            taken = [line for line in old.splitlines() if line.strip() not in new]
            if taken and draft.writer_ids != self.env.user:
                said = self.env._("The text of before, which %s changed:", self.env.user.name)
                draft._message_log(body=plaintext2html("\n".join([said, *taken])))
            words = old.split()
            size = min(5, len(words))
            is_replaced = _get_runs(words, size).isdisjoint(_get_runs(new.split(), size))
            others = draft.writer_ids.browse() if is_replaced else draft.writer_ids
            if old != new:
                draft.with_context(tracking_disable=True).writer_ids = others | self.env.user

    def _is_answered(self):
        return not is_html_empty(self.response) and bool(tools.html2plaintext(self.response).strip())

    def _check_editable(self, _vals):
        roles = self._get_roles()
        self.sudo().pqrs_id._check_answer_open()
        for assignment in self:
            if not assignment.is_current:
                text = self.env._("The case is no longer with this process: its answer can no longer be changed.")
                raise UserError(text)
            if assignment.state == "submitted" and not roles[assignment] & {transitions.LEADER, transitions.SIG}:
                raise UserError(
                    self.env._("The draft waits for the leader's approval. To change it, ask the leader to return it.")
                )

    @api.model
    def _follow_deadlines(self, cases):
        """Move the dates of drafts with the term; of what was submitted, which neither gets late nor was, to later."""
        drafts = self.sudo().search([("pqrs_id", "in", cases.ids), ("state", "in", transitions.DRAFTING)])
        moved = drafts.filtered(lambda draft: not draft._is_submitted_late()).grouped(
            lambda draft: self._get_due_date(draft.pqrs_id, draft.date_assigned, draft.internal_days)
        )
        for day, alike in moved.items():
            dated = alike.filtered(lambda draft, day=day: draft.date_due != day)
            dated -= dated.filtered(lambda draft, day=day: draft.state == "submitted" and draft.date_due > day)
            dated.with_context(tracking_disable=True).write({"date_due": day})
            dated.activity_search(self._own_activities).date_deadline = day
        late = drafts.filtered(lambda draft: draft.deadline_state == "overdue")
        late._without_activity("sig_pqrs.activity_deadline")._enter_deadline_state("overdue")  # taken for reminded

    def _is_submitted_late(self):
        submitted_on = self.date_submitted or self.date_approved
        return self.state not in transitions.TO_DRAFT and self.company_id._sig_local_date(submitted_on) > self.date_due

    @api.model
    def _count_days(self, company, start, day):
        """Business days of a draft that is due on a chosen day, or the next business one; none, when it is the same."""
        calendar = company._sig_calendar(start, internal=True)
        return calendar.count(start, calendar.roll(min(day, calendar.add(start, LONGEST_DRAFT))))

    @api.model
    def _get_due_date(self, case, assigned, days=LONGEST_DRAFT):
        """Due date of a draft: not after the deadline of the case, nor before its assignment.

        A suspension of the term stops the draft's days too.

        :param datetime assigned: when it was assigned.
        :param int days: business days of the process, or `_count_days`; by default, the most that they may be.
        """
        company, deadline = case.company_id, case.date_deadline
        start = running_since = company._sig_local_date(assigned)
        calendar = company._sig_calendar(start, internal=True)
        for step in (case.term_trace or {}).get("steps", ()):
            if step["kind"] != "suspended" or not step["end"]:
                continue
            stopped, resumed = date.fromisoformat(step["start"]), date.fromisoformat(step["end"])
            if resumed > running_since:
                days = max(1, days - max(0, calendar.count(running_since, max(stopped, running_since))))
                running_since = resumed
        day = calendar.add(running_since, days)
        return max(min(day, deadline or day), start)

    def action_open(self):
        self.ensure_one()
        return self._get_records_action(context={})
