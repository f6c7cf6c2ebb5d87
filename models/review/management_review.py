from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...tools import periods
from .. import clock
from ..mixin import transitions as roles
from . import transitions

#: what the SIG sets while the review is prepared; ``kind`` and ``company_id`` once
PREPARED_FIELDS = frozenset({"name", "date_from", "date_to", "kind", "company_id"})
#: what the SIG and top management write until it is closed
WRITTEN_FIELDS = frozenset(
    {"date", "participants", "act_number", "presented_by_id", "conclusion", "section_ids", "decision_ids"}
)

#: who reads reviews by what they do in the company; auditors read for some days
READER_GROUPS = ("sig_pqrs.group_process_leader", "sig_pqrs.group_top_management")

MAXIMUM_YEARS = 3


class ManagementReview(models.Model):
    """What top management is told of a period and decides on it (ISO 9001, 9.3; procedure 6).

    Of one of two kinds: the management review, held once or twice a year, and the management report of the SIG, of a
    month or of any period. Both are made of the same sections.
    """

    _name = "sig.management.review"
    _description = "Management Review"
    _inherit = ["sig.transition.mixin", "sig.files.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_to desc, id desc"
    _rec_names_search = ["name", "act_number"]
    _check_company_auto = True
    _mail_post_access = "read"
    _transitions = transitions.REVIEW
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
    act_number = fields.Char(
        "Act number",
        copy=False,
        tracking=True,
        help="Number of the minutes of the meeting, as the company numbers them.",
    )
    participants = fields.Text(help="One a line: name and position.")
    presented_by_id = fields.Many2one(
        "res.users",
        "Presented by",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Signs the printed document.",
    )
    state = fields.Selection(
        [("draft", "In preparation"), ("held", "Held, to be closed"), ("closed", "Closed for good")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    section_ids = fields.One2many("sig.management.section", "review_id", "Sections", copy=False)
    decision_ids = fields.One2many("sig.management.decision", "review_id", "Decisions", copy=False)
    decision_count = fields.Integer("Number of decisions", compute="_compute_decision_count")
    conclusion = fields.Text(
        copy=False, help="Whether the system is still suitable, adequate and effective (ISO 9001, 9.3.1)."
    )
    date_held = fields.Datetime(
        "First recorded as held",
        readonly=True,
        copy=False,
        help="From then on it is kept, also when it is prepared again.",
    )
    date_closed = fields.Datetime("Closed on", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, copy=False)

    _dates = models.Constraint("CHECK (date_to >= date_from)", "The period ends before it begins.")

    # -- Defaults and computes --------------------------------------------------------------------------------------

    @api.model
    def _get_default_period(self):
        """The last semester that is over; of a report, the last month."""
        is_report = self.env.context.get("default_kind") == "report"
        return periods.last_complete(self.env.company._sig_today(), "month" if is_report else "semester")

    @api.depends("kind", "date_from", "date_to")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for review in self:
            period = review._get_period_name()
            review.name = f"{kinds[review.kind]} – {period}" if period else kinds[review.kind]

    def _get_period_name(self):
        """“June 2026”, “2026, semester 1” or both dates, in the language of the environment."""
        start, end = self.date_from, self.date_to
        if not start or not end or end < start:
            return ""
        if (start, end) == periods.containing(start, "month"):
            return tools.format_date(self.env, start, date_format="MMMM y")
        if (start, end) == periods.containing(start, "semester"):
            return self.env._("%(year)s, semester %(half)s", year=start.year, half=periods.semester_of(start))
        return self.env._(
            "%(start)s to %(end)s", start=tools.format_date(self.env, start), end=tools.format_date(self.env, end)
        )

    @api.depends("decision_ids")
    def _compute_decision_count(self):
        for review in self:
            review.decision_count = len(review.decision_ids)

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for review in self:
            if review.date_to >= review.date_from + relativedelta(years=MAXIMUM_YEARS):
                raise ValidationError(self.env._("A review covers %s years at most.", MAXIMUM_YEARS))

    @api.constrains("presented_by_id", "company_id")
    def _check_presenter(self):
        for review in self.sudo():
            presenter = review.presented_by_id
            if presenter.share or (presenter and review.company_id not in presenter.company_ids):
                raise ValidationError(self.env._("%s is nobody of the company.", presenter.name))

    # -- People -----------------------------------------------------------------------------------------------------

    def _get_user_roles(self):
        found = super()._get_user_roles()
        if self.env.user.has_group("sig_pqrs.group_top_management"):
            for own in found.values():
                own.add(roles.MANAGEMENT)
        return found

    def _get_step_cases(self):
        """Nothing here is told by acts of cases."""
        return self.env["sig.pqrs"]

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Whoever reads a review in a role of their own writes to its readers; who only audits reads."""
        if message_operation == "create" and not any(self.env.user.has_group(group) for group in READER_GROUPS):
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    # -- CRUD -------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Reviews are prepared by the SIG."))
        reviews = super().create(vals_list)
        reviews._add_sections()
        return reviews

    def _add_sections(self):
        """Give each its sections: those of its kind that it was not created with."""
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
        """
        :raises UserError: for what is no longer changed; AccessError for who does not change it.
        """
        self._check_writable()
        for review, own in self._get_roles().items():
            if PREPARED_FIELDS.isdisjoint(vals):
                continue
            if roles.SIG not in own:
                raise AccessError(self.env._("Title and period are set by the SIG."))
            if review.state != "draft" or not {"kind", "company_id"}.isdisjoint(vals):
                raise UserError(
                    self.env._("%s: its kind, its title and its period are no longer changed.", review.display_name)
                )

    def _check_writable(self):
        """
        :raises UserError: for those that are closed; AccessError for who does not write reviews.
        """
        self.check_access("read")
        self._lock()
        for review in self:
            if review.state not in transitions.WRITABLE:
                raise UserError(self.env._("%s was closed: it can no longer be changed.", review.display_name))
        self.check_access("write")

    def _lock(self):
        """Let one hand at a time write these: whoever comes second starts again on what the first left."""
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "SELECT id FROM sig_management_review WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                tuple(self.ids) or (0,),
            )
        )
        self.invalidate_recordset(["state"])

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if (
            any(review.state != "draft" or review.date_held for review in self)
            or self.sudo().decision_ids._get_acted_on()
        ):
            raise UserError(self.env._("What was recorded as held once is kept."))

    # -- Steps ------------------------------------------------------------------------------------------------------

    def _get_transition_depends(self):
        return ["decision_ids.plan_id", "decision_ids.date_done", "decision_ids.dropped"]

    def _get_transition_refusal(self, name):
        if name == "resume" and self.state == "held":
            return self.env._("%s: something came of its decisions already, so it stays held.", self.display_name)
        return super()._get_transition_refusal(name)

    def _check_transition(self, name):
        self.check_access("read")
        self._lock()
        return super()._check_transition(name)

    def action_hold(self):
        """It took place: what was said and decided is written until it is closed."""
        proven = self._check_transition("hold")
        for review in proven:
            review._check_complete(
                [
                    (review.date, self.env._("the date on which it was held")),
                    (review.kind == "report" or (review.participants or "").strip(), self.env._("the participants")),
                    (review.presented_by_id, self.env._("who presented it")),
                ]
            )
            today = review.company_id._sig_today()
            if review.date > today:
                raise UserError(self.env._("%s: that day has not come.", review.display_name))
        proven.write({"state": "held"})
        proven.filtered(lambda review: not review.date_held).write({"date_held": clock.now()})
        return True

    def action_resume(self):
        """Prepare it again: it was not held after all."""
        proven = self._check_transition("resume")
        proven.write({"state": "draft"})
        return True

    def action_close(self):
        """Close it for good: nobody changes it any more."""
        proven = self._check_transition("close")
        for review in proven:
            review._check_complete(
                [(review.kind == "report" or (review.conclusion or "").strip(), self.env._("the conclusion"))]
            )
            if review.date_to >= review.company_id._sig_today():
                raise UserError(self.env._("%s: the period is not over.", review.display_name))
        reviews = proven
        reviews._freeze()
        reviews.write({"state": "closed", "date_closed": clock.now(), "closed_by_id": self.env.uid})
        reviews._store_pdf()
        reviews._ask_responsible()
        return True

    def _check_complete(self, wanted):
        """Refuse what lacks something. :param wanted: pairs of a value and what it is called."""
        missing = [name for value, name in wanted if not value]
        if missing:
            raise UserError(
                self.env._("%(review)s still lacks: %(what)s.", review=self.display_name, what=", ".join(missing))
            )

    def _ask_responsible(self):
        """One activity for who carries out each decision."""
        decisions = self.decision_ids.filtered(lambda decision: decision.state == "open")
        self.env["sig.people"]._schedule_activities(
            decisions,
            {decision: decision.user_id for decision in decisions},
            "sig_pqrs.activity_decision",
            deadlines={decision: decision.date_due for decision in decisions},
        )
