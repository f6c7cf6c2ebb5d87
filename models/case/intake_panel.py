from odoo import models, tools
from odoo.fields import Domain

from ..mixin.transitions import OPEN
from .pqrs_contact import Contact

#: rows of each list
SHOWN = 5


class IntakePanel(models.AbstractModel):
    """What the SIG sees while it types a new case: what else its petitioner asked, and the client."""

    _inherit = "sig.case.panel"

    def _get_known(self, case):
        """:return: ``[{title, rows: [{text, note, url}]}]`` without empty lists, read with the rights of the user."""
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            return []
        partner, client = case.partner_id._origin, case.client_id._origin
        contact = Contact(partner, email=case.email_from or "", document_number=case.document_number or "")
        same = case._get_same_petitioner_domain(contact) if case.company_id else Domain.FALSE
        theirs = self.env["sig.pqrs"].search(same, order="date_received desc, id desc", limit=SHOWN)
        lists = [(self.env._("Other cases of the petitioner"), [self._get_known_case(other) for other in theirs])]
        if client:
            lists += self._iter_client_lists(client, case.company_id._origin, theirs)
        return [{"title": title, "rows": rows} for title, rows in lists if rows]

    def _iter_client_lists(self, client, company, shown):
        """Yield titles and rows: open cases that are not ``shown`` yet, ratings, survey, contacts."""
        Pqrs = self.env["sig.pqrs"]
        of_client = Domain(client._get_sig_pqrs_domain()) & Domain("company_id", "=", company.id)
        is_open = of_client & Domain("state", "in", OPEN) & Domain("id", "not in", shown.ids)
        cases = Pqrs.search(is_open, order="date_deadline, id", limit=SHOWN)
        count = Pqrs.search_count(is_open) if len(cases) == SHOWN else len(cases)
        title = self.env._("Other open cases of %(client)s: %(count)s", client=client.display_name, count=count)
        yield title, [self._get_known_case(other) for other in cases]
        rated = of_client & Domain("rating_state", "=", "rated")
        ratings = Pqrs.search(rated, order="date_answered desc, id desc", limit=3)
        yield self.env._("Last ratings"), [self._get_known_rating(other) for other in ratings]
        people = [("parent_id", "=", client.commercial_partner_id.id), ("is_company", "=", False)]
        contacts, row = self.env["res.partner"].search(people, limit=SHOWN), self._make_known
        yield self.env._("Contacts"), [row(one, one.name or "", one.function, one.phone, one.email) for one in contacts]

    def _make_known(self, record, text, *notes):
        note = " · ".join(filter(None, notes))
        return {"text": text, "note": note, "url": f"/odoo/{record._name}/{record.id}"}

    def _get_known_case(self, case):
        states = case._get_choices("state")
        received = tools.format_date(self.env, case.company_id._sig_local_date(case.date_received))
        return self._make_known(case, f"{case.name} · {case.subject}", states[case.state], received)

    def _get_known_rating(self, case):
        stars = int(case.rating_value)
        return self._make_known(case, f"{case.name} · {case.subject}", f"{stars}/5", case.rating_reason)
