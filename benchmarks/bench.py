"""What a measure leaves, and the bench that keeps it."""

import sys
from dataclasses import dataclass

from .measure import Sample

#: more queries than this for each record more are not O(1) a batch; Odoo itself inserts a hundred rows at a time
PER_RECORD = 0.1


@dataclass
class Row:
    """One line of the results.

    ``verdict`` says whether the targets hold; None where none is set. ``queries_at`` are the query counts at several
    sizes, of the database or of the batch. ``shown`` is how many records or groups a page has.
    """

    group: str
    name: str
    size: int
    project: Sample
    peer: Sample | None = None
    target: str = ""
    verdict: bool | None = None
    queries_at: dict[int, float] | None = None
    peer_queries_at: dict[int, float] | None = None
    note: str = ""
    shown: int = 0

    @property
    def ratio(self):
        """Time of the project over that of the peer."""
        return self.project.median / self.peer.median if self.peer else None


class Bench:
    """What is measured is told here what was asked for, and leaves its rows here."""

    def __init__(self, databases, quick, only, cool=None):
        self.databases = databases
        self.quick = quick
        self.only = only
        self.cool = cool
        self.rows: list[Row] = []

    def is_largest(self, size):
        return size == max(self.databases)

    def runs(self, usual):
        return max(3, usual // 3) if self.quick else usual

    def wants(self, name):
        return not self.only or any(word in name for word in self.only)

    def add(self, row):
        """Keep a row, and say so while the others run."""
        self.rows.append(row)
        peer = f"  peer {row.peer.median * 1000:.2f} ms" if row.peer else ""
        print(
            f"    {row.size:>7} {row.group}: {row.name}: {row.project.median * 1000:.3f} ms{peer}",
            file=sys.stderr,
            flush=True,
        )

    def add_job(self, group, name, size, sample, target, limit):
        """Keep a row of what the peer has not.

        :param limit: seconds within which it must be done in the largest database; None where no time is set.
        """
        judged = limit is not None and self.is_largest(size)
        verdict = sample.median < limit if judged else None
        self.add(Row(group, name, size, sample, None, target, verdict, note=sample.note))
