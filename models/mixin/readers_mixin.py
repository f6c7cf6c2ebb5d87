from odoo import models
from odoo.fields import Command


class ReadersMixin(models.AbstractModel):
    _name = "sig.readers.mixin"
    _description = "Readers"
    _inherit = ["sig.record.mixin"]

    def _remove_outsiders(self):
        records = self.sudo()
        env = records.env
        place = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        followers = env["mail.followers"].search(place).grouped("partner_id")
        activities = env["mail.activity"].search(place).grouped("user_id")
        messages = env["mail.message"].search([("model", "=", self._name), ("res_id", "in", self.ids)])
        partners = env["res.partner"].union(*followers) | messages.partner_ids | messages.notified_partner_ids
        users = partners.user_ids | env["res.users"].union(*activities)
        for user in users.filtered(lambda user: not user.share):
            partner, hidden = user.partner_id, set((records - records._sig_filter_readable_by(user)).ids)
            for rows in filter(None, (followers.get(partner), activities.get(user))):
                rows.filtered_domain([("res_id", "in", hidden)]).unlink()
            theirs = messages.filtered_domain([("res_id", "in", hidden)])
            theirs.notification_ids.filtered_domain([("res_partner_id", "=", partner.id)]).unlink()
            theirs.filtered_domain([("partner_ids", "in", partner.ids)]).partner_ids = [Command.unlink(partner.id)]
