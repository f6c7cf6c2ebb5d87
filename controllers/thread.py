from odoo.addons.mail.controllers.thread import ThreadController as Thread
from odoo.http import route


class ThreadController(Thread):
    @route()
    def mail_message_post(self, thread_model, thread_id, post_data, context=None, **kwargs):
        """Core posts as superuser what a user writes: see `_sig_writes_by_hand`."""
        context = {**(context or {}), "sig_user_words": True}
        return super().mail_message_post(thread_model, thread_id, post_data, context=context, **kwargs)

    @route()
    def mail_message_update_content(self, message_id, update_data, **kwargs):
        self._get_message_with_access(message_id, mode="create", **kwargs)._sig_check_editable()
        return super().mail_message_update_content(message_id, update_data, **kwargs)
