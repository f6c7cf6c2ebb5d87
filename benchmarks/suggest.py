"""The reason of a petition, guessed by the words of others (`tools/word_votes.py`): how often that is right, beside
the most frequent, the nearest neighbours (`sig.similar`), and rules that follow from the reason once a person has
chosen it.

Each petition of `petitions.py` is left out in turn and guessed from the others: from all of them; without those that
tell the same in the same sentence (``telling``), as if nobody had told it so; without those of the same event
(``event``), as if it had never happened. The last two are the honest ones: many petitions are made of few tellings.
"""

import json
import math
import re
from collections import Counter, defaultdict
from pathlib import Path
from statistics import fmean

from odoo.addons.sig_pqrs.models.knowledge.reason_guess import LIKELY, SURE
from odoo.addons.sig_pqrs.tools import word_votes

from .petitions import make_petitions

DEMO = Path(__file__).parents[1] / "demo" / "texts.json"
LABELS = ("reason", "type", "process", "severity")
WAYS = ("", "telling", "event")
#: neighbours that vote
VOTERS = 15


INTRODUCTION = """\
Three thousand petitions (`benchmarks/petitions.py`) of 13 reasons, each guessed from the others by the words of the
product (stems, synonyms, `tools/word_votes.py`). Top 1 / top 3 in %. *Rule*: the most frequent for the reason, once a
person has chosen it. *Not told so before*: without all that tell the same in the same sentence; *never happened
before*: without all of the same event. These two are the honest ones, since many petitions are made of few tellings.
5 % are classified otherwise than the rest, 4 % tell of nothing in particular, an eighth of two things, and an eighth
are of another type than their reason has: nobody reaches 100.
"""


class History:
    """Petitions, of which one is guessed from the others."""

    def __init__(self, cases, words, held):
        """:param held: the words of each petition, and those that mean the same."""
        self.cases, self.words, self.held = cases, words, held
        self.holders = defaultdict(list)
        for number, its in enumerate(held):
            for word in its:
                self.holders[word].append(number)
        self.rarity = {word: math.log(len(cases) / len(numbers)) for word, numbers in self.holders.items()}

    def shorten(self, size):
        return History(self.cases[:size], self.words[:size], self.held[:size])

    def _is_left_out(self, way, number, other):
        return number == other or (way and getattr(self.cases[number], way) == getattr(self.cases[other], way))

    def guess(self, label, way):
        """:return: ``[(right value, [guess])]`` of all petitions."""
        values = [getattr(case, label) for case in self.cases]
        groups = defaultdict(list)
        for number, case in enumerate(self.cases):
            groups[getattr(case, way) if way else number].append(number)
        counts = defaultdict(Counter)
        for number, value in enumerate(values):
            for word in self.held[number]:
                counts[word][value] += 1
        found = [None] * len(self.cases)
        for numbers in groups.values():
            own = defaultdict(Counter)
            for number in numbers:
                for word in self.held[number]:
                    own[word][values[number]] += 1
            texts = Counter(values)
            texts.subtract(values[number] for number in numbers)
            for number in numbers:
                holders = {word: counts[word] - own[word] for word in self.words[number]}
                found[number] = values[number], word_votes.guess(texts, holders)
        return found

    def guess_by_neighbours(self, label, way):
        """:return: ``[(right value, [value])]``: what the most similar petitions vote for."""
        found = []
        for number, case in enumerate(self.cases):
            scores = Counter()
            for word in self.words[number]:
                for other in self.holders[word]:
                    scores[other] += self.rarity[word]
            votes, left = Counter(), VOTERS
            for other, score in scores.most_common():
                if not self._is_left_out(way, number, other):
                    votes[getattr(self.cases[other], label)] += score**2
                    left -= 1
                if not left:
                    break
            found.append((getattr(case, label), [value for value, _votes in votes.most_common()]))
        return found


def read_words(env, texts):
    """:return: the words of texts as the product has them, and with those that mean the same."""
    words = [set(env["sig.words"]._get_lexemes(text)) for text in texts]
    meanings = env["sig.words"]._expand(set().union(*words))
    return words, [set().union(*(meanings[word] for word in its)) for its in words]


def run(env, count=3000):
    cases = make_petitions(count)
    history = History(cases, *read_words(env, [f"{case.subject}\n{case.description}" for case in cases]))
    yield from ("### What is suggested in triage", "")
    yield INTRODUCTION
    yield from _describe_guesses(history)
    yield from _describe_growth(history)
    yield from _describe_confidence(history)
    yield from _describe_demo(env, history)


def _values(guesses):
    return [(right, list(found)) for right, found in guesses]


