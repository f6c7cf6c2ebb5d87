#!/usr/bin/env python3
"""How often the figures mislead, and how soon they tell a change: the tables of docs/indicators.md.

Surveys and processes, stable and changed, are drawn with a seed and judged by the functions that judge the real ones.
"""

import math
import random
import sys
from collections import Counter
from pathlib import Path
from statistics import NormalDist

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tools import control_chart, statistics
else:
    from odoo.addons.sig_pqrs.tools import control_chart, statistics

NORMAL = NormalDist()
LENGTHS = {
    control_chart.BEYOND: 1,
    control_chart.SIDE: control_chart.SIDE_LENGTH,
    control_chart.TREND: control_chart.TREND_LENGTH,
}
BASELINE, MONTHS = 12, 24


# -- Surveys -------------------------------------------------------------------------------------------------------


def draw_clients(chance, share, correlation, levels, questions=15):
    """``{client: (satisfied, answered)}``: answers of a client resemble each other; one in twenty does not apply.

    :param levels: how satisfied each client is, standard normal.
    """
    found = {}
    for client, level in enumerate(levels):
        each = NORMAL.cdf((NORMAL.inv_cdf(share) + math.sqrt(correlation) * level) / math.sqrt(1 - correlation))
        answers = max(1, sum(chance.random() >= 0.05 for _question in range(questions)))
        found[client] = (sum(chance.random() < each for _answer in range(answers)), answers)
    return found


def draw_levels(chance, clients):
    return [chance.gauss(0, 1) for _client in range(clients)]


def estimate(clients):
    return statistics.clustered(Counter(clients.values()))


def get_coverage(chance, times, share, correlation, clients):
    """How many of the intervals at 95 % hold the true share."""
    found = [estimate(draw_clients(chance, share, correlation, draw_levels(chance, clients))) for _time in range(times)]
    return sum(one.low <= share <= one.high for one in found) / times


def get_verdicts(chance, times, shares, correlation, clients, stay=0.8, loyalty=0.8):
    """How many comparisons of two waves tell a change: as if of different clients, and as they are told.

    :param stay: of the clients of the first wave, those who answer the second too.
    :param loyalty: correlation of how satisfied a client is in both.
    """
    found = [0, 0]
    for _time in range(times):
        first, second = draw_levels(chance, clients), draw_levels(chance, clients)
        known = round(stay * clients)
        for client in range(known):
            second[client] = loyalty * first[client] + math.sqrt(1 - loyalty**2) * second[client]
        before, after = (
            draw_clients(chance, share, correlation, levels)
            for share, levels in zip(shares, (first, second), strict=True)
        )
        after = {client if client < known else clients + client: pair for client, pair in after.items()}
        pair = estimate(before), estimate(after)
        for place, paired in enumerate((0, statistics.correlate(before, after))):
            found[place] += statistics.compare(*pair, paired).verdict != statistics.NO_CHANGE
    return [number / times for number in found]


# -- Months --------------------------------------------------------------------------------------------------------


def draw_count(chance, mean):
    """Poisson."""
    left, number = math.exp(-mean), 0
    product = chance.random()
    while product > left:
        number, product = number + 1, product * chance.random()
    return number


def share_of(cases):
    """Months of so many cases on average, of which a share is a hit."""

    def draw(chance, levels):
        sizes = [draw_count(chance, cases) for _level in levels]
        hits = [
            sum(chance.random() < level for _case in range(size)) for size, level in zip(sizes, levels, strict=True)
        ]
        return lambda months, baseline: control_chart.p_chart(hits[:months], sizes[:months], baseline)

    return draw


def mean_of(cases):
    """Months of so many cases on average; the days of a case are lognormal, half of them within 0.8 of the mean."""

    def draw(chance, levels):
        values = []
        for level in levels:
            days = [level * chance.lognormvariate(-0.18, 0.6) for _case in range(draw_count(chance, cases))]
            values.append(round(sum(days) / len(days), 1) if days else None)
        return lambda months, baseline: control_chart.xmr(values[:months], baseline, 0.1)

    return draw


def counts(chance, levels):
    values = [draw_count(chance, level) for level in levels]
    return lambda months, baseline: control_chart.c_chart(values[:months], baseline)


