"""What a text is about, by the words of texts that people have classified.

Complement naive Bayes (Rennie, Shih, Teevan and Karger, "Tackling the Poor Assumptions of Naive Bayes Text
Classifiers", 2003): a word speaks for a class as much as it is rare in the texts of all the others, so that large
classes draw nothing.
"""

import math
from collections.abc import Hashable, Mapping


def guess(texts: Mapping[Hashable, int], holders: Mapping[str, Mapping[Hashable, int]]) -> dict[Hashable, float]:
    """The likely classes of a text, best first, each with its confidence, 0 to 1: of the guesses that have it about so
    many are right. None where no word of the text is known.

    :param texts: number of texts of each class.
    :param holders: for each word of the text, in how many texts of each class it is.
    """
    number = sum(texts.values())
    known = [(sum(of_class.values()), of_class) for of_class in holders.values() if any(of_class.values())]
    if not known:
        return {}
    sums = {
        value: sum(math.log((number - size + 2) / (held - of_class.get(value, 0) + 1)) for held, of_class in known)
        for value, size in texts.items()
    }
    best = max(sums.values())
    weights = {value: math.exp(total - best) for value, total in sums.items()}
    whole = sum(weights.values())
    return {value: weights[value] / whole for value in sorted(weights, key=weights.get, reverse=True)}
