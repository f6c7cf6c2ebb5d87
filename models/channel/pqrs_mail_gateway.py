from odoo import api, fields, models
from odoo.exceptions import UserError


class PqrsDoor(models.Model):
    """Cases by mail: a new one for each petition, and what comes later to the one that is there."""

    _inherit = "sig.pqrs"

    mail_ids = fields.One2many("sig.pqrs.mail", "pqrs_id", "Mails", groups="sig_pqrs.group_sig_director")

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """File a mail: see `sig.mail.petition`. Called by core's gateway."""
        delivery = self.env["mail.thread"]._sig_get_delivery()
        if not delivery:
            raise UserError(self.env._("Mail comes by the gateway."))
        company_id = (custom_values or {}).get("company_id")
        mail = delivery.mails.filtered(lambda mail: mail.company_id.id == company_id)
        case = mail.with_env(self.env)._file(delivery.incoming)
        self.env["sig.mail.petition"]._set_attachments(msg_dict)
        return case.with_context(sig_automatic_message=True)  # its own petition is no news about it

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        if delivery := self.env["mail.thread"]._sig_get_delivery():
            Petition = self.env["sig.mail.petition"]
            Petition._set_attachments(msg_dict, Petition._choose_annexes(delivery.incoming)[0])
        return super().message_update(msg_dict, update_vals)


class PqrsIdentityDoor(models.Model):
    """What a petitioner under reserve writes is kept with the identity."""

    _inherit = "sig.pqrs.identity"

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        if delivery := self.env["mail.thread"]._sig_get_delivery():
            Petition = self.env["sig.mail.petition"]
            Petition._set_attachments(msg_dict, Petition._choose_annexes(delivery.incoming)[0])
        return super().message_update(msg_dict, update_vals)

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        raise UserError(self.env._("Mail comes by the gateway."))
