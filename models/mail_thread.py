from odoo import models
from odoo.exceptions import AccessError, UserError

from .mail_message import STEP


class MailThread(models.AbstractModel):
    """Who writes and who follows on our records; the rule on what they write is that of `mail.message`."""

    _inherit = "mail.thread"

    #: whether what was said in the threads of the model is not even edited by its author
    _sig_keeps_messages = False

    # -- What is written --------------------------------------------------------------------------------------------

    def _sig_as_step(self):
        """The records, for what a step writes in their threads."""
        return self.with_context(sig_step=STEP)

    def _sig_get_user_subtypes(self):
        """Ids of the subtypes of what users write. Hook for models where they write more than notes."""
        return {self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")}

    def message_post(self, **kwargs):
        """What code posts as superuser is of a step, unless a page posts it for its user."""
        if not self._name.startswith("sig."):
            return super().message_post(**kwargs)
        if not self.env.su:
            if kwargs.get("message_type", "notification") == "notification":
                kwargs["message_type"] = "comment"
        elif not self.env.context.get("sig_user_words"):
            self = self._sig_as_step()
        return super().message_post(**kwargs)

    def message_post_with_source(self, source_ref, **kwargs):
        if self.env.su and self._name.startswith("sig.") and not self.env.context.get("sig_user_words"):
            self = self._sig_as_step()
        return super().message_post_with_source(source_ref, **kwargs)

    def message_mail_with_source(self, source_ref, **kwargs):
        if self.env.su and self._name.startswith("sig."):
            self = self._sig_as_step()
        return super().message_mail_with_source(source_ref, **kwargs)

    def message_notify(self, **kwargs):
        if self._name.startswith("sig."):
            if not self and not self.env.su:  # core checks nothing: it would go to anybody, in the name of anybody
                raise AccessError(self.env._("A notification is about a record."))
            if self.env.su:
                self = self._sig_as_step()
        return super().message_notify(**kwargs)

    def _message_log_batch(self, bodies, *args, message_type="notification", **kwargs):
        """What is logged is of a step, but for what its user sends, as text messages."""
        if self._name.startswith("sig.") and message_type == "notification":
            self = self._sig_as_step()
        return super()._message_log_batch(bodies, *args, message_type=message_type, **kwargs)

    def _check_can_update_message_content(self, messages):
        result = super()._check_can_update_message_content(messages)
        if self._name.startswith("sig.") and messages.author_id - self.env.user.partner_id:
            raise UserError(messages._sig_get_kept_refusal())
        if self._sig_keeps_messages and messages - messages._sig_filter_open_notes():
            raise UserError(messages._sig_get_kept_refusal())
        return result

    # -- Followers --------------------------------------------------------------------------------------------------

    def message_get_followers(self, after=None, limit=100, filter_recipients=False):
        """Who follows a record of ours is told to who reads it: core tells everybody inside."""
        if self._name.startswith("sig."):
            self.check_access("read")
        return super().message_get_followers(after=after, limit=limit, filter_recipients=filter_recipients)
