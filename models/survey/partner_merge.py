from contextlib import contextmanager

from odoo import models
from odoo.fields import Domain

from ..mixin.transitions import RUNNING

#: links of a case to contacts, also under reserve
LINKS = ("partner_id", "identity_ids.partner_id", "client_id", "identity_ids.client_id")


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        wizard, contacts = self.sudo(), self.env["res.partner"].sudo().browse(partner_ids).exists()
        with wizard._sig_record_corrections(contacts), wizard._sig_keep_choices(contacts.commercial_partner_id):
            return super()._merge(partner_ids, dst_partner, extra_checks)

    @contextmanager
    def _sig_record_corrections(self, contacts):
        """In the cases of which another contact asks afterwards, of the same name or not: core changes links in SQL."""
        Case, names = self.env["sig.pqrs"], {each: f"{each.display_name} (#{each.id})" for each in contacts}
        filed = Domain("state", "!=", "to_file") & Domain("anonymized_on", "=", False)
        linked = Domain.OR(Domain(path, "in", contacts.ids) for path in LINKS) & filed
        before = {case: [case.mapped(path) for path in LINKS] for case in Case.search(linked)}
        yield
        changes, asking, label = {}, Case, self.env._("Contacts were merged")
        for case, old in before.items():
            new = [case.mapped(path) for path in LINKS]
            merged = {was: now for was, now in zip(old, new, strict=True) if was != now}
            changes[case] = [(label, names[was], names[now]) for was, now in merged.items()]
            if old[:2] != new[:2] and case.state in RUNNING:
                asking |= case
        Case._append_corrections(changes)
        asking._void_identity_checks()

    @contextmanager
    def _sig_keep_choices(self, clients):
        """Let the contact of the client that remains answer its surveys; without any, that of another. Who saw in HERA
        the requests of a client sees those of the one that remains.
        """
        Partner = self.env["res.partner"].with_context(active_test=False)
        theirs = ("commercial_partner_id", "in", clients.ids)
        chosen = Partner.search([theirs, ("sig_survey_company_ids", "!=", False)], order="id")
        before = {contact.id: contact.commercial_partner_id.id for contact in chosen}
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all  # companies are few
        readers = [Partner.with_company(own).search([theirs, ("sig_hera_colleagues", "=", True)]) for own in companies]
        yield
        self.env.invalidate_all()  # core moves contacts in SQL
        for client, contacts in chosen.exists().grouped("commercial_partner_id").items():
            taken = self.env["res.company"]
            for contact in contacts.sorted(lambda contact, client=client: before[contact.id] != client.id):
                if repeated := contact.sig_survey_company_ids & taken:
                    contact.sig_survey_company_ids -= repeated
                taken |= contact.sig_survey_company_ids
        for allowed in readers:
            allowed.exists().sig_hera_colleagues = True
