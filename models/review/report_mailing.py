import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import periods
from ..mixin.transitions import SIG

_logger = logging.getLogger(__name__)

#: reports of a run of the job: each is a PDF
BATCH = 5


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_report_monthly = fields.Boolean(
        "Monthly management report by mail", help="Of the month that is over, to top management."
    )
    sig_report_day = fields.Integer("Business day of the report", default=5, help="Of the month after.")
    sig_report_user_ids = fields.Many2many(
        "res.users",
        "sig_report_user_rel",
        string="Recipients of the report",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Top management, when nobody is named.",
    )

    @api.constrains("sig_report_day")
    def _check_sig_report_day(self):
        if any(not 1 <= company.sig_report_day <= 20 for company in self):
            raise ValidationError(self.env._("The report leaves between the first business day and the twentieth."))

    @api.constrains("sig_report_user_ids")
    def _check_sig_report_users(self):
        for company in self:
            for user in company.sig_report_user_ids:
                if user.share or company not in user.company_ids:
                    raise ValidationError(self.env._("%s is nobody of the company.", user.name))

    def _sig_get_report_users(self):
        """Who gets the monthly report."""
        self.ensure_one()
        named = self.sudo().sig_report_user_ids
        if not named:
            return self._sig_get_top_management()
        return self._sig_filter_own(named)


class ManagementReview(models.Model):
    """The management report of each month, sent by itself where the company wants it: queued; failures are told."""

    _inherit = "sig.management.review"

    mail_state = fields.Selection(
        [("pending", "Waiting to be sent"), ("sent", "Sent to its readers"), ("failed", "Not sent")],
        "Mail",
        readonly=True,
        copy=False,
        tracking=True,
    )
    mail_failure = fields.Char("Why it was not sent", readonly=True, copy=False)

    _pending_index = models.Index("(id) WHERE mail_state = 'pending'")

    @api.model
    def _prepare_monthly_report(self, company):
        """Make the report of the last month, once, and queue its mail; part of the daily job of the company."""
        today = company._sig_today()
        if not company.sig_report_monthly or today < company._sig_business_day_of_month(today, company.sig_report_day):
            return
        month = periods.last_complete(today, "month")
        reviews = self.with_company(company)
        known = reviews.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "report"),
                ("date_from", "=", month.start),
                ("date_to", "=", month.end),
            ],
            order="id",
        )
        if any(known.mapped("mail_state")):
            return
        report = known[:1] or reviews.with_context(lang=company._sig_lang()).create(
            {
                "kind": "report",
                "company_id": company.id,
                "date_from": month.start,
                "date_to": month.end,
                "presented_by_id": company._sig_get_director().id,
            }
        )
        report.mail_state = "pending"
        self.env["sig.pqrs"]._trigger("sig_pqrs.cron_management_report")

    @api.model
    def _cron_send_reports(self):
        """Send the reports that wait, each apart, and print what was closed without its PDF.

        Safe to run twice, and on two workers.
        """
        self._print_missing()
        domain = Domain("mail_state", "=", "pending")
        batch = self.search(domain, order="id", limit=BATCH).try_lock_for_update()
        for report in batch:
            try:
                with self.env.cr.savepoint():
                    report._send_report()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                _logger.exception("%s could not be sent", report.display_name)
                report._tell_failure(str(error))
        self.env["ir.cron"]._commit_progress(len(batch), remaining=self.search_count(domain))

    @api.model
    def _print_missing(self):
        """Print what was closed where there was no server to print it (demo data)."""
        for review in (
            self.search([("state", "=", "closed"), ("pdf_id", "=", False)], limit=BATCH).try_lock_for_update()
        ):
            try:
                with self.env.cr.savepoint():
                    review._store_pdf()
            except UserError:
                _logger.warning("%s still has no PDF", review.display_name)

    def _send_report(self):
        """Queue one mail a reader, with the PDF of now."""
        company = self.company_id
        users = company._sig_get_report_users().filtered("email")
        if not users:
            self._tell_failure(self.env._("Nobody is named to receive it, or has an email."))
            return
        told = self.with_context(lang=company._sig_lang()).with_company(company)
        content, kind = (self.pdf_id.raw, "pdf") if self.pdf_id else told._render_pdf()
        file = self.env["ir.attachment"].create(
            {"name": f"{self._get_file_name()}.{kind}", "raw": content, "res_model": self._name, "res_id": self.id}
        )
        people = self.env["sig.people"]
        mails = []
        for user in users:
            read = self.with_context(lang=user.lang)
            text = read.env._("%s is attached. Its analysis and decisions are written in the software.", self.name)
            mails.append(
                {
                    **people._prepare_mail(user, company, self.name, text, people._get_url(self)),
                    "attachment_ids": file.ids,
                }
            )
        self.env["mail.mail"].create(mails)
        self.write({"mail_state": "sent", "mail_failure": False})
        self._message_log(body=self.env._("The report goes to: %s", ", ".join(users.mapped("name"))))
        self.env["sig.pqrs"]._trigger_mail_queue()

    def _tell_failure(self, reason):
        """Keep why it did not leave, and tell the SIG."""
        self.write({"mail_state": "failed", "mail_failure": (reason or "")[:250]})
        self.env["sig.people"]._notify_directors(
            self,
            "mail.mail_activity_data_todo",
            lambda report: report.env._("The report could not be sent"),
            self.mail_failure,
        )

    def action_send_again(self):
        """Send it to top management, or once more."""
        self._check_sender()
        self.sudo().write({"mail_state": "pending", "mail_failure": False})
        self.env["sig.pqrs"]._trigger("sig_pqrs.cron_management_report")
        return True

    def _check_sender(self):
        """
        :raises AccessError: for who does not prepare reports.
        """
        self.check_access("read")
        if any(SIG not in own for own in self._get_roles().values()):
            raise AccessError(self.env._("The SIG sends the reports."))


class ReportReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self.env["sig.management.review"]._prepare_monthly_report]
