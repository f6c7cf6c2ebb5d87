from operator import methodcaller

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import periods
from .. import clock

#: business day of the month on which the report of the last one is made
DAY = 5


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_report_monthly = fields.Boolean("Monthly management report by mail", prefetch="sig_pqrs")
    sig_report_user_ids = fields.Many2many(
        "res.users",
        "sig_report_user_rel",
        string="Recipients of the report",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
    )

    @api.constrains("sig_report_user_ids")
    def _check_sig_report_users(self):
        for company in self:
            company._sig_check_own(company.sig_report_user_ids)

    def _sig_get_report_users(self):
        self.ensure_one()
        named = self.sudo().sig_report_user_ids
        return self._sig_filter_own(named) if named else self._sig_get_top_management()


class ManagementReview(models.Model):
    _inherit = "sig.management.review"

    date_mailed = fields.Datetime("Sent to its readers on", readonly=True, copy=False, tracking=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_mailed(self):
        if mailed := self.filtered("date_mailed"):
            raise UserError(self.env._("%s was sent to its readers: it is not deleted.", mailed[:1].display_name))

    @api.model
    def _mail_monthly_report(self, company):
        """What cannot be mailed is tried again with the next review."""
        today = company._sig_today()
        if not company.sig_report_monthly or today < company._sig_business_day_of_month(today, DAY):
            return
        month = periods.last_complete(today, "month")
        vals = {"kind": "report", "company_id": company.id, "date_from": month.start, "date_to": month.end}
        reviews = self.with_company(company)._sig_in_language_of(company)
        known = reviews.search([(name, "=", value) for name, value in vals.items()], order="id")
        if any(known.mapped("date_mailed")):
            return
        report = known[:1] or reviews.create({**vals, "presented_by_id": company._sig_get_director().id})
        self._in_isolation(
            report, methodcaller("_mail_report"), on_failure=lambda report, error: report._notify_failure(str(error))
        )

    def _mail_report(self):
        self.ensure_one()
        notices, company = self.env["sig.staff.notice"], self.company_id
        users = company._sig_get_report_users().filtered("email")
        if not users:
            raise UserError(self.env._("Nobody is named to receive it, or has an email."))
        localized = self._sig_in_language_of(company).with_company(company)
        content, kind = (self.pdf_id.raw, "pdf") if self.pdf_id else localized._render_pdf()
        file = self.env["ir.attachment"]._sig_create_for(self, f"{self._get_file_name()}.{kind}", content)
        for user in users:
            text = self.with_context(lang=user.lang).env._("%s is attached.", self.name)
            url = self._sig_filter_readable_by(user) and notices._get_url(self)
            mail = notices._prepare_mail(user, company, self.name, text, url)
            self.env["mail.mail"].create({**mail, "attachment_ids": file.ids})
        self.date_mailed = clock.now()
        self._close_activities("mail.mail_activity_data_todo")
        self._message_log(body=self.env._("The report goes to: %s", ", ".join(users.mapped("name"))))
        self.env["ir.cron"]._sig_trigger_mails()

    def _notify_failure(self, reason):
        if not self.activity_ids.filtered("automated"):
            self.env["sig.staff.notice"]._notify_directors(
                self,
                "mail.mail_activity_data_todo",
                lambda report: report.env._("The report could not be sent"),
                reason,
            )

    def action_send_report(self):
        self._check_transition("send")._mail_report()
        return True