def _rate(ranked):
    """:param ranked: ``[(right value, [values, best first])]``."""
    ranked = list(ranked)
    shares = (fmean(right in values[:top] for right, values in ranked) for top in (1, 3))
    return " / ".join(f"{100 * share:.1f}" for share in shares)


def _describe_guesses(history):
    yield "| | Most frequent | Rule | From all others | Not told so before | Never happened before |"
    yield "|---|---|---|---|---|---|"
    for label in LABELS:
        values = [getattr(case, label) for case in history.cases]
        of_reason = defaultdict(Counter)
        for case, value in zip(history.cases, values, strict=True):
            of_reason[case.reason][value] += 1
        frequent = [value for value, _count in Counter(values).most_common()]
        rule = {reason: [value for value, _count in counts.most_common()] for reason, counts in of_reason.items()}
        cells = [
            _rate((value, frequent) for value in values),
            *(
                ["–"]
                if label == "reason"
                else [_rate((getattr(case, label), rule[case.reason]) for case in history.cases)]
            ),
            *(_rate(_values(history.guess(label, way))) for way in WAYS),
        ]
        yield f"| {label} | {' | '.join(cells)} |"
    cells = [_rate(history.guess_by_neighbours("reason", way)) for way in WAYS]
    yield f"| reason, by the {VOTERS} nearest neighbours | | – | {' | '.join(cells)} |"
    yield ""


def _describe_growth(history):
    yield "| Earlier petitions | Most frequent | From all others | Not told so before | Never happened before |"
    yield "|---|---|---|---|---|"
    for size in sorted({100, 300, 1000, len(history.cases)}):
        less = history.shorten(size)
        frequent = [value for value, _count in Counter(case.reason for case in less.cases).most_common()]
        cells = [_rate((case.reason, frequent) for case in less.cases)]
        cells += [_rate(_values(less.guess("reason", way))) for way in WAYS]
        yield f"| {size} | {' | '.join(cells)} |"
    yield ""


def _describe_confidence(history):
    yield "| Confidence of the first | Not told so before | Right | Never happened before | Right |"
    yield "|---|---|---|---|---|"
    guesses = {way: [(right, found) for right, found in history.guess("reason", way)] for way in WAYS[1:]}
    for low in range(0, 100, 10):
        cells = []
        for pairs in guesses.values():
            those = [
                right == next(iter(found))
                for right, found in pairs
                if found and low <= 100 * max(found.values()) < low + 10
            ]
            cells += [f"{100 * len(those) / len(pairs):.1f} %", f"{100 * fmean(those):.0f} %" if those else "–"]
        yield f"| {low} % and more | {' | '.join(cells)} |"
    shown = {
        way: [pair for pair in pairs if max(pair[1].values(), default=0) >= SURE] for way, pairs in guesses.items()
    }
    told = (
        f"{100 * len(pairs) / len(history.cases):.0f} % ({_rate(_values(_leave_unlikely(pairs)))} of them right)"
        for pairs in shown.values()
    )
    yield from ("", f"Suggested, from {100 * SURE:.0f} % on: {' and '.join(told)}.", "")


def _leave_unlikely(pairs):
    return [(right, {value: sure for value, sure in found.items() if sure >= LIKELY}) for right, found in pairs]


def _describe_demo(env, history):
    """Texts that somebody else wrote."""
    texts = json.loads(DEMO.read_text(encoding="utf-8"))["cases"]
    counts, of_reason = defaultdict(Counter), Counter(case.reason for case in history.cases)
    for case, held in zip(history.cases, history.held, strict=True):
        for word in held:
            counts[word][case.reason] += 1
    ranked = []
    for text in texts:
        (words,), _held = read_words(env, [text["subject"]])
        ranked.append((text["reason"], word_votes.guess(of_reason, {word: counts[word] for word in words})))
    yield f"The {len(texts)} subjects of the year of demo, which others wrote: {_rate(_values(ranked))}."
    yield ""


_SECTION = re.compile(r"\n## What petitions teach\n.*?(?=\n## |\Z)", re.DOTALL)


def replace_section(path, lines):
    """Put the section into the results in the place of the one before."""
    text = _SECTION.sub("", path.read_text(encoding="utf-8"))
    path.write_text(text.rstrip() + "\n\n" + "\n".join(lines).rstrip() + "\n", encoding="utf-8")


def keep_section(path, text):
    """:return: new results, with the section of those before."""
    found = _SECTION.search(path.read_text(encoding="utf-8")) if path.exists() else None
    return f"{text.rstrip()}\n{found[0].rstrip()}\n" if found else text
