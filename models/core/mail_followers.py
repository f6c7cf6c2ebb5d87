from psycopg2.errorcodes import SERIALIZATION_FAILURE
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, models


class FollowedMeanwhile(SerializationFailure):
    """Another transaction made the same person follow: a conflict, which the server tries again."""

    pgcode = SERIALIZATION_FAILURE


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    @api.model_create_multi
    def create(self, vals_list):
        """Only our own people follow our records; core adds authors and recipients, too."""
        if ours := [vals for vals in vals_list if (vals.get("res_model") or "").startswith("sig.")]:
            partners = self.env["res.partner"].sudo().browse({vals.get("partner_id") for vals in ours})
            outside = partners.filtered("partner_share")._ids
            vals_list = [vals for vals in vals_list if vals not in ours or vals.get("partner_id") not in outside]
        try:
            return super().create(vals_list)
        except UniqueViolation as error:
            if ours:  # two steps on a case, or one and a mail, that give the same person something to do
                raise FollowedMeanwhile from error
            raise
