import logging

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from ..mixin.transitions import OPEN
from .communication import DATING, MAILED_ONLY, OWED, TOLD
from .delivery_proof import DeliveryProof

_logger = logging.getLogger(__name__)

#: notices to the client, by purpose
NOTICES = {
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

#: domain of the notices of an extension of the term that runs
EXTENSION = Domain("purpose", "=", "extension") & Domain("date_expiry", "!=", False) & Domain("answer_id", "=", False)


class PqrsCommunications(models.Model):
    """The communications of a case, and what its petitioner must still be told (see `sig.pqrs.communication`)."""

    _inherit = "sig.pqrs"

    communication_ids = fields.One2many("sig.pqrs.communication", "pqrs_id", "Communications", readonly=True)
    to_notify = fields.Char(
        "What must be told",
        compute="_compute_to_notify",
        compute_sudo=True,
        search="_search_to_notify",
        help="By another way than mail.",
    )
    notify_by = fields.Date("Tell by", compute="_compute_to_notify", compute_sudo=True)
    extension_notice = fields.Selection(
        [
            ("told", "Told in time"),
            ("untold", "Not told yet"),
            ("unprotected", "Not told in time: it does not protect"),
        ],
        compute="_compute_extension_notice",
        compute_sudo=True,
        search="_search_extension_notice",
        help="By law an extension is told before the term expires, with reasons and the new date"
        " (Ley 1755 de 2015, art. 14, par.).",
    )
    extension_expiry = fields.Date("Old term ends on", compute="_compute_extension_notice", compute_sudo=True)
    acknowledgement_pending = fields.Boolean(readonly=True)
    date_notice_pending = fields.Boolean(readonly=True)

    _notice_index = models.Index("(id) WHERE acknowledgement_pending IS TRUE OR date_notice_pending IS TRUE")

    @api.depends("communication_ids.state", "communication_ids.date_due", "date_deadline")
    @api.depends_context("lang")
    def _compute_to_notify(self):
        Communication = self.env["sig.pqrs.communication"]
        labels = Communication._get_purpose_labels()
        owed = Communication.search(Domain("pqrs_id", "in", self.ids) & OWED, order="id").grouped("pqrs_id")
        for case in self:
            found = owed.get(case._origin, Communication)
            case.to_notify = ", ".join(labels[each.purpose] for each in found)
            due = [case.date_deadline if each.purpose == "response" else each.date_due for each in found]
            case.notify_by = min(filter(None, due), default=False)

    def _search_to_notify(self, operator, value):
        """Whether somebody must tell the petitioner anything: it is searched as set or empty."""
        if operator != "in" or set(value) != {False}:
            return NotImplemented
        # By their numbers, which are few: a subquery beside another condition would read all the cases.
        owed = self.env["sig.pqrs.communication"].sudo().search_fetch(OWED, ["pqrs_id"], order="id")
        return Domain("id", "not in", owed.pqrs_id.ids)

    @api.depends("communication_ids.state", "communication_ids.told_late", "communication_ids.answer_id")
    def _compute_extension_notice(self):
        notices = self.env["sig.pqrs.communication"].search(Domain("pqrs_id", "in", self.ids) & EXTENSION, order="id")
        found = {notice.pqrs_id: notice for notice in notices}
        for case in self:
            notice = found.get(case._origin)
            case.extension_expiry = notice.date_expiry if notice else False
            case.extension_notice = notice._get_extension_state() if notice else False

    def _search_extension_notice(self, operator, value):
        if operator != "in":
            return NotImplemented
        told = Domain("state", "in", TOLD)
        expired = self.env["res.company"]._sig_get_today_domain("date_expiry", "<")
        domains = {
            "told": told & Domain("told_late", "=", False),
            "untold": ~told & ~expired,
            "unprotected": (told & Domain("told_late", "=", True)) | (~told & expired),
        }
        wanted = [Domain("communication_ids", "any", EXTENSION & domains[key]) for key in value if key in domains]
        if False in value:
            wanted.append(Domain("communication_ids", "not any", EXTENSION))
        return Domain.OR(wanted)

    # -- How, and with which proof ----------------------------------------------------------------------------------

    def _get_default_medium(self):
        """How the petitioner can be told: as asked for when that is possible, else as the contact data allow."""
        if self.anonymous:
            return "publication"
        contact, asked = self._get_contact(), self.response_medium
        possible = {"email": contact.mailbox, "portal": self._has_portal_user()}
        if possible.get(asked, True):
            return asked
        if contact.mailbox:
            return "email"
        if possible["portal"]:
            return "portal"
        return "phone" if contact.phone and not contact.partner.street else "letter"

    def _has_portal_user(self):
        """Whether the petitioner can open the case in HERA."""
        return bool(self._get_contact().partner._sig_get_hera_users(self.company_id))

    @api.model
    def _read_delivery(self, proof=False, reference=False, received_by=False):
        """The proof of a delivery, as `DeliveryProof`.

        :param proof: id or ids of attachments that the user may read, or a text.
        :raises UserError: for nothing at all, or for what is no proof.
        """
        texts = []
        for text in (reference, received_by):
            if text and not isinstance(text, str):
                raise UserError(self.env._("The tracking number and who received it are texts."))
            texts.append((text or "").strip())
        delivery = DeliveryProof(*self._read_proof(proof or ""), *texts)
        if not delivery:
            raise UserError(
                self.env._("Attach the proof of delivery, or write the tracking number or who received it.")
            )
        return delivery

    @api.model
    def _read_evidence(self, attachments, text=""):
        """Files that the user may read, and a text, as `DeliveryProof`; possibly nothing."""
        return DeliveryProof(self._read_proof(attachments or "")[0], text)

    def _get_delivery_moment(self, date, ready, too_early):
        """When something was delivered: at the hour that the user says; a day alone is its noon, today is now.

        :param date: what the user says; now by default.
        :param datetime ready: before which it cannot have been.
        :param str too_early: how that is refused.
        """
        company, now = self.company_id, clock.now()
        moment = company._sig_moment(date) or now
        local, today = company._sig_local_date(moment), company._sig_today()
        if local > today:
            raise UserError(self.env._("The delivery cannot be in the future."))
        if local < company._sig_local_date(ready):
            raise UserError(too_early)
        if local == today and company._sig_is_day(date):
            return now
        return min(max(moment, ready), now)

    def action_open_notify(self):
        """The dialog that records how the petitioner was told; that of the answer when it must be sent again."""
        self.ensure_one()
        xmlid = "action_notify_wizard" if self._get_deliverable() else "action_send_wizard"
        action = self.env["ir.actions.actions"]._for_xml_id(f"sig_pqrs.{xmlid}")
        return {**action, "context": {"default_pqrs_id": self.id, "dialog_size": "large"}}

    def _get_deliverable(self):
        """The communications whose delivery a person may record."""
        owed = self.sudo().communication_ids.filtered_domain(OWED)
        return owed.filtered(lambda each: "register_delivery" in each.allowed_transitions)

    # -- Opening and closing them -----------------------------------------------------------------------------------

    def _open_communications(self, purpose, text=False, mails=None, expiries=None, medium=False):
        """Record what the petitioners must be told, and ask the SIG for what does not leave by itself.

        Arguments are those of `sig.pqrs.communication._open`.
        """
        opened = self.env["sig.pqrs.communication"]._open(self.sudo(), purpose, text, mails, expiries, medium)
        opened.filtered(lambda each: each.state == "draft").pqrs_id._ask_to_notify()
        return opened

    def _void_communications(self, domain=(), overtaken=False):
        """Nobody needs to tell the petitioners any more what they were not told."""
        # An attempt that failed, and that another one followed, is owed no more: it stays as it was.
        untold = OWED | Domain("state", "in", ("draft", "queued"))
        of_cases = Domain("pqrs_id", "in", self.ids)
        self.env["sig.pqrs.communication"].sudo().search(of_cases & untold & Domain(domain))._void(overtaken)

    def _ask_to_notify(self):
        """One activity on each case for the SIG, with all that its petitioner must be told."""
        self._close_activities("sig_pqrs.activity_notify")
        self.env["sig.people"]._notify_directors(
            self.sudo().filtered("to_notify"),
            "sig_pqrs.activity_notify",
            lambda case: case.env._("To notify: %s", case.to_notify),
            get_deadline=lambda case: case.notify_by,
        )

    def _settle_notify_activities(self):
        """Who was asked to tell the petitioner need not any more."""
        self.filtered(lambda case: not case.to_notify)._close_activities("sig_pqrs.activity_notify")

    # -- Their mails ------------------------------------------------------------------------------------------------

    def _notify_client(self, purpose, text=False, expiries=None):
        """Tell the petitioner of each case: by a queued mail, else the SIG is asked to do it another way.

        :param str purpose: key of `NOTICES`.
        :param str text: what the notice says beside the data of the case.
        :param dict expiries: ``{case: date}`` on which the term ends, for an extension.
        """
        cases = self.sudo()
        mails = cases._queue_mails(purpose, text)
        told = cases._filter_mailable() if purpose in MAILED_ONLY else cases
        told._open_communications(purpose, text, mails, expiries)
        self._trigger_mail_queue()

    def _queue_mails(self, purpose, text=False):
        """Queue a mail of each case: at once of those without files.

        :return: ``{case id: mail.mail}`` of the cases that have one.
        """
        mails = {}

        def queue(cases):
            mails.update(zip(cases.ids, cases._send_notices(purpose, text), strict=True))

        addressed = self._filter_mailable()
        files = {case: case._get_notice_files(purpose) for case in addressed}
        for case in self._in_isolation(addressed.filtered(lambda case: not files[case]), queue):
            mails.pop(case.id, None)
        for case in addressed.filtered(lambda case: files[case]):
            mails[case.id] = case._create_notice(purpose, text, files[case])
        return {case_id: mail for case_id, mail in mails.items() if mail}

    def _create_notice(self, purpose, text=False, attachments=None):
        """Queue one notice. Whatever fails in it undoes nothing else.

        :return: the ``mail.mail``, empty without an address or when it could not be made.
        """
        self.ensure_one()
        mails = self.env["mail.mail"].sudo()
        if not self._get_contact().mailbox:
            return mails
        try:
            with self.env.cr.savepoint():
                return self._send_notices(
                    purpose,
                    text,
                    attachment_ids=[fields.Command.link(attachment.id) for attachment in attachments or ()],
                    email_cc=self.company_id.sig_service_email if purpose == "response" else False,
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The notice “%s” of %s could not be made", purpose, self.name)
            return mails

    def _send_notices(self, purpose, text, **email_values):
        """Queue a mail of each case; the keys that open it to its client are in the mail alone, not in the thread that
        others read.

        :return: the ``mail.mail``, in the order of the cases.
        """
        mails = self._get_notice_template(purpose, text).send_mail_batch(
            self.ids,
            email_values={
                "sig_purpose": purpose,
                "state": "outgoing",
                "scheduled_date": False,
                "auto_delete": False,
                "attachment_ids": [],
                "email_cc": False,
                **email_values,
            },
            email_layout_xmlid=LAYOUT,
        )
        for case, mail in zip(self, mails, strict=True):
            message = mail.mail_message_id
            hidden = case._hide_keys(message.body or "")
            if hidden != message.body:
                message.body = hidden
        return mails

    def _get_notice_template(self, purpose, text):
        context = tools.clean_context(self.env.context)
        return self.env.ref(NOTICES[purpose]).sudo().with_context(context, sig_text=text)

    def _preview_notice(self, purpose, text):
        """The mail of a notice as it would leave now; nothing is stored.

        :return: dict with ``email_from email_to subject body_html``.
        """
        self.ensure_one()
        template = self._get_notice_template(purpose, text)
        names = ("email_from", "email_to", "subject", "body_html")
        values = template._generate_template(self.ids, names)[self.id]
        lang = template._render_lang(self.ids)[self.id]
        self_sudo = self.sudo()
        company = self_sudo.company_id
        body = template.with_context(lang=lang)._render_encapsulate(
            LAYOUT, values["body_html"], {"company": company}, self_sudo.with_context(lang=lang)
        )
        return {**{name: values.get(name) or "" for name in names}, "body_html": body}

    def _get_notice_files(self, _purpose):
        """Files that go with a notice. Hook for other files and addons."""
        return self.env["ir.attachment"]

    def _queue_acknowledgement(self):
        """Mark the cases whose receipt must be acknowledged; a job does it in batches. New ones are marked already."""
        cases = self.sudo()
        due = cases.filtered(lambda case: case.state == "received")._filter_mailable()
        pending = cases.filtered("acknowledgement_pending")
        (due - pending).acknowledgement_pending = True
        (pending - due).acknowledgement_pending = False
        if due:
            self._trigger("sig_pqrs.cron_notices")

    def _queue_date_notice(self):
        """Mark the cases whose petitioner must be told the new date."""
        running = self.sudo().filtered(lambda case: case.state in OPEN and case.date_deadline)
        changed = running._filter_untold_date()
        (running - changed)._forget_date_notice()
        due = changed._filter_mailable()
        if due:
            due.with_context(tracking_disable=True).date_notice_pending = True
            self._trigger("sig_pqrs.cron_notices")
        (changed - due)._open_communications("new_date")

    def _forget_date_notice(self):
        """A change of the date that was taken back, or was told already, is told no more."""
        self_sudo = self.sudo()
        known = self_sudo - self_sudo._filter_untold_date()
        known._void_communications([("purpose", "=", "new_date")])
        known.filtered("date_notice_pending").with_context(tracking_disable=True).date_notice_pending = False

    def _filter_untold_date(self):
        """The cases whose petitioner knows of another date than the one by which it is answered now."""
        told = self._get_told_dates()
        return self.filtered(lambda case: case.date_deadline != told[case])

    def _get_told_dates(self):
        """``{case: date}`` by which the petitioners were told last that they are answered: when it was filed, or since.

        A notice that is on its way counts once it has left; of an extension, at once.
        """
        Act, Communication = self.env["sig.pqrs.act"].sudo(), self.env["sig.pqrs.communication"].sudo()
        of_cases = Domain("pqrs_id", "in", self.ids)
        told = dict.fromkeys(self, False)
        for act in Act.search_fetch(of_cases & Domain("number", "=", 1), ["pqrs_id", "data"]):
            told[act.pqrs_id] = fields.Date.to_date((act.data or {}).get("deadline") or False)
        known = Domain("state", "in", TOLD) | (Domain("state", "=", "queued") & Domain("purpose", "=", "extension"))
        dating = of_cases & Domain("purpose", "in", DATING) & known
        for each in Communication.search_fetch(dating, ["pqrs_id", "date_told"], order="id"):
            told[each.pqrs_id] = each.date_told
        return told

    @api.model
    def _cron_send_notices(self, batch=100):
        """Make the queued notices, in batches."""
        self.env["ir.cron"]._sig_resume()
        domain = ["|", ("acknowledgement_pending", "=", True), ("date_notice_pending", "=", True)]
        cases = self.search(domain, limit=batch, order="id").try_lock_for_update(allow_referencing=True)
        for fname, purpose in (("acknowledgement_pending", "acknowledgement"), ("date_notice_pending", "new_date")):
            due = cases.filtered(fname)
            due.write({fname: False})
            if purpose == "new_date":
                due = due._filter_untold_date()
            due._in_company_language()._notify_client(purpose)
        self.env["ir.cron"]._commit_progress(len(cases), remaining=self.search_count(domain))

    # -- The daily review -------------------------------------------------------------------------------------------

    @api.model
    def _watch_communications(self, company):
        """Follow the mails whose fate was not noticed, and remind of what is due and not told."""
        today = company._sig_today()
        Communication = self.env["sig.pqrs.communication"]
        ours = Domain("company_id", "=", company.id)
        on_their_way = Domain("state", "=", "queued") & Domain("date_recorded", "<", clock.now())
        queued = Communication.search(ours & on_their_way & Domain("purpose", "!=", "response"))
        self._in_isolation(queued, lambda communications: communications._follow_mails())
        due = Communication.search(ours & OWED & Domain("date_due", "<=", today))
        self._in_isolation(due.pqrs_id, lambda cases: cases._ask_to_notify())


class CommunicationDigest(models.AbstractModel):
    _inherit = "sig.digest"

    @api.model
    def _get_waiting_labels(self):
        return {**super()._get_waiting_labels(), "to_notify": self.env._("To notify")}

    @api.model
    def _get_waiting(self, company):
        """Also what the SIG must tell petitioners."""
        waiting = super()._get_waiting(company)
        cases = self.env["sig.pqrs"].search(
            Domain("company_id", "=", company.id) & Domain("to_notify", "!=", False), order="date_deadline, id"
        )
        self._add_waiting(waiting, company._sig_get_director(), "to_notify", cases)
        return waiting


class CommunicationReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        steps = super()._get_watch_steps()
        return [self.env["sig.pqrs"]._watch_communications, *steps]
