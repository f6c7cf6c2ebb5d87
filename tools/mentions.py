"""Whether a text names somebody: by name, address, telephone or document. Rather too often than too seldom."""

import re
from collections.abc import Iterable

from .clean_text import fold

#: letters of a word of a person's name, and digits of a number, from which on they tell somebody apart
WORD_LENGTH = 4
NUMBER_LENGTH = 6


def digits(text: str) -> str:
    return re.sub(r"\D", "", text or "")


class Mentions:
    """Looks for somebody in texts.

    :param names: full names, of people or companies, and addresses; found as they are, whatever the case and accents.
    :param person: whether each longer word of the first name tells somebody apart, as those of a person do.
    :param numbers: telephones and documents, found however they are punctuated.
    """

    def __init__(self, names: Iterable[str], numbers: Iterable[str] = (), person: bool = False):
        names = list(filter(None, (fold(name or "") for name in names)))
        self.needles = set(names)
        if person and names:
            self.needles.update(word for word in re.findall(r"\w+", names[0]) if len(word) >= WORD_LENGTH)
        self.numbers = {digits(number) for number in numbers if len(digits(number)) >= NUMBER_LENGTH}

    def found_in(self, *texts: str) -> bool:
        """Whether one of the texts names them."""
        text = fold(" ".join(filter(None, texts)))
        return any(re.search(rf"(?<!\w){re.escape(needle)}(?!\w)", text) for needle in self.needles) or any(
            number in digits(text) for number in self.numbers
        )
