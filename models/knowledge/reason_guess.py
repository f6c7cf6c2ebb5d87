from typing import Any, NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import word_votes
from ..mixin.transitions import UNTRIAGED

#: newest cases of which is learnt
LEARNT = 3000

#: reasons that are suggested, if the first is as sure as this, and cases that are named of each
SHOWN, SURE, CASES = 3, 0.2, 2


class Guess(NamedTuple):
    """``words`` of the petition that speak for the reason, and similar ``cases`` that have it; nothing is sure."""

    reason: Any
    percentage: int
    words: list[str]
    cases: Any


class ReasonGuess(models.AbstractModel):
    """The reason of a petition, by the words of those whose reason the SIG has chosen.

    How often it is right, and why nothing else is suggested, is in `benchmarks/results.md`.
    """

    _name = "sig.reason.guess"
    _description = "Likely Reasons"

    def _find(self, case):
        """:return: list of `Guess`, best first, of cases that the user reads; empty where none is likely."""
        text = "\n".join(filter(None, (case.subject, case.description, case.remedy)))
        written = self.env["sig.words"]._get_lexemes(text)
        texts, holders = self._count(case, self.env["sig.words"]._expand(written, case.company_id))
        guesses = word_votes.guess(texts, {written[lexeme]: counts for lexeme, counts in holders.items()})
        if not guesses or guesses[0].confidence < SURE:
            return []
        likely = [(self.env["sig.pqrs.reason"].browse(guess.value), guess) for guess in guesses]
        likely = [(reason, guess) for reason, guess in likely if reason.active][:SHOWN]
        named = Domain("reason_id", "in", [reason.id for reason, _guess in likely])
        similar = self.env["sig.similar"]._find(text, case.company_id, without=case, domain=named, limit=5 * SHOWN)
        cases = self.env["sig.pqrs"].union(*(row.case for row in similar)).grouped("reason_id")
        return [
            Guess(reason, min(99, int(100 * guess.confidence)), guess.words, cases.get(reason, case.browse())[:CASES])
            for reason, guess in likely
        ]

    def _count(self, case, meanings):
        """:return: ``{reason id: cases}`` and ``{lexeme: {reason id: cases that have it, or what means the same}}``."""
        learnt = Domain("reason_id", "!=", False) & Domain("state", "not in", UNTRIAGED) & Domain("id", "!=", case.id)
        of_company = self.env["sig.similar"]._get_domain(case.company_id)
        query = case._search(of_company & learnt, order="date_received desc, id desc", limit=LEARNT)
        pairs = [(lexeme, same) for lexeme, meaning in meanings.items() for same in meaning]
        rows = self.env.execute_query(
            SQL(
                """
                WITH learnt AS (%s)
                SELECT reason_id, NULL, count(*) FROM learnt GROUP BY reason_id
                 UNION ALL
                SELECT reason_id, lexeme, count(DISTINCT learnt.id)
                  FROM learnt
                  JOIN sig_pqrs_words ON case_id = learnt.id,
                       unnest(tsvector_to_array(words)) AS held
                  JOIN unnest(%s::text[], %s::text[]) AS meaning(lexeme, same) ON same = held
                 GROUP BY reason_id, lexeme
                """,
                query.select("id", "reason_id"),
                [lexeme for lexeme, _same in pairs],
                [same for _lexeme, same in pairs],
                to_flush=[case._fields[name] for name in ("subject", "description", "remedy", "reason_id")],
            )
        )
        texts = {reason: count for reason, lexeme, count in rows if lexeme is None}
        holders = {lexeme: {} for lexeme in meanings}
        for reason, lexeme, count in rows:
            if lexeme is not None:
                holders[lexeme][reason] = count
        return texts, holders
