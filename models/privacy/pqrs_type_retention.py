from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: what is confirmed of a type
RETENTION_FIELDS = ("retention_years", "duty_years", "duty_basis")


class PqrsTypeRetention(models.Model):
    """How long the personal data of cases of a type are kept.

    Decreto 1377 de 2013, art. 11: only as long as their purpose, and the legal or contractual duties to keep them, ask.
    The law sets no number for petitions to private bodies: the company confirms its own, as in its table of retention.
    Who changed them, and who confirmed them, is in the chatter of the type; what changes is to be confirmed again.
    """

    _name = "sig.pqrs.type"
    _inherit = ["sig.pqrs.type", "mail.thread"]

    retention_years = fields.Integer(
        "Keep personal data for",
        aggregator=None,
        default=10,
        tracking=True,
        help="Years from the last act of the case. Then its personal data may be erased; figures stay. 0: for good.",
    )
    retention_confirmed = fields.Boolean(
        "Retention confirmed",
        copy=False,
        tracking=True,
        help="Nothing is erased before the company confirms the years, as in its table of document retention.",
    )
    duty_years = fields.Integer(
        "Legal duty to keep it for",
        aggregator=None,
        default=10,
        tracking=True,
        help="Years from the last act of the case during which a law or a contract asks to keep it: before that it is "
        "not erased, even if the person asks. 0: there is no such duty.",
    )
    duty_basis = fields.Char(
        "Which duty",
        default="Ley 962 de 2005, art. 28",
        tracking=True,
        help="The law or contract, as the person who asks for the erasing is told.",
    )

    @api.constrains("retention_years", "duty_years")
    def _check_retention_years(self):
        if any(not (0 <= kind.retention_years <= 100 and 0 <= kind.duty_years <= 100) for kind in self):
            raise ValidationError(self.env._("Personal data are kept from 0 to 100 years; 0 is for good."))

    def write(self, vals):
        """Years or a duty that change are to be confirmed again, unless they are confirmed at the same time."""
        moved = self.browse()
        if "retention_confirmed" not in vals:
            moved = self.filtered(lambda kind: kind.retention_confirmed and kind._changes_retention(vals))
        if not moved:
            return super().write(vals)
        if rest := self - moved:
            super(PqrsTypeRetention, rest).write(vals)
        return super(PqrsTypeRetention, moved).write({**vals, "retention_confirmed": False})

    def _changes_retention(self, vals):
        self.ensure_one()
        fields_ = [self._fields[name] for name in RETENTION_FIELDS if name in vals]
        return any(
            (field.convert_to_cache(vals[field.name], self) or False) != (self[field.name] or False)
            for field in fields_
        )

    @api.onchange(*RETENTION_FIELDS)
    def _onchange_retention(self):
        if self._origin.retention_confirmed:
            self.retention_confirmed = False

    def _get_retention_facts(self):
        """What the act of an erasing tells of the years that let it."""
        self.ensure_one()
        return {"years": self.retention_years, "duty_years": self.duty_years, "duty": self.duty_basis or ""}
