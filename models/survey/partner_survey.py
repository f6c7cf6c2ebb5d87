from odoo import fields, models

GROUPS = "sig_pqrs.group_sig_director"


class ResPartner(models.Model):
    _inherit = "res.partner"

    sig_survey_channel = fields.Selection(
        [("email", "Email"), ("visit", "Visit"), ("phone", "Phone")],
        "Surveyed by",
        company_dependent=True,
        groups=GROUPS,
        help="Empty: by email when there is one, else by phone, else in a visit.",
    )
    sig_survey_interviewer_id = fields.Many2one(
        "res.users", "Interviewer of surveys", company_dependent=True, groups=GROUPS, domain=[("share", "=", False)]
    )
    sig_survey_contact_id = fields.Many2one(
        "res.partner",
        "Who answers surveys",
        company_dependent=True,
        groups=GROUPS,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: the client itself.",
    )
