"""Rows of a spreadsheet as cases of the past, or as faults of their cells."""

import re
from datetime import datetime, time
from typing import NamedTuple

from openpyxl.cell.cell import ERROR_CODES

from odoo import tools

from ..models import clock
from ..models.channel.pqrs_import import ImportedCase
from ..tools import import_workbook
from ..tools.clean_text import fold
from ..tools.import_workbook import to_text
from .pqrs_import_columns import get_columns, read_headings
from .pqrs_import_names import Contacts, Names

#: characters of a text, and of one of a line
LONGEST = 100_000
LONGEST_LINE = 500

#: columns whose texts have lines
MULTILINE = ("description", "comment", "processes")


class Fault(NamedTuple):
    row: int
    column: str
    value: str
    message: str


class HistoryReader:
    """Reads the rows of a file into `ImportedCase`s; changes nothing, but prepares the numbers of the company.

    :param env: of the administrator who imports.
    """

    def __init__(self, env, company):
        self.env = env
        self.company = company.sudo()
        self.now = clock.now()
        self.faults = []
        self.row_count = 0
        self.ignored = []
        self.names = Names(env, self.company)
        self.contacts = Contacts(env, self.company)
        self.columns = get_columns(env)
        self.required = [key for key, column in self.columns.items() if column.required]
        self.sequence = env["sig.case.number"]._prepare(self.company)[self.company]

    def read_cases(self, content):
        """`ImportedCase`s of the rows without faults, which ``faults`` holds; `WorkbookError` for no spreadsheet."""
        rows = import_workbook.read(content)
        indexes, self.ignored = read_headings(self.columns, rows)
        lacking = [self.columns[key].heading for key in self.required if key not in indexes]
        if lacking:
            self._fault(1, "number", "", self.env._("These columns are missing: %s.", ", ".join(lacking)))
            return []
        cells = [(number, {key: row[index] for key, index in indexes.items()}) for number, row in rows]
        # templates of before 19.0.2.0.0 show it as an example, and say that it is not imported
        cells = [(number, values) for number, values in cells if to_text(values["number"]) != "EJEMPLO-1"]
        self.row_count = len(cells)
        drafts = [draft for number, values in cells if (draft := self._read_row(number, values))]
        drafts = self._refuse_duplicates(drafts)
        self.contacts.look_up([draft["texts"] for draft in drafts])
        return [case for draft in drafts if (case := self._finish(draft))]

    def _fault(self, row, key, value, message):
        self.faults.append(Fault(row, self.columns[key].heading, to_text(value)[:120], message))

    def _read_row(self, row, values):
        before = len(self.faults)
        for key, value in values.items():
            if value in ERROR_CODES:
                self._fault(row, key, value, self.env._("The formula of this cell has an error: correct it."))
        if len(self.faults) > before:
            return None
        texts = {key: self._read_text(row, key, values.get(key)) for key in self.columns}
        for key in self.required:
            if not texts[key]:
                self._fault(row, key, "", self.env._("This is missing."))
        draft = {
            "row": row,
            "texts": texts,
            "received": self._read_moment(row, "received", values.get("received")),
            "closed": self._read_moment(row, "closed", values.get("closed")),
            "deadline": self._read_deadline(row, values.get("deadline")),
            "rating": self._read_rating(row, texts["rating"]),
            "processes": self._read_processes(row, texts["processes"]),
            **{
                key: self._look_up(row, key, texts[key])
                for key in ("type", "reason", "channel", "outcome", "resolution", "responsible")
            },
        }
        if len(self.faults) == before:
            for key, message in self._find_faults(draft):
                self._fault(row, key, texts[key], message)
        return draft if len(self.faults) == before else None

    def _read_text(self, row, key, value):
        text, longest = to_text(value), LONGEST if key in MULTILINE else LONGEST_LINE
        if len(text) > longest:
            self._fault(row, key, text, self.env._("The text is too long: %s characters at most.", longest))
        if key not in MULTILINE:
            text = " ".join(text[:longest].split())
        if key == "email" and text and not tools.email_normalize(text):
            self._fault(row, key, text, self.env._("This is not an email address."))
        return text

    def _read_date(self, row, key, value, hour):
        """:return: local moment, at ``hour`` of a date alone."""
        if to_text(value) == "":
            return False
        try:
            found = import_workbook.to_moment(value)
        except (ValueError, OverflowError):
            self._fault(row, key, value, self.env._("This is not a date. Write it as 31/03/2024 or 31/03/2024 14:30."))
            return False
        return found if isinstance(found, datetime) else datetime.combine(found, hour)

    def _read_moment(self, row, key, value):
        """:return: naive UTC moment of a local one."""
        local = self._read_date(row, key, value, time(12))
        if not local:
            return False
        first = self.env["sig.nonworking.day"]._FIRST_YEAR
        if local.year < first:
            self._fault(row, key, value, self.env._("The calendar begins in %s.", first))
            return False
        moment = self.company._sig_utc(local)
        if self.company._sig_local_date(moment) > self.company._sig_today():
            self._fault(row, key, value, self.env._("This date is in the future."))
            return False
        return min(moment, self.now)

    def _read_deadline(self, row, value):
        last = self._read_date(row, "deadline", value, time(23, 59))
        if last and last.year > self.env["sig.nonworking.day"]._LAST_YEAR - 3:
            self._fault(row, "deadline", value, self.env._("This date is beyond the calendar."))
            return False
        return last

    def _read_rating(self, row, text):
        stars = re.fullmatch(r"([1-5])([.,]0+)?", text)
        if text and not stars:
            self._fault(row, "rating", text, self.env._("A rating is a whole number from 1 to 5."))
        return int(stars[1]) if stars else 0

    def _read_processes(self, row, text):
        processes = self.env["sig.process"].sudo()
        for name in filter(None, map(str.strip, re.split(r"[;\n]", text))):
            processes |= self._look_up(row, "processes", name) or processes
        return processes

    def _look_up(self, row, key, text):
        """:return: the record or value that ``text`` names; False, with a fault, when it names none."""
        if not text:
            return False
        names = self.names.get(key)
        found = names.get(fold(text))
        if not found:
            records = filter(None, names.values())
            known = self.columns[key].choices or list(dict.fromkeys(record.display_name for record in records))
            sample = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
            several = fold(text) in names and self.env._("Several are called so: write a login or code, or rename one.")
            self._fault(row, key, text, several or self.env._("This is not known. It may be: %s.", sample))
        return found or False

    def _find_faults(self, draft):
        """Yield columns of a row whose cells can be read, and what is wrong with them."""
        texts, received, closed = draft["texts"], draft["received"], draft["closed"]
        local = self.company._sig_local_date
        if " " in texts["number"]:  # the tool that verifies heads offline reads none
            yield "number", self.env._("Write it without spaces, as PQRS-2024-001.")
        if self._is_our_number(texts["number"]):
            yield "number", self.env._("The numbering will give this number to another case. Prefix it, as with ANT-.")
        if closed and local(closed) < local(received):
            yield "closed", self.env._("It was answered or closed before it was received.")
        if draft["deadline"] and draft["deadline"].date() < local(received):
            yield "deadline", self.env._("The deadline is before the receipt.")
        if draft["type"].due_by_authority and not draft["deadline"]:
            yield "deadline", self.env._("The authority sets the deadline of this type: write it.")
        if draft["outcome"] and not closed:
            yield "closed", self.env._("The row has an outcome: write when it was answered or closed.")
        answered = closed and draft["outcome"] in (False, "answered")
        if draft["rating"] and not answered:
            yield "rating", self.env._("Only what was answered is rated.")
        if draft["resolution"] and not answered:
            yield "resolution", self.env._("Only what was answered has a resolution.")
        identity = any(texts[key] for key in ("petitioner", "document", "email", "phone", "client"))
        if not identity and not draft["type"].allow_anonymous:
            yield "petitioner", self.env._("A %s cannot be anonymous: say who asked.", draft["type"].name)
        if draft["responsible"] and not draft["processes"]:
            yield "processes", self.env._("The row has a responsible: write the process.")
        for process in draft["processes"]:
            drafter = draft["responsible"] or process.leader_id
            if not drafter:
                yield "responsible", self.env._("%s has no leader: write who drafted.", process.name)
            elif not closed and not (process.active and self.company._sig_filter_staff(process.leader_id)):
                yield "processes", self.env._("The case is open, and this process cannot answer it.")
            elif not closed and not (drafter.active and drafter.has_group("sig_pqrs.group_collaborator")):
                yield "responsible", self.env._("The case is open: this person has no SIG role.")

    def _is_our_number(self, number):
        """Whether the sequence may still give the number, in this year or one that the number names."""
        this_year = self.company._sig_today().year
        named = {int(year) for year in re.findall(r"\d{4}", number) if this_year < int(year) <= 9000}
        for day in [f"{year}-01-01" for year in {this_year, *named}]:
            prefix, suffix = self.sequence._get_prefix_suffix(date=day, date_range=day)
            if re.fullmatch(rf"{re.escape(prefix)}\d+{re.escape(suffix)}", number, re.IGNORECASE):
                return True
        return False

    def _refuse_duplicates(self, drafts):
        domain = [("company_id", "=", self.company.id), ("name", "in", [draft["texts"]["number"] for draft in drafts])]
        rows = dict.fromkeys(self.env["sig.pqrs"].sudo().search_fetch(domain, ["name"]).mapped("name"))
        kept = []
        for draft in drafts:
            number = draft["texts"]["number"]
            if number not in rows:
                rows[number] = draft["row"]
                kept.append(draft)
                continue
            same = self.env._("Row %s has the same number.", rows[number])
            message = same if rows[number] else self.env._("There is a case with this number: it was imported before.")
            self._fault(draft["row"], "number", number, message)
        return kept

    def _finish(self, draft):
        texts, match = draft["texts"], self.contacts.match
        client = self.env["res.partner"]
        if text := texts["client"]:
            client = match(document=text, name=text) or match(name=text)
            if not client:
                message = self.env._("No company is called so. Write it as in Contacts, or its NIT or document number.")
                self._fault(draft["row"], "client", text, message)
                return None
        asked = any(texts[key] for key in ("petitioner", "document", "email", "phone"))
        partner = match(texts["document"], texts["email"], texts["petitioner"], client) if asked else client
        vals = {
            "name": texts["number"],
            "company_id": self.company.id,
            "type_id": draft["type"].id,
            "reason_id": draft["reason"] and draft["reason"].id,
            "anonymous": not asked and not client,
            "partner_id": partner.id,
            "document_number": texts["document"],
            "date_received": draft["received"],
            "outcome": draft["outcome"] or (draft["closed"] and "answered"),
            "rating_value": draft["rating"],
            "rating_reason": texts["comment"],
            **{name: texts[name] for name in ("subject", "description", "site")},
            **{name: draft[name] for name in ("channel", "resolution")},
        }
        written = {"partner_name": texts["petitioner"], "email_from": texts["email"], "phone": texts["phone"]}
        written["client_id"] = client.id
        vals.update({key: value for key, value in written.items() if value})  # the others come from the contact
        closed = draft["closed"] and max(draft["closed"], draft["received"])
        user = draft["responsible"] or self.env["res.users"]
        return ImportedCase(draft["row"], vals, draft["processes"], user, draft["deadline"], closed)
