"""The contacts that a file with cases of the past names: found, or to be created."""

import re
from dataclasses import dataclass

from odoo import tools
from odoo.fields import Domain
from odoo.tools import SQL


@dataclass(eq=False)
class MissingPartner:
    """A contact that the file names and the company does not have; rows that mean the same one complete it."""

    company_id: int
    name: str
    document: str = ""
    email: str = ""
    phone: str = ""
    is_company: bool = False

    def get_keys(self):
        keys = (("document", _bare(self.document)), ("email", tools.email_normalize(self.email)), ("name", self.name))
        return [(self.company_id, kind, key) for kind, key in keys if key]

    def is_same(self, other):
        """Whether somebody with one document, email or name in common is the same: nothing stronger differs."""
        document, others = _bare(self.document), _bare(other.document)
        if document and others:
            return document == others
        email, others = tools.email_normalize(self.email), tools.email_normalize(other.email)
        return not (email and others) or email == others

    def complete(self, other):
        for name in ("document", "email", "phone", "is_company"):
            setattr(self, name, getattr(self, name) or getattr(other, name))


class Contacts:
    """The contacts of the company that a file may mean, and those that it lacks.

    :param env: of the administrator who imports.
    """

    def __init__(self, env):
        self.env = env
        self.found = {}
        self.missing = {}

    def look_up(self, drafts):
        """Look up the contacts of all the rows by document, email and name, within each company."""
        for company, theirs in tools.groupby(drafts, lambda draft: draft["company"]):
            texts = [draft["texts"] for draft in theirs]
            documents = {_bare(text[key]) for text in texts for key in ("document", "client")} - {""}
            emails = {tools.email_normalize(text["email"]) for text in texts if text["email"]}
            names = {text[key] for text in texts for key in ("petitioner", "client")} - {""}
            self._find(company, documents, emails, names)

    def _find(self, company, documents, emails, names):
        Partner = self.env["res.partner"].sudo()
        mine = Domain("company_id", "in", [company.id, False])
        by_document = self._search_documents(mine, documents)
        for kind, partners, get_key in (
            ("document", by_document, lambda partner: _bare(partner.vat)),
            (
                "email",
                Partner.search(mine & Domain("email_normalized", "in", list(emails))),
                lambda partner: partner.email_normalized,
            ),
            (
                "name",
                Partner.search(mine & Domain("name", "in", list(names))),
                lambda partner: partner.name,
            ),
        ):
            for partner in partners.sorted("id"):
                known = MissingPartner(company.id, partner.name, partner.vat or "", partner.email or "")
                key = (company.id, kind, get_key(partner))
                self.found.setdefault(key, []).append((partner, known))

    def _search_documents(self, domain, documents):
        """Contacts whose document is one of those, however its dots and dashes are written."""
        Partner = self.env["res.partner"].sudo()
        if not documents:
            return Partner
        Partner.flush_model(["vat"])
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE upper(regexp_replace(vat, '[^0-9A-Za-z]', '', 'g')) IN %s",
                tuple(documents),
            )
        )
        return Partner.search(domain & Domain("id", "in", [id_ for (id_,) in found]))

    def match(self, meant):
        """Id of the one contact meant; of several alike, the one that has the name too; else none.

        People share the document of their company: without a name among them, it is the company that is meant.
        """
        for key in meant.get_keys():
            found = [partner for partner, known in self.found.get(key, ()) if known.is_same(meant)]
            if len(found) > 1:
                named = [partner for partner in found if partner.name == meant.name]
                found = named or [partner for partner in found if key[1] == "document" and not partner.parent_id]
            if len(found) == 1:
                return found[0].id
        return False

    def miss(self, meant):
        """A contact to create, once in the file."""
        keys = meant.get_keys()
        same = (known for key in keys for known in self.missing.get(key, ()) if known.is_same(meant))
        partner = next(same, meant)
        partner.complete(meant)
        for key in keys:
            if partner not in self.missing.setdefault(key, []):
                self.missing[key].append(partner)
        return partner

    def get_missing(self):
        """The contacts to be created, each once."""
        return list(dict.fromkeys(partner for partners in self.missing.values() for partner in partners))

    def create_missing(self, cases):
        """Create the contacts that are missing, and put their ids in the cases."""
        missing = self.get_missing()
        partners = (
            self.env["res.partner"]
            .with_context(no_vat_validation=True, tracking_disable=True)
            .create(
                [
                    {
                        "name": partner.name,
                        "vat": partner.document or False,
                        "email": partner.email or False,
                        "phone": partner.phone or False,
                        "is_company": partner.is_company,
                        "company_id": partner.company_id,
                    }
                    for partner in missing
                ]
            )
        )
        ids = dict(zip(missing, partners.ids, strict=True))
        for case in cases:
            for key in ("partner_id", "client_id"):
                if isinstance(case.vals.get(key), MissingPartner):
                    case.vals[key] = ids[case.vals[key]]


def _bare(document):
    """A document number without dots, dashes, blanks and case, as the query reads it; empty for what has no digit."""
    bare = re.sub(r"[^0-9A-Z]", "", (document or "").upper())
    return bare if any(char.isdigit() for char in bare) else ""
