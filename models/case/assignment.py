import hashlib

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import html_sanitize, is_html_empty

from .. import clock
from . import attachments, transitions


class PqrsAssignment(models.Model):
    """One process's share of a case: its draft, its approval, and the thread where it is talked over.

    Its responsible and the members of its process draft; whoever acts as its leader (`sig.process._get_leaderships`)
    approves, reassigns or declines; the SIG may approve in their absence, return what was approved, and remove it.
    """

    _name = "sig.pqrs.assignment"
    _description = "PQRS Assignment"
    _check_company_auto = True
    _inherit = [
        *("sig.answer.part", "sig.transition.mixin", "sig.roles.memory.mixin", "sig.deadline.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _order = "id"
    _sig_keeps_messages = True
    _owner_field = None
    _deadline_field = "date_due"
    _transitions = transitions.ASSIGNMENT
    _editable_fields = frozenset({"response", "attachment_ids", "request_ids", "commitment_ids"})

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    case_subject = fields.Char("Subject", compute="_compute_case")
    case_deadline = fields.Date("Deadline of the answer", compute="_compute_case")
    case_authority_deadline = fields.Char("Date and hour of the authority", compute="_compute_case")
    case_description = fields.Text("What is asked", compute="_compute_case")
    process_id = fields.Many2one(
        "sig.process", required=True, ondelete="restrict", index=True, readonly=True, check_company=True
    )
    leader_id = fields.Many2one("res.users", compute="_compute_leader_id", store=True, precompute=True)
    user_id = fields.Many2one("res.users", "Responsible", required=True, index=True, readonly=True, tracking=True)
    instruction = fields.Text(readonly=True, help="What the SIG asks of the process.")
    checklist = fields.Html(related="process_id.checklist")
    date_due = fields.Date(
        "Draft due",
        required=True,
        readonly=True,
        help="When the draft is due: the days of the process, before the deadline of the answer.",
    )
    date_assigned = fields.Datetime(required=True, readonly=True)
    internal_days = fields.Integer(
        readonly=True, help="Days of the process from which the date came; 0 when the SIG set it."
    )
    response = fields.Html(
        "Draft answer",
        sanitize_attributes=True,
        help="The share of the process in the answer. The client reads it as it was approved.",
    )
    attachment_ids = fields.Many2many("ir.attachment", "sig_pqrs_assignment_attachment_rel", string="Annexes")
    state = fields.Selection(
        [
            ("pending", "Being drafted"),
            ("submitted", "To approve"),
            ("approved", "Approved"),
            ("returned", "Returned"),
            ("declined", "Declined"),
        ],
        required=True,
        default="pending",
        readonly=True,
        index=True,
    )
    # A draft is delivered to its leader: the client is answered later, and that is said of the case.
    deadline_state = fields.Selection(
        selection_add=[("answered_on_time", "Delivered on time"), ("answered_late", "Delivered late")]
    )
    active = fields.Boolean(default=True, readonly=True)
    date_submitted = fields.Datetime(readonly=True)
    date_approved = fields.Datetime(readonly=True)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True)
    response_digest = fields.Char(readonly=True, help="SHA-256 of the text and the annexes that were approved.")
    is_mine_to_draft = fields.Boolean(compute="_compute_is_mine_to_draft")
    is_standing = fields.Boolean(
        compute="_compute_is_standing", search="_search_is_standing", help="The process takes part in the case."
    )

    _process_unique = models.UniqueIndex(
        "(pqrs_id, process_id) WHERE active IS TRUE AND state != 'declined'", "The case already waits for that process."
    )
    _watch_index = models.Index("(company_id, date_due) WHERE state IN ('pending', 'returned', 'submitted')")

    # -- Computes ---------------------------------------------------------------------------------------------------

    @api.depends("pqrs_id.name", "process_id.name")
    def _compute_display_name(self):
        for assignment in self:
            assignment.display_name = f"{assignment.sudo().pqrs_id.name} · {assignment.sudo().process_id.name}"

    @api.depends("pqrs_id.subject", "pqrs_id.date_deadline", "pqrs_id.description", "state", "active")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_case(self):
        """What the drafters must know of the case; nothing once the case is no longer theirs."""
        readable = self.pqrs_id._filtered_access("read")
        for assignment in self:
            case = assignment.pqrs_id & readable
            assignment.case_subject = case.subject
            assignment.case_deadline = case.date_deadline
            assignment.case_authority_deadline = case.authority_deadline_text
            assignment.case_description = case.description

    @api.depends("process_id.root_id.leader_id", "state")
    def _compute_leader_id(self):
        """Who leads its process; once it is approved, who led it then."""
        for assignment in self:
            if assignment.state != "approved" or not assignment.leader_id:
                assignment.leader_id = assignment.process_id.root_id.leader_id

    @api.depends("allowed_transitions")
    @api.depends_context("uid")
    def _compute_is_mine_to_draft(self):
        for assignment in self:
            assignment.is_mine_to_draft = not {"submit", "approve"}.isdisjoint(assignment.allowed_transitions)

    def _get_transition_depends(self):
        return ["active", "pqrs_id.state", "pqrs_id.delivery_state"]

    @api.depends("active", "state")
    def _compute_is_standing(self):
        for assignment in self:
            assignment.is_standing = transitions.is_standing(assignment)

    def _search_is_standing(self, operator, _value):
        return Domain(list(transitions.STANDING)) if operator == "in" else NotImplemented

    def _get_deadline_depends(self):
        return ["date_due", "state", "active", "date_submitted", "pqrs_id.state", "pqrs_id.suspended"]

    def _get_settled_deadline_state(self):
        if self.state == "declined" or not self.active or self.pqrs_id.state not in transitions.OPEN:
            return "not_applicable" if self.state != "approved" else self._get_submission_state()
        if self.state == "approved":
            return self._get_submission_state()
        return "suspended" if self.pqrs_id.suspended else False

    def _get_submission_state(self):
        submitted_on = self.company_id.sudo()._sig_local_date(self.date_submitted or self.date_approved)
        return "answered_on_time" if submitted_on <= self.date_due else "answered_late"

    def _get_user_roles(self):
        user = self.env.user
        is_sig = user.has_group("sig_pqrs.group_sig_director")
        led = self._filter_led_by_user()
        own_drafts = self._filter_drafted_for_others(user)
        roles = {}
        for assignment, assignment_sudo in zip(self, self.sudo(), strict=True):
            found = {transitions.SIG} if is_sig else set()
            if assignment in led:
                found.add(transitions.LEADER)
            if found and assignment not in own_drafts:
                found.add(transitions.APPROVER)
            if user in assignment_sudo.process_id.root_id.member_ids:
                found.add(transitions.MEMBER)
            if user == assignment_sudo.user_id:
                found.add(transitions.RESPONSIBLE)
            roles[assignment] = found
        return roles

    def _get_role_refusal(self, name):
        if name == "approve" and self.sudo().user_id == self.env.user:
            approver = self.sudo()._get_approvers()[self.sudo()]
            return self.env._(
                "%(record)s: you drafted this answer, so somebody else approves it: %(approver)s.",
                record=self.display_name,
                approver=approver.name,
            )
        return super()._get_role_refusal(name)

    # -- CRUD -------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Processes are assigned from the case."))
        return super().create(vals_list)

    def write(self, vals):
        if self.env.su or vals.keys().isdisjoint(self._editable_fields):
            return super().write(vals)
        self.check_access("write")
        self._check_draft_editable()
        with self._following_changes():
            result = super().write(vals)
            for assignment in self:
                attachments.adopt(assignment, assignment.sudo().attachment_ids)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Assignments cannot be deleted. The SIG removes them from the case."))

    def _check_draft_editable(self):
        roles = self._get_roles()
        self.sudo().pqrs_id._check_answer_open()
        for assignment in self:
            if not assignment.is_standing:
                raise UserError(
                    self.env._("The case is no longer with this process: its answer can no longer be changed.")
                )
            if assignment.state == "submitted" and not roles[assignment] & {transitions.LEADER, transitions.SIG}:
                raise UserError(
                    self.env._("The draft waits for the leader's approval. To change it, ask the leader to return it.")
                )

    # -- Transitions ------------------------------------------------------------------------------------------------

    def action_submit(self):
        """Send the draft to the leader."""
        self._check_transition("submit")
        self._check_answered()
        self.sudo().write({"state": "submitted", "date_submitted": clock.now()})
        self._record("submitted")
        approvers = self._get_approvers()
        self._log(
            {
                assignment: self.env._("Draft sent to %s for approval.", approver.name)
                for assignment, approver in approvers.items()
            }
        )
        self._close_activities()
        self._notify_approvers()
        return True

    def action_approve(self, reason=False):
        """Approve the draft as it stands.

        :param str reason: why the SIG approves in the leader's absence; required of who does not act as leader.
        """
        self._check_transition("approve")
        absences = self._describe_absences(reason)
        self._check_answered()
        self._store_digests()
        self.sudo().write({"state": "approved", "date_approved": clock.now(), "approved_by_id": self.env.uid})
        notes = {assignment: note for assignment, (note, _absentee) in absences.items()}
        self._record(
            "approved",
            notes=notes,
            data={
                assignment: {
                    "digest": assignment.sudo().response_digest,
                    **({"in_absence_of": absences[assignment][1].id} if assignment in absences else {}),
                }
                for assignment in self
            },
        )
        self._log(
            {
                assignment: " ".join(filter(None, [self.env._("Answer approved."), notes.get(assignment)]))
                for assignment in self
            }
        )
        self._close_activities()
        self.sudo().pqrs_id._follow_assignments()
        return True

    def action_return(self, reason):
        """Give the draft back to its responsible.

        :param str reason: what must be changed.
        """
        self._check_transition("return")
        reason = self._require_text(reason)
        self._give_back(reason)
        return True

    def action_reassign(self, user_id):
        """Give the draft to another person of the process.

        :param int user_id: a member, deputy or the leader of the process.
        """
        self._check_transition("reassign")
        user = self._get_record("res.users", user_id)
        self._check_may_draft(user)
        for assignment in self.sudo():
            process = assignment.process_id.root_id
            if (
                not user
                or user not in process.member_ids | process.deputy_ids | process.leader_id
                or not user.sudo().active
            ):
                raise UserError(
                    self.env._(
                        "Choose somebody of the process %s. To give the case to another process, ask the SIG.",
                        process.name,
                    )
                )
        self._close_activities()
        self.sudo().pqrs_id._authorize(user)
        self.sudo().write(
            {
                "user_id": user.id,
                "state": "pending",
            }
        )
        self._record("reassigned", notes=dict.fromkeys(self, user.sudo().name))
        self._log(dict.fromkeys(self, self.env._("The answer is now drafted by %s.", user.sudo().name)))
        self._notify_drafters()
        return True

    def action_hand_over(self, user_id, reason):
        """Give the draft to anybody with a SIG role, as it stands: its responsible leaves, or must give way.

        :param int user_id: the new responsible.
        """
        self._check_transition("hand_over")
        reason = self._require_text(reason)
        user = self._get_record("res.users", user_id)
        self._hand_over(user, reason)
        to_draft = self.filtered(lambda assignment: assignment.state in ("pending", "returned"))
        to_draft._close_activities()
        to_draft._notify_drafters()
        return True

    def _hand_over(self, user, reason):
        """Another responsible, from the standing state; the approval moves when it was theirs to give."""
        for case in self.sudo().pqrs_id:
            case._check_drafter(user.sudo())
        self._check_may_draft(user)
        self.sudo().pqrs_id._authorize(user)
        former = {assignment: assignment.user_id.name for assignment in self.sudo()}
        self.sudo().write({"user_id": user.id})
        notes = {
            assignment: self.env._(
                "From %(former)s to %(user)s: %(reason)s",
                former=former[assignment],
                user=user.sudo().name,
                reason=reason,
            )
            for assignment in self
        }
        self._record("reassigned", notes=notes)
        self._log({assignment: self.env._("The answer is now drafted by %s.", user.sudo().name) for assignment in self})
        self._move_approvals()

    def action_decline(self, reason):
        """Say that the case does not belong to the process; it goes back to the SIG."""
        self._check_transition("decline")
        reason = self._require_text(reason)
        self._close_activities()
        self.sudo().write({"state": "declined"})
        self._release_requests()
        self._record("declined", notes=dict.fromkeys(self, reason))
        self._log(dict.fromkeys(self, self.env._("The process says that the case is not its own: %s", reason)))
        self.sudo().pqrs_id._on_declined(dict.fromkeys(self, reason))
        return True

    def action_remove(self, reason):
        """Take the process off the case."""
        self._check_transition("remove")
        reason = self._require_text(reason)
        self._close_activities()
        self.sudo().write({"active": False})
        self._release_requests()
        self._record("removed", notes=dict.fromkeys(self, reason))
        self._log(dict.fromkeys(self, self.env._("Removed from the case: %s", reason)))
        self.sudo().pqrs_id._follow_assignments()
        return True

    def action_open(self):
        """The form of the assignment."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form"}

    # -- Steps shared by transitions --------------------------------------------------------------------------------

    def _give_back(self, reason):
        self._close_activities()
        self.sudo().write(
            {"state": "returned", "date_approved": False, "approved_by_id": False, "response_digest": False}
        )
        self._record("returned", notes=dict.fromkeys(self, reason))
        self._log(dict.fromkeys(self, self.env._("Returned for changes: %s", reason)))
        self._notify_people(
            {assignment: assignment.user_id for assignment in self.sudo()},
            "sig_pqrs.activity_draft",
            lambda assignment: assignment.env._("Answer returned: %s", assignment.pqrs_id.name),
            note=reason,
        )
        self.sudo().pqrs_id._follow_assignments()

    def _void_approval(self):
        """An approved text was changed: it is no longer what was approved."""
        if self:
            self._give_back(self.env._("The text or the annexes changed after the approval."))

    def _get_answer_text(self):
        return "" if is_html_empty(self.response) else tools.html2plaintext(self.response)

    def _store_digests(self):
        """Note what is approved, each draft's own, in one statement."""
        digests = [(assignment.id, assignment._compute_digest()) for assignment in self.sudo()]
        self.flush_recordset(["response_digest"])
        self.env.cr.execute_values(
            """UPDATE sig_pqrs_assignment SET response_digest = approved.digest
                 FROM (VALUES %s) AS approved(id, digest) WHERE sig_pqrs_assignment.id = approved.id""",
            digests,
            page_size=len(digests),
        )
        self.invalidate_recordset(["response_digest"])

    def _compute_digest(self):
        """SHA-256 of all that the leader approves, hexadecimal."""
        self.ensure_one()
        return hashlib.sha256("\n".join(self._get_digest_lines()).encode()).hexdigest()

    def _get_digest_lines(self):
        """The text, the content of the annexes, the requests with their answers. Hook for what else is approved."""
        annexes = sorted((attachment.name, attachment.checksum or "") for attachment in self.sudo().attachment_ids)
        requests = self.sudo().request_ids.sorted("id")
        return [
            html_sanitize(self.response or ""),
            *(f"{name}\x00{checksum}" for name, checksum in annexes),
            *(
                f"{request.id}\x00{request.name}\x00{request.answer or ''}\x00{request.resolution or ''}"
                for request in requests
            ),
        ]

    def _record(self, kind, notes=None, data=None):
        """An act on the case of each assignment; one at a time for the assignments of one case."""
        notes, data = notes or {}, data or {}
        for batch in self.sudo()._one_per_case():
            self.env["sig.pqrs.act"]._append(
                batch.pqrs_id,
                kind,
                notes={assignment.pqrs_id: notes.get(assignment.with_env(self.env), "") for assignment in batch},
                data={
                    assignment.pqrs_id: {"process": assignment.process_id.code, **data.get(assignment, {})}
                    for assignment in batch
                },
            )

    def _log(self, bodies):
        """Say in the threads of the assignment and of its case what happened."""
        self._message_log_batch({assignment.id: body for assignment, body in bodies.items()})
        by_case = {}
        for assignment in self.sudo():
            by_case.setdefault(assignment.pqrs_id, []).append(
                f"{assignment.process_id.name}: {bodies[assignment.with_env(self.env)]}"
            )
        cases = self.sudo().pqrs_id
        cases._message_log_batch({case.id: "\n".join(lines) for case, lines in by_case.items()})

    def _close_activities(self):
        self.sudo().activity_unlink(
            ["sig_pqrs.activity_draft", "sig_pqrs.activity_approve", "sig_pqrs.activity_deadline"]
        )

    @api.model
    def _get_own_activity_types(self):
        """Types of the activities that the steps of a draft make and close."""
        names = ("sig_pqrs.activity_draft", "sig_pqrs.activity_approve", "sig_pqrs.activity_deadline")
        return self.env["mail.activity.type"].sudo().union(*(self.env.ref(name).sudo() for name in names))

    def _schedule_drafts(self):
        """The activity of those being drafted to their responsible, without a mail for each."""
        drafts = self.sudo().filtered(lambda assignment: assignment.state in ("pending", "returned"))
        drafts._close_activities()
        self.env["sig.people"]._schedule_activities(
            drafts,
            {assignment: assignment.user_id for assignment in drafts},
            "sig_pqrs.activity_draft",
            {assignment: assignment.date_due for assignment in drafts},
        )

    def _notify_drafters(self):
        """Tell each responsible what there is to draft, and for when."""
        self._notify_people(
            {assignment: assignment.user_id for assignment in self.sudo()},
            "sig_pqrs.activity_draft",
            lambda assignment: assignment.env._(
                "PQRS assigned: %(case)s (draft for %(date)s)",
                case=assignment.pqrs_id.name,
                date=tools.format_date(assignment.env, assignment.date_due),
            ),
        )

    def _get_mail_text(self, note=False):
        """What a mail to our own people says of the case, beside a note or the instruction."""
        case = self.pqrs_id
        lines = [f"{case.type_id.name} · {case.subject}", case.client_id.name or case.petitioner]
        if case.date_deadline:
            lines.append(self.env._("The client must be answered by %s.", case._format_deadline()))
        return "\n".join(filter(None, [*lines, note or self.instruction]))

    def _notify_people(self, users, activity_type, get_subject, note=False):
        """An activity and a mail to the user of each assignment.

        :param dict users: ``{assignment: user}``.
        :param get_subject: gives the subject for an assignment, which comes in the language of the reader.
        """
        People = self.env["sig.people"]
        assignments = self.sudo().filtered(lambda assignment: users[assignment].active)
        deadlines = {assignment: assignment.date_due for assignment in assignments}
        People._schedule_activities(assignments, users, activity_type, deadlines, note=note)
        People._mail(
            [
                (
                    users[assignment],
                    assignment.company_id,
                    get_subject(assignment.with_context(lang=users[assignment].lang)),
                    assignment._get_mail_text(note),
                    People._get_url(assignment),
                )
                for assignment in assignments
                if users[assignment] != self.env.user
            ]
        )

    @api.constrains("date_due")
    def _check_date_due(self):
        for assignment in self:
            if assignment.date_due < assignment.company_id._sig_local_date(assignment.pqrs_id.date_received):
                raise ValidationError(self.env._("A draft cannot be due before the case was received."))
