from odoo import models, tools
from odoo.exceptions import UserError

from .. import clock
from ..mixin.transitions import TO_DRAFT
from .response_template import get_blanks, get_html_blanks


class AssignmentSteps(models.Model):
    _inherit = "sig.pqrs.assignment"
    _own_activities = ("sig_pqrs.activity_draft", "sig_pqrs.activity_approve", "sig_pqrs.activity_deadline")

    def action_submit(self):
        proven = self._check_transition("submit")
        self._check_answered()
        proven.write({"state": "submitted", "date_submitted": clock.now(), "submitted_by_id": self.env.uid})
        proven._record("submitted")
        approvers = proven._get_approvers().items()
        proven._log({part: self.env._("Draft sent to %s for approval.", user.name) for part, user in approvers})
        proven._close_activities()
        proven._notify_approvers()
        return True

    def action_approve(self, digest=False, reason=False):
        """Approve the draft that was read.

        :param digest: `draft_digest` of what the approver read, which a form sends in the context under that name; of
            several, ``{id: digest}``. Another one is refused. Without any, the act says that it was approved unread.
        :param str reason: why the SIG approves in place of the leader; required of who does not act as leader.
        """
        proven = self._check_transition("approve")
        absences = self._describe_absences(reason)
        self._check_answered()
        unread = {} if self._check_seen(digest) else {"unread": True}
        self._store_digests()
        told = {part: absences.get(part, ("", {})) for part in proven}
        data = {part: {"digest": part.response_digest, **unread, **more} for part, (_note, more) in told.items()}
        proven._complete_approval({part: note for part, (note, _more) in told.items()}, data)
        return True

    def _complete_approval(self, notes, data):
        """Of drafts that their approver read. Hook: another approver may have to follow first."""
        self.write({"state": "approved", "date_approved": clock.now(), "approved_by_id": self.env.uid})
        self._record("approved", notes, data)
        approved = self.env._("Answer approved.")
        self._log({part: " ".join(filter(None, [approved, notes.get(part)])) for part in self})
        self._close_activities()
        self.pqrs_id._follow_assignments()

    def action_return(self, reason):
        self._check_transition("return")._return(self._require_text(reason))
        return True

    def action_reassign(self, user_id):
        proven = self._check_transition("reassign")
        user = proven._get_record("res.users", user_id)
        proven.pqrs_id._check_drafter(user)
        proven._check_may_draft(user)
        for process in proven.process_id.filtered(lambda each: user not in each._get_people()):
            text = self.env._(
                "Choose somebody of the process %s. To give the case to another process, ask the SIG.", process.name
            )
            raise UserError(text)
        proven._close_activities()
        proven.pqrs_id._authorize(user)
        proven.write({"user_id": user.id})
        proven.filtered(lambda part: part.state != "returned").write({"state": "pending"})
        self._follow_deadlines(proven.pqrs_id)
        proven._record("reassigned", user.name)
        proven._log(self.env._("The answer is now drafted by %s.", user.name))
        proven._notify_drafters()
        return True

    def action_hand_over(self, user_id, reason):
        """Give the draft, in its current state, to anybody with a SIG role."""
        proven = self._check_transition("hand_over")
        reason = self._require_text(reason)
        proven._hand_over(proven._get_record("res.users", user_id), reason)
        to_draft = proven.filtered(lambda assignment: assignment.state in TO_DRAFT)
        to_draft._close_activities()
        to_draft._notify_drafters()
        return True

    def _hand_over(self, user, reason):
        self.pqrs_id._check_drafter(user)
        self._check_may_draft(user)
        self.pqrs_id._authorize(user)
        moved = {"user": user.name, "reason": reason}
        notes = {
            part: self.env._("From %(former)s to %(user)s: %(reason)s", former=part.user_id.name, **moved)
            for part in self
        }
        self.write({"user_id": user.id})
        self._record("reassigned", notes)
        self._log(self.env._("The answer is now drafted by %s.", user.name))
        self._follow_people()

    def action_decline(self, reason):
        proven = self._check_transition("decline")
        reason = self._require_text(reason)
        said = self.env._("The process says that the case is not its own: %s", reason)
        for assignment in proven:
            assignment.pqrs_id._notify_director(
                lambda env, name=assignment.process_id.name: env._("%s says that the case is not its own", name), reason
            )
        proven._drop_out("declined", {"state": "declined"}, reason, said)
        return True

    def action_remove(self, reason):
        proven = self._check_transition("remove")
        reason = self._require_text(reason)
        proven._drop_out("removed", {"active": False}, reason, self.env._("Removed from the case: %s", reason))
        return True

    def _drop_out(self, kind, vals, reason, said):
        """The processes take part no longer, nor promise: the SIG gets their requests back, with the answers."""
        self._close_activities()
        self.write(vals)
        self.commitment_ids.filtered(lambda commitment: commitment.state == "draft").unlink()
        requests = self.request_ids
        requests.write({"assignment_id": False})
        bodies = {}
        for case, theirs in requests.grouped("pqrs_id").items():
            numbers = ", ".join(str(request.number) for request in theirs.sorted())
            bodies[case.id] = self.env._("Requests without a process: %s", numbers)
        requests.pqrs_id._message_log_batch(bodies)
        self._record(kind, reason)
        self._remove_outsiders()
        self.pqrs_id._remove_outsiders()
        self._log(said)
        self.pqrs_id._follow_assignments()

    def _check_answered(self):
        """Refuse an empty draft, an unanswered request, or a place to fill in."""
        for assignment in self:
            name, requests = assignment.display_name, assignment.request_ids
            if unanswered := requests.filtered(lambda request: not request._is_answered()):
                args = {"assignment": name, **unanswered[0]._get_label()}
                text = self.env._("%(assignment)s: request %(number)s is not answered: “%(request)s”.", **args)
                raise UserError(text)
            if not assignment._is_answered() and not requests:
                raise UserError(self.env._("%s: write the answer before sending it for approval.", name))
            assignment._check_shows_own(assignment.response)
            blanks = get_html_blanks(assignment.response)
            blanks += [blank for request in requests for blank in get_blanks(request.answer)]
            if blanks:
                args = {"assignment": name, "blank": blanks[0]}
                raise UserError(self.env._("%(assignment)s: the answer still has places to fill in: %(blank)s", **args))

    def _get_transition_refusal(self, name):
        if name == "approve" and self.sudo().state == "returned":
            return self.env._(
                "%s: it was returned, or changed after it was submitted. It is approved once it is submitted again.",
                self.display_name,
            )
        return super()._get_transition_refusal(name)

    def _return(self, reason):
        self._close_activities()
        self.write({"state": "returned", "date_approved": False, "approved_by_id": False, "response_digest": False})
        self._follow_deadlines(self.pqrs_id)
        self._record("returned", reason)
        self._log(self.env._("Returned for changes: %s", reason))
        people, kind = {draft: draft.user_id for draft in self}, "sig_pqrs.activity_draft"
        self._notify_people(people, kind, lambda draft: draft.env._("Answer returned: %s", draft.pqrs_id.name), reason)
        self.pqrs_id._follow_assignments()

    def _record(self, kind, notes="", data=None):
        """Append acts to the cases, with a text or ``{assignment: text}``, and ``{assignment: dict}``."""
        notes = notes if isinstance(notes, dict) else dict.fromkeys(self, notes)
        data = {part: {"process": part.process_id.code, **(data or {}).get(part, {})} for part in self}
        for batch in self._one_per_case():
            own_notes = {part.pqrs_id: notes.get(part, "") for part in batch}
            own_data = {part.pqrs_id: data[part] for part in batch}
            self.env["sig.pqrs.act"]._append(batch.pqrs_id, kind, notes=own_notes, data=own_data)

    def _log(self, bodies):
        """Log a text, or ``{assignment: text}``, in the threads of the assignments and of their cases."""
        if not isinstance(bodies, dict):
            bodies = dict.fromkeys(self, bodies)
        self._message_log_batch({assignment.id: body for assignment, body in bodies.items()})
        lines = {part: f"{part.process_id.name}: {bodies[part]}" for part in self}
        of_cases = {case.id: "\n".join(map(lines.get, parts)) for case, parts in self.grouped("pqrs_id").items()}
        self.pqrs_id._message_log_batch(of_cases)

    def _take_requests(self):
        """Assign requests without a process to the process of their case, when it is the only one."""
        for assignment in self:
            case = assignment.pqrs_id
            if case._get_current_assignments() == assignment:
                case.request_ids.filtered(lambda request: not request.assignment_id).assignment_id = assignment

    def _continue_earlier(self):
        """In a correction, the draft begins with what the process had answered, request by request."""
        for case, assignments in self.grouped("pqrs_id").items():
            if not case.answer_ids or case.env["sig.pqrs.answer"]._get_kind(case) != "correction":
                continue
            given = case.answer_ids.sorted("round")[-1:].assignment_ids.grouped("process_id")
            for assignment in assignments:
                if earlier := given.get(assignment.process_id):
                    assignment.update({name: earlier[name] for name in ("response", "writer_ids", "attachment_ids")})
                    names = set(case._get_current_requests().mapped("name"))
                    again = earlier.request_ids.filtered(lambda each, names=names: each.name not in names)
                    again.copy({"assignment_id": assignment.id})

    def _schedule_drafts(self):
        """Schedule the activity of each responsible who drafts, without a mail for each."""
        drafts = self.filtered(lambda assignment: assignment.state in TO_DRAFT)
        drafts._close_activities()
        people, days = {draft: draft.user_id for draft in drafts}, {draft: draft.date_due for draft in drafts}
        self.env["sig.staff.notice"]._schedule_activities(drafts, people, "sig_pqrs.activity_draft", days)

    def _notify_drafters(self):
        def get_subject(draft):
            args = {"case": draft.pqrs_id.name, "date": tools.format_date(draft.env, draft.date_due)}
            return draft.env._("PQRS assigned: %(case)s (draft for %(date)s)", **args)

        self._notify_people({draft: draft.user_id for draft in self}, "sig_pqrs.activity_draft", get_subject)
        self.env["sig.case.alarm"]._raise(self.pqrs_id)

    def _ask_again(self):
        self.filtered(lambda assignment: assignment.state in TO_DRAFT)._notify_drafters()
        self.filtered(lambda assignment: assignment.state == "submitted")._notify_approvers()

    def _get_mail_text(self, note=False):
        case = self.pqrs_id
        about, *term = case._get_mail_lines()
        return "\n".join(filter(None, [about, case.client_id.name or case.petitioner, *term, note or self.instruction]))

    def _notify_people(self, users, activity_type, get_subject, note=False):
        """Where a user left the company, who approves is told, and gives it to somebody else."""
        told = {part: part.company_id._sig_filter_own(users[part]) or part._get_approvers()[part] for part in self}
        deadlines = {part: part.date_due for part in self}
        self.env["sig.staff.notice"]._schedule_activities(self, told, activity_type, deadlines, note=note)
        self._mail_people(told, get_subject, note)

    def _mail_people(self, users, get_subject, note=False):
        """Mail the users of the assignments, but the current one; ``get_subject`` is in their language."""
        others = {part: users[part] - self.env.user for part in self}
        self.env["sig.staff.notice"]._mail_about(self, others, get_subject, lambda part: part._get_mail_text(note))
