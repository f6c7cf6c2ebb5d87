from collections import Counter
from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..mixin.transitions import RUNNING
from .indicator import Figure

#: acts that end a case without an answer
ENDINGS = ("transfer", "withdrawn", "cancelled")


#: fields of the case in the behaviour table of the main indicator (procedure 6)
BEHAVIOUR = ("type_id", "process_ids", "channel", "reason_id")


class ActFigures(models.Model):
    _inherit = "sig.pqrs.act"

    # What the figures of a month ask of the acts of all times.
    _figures_index = models.Index(
        "(company_id, kind, date) WHERE kind IN ('rated', 'transfer', 'withdrawn', 'cancelled')"
    )


class CaseIndicators(models.Model):
    """Figures of cases, one query a kind. A case counts in the month in which it was due (`docs/indicators.md`)."""

    _inherit = "sig.indicator"

    def _get_record_model(self):
        self.ensure_one()
        return "sig.action.plan.line" if self.kind == "plan_on_time" else "sig.pqrs"

    def _measure_on_time(self, date_from, date_to):
        population = self._count_terms(self._due_terms(date_from, date_to), SQL("in_time::int"))
        figures = self._query_figures(population)
        found = self._share(figures)
        main = self.filtered("is_main")[:1]
        if main and (figure := found[main].get(False)):
            found[main][False] = figure._replace(detail=self._get_behaviour(figure, figures if main.by_process else {}))
        return found

    def _measure_within_days(self, date_from, date_to):
        days = self.env.company._sig_get_policy_days()
        hit = SQL("COALESCE(days <= %s, FALSE)::int", days)
        population = self._count_terms(self._due_terms(date_from, date_to), hit)
        return self._share(self._query_figures(population))

    def _measure_response_time(self, date_from, date_to):
        population = self._count_terms(self._due_terms(date_from, date_to), SQL("days"), SQL("days IS NOT NULL"))
        return self._share(self._query_figures(population))

    def _measure_answer_satisfaction(self, date_from, date_to):
        """Of a reopened case, the last rating counts; until there is another, the earlier one does."""
        start, end = self._get_moments(date_from, date_to)
        population = SQL(
            """SELECT id, num, 1 AS den,
                      (SELECT given.id FROM sig_pqrs_answer given
                        WHERE given.pqrs_id = rated.id AND given.date_answered <= rated.date
                     ORDER BY given.round DESC LIMIT 1) AS answer_id
                 FROM (SELECT DISTINCT ON (a.pqrs_id) a.pqrs_id AS id, a.date, ((a.data->>'rate')::int >= 4)::int AS num
                         FROM sig_pqrs_act a
                        WHERE a.company_id = %s AND a.kind = 'rated' AND a.date >= %s
                     ORDER BY a.pqrs_id, a.number DESC) rated
                WHERE date < %s""",
            self.env.company.id, start, end,
        )  # fmt: skip
        return self._share(self._query_figures(population))

    def _measure_received(self, date_from, date_to):
        return self._share(self._query_figures(self._received_cases(date_from, date_to), is_count=True))

    def _measure_overdue_backlog(self, date_from, date_to):
        _start, end = self._get_moments(date_from, date_to)
        company = self.env.company
        population = SQL(
            """SELECT c.id, NULL::int AS answer_id, 1 AS num, 1 AS den
                 FROM sig_pqrs c
                WHERE c.company_id = %(company)s AND c.date_deadline <= %(last)s AND c.suspended IS NOT TRUE
                  AND c.state IN %(running)s
             UNION
               SELECT c.id, NULL, 1, 1
                 FROM sig_pqrs c
                WHERE c.company_id = %(company)s AND c.date_deadline <= %(last)s AND c.date_answered >= %(end)s
             UNION
               SELECT a.pqrs_id, NULL, 1, 1
                 FROM sig_pqrs_answer a
                WHERE a.company_id = %(company)s AND a.counts AND a.date_deadline <= %(last)s
                  AND a.date_answered >= %(end)s
             UNION
               SELECT c.id, NULL, 1, 1
                 FROM sig_pqrs c
                 JOIN sig_pqrs_act a ON a.pqrs_id = c.id
                WHERE a.company_id = %(company)s AND a.kind IN %(endings)s AND a.date >= %(end)s
                  AND c.date_deadline <= %(last)s AND c.state IN ('closed', 'cancelled')
                  AND c.outcome IS DISTINCT FROM 'spam'""",
            company=company.id,
            last=date_to,
            end=end,
            running=RUNNING,
            endings=ENDINGS,
        )
        return self._share(self._query_figures(population, is_count=True))

    def _measure_repetition(self, date_from, date_to):
        """Duplicates count as received, and repeat nothing."""
        company = self.env.company
        days = timedelta(days=company.sig_repetition_days)
        window = self._received_cases(date_from - days, date_to)
        start, _end = self._get_moments(date_from, date_to)
        population = SQL(
            """WITH received AS (%(window)s)
               SELECT id, NULL::int AS answer_id, MAX(num) AS num, 1 AS den
                 FROM (SELECT c.id, c.date_received, 0 AS num
                         FROM received JOIN sig_pqrs c USING (id)
                    UNION ALL
                       SELECT c.id, c.date_received, (COUNT(*) OVER (
                              PARTITION BY c.client_id, c.reason_id
                              ORDER BY c.date_received RANGE %(days)s PRECEDING) >= %(count)s)::int
                         FROM received JOIN sig_pqrs c USING (id)
                        WHERE c.client_id IS NOT NULL AND c.reason_id IS NOT NULL
                          AND c.outcome IS DISTINCT FROM 'duplicate'
                    UNION ALL
                       SELECT c.id, c.date_received, (COUNT(*) OVER (
                              PARTITION BY r.process_id, c.reason_id
                              ORDER BY c.date_received RANGE %(days)s PRECEDING) >= %(count)s)::int
                         FROM received JOIN sig_pqrs c USING (id)
                         JOIN sig_pqrs_process_rel r ON r.pqrs_id = c.id
                        WHERE c.reason_id IS NOT NULL AND c.outcome IS DISTINCT FROM 'duplicate') found
                WHERE date_received >= %(start)s
             GROUP BY id""",
            window=window,
            days=days,
            count=company.sig_repetition_count,
            start=start,
        )
        return self._share(self._query_figures(population))

    # -- Populations ------------------------------------------------------------------------------------------------

    def _get_moments(self, date_from, date_to):
        """Naive UTC start and end of a local period."""
        company = self.env.company
        return company._sig_midnight(date_from), company._sig_midnight(date_to + timedelta(days=1))

    def _due_terms(self, date_from, date_to):
        """Terms that ended in a period: of the cases, and of answers after which another term began, or none.

        :return: a query with ``id answer_id date_deadline in_time days``; no days while it is not answered.
        """
        company = self.env.company
        return SQL(
            """SELECT c.id, CASE WHEN c.date_answered IS NOT NULL THEN c.answer_id END AS answer_id, c.date_deadline,
                      c.deadline_state = 'answered_on_time' AS in_time,
                      CASE WHEN c.date_answered IS NOT NULL THEN c.response_days END AS days
                 FROM sig_pqrs c
                WHERE c.company_id = %(company)s AND c.date_deadline BETWEEN %(first)s AND %(last)s
                  AND (c.date_answered IS NOT NULL
                       OR (c.state IN %(running)s AND c.suspended IS NOT TRUE AND c.date_deadline < %(today)s))
            UNION ALL
               SELECT a.pqrs_id, a.id, a.date_deadline, a.in_time,
                      CASE WHEN a.date_answered IS NOT NULL THEN a.response_days END
                 FROM sig_pqrs_answer a
                WHERE a.company_id = %(company)s AND a.counts AND a.date_deadline BETWEEN %(first)s AND %(last)s""",
            company=company.id,
            first=date_from,
            last=date_to,
            running=RUNNING,
            today=company._sig_today(),
        )

    def _count_terms(self, terms, num, condition=None):
        return SQL(
            "SELECT id, answer_id, %s AS num, 1 AS den FROM (%s) terms WHERE %s", num, terms, condition or SQL("TRUE")
        )

    def _received_cases(self, date_from, date_to):
        start, end = self._get_moments(date_from, date_to)
        return SQL(
            """SELECT c.id, NULL::int AS answer_id, 1 AS num, 1 AS den
                 FROM sig_pqrs c
                WHERE c.company_id = %s AND c.date_received >= %s AND c.date_received < %s
                  AND c.state != 'to_file' AND c.outcome IS DISTINCT FROM 'spam'""",
            self.env.company.id, start, end,
        )  # fmt: skip

    def _query_figures(self, population, is_count=False):
        """``{process id or False: Figure}`` of a query with ``id answer_id num den``."""
        self.env["sig.pqrs"].flush_model()
        self.env["sig.pqrs.answer"].flush_model()
        self.env["sig.pqrs.act"].flush_model(["pqrs_id", "company_id", "kind", "date"])
        figures = SQL("SUM(num), SUM(den), ARRAY_AGG(id ORDER BY id), ARRAY_AGG(id ORDER BY id) FILTER (WHERE num > 0)")
        query = SQL("WITH population AS (%s) SELECT NULL AS process_id, %s FROM population", population, figures)
        if any(indicator.by_process or indicator.process_id for indicator in self):
            query = SQL(
                """%s UNION ALL SELECT process_id, %s FROM (%s) of_processes GROUP BY process_id""",
                query, figures, self._join_processes(SQL("population")),
            )  # fmt: skip
        nothing = Figure(0, None if is_count else 0)
        processes = self.process_id
        if any(indicator.by_process for indicator in self):  # each has a figure, with cases or without
            processes = self.env["sig.process"].search([("company_id", "=", self.env.company.id)])
        found = dict.fromkeys([False, *processes.ids], nothing)
        for process_id, num, den, ids, hits in self.env.execute_query(query):
            found[process_id or False] = Figure(
                float(num or 0), None if is_count else float(den or 0), ids or [], hits or []
            )
        return found

    def _join_processes(self, population):
        """:return: the rows of a population with ``process_id``: of the case, or of the answer whose term it is."""
        of_answer = self.env["sig.pqrs.answer"]._fields["process_ids"]
        return SQL(
            """SELECT population.*, r.process_id
                 FROM %(population)s population JOIN sig_pqrs_process_rel r ON r.pqrs_id = population.id
                WHERE population.answer_id IS NULL
            UNION ALL
               SELECT population.*, r.%(process)s
                 FROM %(population)s population JOIN %(rel)s r ON r.%(answer)s = population.answer_id""",
            population=population,
            rel=SQL.identifier(of_answer.relation),
            answer=SQL.identifier(of_answer.column1),
            process=SQL.identifier(of_answer.column2),
        )

    # -- Behaviour --------------------------------------------------------------------------------------------------

    def _get_behaviour(self, figure, by_process):
        """``{dimension: [[id or value, all, on time], …]}``

        :param dict by_process: ``{process id or False: Figure}``, of those that took part in each term.
        """
        # A case whose answer was disputed may have had two terms in the period.
        terms, hits = Counter(figure.record_ids), Counter(figure.hit_ids)
        found = {}
        for dimension in BEHAVIOUR:
            rows = self.env["sig.pqrs"]._read_group(
                [("id", "in", list(figure.record_ids))], [dimension], ["id:array_agg"]
            )
            found[dimension] = [
                [getattr(value, "id", value) or False, sum(map(terms.get, ids)), sum(hits[id_] for id_ in ids)]
                for value, ids in rows
            ]
        if by_process:
            of_processes = [
                [id_, int(each.denominator), int(each.numerator)] for id_, each in by_process.items() if id_
            ]
            nobodys = [row for row in found["process_ids"] if not row[0]]
            found["process_ids"] = [row for row in of_processes if row[1]] + nobodys
        return found

    def _measure_plan_on_time(self, date_from, date_to):
        lines = self.env["sig.action.plan.line"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("date_due", ">=", date_from),
                ("date_due", "<=", date_to),
                ("state", "in", ("open", "done")),
                ("plan_id.state", "not in", ("draft", "cancelled")),
            ],
            order="id",
        )
        by_process = lines.grouped(lambda line: line.plan_id.process_id.id)
        found = {}
        for process_id, theirs in {**by_process, False: lines}.items():
            hits = theirs.filtered(lambda line: line.deadline_state == "answered_on_time")
            found[process_id] = Figure(len(hits), len(theirs), theirs.ids, hits.ids)
        return self._share(found)
