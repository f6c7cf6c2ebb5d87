import math
from datetime import timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from markupsafe import Markup

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import starting_point

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

#: what a person has typed of a case that is not stored yet
TYPED = (
    "subject", "description", "remedy", "site", "client_id", "reason_id", "incident_date", "company_id",
    "partner_id", "email_from", "anonymous",
)  # fmt: skip

#: days after the facts in which others tell of them, and cases that are shown
TOLD_WITHIN, SAME_FACT = 60, 10


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

    @api.model
    @api.readonly
    def get_similar(self, case_id=False, values=None):
        """Cases like one, if the user reads it, or like one that the SIG types.

        :param dict values: of the fields `TYPED`.
        :raises UserError: when the day of the facts is no date.
        :return: ``{"same_fact": [row], "similar": [row]}``: dicts of ``id name note why``; of a case that was answered
            also ``answer``, as `_get_earlier_row` of assignments gives it, and ``sections``, ``[[id, process]]``.
        """
        Pqrs = self.env["sig.pqrs"]
        nothing = {"same_fact": [], "similar": []}
        if not Pqrs.has_access("read"):
            return nothing
        readable, case = Pqrs._search(Domain.TRUE), Pqrs  # the rules are built once
        if values is None:
            asked = Domain("id", "in", Pqrs._get_record(Pqrs._name, case_id).ids) & Domain("id", "in", readable)
            case = Pqrs.sudo().search_fetch(asked, [*TYPED, "date_received"]).with_env(self.env)
        elif isinstance(values, dict) and self.env.user.has_group("sig_pqrs.group_sig_director"):
            typed = {name: values.get(name) for name in TYPED}
            typed["incident_date"] = self.env.company._sig_date(typed["incident_date"])
            case = Pqrs.new(typed)
        if not case:
            return nothing
        text = self.env["sig.words"]._get_text(case)
        company = (case.company_id or self.env.company)._origin
        facts = {"site": case.site, "client": case.client_id._origin, "reason": case.reason_id._origin}
        others = Domain("id", "not in", case._origin.ids)
        return {
            "same_fact": [self._get_row(other) for other in self._find_same_fact(case, company, readable)],
            "similar": self._get_rows(self._find(text, company, **facts, domain=others, readable=readable)),
        }

    def _find_same_fact(self, case, company, readable):
        """Cases of others, of the same site and day, among those that are ``readable``: each keeps its own answer."""
        if not case.site or not (case.incident_date or case.date_received):
            return case.browse()
        day = case.incident_date or case._get_received_on()
        midnight = company._sig_midnight
        since = Domain("date_received", ">=", midnight(day))
        same_day = Domain("incident_date", "=", False) & Domain("date_received", "<", midnight(day + timedelta(1)))
        of_day = since & Domain("date_received", "<", midnight(day + timedelta(TOLD_WITHIN)))
        of_day &= Domain("incident_date", "=", day) | same_day
        others = Domain("site", "=ilike", case.site.strip()) & Domain("id", "not in", case._origin.ids)
        shown = self._get_domain(company) & of_day & others & Domain("id", "in", readable)
        case_sudo = case.sudo()
        found = case_sudo.search(shown, order="date_received, id", limit=SAME_FACT)
        if found:
            same = case_sudo._get_same_petitioner_domain(case._get_contact())
            found -= case_sudo.search(same & Domain("id", "in", found.ids))
        return found.with_env(self.env)

    def _get_rows(self, found):
        cases = self.env["sig.pqrs"].union(*(row.case for row in found))
        given = [("pqrs_id", "in", cases.ids), ("date_answered", "!=", False)]
        shown = ["pqrs_id", "company_id", "date_answered", "body"]
        answers = self.env["sig.pqrs.answer"].sudo().search_fetch(given, shown, order="round")  # as who reads the case
        last = {answer.pqrs_id.id: answer for answer in answers}
        parts = [("answer_id", "in", [answer.id for answer in last.values()]), ("state", "=", "approved")]
        sections = self.env["sig.pqrs.assignment"].search_fetch(parts, ["pqrs_id", "process_id"]).grouped("pqrs_id")
        labels = {
            "site": self.env._("Same site"),
            "client": self.env._("Same client"),
            "reason": self.env._("Same reason"),
        }
        rows = []
        for case, _score, words, reasons in found:
            row = self._get_row(case, " · ".join([*(labels[name] for name in reasons), ", ".join(words)]))
            if answer := last.get(case.id):
                row["answer"] = self.env["sig.pqrs.assignment"]._get_earlier_row(answer)
                row["sections"] = [[part.id, part.process_id.name] for part in sections.get(case, ())]
            rows.append(row)
        return rows

    def _get_row(self, case, why=""):
        received = tools.format_date(self.env, case._get_received_on())
        return {
            "id": case.id,
            "name": f"{case.name} · {case.subject}",
            "note": f"{case._get_choices('state')[case.state]} · {received}",
            "why": why,
        }

    @api.model
    @api.readonly
    def get_starting_point(self, section_id):
        """The HTML of an approved part of an answer that was given, with marks where it tells of its petitioner."""
        Assignment = self.env["sig.pqrs.assignment"]
        section = Assignment._get_record(Assignment._name, section_id)
        section.check_access("read")
        case = section.pqrs_id
        shown = self._get_domain(case.company_id) & Domain("id", "=", case.id)
        if not section.answer_id or not case.search_count(shown):
            raise UserError(self.env._("Only the answer that was given to a similar case is a starting point."))
        labels = {
            "name": self.env._("name"),
            "contact": self.env._("email or link"),
            "address": self.env._("address"),
            "date": self.env._("date"),
            "amount": self.env._("amount"),
            "number": self.env._("number"),
        }
        names = ([text for text in texts if text] for texts in self._get_names(case))
        lines = starting_point.split_lines(section.response or "")
        marked = starting_point.mark_other("\n".join(lines), labels, *names)
        return Markup().join(Markup("<p>%s</p>") % line for line in marked.split("\n"))

    def _get_names(self, case):
        """:return: names of who asked and their company, those of where it happened, and ours, which stay."""
        contact, company = case._get_contact(), case.company_id
        people = contact.partner | contact.partner.commercial_partner_id | case.client_id
        names = [contact.name, *people.mapped("name")]
        places = [*contact.address, case.site, case.city]
        keep = [company.name, company.email, company.phone, company.website, company.sig_service_email]
        return names, places, keep
