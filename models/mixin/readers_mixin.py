from odoo import models
from odoo.fields import Command


class ReadersMixin(models.AbstractModel):
    """A record whose followers and notifications are limited to its readers."""

    _name = "sig.readers.mixin"
    _description = "Readers"
    _inherit = ["sig.record.mixin"]

    def _remove_outsiders(self):
        """Remove followers, activities and notifications of our people who do not read the records any more."""
        records = self.sudo()
        env = records.env
        place = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        followers = env["mail.followers"].search(place).grouped("partner_id")
        activities = env["mail.activity"].search(place).grouped("user_id")
        messages = env["mail.message"].search([("model", "=", self._name), ("res_id", "in", self.ids)])
        partners = env["res.partner"].union(*followers) | messages.partner_ids | messages.notified_partner_ids
        users = partners.user_ids | env["res.users"].union(*activities)
        for user in users.filtered(lambda user: not user.share):
            hidden = records - records._sig_filter_readable_by(user)
            if hidden:
                hidden._remove_user(user, followers.get(user.partner_id), activities.get(user), messages)

    def _remove_user(self, user, followers, activities, messages):
        """Remove what a user has of the records.

        :param followers: of the user, and of other records too, as ``activities``; ``messages`` are of any user.
        """
        partner, ids = user.partner_id, set(self.ids)
        for rows in filter(None, (followers, activities)):
            rows.filtered(lambda row: row.res_id in ids).unlink()
        messages = messages.filtered(lambda message: message.res_id in ids)
        messages.notification_ids.filtered(lambda row: row.res_partner_id == partner).unlink()
        messages.filtered(lambda message: partner in message.partner_ids).write(
            {"partner_ids": [Command.unlink(partner.id)]}
        )
