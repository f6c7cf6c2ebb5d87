"""What a row of a spreadsheet says of a case of the past, and what is wrong with it."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import NamedTuple

import pytz

from odoo import tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..models import clock
from ..models.case.pqrs_import import ImportedCase
from ..tools import workbook
from ..tools.workbook import fold

#: number of the row that the template shows as an example
EXAMPLE_NUMBER = "EJEMPLO-1"

#: the most characters of a text, by column; `LONG` for the others
LENGTHS = {
    "number": 60,
    "subject": 500,
    "petitioner": 200,
    "document": 40,
    "email": 200,
    "phone": 60,
    "client": 200,
    "site": 200,
}
LONG = 100_000

#: headings that spreadsheets of PQRS already have, besides those of the template; folded
ALIASES = {
    "numero": "number",
    "radicado": "number",
    "fecha de recibo": "received",
    "fecha y hora de recibo": "received",
    "fecha de radicacion": "received",
    "descripcion": "description",
    "peticionario": "petitioner",
    "nombre": "petitioner",
    "documento": "document",
    "correo": "email",
    "sede": "site",
    "proceso": "processes",
    "fecha de respuesta": "closed",
    "fecha de cierre": "closed",
    "resultado": "outcome",
    "decision": "resolution",
    "calificacion": "rating",
    "comentario": "comment",
}

REQUIRED = ("number", "received", "type", "channel", "subject")


class Fault(NamedTuple):
    """What is wrong with one cell."""

    row: int
    column: str
    value: str
    message: str


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


class HistoryReader:
    """Reads the rows of a file into `ImportedCase`s; changes nothing.

    :param env: of the administrator who imports.
    :param company: of the rows that name none.
    :param bool create_partners: whether contacts that are missing will be created.
    """

    def __init__(self, env, company, create_partners):
        self.env = env
        self.company = company
        self.create_partners = create_partners
        self.now = clock.now()
        self.faults = []
        self.row_count = 0
        self.ignored = []
        installed = [code for code, _name in env["res.lang"].get_installed()]
        self.languages = list(dict.fromkeys([env.lang or "en_US", *installed, "en_US"]))
        self.partners = {}
        self.missing = {}
        self._lookups = {}

    # -- Columns ----------------------------------------------------------------------------------------------------

    @staticmethod
    def get_columns(env):
        """``{key: Column}`` of the file, in the language of ``env``."""
        pqrs = env["sig.pqrs"]

        def labels(fname):
            return tuple(label for _key, label in pqrs._fields[fname]._description_selection(env))

        kinds = env["sig.pqrs.type"].with_context(active_test=False).search([])
        column = workbook.Column
        columns = {
            "number": column(env._("Original number"), env._("As it was filed. It is kept."), width=20),
            "received": column(
                env._("Received on"), env._("Date, and hour if known: 31/03/2024 14:30."), kind="datetime"
            ),
            "type": column(env._("Type"), choices=tuple(dict.fromkeys(kinds.mapped("name"))), width=26),
            "reason": column(env._("Reason"), env._("As it is called in Configuration."), width=26),
            "channel": column(env._("Channel"), choices=labels("channel")),
            "subject": column(env._("Subject"), width=40),
            "description": column(env._("What happened"), width=40),
            "petitioner": column(
                env._("Petitioner"), env._("Who asked. Empty, with no document, email or phone: anonymous."), width=28
            ),
            "document": column(env._("Document number"), env._("Cédula or NIT of the petitioner.")),
            "email": column(env._("Email"), width=26),
            "phone": column(env._("Phone")),
            "client": column(env._("Client"), env._("Name or NIT of the client the case is about."), width=28),
            "site": column(env._("Site or post"), width=24),
            "processes": column(env._("Processes"), env._("Codes or names, separated by semicolons."), width=24),
            "responsible": column(
                env._("Responsible"), env._("Name, login or email of who drafted; else the leader."), width=24
            ),
            "deadline": column(
                env._("Deadline"),
                env._(
                    "Counted with the term of the type when empty; moved to the next business day when it is not one."
                ),
                kind="date",
            ),
            "closed": column(env._("Answered or closed on"), env._("Empty: the case is still open."), kind="datetime"),
            "outcome": column(env._("Outcome"), env._("Empty, with a date: answered."), choices=labels("outcome")),
            "resolution": column(env._("Resolution"), choices=labels("resolution"), width=24),
            "rating": column(
                env._("Stars"), env._("The client's rating, 1 to 5."), choices=("1", "2", "3", "4", "5"), width=10
            ),
            "comment": column(env._("Reason of the rating"), width=30),
            "company": column(env._("Company"), env._("Empty: the one chosen when importing."), width=24),
        }
        return {key: replace(value, required=key in REQUIRED) for key, value in columns.items()}

    def _read_headings(self, rows):
        """Skip to the headings; ``{key: index}`` of the columns that are known, in any installed language."""
        known = dict(ALIASES)
        for lang in self.languages:
            translated = self.env(context={**self.env.context, "lang": lang})
            known.update({fold(column.heading): key for key, column in self.get_columns(translated).items()})
        found = {}
        for _number, row in rows:
            found = {}
            self.ignored = []
            for index, value in enumerate(row):
                heading = workbook.to_text(value)
                key = known.get(fold(heading))
                if key and key not in found:
                    found[key] = index
                elif heading:
                    self.ignored.append(heading[:60])
            if len(found) >= 3:
                break
        return found

    # -- Rows -------------------------------------------------------------------------------------------------------

    def read_cases(self, content):
        """The cases of a file without faults.

        :raises workbook.WorkbookError: for a file that cannot be read.
        """
        rows = workbook.read(content)
        indexes = self._read_headings(rows)
        self.columns = self.get_columns(self.env)
        lacking = [self.columns[key].heading for key in REQUIRED if key not in indexes]
        if lacking:
            self._fault(1, "number", "", self.env._("These columns are missing: %s.", ", ".join(lacking)))
            return []
        cells = [
            (number, {key: row[index] if index < len(row) else None for key, index in indexes.items()})
            for number, row in rows
        ]
        cells = [(number, values) for number, values in cells if workbook.to_text(values["number"]) != EXAMPLE_NUMBER]
        self.row_count = len(cells)
        drafts = [draft for number, values in cells if (draft := self._read_row(number, values))]
        drafts = self._refuse_duplicates(drafts)
        self._find_partners(drafts)
        return [case for draft in drafts if (case := self._finish(draft))]

    def _fault(self, row, key, value, message):
        self.faults.append(Fault(row, self.columns[key].heading, workbook.to_text(value)[:120], message))

    def _read_row(self, number, values):
        """What one row says, or None when something is wrong with it."""
        before = len(self.faults)
        texts = {key: self._read_text(number, key, values.get(key)) for key in self.columns}
        for key in REQUIRED:
            if not texts[key]:
                self._fault(number, key, "", self.env._("This is missing."))
        company = self._look_up(number, "company", texts["company"], self._get_companies) if texts["company"] else False
        company = company or self.company
        draft = {
            "row": number,
            "company": company,
            "texts": texts,
            "received": self._read_moment(number, "received", values.get("received"), company),
            "closed": self._read_moment(number, "closed", values.get("closed"), company),
            "deadline": self._read_date(number, "deadline", values.get("deadline")),
            "type": self._look_up(number, "type", texts["type"], self._get_types, company),
            "reason": self._look_up(number, "reason", texts["reason"], self._get_reasons, company),
            "rating": self._read_rating(number, values.get("rating")),
            **{
                key: self._look_up(number, key, texts[key], self._get_selection, key)
                for key in ("channel", "outcome", "resolution")
            },
            "processes": self._read_processes(number, texts["processes"], company),
            "user": self._look_up(number, "responsible", texts["responsible"], self._get_users, company),
        }
        if len(self.faults) == before:
            self._check_row(draft)
        return draft if len(self.faults) == before else None

    def _read_text(self, row, key, value):
        text = workbook.to_text(value)
        longest = LENGTHS.get(key, LONG)
        if len(text) > longest:
            self._fault(row, key, text, self.env._("The text is too long: %s characters at most.", longest))
            text = text[:longest]
        if key in LENGTHS:
            text = " ".join(text.split())
        if key == "email" and text and not tools.email_normalize(text):
            self._fault(row, key, text, self.env._("This is not an email address."))
        return text

    def _read_moment(self, row, key, value, company):
        """Naive UTC moment of a local one; a date alone is taken at its noon."""
        if workbook.to_text(value) == "":
            return False
        try:
            local = workbook.to_moment(value)
        except (ValueError, OverflowError):
            self._fault(row, key, value, self.env._("This is not a date. Write it as 31/03/2024 or 31/03/2024 14:30."))
            return False
        if not isinstance(local, datetime):
            local = datetime.combine(local, time(12))
        first = self.env["sig.nonworking.day"]._FIRST_YEAR
        if not first <= local.year:
            self._fault(row, key, value, self.env._("The calendar begins in %s.", first))
            return False
        zone = pytz.timezone(company.sudo().sig_tz)
        moment = zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)
        if company.sudo()._sig_local_date(moment) > company.sudo()._sig_today():
            self._fault(row, key, value, self.env._("This date is in the future."))
            return False
        return min(moment, self.now)

    def _read_date(self, row, key, value):
        if workbook.to_text(value) == "":
            return False
        try:
            day = workbook.to_date(value)
        except (ValueError, OverflowError):
            self._fault(row, key, value, self.env._("This is not a date. Write it as 31/03/2024 or 31/03/2024 14:30."))
            return False
        last = date(self.env["sig.nonworking.day"]._LAST_YEAR - 3, 12, 31)
        if day > last:
            self._fault(row, key, value, self.env._("This date is beyond the calendar."))
            return False
        return day

    def _read_rating(self, row, value):
        if workbook.to_text(value) == "":
            return 0
        try:
            stars = workbook.to_whole(value)
        except (ValueError, OverflowError):
            stars = 0
        if not 1 <= stars <= 5:
            self._fault(row, "rating", value, self.env._("A rating is a whole number from 1 to 5."))
        return stars

    def _read_processes(self, row, text, company):
        processes = self.env["sig.process"].sudo()
        for name in filter(None, map(str.strip, re.split(r"[;\n]", text))):
            processes |= self._look_up(row, "processes", name, self._get_processes, company) or processes
        return processes

    def _check_row(self, draft):
        """What must hold between the cells of a row."""
        row, texts, company = draft["row"], draft["texts"], draft["company"].sudo()
        local = company._sig_local_date
        received_on = local(draft["received"])
        if self._is_our_number(texts["number"], company):
            self._fault(
                row,
                "number",
                texts["number"],
                self.env._(
                    "The numbering of this year will give this number to another case. Put a prefix before it, as ANT-."
                ),
            )
        if draft["closed"] and local(draft["closed"]) < received_on:
            self._fault(row, "closed", texts["closed"], self.env._("It was answered or closed before it was received."))
        if draft["deadline"] and draft["deadline"] < received_on:
            self._fault(row, "deadline", texts["deadline"], self.env._("The deadline is before the receipt."))
        if draft["type"].due_by_authority and not draft["deadline"]:
            self._fault(row, "deadline", "", self.env._("The authority sets the deadline of this type: write it."))
        if draft["outcome"] and not draft["closed"]:
            self._fault(row, "closed", "", self.env._("The row has an outcome: write when it was answered or closed."))
        answered = draft["closed"] and draft["outcome"] in (False, "answered")
        if draft["rating"] and not answered:
            self._fault(row, "rating", draft["rating"], self.env._("Only what was answered is rated."))
        if draft["resolution"] and not answered:
            self._fault(row, "resolution", texts["resolution"], self.env._("Only what was answered has a resolution."))
        identity = [texts[key] for key in ("petitioner", "document", "email", "phone", "client")]
        if not any(identity) and not draft["type"].allow_anonymous:
            self._fault(
                row, "petitioner", "", self.env._("A %s cannot be anonymous: say who asked.", draft["type"].name)
            )
        self._check_people(draft, bool(draft["closed"]))

    def _check_people(self, draft, ended):
        """Somebody stands for each process; in an open case, somebody who can work on it."""
        row, user = draft["row"], draft["user"]
        if user and not draft["processes"]:
            self._fault(row, "processes", "", self.env._("The row has a responsible: write the process."))
        for process in draft["processes"]:
            drafter = user or process.leader_id
            if not drafter:
                self._fault(row, "responsible", "", self.env._("%s has no leader: write who drafted.", process.name))
            elif not ended and not (process.active and process.leader_id.active):
                self._fault(
                    row, "processes", process.name, self.env._("The case is open, and this process cannot answer it.")
                )
            elif not ended and not (drafter.active and drafter.has_group("sig_pqrs.group_collaborator")):
                self._fault(
                    row, "responsible", drafter.name, self.env._("The case is open: this person has no SIG role.")
                )

    def _is_our_number(self, number, company):
        """Whether the sequence may still give the number: it has the form of this year or of a later one."""
        sequence = self._cached(("sequence", company.id), lambda: self.env["sig.pqrs"]._get_sequences(company))
        if not (sequence := sequence.get(company)):
            return False
        this_year = company._sig_today().year
        years = {int(year) for year in re.findall(r"\d{4}", number) if int(year) >= this_year} | {this_year}
        for year in years:
            day = f"{min(year, 9000)}-01-01"
            prefix, suffix = sequence._get_prefix_suffix(date=day, date_range=day)
            if re.fullmatch(rf"{re.escape(prefix)}\d+{re.escape(suffix)}", number, re.IGNORECASE):
                return True
        return False

    def _refuse_duplicates(self, drafts):
        """Leave out what another row or a case has the number of."""
        taken = {}
        for company, theirs in tools.groupby(drafts, lambda draft: draft["company"]):
            numbers = [draft["texts"]["number"] for draft in theirs]
            taken[company] = dict.fromkeys(
                self.env["sig.pqrs"]
                .sudo()
                .search_fetch([("company_id", "=", company.id), ("name", "in", numbers)], ["name"])
                .mapped("name")
            )
        kept = []
        for draft in drafts:
            number, seen = draft["texts"]["number"], taken[draft["company"]]
            if number not in seen:
                seen[number] = draft["row"]
                kept.append(draft)
            elif seen[number]:
                self._fault(draft["row"], "number", number, self.env._("Row %s has the same number.", seen[number]))
            else:
                self._fault(
                    draft["row"],
                    "number",
                    number,
                    self.env._("There is a case with this number: it was imported before."),
                )
        return kept

    # -- What the words of a cell name ------------------------------------------------------------------------------

    def _cached(self, key, make):
        if key not in self._lookups:
            self._lookups[key] = make()
        return self._lookups[key]

    def _look_up(self, row, key, text, get_names, *args):
        """The record or value that ``text`` names; False, with a fault, when it names none."""
        if not text:
            return False
        names = self._cached((key, *args), lambda: get_names(*args))
        found = names.get(fold(text))
        if not found:
            self._fault(row, key, text, self.env._("This is not known. It may be: %s.", self._sample(key, names)))
        return found or False

    def _sample(self, key, names):
        shown = self.columns[key].choices or list(dict.fromkeys(value.display_name for value in names.values()))
        return ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "")

    def _name(self, records, fnames):
        """``{folded name: record}`` in every installed language; of two with one name, the first."""
        names = {}
        for lang in self.languages:
            for record in records.with_context(lang=lang):
                for fname in fnames:
                    if record[fname]:
                        names.setdefault(fold(record[fname]), record.with_env(records.env))
        return names

    def _get_companies(self):
        return self._name(self.env.user.company_ids, ["name"])

    def _get_types(self, company):
        return self._search_names("sig.pqrs.type", company, ["name", "code"])

    def _get_reasons(self, company):
        return self._search_names("sig.pqrs.reason", company, ["name"])

    def _get_processes(self, company):
        return self._search_names("sig.process", company, ["name", "code"])

    def _search_names(self, model, company, fnames):
        records = self.env[model].sudo().with_context(active_test=False)
        records = records.search([("company_id", "in", [company.id, False])])
        return self._name(records.sorted(lambda record: not record.active), fnames)

    def _get_users(self, company):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        users = users.search([("share", "=", False), ("company_ids", "in", company.ids)])
        return self._name(users.sorted(lambda user: not user.active), ["name", "login", "email"])

    def _get_selection(self, fname):
        names = {}
        for lang in self.languages:
            env = self.env(context={**self.env.context, "lang": lang})
            for value, label in env["sig.pqrs"]._fields[fname]._description_selection(env):
                names.update({fold(label): value, fold(value): value})
        return names

    # -- Contacts ---------------------------------------------------------------------------------------------------

    def _find_partners(self, drafts):
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
                self.partners.setdefault(key, []).append((partner, known))

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

    def _match(self, meant):
        """Id of the one contact meant; of several alike, the one that has the name too; else none.

        People share the document of their company: without a name among them, it is the company that is meant.
        """
        for key in meant.get_keys():
            found = [partner for partner, known in self.partners.get(key, ()) if known.is_same(meant)]
            if len(found) > 1:
                named = [partner for partner in found if partner.name == meant.name]
                found = named or [partner for partner in found if key[1] == "document" and not partner.parent_id]
            if len(found) == 1:
                return found[0].id
        return False

    def _finish(self, draft):
        """The case of a row, its contacts found or to be created."""
        texts, company = draft["texts"], draft["company"]
        before = len(self.faults)
        client = self._get_client(draft)
        asked = any(texts[key] for key in ("petitioner", "document", "email", "phone"))
        partner = self._get_petitioner(draft) if asked else client
        if len(self.faults) > before:
            return None
        outcome = draft["outcome"] or (draft["closed"] and "answered")
        vals = {
            "name": texts["number"],
            "company_id": company.id,
            "channel": draft["channel"],
            "type_id": draft["type"].id,
            "reason_id": draft["reason"] and draft["reason"].id,
            "subject": texts["subject"],
            "description": texts["description"],
            "site": texts["site"],
            "anonymous": not asked and not client,
            "partner_id": partner or False,
            "document_number": texts["document"],
            "date_received": draft["received"],
            "outcome": outcome,
            "resolution": draft["resolution"],
            "rating_value": draft["rating"],
            "rating_reason": texts["comment"],
        }
        written = {"client_id": client, "partner_name": texts["petitioner"], "email_from": texts["email"]}
        written["phone"] = texts["phone"]
        vals.update({key: value for key, value in written.items() if value})  # the others come from the contact
        closed = draft["closed"] and max(draft["closed"], draft["received"])
        user = draft["user"] or self.env["res.users"]
        return ImportedCase(draft["row"], vals, draft["processes"], user, draft["deadline"], closed)

    def _get_client(self, draft):
        text = draft["texts"]["client"]
        if not text:
            return False
        company_id = draft["company"].id
        by_number = MissingPartner(company_id, text, document=text)
        by_name = MissingPartner(company_id, text, is_company=True)
        partner = self._match(by_number) or self._match(by_name)
        if not partner and not self.create_partners:
            self._fault(
                draft["row"],
                "client",
                text,
                self.env._(
                    "No contact is called so. Write it as in Contacts, or create the contacts that are missing."
                ),
            )
        return partner or (self.create_partners and self._miss(by_name))

    def _get_petitioner(self, draft):
        texts = draft["texts"]
        meant = MissingPartner(
            draft["company"].id, texts["petitioner"], texts["document"], texts["email"], texts["phone"]
        )
        partner = self._match(meant)
        return partner or (self.create_partners and meant.name and self._miss(meant))

    def _miss(self, meant):
        """A contact to create, once in the file."""
        keys = meant.get_keys()
        same = (known for key in keys for known in self.missing.get(key, ()) if known.is_same(meant))
        partner = next(same, meant)
        partner.complete(meant)
        for key in keys:
            if partner not in self.missing.setdefault(key, []):
                self.missing[key].append(partner)
        return partner

    def get_missing_partners(self):
        """The contacts to be created, each once."""
        return list(dict.fromkeys(partner for partners in self.missing.values() for partner in partners))

    def create_missing_partners(self, cases):
        """Create the contacts that are missing, and put their ids in the cases."""
        missing = self.get_missing_partners()
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
    """A document number without dots, dashes, blanks and case; empty for what has no digit."""
    bare = re.sub(r"[^0-9A-Z]", "", (document or "").upper())
    return bare if any(char.isdigit() for char in bare) else ""
