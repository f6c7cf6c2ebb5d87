from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

from .. import plain_search


class ResPartner(models.Model):
    _inherit = "res.partner"

    sig_pqrs_count = fields.Integer(
        "PQRS", compute="_compute_sig_pqrs_count", groups="sig_pqrs.group_collaborator,sig_pqrs.group_top_management"
    )

    @api.model
    def _search_display_name(self, operator, value):
        """Where a screen of ours offers contacts, also those whose name has other accents than what is typed."""
        found = super()._search_display_name(operator, value)
        if operator != "ilike" or not self.env.context.get("sig_plain_search"):
            return found
        return Domain(found) | plain_search.make_domain(Domain("complete_name", operator, value), self)

    def _sig_is_ours(self):
        """Whether the contact is of an internal user, present or former, or of the system."""
        users = self.sudo().with_context(active_test=False).user_ids
        return any(not user.share or user.id == SUPERUSER_ID for user in users)

    def _sig_get_client(self, company):
        """The client of a petitioner; none where a company that is not above this one has it for itself."""
        return self.commercial_partner_id.filtered_domain(self._check_company_domain(company))

    def _sig_filter_neutral(self, petitioner):
        """Clients that a case may show without telling who asks: companies other than the petitioner."""
        return self.filtered(lambda client: client.is_company and client != petitioner)

    def _get_sig_pqrs_domain(self):
        ids = self.with_context(active_test=False).search([("id", "child_of", self.ids)]).ids
        return ["|", ("partner_id", "in", ids), ("client_id", "in", ids)]

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sig_pqrs_count(self):
        for partner in self:
            partner.sig_pqrs_count = self.env["sig.pqrs"].search_count(partner._origin._get_sig_pqrs_domain())

    def action_view_sig_pqrs(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_pqrs_all")
        return {
            **action,
            "domain": self._get_sig_pqrs_domain(),
            "context": {"default_partner_id": self.id, "search_default_open": 0},
        }
