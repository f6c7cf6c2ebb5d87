from contextlib import contextmanager

from markupsafe import Markup

from odoo import models
from odoo.tools import plaintext2html

#: key of the mails that wait to be joined, in the data of the transaction
GATHERED = "sig.staff.notice"


class StaffNotice(models.AbstractModel):
    _name = "sig.staff.notice"
    _description = "Notices to Our Own People"

    def _schedule_activities(self, records, users, activity_type, deadlines, summary=False, note=False):
        """One activity on each record for each of its users.

        :param records: of one model.
        :param dict users: ``{record: users}``; ``deadlines`` ``{record: date}``.
        :param str activity_type: external id.
        :param summary: text, or ``{record: text}``; that of the type by default.
        :param note: plain text or markup, or ``{record: text}``.
        """
        activity_type = records.env.ref(activity_type).sudo()
        model_id = self.env["ir.model"]._get_id(records._name)
        records.sudo().mapped("display_name")  # in one batch: activities read it record by record
        Activity = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)

        return Activity.create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": record.id,
                    "user_id": user.id,
                    "date_deadline": deadlines[record],
                    "summary": (summary[record] if isinstance(summary, dict) else summary)
                    or activity_type.with_context(lang=user.lang).summary,
                    "note": self._format_note(note.get(record) if isinstance(note, dict) else note),
                    "automated": True,
                }
                for record in records
                for user in users.get(record) or ()
            ]
        )

    def _format_note(self, text):
        return text if isinstance(text, Markup) or not text else plaintext2html(text)

    def _notify_directors(self, records, activity_type, get_summary, note=False, get_deadline=None):
        """One activity on each record for the SIG director of its company.

        :param get_summary: function of a record in the director's language.
        :param note: plain text, or ``{record: text}``.
        :param get_deadline: function of a record; without it, or a date, the deadline is today.
        """
        for company, group in records.sudo().grouped("company_id").items():
            director, today = company._sig_get_director(), company._sig_today()
            localized = group.with_context(lang=director.lang)
            self._schedule_activities(
                localized,
                dict.fromkeys(localized, director),
                activity_type,
                {record: (get_deadline and get_deadline(record)) or today for record in localized},
                {record: get_summary(record) for record in localized},
                note,
            )

    @contextmanager
    def _gathering(self):
        """Send each user one mail for all that is mailed meanwhile, but for what is ``apart``."""
        pending, rows = self.env.cr.precommit.data, []
        outer = pending.get(GATHERED)
        pending[GATHERED] = rows
        try:
            yield
        finally:
            pending[GATHERED] = outer
        self._mail(rows)

    def _mail(self, rows, apart=False):
        """Queue mails (user, company, subject, text or markup, URL): one a user and company, unless ``apart``."""
        gathered = self.env.cr.precommit.data.get(GATHERED)
        if gathered is not None and not apart:
            gathered.extend(rows)
            return
        rows = [row for row in rows if row[0].active and row[0].email]
        if not apart:
            about = {}
            for user, company, *told in rows:
                about.setdefault((user, company), []).append(told)
            rows = [(*reader, *self.with_context(lang=reader[0].lang)._join(told)) for reader, told in about.items()]
        self.env["mail.mail"].sudo().create([self._prepare_mail(*row) for row in rows])

    def _mail_about(self, records, users, get_subject, get_text, apart=False):
        """Queue mails about records of a company, to ``{record: users}``, in the language of each: see `_mail`."""
        rows = []
        for record in records:
            for user in record.company_id._sig_filter_own(users[record]):
                localized = record.with_context(lang=user.lang)
                texts = get_subject(localized), get_text(localized)
                rows.append((user, record.company_id, *texts, self._get_url(record)))
        self._mail(rows, apart)

    def _join(self, told):
        """:return: subject, text and URL of one mail for all; each keeps its link."""
        if len(told) == 1:
            return told[0]
        subject = self.env._("%(first)s, and %(count)s more", first=told[0][0], count=len(told) - 1)
        parts = [
            Markup('<p><a href="%s">%s</a><br/>%s</p>') % (url, title, self._format_note(text))
            for title, text, url in told
        ]
        return subject, Markup("").join(parts), f"{self.get_base_url()}/odoo/action-sig_pqrs.action_my_work"

    def _prepare_mail(self, user, company, subject, text, url):
        values = {"user": user, "subject": subject, "text": text, "is_markup": isinstance(text, Markup), "url": url}
        Qweb = self.env["ir.qweb"].with_context(lang=user.lang)
        return {
            "subject": subject,
            "body_html": Qweb._render("sig_pqrs.mail_internal", values, minimal_qcontext=True),
            **company._sig_get_mail_values(),
            "email_from": company.email_formatted or company._sig_get_sender() or self.env.user.email_formatted,
            "email_to": user.email_formatted,
            "sig_purpose": "staff",
            "auto_delete": True,
            "headers": "{'Auto-Submitted': 'auto-generated'}",
        }

    def _get_url(self, record):
        return f"{record.get_base_url()}/mail/view?model={record._name}&res_id={record.id}"
