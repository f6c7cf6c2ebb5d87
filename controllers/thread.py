from odoo.addons.mail.controllers.thread import ThreadController as Thread


class ThreadController(Thread):
    @classmethod
    def _get_thread_with_access_for_post(cls, thread_model, thread_id, **kwargs):
        """Core posts as superuser what comes by the page: it is said by the user all the same."""
        thread = super()._get_thread_with_access_for_post(thread_model, thread_id, **kwargs)
        return thread.with_context(sig_user_words=True)
