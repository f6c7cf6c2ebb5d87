from odoo import api, fields, models
from odoo.fields import Command

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
    #: a table, since core looks for a contact that is deleted in each column of contacts by company, of all partners
    sig_survey_company_ids = fields.Many2many(
        "res.company", "sig_survey_contact_rel", "partner_id", "company_id", copy=False, groups=fields.NO_ACCESS
    )
    sig_survey_contact_id = fields.Many2one(
        "res.partner",
        "Who answers surveys",
        compute="_compute_sig_survey_contact_id",
        inverse="_inverse_sig_survey_contact_id",
        compute_sudo=True,
        groups=GROUPS,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: the client itself.",
    )

    def _sig_find_survey_contacts(self):
        domain = [("sig_survey_company_ids", "in", self.env.company.ids), ("commercial_partner_id", "in", self.ids)]
        return self.sudo().with_context(active_test=False).search(domain, order="id")

    @api.depends_context("company")
    def _compute_sig_survey_contact_id(self):
        contacts = self._sig_find_survey_contacts().grouped("commercial_partner_id")
        for client in self:
            client.sig_survey_contact_id = contacts.get(client._origin, self.browse())[:1]

    def _inverse_sig_survey_contact_id(self):
        chosen = self.sudo().sig_survey_contact_id
        (self._sig_find_survey_contacts() - chosen).sig_survey_company_ids = [Command.unlink(self.env.company.id)]
        chosen.sig_survey_company_ids = [Command.link(self.env.company.id)]
