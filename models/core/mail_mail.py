import logging
import random
import re
import time
from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from .ir_cron import PAUSE, TRIES

_logger = logging.getLogger(__name__)


#: header of the mails that this database sends about cases: relays that give them another Message-Id leave it
MARK = "X-SIG-PQRS"
_MARK = re.compile(r"(\d{1,18})-(\d{1,18})-[0-9a-f]{64}")

#: Minutes until what a mail server could not take is tried again, each after the one before: a day and a half in all.
#: A server that is away, or that answers 4yz, may well take it later (RFC 5321, sections 4.2.1 and 4.5.4.1).
DELAYS = (5, 15, 30, 60, 120, 240, 480, 600, 600)
_COME_BACK = re.compile(r"\(4\d\d, b|\b4\d\d[ -]4\.\d{1,3}\.\d")

#: notices that a program sends by itself, and how they say so (RFC 3834)
AUTOMATIC_PURPOSES = {"acknowledgement": "auto-replied", "new_date": "auto-generated"}


class Mark(NamedTuple):
    """What the mark in the header of a mail says: of which ``mail.mail`` and ``mail.message`` it is."""

    mail_id: int
    message_id: int

    @classmethod
    def parse(cls, text):
        """
        :return: `Mark`, None for what is none. That this database wrote it is for `mail.mail` to say.
        """
        match = _MARK.fullmatch((text or "").strip())
        return match and cls(int(match[1]), int(match[2]))


class Outbox:
    """The messages that mail servers have taken, each under the id of its ``mail.mail``, which its own mark says."""

    def __init__(self):
        self._messages = {}

    def put(self, message):
        if mark := Mark.parse(message[MARK]):
            self._messages.setdefault(mark.mail_id, []).append(message)

    def take(self, mail):
        return self._messages.pop(mail.id, [])


