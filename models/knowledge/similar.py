import math
from itertools import accumulate
from typing import Any, NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

#: cases that are compared at a time, about: those with the rarest words; where more have even the rarest, the newest
MOST_COMPARED = 1000

#: times that cases are looked for, with words less rare, and words that are compared: the rarest
MOST_TIMES, MOST_WORDS = 2, 30

#: words in common at least, of a text that has as many
FEWEST_WORDS = 2

#: what the same site, client or reason adds to a score: as much as a word that is in one of twenty cases
SAME = 3.0

#: share of the cases that have a word: before PostgreSQL has counted them, and of one that it does not list, at most
UNCOUNTED, UNLISTED = 0.01, 0.002


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

    def _find(self, text, company, site=False, client=None, reason=None, domain=None, limit=5, readable=None):
        """Cases of a company that the user reads, but for restricted, reserved and cancelled ones.

        :param client, reason: records, or none.
        :param readable: `Query` of what the user reads, if the caller has it.
        :return: list of `Similar`, the best first.
        """
        Words, Pqrs = self.env["sig.words"], self.env(su=False)["sig.pqrs"]
        written = Words._get_lexemes(text)
        if not written or not Pqrs.has_access("read"):
            return []
        meanings = Words._expand(written, company)
        facts = {"site": site, "client_id": client and client.id, "reason_id": reason and reason.id}
        facts = {name: value for name, value in facts.items() if value}
        shown = self._get_domain(company) & Domain(domain or Domain.TRUE)
        shares, cases, last = self._count(meanings)
        found, rest = [], sorted(shares, key=shares.get)
        readable = (Pqrs._search(Domain.TRUE) if readable is None else readable).select()
        for _time in range(MOST_TIMES):
            rarest, since = self._take_rarest(rest, shares, cases, last)
            looked_for = {lexeme for each in rarest for lexeme in meanings[each]}
            known = Domain("id", "not in", [row.case.id for row in found])
            query = Pqrs.sudo()._search(shown & known)
            query.add_join("JOIN", "own", "sig_pqrs_words", SQL("own.case_id = %s", SQL.identifier(query.table, "id")))
            query.add_where(SQL("own.case_id > %s AND own.words @@ %s::tsquery", since, self._make_tsquery(looked_for)))
            rows = self._rank(query, readable, meanings, shares, facts, limit - len(found))
            compared = Pqrs.browse(id_ for id_, _score, _lexemes in rows)
            compared.sudo().fetch()  # those that the user reads
            for case, (_id, score, lexemes) in zip(compared, rows, strict=True):
                words = [word for lexeme, word in written.items() if not meanings[lexeme].isdisjoint(lexemes)]
                if len(words) >= min(FEWEST_WORDS, len(written)):
                    values = {"site": case.site, "client_id": case.client_id.id, "reason_id": case.reason_id.id}
                    reasons = [name.removesuffix("_id") for name, value in facts.items() if values[name] == value]
                    found.append(Similar(case, score, words, reasons))
            rest = rest[len(rarest) :]
            if not rest or len(found) >= limit:
                break
        return sorted(found, key=lambda row: -row.score)

    def _get_domain(self, company):
        shown = Domain("company_id", "=", company.id) & Domain("state", "!=", "cancelled")
        return shown & Domain("restricted", "=", False) & Domain("identity_reserved", "=", False)

    def _take_rarest(self, lexemes, shares, cases, last):
        """:return: the first of ``lexemes``, of which few cases have one; the id after which cases are looked for."""
        expected = shares[lexemes[0]] * cases
        if expected > MOST_COMPARED:
            return lexemes[:1], int(last * (1 - MOST_COMPARED / expected))
        sums = accumulate(shares[lexeme] * cases for lexeme in lexemes)
        return lexemes[: sum(total <= MOST_COMPARED for total in sums)], 0

    def _rank(self, query, readable, meanings, shares, facts, limit):
        """The cases are ranked before the rules of the user are asked, of the best first, until enough are found.

        :param query: of cases, whoever reads them; ``readable``: `SQL` of the ids that the user reads.
        :return: rows ``(id, score, [lexemes in common])`` of the best that the user reads.
        """
        rarest = sorted(shares, key=shares.get)[:MOST_WORDS]
        same = [
            SQL("CASE WHEN %s = %s THEN %s ELSE 0 END", SQL.identifier(query.table, name), value, SAME)
            for name, value in facts.items()
        ]
        common = [
            SQL(
                "CASE WHEN own.words @@ %s::tsquery THEN %s::float8 ELSE 0 END",
                self._make_tsquery(meanings[lexeme]),
                -math.log(shares[lexeme]),
            )
            for lexeme in rarest
        ]
        query.order = SQL("score DESC, own.case_id DESC")
        ranked = query.select("own.case_id", "own.words", SQL("%s AS score", SQL(" + ").join([*common, *same])))
        best = SQL(
            "SELECT ranked.* FROM (%s) AS ranked JOIN (%s) AS readable ON id = case_id"
            " ORDER BY score DESC, case_id DESC LIMIT %s",
            ranked,
            readable,
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

    def _count(self, meanings):
        """What PostgreSQL knows of words by the statistics that it keeps.

        :return: ``{lexeme: share of the cases that have it or what means the same}``, number of cases, last id.
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
            return dict.fromkeys(meanings, UNCOUNTED), 0, 0
        share = {word: frequency for word, frequency, *_table in counted}
        _word, _frequency, cases, last = counted[0]
        # beside the words, PostgreSQL tells the frequency of the least frequent of them
        unlisted = max(min(share.pop(None) / 2, UNLISTED), 1 / max(cases, 1))
        sums = {lexeme: sum(share.get(each, unlisted) for each in group) for lexeme, group in meanings.items()}
        return {lexeme: min(1, total) for lexeme, total in sums.items()}, cases, last
