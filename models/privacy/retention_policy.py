from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
        compute="_compute_retention_confirmed",
        store=True,
        readonly=False,
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

    @api.depends("retention_years", "duty_years", "duty_basis")
    def _compute_retention_confirmed(self):
        """What changes is to be confirmed again, unless it is confirmed at the same time."""
        self.retention_confirmed = False

    def _get_kept_years(self, kind):
        """Years from the last act of a case, 0 for none: of its retention, or of the duty when that is shorter.

        A case that is being filled in may have no type yet: none.

        :param str kind: of the run.
        """
        if kind == "request":
            return min(self.duty_years, self.retention_years or self.duty_years)
        return self.retention_years

    def _get_retention_facts(self):
        """What the act of an erasing tells of the years that let it."""
        self.ensure_one()
        return {"years": self.retention_years, "duty_years": self.duty_years, "duty": self.duty_basis or ""}


class ResCompany(models.Model):
    """How long it is kept who answered a survey, and in which words."""

    _inherit = "res.company"

    sig_survey_retention_years = fields.Integer(
        "Keep who answered surveys for", default=5, help="Years from the closing of the wave. 0: for good."
    )
    sig_survey_retention_confirmed = fields.Boolean(
        "Retention of surveys confirmed",
        compute="_compute_sig_survey_retention_confirmed",
        store=True,
        readonly=False,
        help="Nothing is erased before the company confirms the years.",
    )

    @api.depends("sig_survey_retention_years")
    def _compute_sig_survey_retention_confirmed(self):
        """Years that change are to be confirmed again, unless they are confirmed at the same time."""
        self.sig_survey_retention_confirmed = False

    @api.constrains("sig_survey_retention_years")
    def _check_sig_survey_retention_years(self):
        if any(not 0 <= company.sig_survey_retention_years <= 100 for company in self):
            raise ValidationError(self.env._("Personal data are kept from 0 to 100 years; 0 is for good."))

    def write(self, vals):
        """Note who changed or confirmed the years, on the contact of the company."""
        result = super().write(vals)
        if not vals.keys().isdisjoint(("sig_survey_retention_years", "sig_survey_retention_confirmed")):
            for company in self.sudo():
                mine = company.with_context(lang=company._sig_lang())
                confirmed = company.sig_survey_retention_confirmed
                text = mine.env._(
                    "Years for which it is kept who answered surveys: %(years)s, %(state)s.",
                    years=company.sig_survey_retention_years,
                    state=mine.env._("confirmed") if confirmed else mine.env._("to be confirmed"),
                )
                mine.partner_id._message_log(body=text)
        return result


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    @api.onchange("sig_survey_retention_years")
    def _onchange_sig_survey_retention_years(self):
        if self.sig_survey_retention_years != self.company_id.sig_survey_retention_years:
            self.sig_survey_retention_confirmed = False
