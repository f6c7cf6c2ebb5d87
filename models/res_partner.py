from odoo import SUPERUSER_ID, api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    sig_pqrs_count = fields.Integer("PQRS", compute="_compute_sig_pqrs_count", groups="sig_pqrs.group_collaborator")

    def _sig_is_ours(self):
        """Whether the contact is one of our own people, also those who left; or the system."""
        users = self.sudo().with_context(active_test=False).user_ids
        return any(not user.share or user.id == SUPERUSER_ID for user in users)

    def _sig_tells_nothing_of(self, petitioner):
        """The contact, as a client that a case may show though it hides who asks: a company that is not who asks."""
        return self.filtered(lambda client: client.is_company and client != petitioner)

    def _get_sig_pqrs_domain(self):
        """Cases that the contact, or somebody of its company, filed or is affected by."""
        return ["|", ("partner_id", "child_of", self.ids), ("client_id", "child_of", self.ids)]

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sig_pqrs_count(self):
        """Counts by `_read_group`; a case in which the contact is both petitioner and client counts once."""
        Pqrs = self.env["sig.pqrs"]
        family = self.with_context(active_test=False).search_fetch([("id", "child_of", self.ids)], ["parent_id"])
        cases = {partner.id: set() for partner in family}
        for fname in ("partner_id", "client_id"):
            for partner, ids in Pqrs._read_group([(fname, "in", family.ids)], [fname], ["id:array_agg"]):
                cases[partner.id].update(ids)
        totals = {partner.id: set(ids) for partner, ids in ((partner, cases[partner.id]) for partner in family)}
        for partner in family:
            ancestor = partner.parent_id
            while ancestor:
                totals.setdefault(ancestor.id, set()).update(cases[partner.id])
                ancestor = ancestor.parent_id
        for partner in self:
            partner.sig_pqrs_count = len(totals.get(partner.id, ()))

    def action_view_sig_pqrs(self):
        """The cases behind the counter."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_pqrs_all")
        return {
            **action,
            "domain": self._get_sig_pqrs_domain(),
            "context": {"default_partner_id": self.id, "search_default_open": 0},
        }
