import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..mixin import transitions
from .assignment_approval import FORMULAS

#: fields of the reviewed answer; a change of its sections changes the state
REVIEWED_FIELDS = frozenset({"response_opening", "response_closing", "state"})

FLAG_FIELDS = frozenset({"legal_risk", "legal_reviewer_id"})


class PqrsLegal(models.Model):
    """Legal review of the whole answer, bound to a digest: any later change voids it."""

    _inherit = "sig.pqrs"

    legal_risk = fields.Boolean(
        compute="_compute_legal_risk",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="The answer is not sent until the legal reviewer approves it.",
    )
    legal_reviewer_id = fields.Many2one(
        "res.users",
        compute="_compute_legal_reviewer_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Reads the whole letter and approves it: until then the answer is not sent.",
    )
    legal_state = fields.Selection(
        [
            ("none", "To request"),
            ("pending", "In legal review"),
            ("approved", "Approved by the legal reviewer"),
            ("returned", "Returned by the legal reviewer"),
        ],
        "Legal review",
        required=True,
        default="none",
        readonly=True,
        index=True,
        help="Where the legal review of the answer stands.",
    )
    legal_digest = fields.Char(readonly=True, help="SHA-256 of the answer and annexes under review.")
    is_legal_reviewer = fields.Boolean(
        "I review it", compute="_compute_is_legal_reviewer", search="_search_is_legal_reviewer"
    )

    # -- Computes ---------------------------------------------------------------------------------------------------

    @api.depends("type_id", "reason_id")
    def _compute_legal_risk(self):
        for case in self:
            running = case.state not in transitions.ENDED and transitions.not_delivering(case)
            proposed = running and (case.type_id.legal_risk or case.reason_id.legal_risk)
            case.legal_risk = case.legal_risk or proposed

    @api.depends("legal_risk")
    def _compute_legal_reviewer_id(self):
        for case in self:
            case.legal_reviewer_id = case.legal_reviewer_id or (
                case.legal_risk and case.company_id._sig_get_legal_reviewer()
            )

    @api.model
    def _get_reviewed_domain(self):
        """Cases that the current user reviews; restricted ones only when the SIG authorized the reviewer."""
        return (
            Domain("legal_reviewer_id", "=", self.env.uid)
            & Domain("legal_risk", "=", True)
            & (Domain("restricted", "=", False) | Domain("authorized_user_ids", "in", self.env.uid))
        )

    @api.depends("legal_risk", "legal_reviewer_id", "restricted", "authorized_user_ids")
    @api.depends_context("uid")
    def _compute_is_legal_reviewer(self):
        reviewed = self.sudo().filtered_domain(self._get_reviewed_domain())
        for case in self:
            case.is_legal_reviewer = case in reviewed

    def _search_is_legal_reviewer(self, operator, _value):
        if operator != "in":
            return NotImplemented
        # record rules use it: PostgreSQL runs the subselect once, by the index of reviewers
        return Domain("id", "in", self.sudo()._search(self._get_reviewed_domain()))

    # -- CRUD -------------------------------------------------------------------------------------------------------

    @api.constrains("legal_reviewer_id")
    def _check_legal_reviewer(self):
        for case in self.sudo():
            reviewer = case.legal_reviewer_id
            if reviewer and reviewer != case.company_id._sig_filter_staff(reviewer):
                raise ValidationError(
                    self.env._(
                        "%s cannot be the legal reviewer: choose an active user of the company with a SIG role.",
                        reviewer.name,
                    )
                )

    def write(self, vals):
        flags = FLAG_FIELDS & vals.keys()
        before = {case: (case.legal_risk, case.legal_reviewer_id) for case in self.sudo()} if flags else {}
        result = super().write(vals)
        if flags:
            self._follow_legal_flags(before)
        if not REVIEWED_FIELDS.isdisjoint(vals):
            self._void_changed_reviews()
        return result

    def _follow_legal_flags(self, before):
        """Record changes of the flags, and reassign pending reviews to the current reviewer."""
        changed = self.sudo().filtered(lambda case: (case.legal_risk, case.legal_reviewer_id) != before[case])
        if not changed:
            return
        notes = {}
        for case in changed:
            risk, reviewer = before[case]
            lines = []
            if case.legal_risk != risk:
                lines.append(
                    self.env._("Legal review required.")
                    if case.legal_risk
                    else self.env._("Legal review no longer required.")
                )
            if case.legal_reviewer_id != reviewer:
                lines.append(self.env._("Legal reviewer: %s.", case.legal_reviewer_id.name or "—"))
            notes[case] = " ".join(lines)
        data = {case: {"required": case.legal_risk, "reviewer": case.legal_reviewer_id.id} for case in changed}
        changed.with_env(self.env)._record("legal_changed", notes, data=data)
        waiting = changed.filtered(lambda case: case.legal_state == "pending")
        waiting._close_activities("sig_pqrs.activity_legal")
        changed.filtered(lambda case: not case.legal_risk or not case.legal_reviewer_id)._reset_review()
        waiting = waiting.filtered(lambda case: case.legal_state == "pending")
        for case in waiting:
            case._check_reviewer()
        waiting._notify_reviewers()

    # -- Transitions ------------------------------------------------------------------------------------------------

    def action_request_legal_review(self):
        proven = self._check_transition("request_legal_review")
        for case in proven:
            case._check_answer_complete()
            case._check_reviewer()
            case.legal_digest = case._compute_legal_digest()
        proven.write({"legal_state": "pending"})
        self._record(
            "legal_requested",
            {case: case.legal_reviewer_id.name for case in proven},
            data={case: {"digest": case.legal_digest, "reviewer": case.legal_reviewer_id.id} for case in proven},
        )
        self._close_activities()
        proven._notify_reviewers()
        return True

    def action_legal_approve(self, digest=False):
        """Approve the answer that was read.

        :param digest: `legal_digest` of what the reviewer read, which a form sends in the context under that name; of
            several, ``{id: digest}``. Another one is refused. Without any, the act says that it was approved unread.
        """
        proven = self._check_transition("legal_approve")
        seen = self._read_seen(digest, "legal_digest")
        for case in proven:
            case._check_review_holds()
            if seen is not None and seen.get(case.id) != case.legal_digest:
                raise UserError(self.env._("%s: the answer changed, read it again before you approve it.", case.name))
        proven.write({"legal_state": "approved"})
        self._record(
            "legal_approved",
            dict.fromkeys(self, ""),
            data={case: {"digest": case.legal_digest, **({"unread": True} if seen is None else {})} for case in proven},
        )
        self._close_activities("sig_pqrs.activity_legal")
        self._notify_director(lambda env: env._("Legal review approved: close and send the answer"))
        return True

    def action_legal_return(self, reason):
        """Return the answer to the SIG; the reason says what must be changed."""
        proven = self._check_transition("legal_return")
        reason = self._require_text(reason)
        proven.write({"legal_state": "returned", "legal_digest": False})
        self._record("legal_returned", dict.fromkeys(self, reason))
        self._close_activities("sig_pqrs.activity_legal")
        self._notify_director(lambda env: env._("Returned by the legal reviewer"), reason)
        return True

    def _get_transition_refusal(self, name):
        self_sudo = self.sudo()
        if name == "send_response" and self.state == "approved" and not transitions.is_legally_clear(self_sudo):
            return self.env._(
                "%(case)s: the legal reviewer, %(reviewer)s, has not approved this answer.",
                case=self.name,
                reviewer=self_sudo.legal_reviewer_id.name or "—",
            )
        return super()._get_transition_refusal(name)

    # -- The review -------------------------------------------------------------------------------------------------

    def _check_reviewer(self):
        reviewer = self.legal_reviewer_id
        if not reviewer:
            raise UserError(self.env._("%s: name the legal reviewer.", self.name))
        self._check_legal_reviewer()
        if self.restricted and reviewer not in self.authorized_user_ids:
            raise UserError(
                self.env._(
                    "Access to %(case)s is restricted: add %(reviewer)s to the people who may see it.",
                    case=self.name,
                    reviewer=reviewer.name,
                )
            )

    def _compute_legal_digest(self, formula=FORMULAS[0]):
        """SHA-256 of the answer and its annexes, hexadecimal, by a formula of `assignment_approval`."""
        content = [
            str(self.response_opening or ""),
            [[section.id, section._compute_digest(formula)] for section in self._get_approved_sections()],
            self.request_ids.sorted().ids,
            str(self.response_closing or ""),
        ]
        if formula > 1:
            pictures = self._get_pictures(self.response_opening) | self._get_pictures(self.response_closing)
            content.append(sorted(picture._sig_sha256() for picture in pictures))
        # commitments of processes are in the digests of their sections
        if own := self._get_promises().filtered(lambda commitment: not commitment.assignment_id):
            content.append([[commitment.name, str(commitment.date_due)] for commitment in own])
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _is_as_reviewed(self):
        return any(self._compute_legal_digest(formula) == self.legal_digest for formula in FORMULAS)

    def _check_review_holds(self):
        if not self._is_as_reviewed():
            raise UserError(
                self.env._("%s: the answer or its annexes changed since the legal review was requested.", self.name)
            )

    def _void_changed_reviews(self):
        reviewed = self.sudo().filtered(
            lambda case: case.legal_state in ("pending", "approved") and case.state in transitions.OPEN
        )
        changed = reviewed.filtered(lambda case: case.state != "approved" or not case._is_as_reviewed())
        if not changed:
            return
        changed._close_activities("sig_pqrs.activity_legal")
        changed._reset_review()
        changed = changed.with_env(self.env)
        changed._record(
            "legal_changed",
            dict.fromkeys(changed, self.env._("The answer changed: the legal review must be requested again.")),
        )

    def _reset_review(self):
        self.filtered(lambda case: case.legal_state != "none").write({"legal_state": "none", "legal_digest": False})

    def _notify_reviewers(self):
        Notice = self.env["sig.staff.notice"]
        Notice._schedule_activities(
            self,
            {case: case.legal_reviewer_id for case in self},
            "sig_pqrs.activity_legal",
            {case: case.date_deadline or case.company_id._sig_today() for case in self},
        )
        rows = []
        for case in self.filtered(lambda case: case.legal_reviewer_id != self.env.user):
            reviewer = case.legal_reviewer_id
            own = case.with_context(lang=reviewer.lang)
            lines = [f"{own.type_id.name} · {own.subject}"]
            if own.date_deadline:
                lines.append(own.env._("The client must be answered by %s.", own._format_deadline()))
            subject = own.env._("Answer for legal review: %s", own.name)
            rows.append((reviewer, case.company_id, subject, "\n".join(lines), Notice._get_url(case)))
        Notice._mail(rows)

    def _on_ended(self):
        result = super()._on_ended()
        self._close_activities("sig_pqrs.activity_legal")
        return result
