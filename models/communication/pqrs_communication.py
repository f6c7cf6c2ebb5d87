from operator import methodcaller

from odoo import api, fields, models
from odoo.fields import Domain

from .. import clock
from .communication import MAILED_ONLY, OWED, TOLD

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
        return bool(self._get_contact().partner._sig_get_hera_users(self.company_id))

    def action_open_notify(self):
        """The dialog that records how the petitioner was told; that of the answer when it must be sent again."""
        self.ensure_one()
        xmlid = "action_notify_wizard" if self._get_deliverable() else "action_send_wizard"
        action = self.env["ir.actions.actions"]._for_xml_id(f"sig_pqrs.{xmlid}")
        return {**action, "context": {"default_pqrs_id": self.id, "dialog_size": "large"}}

    def _get_deliverable(self):
        owed = self.sudo().communication_ids.filtered_domain(OWED)
        return owed.filtered(lambda each: "register_delivery" in each.allowed_transitions)

    # -- Opening and closing them -----------------------------------------------------------------------------------

    def _open_communications(self, purpose, text=False, mails=None, expiries=None, medium=False):
        """`_open` of `sig.pqrs.communication`, and ask the SIG for what does not leave by itself."""
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
        """One activity for the SIG with all that the petitioner must be told; none when there is nothing."""
        self._close_activities("sig_pqrs.activity_notify")
        self.env["sig.staff.notice"]._notify_directors(
            self.sudo().filtered("to_notify"),
            "sig_pqrs.activity_notify",
            lambda case: case.env._("To notify: %s", case.to_notify),
            get_deadline=lambda case: case.notify_by,
        )

    def _notify_client(self, purpose, text=False, expiries=None):
        """Tell the petitioner of each case: by a queued mail, else the SIG is asked to do it another way.

        :param str purpose: key of `TEMPLATES` in `client_notice.py`.
        :param dict expiries: ``{case: date}`` on which the term ends, for an extension.
        """
        cases = self.sudo()
        mails = self.env["sig.client.notice"]._queue(cases, purpose, text)
        told = cases._filter_mailable() if purpose in MAILED_ONLY else cases
        told._open_communications(purpose, text, mails, expiries)
        self.env["ir.cron"]._sig_trigger_mails()

    @api.model
    def _cron_send_notices(self, batch=100):
        self.env["ir.cron"]._sig_resume()
        domain = ["|", ("acknowledgement_pending", "=", True), ("date_notice_pending", "=", True)]
        cases = self.search(domain, limit=batch, order="id").try_lock_for_update(allow_referencing=True)
        for fname, purpose in (("acknowledgement_pending", "acknowledgement"), ("date_notice_pending", "new_date")):
            due = cases.filtered(fname)
            due.write({fname: False})
            if purpose == "new_date":
                due = self.env["sig.client.notice"]._filter_untold_date(due)
            due._in_company_language()._notify_client(purpose)
        self.env["ir.cron"]._commit_progress(len(cases), remaining=self.search_count(domain))


class CommunicationDigest(models.AbstractModel):
    _inherit = "sig.digest"

    @api.model
    def _get_waiting_labels(self):
        return {**super()._get_waiting_labels(), "to_notify": self.env._("To notify")}

    @api.model
    def _get_waiting(self, company):
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
        return [self._watch_communications, *super()._get_watch_steps()]

    @api.model
    def _watch_communications(self, company):
        """Follow the mails whose fate was not noticed, and remind of what is due and not told."""
        Communication = self.env["sig.pqrs.communication"]
        ours = Domain("company_id", "=", company.id)
        on_their_way = Domain("state", "=", "queued") & Domain("date_recorded", "<", clock.now())
        queued = Communication.search(ours & on_their_way & Domain("purpose", "!=", "response"))
        self._in_isolation(queued, methodcaller("_follow_mails"))
        due = Communication.search(ours & OWED & Domain("date_due", "<=", company._sig_today()))
        self._in_isolation(due.pqrs_id, methodcaller("_ask_to_notify"))
