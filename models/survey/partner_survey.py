from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

GROUPS = "sig_pqrs.group_sig_director"


class ResPartner(models.Model):
    _inherit = "res.partner"

    sig_survey_channel = fields.Selection(
        [("email", "Email"), ("visit", "Visit"), ("phone", "Phone")],
        "Surveyed by",
        company_dependent=True,
        groups=GROUPS,
        help="Empty: by email when there is one, else by phone, else in a visit.",
        prefetch="sig_pqrs",
    )
    sig_survey_interviewer_id = fields.Many2one(
        "res.users",
        "Interviewer of surveys",
        company_dependent=True,
        groups=GROUPS,
        domain=lambda self: self.env["sig.survey.recipient"]._get_interviewer_domain(),
        prefetch="sig_pqrs",
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

    def write(self, vals):
        if "parent_id" in vals:  # who answered for one client does not answer for the next
            moved = self.sudo().filtered(lambda contact: contact.parent_id.id != vals["parent_id"])
            moved.filtered("sig_survey_company_ids").sig_survey_company_ids = False
        return super().write(vals)

    def _sig_find_survey_contacts(self):
        chosen = Domain("sig_survey_company_ids", "in", self.env.company.ids)
        domain = chosen & Domain("commercial_partner_id", "in", self.ids)
        return self.sudo().with_context(active_test=False).search(domain, order="id")

    @api.depends_context("company")
    def _compute_sig_survey_contact_id(self):
        contacts = self._sig_find_survey_contacts().grouped("commercial_partner_id")
        for client in self:
            client.sig_survey_contact_id = contacts.get(client._origin, self.browse())[:1]

    def _inverse_sig_survey_contact_id(self):
        clients = self.sudo().filtered(lambda client: client == client.commercial_partner_id)
        for client in clients:
            contact = client.sig_survey_contact_id
            if contact and contact.commercial_partner_id != client:
                names = {"contact": contact.display_name, "client": client.display_name}
                raise ValidationError(self.env._("%(contact)s is no contact of %(client)s.", **names))
        chosen = clients.sig_survey_contact_id
        (clients._sig_find_survey_contacts() - chosen).sig_survey_company_ids = [Command.unlink(self.env.company.id)]
        chosen.sig_survey_company_ids = [Command.link(self.env.company.id)]
