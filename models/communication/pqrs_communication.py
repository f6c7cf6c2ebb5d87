from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import clock
from ..mixin.transitions import OPEN
from .communication import AFTER_END, MAILED_ONLY, OWED, TOLD
from .delivery_proof import DeliveryProof

#: domain of the notices of an extension of the term that runs
EXTENSION = Domain([("purpose", "=", "extension"), ("date_expiry", "!=", False), ("answer_id", "=", False)])
EXTENSION &= Domain("state", "!=", "void")

#: fields copied to the new case of a petitioner who wrote again, besides the type and the petitioner
FOLLOW_UP_FIELDS = ("company_id", "anonymous", "capacity", "site", "response_medium", "restricted", "lang")


class PqrsCommunications(models.Model):
    """Of a case: what its petitioner must be told yet, what they wrote and waits for the SIG, what the SIG writes."""

    _inherit = "sig.pqrs"

    communication_ids = fields.One2many("sig.pqrs.communication", "pqrs_id", "Communications", readonly=True)
    to_notify = fields.Char(
        "What must be told", compute="_compute_to_notify", compute_sudo=True, search="_search_to_notify"
    )
    notify_by = fields.Date("Tell by", compute="_compute_to_notify", compute_sudo=True)
    acknowledgement_pending = fields.Boolean(readonly=True)
    date_notice_pending = fields.Boolean(readonly=True)

    _notice_index = models.Index("(id) WHERE acknowledgement_pending IS TRUE OR date_notice_pending IS TRUE")

    @api.depends("communication_ids.state", "communication_ids.date_due", "date_deadline")
    @api.depends_context("lang")
    def _compute_to_notify(self):
        labels = self.env["sig.pqrs.communication"]._get_choices("purpose")
        for case in self:
            found = case.communication_ids.filtered_domain(OWED).sorted("id")
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

    def _get_extension(self):
        return self.communication_ids.filtered_domain(EXTENSION).sorted("id")[-1:]

    def _follow_expiry(self):
        """An extension is told before the term ends without it, which a suspension, a type or a day off may move."""
        untold = [("purpose", "=", "extension"), ("answer_id", "=", False), ("state", "not in", TOLD)]
        notices = self.env["sig.pqrs.communication"].sudo().search([("pqrs_id", "in", self.ids), *untold])
        facts = {case: of_case.without("extension") for case, of_case in notices.pqrs_id._get_term_facts().items()}
        days = {case: values["date_legal"] for case, values in notices.pqrs_id._derive_terms(facts)}
        moved = notices.filtered(lambda notice: notice.date_expiry != days[notice.pqrs_id])
        for day, alike in moved.grouped(lambda notice: days[notice.pqrs_id]).items():
            alike.write({"date_expiry": day, **({"date_due": day} if day else {})})
        moved.pqrs_id._ask_to_notify()

    def _is_extension_protected(self):
        """Whether an extension, if any, protects (Ley 1755 de 2015, art. 14, par.)."""
        extension = self._get_extension()
        return not extension or extension._get_extension_state() == "told"

    def _get_default_medium(self):
        if self.anonymous:
            return "publication"
        contact = self._get_contact()
        possible = {
            "email": contact.mailbox,
            "portal": self._has_portal_user(),
            "phone": contact.phone and not contact.partner.street,
            "letter": True,
        }
        asked = self.response_medium
        if asked not in ("email", "portal") or possible[asked]:
            return asked
        return next(medium for medium, is_possible in possible.items() if is_possible)

    def _has_portal_user(self):
        return bool(self._get_contact().partner._sig_get_hera_users(self.company_id))

    def action_open_notify(self):
        self.ensure_one()
        xmlid = "action_notify_wizard" if self._get_deliverable() else "action_send_wizard"
        action = self.env["ir.actions.actions"]._for_xml_id(f"sig_pqrs.{xmlid}")
        return {**action, "context": {"default_pqrs_id": self.id, "dialog_size": "large"}}

    def _get_deliverable(self):
        owed = self.sudo().communication_ids.filtered_domain(OWED)
        return owed.filtered(lambda each: "register_delivery" in each.allowed_transitions)

    def _open_communications(self, purpose, text=False, mails=None, medium=False):
        """`_open` of `sig.pqrs.communication`, and ask the SIG for what does not leave by itself."""
        opened = self.env["sig.pqrs.communication"]._open(self.sudo(), purpose, text, mails, medium)
        opened.filtered(lambda each: each.state == "draft").pqrs_id._ask_to_notify()
        return opened

    def _void_communications(self, domain=(), overtaken=False):
        # An attempt that failed, and that another one followed, is owed no more: it stays as it was.
        untold = OWED | Domain("state", "in", ("draft", "queued"))
        of_cases = Domain("pqrs_id", "in", self.ids)
        self.env["sig.pqrs.communication"].sudo().search(of_cases & untold & Domain(domain))._void(overtaken)

    def _ask_to_read(self, summary):
        """One activity of each summary, made anew: nobody marks as done one that was there before this came."""
        self.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "=", summary)]).unlink()
        self._notify_director(summary, activity_type="sig_pqrs.activity_message")

    def _ask_to_notify(self):
        """One activity for the SIG with all that the petitioner must be told; none when there is nothing."""
        self._close_activities("sig_pqrs.activity_notify")
        self.env["sig.staff.notice"]._notify_directors(
            self.sudo().with_prefetch().filtered("to_notify"),  # together, though the cache was emptied above
            "sig_pqrs.activity_notify",
            lambda case: case.env._("To notify: %s", case.to_notify),
            get_deadline=lambda case: case.notify_by,
        )

    def _notify_client(self, purpose, text=False):
        """Tell the petitioner of each case: by a queued mail, else the SIG is asked to do it another way.

        :param str purpose: key of `TEMPLATES` in `client_notice.py`.
        """
        cases = self.sudo()
        mails = self.env["sig.client.notice"]._queue(cases, purpose, text)
        notified = cases._filter_mailable() if purpose in MAILED_ONLY else cases
        notified._open_communications(purpose, text, mails)
        self.env["ir.cron"]._sig_trigger_mails()

    def _cron_send_notices(self, batch=100):
        domain = ["|", ("acknowledgement_pending", "=", True), ("date_notice_pending", "=", True)]
        failed = self.browse()
        for case in self.search(domain, limit=batch, order="id"):
            # Each in a transaction of its own: nobody's step on a case waits for the mails of others.
            locked = case.try_lock_for_update(allow_referencing=True)
            failed |= self._in_isolation(locked, lambda one: one._send_pending_notices())  # again the next hour
            if not self.env["ir.cron"]._commit_progress(1, remaining=self.search_count(domain) - len(failed)):
                return

    def _send_pending_notices(self):
        for fname, purpose in (("acknowledgement_pending", "acknowledgement"), ("date_notice_pending", "new_date")):
            due = self.filtered(fname)
            due.write({fname: False})
            if purpose == "acknowledgement":
                due = due.filtered(lambda case: case.state in OPEN)  # its end told more
            else:
                due = self.env["sig.client.notice"]._filter_untold_date(due)
            due._in_given_or_company_language()._notify_client(purpose)

    def _get_waiting_text(self):
        waiting = self._get_waiting_after_end() or self._get_waiting_information()
        return "\n\n".join(message._get_excerpt() for message in waiting)

    def _get_waiting(self, *purposes):
        """What the petitioner wrote and nobody has attended to, the oldest first."""
        return self.communication_ids.filtered(
            lambda each: each.state == "received" and each.purpose in purposes and each.author == "petitioner"
        ).sorted("id")

    def _get_waiting_after_end(self):
        return self._get_waiting(*AFTER_END)

    def _get_waiting_information(self):
        waits = self.suspended and self.state in OPEN
        return self._get_waiting("information") if waits else self.env["sig.pqrs.communication"]

    def action_new_case_from_message(self):
        """File the messages after the closing, with their files, as a new case received when the first came."""
        self.ensure_one()
        case = self._check_transition("new_case_from_message")
        messages = case._get_waiting_after_end()
        kind, first = case.type_id, messages[0]
        if kind.due_by_authority or not kind.active:
            kind = kind._get_fallback(case.company_id, "peticion", case.anonymous)
        channel = first.medium if first.medium in ("email", "whatsapp") else case._get_online_channel()
        subject = self.env._("Follow-up: %s", case.subject)
        text = "\n\n".join(filter(None, messages.mapped("body"))) or self.env._("(without text)")
        new = case._file_follow_up(kind, subject, first.date, channel, text, messages.attachment_ids)
        settled = {"case": case._commit_private(new.name)}
        self._record("message_settled", self.env._("It goes on in a new case."), data=settled)
        messages._attend()
        return new._get_records_action(context={})

    def _file_follow_up(self, kind, subject, moment, channel, text, files=()):
        """File what the petitioner wrote since as a case that names this one, as superuser.

        Under reserve the text and the files are kept with the identity, and the SIG decides who else reads them.
        """
        shown = text
        if self.identity_reserved:
            shown = self.env._("The SIG reads the text with the identity, and decides who else does.")
        new = self.create({**self._prepare_new_case(shown, moment, channel, subject), "type_id": kind.id})
        new._message_log(body=self.env._("Comes from what the petitioner wrote about another case."))
        record = new._get_private_record()
        own = record._take_files(files) if files else files
        if own:
            record.attachment_ids |= own
        if self.identity_reserved:
            self.env["sig.pqrs.reserved.text"]._store(record, new, {"description": text, "instead": shown})
        if own and self.identity_reserved:
            new._message_log(
                body=self.env._(
                    "The files that came with it are kept with the identity: attach those that do not tell it."
                )
            )
            self.env["sig.case.binding"]._record_missing(new)
        return new

    def action_thank(self, text):
        proven = self._check_transition("thank")
        text = self._require_text(text, self.env._("Write what the petitioner reads."))
        self._notify_client("thanks", text)
        self._record("message_settled", text)
        proven._get_waiting_after_end()._attend()
        return True

    def _get_online_channel(self):
        return "portal" if self.with_user(SUPERUSER_ID)._has_portal_user() else "web"

    def _prepare_new_case(self, text, moment, channel, subject):
        """Values, without the type, of a new case of the same petitioner. Processes may read the text."""
        values = self.read(FOLLOW_UP_FIELDS, load=False)[0]
        return {
            **{name: values[name] for name in FOLLOW_UP_FIELDS},
            **self._get_petitioner_values(),
            "origin_id": self.id,
            "channel": channel,
            "subject": subject[:500],
            "description": text,
            "date_received": moment,
            "authorized_user_ids": [fields.Command.set(self.authorized_user_ids.ids)],
        }

    def action_write_to_client(self, text, attachments=(), by_whatsapp=False):
        """Write to the client about the case, with files (ids) that the user may read: by mail, in HERA and on the
        tracking page, or from the WhatsApp of a person.
        """
        self.ensure_one()
        self._check_transition("write_to_client")
        text = self._require_text(text, self.env._("Write the message."))
        files = DeliveryProof.read_files(self.env, attachments or ())
        if by_whatsapp:
            text = self.env["sig.whatsapp"]._prepare_text(self, text, files)
        elif refusal := self._get_writing_refusal():
            raise UserError(refusal)
        self._write_to_client(text, files, by_whatsapp)
        return True

    def _get_writing_refusal(self):
        if self.anonymous or self._get_contact().mailbox or self._has_portal_user():
            return ""
        return self.env._(
            "%s: the petitioner has neither an email nor a HERA user. Call them or send them a letter, and log a note "
            "of it; or write their email in the contact first.",
            self.name,
        )

    def _write_to_client(self, text, files=(), by_whatsapp=False):
        """Write a message, with files proven to be the user's to read: mailed, or owed (no address, or WhatsApp)."""
        case = self.sudo()
        # What an answer settles; messages of strangers, and what a step settles, still wait.
        answered = case.communication_ids.filtered(lambda each: each._get_message_kind() in ("other", "anonymous"))
        answered._attend()
        # Who filed an anonymous case reads it on the tracking page, and nowhere else.
        medium = "publication" if self.anonymous else by_whatsapp and "whatsapp"
        message = self.env["sig.pqrs.communication"]._open(case, "message", text, medium=medium)
        if files:
            message.attachment_ids = files
        if not self.anonymous:
            if not by_whatsapp:
                message._queue_mail()
            case._ask_to_notify()
        bound = self.env["sig.case.binding"]._bind_records(case, message.attachment_ids, message)
        case._record("message_sent", data={"communication": message.id, **bound})
        if self.anonymous:
            message._record_told({message: clock.now()}, medium)
        self.env["ir.cron"]._sig_trigger_mails()
