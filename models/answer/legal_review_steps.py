from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..mixin import transitions

#: fields of the reviewed answer; a change of its sections changes the state, of other parts see `_following_changes`
REVIEWED_FIELDS = frozenset({"response_opening", "response_closing", "state"})

FLAG_FIELDS = frozenset({"legal_risk", "legal_reviewer_id"})


class LegalReviewSteps(models.Model):
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
    )
    legal_digest = fields.Char(readonly=True, exportable=False)
    is_legal_reviewer = fields.Boolean(
        "I review it", compute="_compute_is_legal_reviewer", search="_search_is_legal_reviewer"
    )

    @api.depends("type_id", "reason_id")
    def _compute_legal_risk(self):
        for case in self:
            running = case.state not in transitions.ENDED and transitions.not_delivering(case)
            proposed = running and (case.type_id.legal_risk or case.reason_id.legal_risk)
            case.legal_risk = case.legal_risk or proposed

    @api.depends("legal_risk")
    def _compute_legal_reviewer_id(self):
        for case in self:
            company = case.company_id
            named = case.legal_risk and company._sig_filter_staff(company.sudo().sig_legal_reviewer_id)
            case.legal_reviewer_id = case.legal_reviewer_id or named

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

    @api.constrains("legal_reviewer_id")
    def _check_legal_reviewer(self):
        for case in self.sudo():
            case.company_id._sig_check_staff(case.legal_reviewer_id)

    def write(self, vals):
        flags = FLAG_FIELDS & vals.keys()
        before = {case: (case.legal_risk, case.legal_reviewer_id) for case in self.sudo()} if flags else {}
        result = super().write(vals)
        if flags:
            self.env["sig.legal.review"]._follow_flags(self, before)
        if not REVIEWED_FIELDS.isdisjoint(vals):
            self.env["sig.legal.review"]._void_changed(self)
        return result

    def action_request_legal_review(self):
        Review, proven = self.env["sig.legal.review"], self._check_transition("request_legal_review")
        for case in proven:
            case._check_answer_complete()
            Review._check_reviewer(case)
            case.legal_digest = Review._compute_digest(case)
        proven.write({"legal_state": "pending"})
        self._record(
            "legal_requested",
            {case: case.legal_reviewer_id.name for case in proven},
            data={case: {"digest": case.legal_digest, "reviewer": case.legal_reviewer_id.id} for case in proven},
        )
        self._close_activities()
        Review._notify(proven)
        return True

    def action_legal_approve(self, digest=False):
        """Approve the answer that was read.

        :param digest: `legal_digest` of what the reviewer read, which a form sends in the context under that name; of
            several, ``{id: digest}``. Another one is refused. Without any, the act says that it was approved unread.
        """
        proven = self._check_transition("legal_approve")
        seen = self._read_seen(digest, "legal_digest")
        for case in proven:
            self.env["sig.legal.review"]._check_holds(case)
            if seen is not None and seen.get(case.id) != case.legal_digest:
                raise UserError(self.env._("%s: the answer changed, read it again before you approve it.", case.name))
        proven.write({"legal_state": "approved"})
        unread = {"unread": True} if seen is None else {}
        self._record("legal_approved", data={case: {"digest": case.legal_digest, **unread} for case in proven})
        self._close_activities("sig_pqrs.activity_legal")
        self._notify_director(lambda env: env._("Legal review approved: close and send the answer"))
        return True

    def action_legal_return(self, reason):
        proven = self._check_transition("legal_return")
        reason = self._require_text(reason)
        proven.write({"legal_state": "returned", "legal_digest": False})
        self._record("legal_returned", reason)
        self._close_activities("sig_pqrs.activity_legal")
        self._notify_director(lambda env: env._("Returned by the legal reviewer"), reason)
        return True
