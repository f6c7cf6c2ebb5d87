from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PqrsTypeRetention(models.Model):
    """How long the personal data of cases of a type are kept.

    Decreto 1377 de 2013, art. 11: only as long as their purpose, and the legal or contractual duties to keep them, ask.
    The law sets no number for petitions to private bodies: the company confirms its own, as in its table of retention.
    """

    _inherit = "sig.pqrs.type"

    retention_years = fields.Integer(
        "Keep personal data for",
        default=10,
        help="Years from the last act of the case. Then its personal data may be erased; figures stay. 0: for good.",
    )
    retention_confirmed = fields.Boolean(
        "Retention confirmed",
        help="Nothing is erased before the company confirms the years, as in its table of document retention.",
    )
    duty_years = fields.Integer(
        "Legal duty to keep it for",
        default=10,
        help="Years from the last act of the case during which a law or a contract asks to keep it: before that it is "
        "not erased, even if the person asks. 0: there is no such duty.",
    )
    duty_basis = fields.Char(
        "Which duty",
        default="Ley 962 de 2005, art. 28",
        help="The law or contract, as the person who asks for the erasing is told.",
    )

    @api.constrains("retention_years", "duty_years")
    def _check_retention_years(self):
        if any(not (0 <= kind.retention_years <= 100 and 0 <= kind.duty_years <= 100) for kind in self):
            raise ValidationError(self.env._("Personal data are kept from 0 to 100 years; 0 is for good."))
