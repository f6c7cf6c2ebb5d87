from odoo import api, models
from odoo.exceptions import UserError


class MailScheduledMessage(models.Model):
    """A scheduled message on a record of ours is its author's: core lets who may post there rewrite it."""

    _inherit = "mail.scheduled.message"

    @api.model_create_multi
    def create(self, vals_list):
        scheduled = super().create(vals_list)
        scheduled._sig_check_author()
        return scheduled

    def write(self, vals):
        self._sig_check_author()
        result = super().write(vals)
        self._sig_check_author()
        return result

    def _sig_check_author(self):
        if self.env.su:
            return
        for message in self.sudo():
            self.env["sig.pqrs"]._check_may_add(message, "model")
            own = message.create_uid == self.env.user and message.author_id == self.env.user.partner_id
            if message.model.startswith("sig.") and not own:
                raise UserError(self.env._("Here everybody writes in their own name, with the date of today."))
