from contextlib import contextmanager

from odoo import models


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def action_merge(self):
        with self._sig_choose_survey_contacts():
            return super().action_merge()

    def action_start_automatic_process(self):
        with self._sig_choose_survey_contacts():
            return super().action_start_automatic_process()

    @contextmanager
    def _sig_choose_survey_contacts(self):
        """Let the contact of the client that remains answer its surveys; without any, that of another."""
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        chosen = Partner.search([("sig_survey_company_ids", "!=", False)], order="id")
        clients = {contact.id: contact.commercial_partner_id.id for contact in chosen}
        yield
        self.env.invalidate_all()  # core moves contacts in SQL
        for client, contacts in chosen.exists().grouped("commercial_partner_id").items():
            taken = self.env["res.company"]
            for contact in contacts.sorted(lambda contact, client=client: clients[contact.id] != client.id):
                if repeated := contact.sig_survey_company_ids & taken:
                    contact.sig_survey_company_ids -= repeated
                taken |= contact.sig_survey_company_ids
