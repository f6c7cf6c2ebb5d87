from odoo import fields, models, tools
from odoo.fields import Command, Domain

from ..mixin.transitions import OPEN
from .communication import DATING, TOLD

#: templates of the mails to the client, by purpose
TEMPLATES = {
    "acknowledgement": "sig_pqrs.mail_acknowledgement",
    "requirement": "sig_pqrs.mail_requirement",
    "extension": "sig_pqrs.mail_new_date",
    "new_date": "sig_pqrs.mail_new_date",
    "response": "sig_pqrs.mail_response",
    "transfer": "sig_pqrs.mail_transfer",
    "withdrawal": "sig_pqrs.mail_withdrawal",
    "cancellation": "sig_pqrs.mail_cancellation",
    "rating": "sig_pqrs.mail_rating",
    "thanks": "sig_pqrs.mail_thanks",
    "message": "sig_pqrs.mail_message",
    "published": "sig_pqrs.mail_published",
    "reopening": "sig_pqrs.mail_reopening",
}

LAYOUT = "sig_pqrs.mail_layout"


class ClientNotice(models.AbstractModel):
    """Makes the mails of communications, and decides who is told of receipts and new dates; callers are superuser."""

    _name = "sig.client.notice"
    _description = "Mails to Clients"

    def _queue(self, cases, purpose, text=False, attachments=()):
        """Queue a mail of each case, with the files of its purpose and others. Whatever fails in one undoes nothing
        else.

        :return: ``{case id: mail.mail}`` of the cases that have one.
        """
        mails = {}
        for files, alike in cases._filter_mailable().grouped(lambda case: self._get_files(case, purpose)).items():
            links = [Command.link(file.id) for file in (*files, *attachments)]

            def queue(some, links=links):
                mails.update(zip(some.ids, self._make(some, purpose, text, links), strict=True))

            for case in cases._in_isolation(alike, queue):
                mails.pop(case.id, None)
        return mails

    def _make(self, cases, purpose, text, links):
        """Queue a mail of each case; the keys that open it to its client are in the mail alone, not in the thread that
        others read. What tells a reserved petitioner is of the identity.

        :return: the ``mail.mail``, in the order of the cases.
        """
        values = {"sig_purpose": purpose, "attachment_ids": links}
        values.update(state="outgoing", scheduled_date=False, auto_delete=False)
        template = self._get_template(cases, purpose, text)
        mails = template.send_mail_batch(cases.ids, email_values=values, email_layout_xmlid=LAYOUT)
        if purpose == "response":
            for copied, alike in cases.grouped(self._get_copied).items():
                mails.filtered(lambda mail, ids=alike._ids: mail.res_id in ids).email_cc = copied
        for case, mail in zip(cases, mails, strict=True):
            message = mail.mail_message_id
            hidden = self.env["sig.tracking"]._hide(message.body or "", case)
            if hidden != message.body:
                message.body = hidden
            if case.identity_reserved:
                case.identity_ids._take_messages(message)
        return mails

    def _get_copied(self, case):
        """The mailbox that gets a copy of a mailed answer: a copy opens the case, which not all of the SIG may read."""
        return not (case.restricted or case.identity_reserved) and case.company_id.sig_service_email

    def _get_template(self, cases, purpose, text):
        context = tools.clean_context(cases.env.context)
        return cases.env.ref(TEMPLATES[purpose]).sudo().with_context(context, sig_text=text)

    def _get_files(self, case, purpose):
        forwarding = case._get_forwardings()[:1] if purpose == "transfer" else case.env["sig.pqrs.communication"]
        return forwarding._get_forwarding_files()

    def _preview(self, case, purpose, text):
        """The mail of a notice as it would leave now, a dict, without the keys of its client; nothing is stored."""
        template = self._get_template(case, purpose, text)
        names = ("email_from", "email_to", "subject", "body_html")
        values = template._generate_template(case.ids, names)[case.id]
        lang = template._render_lang(case.ids)[case.id]
        case = case.sudo().with_context(lang=lang)
        body = template.with_context(lang=lang)._render_encapsulate(
            LAYOUT, values["body_html"], {"company": case.company_id}, case
        )
        body = self.env["sig.tracking"]._hide(body, case)
        return {**{name: values.get(name) or "" for name in names}, "body_html": body}

    def _queue_receipts(self, cases):
        """Mark the open cases whose receipt must be acknowledged; a job does it. New ones are marked already."""
        cases = cases.sudo()
        due = cases.filtered(lambda case: case.state in OPEN)._filter_mailable()
        pending = cases.filtered("acknowledgement_pending")
        (due - pending).acknowledgement_pending = True
        (pending - due).acknowledgement_pending = False
        if due:
            self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_notices")

    def _queue_dates(self, cases):
        cases = cases.sudo()
        changed = self._filter_untold_date(cases)
        self._forget_dates(cases - changed)
        if due := changed._filter_mailable():
            due.with_context(tracking_disable=True).date_notice_pending = True
            self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_notices")
        (changed - due)._open_communications("new_date")

    def _forget_dates(self, cases):
        """A change of the date that was taken back, or was told already, is told no more."""
        cases = cases.sudo()
        known = cases - self._filter_untold_date(cases)
        known._void_communications([("purpose", "=", "new_date")])
        known.filtered("date_notice_pending").with_context(tracking_disable=True).date_notice_pending = False

    def _filter_untold_date(self, cases):
        """The cases whose petitioner knows of another date than the one by which it is answered now, if one runs: when
        it was filed, or since.

        A notice that is on its way counts once it has left; of the receipt or of an extension, at once.
        """
        Act, Communication = cases.env["sig.pqrs.act"], cases.env["sig.pqrs.communication"]
        of_cases, days = Domain("pqrs_id", "in", cases.ids), {}
        for act in Act.search_fetch(of_cases & Domain("number", "=", 1), ["pqrs_id", "data"]):
            days[act.pqrs_id] = fields.Date.to_date((act.data or {}).get("deadline") or False)
        at_once = Domain("state", "=", "queued") & Domain("purpose", "in", ("acknowledgement", "extension"))
        undated = Domain("purpose", "=", "acknowledgement") & Domain("date_told", "=", False)  # in old databases
        dating = of_cases & Domain("purpose", "in", DATING) & (Domain("state", "in", TOLD) | at_once) & ~undated
        for each in Communication.search_fetch(dating, ["pqrs_id", "date_told"], order="id"):
            days[each.pqrs_id] = each.date_told
        running = cases.filtered(lambda case: case.state in OPEN and case.date_deadline)
        return running.filtered(lambda case: case.date_deadline != days.get(case))
