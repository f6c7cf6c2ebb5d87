from odoo.addons.mail.controllers.thread import ThreadController as Thread
from odoo.http import route


class ThreadController(Thread):
    @classmethod
    def _get_thread_with_access_for_post(cls, thread_model, thread_id, **kwargs):
        """Core posts as superuser what comes by the page: it is said by the user all the same."""
        thread = super()._get_thread_with_access_for_post(thread_model, thread_id, **kwargs)
        return thread.with_context(sig_user_words=True)

    @route()
    def mail_thread_recipients(self, thread_model, thread_id, message_id=None):
        """On records of ours nobody is offered; core fails at one that the user may not read."""
        if str(thread_model).startswith("sig."):
            return []
        return super().mail_thread_recipients(thread_model, thread_id, message_id=message_id)

    @route()
    def mail_thread_recipients_get_suggested_recipients(
        self, thread_model, thread_id, partner_ids=None, main_email=False
    ):
        if str(thread_model).startswith("sig."):
            return []
        return super().mail_thread_recipients_get_suggested_recipients(
            thread_model, thread_id, partner_ids=partner_ids, main_email=main_email
        )
