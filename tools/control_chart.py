"""Control charts: what of a series is chance, and what is a signal.

Limits come from a declared baseline of at least twelve points; with fewer there is a run chart, which has a median and
no limits. A point without data is None: it breaks whatever runs through it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean, median

MINIMUM_POINTS = 12
SIDE_LENGTH = 8
TREND_LENGTH = 6

#: mean moving range of two points in standard deviations (d2)
RANGE_TO_SIGMA = 1.128

BEYOND, SIDE, TREND = "beyond", "side", "trend"


@dataclass(frozen=True)
class Signal:
    """A rule broken by the points ``first`` to ``last`` (indexes, both included).

    ``rule`` is ``beyond`` (a point beyond the limits), ``side`` (eight or more in a row on one side of the centre) or
    ``trend`` (six or more in a row, each above the one before, or each below); ``upwards`` says in which direction.
    """

    rule: str
    first: int
    last: int
    upwards: bool


@dataclass(frozen=True)
class ControlChart:
    """``kind`` is ``p``, ``xmr`` or ``run``; ``limits`` has a ``(low, high)`` a point, and is None in a run chart.

    ``baseline`` is the number of first points from which centre and limits come. Without any data, ``centre`` is None.
    """

    kind: str
    points: tuple[float | None, ...]
    centre: float | None
    limits: tuple[tuple[float, float], ...] | None
    signals: tuple[Signal, ...]
    baseline: int


def p_chart(numerators: Sequence[float], denominators: Sequence[float], baseline: int | None = None) -> ControlChart:
    """Chart of shares, 0 to 1: limits are those of the size of each point.

    :param denominators: zero where there was nothing to count.
    :param baseline: how many of the first points make the limits; None for all.
    """
    points = tuple(part / whole if whole else None for part, whole in zip(numerators, denominators, strict=True))
    baseline = len(points) if baseline is None else baseline
    if _count(points[:baseline]) < MINIMUM_POINTS:
        return run_chart(points)
    centre = sum(numerators[:baseline]) / sum(denominators[:baseline])
    limits = []
    for whole in denominators:
        reach = 3 * math.sqrt(centre * (1 - centre) / whole) if whole else 1.0
        limits.append((max(0.0, centre - reach), min(1.0, centre + reach)))
    return ControlChart("p", points, centre, tuple(limits), signals(points, centre, limits), baseline)


def xmr(values: Sequence[float | None], baseline: int | None = None) -> ControlChart:
    """Chart of single values: limits from the mean moving range.

    :param baseline: how many of the first points make the limits; None for all.
    """
    points = tuple(values)
    baseline = len(points) if baseline is None else baseline
    known = points[:baseline]
    ranges = [abs(b - a) for a, b in pairwise(known) if a is not None and b is not None]
    if _count(known) < MINIMUM_POINTS or not ranges:
        return run_chart(points)
    centre = fmean(point for point in known if point is not None)
    reach = 3 * fmean(ranges) / RANGE_TO_SIGMA
    limits = ((centre - reach, centre + reach),) * len(points)
    return ControlChart("xmr", points, centre, limits, signals(points, centre, limits), baseline)


def run_chart(values: Sequence[float | None]) -> ControlChart:
    """Chart of a series that is too short for limits: its median, long runs and trends."""
    points = tuple(values)
    centre = median(point for point in points if point is not None) if _count(points) else None
    return ControlChart("run", points, centre, None, signals(points, centre), len(points))


def signals(
    points: Sequence[float | None],
    centre: float | None,
    limits: Sequence[tuple[float, float]] | None = None,
) -> tuple[Signal, ...]:
    """The signals of a series, in order: as long as each runs, each once.

    A point on the centre is on neither side, and two equal ones are no trend: both break what runs.
    """
    if centre is None:
        return ()
    found = []
    for index, point in enumerate(points):
        if limits is None or point is None:
            continue
        low, high = limits[index]
        if _differ(point, low, high) and not low <= point <= high:
            found.append(Signal(BEYOND, index, index, point > high))
    sides = [0 if point is None or not _differ(point, centre) else 1 if point > centre else -1 for point in points]
    found += _get_runs(sides, SIDE, SIDE_LENGTH, 0)
    steps = [0 if a is None or b is None or not _differ(a, b) else 1 if b > a else -1 for a, b in pairwise(points)]
    found += _get_runs(steps, TREND, TREND_LENGTH - 1, 1)
    return tuple(sorted(found, key=lambda signal: (signal.last, signal.first, signal.rule)))


def _get_runs(directions, rule, length, extra):
    """Signals of runs of one direction; a run of n steps has n + ``extra`` points."""
    start = 0
    for direction, run in groupby(directions):
        size = len(list(run))
        if direction and size >= length:
            yield Signal(rule, start, start + size - 1 + extra, direction > 0)
        start += size


def _differ(value, *others):
    """Whether a value differs from the others by more than rounding."""
    return not any(math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12) for other in others)


def _count(points):
    return sum(point is not None for point in points)
