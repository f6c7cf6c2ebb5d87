"""Whether two figures differ by more than chance explains, in nineteen of twenty cases at least.

Each test says 1 when ``after`` is larger than ``before``, -1 when it is smaller, 0 when no change can be told, and None
when there is too little to tell any.
"""

import math
from collections.abc import Sequence

from . import statistics
from .statistics import CONFIDENCE, MINIMUM_ANSWERS, student_quantile

#: of the verdicts of `statistics`
SIGNS = {statistics.IMPROVED: 1, statistics.WORSE: -1, statistics.NO_CHANGE: 0}


def compare(unit: str, before: Sequence, after: Sequence, days: tuple[int, int] = (1, 1)) -> int | None:
    """
    :param unit: ``percent`` (a share), ``days`` (a mean); others have no test, but counts.
    :param before: numerator, denominator (None of a count) and, of a mean, the sum of squares of what was added up, or
        None where nobody knows it.
    :param days: lengths of the periods of counts.
    """
    if after[1] is None:
        return compare_counts(before[0], after[0], days)
    if unit == "percent":
        return compare_shares(before[:2], after[:2])
    return compare_means(before, after) if unit == "days" else None


def compare_shares(before: tuple[float, float], after: tuple[float, float]) -> int | None:
    """Of a part and its whole each: the interval of the difference of two shares (Newcombe, 1998: method 10)."""
    estimates = [statistics.proportion(round(part), round(whole)) for part, whole in (before, after)]
    return SIGNS.get(statistics.compare(*estimates).verdict)


def compare_counts(before: float, after: float, days: tuple[int, int] = (1, 1)) -> int | None:
    """Of events in so many days each: exact, conditional on their sum (Przyborowski and Wilenski, 1940)."""
    first, second = round(before), round(after)
    total, share = first + second, days[1] / sum(days)
    if total < MINIMUM_ANSWERS:
        return None

    def reach(counts):
        ways = math.lgamma(total + 1)
        return math.fsum(
            math.exp(
                ways
                - math.lgamma(count + 1)
                - math.lgamma(total - count + 1)
                + count * math.log(share)
                + (total - count) * math.log1p(-share)
            )
            for count in counts
        )

    if reach(range(second, total + 1)) < (1 - CONFIDENCE) / 2:
        return 1
    return -1 if reach(range(second + 1)) < (1 - CONFIDENCE) / 2 else 0


def compare_means(before: Sequence[float], after: Sequence[float]) -> int | None:
    """Of a sum, a number and a sum of squares each: Welch's test of two means with unequal variances."""
    pair = before, after
    if any(squares is None or n < MINIMUM_ANSWERS for _total, n, squares in pair):
        return None
    first, second = (total / n for total, n, _squares in pair)
    spreads = [max(0, squares - total * total / n) / (n - 1) / n for total, n, squares in pair]
    margin = 0.0
    if variance := sum(spreads):
        parts = (spread**2 / (n - 1) for spread, (_total, n, _squares) in zip(spreads, pair, strict=True))
        margin = student_quantile(max(1, math.floor(variance**2 / sum(parts)))) * math.sqrt(variance)
    return (second - first > margin) - (first - second > margin)
