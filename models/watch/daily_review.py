import logging
from datetime import timedelta
from operator import methodcaller

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from ..mixin.transitions import OPEN

_logger = logging.getLogger(__name__)


class DailyReview(models.AbstractModel):
    """The daily review of what is due in each company. Safe to run twice, and after missed days."""

    _name = "sig.daily.review"
    _description = "Daily Review"

    @api.model
    def _cron_watch(self):
        """Review the companies whose morning has come, then tell their people. Runs every hour; each once a day."""
        pending = [company for company in self.env["res.company"].search([]) if self._is_morning(company)]
        for position, company in enumerate(pending, 1):
            if not company.try_lock_for_update(allow_referencing=True):
                continue
            try:
                self.with_company(company).with_context(lang=company._sig_lang())._watch_company(company)
                company.sig_watched_on = company._sig_today()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("The daily review of %s failed; it is tried again in an hour", company.name)
                self.env.cr.rollback()
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(pending) - position):
                return
        try:
            self.env["sig.digest"]._send_digests()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The digests failed; they are tried again in an hour")
            self.env.cr.rollback()

    @api.model
    def _is_morning(self, company):
        """Whether today's review is due. One of a day to come was by a clock that ran ahead, and does not count."""
        return (
            company.sig_watched_on != company._sig_today()
            and company._sig_local(clock.now()).hour >= company.sig_watch_hour
        )

    @api.model
    def _watch_company(self, company):
        """What the morning brings in one company. Hook for other addons."""
        Pqrs = self.env["sig.pqrs"]
        Pqrs._prepare_numbers(company)
        year = company._sig_today().year
        self.env["sig.nonworking.day"]._generate(company, year - 1, year + 2)
        for model in self._get_watched_models():
            self.env[model]._refresh_deadline_state(company)
        # Last: the rule that escalates passes over what is committed after its moment.
        for step in (*self._get_watch_steps(), Pqrs._plan_escalations):
            Pqrs._in_isolation(company, step)

    @api.model
    def _get_watch_steps(self):
        """What the review does in a company once the states are right; each apart. Hook for other addons."""
        Pqrs = self.env["sig.pqrs"]
        return [
            Pqrs._refresh_duties,
            Pqrs._remind_untriaged,
            self._remind_raters,
            self._move_approvals,
            self._propose_holidays,
        ]

    @api.model
    def _get_watched_models(self):
        """Names of the models with a deadline. Hook for other addons."""
        return ["sig.pqrs", "sig.pqrs.assignment"]

    @api.model
    def _move_approvals(self, company):
        """What waits for approval goes to who stands in from today, and back from who stood in until yesterday."""
        waiting = (
            self.env["sig.pqrs.assignment"]
            .sudo()
            .search([("company_id", "=", company.id), ("state", "=", "submitted"), ("pqrs_id.state", "in", OPEN)])
        )
        self.env["sig.pqrs"]._in_isolation(waiting, methodcaller("_move_approvals"))
        today = company._sig_today()
        ended = (
            self.env["sig.process.absence"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("date_to", "<", today),
                    ("date_to", ">=", today - timedelta(days=30)),
                    ("substitute_id", "!=", False),
                ]
            )
        )
        self.env["sig.people"]._unfollow_unreadable(ended.substitute_id)

    @api.model
    def _remind_raters(self, company):
        Pqrs = self.env["sig.pqrs"]
        Pqrs._in_isolation(Pqrs._get_rating_reminders(company), methodcaller("_remind_ratings"))

    @api.model
    def _propose_holidays(self, company):
        """On Mondays, tell the SIG where the company's calendar differs from the published holidays.

        Nothing moves by itself: whoever confirms a difference adds or removes the day, with its preview.
        """
        today = company._sig_today()
        director = company._sig_get_director()
        if today.weekday() or not director:
            return
        lines = self.env["sig.nonworking.day"].with_context(lang=director.lang)._get_differences(company, today.year)
        if lines:
            subject = director.with_context(lang=director.lang).env._(
                "The calendar differs from the published holidays"
            )
            url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_nonworking_day"
            self.env["sig.people"]._mail([(director, company, subject, "\n".join(lines), url)])
