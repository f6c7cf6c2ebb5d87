import re
from datetime import timedelta

from odoo import fields, models

from .. import clock

#: Minutes until what a mail server could not take is tried again, each after the one before: a day and a half in all.
#: A server that is away, or that answers 4yz, may well take it later (RFC 5321, sections 4.2.1 and 4.5.4.1).
DELAYS = (5, 15, 30, 60, 120, 240, 480, 600, 600)
_COME_BACK = re.compile(r"\(4\d\d, b|\b4\d\d[ -]4\.\d{1,3}\.\d")


class MailMail(models.Model):
    """Mails of this software that a mail server could not take for now are tried again by themselves."""

    _inherit = "mail.mail"

    sig_attempts = fields.Integer("Failed attempts", readonly=True)

    def _sig_may_leave_later(self, failure_reason, failure_type):
        """Whether the mail, which reached nobody, is worth another try."""
        self.ensure_one()
        if self.sig_attempts >= len(DELAYS) or not (self.sig_purpose or (self.model or "").startswith("sig.")):
            return False
        return failure_type == "mail_smtp" or bool(_COME_BACK.search(failure_reason or self.failure_reason or ""))

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        waiting = self.browse()
        if failure_type and not success_pids and not success_emails:
            waiting = self.filtered(lambda mail: mail.sudo()._sig_may_leave_later(failure_reason, failure_type))
            waiting.sudo()._sig_wait(failure_reason, failure_type)
        others = self - waiting
        return not others or super(MailMail, others)._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )

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
