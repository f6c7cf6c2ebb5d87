import base64
import hashlib
import logging
from datetime import timedelta

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import clean_text
from ...tools.incoming_mail import IncomingMail
from ...tools.mail_text import without_tag
from .. import clock
from ..failure import describe_failure

_logger = logging.getLogger(__name__)

#: models of whose threads mails of petitioners are answers
DOORS = ("sig.pqrs", "sig.pqrs.identity")

#: older dates of receipt, and future ones, are not believed
OLDEST = timedelta(days=60)

#: mails that are of no case; of those that were ignored, how long they are kept
UNFILED = Domain("pqrs_id", "=", False) & Domain("state", "in", ("ignored", "failed"))
RETENTION = timedelta(days=180)


class PqrsMail(models.Model):
    """Only the SIG reads it: originals name authors, also of reserved cases. It is stored before it is read, so that no
    failure loses it. The methods of the gateway run as superuser.
    """

    _name = "sig.pqrs.mail"
    _description = "PQRS Mail"
    _inherit = ["sig.record.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "subject"

    direction = fields.Selection([("in", "Incoming"), ("out", "Outgoing")], required=True, readonly=True, default="in")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", readonly=True, index="btree_not_null", ondelete="restrict")
    date = fields.Datetime("Received or sent on", required=True, readonly=True)
    date_kept = fields.Datetime("Kept on", required=True, readonly=True)
    communication_id = fields.Many2one(
        "sig.pqrs.communication", readonly=True, check_company=True, index="btree_not_null"
    )
    message_ident = fields.Char("Message-Id", readonly=True, index="btree_not_null", exportable=False)
    sender = fields.Char(readonly=True, index="btree_not_null")
    recipients = fields.Char(readonly=True)
    subject = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "To be read"),
            ("filed", "New case"),
            ("answer", "Of a case"),
            ("ignored", "Not filed"),
            ("failed", "Could not be read"),
            ("sent", "Sent by us"),
            ("refused", "Not taken by the server"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    reason = fields.Selection(
        [
            ("own", "Our own copy"),
            ("automatic", "Written by a program"),
            ("report", "Report of a mail system"),
            ("list", "Mailing list"),
            ("flood", "Too many from one address"),
            ("unread", "Nobody receives PQRS yet"),
            ("error", "Error"),
        ],
        "Why",
        readonly=True,
    )
    failure = fields.Char(readonly=True)
    raw = fields.Binary("Original mail", attachment=True, readonly=True)
    raw_name = fields.Char(compute="_compute_raw_name")
    key = fields.Char(readonly=True, exportable=False)

    _key_unique = models.UniqueIndex("(company_id, key)", "This mail was kept already.")
    _sender_index = models.Index("(sender, date_kept) WHERE direction = 'in'")

    @api.depends("date", "direction", "state")
    def _compute_raw_name(self):
        for mail in self:
            kind = "recibido" if mail.direction == "in" else "no-enviado" if mail.state == "refused" else "enviado"
            mail.raw_name = mail.date and f"{kind}-{mail.date:%Y%m%d-%H%M}-{mail.id}.eml"

    def _get_originals(self):
        """``{mail: attachment}`` of the originals that have content, as superuser."""
        files = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", self._name), ("res_field", "=", "raw"), ("res_id", "in", self.ids)]
        by_id = files.search(domain).filtered(lambda file: file._sig_has_content()).grouped("res_id")
        return {mail: by_id[mail.id] for mail in self if mail.id in by_id}

    @api.model
    def _check_gateway(self):
        """Core lets any user call `message_process`, and so write to a case in the name of its petitioner.

        :raises AccessError: for all but superuser, administrators of Odoo, and mail gateways.
        """
        user = self.env.user
        if not (self.env.su or user.has_group("base.group_system") or user.has_group("sig_pqrs.group_mail_gateway")):
            _logger.warning("User %s may not hand over mail of PQRS: it is not a mail gateway", self.env.uid)
            raise AccessError(self.env._("Only a mail gateway hands over mail of PQRS."))

    @api.model
    def _is_of_pqrs(self, incoming, model):
        """Whether a mail concerns PQRS, by recipients, references, reported messages or the server that fetched it."""
        return bool(
            model in DOORS
            or self.env["res.company"]._sig_find_by_recipients(incoming.recipients)
            or (not model and self.env["res.company"]._sig_find_by_recipients(incoming.recipients, closed=True))
            or self._find_thread(incoming.references)
            or (self._is_report(incoming) and self._find_thread(incoming.reported_ids))
        )

    @api.model
    def _is_report(self, incoming):
        """Whether it says so, or came to an address to which mails come back."""
        domains = self.env["mail.alias.domain"].search([])  # pylint: disable=no-search-all  # they are few
        return incoming.is_report or not incoming.recipients.isdisjoint(domains.mapped("bounce_email"))

    @api.model
    def _find_thread(self, message_ids):
        """The case of the first known message, ours or theirs; possibly empty."""
        messages = self.env["mail.message"].search([("message_id", "in", message_ids), ("model", "in", DOORS)])
        mails = self.search([("message_ident", "in", message_ids), ("pqrs_id", "!=", False)])
        for wanted in message_ids:
            for message in messages.filtered(lambda message, wanted=wanted: message.message_id == wanted):
                if record := self.env[message.model].browse(message.res_id).exists():
                    return record.pqrs_id if message.model == "sig.pqrs.identity" else record
            if mail := mails.filtered(lambda mail, wanted=wanted: mail.message_ident == wanted)[:1]:
                return mail.pqrs_id
        return self.env["sig.pqrs"]

    @api.model
    def _store(self, incoming):
        """The new mails, one for each company to which it goes; none for one that was stored before."""
        try:
            with self.env.cr.savepoint():
                companies, key = self._find_companies(incoming), incoming.digest
                known = self.search([("key", "=", key), ("company_id", "in", companies.ids)])
                Petition, vals_list = self.env["sig.mail.petition"], []
                for company in companies - known.company_id:
                    sender = Petition._get_sender(incoming, Petition._identify(company, incoming)).mailbox[:500]
                    vals_list.append({**self._prepare_mail(incoming, company), "key": key, "sender": sender})
                return self._create_quietly(vals_list)
        except psycopg2.errors.UniqueViolation:
            return self.browse()  # another worker stores it
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise  # callers try again
        except Exception:
            _logger.exception("A mail is stored without having been read")
            self._store_unread(incoming)
            return self.browse()

    @api.model
    def _store_unread(self, incoming):
        company, key = self._get_default_company(), hashlib.sha256(incoming.raw).hexdigest()
        if not self.search_count([("key", "=", key), ("company_id", "=", company.id)], limit=1):
            values = {"date": clock.now(), "date_kept": clock.now(), "raw": base64.b64encode(incoming.raw)}
            self._create_quietly([{**values, "company_id": company.id, "key": key}])._fail()

    @api.model
    def _find_companies(self, incoming):
        named = incoming.reported_ids if self._is_report(incoming) else incoming.references
        company = self._find_thread(named).company_id
        own = company._sig_get_own_addresses()  # companies may share a service mailbox
        others = {address for address in incoming.recipients if own.isdisjoint((address, without_tag(address)))}
        find = self.env["res.company"]._sig_find_by_recipients
        return company | find(others) or find(incoming.recipients, closed=True) or self._get_default_company()

    @api.model
    def _get_default_company(self):
        """The current company, or the first that receives PQRS where it does not."""
        active = self.env["res.company"].browse(self.env["res.company"]._sig_get_active_ids())
        return self.env.company & active or active[:1] or self.env.company

    @api.model
    def _prepare_mail(self, incoming, company):
        return {
            "direction": "in",
            "company_id": company.id,
            "date": self._get_receipt(incoming, company),
            "date_kept": clock.now(),
            "message_ident": clean_text.line(incoming.message_id)[:500],
            "sender": incoming.author.mailbox[:500],
            "recipients": clean_text.line(", ".join(sorted(incoming.recipients)))[:1000],
            "subject": clean_text.line(incoming.subject)[:500],
            "raw": base64.b64encode(incoming.raw),
        }

    @api.model
    def _get_receipt(self, incoming, company):
        """When the mail reached the mailbox, naive UTC."""
        now = clock.now()
        moment = incoming.get_received_on(company._sig_get_trusted_relays())
        return min(moment, now) if moment and moment >= now - OLDEST else now

    @api.model
    def _store_sent(self, mail, message):
        case, sent = mail._get_sig_case(), IncomingMail(message.as_bytes())
        values = {"direction": "out", "state": "sent", "date": clock.now(), "pqrs_id": case.id}
        self._create_quietly([self._prepare_mail(sent, case.company_id) | values])

    @api.model
    def _create_quietly(self, vals_list):
        return self.sudo().with_context(mail_create_nolog=True, mail_create_nosubscribe=True).create(vals_list)

    def _process(self, incoming, thread=None):
        """Route the mail, and have core read it too where that matters; failures stop no other mail."""
        for mail in self:
            try:
                with self.env.cr.savepoint():
                    mail._route(incoming, thread)
                    if mail == self[-1] and ("report" in self.mapped("reason") or self._concerns_others(incoming)):
                        self._read_by_core(incoming)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                _logger.info("Mail %s conflicts with another transaction; a job reads it", mail.id)
                self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_mail")
            except Exception as error:
                _logger.exception("Mail %s could not be filed", mail.id)
                mail.failure = clean_text.line(describe_failure(error))[:500]
                mail._fail()

    def _read_by_core(self, incoming):
        try:
            with self.env.cr.savepoint():
                if self.env["mail.thread"]._sig_read_by_core(incoming):
                    return
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # whose text may name the author
            _logger.warning("Core could not read mail %s of PQRS: %s", self.ids, type(error).__name__)
        self._ask_about_report(incoming)

    @api.model
    def _concerns_others(self, incoming):
        ours = self.env["ir.model"]._get_id("sig.pqrs")
        goes = [("alias_full_name", "in", list(incoming.recipients)), ("alias_model_id", "!=", ours)]
        answers = [("message_id", "in", incoming.references), ("model", "not in", [*DOORS, False])]
        Alias, Message = self.env["mail.alias"], self.env["mail.message"]
        return bool(Alias.search_count(goes, limit=1) or Message.search_count(answers, limit=1))

    def _fail(self):
        self.write({"state": "failed", "reason": "error"})
        self._notify_director(lambda env: env._("A mail could not be read: file it by hand"))

    def _notify_director(self, summary):
        self.env["sig.staff.notice"]._notify_directors(self, "sig_pqrs.activity_mail", lambda mail: summary(mail.env))

    def _file(self, incoming, **values):
        petition, notes = self.env["sig.mail.petition"]._read(self, incoming)
        cases = self.env["sig.pqrs"].with_user(SUPERUSER_ID)
        cases = cases.with_context(lang=self.company_id._sig_lang(), image_no_postprocess=True)
        case = cases.create({**petition, **values})
        for note in notes:
            case._message_log(body=note)
        self.write({"state": "filed", "reason": False, "pqrs_id": case.id})
        return case

    def action_file(self):
        self.check_access("read")  # the SIG alone has it
        mails = self.sudo()
        if any(mail.direction != "in" or mail.pqrs_id for mail in mails):
            raise UserError(self.env._("Only received mail of which there is no case can be filed."))
        for mail in mails:
            incoming = IncomingMail(mail._get_raw())
            nature = mail._get_nature(incoming)
            if nature not in ("own", "report") and (case := mail._find_answered(incoming)):
                mail.write({"state": "answer", "pqrs_id": case.id})
                mail._receive(incoming, case, nature)
            else:
                mail._file(incoming, state="to_file")
        mails.activity_unlink(["sig_pqrs.activity_mail"])
        return True

    def _get_raw(self):
        return base64.b64decode(self.with_context(bin_size=False).raw or b"")

    def _cron_read(self, batch=20):
        unread = Domain("reason", "=", "unread") & Domain("direction", "=", "in")
        unread &= Domain("company_id", "in", self.search(unread).company_id._sig_filter_receiving().ids)
        domain = Domain("state", "=", "waiting") & Domain("direction", "=", "in") | unread
        mails = self.search(domain, limit=batch, order="id").try_lock_for_update()
        for mail in mails:
            mail._process(IncomingMail(mail._get_raw()))
        self.env["ir.cron"]._commit_progress(len(mails), remaining=self.search_count(domain))

    @api.autovacuum
    def _gc_ignored(self):
        kept_before = [Domain("date_kept", "<", clock.now() - times * RETENTION) for times in (1, 4)]
        over = kept_before[0] & Domain("reason", "!=", "flood") | kept_before[1]  # among many there may be petitions
        old = self.search(UNFILED & Domain("state", "=", "ignored") & over, limit=1000)
        old.unlink()
        return len(old), len(old) == 1000
