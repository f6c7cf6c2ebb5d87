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
from .. import clock
from ..failure import describe_failure

_logger = logging.getLogger(__name__)

#: models whose threads take what a petitioner writes
DOORS = ("sig.pqrs", "sig.pqrs.identity")

#: a mail whose server says that it came longer ago than this, or that it is to come, came now
OLDEST = timedelta(days=60)

#: what is not of a case is kept this long
RETENTION = timedelta(days=180)


class Delivery:
    """A mail on its way through core, for the hooks there. No caller over RPC can make one.

    :param incoming: `IncomingMail`.
    :param mails: the `sig.pqrs.mail` that keep it, of one company each.
    """

    def __init__(self, incoming, mails):
        self.incoming = incoming
        self.mails = mails


class PqrsMail(models.Model):
    """A mail of the PQRS mailbox as it came, or a mail about a case as it left; and what was made of it.

    Only the SIG reads it: a raw mail names who wrote it, in cases that do not. It is kept first and read afterwards, so
    that no failure loses it.
    """

    _name = "sig.pqrs.mail"
    _description = "PQRS Mail"
    _inherit = ["sig.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "subject"
    _check_company_auto = True

    direction = fields.Selection([("in", "Received"), ("out", "Sent")], required=True, readonly=True, default="in")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", readonly=True, index="btree_not_null", ondelete="restrict")
    date = fields.Datetime("Received or sent on", required=True, readonly=True)
    date_kept = fields.Datetime("Kept on", required=True, readonly=True)
    message_ident = fields.Char("Message-Id", readonly=True)
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
            ("sent", "Sent"),
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
            ("unread", "Nobody directs the SIG"),
            ("error", "Error"),
        ],
        "Why",
        readonly=True,
    )
    failure = fields.Char(readonly=True)
    raw = fields.Binary("Original mail", attachment=True, readonly=True)
    raw_name = fields.Char(compute="_compute_raw_name")
    key = fields.Char(readonly=True)

    _key_unique = models.UniqueIndex("(company_id, key)", "This mail was kept already.")
    _sender_index = models.Index("(sender, date_kept) WHERE direction = 'in'")

    @api.depends("date")
    def _compute_raw_name(self):
        for mail in self:
            mail.raw_name = f"{mail.date:%Y%m%d-%H%M}-{mail.id}.eml" if mail.date and mail.id else "mail.eml"

    def _get_original_name(self):
        """The name of the original as a file that is handed over."""
        kind = "recibido" if self.direction == "in" else "no-enviado" if self.state == "refused" else "enviado"
        return f"{kind}-{self.raw_name}"

    def _get_originals(self):
        """``{mail: attachment}`` of the originals that are not lost, in the order of the mails; as superuser."""
        files = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", self._name), ("res_field", "=", "raw"), ("res_id", "in", self.ids)]
        by_id = files.search(domain).filtered(lambda file: file._sig_has_content()).grouped("res_id")
        return {mail: by_id[mail.id] for mail in self if mail.id in by_id}

    # -- Whose mail it is -------------------------------------------------------------------------------------------

    @api.model
    def _check_gateway(self):
        """Mail is handed over by the system, an administrator of it, or the user of a mail pipe.

        Core lets any user call `message_process`: they could write to a case in the name of its petitioner.
        """
        user = self.env.user
        if not (self.env.su or user.has_group("base.group_system") or user.has_group("sig_pqrs.group_mail_gateway")):
            _logger.warning("User %s may not hand over mail of PQRS: it is not a mail gateway", self.env.uid)
            raise AccessError(self.env._("Only a mail gateway hands over mail of PQRS."))

    @api.model
    def _is_of_pqrs(self, incoming, model):
        """Whether a mail concerns PQRS: by its addressee, by what it answers or reports on, or by its server.

        :param str model: for which whoever fetches the mail makes records of the rest.
        """
        return bool(
            model in DOORS
            or self.env["res.company"]._sig_find_by_recipients(incoming.recipients)
            or self._find_thread(incoming.references)
            or (incoming.is_report and self._find_thread(incoming.reported_ids))
        )

    @api.model
    def _find_thread(self, message_ids):
        """The case, or the identity of one, that the first known of some messages is of; empty when none is."""
        messages = self.env["mail.message"].sudo()
        if message_ids:
            messages = messages.search([("message_id", "in", message_ids), ("model", "in", DOORS)])
        for wanted in message_ids:
            for message in messages.filtered(lambda message, wanted=wanted: message.message_id == wanted):
                if record := self.env[message.model].sudo().browse(message.res_id).exists():
                    return record
        return self.env["sig.pqrs"].sudo()

    # -- Keeping it -------------------------------------------------------------------------------------------------

    @api.model
    def _keep(self, incoming):
        """Keep a mail, once for each company to which it goes.

        :return: the mails; empty when the same one was kept before.
        """
        self_sudo = self.sudo()
        try:
            with self.env.cr.savepoint():
                companies, key = self._find_companies(incoming), incoming.digest
                known = self_sudo.search([("key", "=", key), ("company_id", "in", companies.ids)])
                return self._create_quietly(
                    [{**self._prepare_mail(incoming, company), "key": key} for company in companies - known.company_id]
                )
        except psycopg2.errors.UniqueViolation:
            return self_sudo  # another worker keeps it
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise  # whoever fetches mail brings it again
        except Exception:
            _logger.exception("A mail is kept without having been read")
            self._keep_unread(incoming)
            return self_sudo

    @api.model
    def _keep_unread(self, incoming):
        """Keep a mail of which nothing can be read, once; the SIG files it by hand."""
        company, key = self.env.company.sudo(), hashlib.sha256(incoming.raw).hexdigest()
        if not self.sudo().search_count([("key", "=", key), ("company_id", "=", company.id)], limit=1):
            values = {"date": clock.now(), "date_kept": clock.now(), "raw": base64.b64encode(incoming.raw)}
            self._create_quietly([{**values, "company_id": company.id, "key": key}])._fail()

    @api.model
    def _find_companies(self, incoming):
        record = self._find_thread(incoming.reported_ids if incoming.is_report else incoming.references)
        return (
            record.company_id
            or self.env["res.company"]._sig_find_by_recipients(incoming.recipients)
            or self.env.company.sudo()
        )

    @api.model
    def _prepare_mail(self, incoming, company):
        return {
            "direction": "in",
            "company_id": company.id,
            "date": self._get_receipt(incoming, company),
            "date_kept": clock.now(),
            "message_ident": clean_text.line(incoming.message_id)[:500],
            "sender": self.env["sig.mail.petition"]._get_author(company, incoming).mailbox[:500],
            "recipients": clean_text.line(", ".join(sorted(incoming.recipients)))[:1000],
            "subject": clean_text.line(incoming.subject)[:500],
            "raw": base64.b64encode(incoming.raw),
        }

    @api.model
    def _get_receipt(self, incoming, company):
        """When the mail reached the mailbox, naive UTC. What its sender dated it is not believed."""
        now = clock.now()
        moment = incoming.get_received_on(company._sig_get_trusted_relays())
        if not moment or moment < now - OLDEST:
            return now
        return min(moment, now)

    @api.model
    def _keep_sent(self, mail, messages):
        """Keep what left for a client.

        :param mail: the ``mail.mail``.
        :param messages: as the mail server took them.
        """
        case = mail._get_sig_case()
        values = {"direction": "out", "state": "sent", "date": clock.now(), "pqrs_id": case.id}
        for message in messages:
            sent = IncomingMail(message.as_bytes())
            known = {**self._prepare_mail(sent, case.company_id), "sender": sent.author.mailbox[:500]}
            self._create_quietly([known | values])

    @api.model
    def _create_quietly(self, vals_list):
        return self.sudo().with_context(mail_create_nolog=True, mail_create_nosubscribe=True).create(vals_list)

    # -- Reading it -------------------------------------------------------------------------------------------------

    def _process(self, incoming, read):
        """Have core read the mail. Whatever fails in it, it stays, and the next one is read.

        :param read: what core does with a raw mail.
        :return: what that gives, False when it fails.
        """
        try:
            try:
                if not incoming.is_bearable:  # core might not end
                    raise UserError(self.env._("The mail is nested, long or encoded as no mail program does it."))
                return self._read_with(read, incoming, incoming.raw)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                _logger.exception("Mail %s could not be read", self.ids)
                self.failure = clean_text.line(describe_failure(error))[:500]
                silence = self.env["sig.mail.petition"]._get_silence(incoming)
                self._read_with(read, incoming, incoming.rewrite(silence))
                self._tell_of_original()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Mail %s meets another transaction; a job reads it", self.ids)
            self.env["sig.pqrs"]._trigger("sig_pqrs.cron_mail")
        except Exception:
            _logger.exception("Mail %s could not be filed either", self.ids)
            self._fail()
        return False

    def _read_with(self, read, incoming, raw):
        with self.env.cr.savepoint():
            result = read(raw)
            # what core drops without a word: answers to its own warnings
            self.filtered(lambda mail: mail.state == "waiting")._ignore(self._get_nature(incoming) or "automatic")
        return result

    def _tell_of_original(self):
        for case in self.filtered(lambda mail: mail.state in ("filed", "answer")).pqrs_id:
            case.with_user(SUPERUSER_ID).with_context(lang=case.company_id._sig_lang())._notify_director(
                lambda env: env._("A mail could not be read whole: look at the original"),
                activity_type="sig_pqrs.activity_message",
            )

    def _fail(self):
        self.write({"state": "failed", "reason": "error"})
        self._notify_director(lambda env: env._("A mail could not be read: file it by hand"))

    def _notify_director(self, summary):
        self.env["sig.people"]._notify_directors(self, "sig_pqrs.activity_mail", lambda mail: summary(mail.env))

    def _file(self, incoming, **values):
        """File a mail. The acknowledgement tells the privacy notice of this channel, which is recorded when that left.

        :param values: of the case, instead of those that the mail gives.
        :return: the case.
        """
        petition = self.env["sig.mail.petition"]._read(self, incoming)
        cases = self.env["sig.pqrs"].with_user(SUPERUSER_ID)
        cases = cases.with_context(lang=self.company_id._sig_lang(), image_no_postprocess=True)
        case = cases.create({**petition.values, **values})
        for note in petition.notes:
            case._message_log(body=note)
        self.write({"state": "filed", "reason": False, "pqrs_id": case.id})
        return case

    def _ignore(self, reason):
        self.write({"state": "ignored", "reason": reason})

    # -- Steps ------------------------------------------------------------------------------------------------------

    def action_file(self):
        """File by hand a mail of which no case was made; it was received when it came."""
        self.check_access("read")
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG files mail."))
        mails = self.sudo()
        if any(mail.direction != "in" or mail.pqrs_id for mail in mails):
            raise UserError(self.env._("Only received mail of which there is no case can be filed."))
        for mail in mails:
            mail._file(IncomingMail(mail._get_raw()), state="to_file")
        mails.activity_unlink(["sig_pqrs.activity_mail"])
        return True

    def _get_raw(self):
        return base64.b64decode(self.with_context(bin_size=False).raw or b"")

    # -- Jobs -------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_read(self, batch=20):
        """Read the mails that met another transaction."""
        domain = Domain("state", "=", "waiting") & Domain("direction", "=", "in")
        mails = self.search(domain, limit=batch, order="id").try_lock_for_update()
        for mail in mails:
            mail._read_again()
        self.env["ir.cron"]._commit_progress(len(mails), remaining=self.search_count(domain))

    def _read_again(self):
        incoming = IncomingMail(self._get_raw())
        self.env["mail.thread"]._sig_process(self, incoming)

    @api.autovacuum
    def _gc_ignored(self):
        """Personal data of mails that are of no case are not kept for ever."""
        old = self.search(
            [("pqrs_id", "=", False), ("date_kept", "<", clock.now() - RETENTION), ("state", "=", "ignored")],
            limit=1000,
        )
        old.unlink()
        return len(old), len(old) == 1000