#: ``name: (kind of chart, how it is drawn, level, level after a change, whether more is bad, or None for both ways)``
PROCESSES = {
    "On time, 12 cases a month": ("p", share_of(12), 0.95, 0.8, False),
    "On time, 40 cases a month": ("p", share_of(40), 0.95, 0.85, False),
    "Satisfied with the answer, 6 ratings": ("p", share_of(6), 0.8, 0.5, False),
    "Repetition, 12 cases a month": ("p", share_of(12), 0.1, 0.3, True),
    "Days to answer, 12 cases a month": ("xmr", mean_of(12), 8, 11, True),
    "Days to answer, 4 cases a month": ("xmr", mean_of(4), 8, 12, True),
    "Overdue at the end": ("c", counts, 0.5, 3, True),
    "Received, 12 a month": ("c", counts, 12, 20, None),
    "Received, 40 a month": ("c", counts, 40, 55, None),
}


def find_rules(make_chart, months, since, declared, upwards):
    """Rules that the last month broke in some month after ``since``, each looked at when it was the last."""
    found = set()
    for month in [months] if declared else range(since + 1, months + 1):
        for signal in make_chart(month, BASELINE if declared else None).signals:
            ends = (
                signal.last >= max(since, signal.first + LENGTHS[signal.rule] - 1)
                if declared
                else signal.last == month - 1
            )
            if ends and upwards in (None, signal.upwards):
                found.add(signal.rule)
    return found


def get_alarms(chance, times, name, declared, changed=False):
    """``{rule: share of the series that break it}`` in 24 months of a stable process, or in 12 after a change."""
    _kind, draw, level, other, upwards = PROCESSES[name]
    months = MONTHS // 2 if changed else MONTHS
    levels = [level] * BASELINE + [other if changed else level] * months
    found = Counter()
    for _time in range(times):
        rules = find_rules(draw(chance, levels), BASELINE + months, BASELINE, declared, upwards)
        found.update(rules)
        found["any"] += any(not is_hint(name, rule) for rule in rules)
    return {rule: found[rule] / times for rule in (*LENGTHS, "any")}


def is_hint(name, rule):
    kind, *_draw, upwards = PROCESSES[name]
    return control_chart.is_hint(kind, rule, upwards is None)


# -- Tables --------------------------------------------------------------------------------------------------------


def main(times):
    chance = random.Random(2026)
    print("Margins at 95 %: how many hold the true share. Satisfied, correlation of a client's answers; 15, 30 clients")
    for share in (0.8, 0.9, 0.95):
        for correlation in (0.3, 0.6):
            found = (get_coverage(chance, 300 * times, share, correlation, clients) for clients in (15, 30))
            print(f"  {share:.0%}  {correlation}  ", *(f"{one:.1%}" for one in found), flush=True)
    print("Two waves: how many tell a change. As if of different clients, and as they are told")
    for shares, correlation, clients in (
        *(((0.8, 0.8), 0.3, 15), ((0.95, 0.95), 0.3, 30), ((0.95, 0.95), 0.6, 15)),
        *(((0.9, 0.75), 0.3, 20), ((0.9, 0.8), 0.3, 30), ((0.9, 0.8), 0.45, 30)),
    ):
        found = get_verdicts(chance, 150 * times, shares, correlation, clients)
        change = f"{shares[0]:.0%} to {shares[1]:.0%}"
        print(f"  {change}  {correlation}  n = {clients}  ", *(f"{one:.1%}" for one in found), flush=True)
    print(
        "Rules: beyond, side, trend (* a hint), in 24 stable months | any that is no hint, in 12 months after a change"
    )
    for name, (_kind, _draw, level, other, _upwards) in PROCESSES.items():
        false = get_alarms(chance, 600 * times, name, declared=True)
        told = get_alarms(chance, 300 * times, name, declared=True, changed=True)
        late = get_alarms(chance, 40 * times, name, declared=False, changed=True)
        rules = (f"{false[rule]:.1%}{'*' if is_hint(name, rule) else ''}" for rule in LENGTHS)
        power = f"{told['any']:.0%}, without a declared baseline {late['any']:.0%}"
        print(f"  {name}:", *rules, f"| {level} to {other}: {power}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1)
