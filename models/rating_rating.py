from odoo import models


class RatingRating(models.Model):
    """Ratings of cases are opened by their token, from the page that the client reaches by a link."""

    _inherit = "rating.rating"

    _sig_token_index = models.Index("(access_token) WHERE res_model = 'sig.pqrs'")
