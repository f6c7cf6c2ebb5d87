"""Statistics of small samples: estimates with 95 % intervals, comparisons.

ISO 10004, 7.4. A population is the number of those who could have answered; intervals have the finite-population
correction.
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from statistics import NormalDist

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


def proportion(successes: int, n: int, population: int | None = None) -> Estimate | None:
    """Share of successes, 0 to 1, with its Wilson score interval; None without answers."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if not n:
        return None
    share = successes / n
    low, high = _wilson(share, n, Z * math.sqrt(_correction(n, population)))
    return Estimate(share, low, high, n)


def _wilson(share, n, z):
    square = z * z / n
    centre = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    # Rounding must not leave the share outside.
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def _correction(n, population):
    """Factor of a variance that is divided by n, for a finite population."""
    if population is None:
        return 1.0
    return 0.0 if population <= n else (population - n) / (population - 1)


#: clients by what they answered: ``{(successes, answers): clients}``
Clients = Mapping[tuple[int, int], int]

#: log odds between which the likeliest correlation of the answers of a client is looked for
CORRELATIONS = -7.0, 6.0


def clustered(clients: Clients, population: int | None = None) -> Estimate | None:
    """Share of successes among all the answers of some clients; ``n`` is the number of clients.

    Answers of one client are correlated. The interval is that of the profile likelihood of a beta-binomial distribution
    (Williams, "The Analysis of Binary Responses from Toxicological Experiments Involving Reproduction and
    Teratogenicity", Biometrics 31, 1975); as there may be few clients, with the quantile of F of 1 and n − 1 degrees of
    freedom instead of chi-squared. `docs/indicators.md` has its coverage.
    """
    n = sum(clients.values())
    answers = sum(t * number for (_s, t), number in clients.items())
    if not answers:
        return None
    successes = sum(s * number for (s, _t), number in clients.items())
    share = successes / answers
    if answers == n:
        return proportion(successes, n, population)
    correction = _correction(n, population)
    if n == 1 or not correction:
        return Estimate(share, *_wilson(share, 1, Z * math.sqrt(correction)), n)
    more = [Counter(), Counter(), Counter()]
    for (s, t), number in clients.items():
        for found, size in zip(more, (s, t - s, t), strict=True):
            found.update(dict.fromkeys(range(size), number))
    profile = partial(_profile, *(tuple(found.items()) for found in more))
    best = share
    if 0 < share < 1:
        around = math.log(share / (1 - share))
        best = _logistic(_peak(lambda x: profile(_logistic(x)), around - 3, around + 3))
    bound = profile(best) - student_quantile(n - 1) ** 2 / 2 * correction
    low = 0.0 if not share else _cross(lambda p: bound - profile(p), 0.0, best, 14)
    high = 1.0 if share == 1 else _cross(lambda p: profile(p) - bound, best, 1.0, 14)
    return Estimate(share, min(low, share), max(high, share), n)


def _logistic(x):
    return 1 / (1 + math.exp(-x))


def _profile(successes, failures, answers, share):
    """Logarithm of the highest likelihood of a share, whatever the correlation.

    :param answers: as those of successes and failures, ``(number, clients who have more)``.
    """
    if (successes and share <= 0) or (failures and share >= 1):
        return -math.inf

    def get_likelihood(log):
        odds = math.exp(log)
        return (
            sum(number * math.log(share + size * odds) for size, number in successes)
            + sum(number * math.log(1 - share + size * odds) for size, number in failures)
            - sum(number * math.log(1 + size * odds) for size, number in answers)
        )

    return get_likelihood(_peak(get_likelihood, *CORRELATIONS))


def _peak(function, low, high, steps=11):
    """Place of the maximum of a function with one, by the golden section."""
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    of_left, of_right = function(left), function(right)
    for _step in range(steps):
        if of_left < of_right:
            low, left, of_left = left, right, of_right
            right = low + golden * (high - low)
            of_right = function(right)
        else:
            high, right, of_right = right, left, of_left
            left = high - golden * (high - low)
            of_left = function(left)
    return left if of_left > of_right else right


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
    z = Z * math.sqrt(_correction(n, population))
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


def _cross(function, low, high, steps=60):
    """Zero of a decreasing function between ``low`` and ``high``; else the nearest end."""
    if function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    for _step in range(steps):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=1024)
def student_quantile(freedom: int, probability: float = 0.5 + CONFIDENCE / 2) -> float:
    """Upper quantile of Student's distribution with whole degrees of freedom; beyond 5 000 it hardly changes."""
    freedom, low, high = min(freedom, 5000), 0.0, 2.0
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
    return 2 / math.pi * (angle + math.sin(angle) * total) if freedom % 2 else math.sin(angle) * total


def compare(
    before: Estimate | None, after: Estimate | None, correlation: float = 0.0, minimum: int = MINIMUM_ANSWERS
) -> Change:
    """Whether two estimates differ by more than chance (Newcombe, 1998: method 10, of paired data too).

    Give estimates *without* a population: even all the clients of one semester are a sample of the service.

    :param correlation: of the estimates, as `correlate` finds it: clients who answered twice are compared with
        themselves.
    """
    if before is None or after is None or min(before.n, after.n) < minimum:
        return Change(NOT_COMPARABLE)
    difference = after.value - before.value
    low = difference - _add_margins(after.value - after.low, before.high - before.value, correlation)
    high = difference + _add_margins(after.high - after.value, before.value - before.low, correlation)
    return Change(IMPROVED if low > 0 else WORSE if high < 0 else NO_CHANGE, difference, low, high)


def _add_margins(one, other, correlation):
    return math.sqrt(max(0.0, one * one + other * other - 2 * correlation * one * other))


def correlate(before: Mapping[Hashable, tuple[float, int]], after: Mapping[Hashable, tuple[float, int]]) -> float:
    """Correlation of the shares in two surveys, of which some clients answered both (Kish, "Survey Sampling", 12.4).

    :param before: ``{client: (successes, answers)}``.
    """
    one, other = _get_residuals(before), _get_residuals(after)
    spread = math.sqrt(sum(value**2 for value in one.values()) * sum(value**2 for value in other.values()))
    return sum(one[client] * other[client] for client in one.keys() & other.keys()) / spread if spread else 0.0


def _get_residuals(clients):
    answers = sum(t for _s, t in clients.values())
    share = sum(s for s, _t in clients.values()) / answers if answers else 0
    return {client: s - share * t for client, (s, t) in clients.items()}
