"""Statistics of small samples: estimates with 95 % intervals, comparisons.

ISO 10004, 7.4. A population is the number of those who could have answered; intervals have the finite-population
correction.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)

#: below this number, answers could be traced to people
MINIMUM_ANSWERS = 5

PROMOTERS = range(9, 11)
DETRACTORS = range(7)

IMPROVED, WORSE, NO_CHANGE, NOT_COMPARABLE = "improved", "worse", "no_change", "not_comparable"


@dataclass(frozen=True)
class Estimate:
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Change:
    """Difference and interval: ``no_change`` is not significant; ``not_comparable``, too few answers, has none."""

    verdict: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None


# -- Estimates -----------------------------------------------------------------------------------------------------


def proportion(successes: int, n: int, population: int | None = None) -> Estimate | None:
    """Share of successes, 0 to 1, with its Wilson score interval; None without answers."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if not n:
        return None
    share = successes / n
    low, high = _wilson(share, n, Z * math.sqrt(_correction(n, population, n_less_one=True)))
    return Estimate(share, low, high, n)


def _wilson(share, n, z):
    square = z * z / n
    centre = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    # Rounding must not leave the share outside.
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def _correction(n, population, n_less_one=False):
    """Factor of the variance for a finite population; ``n_less_one`` for variances divided by n."""
    if population is None:
        return 1.0
    if population <= n:
        return 0.0
    return (population - n) / (population - 1 if n_less_one else population)


class Sums(NamedTuple):
    """Sums over clients who each answered several questions. Those of disjoint groups may be added."""

    clients: int  #: with any answer
    successes: int
    answers: int
    successes_squared: int  #: sum of squares, client by client
    products: int  #: sum of successes by answers, client by client
    answers_squared: int

    def __add__(self, other):
        return Sums(*(a + b for a, b in zip(self, other, strict=True)))


def clustered(sums: Sums, population: int | None = None) -> Estimate | None:
    """Share of successes among all the answers of some clients; ``n`` is the number of clients.

    Answers of one client are correlated: Wilson's interval uses Kish's effective size, with the variance of a ratio,
    corrected for few clients by Student's quantile (Korn and Graubard, 1998).
    """
    if not sums.answers:
        return None
    n, share = sums.clients, sums.successes / sums.answers
    if sums.answers == n:
        return proportion(sums.successes, n, population)
    spread = sums.successes_squared - 2 * share * sums.products + share * share * sums.answers_squared
    effective = float(n)
    if n > 1 and spread > 1e-9:
        variance = n / (n - 1) * spread / sums.answers**2
        effective = share * (1 - share) / variance * (Z / student_quantile(n - 1)) ** 2
        effective = min(max(effective, 1.0), float(sums.answers))
    low, high = _wilson(share, effective, Z * math.sqrt(_correction(n, population, n_less_one=True)))
    return Estimate(share, low, high, n)


def nps(counts: Mapping[int, int], population: int | None = None) -> Estimate | None:
    """Net promoter score, −1 to 1: share of 9 and 10 less share of 0 to 6; None without answers.

    The score interval of a difference of two shares of the same answers (Tango, 1998) does not shrink to a point when
    all are promoters.

    :param counts: ``{0 to 10: answers}``.
    :raises ValueError: for values outside the scale.
    """
    if any(value not in range(11) or count < 0 for value, count in counts.items()):
        raise ValueError(f"{counts} is not on a scale of 0 to 10")
    n = sum(counts.values())
    if not n:
        return None
    promoters = sum(counts.get(value, 0) for value in PROMOTERS)
    detractors = sum(counts.get(value, 0) for value in DETRACTORS)
    score = (promoters - detractors) / n
    z = Z * math.sqrt(_correction(n, population, n_less_one=True))
    if not z:
        return Estimate(score, score, score, n)
    return Estimate(
        score,
        _cross(lambda delta: _tango(promoters, detractors, n, delta) - z, -1.0, score),
        _cross(lambda delta: _tango(promoters, detractors, n, delta) + z, score, 1.0),
        n,
    )


def _tango(more, less, n, delta):
    """Score statistic of ``more - less`` against a true difference of ``delta`` of their shares."""
    b = -more - less + (2 * n - more + less) * delta
    c = -less * delta * (1 - delta)
    root = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    variance = n * (2 * root + delta * (1 - delta))
    distance = more - less - n * delta
    if variance <= 0:
        return math.copysign(math.inf, distance) if abs(distance) > 1e-12 * n else 0.0
    return distance / math.sqrt(variance)


def _cross(function, low, high):
    """Zero of a decreasing function between ``low`` and ``high``; else the nearest end."""
    if function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    for _step in range(60):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=1024)
def student_quantile(freedom: int, probability: float = 0.5 + CONFIDENCE / 2) -> float:
    """Upper quantile of Student's distribution with whole degrees of freedom."""
    z = NormalDist().inv_cdf(probability)
    if freedom > 200:
        # Cornish-Fisher expansion: its error is below 1e-9 from here on.
        square = z * z
        return z * (
            1
            + (square + 1) / (4 * freedom)
            + (5 * square**2 + 16 * square + 3) / (96 * freedom**2)
            + (3 * square**3 + 19 * square**2 + 17 * square - 15) / (384 * freedom**3)
        )
    low, high = 0.0, 2.0
    while _student_middle(high, freedom) < 2 * probability - 1:
        high *= 2
    return _cross(lambda t: 2 * probability - 1 - _student_middle(t, freedom), low, high)


def _student_middle(t, freedom):
    """Probability between -t and t (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle)
    term = cosine if freedom % 2 else 1.0
    total = 0.0
    for step in range(1 if freedom % 2 else 0, freedom - 1, 2):
        total += term
        term *= cosine * cosine * (step + 1) / (step + 2)
    if freedom % 2:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total


# -- Comparisons ---------------------------------------------------------------------------------------------------


def compare(before: Estimate | None, after: Estimate | None, minimum: int = MINIMUM_ANSWERS) -> Change:
    """Whether two estimates of different answers differ by more than chance (Newcombe, 1998: method 10).

    Give estimates *without* a population: even all the clients of one semester are a sample of the service.
    """
    if before is None or after is None or min(before.n, after.n) < minimum:
        return Change(NOT_COMPARABLE)
    difference = after.value - before.value
    low = difference - math.hypot(after.value - after.low, before.high - before.value)
    high = difference + math.hypot(after.high - after.value, before.value - before.low)
    verdict = IMPROVED if low > 0 else WORSE if high < 0 else NO_CHANGE
    return Change(verdict, difference, low, high)
