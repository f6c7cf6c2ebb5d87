"""Counting answers client by client, fast: one pass over what each client chose, whatever it is counted for."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from operator import itemgetter
from struct import Struct

from .statistics import Sums

#: bits of a number of answers of one client in one group: more questions than any questionnaire has
BITS = 16
MASK = (1 << BITS) - 1


class Tally:
    """Adds up the answers of clients for groups of questions.

    One whole number holds the successes and the answers of a client in every group at once: adding the numbers of the
    choices of a client adds up all of them.

    :param groups: of each choice, the groups in which it counts; those that are not in it count nowhere.
    :param successes: choices that are successes.
    """

    def __init__(self, groups: Mapping[int, Collection[Hashable]], successes: Collection[int]):
        found = dict.fromkeys(group for of in groups.values() for group in of)
        self.places = {group: place for place, group in enumerate(found)}
        self.weights = {
            choice: sum((1 << BITS | (choice in successes)) << 2 * BITS * self.places[group] for group in set(of))
            for choice, of in groups.items()
        }

    def count(self, clients: Iterable[int], marks: Mapping[int, Iterable[int]]) -> dict[int, tuple[int, ...]]:
        """What each client chose, in every group: successes and answers, in one number each.

        :param marks: of each choice, the clients who made it.
        """
        packed = dict.fromkeys(clients, 0)
        for choice, weight in self.weights.items():
            for client in marks.get(choice, ()):
                packed[client] += weight
        parts = Struct(f"<{len(self.places)}I")
        return {client: parts.unpack(number.to_bytes(parts.size, "little")) for client, number in packed.items()}

    def add_up(self, counted: Iterable[tuple[int, ...]], group: Hashable) -> Sums | None:
        """Sums of the clients in a group; None when none of them answered anything of it."""
        if group not in self.places:
            return None
        place = self.places[group]
        total = Sums(0, 0, 0, 0, 0, 0)
        for part, number in Counter(map(itemgetter(place), counted)).items():
            s, t = part & MASK, part >> BITS
            if t:
                total += Sums(number, s * number, t * number, s * s * number, s * t * number, t * t * number)
        return total if total.clients else None
