"""Columns of the spreadsheet of imports, and their headings."""

from dataclasses import replace

from ..tools import import_workbook
from ..tools.clean_text import fold

#: number of the row that the template shows as an example
EXAMPLE_NUMBER = "EJEMPLO-1"

#: longest texts, by column; `LONG` for the others
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

REQUIRED = ("number", "received", "type", "channel", "subject")


def get_columns(env):
    """:return: ``{key: Column}`` in the language of ``env``."""
    pqrs = env["sig.pqrs"]

    def labels(fname):
        return tuple(label for _key, label in pqrs._fields[fname]._description_selection(env))

    kinds = env["sig.pqrs.type"].with_context(active_test=False).search([])
    column = import_workbook.Column
    columns = {
        "number": column(env._("Original number"), env._("As it was filed. It is kept."), width=20),
        "received": column(env._("Received on"), env._("Date, and hour if known: 31/03/2024 14:30."), kind="datetime"),
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
            env._("Counted with the term of the type when empty; moved to the next business day when it is not one."),
            kind="date",
        ),
        "closed": column(env._("Answered or closed on"), env._("Empty: the case is still open."), kind="datetime"),
        "outcome": column(env._("Outcome"), env._("Empty, with a date: answered."), choices=labels("outcome")),
        "resolution": column(env._("Resolution"), choices=labels("resolution"), width=24),
        "rating": column(
            env._("Stars"), env._("The client's rating, 1 to 5."), choices=("1", "2", "3", "4", "5"), width=10
        ),
        "comment": column(env._("Reason of the rating"), width=30),
    }
    return {key: replace(value, required=key in REQUIRED) for key, value in columns.items()}


def read_headings(env, rows):
    """Advance ``rows`` (iterator of numbers and rows) past the headings, in the language of ``env``.

    :return: ``({key: index} of the known columns, unknown headings)``.
    """
    known = {fold(column.heading): key for key, column in get_columns(env).items()}
    found, ignored = {}, []
    for _number, row in rows:
        found, ignored = {}, []
        for index, value in enumerate(row):
            heading = import_workbook.to_text(value)
            key = known.get(fold(heading))
            if key and key not in found:
                found[key] = index
            elif heading:
                ignored.append(heading[:60])
        if len(found) >= 3:
            break
    return found, ignored
