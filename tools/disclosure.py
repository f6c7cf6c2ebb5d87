"""What is withheld so that published figures, added and subtracted, are never of few clients.

Each figure is a sum over the answers that count in it. A combination of figures is of the clients whose answers it does
not cancel out, and exposes them when they are fewer than the minimum. Whether there is one is decided exactly, by
elimination in whole numbers: complementary suppression (Cox, "Suppression Methodology and Statistical Disclosure
Control", JASA 75, 1980) for any number of tables that share their clients.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count, repeat
from math import gcd
from typing import NamedTuple

#: answers that are looked at in all before `TooMany` is raised: tables of many small rows cross in too many ways
EFFORT = 30_000

#: sets of withheld rows that are looked at for the least one; beyond, what is withheld is only irreducible
PATIENCE = 150


class Figure(NamedTuple):
    """A sum that is published: the ``row`` of a table with which it is shown or withheld, and of what it is the sum."""

    row: Hashable
    measure: str


class TooMany(Exception):
    """There are too many combinations to say who is exposed: publish a table less."""


#: the figures in which one answer counts
Answer = frozenset[Figure]


def withhold(
    clients: Iterable[Collection[Answer]], weights: Mapping[Hashable, int], minimum: int
) -> frozenset[Hashable]:
    """Rows to withhold: the lightest, and of those with the fewest clients, that leave nobody exposed.

    :param clients: the answers of each.
    :param weights: of the rows that may be withheld.
    :raises ValueError: when other rows expose somebody.
    :raises TooMany: see `EFFORT`.
    """
    effort = count()
    clients = [frozenset(answers) for answers in clients]
    sizes = Counter(row for answers in clients for row in {figure.row for answer in answers for figure in answer})
    unit = 1 + sizes.total()
    costs = {row: weight * unit + sizes[row] for row, weight in weights.items()}
    order = {row: place for place, row in enumerate(sorted(costs, key=lambda row: (costs[row], repr(row))))}
    start = frozenset(row for row in costs if 0 < sizes[row] < minimum)
    queue, seen = [(0, (), start)], {start}
    while queue:
        cost, _places, withheld = heappop(queue)
        exposure = find_exposure(clients, minimum, withheld, effort)
        if not exposure:
            return withheld if len(seen) <= PATIENCE else _show_again(clients, minimum, withheld, start, costs, effort)
        rows = {figure.row for figure in exposure} & costs.keys()
        if not rows:
            error = "rows that are always shown expose clients"
            raise ValueError(error)
        if len(seen) > PATIENCE:
            queue, rows = [], {min(rows, key=costs.get)}
        for row in rows:
            wider = withheld | {row}
            if wider not in seen:
                seen.add(wider)
                heappush(queue, (cost + costs[row], sorted(order[one] for one in wider), wider))
    return start


def _show_again(clients, minimum, withheld, start, costs, effort):
    """Withhold no row that may be shown beside all the others."""
    for row in sorted(withheld - start, key=costs.get, reverse=True):
        if not find_exposure(clients, minimum, withheld - {row}, effort):
            withheld -= {row}
    return withheld


def find_exposure(
    clients: Iterable[Collection[Answer]],
    minimum: int,
    withheld: Collection[Hashable] = (),
    effort: Iterator[int] | None = None,
) -> dict[Figure, int] | None:
    """Coefficients of a combination of figures that is of 1 to ``minimum`` − 1 clients; None when there is none."""
    withheld = frozenset(withheld)
    shown = {
        answer: frozenset(figure for figure in answer if figure.row not in withheld)
        for answers in clients
        for answer in answers
    }
    groups = Counter(frozenset(shown[answer] for answer in answers) for answers in clients)
    names = sorted({figure for answer in shown.values() for figure in answer}, key=repr)
    places = {figure: place for place, figure in enumerate(names)}
    common = Counter(answer - frozenset.intersection(*answers) for answers in groups for answer in answers)
    found = Counter()
    for answers, number in groups.items():
        found[_compare_answers(answers, common, places)] += number
    many, few = _merge(found, minimum)
    everything = many.clone().extend(dict(vector) for vectors in few for vector in vectors)
    left = _reduce_rank(many, few, minimum - 1, len(everything.rows), effort or repeat(0))
    if left is None:
        return None
    lost = next(vector for row in everything.rows.values() if (vector := left.reduce(row)))
    return {names[place]: number for place, number in left.cancel(lost).items()}


def _compare_answers(answers, common, places):
    """Vectors that span the answers of a client: one, and how the others differ from it, which is alike for many."""
    shared = frozenset.intersection(*answers) if answers else frozenset()
    ordered = sorted(answers, key=lambda answer: (-common[answer - shared], sorted(map(places.get, answer))))
    vectors = [dict.fromkeys(map(places.get, ordered[0]), 1)] if ordered else []
    for answer in ordered[1:]:
        more = dict.fromkeys(map(places.get, answer - ordered[0]), 1)
        vectors.append(_simplify(more | dict.fromkeys(map(places.get, ordered[0] - answer), -1)))
    return tuple(tuple(sorted(vector.items())) for vector in vectors)


def _merge(groups, minimum):
    """``(span of what any combination cancels, {what is left of the answers of some clients: their number})``.

    What ``minimum`` clients or more have in common is never of fewer: it is cancelled, and what differs by it is equal.
    """
    many = _Span()
    while True:
        clients = Counter()
        for vectors, number in groups.items():
            clients.update(dict.fromkeys(vectors, number))
        large = [vector for vector, number in clients.items() if number >= minimum]
        if not large:
            return many, groups
        many.extend(map(dict, large))
        left = Counter()
        for vectors, number in groups.items():
            if rest := _Span(many.reduce(dict(vector)) for vector in vectors).get_key():
                left[rest] += number
        groups = left


def _reduce_rank(kept, groups, most, rank, effort):
    """The span of what is left without some groups of at most ``most`` clients together, if it is of a lower rank.

    They have a client in every basis: where more bases than ``most`` have no client in common, there are none such.
    """
    bases, unused = [], dict(groups)
    while len(bases) <= most:
        span, basis = kept.clone(), []
        for vectors in sorted(unused, key=unused.get, reverse=True):
            if next(effort) > EFFORT:
                raise TooMany
            before = len(span.rows)
            span.extend(map(dict, vectors))
            if len(span.rows) > before:
                basis.append(vectors)
        if len(span.rows) < rank:
            break
        bases.append(basis)
        unused = {vectors: number for vectors in unused if (number := unused[vectors] - (vectors in basis))}
    if not bases:
        return span
    if len(bases) > most:
        return None
    kept, rest = kept.clone(), dict(groups)
    for vectors in bases[0]:
        number = rest.pop(vectors)
        found = number <= most and _reduce_rank(kept, rest, most - number, rank, effort)
        if found:
            return found
        kept.extend(map(dict, vectors))
    return None


class _Span:
    """A space of vectors ``{place: whole number}``, in reduced echelon form: equal spaces have equal rows."""

    def __init__(self, vectors=()):
        self.rows = {}
        self.extend(vectors)

    def clone(self):
        span = _Span()
        span.rows = dict(self.rows)
        return span

    def get_key(self):
        return tuple(tuple(sorted(self.rows[place].items())) for place in sorted(self.rows))

    def extend(self, vectors):
        for vector in vectors:
            if rest := self.reduce(dict(vector)):
                first = min(rest)
                for place, row in self.rows.items():
                    if first in row:
                        self.rows[place] = _eliminate(row, rest, first)
                self.rows[first] = rest
        return self

    def reduce(self, vector):
        """The rest of a vector modulo the space: empty for a vector of the space."""
        for place in vector.keys() & self.rows.keys():
            vector = _eliminate(vector, self.rows[place], place)
        return _simplify(vector)

    def cancel(self, vector):
        """Coefficients whose sum of products is zero for the whole space, and not for a reduced vector."""
        free = min(vector)
        rows = {place: row for place, row in self.rows.items() if free in row}
        scale = 1
        for place, row in rows.items():
            scale = scale * row[place] // gcd(scale, row[place])
        found = {place: -scale * row[free] // row[place] for place, row in rows.items()}
        return _simplify({free: scale, **found})


def _eliminate(vector, row, place):
    mine, theirs = vector[place], row[place]
    found = {at: theirs * number for at, number in vector.items()}
    for at, number in row.items():
        found[at] = found.get(at, 0) - mine * number
    return _simplify({at: number for at, number in found.items() if number})


def _simplify(vector):
    """Without a common factor, and the first one positive."""
    if not vector:
        return vector
    factor = gcd(*vector.values())
    factor = -factor if vector[min(vector)] < 0 else factor
    return vector if factor == 1 else {at: number // factor for at, number in vector.items()}
