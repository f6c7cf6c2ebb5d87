"""The results as Markdown."""

import os
import platform
from datetime import date
from pathlib import Path

import odoo.release

from . import seed
from .pages import COLD_RUNS, COLD_TARGET, PAGE_TARGETS

#: of what cannot be had for less: beginnings of groups, parts of names, and why
NAMED = (
    (
        ("Search by", "List page", "Group by", "Kanban page"),
        ("leader", "collaborator"),
        "who may see a case depends on its parts, approvals and restrictions; a ticket, on who follows it",
    ),
    (("Search by", "List page", "Group by"), ("",), "a row has petitioner, client, processes and legal dates besides"),
    (("Open a case",), ("director",), "she alone reads the contact, consents and who is authorized, too"),
    (("Ten times the contacts",), ("",), "core has no index for parts of names, and the host would pay for ours"),
    (("Portal page: list",), ("",), "two queries read what waits for the client, where something does"),
    (("Portal page: one case",), ("",), "the conversation is in the page; the peer asks for it by itself"),
    (
        ("Change of state",),
        ("cancel", "extend"),
        "each client is told: a hundred rows of a table are a statement of core's, and a notice has rows in several",
    ),
    (("Survey results",), ("",), "they have intervals, dimensions, cities and types besides"),
    (("Step of one",), ("close the minutes",), "the figures of the period are found, frozen and printed; twice a year"),
)

SETTING = """\
Project and peer are installed in the same databases, of {sizes} cases and as many tickets, with the messages, acts,
assignments, followers, activities and ratings of real ones; about one in nine is open. All is as of {today}. Each run
is one transaction of one user with warm caches, rolled back. Times are medians, with the 95th percentile in
parentheses; *q* is the number of queries. Pages are the requests of the web client, derived from the views.
"""


def render(rows, databases, quick):
    """All the results; the missed first."""
    missed = [row for row in rows if row.verdict is False]
    judged = [row for row in rows if row.verdict is not None]
    largest = max(databases)
    parts = [
        "# Benchmarks\n",
        f"`dev/bench{' --quick' if quick else ''}`, {date.today().isoformat()}.\n",
        *_describe(databases[largest]),
        SETTING.format(sizes=_join(_number(size) for size in databases), today=seed.TODAY.isoformat()),
        f"**{len(judged) - len(missed)} of {len(judged)} judged rows met, {len(missed)} missed.**\n",
    ]
    if missed:
        parts.append("Missed:\n")
        parts += [f"- {row.group}, {row.name}, at {_number(row.size)}: {_why(row)}" for row in missed]
        parts.append("")
    works = [row for row in rows if row.target not in (*PAGE_TARGETS, COLD_TARGET)]
    if works:
        parts += ["## Work\n", _table(works, sizes=True)]
    cold = [row for row in rows if row.target == COLD_TARGET]
    if cold:
        parts += [
            f"## First pages after PostgreSQL was started anew, at {_number(largest)} cases\n",
            f"With the caches of the system empty, too; each is the median of {COLD_RUNS} starts.\n",
            _table(cold),
        ]
    pages = [row for row in rows if row.target in PAGE_TARGETS]
    for size in reversed(databases):
        at_size = [row for row in pages if row.size == size]
        if at_size:
            parts += [f"## Pages at {_number(size)} cases\n"]
            if size == largest:
                parts += [
                    _roles(at_size),
                    f"Target: {at_size[0].target}, and the same queries where a page shows as much (last columns).\n",
                ]
            parts.append(_table(at_size, queries=size == largest))
    return "\n".join(parts) + "\n"


def _describe(database):
    with database.environment() as env:
        env.cr.execute("SHOW server_version")
        postgresql = env.cr.fetchone()[0].split()[0]
        env.cr.execute(
            """SELECT name, latest_version FROM ir_module_module
                WHERE state = 'installed' AND (name = 'sig_pqrs' OR name LIKE 'helpdesk_mgmt%') ORDER BY name DESC"""
        )
        modules = ", ".join(f"{name} {version}" for name, version in env.cr.fetchall())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"- Machine: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory; PostgreSQL on the same one."
    yield f"- Odoo {odoo.release.version}, PostgreSQL {postgresql}, Python {platform.python_version()}; {modules}.\n"


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _roles(rows):
    seen = {row.name: row.note for row in rows}
    return "Who sees how much: " + "; ".join(f"{role} {note}" for role, note in seen.items()) + ".\n"


def _table(rows, sizes=False, queries=False):
    head = ["Work", "At" if sizes else "As", "Project", "q", "Peer", "q", "Ratio", "Target" if sizes else "Verdict"]
    if sizes:
        head += ["Verdict", "Queries at", "Notes"]
    elif queries:
        head += ["q at", "peer's q at"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [f"{row.group}: {row.name}" if sizes else row.group, _number(row.size) if sizes else row.name]
        cells += [*_sample(row.project), *_sample(row.peer), f"{row.ratio:.2g}" if row.peer else ""]
        cells += [row.target, _verdict(row)] if sizes else [_verdict(row)]
        if sizes:
            at = _counts(row.queries_at)
            cells += [f"{at}; peer {_counts(row.peer_queries_at)}" if row.peer_queries_at else at, row.note]
        elif queries:
            cells += [_counts(row.queries_at), _counts(row.peer_queries_at)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _verdict(row):
    return {None: "", True: "met", False: "**missed**"}[row.verdict]


def _get_reason(row):
    for groups, names, reason in NAMED:
        if row.group.startswith(groups) and any(name in row.name for name in names):
            return f" Named: {reason}."
    return ""


def _why(row):
    parts = [f"{_time(row.project.median)}, {row.project.query_count:g} queries"]
    if row.peer:
        parts.append(f"the peer {_time(row.peer.median)}, {row.peer.query_count:g} queries")
    if row.queries_at and len(set(row.queries_at.values())) > 1:
        parts.append(f"queries at {_counts(row.queries_at)}")
    return f"{'; '.join(parts)} (target {row.target}).{_get_reason(row)}"


def _sample(sample):
    if not sample:
        return "–", ""
    return (
        f"{_time(sample.median)} ({_time(sample.p95)})",
        f"{sample.query_count:.3g}" if sample.query_count < 100 else f"{sample.query_count:.0f}",
    )


def _counts(counts):
    return ", ".join(f"{_number(size)}: {count:g}" for size, count in counts.items()) if counts else ""


def _time(seconds):
    for limit, factor, unit, digits in (
        (1e-5, 1e6, "µs", 2),
        (1e-3, 1e6, "µs", 0),
        (1, 1e3, "ms", 1),
        (float("inf"), 1, "s", 2),
    ):
        if seconds < limit:
            return f"{seconds * factor:.{digits}f} {unit}"
    raise AssertionError


def _number(number):
    return f"{number:,}".replace(",", " ")


def _join(words):
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
