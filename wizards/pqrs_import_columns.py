"""Columns of the spreadsheet of imports: their headings, and the template to fill in."""

from typing import NamedTuple

from ..tools import import_workbook
from ..tools.clean_text import fold
from ..tools.report_workbook import Field, Sheet, write_report


class Column(NamedTuple):
    heading: str
    help: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False


def get_columns(env):
    """``{key: Column}`` in the language of ``env``."""

    def labels(fname):
        return tuple(label for _key, label in env["sig.pqrs"]._fields[fname]._description_selection(env))

    kinds = tuple(dict.fromkeys(env["sig.pqrs.type"].with_context(active_test=False).search([]).mapped("name")))
    nobody = env._("Who asked. Empty, with no document, email or phone: anonymous.")
    deadline = env._("Counted with the term of the type when empty; moved to the next business day when it is not one.")
    responsible = env._("Name, login or email of who drafted; else the leader.")
    return {
        "number": Column(env._("Original number"), env._("As it was, without spaces. It is kept."), required=True),
        "received": Column(env._("Received on"), env._("Date, and hour if known: 31/03/2024 14:30."), required=True),
        "type": Column(env._("Type"), choices=kinds, required=True),
        "reason": Column(env._("Reason"), env._("As it is called in Configuration.")),
        "channel": Column(env._("Channel"), choices=labels("channel"), required=True),
        "subject": Column(env._("Subject"), required=True),
        "description": Column(env._("What happened")),
        "petitioner": Column(env._("Petitioner"), nobody),
        "document": Column(env._("Document number"), env._("Cédula or NIT of the petitioner.")),
        "email": Column(env._("Email")),
        "phone": Column(env._("Phone")),
        "client": Column(env._("Client"), env._("Name of a company, or a NIT or document number.")),
        "site": Column(env._("Site or post")),
        "processes": Column(env._("Processes"), env._("Codes or names, separated by semicolons.")),
        "responsible": Column(env._("Responsible"), responsible),
        "deadline": Column(env._("Deadline"), deadline),
        "closed": Column(env._("Answered or closed on"), env._("Empty: the case is still open.")),
        "outcome": Column(env._("Outcome"), env._("Empty, with a date: answered."), choices=labels("outcome")),
        "resolution": Column(env._("Resolution"), choices=labels("resolution")),
        "rating": Column(env._("Stars"), env._("The client's rating, 1 to 5.")),
        "comment": Column(env._("Reason of the rating")),
    }


def read_headings(columns, rows):
    """Advance ``rows`` past the headings: ``{key: index}`` of the known columns, and the unknown headings."""
    known = {fold(column.heading): key for key, column in columns.items()}
    found, ignored = {}, []
    _number, row = next(rows, (0, ()))
    for index, value in enumerate(row):
        heading = import_workbook.to_text(value)
        key = known.get(fold(heading.rstrip(" *")))
        if key and key not in found:
            found[key] = index
        elif heading:
            ignored.append(heading[:60])
    return found, ignored


def make_template(env):
    """XLSX with headings, and what to write under each on a sheet of its own, in the language of ``env``."""
    columns = get_columns(env).values()
    headings = [f"{column.heading} *" if column.required else column.heading for column in columns]
    guide = [" ".join(filter(None, [column.help, " · ".join(column.choices)])) for column in columns]
    instructions = [
        env._("One row for each case. The columns with * are required."),
        env._("Dates are local: 31/03/2024, 31/03/2024 14:30 or 2024-03-31."),
        env._("A row with the date of its answer comes in closed; one without it comes in open."),
        env._("Nobody receives mails or activities for what is imported."),
        env._("Numbers are kept. One with the form of this year's numbering needs a prefix before it, as ANT-."),
    ]
    about = [Field(env._("Column"), "line", 30), Field(env._("What to write"), width=90)]
    return write_report(
        [
            Sheet("PQRS", [Field(heading, "line", 24) for heading in headings], [], plain=True),
            Sheet(env._("Instructions"), about, zip(headings, guide, strict=True), instructions),
        ]
    )
