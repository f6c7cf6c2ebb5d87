import hashlib
import json

from odoo import models
from odoo.exceptions import UserError

from ..mixin import transitions


class LegalReview(models.AbstractModel):
    """What keeps legal reviews true (see `legal_review_steps`): who reviews, what was reviewed, what voids it."""

    _name = "sig.legal.review"
    _description = "Legal Reviews of Answers"

    def _check_reviewer(self, case):
        reviewer = case.legal_reviewer_id
        if not reviewer:
            raise UserError(self.env._("%s: name the legal reviewer.", case.name))
        case._check_legal_reviewer()
        if case.restricted and reviewer not in case.authorized_user_ids:
            args = {"case": case.name, "reviewer": reviewer.name}
            raise UserError(
                self.env._("Access to %(case)s is restricted: add %(reviewer)s to the people who may see it.", **args)
            )

    def _compute_digest(self, case, stored=False):
        """SHA-256 of the answer and its annexes, hexadecimal; ``stored`` ones are those of when it was approved."""
        sections = case._get_approved_sections()
        content = [
            str(case.response_opening or ""),
            [[each.id, each.response_digest if stored else each._compute_digest()] for each in sections],
            case.request_ids.sorted().ids,
            str(case.response_closing or ""),
        ]
        pictures = case._get_pictures(case.response_opening) | case._get_pictures(case.response_closing)
        content.append(sorted(picture._sig_sha256() for picture in pictures))
        # commitments of processes are in the digests of their sections
        promised = self.env["sig.pqrs.commitment"]._get_promised(case)
        if own := promised.filtered(lambda commitment: not commitment.assignment_id):
            content.append([[commitment.name, str(commitment.date_due)] for commitment in own])
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _holds(self, case):
        return self._compute_digest(case) == case.legal_digest

    def _check_holds(self, case):
        if not self._holds(case):
            text = self.env._("%s: the answer or its annexes changed since the legal review was requested.", case.name)
            raise UserError(text)

    def _follow_flags(self, cases, before):
        """Record changes of the flags, and reassign pending reviews to the current reviewer."""
        changed = cases.sudo().filtered(lambda case: (case.legal_risk, case.legal_reviewer_id) != before[case])
        if not changed:
            return
        notes = {
            case: self.env._("Legal reviewer: %s.", case.legal_reviewer_id.name or "—")
            if case.legal_risk
            else self.env._("Legal review no longer required.")
            for case in changed
        }
        data = {case: {"required": case.legal_risk, "reviewer": case.legal_reviewer_id.id} for case in changed}
        changed.with_env(cases.env)._record("legal_changed", notes, data=data)
        changed._close_activities("sig_pqrs.activity_legal")
        self._reset(changed.filtered(lambda case: not case.legal_risk or not case.legal_reviewer_id))
        waiting = changed.filtered(lambda case: case.legal_state == "pending")
        for case in waiting:
            self._check_reviewer(case)
        self._notify(waiting)

    def _void_changed(self, cases):
        reviewed = cases.sudo().filtered(
            lambda case: case.legal_state in ("pending", "approved") and case.state in transitions.OPEN
        )
        changed = reviewed.filtered(lambda case: case.state != "approved" or not self._holds(case))
        if not changed:
            return
        changed._close_activities("sig_pqrs.activity_legal")
        self._reset(changed)
        note = self.env._("The answer changed: the legal review must be requested again.")
        changed.with_env(cases.env)._record("legal_changed", note)

    def _reset(self, cases):
        cases.filtered(lambda case: case.legal_state != "none").write({"legal_state": "none", "legal_digest": False})

    def _notify(self, cases):
        Notice, reviewers = self.env["sig.staff.notice"], {case: case.legal_reviewer_id for case in cases}
        deadlines = {case: case.date_deadline or case.company_id._sig_today() for case in cases}
        Notice._schedule_activities(cases, reviewers, "sig_pqrs.activity_legal", deadlines)
        Notice._mail_about(
            cases,
            {case: reviewer - self.env.user for case, reviewer in reviewers.items()},
            lambda case: case.env._("Answer for legal review: %s", case.name),
            lambda case: "\n".join(case._get_mail_lines()),
        )
