from markupsafe import Markup

from odoo import api, models
from odoo.tools import plaintext2html


class People(models.AbstractModel):
    """How our own people are told what waits for them: activities and mails, each in one batch."""

    _name = "sig.people"
    _description = "Notices to Our Own People"

    @api.model
    def _schedule_activities(self, records, users, activity_type, deadlines, summary=False, note=False):
        """One activity on each record for its user, or for each of its users. Records without one are passed over.

        :param records: of one model.
        :param dict users: ``{record: users}``; ``deadlines`` ``{record: date}``.
        :param str activity_type: external id.
        :param summary: text, or ``{record: text}``; that of the type by default.
        :param note: plain text or markup, or ``{record: text}``.
        """
        activity_type = records.env.ref(activity_type).sudo()
        model_id = self.env["ir.model"]._get_id(records._name)
        records.sudo().mapped("display_name")  # at once: activities ask it record by record
        return (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "activity_type_id": activity_type.id,
                        "res_model_id": model_id,
                        "res_id": record.id,
                        "user_id": user.id,
                        "date_deadline": deadlines[record],
                        "summary": (summary[record] if isinstance(summary, dict) else summary) or activity_type.summary,
                        "note": self._get_note(note, record),
                        "automated": True,
                    }
                    for record in records
                    for user in users.get(record) or ()
                ]
            )
        )

    @api.model
    def _notify_directors(self, records, activity_type, get_summary=None, note=False, get_deadline=None):
        """One activity on each record for the SIG director of its company.

        :param get_summary: gives the text for a record, which comes in the director's language; by default it is that
            of the type.
        :param note: plain text, or ``{record: text}``.
        :param get_deadline: gives the date for a record; that or nothing is today.
        """
        for company, theirs in records.sudo().grouped("company_id").items():
            director, today = company._sig_get_director(), company._sig_today()
            own = theirs.with_context(lang=director.lang)
            self._schedule_activities(
                own,
                dict.fromkeys(own, director),
                activity_type,
                {record: (get_deadline and get_deadline(record)) or today for record in own},
                get_summary and {record: get_summary(record) for record in own},
                note,
            )

    @api.model
    def _unfollow_unreadable(self, users):
        """Users who acted for others, or were members, follow none of our records that they do not read any more."""
        rows = (
            self.env["mail.followers"]
            .sudo()
            .search([("partner_id", "in", users.sudo().partner_id.ids), ("res_model", "=like", "sig.%")])
        )
        people = {user.partner_id: user for user in users.sudo()}
        for (model, partner), followed in rows.grouped(lambda row: (row.res_model, row.partner_id)).items():
            records = self.env[model].sudo().browse(followed.mapped("res_id"))
            hidden = records - records._sig_filter_readable_by(people[partner])
            followed.filtered(lambda row, ids=hidden._ids: row.res_id in ids).unlink()

    @api.model
    def _get_note(self, note, record):
        text = note.get(record) if isinstance(note, dict) else note
        return text if isinstance(text, Markup) else plaintext2html(text) if text else False

    @api.model
    def _mail(self, rows):
        """Queue one mail a row, framed in the language of its reader. Users without email are passed over.

        :param rows: tuples of user, company, subject, plain text or markup, and address that the mail opens.
        """
        return (
            self.env["mail.mail"]
            .sudo()
            .create(
                [
                    self._prepare_mail(user, company, subject, text, url)
                    for user, company, subject, text, url in rows
                    if user.active and user.email
                ]
            )
        )

    @api.model
    def _prepare_mail(self, user, company, subject, text, url):
        """Values of a mail to one of our own people: see `_mail`."""
        return {
            "subject": subject,
            "body_html": self._render(user, subject, text, url),
            **company._sig_get_mail_values(),
            "email_from": company.email_formatted or company._sig_get_sender() or self.env.user.email_formatted,
            "email_to": user.email_formatted,
            "auto_delete": True,
            "headers": "{'Auto-Submitted': 'auto-generated'}",
        }

    @api.model
    def _render(self, user, subject, text, url):
        return (
            self.env["ir.qweb"]
            .with_context(lang=user.lang)
            ._render(
                "sig_pqrs.mail_internal",
                {"user": user, "subject": subject, "text": text, "is_markup": isinstance(text, Markup), "url": url},
                minimal_qcontext=True,
            )
        )

    @api.model
    def _get_url(self, record):
        """Address that opens a record in the backend, in whichever of the reader's companies it is."""
        return f"{record.get_base_url()}/mail/view?model={record._name}&res_id={record.id}"
