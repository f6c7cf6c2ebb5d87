from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.addons.mail.controllers.thread import ThreadController as Thread
from odoo.http import request, route


class FileController(AttachmentController):
    @route()
    def mail_attachment_delete(self, attachment_id, access_token=None):
        """Core deletes as superuser, for whoever may write on the record of the file, or uploaded it."""
        file = request.env["ir.attachment"].browse(int(attachment_id)).exists()
        if file and file._has_attachments_ownership([access_token]):
            file._sig_check_protected("unlink")
        return super().mail_attachment_delete(attachment_id, access_token=access_token)


class ThreadController(Thread):
    @route()
    def mail_message_post(self, thread_model, thread_id, post_data, context=None, **kwargs):
        """Core posts as superuser what a user writes: see `_sig_writes_by_hand`."""
        context = {**(context or {}), "sig_user_words": True}
        return super().mail_message_post(thread_model, thread_id, post_data, context=context, **kwargs)

    @route()
    def mail_message_update_content(self, message_id, update_data, **kwargs):
        message = self._get_message_with_access(message_id, mode="create", **kwargs)
        message._sig_check_editable()
        files = update_data.get("attachment_ids")
        if files is not None and not any(map(int, files)):  # core deletes those there are, as superuser
            message.attachment_ids._sig_check_protected("unlink")
        return super().mail_message_update_content(message_id, update_data, **kwargs)
