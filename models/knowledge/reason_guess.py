from collections import Counter, defaultdict
from heapq import nlargest
from typing import Any, NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import word_votes
from ..mixin.transitions import UNTRIAGED

#: fewest cases of which something is learnt, and most: the newest
FEWEST, LEARNT = 200, 3000

#: reasons that are suggested, if the first is as sure as this and the others not quite unlikely
SHOWN, SURE, LIKELY = 3, 0.2, 0.05

#: cases that are named of each
CASES = 2


class Guess(NamedTuple):
    """With similar ``cases`` that have the reason; nothing is sure."""

    reason: Any
    percentage: int
    cases: Any


class ReasonGuess(models.AbstractModel):
    """The reason of a petition, by the words of those whose reason the SIG has chosen.

    How often it is right, and why nothing else is suggested, is in `benchmarks/results.md`.
    """

    _name = "sig.reason.guess"
    _description = "Likely Reasons"

    def _find(self, case):
        """:return: list of `Guess`, best first, of cases that the user reads; empty where none is likely."""
        rows = self._read_learnt(case)
        if len(rows) < FEWEST:
            return []
        texts, holders = Counter(reason for _case, reason, _words in rows), defaultdict(Counter)
        for _case, reason, words in rows:
            for word in words:
                holders[word][reason] += 1
        found = word_votes.guess(texts, holders)
        if max(found.values(), default=0) < SURE:
            return []
        reasons = self.env["sig.pqrs.reason"].browse(found).filtered(lambda reason: found[reason.id] >= LIKELY)
        return [
            Guess(reason, min(99, int(100 * found[reason.id])), case.browse(self._pick_similar(rows, reason)))
            for reason in reasons.filtered("active")[:SHOWN]
        ]

    def _pick_similar(self, rows, reason):
        """Ids of the cases with the reason that have most of the words."""
        common = {id_: len(words) for id_, of_case, words in rows if of_case == reason.id and words}
        return nlargest(CASES, common, key=common.get)

    def _read_learnt(self, case):
        """The newest cases of the company whose reason was chosen.

        :return: ``[(id, id of the reason, [words of the case that it has, too])]``
        """
        Similar, Words = self.env["sig.similar"], self.env["sig.words"]
        written = Words._get_lexemes(Words._get_text(case))
        meanings = Words._expand(written, case.company_id)
        if not written:
            return []
        learnt = Domain("reason_id", "!=", False) & Domain("state", "not in", UNTRIAGED) & Domain("id", "!=", case.id)
        shown = Similar._get_domain(case.company_id) & learnt
        query = case._search(shown, order="date_received desc, id desc", limit=LEARNT)
        held = [
            SQL("CASE WHEN words @@ %s::tsquery THEN %s END", Similar._make_tsquery(meanings[lexeme]), word)
            for lexeme, word in written.items()
        ]
        return self.env.execute_query(
            SQL(
                "SELECT case_id, reason_id, array_remove(ARRAY[%s], NULL)"
                "  FROM (%s) AS learnt JOIN sig_pqrs_words ON case_id = learnt.id",
                SQL(", ").join(held),
                query.select("id", "reason_id"),
                to_flush=[case._fields[name] for name in ("subject", "description", "remedy", "reason_id")],
            )
        )
