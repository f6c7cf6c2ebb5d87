import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)


class MailMail(models.Model):
    _inherit = "mail.mail"

    sig_purpose = fields.Char("PQRS notice", readonly=True, help="Which notice to the client of a PQRS this mail is.")

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        notices = [
            (mail.sig_purpose, mail.res_id, mail.state, mail.failure_reason)
            for mail in self
            if mail.sig_purpose and mail.model == "sig.pqrs"
        ]
        result = super()._postprocess_sent_message(success_pids, success_emails, failure_reason, failure_type)
        for purpose, res_id, state, reason in notices:
            case = self.env["sig.pqrs"].sudo().browse(res_id).exists()._in_company_language()
            try:
                with self.env.cr.savepoint():
                    if failure_type or state == "exception":
                        case._on_mail_failed(purpose, failure_reason or reason)
                    else:
                        case._on_mail_left(purpose)
            except Exception:
                # The mail has left: whatever happens here, the others must too. The delivery job comes back to answers.
                _logger.exception("What followed the mail “%s” of PQRS %s failed", purpose, res_id)
        return result
