"""Columns of the spreadsheet of imports: their headings, and the template to fill in."""

from itertools import zip_longest
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from ..tools import import_workbook
from ..tools.clean_text import fold
from ..tools.report_workbook import Field, Sheet, write_report

#: number of the row that the template shows as an example
EXAMPLE_NUMBER = "EJEMPLO-1"

#: characters of texts of several lines
LONG = 100_000


class Column(NamedTuple):
    """``longest`` is the number of characters of its text; of one line, if it is less than `LONG`."""

    heading: str
    help: str = ""
    width: int = 18
    choices: tuple[str, ...] = ()
    longest: int = LONG
    required: bool = False


def get_columns(env):
    """``{key: Column}`` in the language of ``env``."""

    def labels(fname):
        return tuple(label for _key, label in env["sig.pqrs"]._fields[fname]._description_selection(env))

    kinds = tuple(dict.fromkeys(env["sig.pqrs.type"].with_context(active_test=False).search([]).mapped("name")))
    needed = {"required": True}
    nobody = env._("Who asked. Empty, with no document, email or phone: anonymous.")
    deadline = env._("Counted with the term of the type when empty; moved to the next business day when it is not one.")
    responsible = env._("Name, login or email of who drafted; else the leader.")
    return {
        "number": Column(env._("Original number"), env._("As it was filed. It is kept."), 20, longest=60, **needed),
        "received": Column(env._("Received on"), env._("Date, and hour if known: 31/03/2024 14:30."), **needed),
        "type": Column(env._("Type"), width=26, choices=kinds, **needed),
        "reason": Column(env._("Reason"), env._("As it is called in Configuration."), 26),
        "channel": Column(env._("Channel"), choices=labels("channel"), **needed),
        "subject": Column(env._("Subject"), width=40, longest=500, **needed),
        "description": Column(env._("What happened"), width=40),
        "petitioner": Column(env._("Petitioner"), nobody, 28, longest=200),
        "document": Column(env._("Document number"), env._("Cédula or NIT of the petitioner."), longest=40),
        "email": Column(env._("Email"), width=26, longest=200),
        "phone": Column(env._("Phone"), longest=60),
        "client": Column(env._("Client"), env._("Name or NIT of the client the case is about."), 28, longest=200),
        "site": Column(env._("Site or post"), width=24, longest=200),
        "processes": Column(env._("Processes"), env._("Codes or names, separated by semicolons."), 24),
        "responsible": Column(env._("Responsible"), responsible, 24),
        "deadline": Column(env._("Deadline"), deadline),
        "closed": Column(env._("Answered or closed on"), env._("Empty: the case is still open.")),
        "outcome": Column(env._("Outcome"), env._("Empty, with a date: answered."), choices=labels("outcome")),
        "resolution": Column(env._("Resolution"), width=24, choices=labels("resolution")),
        "rating": Column(env._("Stars"), env._("The client's rating, 1 to 5."), 10, ("1", "2", "3", "4", "5")),
        "comment": Column(env._("Reason of the rating"), width=30),
    }


def read_headings(columns, rows):
    """Advance ``rows`` (iterator of numbers and rows) past the headings.

    :return: ``({key: index} of the known columns, unknown headings)``.
    """
    known = {fold(column.heading): key for key, column in columns.items()}
    found, ignored = {}, []
    for _number, row in rows:
        found, ignored = {}, []
        for index, value in enumerate(row):
            heading = import_workbook.to_text(value)
            key = known.get(fold(heading.rstrip(" *")))
            if key and key not in found:
                found[key] = index
            elif heading:
                ignored.append(heading[:60])
        if len(found) >= 3:
            break
    return found, ignored


def make_template(env):
    """XLSX with headings, an example, drop-downs and instructions, in the language of ``env``."""
    columns, lists = get_columns(env), env._("Lists")
    example = {
        "number": EXAMPLE_NUMBER,
        "received": "31/03/2024 14:30",
        "type": columns["type"].choices[:1],
        "channel": [env["sig.pqrs"]._get_choices("channel")["phone"]],
        "subject": env._("An example: this row is not imported"),
        "petitioner": "Ana Ruiz",
        "document": "52000111",
        "email": "ana@example.com",
        "closed": "18/04/2024",
        "outcome": columns["outcome"].choices[:1],
        "rating": "4",
    }
    fields, guide = [], []
    for position, column in enumerate(columns.values()):
        letter = xl_col_to_name(position, col_abs=True)
        offered = column.choices and f"='{lists}'!{letter}$2:{letter}${len(column.choices) + 1}"
        heading = f"{column.heading} *" if column.required else column.heading
        fields.append(Field(heading, "line", column.width, offered or ""))
        guide.append([heading, " ".join(filter(None, [column.help, " · ".join(column.choices)]))])
    instructions = [
        env._("One row for each case. The columns with * are required."),
        env._("Dates are local: 31/03/2024, 31/03/2024 14:30 or 2024-03-31."),
        env._("A row with the date of its answer comes in closed; one without it comes in open."),
        env._("Nobody receives mails or activities for what is imported."),
        env._("Numbers are kept. One with the form of this year's numbering needs a prefix before it, as ANT-."),
    ]
    headings = [Field(env._("Column"), "line", 30), Field(env._("What to write"), width=90)]
    choices = zip_longest(*(column.choices for column in columns.values()))
    return write_report(
        [
            Sheet("PQRS", fields, [["".join(example.get(key, "")) for key in columns]], plain=True),
            Sheet(env._("Instructions"), headings, guide, instructions),
            Sheet(lists, [Field(column.heading) for column in columns.values()], choices, hidden=True),
        ]
    )
