"""Records and values that the cells of a spreadsheet of imports name."""

from itertools import product

from odoo import tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.clean_text import document_key, fold

#: where the names of a column are found: model and fields, the surest first; those of other columns are selections
NAMED = {
    "type": ("sig.pqrs.type", ("code", "name")),
    "reason": ("sig.pqrs.reason", ("code", "name")),
    "processes": ("sig.process", ("code", "name")),
    "responsible": ("res.users", ("login", "email", "name")),
}


class Names:
    """Records and values by any of their names in the user's language; each list of names is read once."""

    def __init__(self, env, company):
        self.env = env
        self.company = company
        self._known = {}

    def get(self, key):
        """``{folded name: record or value}`` of a column; the active of two records, None for several called so."""
        if key in self._known:
            return self._known[key]
        names = self._known[key] = {}
        if key not in NAMED:
            for value, label in self.env["sig.pqrs"]._fields[key]._description_selection(self.env):
                names.update({fold(value): value, fold(label): value})
            return names
        model, fnames = NAMED[key]
        domain = [("company_id", "in", [self.company.id, False])]
        if model == "res.users":
            domain = [("share", "=", False), ("company_ids", "in", self.company.ids)]
        elif key != "processes":
            domain = self.env[model]._get_domain_of(self.company)
        found = self.env[model].sudo().with_context(active_test=False).search(domain)
        active = found.filtered("active")
        for records, fname in product((active, found - active), fnames):
            for name, same in records.filtered(fname).grouped(lambda record, by=fname: fold(record[by])).items():
                own = same.filtered("company_id") or same  # they go before shared ones
                names.setdefault(name, own if len(own) == 1 else None)
        return names


class Contacts:
    """Contacts of a company by document, email and name."""

    def __init__(self, env, company):
        self.Partner = env["res.partner"].sudo()
        self.mine = Domain("company_id", "in", [company.id, False])
        self._known = {}

    def look_up(self, texts):
        """Read the contacts that the rows (dicts of texts) name, in a few queries."""
        documents = {document_key(row[key] or "") for row in texts for key in ("document", "client")} - {""}
        emails = {tools.email_normalize(row["email"]) for row in texts if row["email"]}
        names = {row[key] for row in texts for key in ("petitioner", "client")} - {""}
        for kind, domain in (
            ("document", Domain("id", "in", self._search_documents(documents))),
            ("email", Domain("email_normalized", "in", list(emails))),
            ("name", Domain("name", "in", list(names))),
        ):
            for partner in self.Partner.search(self.mine & domain, order="id"):
                key = kind, self._get_keys(partner.vat, partner.email, partner.name)[kind]
                self._known[key] = self._known.get(key, self.Partner) | partner

    def _search_documents(self, documents):
        """:return: ids of contacts with one of the documents, however their dots and dashes are written."""
        if not documents:
            return []
        self.Partner.flush_model(["vat"])
        query = SQL(
            "SELECT id FROM res_partner WHERE upper(regexp_replace(vat, '[^0-9A-Za-z]', '', 'g')) IN %s",
            tuple(documents),
        )
        return [id_ for (id_,) in self.Partner.env.execute_query(query)]

    def _get_keys(self, document, email, name):
        number = document_key(document or "")
        return {"document": number, "email": tools.email_normalize(email or "") or "", "name": name}

    def match(self, document="", email="", name="", client=None):
        """:return: the one contact with the document; without one, with the email, or else the name. Maybe none.

        A name alone finds companies and people of the client: others may be homonyms, who would read the case. Of
        people with the document of their company, the one of that name is meant, else the company.
        """
        kind, key = next(((kind, key) for kind, key in self._get_keys(document, email, name).items() if key), ("", ""))
        found = self._known.get((kind, key), self.Partner)
        if kind == "name":
            found = found.filtered(lambda partner: partner.is_company or partner.commercial_partner_id == client)
        if len(found) > 1:
            named = found.filtered(lambda partner: partner.name == name)
            found = named or found.filtered(lambda partner: not partner.parent_id)
        return found if len(found) == 1 else self.Partner
