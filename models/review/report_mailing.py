from operator import methodcaller

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...tools import periods
from ..mixin.transitions import SIG

#: reports of a run of the job: each is a PDF
BATCH = 5


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_report_monthly = fields.Boolean("Monthly management report by mail")
    sig_report_day = fields.Integer("Business day of the report", default=5)
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
        today = company._sig_today()
        if not company.sig_report_monthly or today < company._sig_business_day_of_month(today, company.sig_report_day):
            return
        month = periods.last_complete(today, "month")
        vals = {"kind": "report", "company_id": company.id, "date_from": month.start, "date_to": month.end}
        reviews = self.with_company(company).with_context(lang=company._sig_lang())
        known = reviews.search([(name, "=", value) for name, value in vals.items()], order="id")
        if any(known.mapped("mail_state")):
            return
        report = known[:1] or reviews.create({**vals, "presented_by_id": company._sig_get_director().id})
        report.mail_state = "pending"
        self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_management_report")

    @api.model
    def _cron_send_reports(self):
        # Closed reviews have no PDF where there was no server to print them: demo data.
        missing = self.search([("state", "=", "closed"), ("pdf_id", "=", False)], limit=BATCH).try_lock_for_update()
        self._in_isolation(missing, methodcaller("_store_pdf"))
        domain = Domain("mail_state", "=", "pending")
        batch = self.search(domain, order="id", limit=BATCH).try_lock_for_update()
        self._in_isolation(
            batch, methodcaller("_send_report"), on_failure=lambda report, error: report._notify_failure(str(error))
        )
        self.env["ir.cron"]._commit_progress(len(batch), remaining=self.search_count(domain))

    def _send_report(self):
        notices = self.env["sig.staff.notice"]
        for report in self:
            company = report.company_id
            users = company._sig_get_report_users().filtered("email")
            if not users:
                report._notify_failure(self.env._("Nobody is named to receive it, or has an email."))
                continue
            localized = report.with_context(lang=company._sig_lang()).with_company(company)
            content, kind = (report.pdf_id.raw, "pdf") if report.pdf_id else localized._render_pdf()
            name = f"{report._get_file_name()}.{kind}"
            file = self.env["ir.attachment"]._sig_create_for(report, name, content)
            for user in users:
                env = report.with_context(lang=user.lang).env
                text = env._("%s is attached. Its analysis and decisions are written in the software.", report.name)
                mail = notices._prepare_mail(user, company, report.name, text, notices._get_url(report))
                self.env["mail.mail"].create({**mail, "attachment_ids": file.ids})
            report.write({"mail_state": "sent", "mail_failure": False})
            report._message_log(body=self.env._("The report goes to: %s", ", ".join(users.mapped("name"))))
        self.env["ir.cron"]._sig_trigger_mails()

    def _notify_failure(self, reason):
        self.write({"mail_state": "failed", "mail_failure": (reason or "")[:250]})
        self.env["sig.staff.notice"]._notify_directors(
            self,
            "mail.mail_activity_data_todo",
            lambda report: report.env._("The report could not be sent"),
            self.mail_failure,
        )

    def action_send_again(self):
        self.check_access("read")
        if any(SIG not in own for own in self._get_roles().values()):
            raise AccessError(self.env._("The SIG sends the reports."))
        self.sudo().write({"mail_state": "pending", "mail_failure": False})
        self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_management_report")
        return True
