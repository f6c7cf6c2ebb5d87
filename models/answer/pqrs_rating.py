from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import clean_text
from .. import clock

MAX_FEEDBACK = 4000


class PqrsRating(models.Model):
    """The client's rating of the answer, on core `rating`: 1 to 5 stars and a reason, once, without login."""

    _inherit = "sig.pqrs"

    rating_state = fields.Selection(
        [("none", "Not asked"), ("asked", "Asked"), ("reminded", "Reminded"), ("rated", "Rated")],
        "Rating",
        required=True,
        default="none",
        readonly=True,
        help="Whether the client was asked for stars, and gave them. Nobody who works on the case can rate it.",
    )
    rating_value = fields.Integer("Stars", readonly=True, aggregator="avg")
    rating_reason = fields.Text("Reason of the rating", readonly=True)
    # Core lets whoever reads the case search by all that its ratings hold, the token of their link too.
    rating_ids = fields.One2many(bypass_search_access=False)
    # A new case has no rating: core asks for it, and then updates the row that was just stored.
    rating_last_value = fields.Float(compute="_compute_rating_last_value", store=True, precompute=True)

    _rating_index = models.Index("(company_id, date_answered) WHERE rating_state = 'asked'")

    def _rating_get_operator(self):
        return self.env["res.partner"]

    def _get_rating_url(self):
        """Absolute address of the rating page of the case, for its petitioner."""
        self.ensure_one()
        self._check_gives_keys()
        return self._get_page_url(f"/pqrs/rate/{self.sudo()._rating_get_access_token()}")

    def _queue_rating_requests(self):
        """Ask for the rating: in the mail of the answer, or of its publication, or else in one of its own."""
        asked = self.filtered(lambda case: not case.anonymous and case.rating_state == "none")
        asked.rating_state = "asked"
        asked.filtered(lambda case: case.delivery_medium not in ("email", "portal"))._notify_client("rating")

    def _remind_ratings(self):
        """One reminder to who has not rated."""
        self._notify_client("rating")
        self.rating_state = "reminded"

    def action_register_rating(self, rate, feedback=False):
        """Record the rating that the client gave by phone or in a visit.

        :param int rate: stars, 1 to 5.
        """
        self._check_transition("register_rating")
        for case in self:
            rating = case.sudo()._rating_get_or_create()
            case._apply_rating(rating, rate, feedback)
        return True

    def _rating_get_or_create(self):
        return self._get_rating_by_token(self._rating_get_access_token())

    @api.model
    def _rate_from_link(self, rating, rate, feedback):
        """Record the rating of whoever holds the link.

        :param rating: the ``rating.rating`` record that the link opens (`_get_rating_by_token`).
        :raises AccessError: for somebody of the company itself.
        :raises UserError: for a rating given already.
        """
        if self.env.user._is_internal():
            raise AccessError(self.env._("The rating is the client's: those who work on the case cannot give it."))
        if not rating or rating.consumed:
            raise UserError(self.env._("This answer was rated already. Thank you."))
        with self.env.cr.savepoint():  # stored here: under reserve, not by the user of who rates
            self.sudo().browse(rating.res_id)._with_system_user()._apply_rating(rating, rate, feedback)

    def _is_answered(self):
        """Whether there is an answer to rate: a case that was taken up again has none yet."""
        return self.state == "closed" and self.outcome == "answered"

    @api.model
    def _get_rating_by_token(self, token):
        """The rating of a case by its token, consumed or not; empty for anything else."""
        return (
            self.env["rating.rating"]
            .sudo()
            .search(
                [
                    ("access_token", "=", token or ""),
                    ("res_model", "=", self._name),
                ],
                limit=1,
            )
            if token
            else self.env["rating.rating"]
        )

    def rating_apply(self, rate, token=None, rating=None, feedback=None, subtype_xmlid=None, notify_delay_send=False):
        """The pages of core end in the same door as ours; over RPC there is none."""
        if not self.env.su or self.env.user._is_internal():
            raise AccessError(self.env._("The rating is the client's: those who work on the case cannot give it."))
        rating = rating or self._get_rating_by_token(token)
        self._with_system_user()._apply_rating(rating, rate, feedback)
        return rating

    def message_post(self, **kwargs):
        """A rating never comes with a message."""
        if not self.env.su:
            kwargs = {name: value for name, value in kwargs.items() if name not in ("rating_id", "rating_value")}
        return super().message_post(**kwargs)

    def _apply_rating(self, rating, rate, feedback):  # pylint: disable=missing-return  # it extends none of that name
        self.ensure_one()
        try:
            rate = int(rate)
        except (TypeError, ValueError):
            rate = 0
        if not 1 <= rate <= 5:
            raise UserError(self.env._("Choose between one and five stars."))
        case = self.sudo()._with_system_user()
        if not case._is_answered():
            raise UserError(self.env._("We are looking into your request again. You will rate the new answer."))
        rating = rating.with_env(case.env)
        if not rating.try_lock_for_update() or rating.consumed:
            raise UserError(self.env._("This answer was rated already. Thank you."))
        feedback = clean_text.paragraphs(feedback)[:MAX_FEEDBACK] if isinstance(feedback, str) else ""
        feedback = case._redact(feedback, case._get_comment_placeholder(), "rating_reason")
        # pylint: disable-next=super-method-mismatch  # our own `rating_apply` refuses whoever does not come by here
        super(PqrsRating, case.with_context(mail_create_nosubscribe=True)).rating_apply(
            rate, rating=rating, feedback=feedback, subtype_xmlid="mail.mt_note"
        )
        case.write({"rating_state": "rated", "rating_value": rate, "rating_reason": feedback})
        case._record("rated", {case: feedback}, body=self.env._("Rated with %s of 5 stars.", rate), data={"rate": rate})
        if rate <= case.company_id.sig_low_rating:
            case._notify_director(
                lambda env: env._("Low rating (%s of 5): follow it up", rate), feedback, "sig_pqrs.activity_low_rating"
            )

    @api.model
    def _get_rating_reminders(self, company):
        """Answered cases of a company whose rating was asked long enough ago."""
        days = company.sig_rating_reminder_days
        if not days:
            return self.browse()
        today = company._sig_today()
        calendar = company._sig_calendar(fields.Date.subtract(today, days=days * 3 + 30))
        cases = self.search(
            [
                ("company_id", "=", company.id),
                ("rating_state", "=", "asked"),
                ("date_answered", "<", clock.now() - timedelta(days=days)),
            ]
        )
        return cases.filtered(
            lambda case: (
                not calendar.covers(company._sig_local_date(case.date_answered))
                or calendar.count(company._sig_local_date(case.date_answered), today) >= days
            )
        )