class MailMail(models.Model):
    _inherit = "mail.mail"

    sig_purpose = fields.Char("PQRS notice", readonly=True, help="Which notice to the client of a PQRS this mail is.")
    sig_attempts = fields.Integer("Failed attempts", readonly=True)

    def send_after_commit(self):
        """Core sends as the superuser whatever mails are named: they are sent by who may change them."""
        self.check_access("write")
        return super().send_after_commit()

    def _get_sig_case(self):
        """The case that a notice is of; under reserve its mails hang on the identity."""
        if self.model not in ("sig.pqrs", "sig.pqrs.identity"):
            return self.env["sig.pqrs"]
        record = self.env[self.model].sudo().browse(self.res_id).exists()
        return record.pqrs_id if self.model == "sig.pqrs.identity" else record

    # -- As which company it leaves ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._sig_set_company(vals_list)
        return super().create(vals_list)

    @api.model
    def _sig_set_company(self, vals_list):
        """What is about a record of ours leaves as its company: core does so for what it posts, not for templates."""
        by_model = defaultdict(list)
        for vals in vals_list:
            if (vals.get("model") or "").startswith("sig.") and vals.get("res_id") and not vals.get("mail_message_id"):
                by_model[vals["model"]].append(vals)
        for model, own in by_model.items():
            records = self.env[model].sudo().browse({vals["res_id"] for vals in own}).exists()
            companies = records._mail_get_companies()
            for vals in own:
                if company := companies.get(vals["res_id"]):
                    vals.update({**company._sig_get_mail_values(), **vals})

    # -- Marking our own mail ---------------------------------------------------------------------------------------

    @api.model
    def _sig_write_mark(self, mark):
        """The text of a `Mark`, which only this database writes."""
        return f"{mark.mail_id}-{mark.message_id}-{tools.hmac(self.env(su=True), 'sig_pqrs-own-mail', tuple(mark))}"

    def _sig_get_mark(self):
        self.ensure_one()
        return self._sig_write_mark(Mark(self.id, self.mail_message_id.id))

    @api.model
    def _sig_find_marked(self, incoming):
        """The message of which an incoming mail bears the mark, as superuser; it may be deleted. None without a mark.

        Who received a mail can copy its mark: it says of which message a mail is, and nothing of who sends it.
        """
        text = incoming.get(MARK).strip()
        mark = Mark.parse(text)
        if not mark or not tools.consteq(text, self._sig_write_mark(mark)):
            return None
        return self.env["mail.message"].sudo().browse(mark.message_id)

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        emails = super()._prepare_outgoing_list(mail_server=mail_server, doc_to_followers=doc_to_followers)
        if case := self._get_sig_case():
            company = case.company_id
            answered = case.mail_ids.filtered(lambda mail: mail.direction == "in").sorted("id")[:1].message_ident
            for email in emails:
                email["headers"][MARK] = self._sig_get_mark()
                if self.sig_purpose in AUTOMATIC_PURPOSES:
                    email["headers"]["Auto-Submitted"] = AUTOMATIC_PURPOSES[self.sig_purpose]
                if self.sig_purpose == "acknowledgement" and answered:
                    email["references"] = answered
                if self.sig_purpose and not company.sig_service_email and company.sig_alias_id.alias_domain_id:
                    email["reply_to"] = company.sig_alias_id.alias_full_name
        return emails

    # -- What left --------------------------------------------------------------------------------------------------

    def send(self, *args, **kwargs):
        return super(MailMail, self.with_context(sig_outbox=Outbox())).send(*args, **kwargs)

    def _sig_keep_sent(self):
        """Keep the raw mails that went to people outside about a case, those too whose mail failed for others."""
        outbox = self.env.context.get("sig_outbox")
        for mail in self if isinstance(outbox, Outbox) else ():
            messages = outbox.take(mail)
            outside = mail.sig_purpose or any(mail.recipient_ids.mapped("partner_share"))
            if messages and outside:
                try:
                    with self.env.cr.savepoint():
                        self.env["sig.pqrs.mail"]._keep_sent(mail, messages)
                except Exception:
                    _logger.exception("The raw mail %s could not be kept", mail.id)

    def _sig_get_failure(self, reason=False, failure_type=False):
        """Why the mail did not leave: in words, then what the server or the program said."""
        self.ensure_one()
        kind = failure_type or self.failure_type
        labels = dict(self._fields["failure_type"]._description_selection(self.env))
        label = labels[kind] if kind in labels and kind != "unknown" else self.env._("The mail was not sent")
        said = reason or self.failure_reason
        return f"{label}: {said}" if said else f"{label}."

    # -- Who follows it ---------------------------------------------------------------------------------------------

    def _sig_get_follower(self):
        """The record whose `_on_mail_left` or `_on_mail_failed` is called when it is known what became of the mail.

        Hook. As superuser, in the language to write in; empty when nobody follows it. Those of mails without purpose
        are told together.
        """
        return self._get_sig_case()._in_company_language() if self.sig_purpose else self.env["sig.pqrs"]

    def _sig_follow(self, model):
        """The record of a mail of a model, as its follower, in the language of the company."""
        record = self.env[model].sudo().browse(self.res_id).exists()
        return record and record.with_context(lang=record.company_id._sig_lang())

    def _sig_get_outcomes(self, failure_reason, failure_type):
        """Who is told what: list of ``(purpose, mails, records, why they did not leave)``; it is empty if they did."""
        outcomes = {}
        for mail in self.sudo():
            follower = mail._sig_get_follower()
            if not follower:
                continue
            failed = failure_type or mail.state == "exception"
            failure = mail.with_env(follower.env)._sig_get_failure(failure_reason, failure_type) if failed else ""
            key = (mail.sig_purpose, failure, follower.env, follower._name, mail.sig_purpose and follower.id)
            _purpose, mails, followers, _failure = outcomes.get(key, (None, mail.browse(), follower.browse(), None))
            outcomes[key] = (mail.sig_purpose, mails | mail, followers | follower, failure)
        return list(outcomes.values())

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        others = self
        if failure_type and not success_pids and not success_emails:
            waiting = self.filtered(lambda mail: mail.sudo()._sig_may_leave_later(failure_reason, failure_type))
            waiting.sudo()._sig_wait(failure_reason, failure_type)
            others -= waiting
        if not others:
            return True
        others._sig_keep_sent()
        outcomes = others._sig_get_outcomes(failure_reason, failure_type)
        result = super(MailMail, others)._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        for outcome in outcomes:
            others._sig_tell(*outcome)
        return result

    def _sig_tell(self, purpose, mails, records, failure):
        """Tell records what became of their mails: together, or else each apart.

        The mails have left: whatever fails here, the others must too. The delivery job comes back to answers.
        """
        try:
            with self.env.cr.savepoint():
                if failure:
                    records._on_mail_failed(purpose, failure, mails)
                else:
                    records._on_mail_left(purpose, mail=mails)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            for record in records:
                self.env.cr.postcommit.add(partial(self._sig_tell_later, purpose, mails, record, failure))
        except Exception:
            _logger.exception("What followed the mail “%s” of %s failed", purpose, records)
            if len(records) > 1:
                for record in records:
                    self._sig_tell(purpose, mails, record, failure)

    def _sig_tell_later(self, purpose, mails, record, failure):
        """Tell a record that another transaction was changing, once it is kept that its mail has left."""
        for attempt in range(TRIES):
            try:
                with self.env.registry.cursor() as cr:
                    mine = record.with_env(record.env(cr=cr))
                    mail = mails.with_env(mine.env).exists()
                    if failure:
                        mine._on_mail_failed(purpose, failure, mail)
                    else:
                        mine._on_mail_left(purpose, mail=mail)
                    mine.env.flush_all()
                    return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                time.sleep(random.uniform(0, PAUSE * 2**attempt))
            except Exception:
                _logger.exception("What followed the mail “%s” of %s failed", purpose, record)
                return
        _logger.error("What followed the mail “%s” of %s met other transactions", purpose, record)

    # -- What the mail server does not take for now --------------------------------------------------------------------

    def _sig_may_leave_later(self, failure_reason, failure_type):
        """Whether the mail, which reached nobody, is worth another try."""
        self.ensure_one()
        if self.sig_attempts >= len(DELAYS) or not (self.sig_purpose or (self.model or "").startswith("sig.")):
            return False
        return failure_type == "mail_smtp" or bool(_COME_BACK.search(failure_reason or self.failure_reason or ""))

    def _sig_wait(self, failure_reason, failure_type):
        now = clock.now()
        for attempts, mails in self.grouped("sig_attempts").items():
            again = now + timedelta(minutes=DELAYS[attempts])
            mails.write({"state": "outgoing", "scheduled_date": again, "sig_attempts": attempts + 1})
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger(again)
            if not attempts:
                mails._sig_log_wait(failure_reason, failure_type)
        # core marked them as failed before it tried
        self.env["mail.notification"].search(
            [("mail_mail_id", "in", self.ids), ("notification_status", "=", "exception")]
        ).write({"notification_status": "ready", "failure_type": False, "failure_reason": False})

    def _sig_log_wait(self, failure_reason, failure_type):
        """Say on the cases of notices why they have not left yet."""
        cases = {}
        for mail in self.filtered("sig_purpose"):
            if case := mail._get_sig_case()._in_company_language():
                cases.setdefault(case.env, {})[case] = mail
        for env, mails in cases.items():
            waits = env._("A notice to the client waits: the mail server did not take it. It is tried again by itself.")
            bodies = {}
            for case, mail in mails.items():
                failure = mail.with_env(env)._sig_get_failure(failure_reason, failure_type)
                bodies[case.id] = case._log_on_identity(f"{waits} {failure}", waits)[case]
            env["sig.pqrs"].browse(bodies)._message_log_batch(bodies)
