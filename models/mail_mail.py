import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)


class MailMail(models.Model):
    _inherit = "mail.mail"

    sig_purpose = fields.Char("PQRS notice", readonly=True, help="Which notice to the client of a PQRS this mail is.")

    def _get_sig_case(self):
        """The case that a notice is of; under reserve its mails hang on the identity."""
        if self.model not in ("sig.pqrs", "sig.pqrs.identity"):
            return self.env["sig.pqrs"]
        record = self.env[self.model].sudo().browse(self.res_id).exists()
        return record.pqrs_id if self.model == "sig.pqrs.identity" else record

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        notices = [
            (mail, mail.sig_purpose, mail._get_sig_case()._in_company_language(), mail.state, mail.failure_reason)
            for mail in self
            if mail.sig_purpose
        ]
        result = super()._postprocess_sent_message(success_pids, success_emails, failure_reason, failure_type)
        for mail, purpose, case, state, reason in notices:
            try:
                with self.env.cr.savepoint():
                    if failure_type or state == "exception":
                        case._on_mail_failed(purpose, failure_reason or reason, mail)
                    else:
                        case._on_mail_left(purpose, mail=mail)
            except Exception:
                # The mail has left: whatever happens here, the others must too. The delivery job comes back to answers.
                _logger.exception("What followed the mail “%s” of %s failed", purpose, case)
        return result
