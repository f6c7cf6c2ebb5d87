"""Control charts.

Limits come from a declared baseline of at least twelve points; of fewer, a run chart has a median and no limits. Limits
and sides are corrected for estimated parameters (Jensen, Jones-Farmer, Champ and Woodall, "Effects of Parameter
Estimation on Control Chart Properties", Journal of Quality Technology 38, 2006): of an unchanged process, the rate of
false signals is that of three standard deviations, and of eight equal coin tosses. None is a point without data: it
breaks runs.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from statistics import NormalDist, fmean, median
from typing import NamedTuple

from .statistics import student_quantile

MINIMUM_POINTS = 12
SIDE_LENGTH = 8
TREND_LENGTH = 6

#: mean moving range of two points in standard deviations (d2)
RANGE_TO_SIGMA = 1.128

#: probability that a point of a stable process is beyond one of the limits: three standard deviations
TAIL = NormalDist().cdf(-3)

#: probability that so many points of a stable process are all on a given side of its centre
RUN = 0.5**SIDE_LENGTH

BEYOND, SIDE, TREND = "beyond", "side", "trend"


@dataclass(frozen=True)
class Signal:
    """A rule broken by the points ``first`` to ``last`` (indexes, both included).

    ``beyond``: a point beyond the limits; ``side``: eight or more in a row on one side of the centre; ``trend``: six or
    more in a row, each above the one before, or each below.
    """

    rule: str
    first: int
    last: int
    upwards: bool


@dataclass(frozen=True)
class ControlChart:
    """``kind`` is ``p``, ``c``, ``xmr`` or ``run``; ``limits`` has a ``(low, high)`` a point; a run chart has none.

    ``baseline`` is the number of first points from which centre and limits come. Without any data, ``centre`` is None.
    """

    kind: str
    points: tuple[float | None, ...]
    centre: float | None
    limits: tuple[tuple[float, float], ...] | None
    signals: tuple[Signal, ...]
    baseline: int


def is_hint(kind: str, rule: str, both_ways: bool = False) -> bool:
    """Whether stable processes break a rule in more than 5 % of spells of 24 months (`dev/simulate`).

    :param both_ways: whether a signal counts upwards and downwards, as none is unfavourable.
    """
    return rule == BEYOND and (kind == "xmr" or both_ways)


def p_chart(numerators: Sequence[float], denominators: Sequence[float], baseline: int | None = None) -> ControlChart:
    """Chart of shares, 0 to 1, with limits by the size of each point.

    They are exact: half a count beyond the beta-binomial prediction of the baseline (Jeffreys' prior), so that neither
    few cases nor a baseline without misses make signals.

    :param denominators: zero without data.
    :param baseline: number of first points that set the limits; None for all.
    """
    points = tuple(part / whole if whole else None for part, whole in zip(numerators, denominators, strict=True))
    baseline = len(points) if baseline is None else baseline
    if _count(points[:baseline]) < MINIMUM_POINTS:
        return run_chart(points)
    hits, total = round(sum(numerators[:baseline])), round(sum(denominators[:baseline]))
    limits, sides = [], []
    for index, (part, whole) in enumerate(zip(numerators, denominators, strict=True)):
        size = round(whole)
        chance = _predict_share(hits, total, size)
        limits.append(chance.get_limits(size) if size else (0.0, 1.0))
        sides.append(chance.get_side(round(part), index >= baseline) if size else 0)
    centre = hits / total
    return ControlChart("p", points, centre, tuple(limits), signals(points, centre, limits, sides), baseline)


def c_chart(counts: Sequence[float | None], baseline: int | None = None) -> ControlChart:
    """Counts in equal periods. Exact limits: negative binomial (Poisson, Jeffreys' prior on its mean)."""
    points = tuple(counts)
    baseline = len(points) if baseline is None else baseline
    known = [round(point) for point in points[:baseline] if point is not None]
    if len(known) < MINIMUM_POINTS:
        return run_chart(points)
    chance = _predict_count(sum(known), len(known))
    centre, limits = fmean(known), (chance.get_limits(),) * len(points)
    sides = [
        0 if point is None else chance.get_side(round(point), index >= baseline) for index, point in enumerate(points)
    ]
    return ControlChart("c", points, centre, limits, signals(points, centre, limits, sides), baseline)


def xmr(values: Sequence[float | None], baseline: int | None = None, resolution: float = 0) -> ControlChart:
    """Chart of single values, with prediction limits from the mean moving range.

    Student's, with the degrees of freedom of a mean moving range (Cryer and Ryan, "The Estimation of Sigma for an X
    Chart", Journal of Quality Technology 22, 1990). Sides are of the median: values need not be symmetric. A baseline
    that mostly repeats one value becomes a run chart.

    :param resolution: of the measurement: smaller differences are none (Wheeler, "Understanding Statistical Process
        Control").
    """
    points = tuple(values)
    baseline = len(points) if baseline is None else baseline
    known = [point for point in points[:baseline] if point is not None]
    ranges = [abs(b - a) for a, b in pairwise(points[:baseline]) if a is not None and b is not None]
    moved = sum(_differ(step, 0) for step in ranges)
    if len(known) < MINIMUM_POINTS or 2 * moved <= len(ranges):
        return run_chart(points, resolution)
    centre = fmean(known)
    reach = _get_reach(len(known), len(ranges)) * max(fmean(ranges), resolution) / RANGE_TO_SIGMA
    limits = ((centre - reach, centre + reach),) * len(points)
    sides = _get_value_sides(points, known, baseline, resolution)
    return ControlChart("xmr", points, centre, limits, signals(points, centre, limits, sides, resolution), baseline)


def _get_value_sides(points, known, baseline, resolution):
    """Sides of the baseline's own points by its median; of new ones, by the confidence interval of it."""
    ordered = sorted(known)
    rank = _get_side_rank(len(ordered))
    own, new = (median(ordered),) * 2, (ordered[-rank], ordered[rank - 1])
    return [_get_side(point, *(own if index < baseline else new), resolution) for index, point in enumerate(points)]


def _get_side(point, low, high, resolution=0):
    """−1, 0 or 1: below the middle, in it, or above it."""
    if point is None:
        return 0
    if point > high:
        return int(_is_apart(point, high, resolution))
    return -int(point < low and _is_apart(point, low, resolution))


@lru_cache(maxsize=256)
def _get_side_rank(number):
    """Lowest rank in a baseline that eight new points all exceed with a probability of at most `RUN`.

    For any distribution: the share above the value of a rank is a beta variable.
    """

    def get_chance(rank):
        above = number - rank + 1
        return math.exp(
            math.lgamma(above + SIDE_LENGTH)
            + math.lgamma(number + 1)
            - math.lgamma(number + 1 + SIDE_LENGTH)
            - math.lgamma(above)
        )

    return next(rank for rank in range(number // 2 + 1, number + 1) if get_chance(rank) <= RUN)


@lru_cache(maxsize=256)
def _get_reach(number, ranges):
    """Standard deviations from centre to limit, for ``number`` points and ``ranges`` moving ranges."""
    variance = (0.826 * (ranges + 1) - 1.082) / ranges**2
    freedom = max(1, math.floor(1 / (2 * variance)))
    return student_quantile(freedom, 1 - TAIL) * math.sqrt(1 + 1 / number)


def run_chart(values: Sequence[float | None], resolution: float = 0) -> ControlChart:
    points = tuple(values)
    centre = median(point for point in points if point is not None) if _count(points) else None
    return ControlChart("run", points, centre, None, signals(points, centre, resolution=resolution), len(points))


def signals(
    points: Sequence[float | None],
    centre: float | None,
    limits: Sequence[tuple[float, float]] | None = None,
    sides: Sequence[int] | None = None,
    resolution: float = 0,
) -> tuple[Signal, ...]:
    """Signals in order, each as long as its run; ``sides`` are instead of those by the centre."""
    if centre is None:
        return ()
    found = []
    for index, point in enumerate(points):
        if limits is None or point is None:
            continue
        low, high = limits[index]
        if _differ(point, low, high) and not low <= point <= high:
            found.append(Signal(BEYOND, index, index, point > high))
    if sides is None:
        sides = [_get_side(point, centre, centre, resolution) for point in points]
    found += _get_runs(sides, SIDE, SIDE_LENGTH, 0)
    steps = [0 if a is None else _get_side(b, a, a, resolution) for a, b in pairwise(points)]
    found += _get_runs(steps, TREND, TREND_LENGTH - 1, 1)
    return tuple(sorted(found, key=lambda signal: (signal.last, signal.first, signal.rule)))


def _get_runs(directions, rule, length, extra):
    """Signals of runs of one direction; a run of n steps has n + ``extra`` points."""
    start = 0
    for direction, run in groupby(directions):  # pylint: disable=bad-builtin-groupby  # runs of neighbours; no records
        size = len(list(run))
        if direction and size >= length:
            yield Signal(rule, start, start + size - 1 + extra, direction > 0)
        start += size


class Chance(NamedTuple):
    """Predicted range of a count, ``low`` to ``high``, and the bounds of the sides.

    Up to ``below``, or from ``above`` on, a count has a probability of at most one half; a new count is on a side up to
    ``new_below``, or from ``new_above`` on, so that eight in a row have a probability of at most `RUN`.
    """

    low: int
    high: int
    below: int
    above: int
    new_below: int
    new_above: int

    def get_limits(self, size=None):
        low, high = max(0.0, self.low - 0.5), self.high + 0.5
        return (low / size, min(1.0, high / size)) if size else (low, high)

    def get_side(self, count, is_new=False):
        below, above = (self.new_below, self.new_above) if is_new else (self.below, self.above)
        return -1 if count <= below else 1 if count >= above else 0


@lru_cache(maxsize=4096)
def _predict_share(hits, total, size):
    a, b = hits + 0.5, total - hits + 0.5
    start = math.lgamma(b + size) + math.lgamma(a + b) - math.lgamma(b) - math.lgamma(a + b + size)
    steps = ((size - k) * (a + k) / ((k + 1) * (b + size - k - 1)) for k in range(size))
    probabilities = [math.exp(log) for log in accumulate(map(math.log, steps), initial=start)]
    return _read_chance(probabilities, size / (total + 1))


@lru_cache(maxsize=256)
def _predict_count(total, periods):
    shape, odds = total + 0.5, 1 / (periods + 1)
    last = math.ceil(20 + 3 * total / periods)
    steps = ((shape + k) / (k + 1) * odds for k in range(last))
    start = shape * math.log1p(-odds)
    return _read_chance([math.exp(log) for log in accumulate(map(math.log, steps), initial=start)], 1 / periods)


def _read_chance(probabilities, uncertainty):
    """:param uncertainty: variance of the estimated level, in variances of a new point around it."""
    up = list(accumulate(probabilities))
    down = list(accumulate(reversed(probabilities)))
    last = len(probabilities) - 1
    half = _get_side_tail(round(uncertainty, 2 if uncertainty > 0.1 else 3))

    def find_ends(tail):
        return bisect_right(up, tail) - 1, last - bisect_right(down, tail) + 1

    low, high = find_ends(TAIL)
    return Chance(low + 1, high - 1, *find_ends(0.5), *find_ends(half))


@lru_cache(maxsize=1024)
def _get_side_tail(uncertainty):
    """Probability at which a point is on a side, so that eight in a row have at most `RUN`.

    The eight share the error of the level and are correlated. Level and points are taken as normal.
    """
    levels = [step / 4 for step in range(-28, 29)]
    normal = NormalDist()
    spread = math.sqrt(uncertainty)

    def get_chance(wall):
        return sum(normal.pdf(level) / 4 * normal.cdf(level * spread - wall) ** SIDE_LENGTH for level in levels)

    low, high = 0.0, 8.0
    for _halving in range(30):
        wall = (low + high) / 2
        low, high = (wall, high) if get_chance(wall) > RUN else (low, wall)
    return normal.cdf(-high / math.sqrt(1 + uncertainty))


def _is_apart(value, other, resolution):
    return _differ(value, other) and (abs(value - other) >= resolution or math.isclose(abs(value - other), resolution))


def _differ(value, *others):
    return not any(math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12) for other in others)


def _count(points):
    return sum(point is not None for point in points)
