import math
from typing import Any, NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

#: cases that are compared, about: those that have the rarest words; where more have even the rarest, the newest
MOST_COMPARED = 1000

#: words in common at least, of a text that has as many
FEWEST_WORDS = 2

#: what the same site, client or reason adds to a score: as much as a word that is in one of twenty cases
SAME = 3.0

#: share of the cases that have a word: before PostgreSQL has counted them, and of one that it does not list, at most
UNCOUNTED, UNLISTED = 0.01, 0.0005


class Similar(NamedTuple):
    """A case like a text: the ``words`` of the text that it has, too, and what is the same: ``site client reason``."""

    case: Any
    score: float
    words: list[str]
    reasons: list[str]


class SimilarCases(models.AbstractModel):
    """Cases are like a text by how rare the words in common are. The time it takes does not grow with the cases."""

    _name = "sig.similar"
    _description = "Similar Cases"

    def _find(self, text, company, site=False, client=None, reason=None, without=None, domain=None, limit=5):
        """Cases of a company that the user reads, but for restricted, reserved and cancelled ones.

        :param client, reason: records, or none.
        :param without: cases that are left out.
        :return: list of `Similar`, the best first.
        """
        Words, Pqrs = self.env["sig.words"], self.env(su=False)["sig.pqrs"]
        written = Words._get_lexemes(text)
        if not written or not Pqrs.has_access("read"):
            return []
        meanings = Words._expand(written, company)
        facts = {"site": site, "client_id": client and client.id, "reason_id": reason and reason.id}
        facts = {name: value for name, value in facts.items() if value}
        shown = self._get_domain(company) & Domain("id", "not in", without.ids if without else [])
        query = Pqrs._search(shown & Domain(domain or Domain.TRUE))
        found = []
        for id_, score, lexemes in self._rank(query, meanings, facts, limit):
            words = [word for lexeme, word in written.items() if not meanings[lexeme].isdisjoint(lexemes)]
            if len(words) >= min(FEWEST_WORDS, len(written)):
                case = Pqrs.browse(id_)
                values = {"site": case.site, "client_id": case.client_id.id, "reason_id": case.reason_id.id}
                reasons = [name.removesuffix("_id") for name, value in facts.items() if values[name] == value]
                found.append(Similar(case, float(score), words, reasons))
        return found

    def _get_domain(self, company):
        shown = Domain("company_id", "=", company.id) & Domain("state", "!=", "cancelled")
        return shown & Domain("restricted", "=", False) & Domain("identity_reserved", "=", False)

    def _rank(self, query, meanings, facts, limit):
        """:return: rows ``(id, score, [lexemes in common])`` of the best cases of a query."""
        rarity, rarest, since = self._weigh(meanings)
        query.add_join("JOIN", "own", "sig_pqrs_words", SQL("own.case_id = %s", SQL.identifier(query.table, "id")))
        query.add_where(SQL("own.case_id > %s AND own.words @@ %s::tsquery", since, self._make_tsquery(rarest)))
        same = [
            SQL("CASE WHEN %s = %s THEN %s ELSE 0 END", SQL.identifier(query.table, name), value, SAME)
            for name, value in facts.items()
        ]
        common = [
            SQL("CASE WHEN words @@ %s::tsquery THEN %s ELSE 0 END", self._make_tsquery(meanings[lexeme]), weight)
            for lexeme, weight in rarity.items()
        ]
        best = SQL(
            "SELECT *, same + %s AS score FROM (%s) AS compared ORDER BY score DESC, case_id DESC LIMIT %s",
            SQL(" + ").join(common),
            query.select("own.case_id", "own.words", SQL("%s AS same", SQL(" + ").join([SQL("0"), *same]))),
            limit,
        )
        return self.env.execute_query(
            SQL(
                "SELECT case_id, score, ARRAY(SELECT unnest(tsvector_to_array(words)) INTERSECT SELECT unnest(%s))"
                " FROM (%s) AS best",
                list({lexeme for group in meanings.values() for lexeme in group}),
                best,
                to_flush=[self.env["sig.pqrs"]._fields[name] for name in ("subject", "description", "remedy", *facts)],
            )
        )

    def _make_tsquery(self, lexemes):
        return " | ".join(f"'{lexeme}'" for lexeme in sorted(lexemes))

    def _weigh(self, meanings):
        """How rare words are, by the statistics that PostgreSQL keeps of them.

        :return: ``{lexeme: weight}``; the lexemes of the rarest words; the id after which cases are looked for.
        """
        lexemes = list({lexeme for group in meanings.values() for lexeme in group})
        counted = self.env.execute_query(
            SQL(
                """
                SELECT word, frequency, reltuples, (SELECT max(case_id) FROM sig_pqrs_words)
                  FROM pg_class, pg_stats,
                       unnest(most_common_elems::text::text[], most_common_elem_freqs) AS element(word, frequency)
                 WHERE pg_class.oid = 'sig_pqrs_words'::regclass
                   AND schemaname = current_schema AND tablename = 'sig_pqrs_words' AND attname = 'words'
                   AND (word = ANY(%s) OR word IS NULL)
                 ORDER BY frequency DESC
                """,
                lexemes,
            )
        )
        if not counted:
            return dict.fromkeys(meanings, -math.log(UNCOUNTED)), lexemes, 0
        share = {word: frequency for word, frequency, *_table in counted}
        _word, _frequency, cases, last = counted[0]
        # beside the words, PostgreSQL tells the frequency of the least frequent of them
        unlisted = max(min(share.pop(None) / 2, UNLISTED), 1 / max(cases, 1))
        shares = {
            lexeme: min(1, sum(share.get(each, unlisted) for each in group)) for lexeme, group in meanings.items()
        }
        rarest, expected = set(), 0
        for lexeme in sorted(shares, key=shares.get):
            if rarest and expected + shares[lexeme] * cases > MOST_COMPARED:
                break
            rarest |= meanings[lexeme]
            expected += shares[lexeme] * cases
        since = last * (1 - MOST_COMPARED / expected) if expected > MOST_COMPARED else 0
        return {lexeme: -math.log(frequency) for lexeme, frequency in shares.items()}, rarest, int(since)
