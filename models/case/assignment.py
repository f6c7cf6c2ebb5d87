import hashlib

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
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
    _inherit = [
        *("sig.answer.part", "sig.transition.mixin", "sig.deadline.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _order = "id"
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
    process_id = fields.Many2one("sig.process", required=True, ondelete="restrict", index=True, readonly=True)
    leader_id = fields.Many2one("res.users", compute="_compute_leader_id", store=True, precompute=True)
    user_id = fields.Many2one("res.users", "Responsible", required=True, index=True, readonly=True, tracking=True)
    instruction = fields.Text(readonly=True)
    checklist = fields.Html(related="process_id.checklist")
    date_due = fields.Date("Draft due", required=True, readonly=True)
    date_assigned = fields.Datetime(required=True, readonly=True)
    internal_days = fields.Integer(
        readonly=True, help="Days of the process from which the date came; 0 when the SIG set it."
    )
    response = fields.Html("Draft answer", sanitize_attributes=True)
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
    approver_id = fields.Many2one(
        "res.users",
        "Named approver",
        readonly=True,
        index="btree_not_null",
        help="Approves in place of the process, because of a conflict of interest.",
    )
    recused_user_ids = fields.Many2many(
        "res.users",
        "sig_pqrs_assignment_recused_rel",
        string="Give way",
        readonly=True,
        help="Who acted as leader when the approver was named: they do not see it, whatever becomes of the process.",
    )
    approval_user_id = fields.Many2one(
        "res.users",
        "Waits for",
        readonly=True,
        index="btree_not_null",
        help="Who was told last to approve the answer: the leader, who stands in, or the SIG when nobody else can.",
    )
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True)
    response_digest = fields.Char(readonly=True, help="SHA-256 of the text and the annexes that were approved.")
    is_mine_to_draft = fields.Boolean(compute="_compute_is_mine_to_draft")
    approves_in_absence = fields.Boolean(
        compute="_compute_approves_in_absence", help="The user may approve it as the SIG alone: with a reason."
    )
    is_standing = fields.Boolean(
        compute="_compute_is_standing", search="_search_is_standing", help="The process takes part in the case."
    )
    # Record rules ask these: they become numbers of processes, for which PostgreSQL plans well.
    is_of_my_process = fields.Boolean(
        "Of my processes", compute="_compute_is_of_process", search="_search_is_of_my_process"
    )
    is_of_led_process = fields.Boolean(
        "Of the processes I lead", compute="_compute_is_of_process", search="_search_is_of_led_process"
    )

    _process_unique = models.UniqueIndex(
        "(pqrs_id, process_id) WHERE active IS TRUE AND state != 'declined'", "The case already waits for that process."
    )
    # What the record rules of cases and acts read.
    _reader_index = models.Index(
        "(process_id, pqrs_id) INCLUDE (user_id, state) WHERE active IS TRUE AND state != 'declined'"
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

    @api.depends("allowed_transitions")
    @api.depends_context("uid")
    def _compute_approves_in_absence(self):
        roles = self._get_roles()
        for assignment in self:
            assignment.approves_in_absence = (
                "approve" in assignment.allowed_transitions and transitions.LEADER not in roles[assignment]
            )

    @api.depends("active", "state")
    def _compute_is_standing(self):
        for assignment in self:
            assignment.is_standing = transitions.is_standing(assignment)

    def _search_is_standing(self, operator, _value):
        return Domain(list(transitions.STANDING)) if operator == "in" else NotImplemented

    @api.depends(
        "process_id.root_id.member_ids",
        "process_id.root_id.leader_id",
        "process_id.root_id.deputy_ids",
        "process_id.root_id.absence_ids.date_from",
        "process_id.root_id.absence_ids.date_to",
        "process_id.root_id.absence_ids.substitute_id",
        "approver_id",
        "recused_user_ids",
    )
    @api.depends_context("uid")
    def _compute_is_of_process(self):
        """Where an approver was named, who leads gives way, member or not; members without a conflict go on."""
        user = self.env.user
        is_leader = user.has_group("sig_pqrs.group_process_leader")
        leaderships = self.sudo().process_id._get_leaderships()
        for assignment, assignment_sudo in zip(self, self.sudo(), strict=True):
            process, approver = assignment_sudo.process_id, assignment_sudo.approver_id
            leadership = leaderships[process]
            leads = user in leadership.leaders
            gives_way = approver and approver != user and (leads or user in assignment_sudo.recused_user_ids)
            works = user in process.root_id.member_ids or user in leadership.substitutes
            assignment.is_of_led_process = user == approver or (leads and not approver)
            assignment.is_of_my_process = not gives_way and (works or (leads and is_leader))

    def _search_is_of_my_process(self, operator, _value):
        """Members, who leads with that role, and substitutes, whose role may be but that of collaborator."""
        if operator != "in":
            return NotImplemented
        return self._remember("member", self._get_of_my_process_domain)

    def _search_is_of_led_process(self, operator, _value):
        if operator != "in":
            return NotImplemented
        return self._remember("leader", self._get_of_led_process_domain)

    @api.model
    def _remember(self, role, get_domain):
        """The rules ask for each search: who makes many of them at once keeps the answers (see `get_my_day`)."""
        known = self.env.cr.cache.get("sig_roles", {})
        key = (self.env.uid, role)
        if key not in known:
            known[key] = get_domain()
        return known[key]

    @api.model
    def _get_of_my_process_domain(self):
        Process = self.env["sig.process"]
        substituted = Process._get_substituted_domain()
        processes = self._search_processes(Process._get_worked_in_domain(substituted))
        _mine, others = self._search_named(Domain("process_id", "any", Process._get_led_domain(substituted)))
        return Domain("process_id", "in", processes.ids) & self._leave_out(others)

    @api.model
    def _get_of_led_process_domain(self):
        processes = self._search_processes(self.env["sig.process"]._get_led_domain())
        mine, others = self._search_named(Domain("process_id", "in", processes.ids))
        led = Domain("process_id", "in", processes.ids) & self._leave_out(others)
        return led | Domain("id", "in", mine.ids) if mine else led

    @api.model
    def _search_processes(self, domain):
        return self.env["sig.process"].sudo().with_context(active_test=False).search(domain, order="id")

    @api.model
    def _search_named(self, led):
        """Of the few that have an approver of their own: the user's to approve, and those where the user gives way.

        :param led: domain of the assignments of processes that the user leads.
        """
        user = self.env.uid
        concerned = led | Domain("approver_id", "=", user) | Domain("recused_user_ids", "in", user)
        named = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(Domain("approver_id", "!=", False) & concerned, ["approver_id"], order="id")
        )
        mine = named.filtered(lambda assignment: assignment.approver_id.id == user)
        return mine, named - mine

    @api.model
    def _leave_out(self, assignments):
        """Nothing when there is none, so that the usual query keeps the plan of its index."""
        return Domain("id", "not in", assignments.ids) if assignments else Domain.TRUE

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

    # -- Who approves -----------------------------------------------------------------------------------------------

    def _filter_led_by_user(self):
        """Those on which the current user acts as leader today."""
        user = self.env.user
        led = self.sudo().process_id.with_env(self.env)._filter_led_by_user()
        named = self.sudo().filtered("approver_id")
        mine = named.filtered(lambda assignment: assignment.approver_id == user)
        if not user.has_group("sig_pqrs.group_process_leader"):
            mine = mine.browse()
        return self.filtered(
            lambda assignment: assignment in mine or (assignment not in named and assignment.sudo().process_id in led)
        )

    def _get_present_approvers(self, authorized=True):
        """``{assignment: users}`` who can approve it today, in the order in which they are asked; the SIG apart.

        :param bool authorized: of restricted cases, only those who are named on them.
        """
        leaderships = self.sudo().process_id._get_leaderships()
        present = {}
        for assignment, assignment_sudo in zip(self, self.sudo(), strict=True):
            case = assignment_sudo.pqrs_id
            people = assignment_sudo.approver_id.filtered("active")
            if not assignment_sudo.approver_id:
                people = leaderships[assignment_sudo.process_id].present
            if authorized and case.restricted:
                people = people.filtered(lambda user, case=case: user in case.authorized_user_ids)
            present[assignment] = people
        return present

    def _get_working_users(self):
        """``{assignment: users}`` who draft or approve it."""
        leaderships = self.process_id._get_leaderships()
        people = {}
        for assignment in self:
            leaders = leaderships[assignment.process_id].leaders
            members = assignment.process_id.root_id.member_ids
            if assignment.approver_id:
                people[assignment] = members - leaders - assignment.recused_user_ids
            else:
                people[assignment] = members | leaders
            people[assignment] |= assignment.user_id | assignment.approver_id
        return people

    def _filter_drafted_for_others(self, user):
        """Those that ``user`` drafted and must not approve: not being their leader, while somebody else can."""
        drafted = self.filtered(
            lambda assignment: assignment.sudo().user_id == user and assignment.sudo().leader_id != user
        )
        present = drafted._get_present_approvers()
        return drafted.filtered(lambda assignment: present[assignment] - user)

    def _get_approvers(self, authorized=True):
        """``{assignment: user}`` to whom its approval goes today: who acts as leader; the SIG when none can.

        :param bool authorized: of restricted cases, only those who are named on them.
        """
        present = self._get_present_approvers(authorized)
        approvers = {}
        for assignment, assignment_sudo in zip(self, self.sudo(), strict=True):
            people = present[assignment]
            drafter = assignment_sudo.user_id
            if drafter != assignment_sudo.leader_id:
                people = (people - drafter) or people
            approvers[assignment] = people[:1] or assignment_sudo.company_id._sig_get_director()
        return approvers

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

    def _describe_absences(self, reason):
        """``{assignment: (note, who is away)}`` of those that the user approves in place of somebody.

        :raises UserError: when the SIG gives no reason.
        """
        roles = self._get_roles()
        leaderships = self.sudo().process_id._get_leaderships()
        user = self.env.user
        absences = {}
        for assignment, process in ((assignment, assignment.sudo().process_id) for assignment in self):
            if transitions.LEADER not in roles[assignment]:
                message = self.env._("%s: say why the SIG approves in the leader's absence.", assignment.display_name)
                note = self.env._(
                    "In the absence of the leader, %(leader)s: %(reason)s",
                    leader=assignment.sudo().leader_id.name,
                    reason=self._require_text(reason, message),
                )
                absences[assignment] = (note, assignment.sudo().leader_id)
            elif absentee := leaderships[process].substitutes.get(user):
                note = self.env._(
                    "In the absence of %(leader)s, by the substitute, %(substitute)s.",
                    leader=absentee.name,
                    substitute=user.name,
                )
                absences[assignment] = (note, absentee)
        return absences

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

    def action_name_approver(self, user_id, reason, drafter_id=False):
        """Name who approves in place of the process, because of a conflict of interest.

        Only that person approves and returns. Who acts as leader of the process loses that on it and, without another
        ground, stops seeing it, its case, the acts, the talk and the annexes.

        :param int user_id: who approves; False gives it back to the process.
        :param int drafter_id: who drafts instead, when the responsible is one of those who give way.
        """
        self._check_transition("name_approver")
        reason = self._require_text(reason)
        approver = self._get_record("res.users", user_id)
        if user_id and not approver:
            raise UserError(self.env._("Choose who approves the answer."))
        if drafter_id:
            self._hand_over(self._get_record("res.users", drafter_id), reason)
        leaderships = self.sudo().process_id._get_leaderships()
        for assignment in self.sudo():
            recused = approver.browse()
            if approver:
                recused = (assignment.recused_user_ids | leaderships[assignment.process_id].leaders) - approver
            assignment._check_approver(approver, recused)
            assignment.write({"approver_id": approver.id, "recused_user_ids": [Command.set(recused.ids)]})
        self.sudo()._name_on_restricted()
        name = approver.sudo().name
        text = (
            self.env._("Approved by %(user)s in place of the process: %(reason)s", user=name, reason=reason)
            if approver
            else self.env._("The process approves again: %s", reason)
        )
        self._record(
            "approver_named",
            notes=dict.fromkeys(self, text),
            data={
                assignment: {"approver": approver.id, "give_way": assignment.recused_user_ids.ids}
                for assignment in self.sudo()
            },
        )
        self._log(dict.fromkeys(self, text))
        self.sudo()._forget_outsiders()
        self.sudo().pqrs_id._forget_outsiders()
        self._move_approvals()
        self._tell_named()
        return True

    def _name_on_restricted(self):
        """On restricted cases, who approves is named, and who gives way without another part in the case is not."""
        restricted = self.filtered(lambda assignment: assignment.pqrs_id.restricted)
        for assignment, approver in restricted._get_approvers(authorized=False).items():
            case = assignment.pqrs_id
            case._authorize(approver)
            case._unauthorize(assignment.recused_user_ids - case._get_working_users())

    def _check_approver(self, approver, recused):
        """Refuse an approver who cannot approve, or a drafter who gives way."""
        if not approver:
            return
        if not approver.active or self.company_id not in approver.company_ids:
            raise UserError(
                self.env._(
                    "%(user)s is not an active user of %(company)s.", user=approver.name, company=self.company_id.name
                )
            )
        if not approver.has_group("sig_pqrs.group_process_leader"):
            raise UserError(self.env._("%s needs the role of process leader before approving.", approver.name))
        if approver == self.user_id:
            raise UserError(self.env._("%s drafts this answer and cannot approve it too.", approver.name))
        if self.user_id in recused:
            raise UserError(
                self.env._(
                    "%s drafts this answer and is one of those who give way: choose who drafts it instead.",
                    self.user_id.name,
                )
            )

    def _check_may_draft(self, user):
        """Refuse as drafter of an answer with a named approver that approver, and those who give way."""
        for assignment in self.sudo().filtered("approver_id"):
            if user == assignment.approver_id:
                raise UserError(self.env._("%s approves this answer and cannot draft it too.", user.sudo().name))
            if user in assignment.recused_user_ids:
                raise UserError(
                    self.env._("%s gives way on this answer, because of a conflict of interest.", user.sudo().name)
                )

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

    def _tell_named(self):
        """Tell named approvers of what is still being drafted; what waits for them they have heard of."""
        People = self.env["sig.people"]
        People._mail(
            [
                (
                    assignment.approver_id,
                    assignment.company_id,
                    theirs.env._("You approve the answer of %s", assignment.display_name),
                    theirs._get_mail_text(),
                    People._get_url(assignment),
                )
                for assignment in self.sudo()
                if assignment.approver_id and assignment.state != "submitted"
                for theirs in [assignment.with_context(lang=assignment.approver_id.lang)]
            ]
        )

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

    def _notify_approvers(self):
        """Tell who approves what there is to approve, and keep whom it waits for."""
        assignments = self.sudo()
        approvers = assignments._get_approvers()
        present = assignments._get_present_approvers()
        by_approver = {}
        for assignment, approver in approvers.items():
            by_approver.setdefault(approver, []).append(assignment.id)
        for approver, ids in by_approver.items():
            assignments.browse(ids).approval_user_id = approver
        missing = assignments.filtered(lambda assignment: not present[assignment])
        (assignments - missing)._notify_people(
            approvers,
            "sig_pqrs.activity_approve",
            lambda assignment: assignment.env._("Answer to approve: %s", assignment.pqrs_id.name),
        )
        missing._notify_people(
            approvers,
            "sig_pqrs.activity_approve",
            lambda assignment: assignment.env._(
                "Answer to approve in the leader's absence: %s", assignment.pqrs_id.name
            ),
        )

    def _move_approvals(self):
        """Where somebody else approves today than was told, tell them instead."""
        waiting = self.sudo().filtered(lambda assignment: assignment.state == "submitted")
        approvers = waiting._get_approvers()
        moved = waiting.filtered(lambda assignment: approvers[assignment] != assignment.approval_user_id)
        if moved:
            moved._close_activities()
            moved._notify_approvers()

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
