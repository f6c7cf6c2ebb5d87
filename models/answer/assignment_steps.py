from odoo import api, models, tools
from odoo.exceptions import UserError

from .. import clock
from ..mixin.transitions import TO_DRAFT


class AssignmentSteps(models.Model):
    """The steps of a process on its share of a case: drafting, approving, giving it to others, giving it back."""

    _inherit = "sig.pqrs.assignment"
    _own_activities = ("sig_pqrs.activity_draft", "sig_pqrs.activity_approve", "sig_pqrs.activity_deadline")

    def action_submit(self):
        """Send the draft to the leader."""
        proven = self._check_transition("submit")
        self._check_answered()
        proven.write({"state": "submitted", "date_submitted": clock.now(), "submitted_by_id": self.env.uid})
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

    def action_approve(self, digest=False, reason=False):
        """Approve the draft that was read.

        :param digest: `draft_digest` of what the approver read, which a form sends in the context under that name; of
            several, ``{id: digest}``. Another one is refused. Without any, what stands is approved unread, and the act
            says so.
        :param str reason: why the SIG approves in the leader's absence; required of who does not act as leader.
        """
        proven = self._check_transition("approve")
        absences = self._describe_absences(reason)
        self._check_answered()
        was_read = self._check_seen(digest)
        self._store_digests()
        proven.write({"state": "approved", "date_approved": clock.now(), "approved_by_id": self.env.uid})
        notes = {assignment: note for assignment, (note, _absentee) in absences.items()}
        self._record(
            "approved",
            notes=notes,
            data={
                assignment: {
                    "digest": assignment.response_digest,
                    **({} if was_read else {"unread": True}),
                    **({"in_absence_of": absences[assignment][1].id} if assignment in absences else {}),
                }
                for assignment in proven
            },
        )
        self._log(
            {
                assignment: " ".join(filter(None, [self.env._("Answer approved."), notes.get(assignment)]))
                for assignment in self
            }
        )
        self._close_activities()
        proven.pqrs_id._follow_assignments()
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
        proven = self._check_transition("reassign")
        user = proven._get_record("res.users", user_id)
        self._check_may_draft(user)
        for assignment in proven:
            process = assignment.process_id.root_id
            if (
                not user
                or user not in process.member_ids | process.deputy_ids | process.leader_id
                or not user.active
            ):
                raise UserError(
                    self.env._(
                        "Choose somebody of the process %s. To give the case to another process, ask the SIG.",
                        process.name,
                    )
                )
        self._close_activities()
        proven.pqrs_id._authorize(user)
        proven.write(
            {
                "user_id": user.id,
                "state": "pending",
            }
        )
        self._record("reassigned", notes=dict.fromkeys(self, user.name))
        self._log(dict.fromkeys(self, self.env._("The answer is now drafted by %s.", user.name)))
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
        to_draft = self.filtered(lambda assignment: assignment.state in TO_DRAFT)
        to_draft._close_activities()
        to_draft._notify_drafters()
        return True

    def _hand_over(self, user, reason):
        """Another responsible, from the standing state; the approval moves when it was theirs to give."""
        self_sudo, user = self.sudo(), user.sudo()
        for case in self_sudo.pqrs_id:
            case._check_drafter(user)
        self._check_may_draft(user)
        self_sudo.pqrs_id._authorize(user)
        former = {assignment: assignment.user_id.name for assignment in self_sudo}
        self_sudo.write({"user_id": user.id})
        notes = {
            assignment: self.env._(
                "From %(former)s to %(user)s: %(reason)s",
                former=former[assignment],
                user=user.name,
                reason=reason,
            )
            for assignment in self
        }
        self._record("reassigned", notes=notes)
        self._log({assignment: self.env._("The answer is now drafted by %s.", user.name) for assignment in self})
        self._move_approvals()

    def action_decline(self, reason):
        """Say that the case does not belong to the process; it goes back to the SIG."""
        proven = self._check_transition("decline")
        reason = self._require_text(reason)
        self._close_activities()
        proven.write({"state": "declined"})
        self._release_requests()
        self._record("declined", notes=dict.fromkeys(self, reason))
        self._log(dict.fromkeys(self, self.env._("The process says that the case is not its own: %s", reason)))
        proven.pqrs_id._on_declined(dict.fromkeys(self, reason))
        return True

    def action_remove(self, reason):
        """Take the process off the case."""
        proven = self._check_transition("remove")
        reason = self._require_text(reason)
        self._close_activities()
        proven.write({"active": False})
        self._release_requests()
        self._record("removed", notes=dict.fromkeys(self, reason))
        self._log(dict.fromkeys(self, self.env._("Removed from the case: %s", reason)))
        proven.pqrs_id._follow_assignments()
        return True

    # -- What they share --------------------------------------------------------------------------------------------

    def _get_transition_refusal(self, name):
        if name == "approve" and self.sudo().state == "returned":
            return self.env._(
                "%s: it was returned, or changed after it was submitted. It is approved once it is submitted again.",
                self.display_name,
            )
        return super()._get_transition_refusal(name)

    def _give_back(self, reason):
        self._close_activities()
        self_sudo = self.sudo()
        self_sudo.write(
            {"state": "returned", "date_approved": False, "approved_by_id": False, "response_digest": False}
        )
        self._record("returned", notes=dict.fromkeys(self, reason))
        self._log(dict.fromkeys(self, self.env._("Returned for changes: %s", reason)))
        self._notify_people(
            {assignment: assignment.user_id for assignment in self_sudo},
            "sig_pqrs.activity_draft",
            lambda assignment: assignment.env._("Answer returned: %s", assignment.pqrs_id.name),
            note=reason,
        )
        self_sudo.pqrs_id._follow_assignments()

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
        self_sudo = self.sudo()
        for assignment in self_sudo:
            by_case.setdefault(assignment.pqrs_id, []).append(
                f"{assignment.process_id.name}: {bodies[assignment.with_env(self.env)]}"
            )
        cases = self_sudo.pqrs_id
        cases._message_log_batch({case.id: "\n".join(lines) for case, lines in by_case.items()})

    # -- Whom they tell ---------------------------------------------------------------------------------------------

    @api.model
    def _get_own_activity_types(self):
        """Types of `_own_activities`."""
        return self.env["mail.activity.type"].sudo().union(*map(self.sudo().env.ref, self._own_activities))

    def _schedule_drafts(self):
        """The activity of those being drafted to their responsible, without a mail for each."""
        drafts = self.sudo().filtered(lambda assignment: assignment.state in TO_DRAFT)
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

    def _ask_again(self):
        """The case was taken up again: who still owes a draft or an approval is told so."""
        self.filtered(lambda assignment: assignment.state in TO_DRAFT)._notify_drafters()
        self.filtered(lambda assignment: assignment.state == "submitted")._notify_approvers()

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
