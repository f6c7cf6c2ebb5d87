from odoo import models

from ..models.core.base import OURS, TELLING


class MailComposeMessage(models.TransientModel):
    _name = "mail.compose.message"
    _inherit = ["mail.compose.message", "sig.output.mixin"]

    def _compute_subject(self):
        """An answer to a message of ours is called as that one to who may read it."""
        result = super()._compute_subject()
        for composer in self.filtered("parent_id"):
            parent = composer.parent_id
            if (parent.sudo().model or "").startswith(OURS) and not parent._sig_filter_named():
                composer.subject = False
        return result

    def _evaluate_res_ids(self):
        """Texts and recipients are made of records that the user reads: templates may tell what the user may not."""
        ids = super()._evaluate_res_ids()
        if ids and (self.model or "").startswith(TELLING) and not self.env["mail.message"]._sig_is_step():
            return self.env[self.model].browse(ids)._sig_filter_named().ids
        return ids
