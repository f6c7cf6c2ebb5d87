"""What a text is about, by the words of texts that people have classified.

Complement naive Bayes (Rennie, Shih, Teevan and Karger, "Tackling the Poor Assumptions of Naive Bayes Text
Classifiers", 2003): a word speaks for a class as much as it is rare in the texts of all the others, so that large
classes draw nothing.
"""

import math
from collections.abc import Hashable, Mapping
from heapq import nlargest
from statistics import fmean
from typing import NamedTuple

#: words that are named of a guess
NAMED = 3


class Guess(NamedTuple):
    """``confidence``, 0 to 1: of the guesses that have it about so many are right. ``words`` speak most for it."""

    value: Hashable
    confidence: float
    words: list[str]


def guess(texts: Mapping[Hashable, int], holders: Mapping[str, Mapping[Hashable, int]]) -> list[Guess]:
    """The likely classes of a text, best first; none where no word of it is known.

    :param texts: number of texts of each class.
    :param holders: for each word of the text, in how many texts of each class it is.
    """
    number = sum(texts.values())
    known = {word: (sum(of_class.values()), of_class) for word, of_class in holders.items() if any(of_class.values())}
    if not known:
        return []
    votes = {
        value: {
            word: math.log((number - size + 2) / (held - of_class.get(value, 0) + 1))
            for word, (held, of_class) in known.items()
        }
        for value, size in texts.items()
    }
    means = {word: fmean(votes[value][word] for value in votes) for word in known}
    sums = {value: sum(of_value.values()) for value, of_value in votes.items()}
    best = max(sums.values())
    weights = {value: math.exp(total - best) for value, total in sums.items()}
    whole = sum(weights.values())
    guesses = []
    for value in sorted(weights, key=weights.get, reverse=True):
        above = {word: vote - means[word] for word, vote in votes[value].items() if vote > means[word]}
        guesses.append(Guess(value, weights[value] / whole, nlargest(NAMED, above, key=above.get)))
    return guesses
