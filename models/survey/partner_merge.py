from contextlib import contextmanager

from odoo import models


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def action_merge(self):
        with self._sig_keep_choices():
            return super().action_merge()

    def action_start_automatic_process(self):
        with self._sig_keep_choices():
            return super().action_start_automatic_process()

    @contextmanager
    def _sig_keep_choices(self):
        """Let the contact of the client that remains answer its surveys; without any, that of another. Who saw in HERA
        the requests of a client sees those of the one that remains.
        """
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        chosen = Partner.search([("sig_survey_company_ids", "!=", False)], order="id")
        clients = {contact.id: contact.commercial_partner_id.id for contact in chosen}
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all  # companies are few
        readers = [Partner.with_company(own).search([("sig_hera_colleagues", "=", True)]) for own in companies]
        yield
        self.env.invalidate_all()  # core moves contacts in SQL
        for client, contacts in chosen.exists().grouped("commercial_partner_id").items():
            taken = self.env["res.company"]
            for contact in contacts.sorted(lambda contact, client=client: clients[contact.id] != client.id):
                if repeated := contact.sig_survey_company_ids & taken:
                    contact.sig_survey_company_ids -= repeated
                taken |= contact.sig_survey_company_ids
        for allowed in readers:
            allowed.exists().sig_hera_colleagues = True
