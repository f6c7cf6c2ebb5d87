from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..mixin import transitions


class AssignmentApprover(models.Model):
    """Who approves an assignment today: who leads its process, who stands in, or who was named in their place."""

    _inherit = "sig.pqrs.assignment"

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
    approves_in_absence = fields.Boolean(
        compute="_compute_approves_in_absence", help="The user may approve it as the SIG alone: with a reason."
    )

    @api.depends("allowed_transitions")
    @api.depends_context("uid")
    def _compute_approves_in_absence(self):
        roles = self._get_roles()
        for assignment in self:
            assignment.approves_in_absence = (
                "approve" in assignment.allowed_transitions and transitions.LEADER not in roles[assignment]
            )

    # -- Who approves -----------------------------------------------------------------------------------------------

    def _filter_led_by_user(self):
        """Those on which the current user acts as leader today."""
        user = self.env.user
        self_sudo = self.sudo()
        led = self_sudo.process_id.with_env(self.env)._filter_led_by_user()
        named = self_sudo.filtered("approver_id")
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
        self_sudo = self.sudo()
        leaderships = self_sudo.process_id._get_leaderships()
        present = {}
        for assignment, assignment_sudo in zip(self, self_sudo, strict=True):
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
        drafted = self.sudo().filtered(lambda assignment: assignment.user_id == user != assignment.leader_id)
        drafted = drafted.with_env(self.env)
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

    def _describe_absences(self, reason):
        """``{assignment: (note, who is away)}`` of those that the user approves in place of somebody.

        :raises UserError: when the SIG gives no reason.
        """
        roles = self._get_roles()
        self_sudo = self.sudo()
        leaderships = self_sudo.process_id._get_leaderships()
        user = self.env.user
        absences = {}
        for assignment, assignment_sudo in zip(self, self_sudo, strict=True):
            if transitions.LEADER not in roles[assignment]:
                message = self.env._("%s: say why the SIG approves in the leader's absence.", assignment.display_name)
                note = self.env._(
                    "In the absence of the leader, %(leader)s: %(reason)s",
                    leader=assignment_sudo.leader_id.name,
                    reason=self._require_text(reason, message),
                )
                absences[assignment] = (note, assignment_sudo.leader_id)
            elif absentee := leaderships[assignment_sudo.process_id].substitutes.get(user):
                note = self.env._(
                    "In the absence of %(leader)s, by the substitute, %(substitute)s.",
                    leader=absentee.name,
                    substitute=user.name,
                )
                absences[assignment] = (note, absentee)
        return absences

    # -- A named approver -------------------------------------------------------------------------------------------

    def action_name_approver(self, user_id, reason, drafter_id=False):
        """Name who approves in place of the process, because of a conflict of interest.

        Only that person approves and returns. Who acts as leader of the process loses that on it and, without another
        ground, stops seeing it, its case, the acts, the talk and the annexes.

        :param int user_id: who approves; False gives it back to the process.
        :param int drafter_id: who drafts instead, when the responsible is one of those who give way.
        """
        proven = self._check_transition("name_approver")
        reason = self._require_text(reason)
        approver = self._get_record("res.users", user_id)
        if user_id and not approver:
            raise UserError(self.env._("Choose who approves the answer."))
        if drafter_id:
            self._hand_over(self._get_record("res.users", drafter_id), reason)
        leaderships = proven.process_id._get_leaderships()
        for assignment in proven:
            recused = approver.browse()
            if approver:
                recused = (assignment.recused_user_ids | leaderships[assignment.process_id].leaders) - approver
            assignment._check_approver(approver, recused)
            assignment.write({"approver_id": approver.id, "recused_user_ids": [Command.set(recused.ids)]})
        proven._name_on_restricted()
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
                for assignment in proven
            },
        )
        self._log(dict.fromkeys(self, text))
        proven._remove_outsiders()
        proven.pqrs_id._remove_outsiders()
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
        name = user.sudo().name
        for assignment in self.sudo().filtered("approver_id"):
            if user == assignment.approver_id:
                raise UserError(self.env._("%s approves this answer and cannot draft it too.", name))
            if user in assignment.recused_user_ids:
                raise UserError(
                    self.env._("%s gives way on this answer, because of a conflict of interest.", name)
                )

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

    # -- Who is told ------------------------------------------------------------------------------------------------

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
