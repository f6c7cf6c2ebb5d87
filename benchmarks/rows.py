"""The work that is measured, row by row, for the project and for its peer."""

import traceback

from odoo.addons.sig_pqrs.models import clock

from . import forms, growth, hostile, jobs, pages, screens, seed, steps
from .bench import PER_RECORD, Bench
from .pages import PAGE_TARGETS

#: what is measured of each database, by the name that ``--only`` takes
MEASURES = (
    ("due date", steps.due_date),
    ("create", steps.create),
    ("bulk", steps.bulk),
    ("daily", jobs.daily_job),
    ("holiday", jobs.holiday),
    ("survey", jobs.survey),
    ("indicators", jobs.indicators),
    ("review", jobs.review),
    ("evidence", jobs.evidence),
    ("chain", jobs.chain),
    ("workbook", jobs.workbook),
    ("pages", pages.backend_pages),
    ("views", forms.views),
    ("forms", forms.open_forms),
    ("forms", forms.tabs),
    ("my day", screens.my_day),
    ("boards", screens.boards),
    ("dialogs", screens.dialogs),
    ("similar", screens.similar),
    ("steps", screens.steps),
    ("dashboard", screens.dashboard),
    ("growth", growth.growth),
    ("portal", pages.portal_pages),
    ("hostile", hostile.hostile),
    ("cold", pages.cold_pages),
)

#: what is measured with a million cases, too, and how much longer than with a thousand it may take
FULL = ("create", "pages", "List page, all", "portal")
TIMES_LONGER = 3


def run(databases, quick=False, only=(), full=None, cool=None):
    """Measure; all of it as of the seed's day. What fails is told, and keeps nothing else from being measured.

    :return: the rows, and names of what failed.
    :param dict full: ``{size: Database}`` of one much larger database, for the rows of `FULL`.
    :param cool: function that empties the caches of the database, for the rows of first pages.
    """
    failed = []
    with clock.at(seed.NOW):
        rows = _measure(Bench(databases, quick, only, cool), failed)
        if full:
            rows += _compare(rows, _measure(Bench(full, quick, FULL), failed), min(databases))
    return rows, failed


def _measure(bench, failed):
    for size, database in bench.databases.items():
        for name, measure in MEASURES:
            if bench.wants(name):
                database.vacuum()
                try:
                    measure(bench, size, database)
                except Exception:
                    traceback.print_exc()
                    failed.append(f"{name} at {size}")
    _compare_sizes(bench.rows)
    return bench.rows


def _compare(rows, largest, size):
    """The rows of the largest database, each beside its own time at a small size."""
    own = {(row.group, row.name): row.project for row in rows if row.size == size}
    for row in largest:
        before = own.get((row.group, row.name))
        row.target = f"≤ {TIMES_LONGER} × its own time at {size}"
        row.verdict = row.project.median <= TIMES_LONGER * before.median if before else None
        row.queries_at = before and {size: before.query_count, row.size: row.project.query_count}
        row.peer_queries_at = None
        if before:
            row.note = f"{row.project.median / before.median:.2f} × its own time at {size}; {row.note}".rstrip("; ")
    return largest


def _compare_sizes(rows):
    """Pages take the same queries at every size; jobs hardly more for more cases."""
    for group in ("Daily job", "Holiday added"):
        _compare_jobs([row for row in rows if row.group == group and row.target])
    by_page = {}
    for row in rows:
        if row.target in PAGE_TARGETS:
            by_page.setdefault((row.group, row.name), []).append(row)
    for page in by_page.values():
        _compare_pages(page)


def _compare_jobs(rows):
    counts = {row.size: row.project.query_count for row in rows}
    for row in rows:
        row.queries_at = counts
        if row.verdict and len(counts) > 1:
            smallest, largest = min(counts), max(counts)
            extra = (counts[largest] - counts[smallest]) / ((largest - smallest) / seed.CASES_PER_OPEN)
            row.verdict = extra <= PER_RECORD


def _compare_pages(rows):
    counts = {row.size: row.project.query_count for row in rows}
    peer_counts = {row.size: row.peer.query_count for row in rows}
    for row in rows:
        row.queries_at, row.peer_queries_at = counts, peer_counts
        # A page that is not full at the smaller size shows less, and asks less: it tells nothing.
        alike = {each.project.query_count for each in rows if each.shown == row.shown}
        row.verdict = row.verdict and len(alike) == 1 if row.verdict is not None else None
