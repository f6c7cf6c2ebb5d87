from odoo import models, tools

from ..communication.communication import BY_HAND
from ..mixin.transitions import DRAFTING, ENDED, NOT_LEFT, OPEN, RUNNING, UNTRIAGED
from .priority import URGENT

#: acts, and states, of drafts that came back
REFUSED = ("returned", "declined")

TONES = {"pending": "info", "submitted": "warning", "returned": "danger", "approved": "success"}

#: of warnings, the most urgent first
LEVELS = ("danger", "warning", "info")

DUE_TONES = {"overdue": "danger", "due_today": "warning", "due_soon": "warning"}


class CasePanel(models.AbstractModel):
    """What the form of a case says first: what is urgent, and who has what; read with the rights of the user."""

    _name = "sig.case.panel"
    _description = "Panel of a Case"

    def _is_sig(self):
        return self.env.user.has_group("sig_pqrs.group_sig_director")

    def _get_warnings(self, case):
        """The warnings of a case, dicts of `_make_warning`, the most urgent first."""
        of_sig = self._warn_to_notify, self._warn_messages, self._warn_legal_review
        makers = (
            self._warn_danger, self._warn_authority, self._warn_silence, self._warn_extension,
            self._warn_failed_delivery, *(of_sig if self._is_sig() else ()),
            self._warn_steps, self._warn_pending_delivery,
            self._warn_suspended, self._warn_duty, self._warn_round, self._warn_standing,
        )  # fmt: skip
        warnings = [warning for make in makers for warning in make(case)]
        return sorted(warnings, key=lambda warning: LEVELS.index(warning["level"]))

    def _make_warning(self, level, text, *buttons, quote=None):
        """A warning in JSON.

        :param str level: of `LEVELS`.
        :param buttons: pairs of a label and of ``{"step": name}`` of a step with a dialog, ``{"method": name}`` or
            ``{"action": external id}``; None for what the user may not do.
        :param quote: words of the petitioner.
        """
        return {"level": level, "text": text, "quote": quote or False, "buttons": [each for each in buttons if each]}

    def _get_step_button(self, case, name, label):
        return (label, {"step": name}) if name in case.allowed_transitions else None

    def _get_method_button(self, case, name, label):
        return (label, {"method": f"action_{name}"}) if name in case.allowed_transitions else None

    def _warn_danger(self, case):
        if case.priority == URGENT and case.state in RUNNING and not case.immediate_measure_on:
            button = self._get_step_button(case, "immediate_measure", self.env._("Immediate measure"))
            text = self.env._("Danger to life or integrity: take the immediate measures now.")
            yield self._make_warning("danger", text, button)

    def _warn_authority(self, case):
        if not case.due_by_authority or not case.authority_deadline or case.state in ENDED:
            return
        text = self.env._("An authority asks for the answer by %s.", case._format_authority_deadline())
        if not case.attachment_ids:
            text += " " + self.env._("Attach a copy of the requirement: without it, the case is not assigned.")
        yield self._make_warning("danger", text)

    def _warn_silence(self, case):
        if risk := self.env["sig.silence"]._get_risks(case.sudo()).get(case):
            level = "danger" if risk.kind == "happened" else "warning"
            yield self._make_warning(level, self.env["sig.silence"]._describe(case, risk))

    def _warn_extension(self, case):
        extension = case.sudo()._get_extension()
        state = extension._get_extension_state() if extension and case.state not in ENDED else "told"
        day = tools.format_date(self.env, extension.date_expiry)
        if state == "untold" and self._is_sig():
            text = self.env._(
                "The petitioner has not been told of the extension. By law it protects only if told before the end of"
                " %s.",
                day,
            )
            yield self._make_warning("warning", text)
        elif state == "unprotected":
            text = self.env._(
                "The petitioner was not told of the extension before the term ended, on %s: by law the extension does"
                " not protect. Answer at once.",
                day,
            )
            yield self._make_warning("danger", text)

    def _get_failure(self, case):
        """Why it was not delivered, which names addresses: the SIG alone reads it."""
        return (self._is_sig() and case.delivery_failure) or ""

    def _warn_failed_delivery(self, case):
        if case.delivery_state == "failed":
            advice = self.env._("Send the answer again, or deliver it another way.")
            text = self.env._("The client was not notified: %s", self._get_failure(case))
            yield self._make_warning("warning", f"{text} {advice}")

    def _warn_to_notify(self, case):
        if not case.to_notify or (case.state == "approved" and case.delivery_state in ("pending", "failed")):
            return
        day = tools.format_date(self.env, case.notify_by) if case.notify_by else "—"
        text = self.env._("To notify: %(what)s, by %(day)s.", what=case.to_notify, day=day)
        yield self._make_warning("warning", text, self._get_notify_button(case))

    def _get_notify_button(self, case):
        if case.to_notify and self._is_sig():
            return self.env._("Record the notification"), {"method": "action_open_notify"}
        return None

    def _warn_messages(self, case):
        """What the petitioner wrote and waits for the SIG."""
        quote = case.sudo()._get_waiting_text()
        if not quote:
            return
        if case.suspended and case.state not in ENDED:
            text = self.env._(
                "The petitioner sent information. Confirm whether it is complete; the term goes on the day after it"
                " came."
            )
            buttons = [
                self._get_step_button(case, "register_completion", self.env._("Information complete")),
                self._get_step_button(case, "refuse_completion", self.env._("Information incomplete")),
            ]
        else:
            text = self.env._("The petitioner wrote after the closing:")
            buttons = [
                self._get_step_button(case, "reopen", self.env._("Reopen")),
                self._get_method_button(case, "new_case_from_message", self.env._("File a new case")),
                self._get_step_button(case, "thank", self.env._("Thank")),
            ]
        yield self._make_warning("warning", text, *buttons, quote=quote)

    def _warn_steps(self, case):
        """Steps that the law or the type asks for, and that are not taken yet."""
        labels, allowed = case._get_step_titles(), case.allowed_transitions
        if "register_regulator_notice" in allowed:
            whom = case.type_id.regulator_notice or ""
            text = self.env._("Staff is involved in an incident. To be told at once: %s", whom)
            button = labels["register_regulator_notice"], {"step": "register_regulator_notice"}
            yield self._make_warning("warning", text, button)
        if "register_evidence" in allowed and not case.evidence_preserved_on:
            text = self.env._("There is evidence to preserve within 24 hours: video, logbook.")
            button = labels["register_evidence"], {"step": "register_evidence"}
            yield self._make_warning("warning", text, button)
        if case.type_id.personal_data and not case.identity_checked and case.state in OPEN:
            text = self.env._(
                "It asks for personal data: the answer is not sent before the identity of who asks is checked."
            )
            button = self._get_step_button(case, "check_identity", labels["check_identity"])
            yield self._make_warning("warning", text, button)

    def _warn_legal_review(self, case):
        if case.legal_risk and case.state == "approved" and not case.legal_reviewer_id:
            text = self.env._(
                "With legal risk, and nobody reviews it: choose the legal reviewer in the tab of the answer."
            )
            yield self._make_warning("warning", text)

    def _warn_pending_delivery(self, case):
        if case.delivery_state != "pending":
            return
        level, delivery = "warning", case.sudo().delivery_id
        if delivery.medium in BY_HAND:
            text = self.env._(
                "Print the letter, deliver it, and record the delivery with its proof: only then is the client notified"
                " and the case closed."
            )
        elif delivery.failure:
            text = self.env._("The answer waits for its letter: once it is printed, it leaves and the case closes.")
        else:
            level, text = "info", self.env._("The answer is on its way; the case closes when its mail has left.")
        text = " ".join(filter(None, [text, self._get_failure(case)]))
        yield self._make_warning(level, text, self._get_notify_button(case))

    def _warn_suspended(self, case):
        if not case.suspended or case.state in ENDED:
            return
        level, since = "info", tools.format_date(self.env, case._get_required_on())
        last = case._get_last_day_to_require()
        if until := case._get_duty_date("complete"):
            text = self.env._(
                "The term is suspended since %(since)s: the petitioner has until %(until)s to deliver what was"
                " required.",
                since=since,
                until=tools.format_date(self.env, until),
            )
        elif last < case.company_id._sig_today() and not case.sudo()._is_requirement_told():
            level, day = "danger", tools.format_date(self.env, last)
            text = self.env._(
                "What was required was not told by %s: the suspension may not stand. Tell it at once.", day
            )
        else:
            text = self.env._(
                "The term is suspended since %s: the petitioner has not been notified yet of what was required.", since
            )
        yield self._make_warning(level, text, quote=case._get_requirement().note)

    def _warn_duty(self, case):
        """A duty of the law that binds; a chance that passes only while it is near."""
        today, due = case.company_id._sig_today(), {case.next_duty: case.next_duty_date}
        button = self._get_method_button(case, "mark_claim", self.env._("Claim in process marked"))
        if button:
            due["mark"] = case._get_duty_date("mark")
        labels = case._get_choices("next_duty")
        for duty, day in due.items():
            if not duty or duty in ("regulator", "complete"):
                continue
            is_chance = duty in ("require", "transfer")
            if is_chance and (case.state not in UNTRIAGED or not 0 <= (day - today).days <= 1):
                continue
            text = f"{labels[duty]}: {tools.format_date(self.env, day)}"
            yield self._make_warning("info" if is_chance else "warning", text, button if duty == "mark" else None)

    def _warn_round(self, case):
        if case.state in ENDED:
            return
        # an answer that came back undelivered is sent again: it is the same round
        earlier = case.sudo().answer_ids.filtered(lambda each: each.state == "reopened" and each.date_answered)
        if earlier:
            day = case.company_id._sig_local_date(max(earlier.mapped("date_answered")))
            text = self.env._(
                "It was answered on %s and taken up again: this is another round.", tools.format_date(self.env, day)
            )
            button = self.env._("Earlier answers"), {"action": "sig_pqrs.action_case_answers"}
            yield self._make_warning("info", text, button)

    def _warn_standing(self, case):
        """Warnings that stay until a step takes back what they warn of."""
        if case.identity_reserved:
            text = self.env._(
                "Identity reserved: only the SIG knows who asks. Do not write it in notes or in the answer."
            )
            yield self._make_warning("info", text)
        if case.legal_hold:
            text = self.env._("Under legal hold: nothing of this case is erased.")
            yield self._make_warning("info", text, quote=self._is_sig() and case.legal_hold_reason)
        if case.anonymized_on:
            day = tools.format_date(self.env, case.company_id._sig_local_date(case.anonymized_on))
            text = self.env._(
                "The personal data of this case were erased on %s. What figures and the acts need stays.", day
            )
            yield self._make_warning("info", text)

    def _get_parts(self, case):
        """Rows of who has the case now, and then of the parts of its answer that the user reads.

        :return: dicts of ``title state tone user since``; of a part also ``due due_tone note id button primary``:
            ``button`` is the label of what the user does with it, ``primary`` whether it waits for the user.
        """
        found = case.sudo().assignment_ids.filtered("active").with_env(self.env)._filtered_access("read")
        self._read_names(case, found)
        refusals = self._get_last_refusals(case) if {*found.mapped("state")} & {*REFUSED} else {}
        return [*self._iter_case_rows(case, found), *(self._get_part_row(part, refusals) for part in found)]

    def _read_names(self, case, assignments):
        """Read what the names of all people and annexes of the form are made of, in a query each."""
        case_sudo, parts, company = case.sudo(), assignments.sudo(), case.company_id.sudo()
        users = parts.user_id | parts.approval_user_id | case_sudo.legal_reviewer_id | company.sig_director_id
        users.fetch(["partner_id", "active"])
        people = users.partner_id | case_sudo.client_id
        if self._is_sig():  # others read these in a tab
            people |= case_sudo.partner_id
            case_sudo.attachment_ids.fetch(["name", "mimetype"])
        people.fetch(["display_name", "company_name", "is_company", "parent_id", "type"])

    def _get_last_refusals(self, case):
        """:return: ``{(code of a process, state): the last act with which its draft came back}``."""
        acts = case.act_ids.filtered(lambda act: act.kind in REFUSED).sorted("number")
        return {((act.data or {}).get("process"), act.kind): act for act in acts}

    def _iter_case_rows(self, case, assignments):
        """Yield the row of whoever has the whole case: the SIG, the legal reviewer, the petitioner."""
        if case.suspended and case.state in OPEN:
            yield self._make_row(
                self.env._("The petitioner"), self.env._("Completes the information"), since=case._get_required_on()
            )
        title, company, day = self.env._("SIG"), case.company_id, case.company_id._sig_local_date
        if case.state in UNTRIAGED:
            state = self.env._("To file") if case.state == "to_file" else self.env._("To assign")
            moment = case.date_recorded or case.date_received
            yield self._make_row(title, state, company._sig_get_director(), day(moment))
        elif case.state == "approved" and case.legal_risk and case.legal_state == "pending":
            yield self._make_row(self.env._("Legal review"), self.env._("To review"), case.sudo().legal_reviewer_id)
        elif case.state == "approved":
            state = self.env._("To close and send") if case.delivery_state in NOT_LEFT else self.env._("To deliver")
            approved = [assignment.date_approved for assignment in assignments if assignment.date_approved]
            yield self._make_row(title, state, company._sig_get_director(), day(max(approved)) if approved else False)

    def _get_part_row(self, assignment, refusals):
        part, day = assignment.sudo(), assignment.company_id._sig_local_date
        refusal = refusals.get((part.process_id.code, part.state))
        moments = {"submitted": part.date_submitted, "approved": part.date_approved}
        moment = refusal.date if refusal else moments.get(part.state, part.date_assigned)
        steps = {"approve": self.env._("Review and approve"), "submit": self.env._("Write the draft")}
        own = [label for name, label in steps.items() if name in assignment.allowed_transitions]
        runs = part.is_current and part.state in DRAFTING and part.pqrs_id.state in OPEN
        return {
            **self._make_row(
                part.process_id.name,
                part._get_choices("state")[part.state],
                part.approval_user_id if part.state == "submitted" else part.user_id,
                moment and day(moment),
                TONES.get(part.state, "secondary"),
            ),
            "due": tools.format_date(self.env, part.date_due) if runs else "",
            "due_tone": DUE_TONES.get(part.deadline_state, ""),
            "note": refusal.note if refusal else part.instruction if runs else "",
            "id": part.id,
            "button": own[0] if own else self.env._("View"),
            "primary": bool(own) and ("approve" in assignment.allowed_transitions or part.user_id == self.env.user),
        }

    def _make_row(self, title, state, users=(), since=False, tone="info"):
        return {
            "title": title,
            "state": state,
            "tone": tone,
            "user": ", ".join(user.sudo().name for user in users),
            "since": tools.format_date(self.env, since) if since else "",
        }
