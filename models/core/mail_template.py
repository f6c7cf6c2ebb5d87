from odoo import models
from odoo.exceptions import AccessError


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def send_mail_batch(
        self, res_ids, force_send=False, raise_exception=False, email_values=None, email_layout_xmlid=False
    ):
        """Mails of our records are sent by steps, as superuser: core lets who reads a record send any template to
        anybody, and writes the given values as superuser on the message that they name.
        """
        if self.env.su:
            self = self._sig_as_step()
        elif (self.model or "").startswith("sig."):
            raise AccessError(self.env._("The mails of the SIG are sent by the steps of the procedure."))
        elif message_id := (email_values or {}).get("mail_message_id"):
            self.env["mail.message"].browse(int(message_id))._sig_check_protected("write")
        return super().send_mail_batch(res_ids, force_send, raise_exception, email_values, email_layout_xmlid)
