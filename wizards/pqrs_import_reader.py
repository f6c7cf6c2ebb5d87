"""What a row of a spreadsheet says of a case of the past, and what is wrong with it."""

import re
from datetime import date, datetime, time
from typing import NamedTuple

from odoo import tools

from ..models import clock
from ..models.channel.pqrs_import import ImportedCase
from ..tools import import_workbook
from ..tools.clean_text import fold
from .pqrs_import_columns import EXAMPLE_NUMBER, LENGTHS, LONG, REQUIRED, get_columns, read_headings
from .pqrs_import_contacts import Contacts, MissingPartner
from .pqrs_import_names import Names


class Fault(NamedTuple):
    """What is wrong with one cell."""

    row: int
    column: str
    value: str
    message: str


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
        self.names = Names(env, self.languages)
        self.contacts = Contacts(env)
        self._sequences = {}

    # -- Rows -------------------------------------------------------------------------------------------------------

    def read_cases(self, content):
        """The cases of a file without faults.

        :raises import_workbook.WorkbookError: for a file that cannot be read.
        """
        rows = import_workbook.read(content)
        indexes, self.ignored = read_headings(self.env, self.languages, rows)
        self.columns = get_columns(self.env)
        lacking = [self.columns[key].heading for key in REQUIRED if key not in indexes]
        if lacking:
            self._fault(1, "number", "", self.env._("These columns are missing: %s.", ", ".join(lacking)))
            return []
        cells = [
            (number, {key: row[index] if index < len(row) else None for key, index in indexes.items()})
            for number, row in rows
        ]
        cells = [
            (number, values) for number, values in cells if import_workbook.to_text(values["number"]) != EXAMPLE_NUMBER
        ]
        self.row_count = len(cells)
        drafts = [draft for number, values in cells if (draft := self._read_row(number, values))]
        drafts = self._refuse_duplicates(drafts)
        self.contacts.look_up(drafts)
        return [case for draft in drafts if (case := self._finish(draft))]

    def _fault(self, row, key, value, message):
        self.faults.append(Fault(row, self.columns[key].heading, import_workbook.to_text(value)[:120], message))

    def _read_row(self, number, values):
        """What one row says, or None when something is wrong with it."""
        before = len(self.faults)
        texts = {key: self._read_text(number, key, values.get(key)) for key in self.columns}
        for key in REQUIRED:
            if not texts[key]:
                self._fault(number, key, "", self.env._("This is missing."))
        company = self._look_up(number, "company", texts["company"]) if texts["company"] else False
        company = company or self.company
        draft = {
            "row": number,
            "company": company,
            "texts": texts,
            "received": self._read_moment(number, "received", values.get("received"), company),
            "closed": self._read_moment(number, "closed", values.get("closed"), company),
            "deadline": self._read_date(number, "deadline", values.get("deadline")),
            "type": self._look_up(number, "type", texts["type"], company),
            "reason": self._look_up(number, "reason", texts["reason"], company),
            "rating": self._read_rating(number, values.get("rating")),
            **{key: self._look_up(number, key, texts[key], key) for key in ("channel", "outcome", "resolution")},
            "processes": self._read_processes(number, texts["processes"], company),
            "user": self._look_up(number, "responsible", texts["responsible"], company),
        }
        if len(self.faults) == before:
            self._check_row(draft)
        return draft if len(self.faults) == before else None

    def _read_text(self, row, key, value):
        text = import_workbook.to_text(value)
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
        if import_workbook.to_text(value) == "":
            return False
        try:
            local = import_workbook.to_moment(value)
        except (ValueError, OverflowError):
            self._fault(row, key, value, self.env._("This is not a date. Write it as 31/03/2024 or 31/03/2024 14:30."))
            return False
        if not isinstance(local, datetime):
            local = datetime.combine(local, time(12))
        first = self.env["sig.nonworking.day"]._FIRST_YEAR
        if not first <= local.year:
            self._fault(row, key, value, self.env._("The calendar begins in %s.", first))
            return False
        moment = company._sig_utc(local)
        if company._sig_local_date(moment) > company._sig_today():
            self._fault(row, key, value, self.env._("This date is in the future."))
            return False
        return min(moment, self.now)

    def _read_date(self, row, key, value):
        if import_workbook.to_text(value) == "":
            return False
        try:
            day = import_workbook.to_date(value)
        except (ValueError, OverflowError):
            self._fault(row, key, value, self.env._("This is not a date. Write it as 31/03/2024 or 31/03/2024 14:30."))
            return False
        last = date(self.env["sig.nonworking.day"]._LAST_YEAR - 3, 12, 31)
        if day > last:
            self._fault(row, key, value, self.env._("This date is beyond the calendar."))
            return False
        return day

    def _read_rating(self, row, value):
        if import_workbook.to_text(value) == "":
            return 0
        try:
            stars = import_workbook.to_whole(value)
        except (ValueError, OverflowError):
            stars = 0
        if not 1 <= stars <= 5:
            self._fault(row, "rating", value, self.env._("A rating is a whole number from 1 to 5."))
        return stars

    def _read_processes(self, row, text, company):
        processes = self.env["sig.process"].sudo()
        for name in filter(None, map(str.strip, re.split(r"[;\n]", text))):
            processes |= self._look_up(row, "processes", name, company) or processes
        return processes

    def _look_up(self, row, key, text, *args):
        """The record or value that ``text`` names; False, with a fault, when it names none."""
        if not text:
            return False
        names = self.names.get(key, *args)
        found = names.get(fold(text))
        if not found:
            self._fault(row, key, text, self.env._("This is not known. It may be: %s.", self._sample(key, names)))
        return found or False

    def _sample(self, key, names):
        shown = self.columns[key].choices or list(dict.fromkeys(value.display_name for value in names.values()))
        return ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "")

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
        if company not in self._sequences:
            self._sequences[company] = self.env["sig.case.number"]._get_sequences(company).get(company)
        if not (sequence := self._sequences[company]):
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
        partner = self.contacts.match(by_number) or self.contacts.match(by_name)
        if not partner and not self.create_partners:
            self._fault(
                draft["row"],
                "client",
                text,
                self.env._(
                    "No contact is called so. Write it as in Contacts, or create the contacts that are missing."
                ),
            )
        return partner or (self.create_partners and self.contacts.miss(by_name))

    def _get_petitioner(self, draft):
        texts = draft["texts"]
        meant = MissingPartner(
            draft["company"].id, texts["petitioner"], texts["document"], texts["email"], texts["phone"]
        )
        partner = self.contacts.match(meant)
        return partner or (self.create_partners and meant.name and self.contacts.miss(meant))
