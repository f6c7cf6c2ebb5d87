from odoo import fields, models, tools
from odoo.exceptions import UserError

from .. import clock
from .pqrs_notice import ENDINGS, TOLD, UNTOLD
from .transitions import DRAFTING, OPEN, not_delivering

#: steps that an answer on its way leaves no room for
SETTLED_BY_ANSWER = (
    "assign",
    "add_requests",
    "reclassify",
    "request_information",
    "extend",
    "transfer",
    "withdraw",
    "cancel",
)


class PqrsTransition(models.Model):
    """The steps of the procedure on a case. Each proves the right, writes as superuser, records an act and says so."""

    _inherit = "sig.pqrs"

    def _get_transition_refusal(self, name):
        """Why a step is not possible, where the state alone does not say it."""
        if self.state in OPEN:
            if name in ("register_completion", "extend_completion", "refuse_completion") and not self.suspended:
                return self.env._("%s waits for no information from the petitioner.", self.name)
            if name == "refuse_completion":
                return self.env._("%s: the petitioner has sent nothing that waits to be confirmed.", self.name)
            if name == "request_information" and self.suspended:
                return self.env._("%s waits already for information from the petitioner.", self.name)
            if name == "request_information" and not self.type_id.requirement_allowed:
                return self.env._(
                    "%(case)s: for the type %(type)s no information is required from the petitioner.",
                    case=self.name,
                    type=self.type_id.name,
                )
            if name == "extend" and not self.type_id.extension_days:
                return self.env._(
                    "%(case)s: the type %(type)s has no extension.", case=self.name, type=self.type_id.name
                )
            if name in SETTLED_BY_ANSWER and not not_delivering(self):
                return self.env._("%s: the answer is on its way to the petitioner.", self.name)
            if name == "send_response" and self.state != "approved":
                return self.env._("%s: there are processes that have not approved their answer.", self.name)
        if name == "register_forwarding" and self.transfer_proved:
            return self.env._("%s: its transfer is proved already.", self.name)
        return super()._get_transition_refusal(name)

    # -- Intake -----------------------------------------------------------------------------------------------------

    def action_file(self):
        """File what a stranger sent; its date of arrival stays."""
        self._check_transition("file")
        self.sudo().write({"state": "received"})
        self._record("filed", dict.fromkeys(self, self.env._("Filed.")))
        self._queue_acknowledgement()
        return True

    def action_discard(self, reason):
        """Say that what arrived is not a PQRS."""
        self._check_transition("discard")
        return self._settle("cancelled", "spam", "cancelled", self._require_text(reason))

    # -- Work -------------------------------------------------------------------------------------------------------

    def action_assign(self, assignments):
        """Give the cases to one or several processes.

        :param list assignments: dicts with ``process_id``, and optionally ``user_id`` (the leader by default),
            ``instruction`` and ``date_due`` (from the process's internal days by default).
        :return: ids of the assignments.
        """
        self._check_transition("assign")
        if (
            not isinstance(assignments, list)
            or not assignments
            or not all(isinstance(vals, dict) for vals in assignments)
        ):
            raise UserError(self.env._("Choose at least one process."))
        self.sudo()._check_authority_copy()
        now = clock.now()
        chosen = self.sudo()._look_up_assignments(assignments)
        vals_list = [vals for case in self.sudo() for vals in case._prepare_assignments(chosen, now)]
        self.sudo()._authorize(self.env["res.users"].union(*(user for _process, user, _vals in chosen)))
        created = (
            self.env["sig.pqrs.assignment"]
            .sudo()
            .with_context(mail_create_nolog=True, tracking_disable=True)
            .create(vals_list)
        )
        self.sudo().write({"state": "assigned"})
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

    def action_reclassify(self, type_id, reason, authority_deadline=False):
        """Change the legal regime; the date of receipt stays, the deadlines are counted again.

        A shorter term that is over already is no obstacle: the act says so, and the preview of the dialog before it.

        :param int type_id: the new type.
        :param authority_deadline: date and hour, for a requirement of an authority.
        """
        self._check_transition("reclassify")
        reason = self._require_text(reason)
        kind = self._get_record("sig.pqrs.type", type_id)
        if not kind or not kind.active:
            raise UserError(self.env._("Choose an active type."))
        for case in self.sudo():
            if kind == case.type_id:
                raise UserError(self.env._("%(case)s is a %(type)s already.", case=case.name, type=kind.name))
            if kind.company_id and kind.company_id != case.company_id:
                raise UserError(self.env._("That type belongs to another company."))
            deadline = authority_deadline and case.company_id._sig_moment(authority_deadline)
            if kind.due_by_authority and (not deadline or deadline < case.date_received):
                raise UserError(self.env._("Write the date and hour that the authority set."))
        old = {case: case.type_id.name for case in self}
        found = self._get_reclassifications(kind, authority_deadline)
        warnings = {case.id: sentences for case, (_move, sentences) in found.items()}
        for company, cases in self.sudo().grouped("company_id").items():
            cases.write(
                {
                    "type_id": kind.id,
                    "imported_deadline": False,
                    "authority_deadline": authority_deadline and company._sig_moment(authority_deadline),
                }
            )
        moves = self._refresh_terms()
        self._move_drafts()
        self._record(
            "reclassified",
            {
                case: " ".join(
                    [
                        self.env._("From %(old)s to %(new)s: %(reason)s", old=old[case], new=kind.name, reason=reason),
                        *warnings[case.id].values(),
                    ]
                )
                for case in self
            },
            data={
                case: {
                    "type": kind.code,
                    "deadline": str(case.date_deadline or ""),
                    "warnings": sorted(warnings[case.id]),
                }
                for case in self.sudo()
            },
        )
        self.filtered(lambda case: case in moves)._queue_date_notice()
        return True

    def action_mark_claim(self):
        """Record that the personal data carry the mark “claim in process” (Ley 1581 de 2012, art. 15)."""
        self._check_transition("mark_claim")
        self._record("claim_marked", dict.fromkeys(self, self.env._("Personal data marked “claim in process”.")))
        self.sudo().activity_unlink(["sig_pqrs.activity_duty"])
        self._refresh_terms()
        return True

    # -- The term ---------------------------------------------------------------------------------------------------

    def action_request_information(self, text):
        """Require what is missing; the term stops (Ley 1755 de 2015, art. 17).

        :param str text: what the petitioner must deliver.
        """
        self._check_transition("request_information")
        text = self._require_text(text, self.env._("Write what the petitioner must deliver."))
        for case in self.sudo():
            today = case.company_id._sig_today()
            received_on = case.company_id._sig_local_date(case.date_received)
            last = case.company_id._sig_calendar(received_on).add(received_on, case.type_id.requirement_days)
            if today > last:
                raise UserError(
                    self.env._(
                        "%(case)s: information could be required until %(date)s. Answer with what there is.",
                        case=case.name,
                        date=tools.format_date(self.env, last),
                    )
                )
            case._check_not_lapsed()
        self._record(
            "requirement",
            dict.fromkeys(self, text),
            body=self.env._("Information required; the term is suspended: %s", text),
        )
        self._forget_message()
        self._refresh_terms()
        self._notify_client("requirement", text)
        return True

    def action_register_completion(self, date=False, message_id=False):
        """Record that what was required is complete; the term resumes the day after its *delivery*.

        :param date: when the petitioner delivered it; now by default.
        :param int message_id: the message with which it came.
        """
        self._check_transition("register_completion")
        now = clock.now()
        moments = {}
        for case in self.sudo():
            moment = case.company_id._sig_moment(date) or now
            message = self.sudo()._get_record("mail.message", message_id)
            if message:
                if not case._is_about(message):
                    raise UserError(self.env._("That message is not of this case."))
                moment = (date and moment) or case._get_message_moment(message)
            if case.company_id._sig_local_date(moment) > case.company_id._sig_local_date(now):
                raise UserError(self.env._("The information cannot have been delivered in the future."))
            if case.company_id._sig_local_date(moment) < case._get_required_on():
                raise UserError(
                    self.env._(
                        "The information cannot have been delivered before it was required, on %s.",
                        tools.format_date(self.env, case._get_required_on()),
                    )
                )
            moments[case] = min(moment, now)
        self._record(
            "completion",
            {
                case: self.env._(
                    "Delivered on %s.", tools.format_date(self.env, case.company_id.sudo()._sig_local_date(moment))
                )
                for case, moment in moments.items()
            },
            body=self.env._("Information complete; the term resumes the day after its delivery."),
            date=moments,
            data={"message": message_id} if message_id else None,
        )
        self._void_notices([("purpose", "=", "requirement"), ("state", "in", UNTOLD)])
        self._forget_message()
        self.sudo().activity_unlink(["sig_pqrs.activity_duty"])
        self._refresh_terms()
        self._move_drafts()
        self._queue_date_notice()
        return True

    def action_refuse_completion(self, text):
        """Record that what the petitioner sent is not all that was required. The time to complete does not move.

        :param str text: what is still missing; the petitioner reads it.
        """
        self._check_transition("refuse_completion")
        text = self._require_text(text, self.env._("Write what is still missing."))
        self._record(
            "completion_refused",
            dict.fromkeys(self, text),
            body=self.env._("What the petitioner sent is not complete."),
        )
        self._forget_message()
        for case in self:
            case.action_write_to_client(text)
        return True

    def action_extend_completion(self, reason):
        """Give the petitioner, who asked for it in time, the same months again, once (Ley 1755 de 2015, art. 17)."""
        self._check_transition("extend_completion")
        reason = self._require_text(reason)
        for case in self.sudo():
            kinds = case.act_ids.sorted("number").mapped("kind")
            if "completion_extension" in kinds[len(kinds) - kinds[::-1].index("requirement") :]:
                raise UserError(self.env._("%s: the time to complete was extended already.", case.name))
            if (last := case._get_duty_date("complete")) and last < case.company_id._sig_today():
                raise UserError(self.env._("%s: the time to complete has lapsed.", case.name))
        self._record("completion_extension", dict.fromkeys(self, reason))
        self._refresh_terms()
        return True

    def action_extend(self, days, reason):
        """The legal extension: once, before the term lapses, within the cap of the type, and told to the client.

        The act extends the term; whether the law protects it depends on telling the client before the old term ends
        (see `extension_notice`). The dates do not wait for that: the risk is shown instead.

        :param int days: business days.
        """
        self._check_transition("extend")
        reason = self._require_text(reason)
        if isinstance(days, bool) or not isinstance(days, int) or days < 1:
            raise UserError(self.env._("An extension is of one business day or more."))
        for case in self.sudo():
            if case.act_ids.filtered(lambda act: act.kind == "extension"):
                raise UserError(self.env._("%s was extended already: the law allows one extension.", case.name))
            if days > case.type_id.extension_days:
                raise UserError(
                    self.env._(
                        "%(case)s: the law allows at most %(days)s business days more.",
                        case=case.name,
                        days=case.type_id.extension_days,
                    )
                )
            case._check_not_lapsed()
        expiries = {case: case.date_legal for case in self.sudo() if case.date_legal}
        self._record(
            "extension",
            dict.fromkeys(self, reason),
            days=days,
            body=self.env._("Extended by 1 business day: %s", reason)
            if days == 1
            else self.env._("Extended by %(days)s business days: %(reason)s", days=days, reason=reason),
        )
        self._refresh_terms()
        self._move_drafts()
        self._notify_client("extension", reason, expiries)
        return True

    def _check_not_lapsed(self):
        if self.date_legal and self.company_id._sig_today() > self.date_legal:
            raise UserError(
                self.env._(
                    "%(case)s: the term lapsed on %(date)s; it is too late for that.",
                    case=self.name,
                    date=tools.format_date(self.env, self.date_legal),
                )
            )

    def _get_required_on(self):
        return self.company_id._sig_local_date(self._get_requirement().date)

    def _get_requirement(self):
        """The last act that required information."""
        return self.act_ids.filtered(lambda act: act.kind == "requirement").sorted("number")[-1:]

    def _is_requirement_told(self):
        """Whether the petitioner knows what was required last."""
        notices = self.notice_ids.filtered(lambda notice: notice.purpose == "requirement").sorted("id")
        return notices[-1:].state in TOLD

    def _has_unconfirmed_delivery(self):
        """Whether the petitioner sent information for the last requirement, and nobody said what it is worth."""
        acts = self.act_ids.filtered(lambda act: act.number > self._get_requirement().number)
        told = acts.filtered(lambda act: act.kind in ("information_delivered", "completion", "completion_refused"))
        return told.sorted("number")[-1:].kind == "information_delivered"

    # -- The end ----------------------------------------------------------------------------------------------------

    def action_withdraw(self, reason, tacit=False):
        """Record that the petitioner withdraws, or, when ``tacit``, that nothing was completed in time."""
        self._check_transition("withdraw")
        reason = self._require_text(reason)
        for case in self.sudo() if tacit else ():
            if refusal := case._get_tacit_refusal():
                raise UserError(refusal)
        self._settle("closed", "tacitly_withdrawn" if tacit else "withdrawn", "withdrawn", reason)
        self._notify_client("withdrawal", reason)
        return True

    def _get_tacit_refusal(self):
        """Why the case cannot be taken for withdrawn; empty when it can (Ley 1755 de 2015, art. 17).

        The petitioner must have known what was required of them, and have sent nothing that nobody has looked at.
        """
        self.ensure_one()
        case, last = self.sudo(), self._get_duty_date("complete")
        if not case.suspended:
            return self.env._("%s waits for nothing from the petitioner: it cannot be tacitly withdrawn.", case.name)
        if not case._is_requirement_told():
            return self.env._(
                "%s: the petitioner has not been told what was required."
                " The time to complete runs from the day they are.",
                case.name,
            )
        if not last:
            return self.env._("%s: this type gives no time to complete after which it is withdrawn.", case.name)
        if last >= case.company_id._sig_today():
            day = tools.format_date(self.env, last)
            return self.env._(
                "%(case)s: the petitioner has until %(date)s to complete the information.", case=case.name, date=day
            )
        if case._has_unconfirmed_delivery():
            return self.env._("%s: the petitioner sent information. Say first whether it is complete.", case.name)
        if case._has_unread_message():
            return self.env._(
                "%s: somebody wrote about the case. Read it and mark it as done before the case is filed away.",
                case.name,
            )
        return ""

    def action_cancel(self, kind, reason, duplicate_of=False):
        """Take out what is not a case of its own, and tell the petitioner why.

        Nothing that was filed ends in silence: receiving a petition and dropping it is refusing it, which the law
        forbids (Ley 1755 de 2015, art. 15, par. 2). Of what was never filed nobody is told but of a duplicate.

        :param str kind: ``duplicate`` or ``spam``.
        :param int duplicate_of: the case of the same petitioner that answers this one.
        """
        self._check_transition("cancel")
        reason = self._require_text(reason)
        if kind not in ("duplicate", "spam"):
            raise UserError(self.env._("A case is cancelled as a duplicate or because it is not a PQRS."))
        if kind == "duplicate":
            original = self._get_record(self._name, duplicate_of)
            if not original:
                raise UserError(self.env._("Say which case it repeats."))
            for case in self.sudo():
                case._check_same_petitioner(original.sudo())
            self.sudo().write({"duplicate_of_id": original.id})
        told = self.filtered(lambda case: kind == "duplicate" or case.state != "to_file")
        goes_on = {
            case: {"duplicate_of": case._commit_private(case.duplicate_of_id.name)}
            for case in self.sudo()
            if case.duplicate_of_id
        }
        self._settle("cancelled", kind, "cancelled", reason, data=goes_on)
        self.sudo().duplicate_of_id._restrict_duplicates()
        told._notify_client("cancellation", reason)
        return True

    def _check_same_petitioner(self, original):
        if original == self or original.state == "cancelled" or original.company_id != self.company_id:
            raise UserError(self.env._("A case repeats another one that stands."))
        own, other = self._get_contact(), original._get_contact()
        same = (
            (own.partner and own.partner == other.partner)
            or (own.mailbox and own.mailbox == other.mailbox)
            or (own.document_key and own.document_key == other.document_key)
        )
        if not same:
            raise UserError(
                self.env._(
                    "Only a case of the same petitioner is a duplicate. Each petitioner keeps the right to an answer."
                )
            )

    def action_reopen(self, reason):
        """Take up again what was closed: the history and the first dates stay in the acts."""
        self._check_transition("reopen")
        reason = self._require_text(reason)
        self._record(
            "reopened",
            dict.fromkeys(self, reason),
            data={
                case: {"answered": str(case.date_answered or ""), "outcome": case.outcome or ""} for case in self.sudo()
            },
        )
        self._void_notices([("purpose", "in", ENDINGS)])
        self._forget_message()
        for approved, cases in self.sudo().grouped(lambda case: case._has_approved_answer()).items():
            cases.write(
                {
                    **self._get_unanswered_values(),
                    "state": "approved" if approved else "received",
                    "delivery_state": "none",
                    "delivery_medium": False,
                    "delivery_reference": False,
                    "delivery_received_by": False,
                    "delivery_proof_ids": [fields.Command.clear()],
                    "letter_id": False,
                    "legal_state": "none",
                    "legal_digest": False,
                    "rating_state": "none",
                    "rating_value": 0,
                    "rating_reason": False,
                    "duplicate_of_id": False,
                    **self._get_transfer_reset(),
                }
            )
        self.sudo().filtered(lambda case: case.state == "received")._follow_assignments()
        self._refresh_terms()
        self.sudo().notice_ids.filtered("overtaken")._wait_again()
        self._tell_director(lambda env: env._("Case reopened"), reason)
        return True

    def _has_approved_answer(self):
        return bool(self.assignment_ids) and all(assignment.state == "approved" for assignment in self.assignment_ids)

    # -- Steps shared by transitions --------------------------------------------------------------------------------

    def _settle(self, state, outcome, act, reason, date=None, data=None):
        """End the cases without an answer.

        :param date: moment of the fact, or ``{case: moment}``; now by default.
        :param data: of the acts, or ``{case: dict}``.
        """
        self._close_activities()
        self.sudo().assignment_ids._close_activities()
        self._void_notices([("state", "in", UNTOLD)], overtaken=True)
        self._record(act, dict.fromkeys(self, reason), date=date, data=data)
        self._on_ended()
        self.sudo().write({"state": state, "outcome": outcome, "suspended": False})
        self._end_duties()
        return True

    def _on_ended(self):
        """What follows when cases end, answered or not. Hook for other files and addons."""

    def _record(self, kind, notes, body=None, date=None, days=0, data=None):
        """An act on each case, and the same in its thread.

        :param dict notes: ``{case: text}``.
        :param str body: what the thread says; the kind of the act and its note by default.
        """
        acts = self.env["sig.pqrs.act"]._append(self, kind, notes=notes, date=date, days=days, data=data)
        label = dict(acts._fields["kind"]._description_selection(self.env))[kind]
        self._message_log_batch({case.id: body or f"{label}. {notes.get(case, '')}".strip() for case in self})
        return acts

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
        ready._tell_director(lambda env: env._("Close and send the answer"))
        unassigned._tell_director(lambda env: env._("Assign the case"))

    def _on_declined(self, reasons):
        """A process said that a case is not its own."""
        self._follow_assignments()
        for assignment, reason in reasons.items():
            process = assignment.sudo().process_id.name
            assignment.sudo().pqrs_id._tell_director(
                lambda env, process=process: env._("%s says that the case is not its own", process), reason
            )

    # -- People -----------------------------------------------------------------------------------------------------

    def _tell_director(self, summary, note=False, activity_type="sig_pqrs.activity_sig"):
        """An activity for the SIG director of each case's company.

        :param summary: text, or what gives it for an environment in the director's language.
        :param note: text, or ``{case: text}``.
        """
        for company, cases in self.sudo().grouped("company_id").items():
            director = company._sig_get_director()
            theirs = cases.with_context(lang=director.lang)
            self.env["sig.people"]._schedule_activities(
                theirs,
                dict.fromkeys(theirs, director),
                activity_type,
                deadlines=dict.fromkeys(theirs, company._sig_today()),
                summary=summary(theirs.env) if callable(summary) else summary,
                note=note,
            )

    def _close_activities(self):
        self.sudo().activity_unlink(["sig_pqrs.activity_sig", "sig_pqrs.activity_deadline", "sig_pqrs.activity_duty"])
