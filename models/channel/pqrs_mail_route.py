import re
from datetime import timedelta

from odoo import SUPERUSER_ID, api, models, tools

from ...tools import clean_text
from ...tools.incoming_mail import IncomingMail
from .. import clock
from ..mixin.transitions import ENDED

#: words of a subject that may be filing numbers
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/_.-]{3,39}")


class PqrsMailRoute(models.Model):
    _inherit = "sig.pqrs.mail"

    def _route(self, incoming, thread):
        """As the system: a mail proves no user. ``thread`` is the case or identity that the gateway names. What one
        company writes to another is a petition there.
        """
        named = thread.exists() if thread else self.env["sig.pqrs"]
        named = named.pqrs_id if named._name == "sig.pqrs.identity" else named
        nature = self._get_nature(incoming)
        reported = self._find_thread(incoming.reported_ids) if nature == "report" else None
        self.pqrs_id = case = reported or named or self._find_answered(incoming)
        if nature in ("own", "report") or (nature and not case):
            self.write({"state": "ignored", "reason": nature})
            return
        if case:
            self.state = "answer"
            self._receive(incoming, case, nature)
            return
        if self._is_flood():
            self.write({"state": "ignored", "reason": "flood"})
            self._notify_of_flood()
            return
        if self.company_id._sig_filter_receiving():
            self._file(incoming)
        else:
            self._sig_in_language_of(self.company_id)._wait_for_company()

    def _find_answered(self, incoming):
        """The case that it answers or names; none of another company: a copy to its mailbox is a petition."""
        if answered := self._find_thread(incoming.references):
            return answered.filtered(lambda case: case.company_id == self.company_id)
        return self._find_by_number(incoming)

    @api.model
    def _ask_about_report(self, incoming):
        """A person reads a report that core cannot read, or in which it finds no mail to the petitioner: those in plain
        words, and those about an address to which theirs passes mails on.

        It may name the petitioner, and anybody who got a mail of the case can write any number of them.
        """
        case = (
            isinstance(incoming, IncomingMail)
            and (incoming.is_report or not incoming.is_automatic())  # who is on holiday answers to that address too
            and incoming.reports_failure
            and self._find_thread(incoming.reported_ids)
        )
        if not case:
            return
        case = case.with_user(SUPERUSER_ID)
        env = self.with_context(lang=case.company_id._sig_get_director().lang).env
        summary = env._("A mail system reports about a mail to the client: read what it says")
        if not case.activity_search(["sig_pqrs.activity_sig"], additional_domain=[("summary", "=", summary)]):
            text = self.env["sig.tracking"]._hide(clean_text.paragraphs(incoming.text[:1000]), case)
            case._notify_director(summary, case._redact(text, ""))

    def _receive(self, incoming, case, nature):
        """A mail about a case is a communication; what our own people write about one of others, an internal note. What
        a list, or on an open case perhaps a program, wrote waits to be read, and delivers nothing that was required.
        """
        case = case.with_user(SUPERUSER_ID)._in_given_or_company_language()
        Petition = self.env["sig.mail.petition"].with_context(lang=case.company_id._sig_lang())
        company, (files, missing) = case.company_id, Petition._take_files(incoming)
        for note in missing:
            case._get_private_record()._message_log(body=note)
        author = Petition._identify(company, incoming)
        writer, address = Petition._get_writer(company, incoming, author), Petition._get_sender(incoming, author)
        text = Petition._get_description(incoming)
        own_list = Petition._came_through_own_list(self.company_id, incoming)
        seems_automatic = not nature and incoming.seems_automatic(own_list)
        self.reason = nature or (seems_automatic and "automatic")
        is_of_program = nature == "automatic" or (seems_automatic and case.state in ENDED)
        kind = "automatic" if is_of_program else self._get_author_kind(incoming, case, writer, address)
        if kind != "petitioner" and writer and writer._sig_is_ours():
            case._get_private_record().message_post(
                body=tools.plaintext2html(text),
                message_type="email",
                subtype_xmlid="mail.mt_note",
                author_id=writer.id,
                attachments=[(file["name"], file["raw"]) for file in files],
            )
            director = company._sig_get_director()
            if not self.reason and (author.address.mailbox or writer != director.partner_id):
                env = case.with_context(lang=director.lang).env
                case._ask_to_read(env._("One of our people wrote or passed on something about the case: read it"))
            return
        self.communication_id = self.env["sig.pqrs.communication"]._receive(
            case,
            kind,
            "email",
            text,
            files,
            self.date,
            "message" if self.reason else "information",
            subject=clean_text.line(incoming.subject)[:500],
            email_from=not case.anonymous and tools.formataddr((clean_text.line(address.name), address.mailbox)),
        )

    def _get_author_kind(self, incoming, case, writer, address):
        if case.anonymous:
            return "anonymous"
        if self.env["sig.mail.petition"]._is_disowned(case.company_id, incoming):
            return "disowned"
        contact, mailbox = case._get_contact(), tools.email_normalize(address.mailbox)
        is_theirs = (writer and writer == contact.partner) or (mailbox and mailbox == contact.mailbox)
        return "petitioner" if is_theirs else "stranger"

    def _wait_for_company(self):
        """Where nobody would read a case, mail waits to be filed; notify administrators of Odoo."""
        company, since = self.company_id, clock.now() - timedelta(days=1)
        unread = [("company_id", "=", company.id), ("reason", "=", "unread"), ("date_kept", ">", since)]
        is_known = self.search_count(unread, limit=1)
        self.write({"state": "failed", "reason": "unread"})
        if not is_known:
            administrators = self.env.ref("base.group_system").all_user_ids.filtered(lambda user: not user.share)
            subject, recipients = self.env._("PQRS by mail wait in %s", company.name), administrators.partner_id.ids
            body = self.env._("It does not receive PQRS yet: what arrives is kept, and is filed once it does.")
            if company.sig_active:
                body = self.env._("Nobody directs its SIG: what arrives is kept, and is filed once somebody does.")
            self.env["mail.thread"].message_notify(partner_ids=recipients, subject=subject, body=body)

    def _find_by_number(self, incoming):
        cases = self.env["sig.pqrs"].with_user(SUPERUSER_ID)
        numbers = [word.rstrip("./_-") for word in _NUMBER.findall(incoming.subject.upper())]
        author = self.env["sig.mail.petition"]._identify(self.company_id, incoming)
        mailbox = author.is_believed and author.address.mailbox
        if not numbers or not mailbox:
            return cases
        found = cases.search([("name", "in", numbers[:20]), ("company_id", "=", self.company_id.id)])
        return found.filtered(lambda case: case._get_contact().mailbox == mailbox)[:1]

    def _get_nature(self, incoming):
        """A value of ``reason``; False for a mail that a person outside may have written."""
        own_list = self.env["sig.mail.petition"]._came_through_own_list(self.company_id, incoming)
        if self._is_own_copy(incoming, own_list):
            return "own"
        if self._is_report(incoming):
            return "report"
        if incoming.is_automatic(own_list):
            return "automatic"
        return "list" if incoming.is_of_list and not own_list else False

    def _is_own_copy(self, incoming, own_list):
        """Recipients can copy marks and Message-Ids of ours, so the author must be ours too."""
        own = self.company_id._sig_get_own_addresses()
        ids = [incoming.message_id, *incoming.original_ids]
        sent = self.env["mail.message"].search([("message_id", "in", ids), ("message_type", "!=", "email")])
        marked = self.env["mail.mail"]._sig_find_marked(incoming)
        if sent or marked is not None:
            senders = (sent | marked.exists() if marked else sent).mapped("email_from")
            return incoming.author.mailbox in own | set(filter(None, map(tools.email_normalize, senders)))
        passed_on = own_list or any(address.mailbox not in own for address in incoming.original_authors)
        goes_out = not incoming.recipients <= own  # what goes to us alone is a copy of nothing
        return incoming.author.mailbox in own and goes_out and not passed_on

    @api.model
    def _get_limit(self, name, default):
        value = self.env["ir.config_parameter"].get_param(f"mail.gateway.loop.{name}") or ""
        return int(value) if value.isdecimal() else default

    @api.model
    def _count_recent(self, mailbox, domain=(("state", "=", "filed"),)):
        since = clock.now() - timedelta(minutes=self._get_limit("minutes", 120))
        received = [("sender", "in", [mailbox or False]), ("direction", "=", "in"), ("date_kept", ">=", since)]
        return self.search_count([*received, *domain])

    def _is_flood(self):
        if self.env["sig.mail.petition"]._may_send_any_number(self.sender):
            return False
        return self._count_recent(self.sender) >= self._get_limit("threshold", 20)

    def _notify_of_flood(self):
        others = [("id", "!=", self.id), ("company_id", "=", self.company_id.id), ("reason", "=", "flood")]
        if not self._count_recent(self.sender, others):
            self._notify_director(lambda env: env._("Too many mails from one address: look at those not filed"))
