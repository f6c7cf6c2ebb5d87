from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..case.priority import URGENT
from ..mixin import transitions


class AssignmentApprover(models.Model):
    """Who approves an assignment today: the leader of its process, a substitute, or a named approver."""

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
    approves_in_absence = fields.Boolean(compute="_compute_approves_in_absence")

    @api.depends("allowed_transitions")
    @api.depends_context("uid")
    def _compute_approves_in_absence(self):
        roles = self._get_roles()
        for assignment in self:
            approves = "approve" in assignment.allowed_transitions
            assignment.approves_in_absence = approves and transitions.LEADER not in roles[assignment]

    def _filter_led_by_user(self):
        user, self_sudo = self.env.user, self.sudo()
        led = self_sudo.process_id.with_env(self.env)._filter_led_by_user()
        found = self_sudo.filtered(lambda assignment: not assignment.approver_id and assignment.process_id in led)
        if user.has_group("sig_pqrs.group_process_leader"):
            found |= self_sudo.filtered(lambda assignment: assignment.approver_id == user)
        return found.with_env(self.env)

    def _get_present_approvers(self, authorized=True):
        """``{assignment: users}`` who can approve it today, in the order in which they are asked; without the SIG.

        :param bool authorized: whether only users named on a restricted case count.
        """
        assignments = self.sudo()
        leaderships = assignments.process_id._get_leaderships()
        away = self.env["sig.process.absence"]._search_current([("user_id", "in", assignments.approver_id.ids)]).user_id
        present = {}
        for assignment in assignments:
            case, named = assignment.pqrs_id, assignment.approver_id
            people = named._sig_filter_active("process_leader", assignment.company_id) - away
            people = people if named else leaderships[assignment.process_id].present
            if authorized and case.restricted:
                people = people.filtered(lambda user, case=case: user in case.authorized_user_ids)
            present[assignment] = people
        return present

    def _get_working_users(self):
        leaderships = self.process_id._get_leaderships()
        people = {}
        for assignment in self:
            leaders, members = leaderships[assignment.process_id].leaders, assignment.process_id.member_ids
            free = members - leaders - assignment.recused_user_ids if assignment.approver_id else members | leaders
            people[assignment] = free | assignment.user_id | assignment.approver_id
        return people

    def _get_drafters(self):
        """Who is responsible, wrote or submitted it; but its leader, who answers for the process."""
        return (self.user_id | self.writer_ids | self.request_ids.writer_ids | self.submitted_by_id) - self.leader_id

    def _get_free_approvers(self, authorized=True):
        """Those of `_get_present_approvers` who did not draft it; all of them, if nobody else is left."""
        present = self._get_present_approvers(authorized)
        return {assignment: (people - assignment._get_drafters()) or people for assignment, people in present.items()}

    def _filter_drafted_for_others(self, user):
        """Those to approve that ``user`` drafted and somebody else can approve."""
        to_approve = self.sudo().filtered(lambda assignment: assignment.state == "submitted")
        drafted = to_approve.filtered(lambda assignment: user in assignment._get_drafters())
        free = drafted._get_free_approvers()
        return drafted.filtered(lambda assignment: user not in (free[assignment] or user)).with_env(self.env)

    def _get_approvers(self, authorized=True):
        """``{assignment: user}`` asked to approve it today: the first of `_get_free_approvers`, or else the SIG."""
        return {
            assignment: free[:1] or assignment.company_id._sig_get_director(assignment.recused_user_ids)
            for assignment, free in self._get_free_approvers(authorized).items()
        }

    def _describe_absences(self, reason):
        """``{assignment: (note, data of the act)}`` of those that the user approves in place of somebody."""
        roles, assignments, user = self._get_roles(), self.sudo(), self.env.user
        leaderships = assignments.process_id._get_leaderships()
        able, there = assignments._get_free_approvers(), assignments._get_free_approvers(authorized=False)
        absences = {}
        for assignment in assignments:
            if transitions.LEADER not in roles[assignment]:
                absentee = not there[assignment] and (assignment.approver_id or assignment.leader_id)
                leader = (able[assignment][:1] or there[assignment][:1] or absentee).name or self.env._("a leader")
                message = self.env._("%s: say why the SIG approves it.", assignment.display_name)
                why = {"leader": leader, "reason": self._require_text(reason, message)}
                if able[assignment]:
                    note = self.env._("By the SIG, though %(leader)s could approve: %(reason)s", **why)
                elif there[assignment]:
                    note = self.env._("By the SIG, because %(leader)s is not among who may see it: %(reason)s", **why)
                else:
                    note = self.env._("By the SIG, in the absence of %(leader)s: %(reason)s", **why)
            elif absentee := leaderships[assignment.process_id].substitutes.get(user):
                who = {"leader": absentee.name, "substitute": user.name}
                note = self.env._("In the absence of %(leader)s, by the substitute, %(substitute)s.", **who)
            else:
                continue
            absences[assignment] = (note, {"in_absence_of": absentee.id} if absentee else {})
        return absences

    def action_name_approver(self, user_id, reason):
        """Name who approves in place of the process, because of a conflict of interest.

        Only that person, or the SIG in their place, approves. Those who lead the process do not, as SIG either, and
        without another part in it no longer see the assignment and its case. The responsible cannot be one of them:
        `action_hand_over`.

        :param int user_id: who approves; False gives it back to the process.
        """
        proven = self._check_transition("name_approver")
        reason = self._require_text(reason)
        approver = proven._get_record("res.users", user_id)
        if user_id and not approver:
            raise UserError(self.env._("Choose who approves the answer."))
        if not approver - self.env.user and self.env.user in proven.recused_user_ids:
            raise UserError(self.env._("You give way in it because of a conflict of interest: name somebody else."))
        leaderships = proven.process_id._get_leaderships()
        for assignment in proven:
            recused = approver.browse()
            if approver:
                assignment._check_approver(approver)
                recused = (assignment.recused_user_ids | leaderships[assignment.process_id].leaders) - approver
            assignment.write({"approver_id": approver.id, "recused_user_ids": [Command.set(recused.ids)]})
            assignment._check_may_draft(assignment.user_id)
        proven._name_on_restricted()
        text = (
            self.env._("Approved by %(user)s in place of the process: %(reason)s", user=approver.name, reason=reason)
            if approver
            else self.env._("The process approves again: %s", reason)
        )
        named = {part: {"approver": approver.id, "give_way": part.recused_user_ids.ids} for part in proven}
        proven._record("approver_named", text, named)
        proven._log(text)
        proven._remove_outsiders()
        proven.pqrs_id._remove_outsiders()
        proven._follow_people()
        proven._notify_named()
        return True

    def _name_on_restricted(self):
        """Authorize on restricted cases who approves; unauthorize those who give way and have no other part in it."""
        restricted = self.filtered(lambda assignment: assignment.pqrs_id.restricted)
        for assignment, approver in restricted._get_approvers(authorized=False).items():
            case = assignment.pqrs_id
            case._authorize(approver)
            if gone := (assignment.recused_user_ids & case.authorized_user_ids) - case._get_working_users():
                case.write({"authorized_user_ids": [Command.unlink(user.id) for user in gone]})

    def _check_approver(self, approver):
        self.company_id._sig_check_staff(approver)
        if not approver.has_group("sig_pqrs.group_process_leader"):
            raise UserError(self.env._("%s needs the role of process leader before approving.", approver.name))

    def _check_may_draft(self, user):
        for assignment in self.filtered("approver_id"):
            who = {"part": assignment.display_name, "user": user.name}
            if user == assignment.approver_id:
                raise UserError(self.env._("%(part)s: %(user)s approves it and cannot draft it too.", **who))
            if user in assignment.recused_user_ids:
                text = self.env._("%(part)s: %(user)s gives way because of a conflict: choose who drafts it.", **who)
                raise UserError(text)

    def _notify_named(self):
        """Mail named approvers; of submitted drafts `_notify_approvers` does."""
        drafts = self.filtered(lambda assignment: assignment.state != "submitted")
        approvers = {draft: draft.approver_id for draft in drafts}
        drafts._mail_people(approvers, lambda draft: draft.env._("You approve the answer of %s", draft.display_name))

    def _notify_approvers(self):
        approvers, present = self._get_approvers(), self._get_present_approvers(authorized=False)
        for approver, theirs in self.grouped(approvers.get).items():
            theirs.approval_user_id = approver

        def get_subject(draft):
            case = draft.pqrs_id.name
            if present[draft]:
                return draft.env._("Answer to approve: %s", case)
            return draft.env._("Answer to approve in the leader's absence: %s", case)

        self._notify_people(approvers, "sig_pqrs.activity_approve", get_subject)

    def _move_approvals(self):
        """Notify those who approve today instead of those who were asked, or reminded of the date, before."""
        waiting = self.filtered(lambda assignment: assignment.state == "submitted")
        approvers = waiting._get_approvers()
        moved = waiting.filtered(lambda assignment: approvers[assignment] != assignment.approval_user_id)
        if moved:
            moved._close_activities()
            moved._notify_approvers()
        recipients, reminders = self._get_deadline_recipients(), self.activity_search(["sig_pqrs.activity_deadline"])
        former = self.browse(row.res_id for row in reminders if row.user_id != recipients[self.browse(row.res_id)])
        for state, parts in former.grouped("deadline_state").items():
            parts._enter_deadline_state(state)

    def _follow_people(self):
        """Who drafts or approves has changed: they follow in what waits, and are told of a danger."""
        self._move_approvals()
        self.env["sig.case.alarm"]._raise(self.pqrs_id)
        self.pqrs_id.filtered(lambda case: case.priority == URGENT)._remove_outsiders()
