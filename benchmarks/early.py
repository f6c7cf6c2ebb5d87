"""A warning of more petitions than expected this week, of a reason or of a reason at a site: how often it is noise,
and how soon it speaks beside the rule of repetition (`models/improvement/finding_rules.py`).

Companies are drawn: reasons and sites of unequal shares, a year of history, then a year without a change, or twelve
weeks in which one brings more. Expected is what a negative binomial predicts of the year before (as the charts of
counts have it, `tools/control_chart.py`), as scattered as the weeks of all reasons were; wrong in at most five of a
hundred weeks, all that is looked at taken together.
"""

import math
from bisect import bisect
from collections import Counter
from itertools import accumulate
from random import Random
from statistics import fmean, median, variance

from .petitions import read_events

WEEKS, CHANGED = 52, 12
#: of the rule of repetition, as companies have it at first: so many cases in so many weeks (60 days)
REPEATED, WITHIN = 3, 9
WRONG = 0.05
#: one fact brings a petition, or several of neighbours
TOGETHER = ((1, 0.82), (2, 0.11), (3, 0.04), (5, 0.03))
COLUMNS = (
    "Petitions a year, sites", "Looked at", "Warnings of nothing a year: facts apart, together",
    "Findings of repetition that stand", "Change", "Warned in 4, in 12 weeks", "Repetition new in 12 weeks",
    "Warned before it", "Warned where it stood already",
)  # fmt: skip
KINDS = ((300, 10), (1000, 30), (3000, 60), (10000, 200))


class Company:
    def __init__(self, random, yearly, sites, together):
        self.random, self.weekly = random, yearly / WEEKS
        self.shares, _events = read_events()
        sizes = [random.paretovariate(1.2) for _site in range(sites)]
        self.cells = [(reason, site) for reason in self.shares for site in range(sites)]
        self.bounds = list(accumulate(self.shares[reason] * sizes[site] for reason, site in self.cells))
        self.together = together
        self.mean = sum(size * share for size, share in TOGETHER) if together else 1

    def draw_cell(self):
        return self.cells[bisect(self.bounds, self.random.random() * self.bounds[-1])]

    def draw_week(self, changed=None, more=0):
        """:param changed: cell, or reason, that brings ``more`` than usual."""
        week = Counter()
        for _fact in range(draw_count(self.random, self.weekly / self.mean)):
            size = self.random.choices(*zip(*TOGETHER, strict=True))[0] if self.together else 1
            week[self.draw_cell()] += size
        for _fact in range(draw_count(self.random, more) if changed else 0):
            reason, site = changed if isinstance(changed, tuple) else (changed, self.draw_cell()[1])
            week[reason, site] += 1
        return week


def draw_count(random, mean):
    """Poisson."""
    number, left = 0, mean
    while (left := left - random.expovariate(1)) > 0:
        number += 1
    return number


def by_reason(week):
    found = Counter()
    for (reason, _site), count in week.items():
        found[reason] += count
    return found


def get_chance(count, total, scatter=1.0, periods=WEEKS):
    """That a week brings so many or more, after ``total`` in ``periods``: negative binomial.

    :param scatter: variance of weeks by their mean, one of independent facts.
    """
    mean = (total + 0.5) / periods
    excess = scatter * (1 + 1 / periods) - 1
    shape, odds = mean / excess, excess / (1 + excess)
    term, below = math.exp(shape * math.log1p(-odds)), 0.0
    for number in range(count):
        below += term
        term *= (shape + number) / (number + 1) * odds
    return max(0.0, 1 - below)


def get_scatter(history, total):
    """Of all keys together, of those that say something."""
    found = [[week[key] for week in history] for key, count in total.items() if count >= 10]
    means = sum(fmean(counts) for counts in found)
    return max(1.0, sum(variance(counts) for counts in found) / means) if found else 1.0


def warn(weeks, number):
    """:return: of ``number`` keys those of which the last week had more than noise explains."""
    history = weeks[-WEEKS - 1 : -1]
    total = Counter()
    for week in history:
        total.update(week)
    scatter = get_scatter(history, total)
    return {key for key, count in weeks[-1].items() if get_chance(count, total[key], scatter) * number < WRONG}


def repeat(weeks):
    recent = Counter()
    for week in weeks[-WITHIN:]:
        recent.update(week)
    return {key for key, count in recent.items() if count >= REPEATED}


def run(times=60):
    lines = ["### Early warning", "", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for kind in KINDS:
        for fold in (lambda week: week, by_reason):
            lines += _describe(Random(kind[0]), kind, fold, times)
    return [*lines, ""]


def _count_keys(company, fold):
    return len(company.shares if fold is by_reason else company.cells)


def _describe(random, kind, fold, times):
    false, standing = {}, []
    for together in (False, True):
        spoken = []
        for _time in range(max(4, times // 6)):
            company = Company(random, *kind, together)
            weeks = [fold(company.draw_week()) for _week in range(WEEKS)]
            for _week in range(WEEKS):
                weeks.append(fold(company.draw_week()))
                spoken.append(len(warn(weeks, _count_keys(company, fold))))
            standing.append(len(repeat(weeks)))
        false[together] = WEEKS * fmean(spoken)
    name = "a reason" if fold is by_reason else "a reason at a site"
    first = f"| {kind[0]}, {kind[1]} | {name} | {false[False]:.1f}, {false[True]:.1f} | {fmean(standing):.0f} |"
    for factor in (2, 3) if fold is by_reason else (1, 2):
        yield f"{first} {_describe_change(random, kind, fold, factor, times)}"
        first = "| | | | |"


def _describe_change(random, kind, fold, more, times):
    warned, repeated, stood, before = [], [], 0, 0
    for _time in range(times):
        company = Company(random, *kind, together=True)
        weeks = [fold(company.draw_week()) for _week in range(WEEKS)]
        key = company.draw_cell()
        added = more
        if fold is by_reason:
            key = key[0]
            added = (more - 1) * company.weekly * company.shares[key] / sum(company.shares.values())
        stands, told, known = key in repeat(weeks), None, None
        for week in range(1, CHANGED + 1):
            weeks.append(fold(company.draw_week(key, added)))
            if told is None and key in warn(weeks, _count_keys(company, fold)):
                told = week
            if known is None and not stands and key in repeat(weeks):
                known = week
        warned.append(told or 99)
        repeated.append(known or 99)
        stood += stands and bool(told)
        before += not stands and (told or 99) < (known or 99)

    def tell(count):
        return f"{100 * count / times:.0f} %"

    soon, late = (sum(week <= limit for week in warned) for limit in (4, CHANGED))
    new = [week for week in repeated if week <= CHANGED]
    change = f"{more} × as many" if fold is by_reason else f"{more} more a week"
    after = f", after {median(new):.0f} weeks" if new else ""
    return f"{change} | {tell(soon)}, {tell(late)} | {tell(len(new))}{after} | {tell(before)} | {tell(stood)} |"
