import logging
import re
from collections import defaultdict
from datetime import timedelta
from functools import partial
from operator import methodcaller

from odoo import api, fields, models, tools
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying

from .. import clock

_logger = logging.getLogger(__name__)

#: header of our mails about cases; relays that change the Message-Id leave it
MARK = "X-SIG-PQRS"
_MARK = re.compile(r"(\d{1,18})-(\d{1,18})-[0-9a-f]{64}")

#: minutes between attempts after a temporary failure, a day and a half in all (RFC 5321, sections 4.2.1 and 4.5.4.1)
DELAYS = (5, 15, 30, 60, 120, 240, 480, 600, 600)
_TEMPORARY = re.compile(r"\(4\d\d, b|\b4\d\d[ -]4\.\d{1,3}\.\d")

#: values of Auto-Submitted of automatic notices (RFC 3834)
AUTOMATIC_PURPOSES = {"acknowledgement": "auto-replied", "new_date": "auto-generated"}

#: how long notices to our own people that could not be sent are kept; core deletes those that were
STAFF_RETENTION = timedelta(days=7)

#: models of which a record follows its own mail
FOLLOWERS = ("sig.survey.delivery", "sig.survey.recipient")


class MailMail(models.Model):
    _inherit = "mail.mail"

    sig_purpose = fields.Char("PQRS notice", readonly=True)
    sig_attempts = fields.Integer("Failed attempts", readonly=True)

    def send_after_commit(self):
        """Core sends any mail as superuser, so the right to write it is checked here."""
        self.check_access("write")
        return super().send_after_commit()

    @api.autovacuum
    def _gc_sig_staff(self):
        failed = [("sig_purpose", "=", "staff"), ("state", "in", ("exception", "cancel"))]
        old = self.search([*failed, ("write_date", "<", clock.now() - STAFF_RETENTION)], limit=1000)
        old.unlink()
        return len(old), len(old) == 1000

    def _get_sig_case(self):
        if self.model not in ("sig.pqrs", "sig.pqrs.identity"):
            return self.env["sig.pqrs"]
        return self.env["sig.record.mixin"]._get_case_of(self.model, self.res_id)

    @api.model_create_multi
    def create(self, vals_list):
        self._sig_set_company(vals_list)
        return super().create(vals_list)

    @api.model
    def _sig_set_company(self, vals_list):
        """Mails of templates leave as the company of their record; core does so for posted messages alone."""
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

    @api.model
    def _sig_write_mark(self, mail_id, message_id):
        return f"{mail_id}-{message_id}-{tools.hmac(self.env(su=True), 'sig_pqrs-own-mail', (mail_id, message_id))}"

    def _sig_get_mark(self):
        return self._sig_write_mark(self.id, self.mail_message_id.id)

    @api.model
    def _sig_read_mark(self, text):
        """
        :return: ids of the ``mail.mail`` and its ``mail.message``, or None for text that this database did not write.
            Recipients of a mail can copy its mark: it does not authenticate the sender.
        """
        match = _MARK.fullmatch((text or "").strip())
        ids = match and (int(match[1]), int(match[2]))
        return ids if ids and tools.consteq(match[0], self._sig_write_mark(*ids)) else None

    @api.model
    def _sig_find_marked(self, incoming):
        """The message of the mark of an incoming mail, as superuser, possibly deleted; None without a mark."""
        ids = self._sig_read_mark(incoming.get(MARK))
        return ids and self.env["mail.message"].sudo().browse(ids[1])

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        if self._sig_is_ours():
            self.flush_recordset()  # who sends it at the same time conflicts before it leaves, and not after
        emails = super()._prepare_outgoing_list(mail_server=mail_server, doc_to_followers=doc_to_followers)
        if case := self._get_sig_case():
            company = case.company_id
            received = [("pqrs_id", "=", case.id), ("direction", "=", "in")]
            answered = case.env["sig.pqrs.mail"].search(received, order="id", limit=1).message_ident
            letter = (self.attachment_ids & case.letter_id).sudo()
            for email in emails:
                if letter and letter.name not in {name for name, *_content in email["attachments"]}:
                    # Core puts links in the place of all files when they are heavy together.
                    email["attachments"] = [(letter.name, letter.raw, letter.mimetype), *email["attachments"]]
                email["headers"][MARK] = self._sig_get_mark()
                if self.sig_purpose in AUTOMATIC_PURPOSES:
                    email["headers"]["Auto-Submitted"] = AUTOMATIC_PURPOSES[self.sig_purpose]
                if self.sig_purpose == "acknowledgement" and answered:
                    email["references"] = answered
                if self.sig_purpose and not company.sig_service_email and company.sig_alias_id.alias_domain_id:
                    email["reply_to"] = company.sig_alias_id.alias_full_name
        return emails

    @api.model
    def _sig_store_original(self, message):
        """Store a message that a mail server accepted, when it is about a case and goes to people outside."""
        ids = self._sig_read_mark(message[MARK])
        if not ids:
            return
        mail = self.sudo().browse(ids[0])
        if mail.sig_purpose or any(mail.recipient_ids.mapped("partner_share")):
            try:
                with self.env.cr.savepoint():
                    self.env["sig.pqrs.mail"]._store_sent(mail, message)
            except Exception:
                _logger.exception("The original of mail %s could not be stored", mail.id)

    def _sig_get_failure(self, reason=False, failure_type=False):
        kind = failure_type or self.failure_type
        labels = dict(self._fields["failure_type"]._description_selection(self.env))
        label = labels[kind] if kind in labels and kind != "unknown" else self.env._("The mail was not sent")
        said = reason or self.failure_reason
        return f"{label}: {said}" if said else f"{label}."

    def _sig_get_followers(self):
        """What hears by `_on_mail_done` that the mail left or failed; possibly empty."""
        if self.model in FOLLOWERS and not self.is_notification:  # else of what colleagues write
            return self.env[self.model].sudo().browse(self.res_id).exists()
        found = self.env["sig.pqrs.communication"].sudo()
        return found.search([("mail_id", "=", self.id)]) if self.sig_purpose else found

    def _sig_get_outcomes(self, failure_reason, failure_type):
        """List of ``(followers, failure)`` in the language to write in; the failure is empty when the mails left."""
        outcomes = {}
        for mail in self.sudo():
            for found in mail._sig_get_followers():
                follower = found._sig_in_language_of(found.company_id)
                failed = failure_type or mail.state == "exception"
                failure = mail.with_env(follower.env)._sig_get_failure(failure_reason, failure_type) if failed else ""
                key = (failure, follower.env, follower._name)
                outcomes[key] = outcomes.get(key, follower.browse()) | follower
        return [(followers, failure) for (failure, _env, _name), followers in outcomes.items()]

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        others = self
        if failure_type and not success_pids and not success_emails:
            waiting = self.sudo().filtered(lambda mail: mail._sig_failed_temporarily(failure_reason, failure_type))
            waiting._sig_postpone(failure_reason, failure_type)
            others -= waiting
        if not others:
            return True
        outcomes = others._sig_get_outcomes(failure_reason, failure_type)
        # as a step: core deletes mails that left, and their messages, as superuser
        sent = super(MailMail, others._sig_as_step())
        result = sent._postprocess_sent_message(success_pids, success_emails, failure_reason, failure_type)
        for outcome in outcomes:
            others._sig_notify(*outcome)
        return result

    def _sig_notify(self, followers, failure):
        """A failure here must not stop other mails."""
        try:
            followers._in_isolation(followers, methodcaller("_on_mail_done", failure))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            for follower in followers:
                self.env.cr.postcommit.add(partial(self._sig_notify_later, follower, failure))

    def _sig_notify_later(self, follower, failure):
        try:
            with self.env.registry.cursor() as cr:
                mine = follower.with_env(follower.env(cr=cr))
                retrying(partial(mine._on_mail_done, failure), mine.env)
        except Exception:
            _logger.exception("What followed the mail of %s failed", follower)

    def _sig_is_ours(self):
        return bool(self.sig_purpose) or (self.model or "").startswith("sig.")

    def _sig_failed_temporarily(self, failure_reason, failure_type):
        if self.sig_attempts >= len(DELAYS) or not self._sig_is_ours():
            return False
        return failure_type == "mail_smtp" or bool(_TEMPORARY.search(failure_reason or self.failure_reason or ""))

    def _sig_postpone(self, failure_reason, failure_type):
        now = clock.now()
        for attempts, mails in self.grouped("sig_attempts").items():
            again = now + timedelta(minutes=DELAYS[attempts])
            mails.write({"state": "outgoing", "scheduled_date": again, "sig_attempts": attempts + 1})
            self.env["ir.cron"]._sig_trigger("mail.ir_cron_mail_scheduler_action", again)
            if not attempts:
                mails._sig_log_postponed(failure_reason, failure_type)
        # core marked them as failed before it tried
        self.env["mail.notification"].search(
            [("mail_mail_id", "in", self.ids), ("notification_status", "=", "exception")]
        ).write({"notification_status": "ready", "failure_type": False, "failure_reason": False})

    def _sig_log_postponed(self, failure_reason, failure_type):
        for mail in self.filtered("sig_purpose"):
            if case := mail._get_sig_case()._in_given_or_company_language():
                waits = case.env._(
                    "A notice to the client waits: the mail server did not take it. It is tried again by itself."
                )
                failure = mail.with_env(case.env)._sig_get_failure(failure_reason, failure_type)
                case._message_log(body=case._log_on_identity(f"{waits} {failure}", waits)[case])
