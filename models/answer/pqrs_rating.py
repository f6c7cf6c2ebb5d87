from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import clean_text
from ..communication.client_steps import MAX_TEXT
from ..communication.communication import AFTER_END

#: for how long the rating of an answer is asked for and missed
UNRATED_MONTHS = 2


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
    rating_value = fields.Integer("Stars", readonly=True, aggregator=None)
    rating_reason = fields.Text("Reason of the rating", readonly=True)
    rating_case_id = fields.Many2one(
        "sig.pqrs",
        "Case of the rating's comment",
        readonly=True,
        index="btree_not_null",
        groups="sig_pqrs.group_sig_director",
        check_company=True,
    )
    # Core lets readers of the case search by any field of its ratings, even the token of their link.
    rating_ids = fields.One2many(bypass_search_access=False)
    # A new case has no rating: without precompute core updates the row just after it is inserted.
    rating_last_value = fields.Float(compute="_compute_rating_last_value", store=True, precompute=True)

    _rating_index = models.Index("(company_id, date_answered) WHERE rating_state = 'asked'")

    def _rating_get_operator(self):
        return self.env["res.partner"]

    def _get_rating_url(self):
        self.env["sig.tracking"]._check_gives()
        return self._get_page_url(f"/pqrs/rate/{self.sudo()._rating_get_access_token()}")

    def _queue_rating_requests(self):
        """Ask for the rating: in the mail of the answer, or of its publication, or else in one of its own."""
        asked = self.filtered(lambda case: not case.anonymous and case.rating_state == "none")
        asked.rating_state = "asked"
        asked.filtered(lambda case: case.delivery_id.medium not in ("email", "portal"))._notify_client("rating")

    def _remind_ratings(self):
        self.rating_state = "reminded"
        self._notify_client("rating")

    @api.model
    def _get_rating_reminders(self, company):
        days = company.sig_rating_reminder_days
        if not days:
            return self.browse()
        today = company._sig_today()
        first = company._sig_calendar(today - timedelta(days=2 * days)).shift(today, 1 - days)
        asked = [("company_id", "=", company.id), ("rating_state", "=", "asked")]
        asked += [("date_answered", ">=", company._sig_midnight(first - relativedelta(months=UNRATED_MONTHS)))]
        asked += [("communication_ids", "not any", [("state", "=", "received"), ("purpose", "in", AFTER_END)])]
        return self.search([*asked, ("date_answered", "<", company._sig_midnight(first))])

    def action_register_rating(self, rate, feedback=False):
        """Record the rating, 1 to 5 stars, that the client gave by phone or in a visit."""
        for case in self._check_transition("register_rating"):
            case._apply_rating(case._rating_get_or_create(), rate, feedback)
        return True

    def _is_answered(self):
        return self.state == "closed" and self.outcome == "answered"

    @api.model
    def _get_rating_by_token(self, token):
        """The rating of a case by its token, consumed or not; empty for anything else."""
        ratings = self.env["rating.rating"].sudo()
        domain = [("access_token", "=", token), ("res_model", "=", self._name)]
        return ratings.search(domain, limit=1) if token else ratings

    def _get_standing_rating(self):
        """The rating of the answer that stands; empty before it is rated."""
        rated = self.sudo().rating_ids.filtered("consumed").sorted("id")[-1:]
        return rated if self.rating_state == "rated" else rated.browse()

    def _rating_get_or_create(self):
        return self._get_rating_by_token(self._rating_get_access_token())

    def rating_apply(self, rate, token=None, rating=None, feedback=None, subtype_xmlid=None, notify_delay_send=False):
        """Rate from the pages of core; over RPC nobody can."""
        if not self.env.su or self.env.user._is_internal():
            raise AccessError(self.env._("The rating is the client's: those who work on the case cannot give it."))
        rating = rating or self._get_rating_by_token(token)
        self._with_system_user()._apply_rating(rating, rate, feedback)
        return rating

    def message_post(self, **kwargs):
        """Users attach no rating to a message."""
        if not self.env.su:
            kwargs = {name: value for name, value in kwargs.items() if name not in ("rating_id", "rating_value")}
        return super().message_post(**kwargs)

    def _apply_rating(self, rating, rate, feedback):  # pylint: disable=missing-return  # it extends none of that name
        self.ensure_one()
        rate = int(rate) if str(rate).isdecimal() else 0
        if not 1 <= rate <= 5:
            raise UserError(self.env._("Choose between one and five stars."))
        case = self.sudo()._with_system_user()
        if not case._is_answered():
            raise UserError(self.env._("We are looking into your request again. You will rate the new answer."))
        rating = rating.with_env(case.env)
        if not rating.try_lock_for_update() or rating.consumed:
            raise UserError(self.env._("This answer was rated already. Thank you."))
        feedback = clean_text.paragraphs(feedback)[:MAX_TEXT] if isinstance(feedback, str) else ""
        feedback = case._redact(feedback, case._get_comment_placeholder(), "rating_reason")
        # pylint: disable-next=super-method-mismatch  # our `rating_apply` is the door of core's pages
        super(PqrsRating, case.with_context(mail_create_nosubscribe=True)).rating_apply(
            rate, rating=rating, feedback=feedback, subtype_xmlid="mail.mt_note"
        )
        case.write({"rating_state": "rated", "rating_value": rate, "rating_reason": feedback, "rating_case_id": False})
        case.answer_id.write({"rating_value": rate, "rating_reason": feedback})
        case._record("rated", {case: feedback}, body=self.env._("Rated with %s of 5 stars.", rate), data={"rate": rate})
        if rate <= case.company_id.sig_low_rating:
            case._notify_director(
                lambda env: env._("Low rating (%s of 5): follow it up", rate), feedback, "sig_pqrs.activity_low_rating"
            )

    def action_new_case_from_rating(self):
        """File the comment of the rating as a new case, received when it was rated, or open the case filed before."""
        self.ensure_one()
        case = self._check_transition("new_case_from_rating")
        if not case.rating_case_id:
            case.rating_case_id = case._file_rating_comment()
            case._message_log(body=self.env._("What was written with the rating goes on in a new case."))
            case.activity_unlink(["sig_pqrs.activity_low_rating"])
        return case.rating_case_id._get_records_action(context={})

    def _file_rating_comment(self):
        rated = self.act_ids.filtered(lambda act: act.kind == "rated").sorted("number")[-1:]
        by_staff = rated.user_id._sig_filter_people()
        channel = "phone" if by_staff else self._get_online_channel()
        kind = self.env["sig.pqrs.type"]._get_fallback(self.company_id, "queja", self.anonymous)
        subject = self.env._("Comment on the answer: %s", self.subject)
        return self._file_follow_up(kind, subject, rated.date, channel, self._get_rating_text())

    def _get_rating_text(self):
        """What was written with the rating, as superuser: under reserve it waits with the identity."""
        return self.identity_ids.text_ids._get_written(self, "rating_reason")

    @api.model
    def _file_comment(self, values):
        """File a case of a comment, as of a survey; the caller has proven the right to.

        :param dict values: of the case: ``company_id``, the petitioner, ``description`` as written, ``date_received``
            when it was written, ``channel``, ``subject``.
        :return: the case, as superuser.
        """
        if not (values["description"] or "").strip():
            raise UserError(self.env._("There is no comment of which a case could be made."))
        company = self.env["res.company"].browse(values["company_id"])
        kind = self.env["sig.pqrs.type"]._get_fallback(company, "queja", values.get("anonymous"))
        return self.sudo().create({"type_id": kind.id, **values})
