from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools import periods
from .. import clock
from ..mixin.transitions import MANAGEMENT, SIG, Transition

#: what the SIG sets until it is closed; ``kind`` and ``company_id`` once
PREPARED_FIELDS = frozenset({"name", "date_from", "date_to", "kind", "company_id"})
#: what the SIG and top management write until it is closed
WRITTEN_FIELDS = frozenset(
    {"date", "participants", "act_number", "presented_by_id", "conclusion", "section_ids", "decision_ids"}
)

#: groups that read closed reviews; auditors have temporary access
READER_GROUPS = ("sig_pqrs.group_process_leader", "sig_pqrs.group_top_management")


class ManagementReview(models.Model):
    """A management review (ISO 9001, 9.3; procedure 6), or the SIG's report of any period, of the same sections."""

    _name = "sig.management.review"
    _description = "Management Review"
    _inherit = ["sig.transition.mixin", "sig.files.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "date_to desc, id desc"
    _rec_names_search = ["name", "act_number"]
    _mail_post_access = "read"
    _sig_is_proof = "draft"
    _transitions = {
        "hold": Transition({"draft": (SIG, MANAGEMENT)}),
        "close": Transition({"held": (SIG, MANAGEMENT)}),
        "send": Transition(dict.fromkeys(("draft", "held", "closed"), (SIG,)), lambda review: review.kind == "report"),
    }
    _editable_fields = PREPARED_FIELDS | WRITTEN_FIELDS

    name = fields.Char(
        "Title", required=True, compute="_compute_name", store=True, readonly=False, precompute=True, tracking=True
    )
    kind = fields.Selection(
        [("review", "Management review"), ("report", "SIG management report")],
        required=True,
        default="review",
        index=True,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    date_from = fields.Date("From", required=True, default=lambda self: self._get_default_period().start, tracking=True)
    date_to = fields.Date("To", required=True, default=lambda self: self._get_default_period().end, tracking=True)
    date = fields.Date("Held on", copy=False, tracking=True)
    act_number = fields.Char("Act number", copy=False, tracking=True)
    participants = fields.Text(help="One a line: name and position.")
    presented_by_id = fields.Many2one(
        "res.users",
        "Presented by",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        [("draft", "In preparation"), ("held", "Held, to be closed"), ("closed", "Closed for good")],
        default="draft",
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    section_ids = fields.One2many("sig.management.section", "review_id", "Sections", copy=False)
    decision_ids = fields.One2many("sig.management.decision", "review_id", "Decisions", copy=False)
    conclusion = fields.Text(
        copy=False, help="Whether the system is still suitable, adequate and effective (ISO 9001, 9.3.1)."
    )
    missing = fields.Text("Still missing", compute="_compute_missing", help="What the next step cannot do without.")
    date_closed = fields.Datetime("Closed on", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, copy=False)

    _dates = models.Constraint("CHECK (date_to >= date_from)", "The period ends before it begins.")
    _length = models.Constraint(
        "CHECK (date_to < date_from + INTERVAL '3 years')", "A review covers three years at most."
    )

    @api.model
    def _get_default_period(self):
        is_report = self.env.context.get("default_kind") == "report"
        return periods.last_complete(self.env.company._sig_today(), "month" if is_report else "semester")

    @api.depends("kind", "date_from", "date_to")
    def _compute_name(self):
        kinds = self._get_choices("kind")
        for review in self:
            start, end = review.date_from, review.date_to
            period = review._name_period(start, end) if start and end and start <= end else ""
            review.name = f"{kinds[review.kind]} – {period}" if period else kinds[review.kind]

    @api.constrains("presented_by_id", "company_id")
    def _check_presenter(self):
        for review in self.sudo():
            review.company_id._sig_check_own(review.presented_by_id)

    def _get_user_roles(self):
        found = super()._get_user_roles()
        if self.env.user.has_group("sig_pqrs.group_top_management"):
            for own in found.values():
                own.add(MANAGEMENT)
        return found

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if message_operation == "create" and not any(self.env.user.has_group(group) for group in READER_GROUPS):
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        reviews._add_sections()
        return reviews

    def _add_sections(self):
        Section = self.env["sig.management.section"].sudo()
        Section.create(
            [
                {"review_id": review.id, "code": code, "sequence": 10 * number}
                for review in self
                for number, code in enumerate(Section._get_codes(review.kind), 1)
                if code not in review.sudo().section_ids.mapped("code")
            ]
        )

    def write(self, vals):
        if not self.env.su and not self._editable_fields.isdisjoint(vals):
            self._check_editable(vals)
        return super().write(vals)

    def _check_editable(self, vals):
        self._check_writable()
        if PREPARED_FIELDS.isdisjoint(vals):
            return
        for review, own in self._get_roles().items():
            if SIG not in own:
                raise AccessError(self.env._("Title and period are set by the SIG."))
            if not {"kind", "company_id"}.isdisjoint(vals):
                raise UserError(self.env._("%s: its kind and its company are not changed.", review.display_name))

    def _check_writable(self):
        self.check_access("read")
        self._lock()
        for review in self:
            if review.state == "closed":
                raise UserError(self.env._("%s was closed: it can no longer be changed.", review.display_name))
        self.check_access("write")

    def _lock(self):
        """Serialise writers: the second one starts again after the first."""
        self.flush_recordset()
        self._lock_rows(SQL("FOR NO KEY UPDATE"))
        self.invalidate_recordset(["state"])

    def _check_transition(self, name):
        self.check_access("read")
        self._lock()
        return super()._check_transition(name)

    @api.depends("state", "kind", "date", "date_to", "participants", "presented_by_id", "conclusion")
    @api.depends_context("lang")
    def _compute_missing(self):
        for review in self:
            wanted = review._get_wanted() if review.date_to else ()
            review.missing = "; ".join(name for value, name in wanted if not value)

    def _get_wanted(self):
        """``[(value, its name)]`` of what the next step cannot do without."""
        today, is_report = self.company_id._sig_today(), self.kind == "report"
        end = tools.format_date(self.env, self.date_to)
        is_over = (self.date_to < today, self.env._("that its period is over (it ends on %s)", end))
        conclusion = (is_report or (self.conclusion or "").strip(), self.env._("the conclusion"))
        to_hold = [
            (self.date, self.env._("the date on which it was held")),
            (not self.date or self.date <= today, self.env._("that this date has come")),
            (is_report or (self.participants or "").strip(), self.env._("the participants")),
            (self.presented_by_id, self.env._("who presented it")),
        ]
        return {"draft": to_hold, "held": [*to_hold, conclusion, is_over]}.get(self.state, [])

    def action_hold(self):
        reviews = self._check_transition("hold")
        for review in reviews:
            review._check_lacks_nothing(review._get_wanted())
        reviews.write({"state": "held"})
        return True

    def action_close(self):
        reviews = self._check_transition("close")
        for review in reviews:
            review._check_lacks_nothing(review._get_wanted())
        reviews._freeze()
        reviews.write({"state": "closed", "date_closed": clock.now(), "closed_by_id": self.env.uid})
        reviews._store_pdf()
        reviews.decision_ids._ask_responsible()
        return True
