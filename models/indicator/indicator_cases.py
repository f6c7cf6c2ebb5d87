from collections import Counter
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..company.res_company import PROCEDURE_DAYS
from ..mixin.transitions import RUNNING
from .indicator import SURVEY_KINDS, Figure

#: acts that end a case without an answer
ENDINGS = ("transfer", "withdrawn", "cancelled")

#: outcomes of cases that ended without an answer, and were PQRS
UNANSWERED = ("transferred", "withdrawn", "tacitly_withdrawn", "duplicate")

#: days from a deadline within which the days of the policy are over: terms are shorter or extended
REACH = timedelta(days=75)

#: fields of the case in the behaviour table of the indicator of follow-up (procedure 6)
BEHAVIOUR = ("type_id", "process_ids", "channel", "reason_id")


class ActFigures(models.Model):
    _inherit = "sig.pqrs.act"

    # What the figures of a month ask of the acts of all times.
    _figures_index = models.Index(
        "(company_id, kind, date) WHERE kind IN"
        " ('rated', 'transfer', 'withdrawn', 'cancelled', 'extension', 'reopened', 'reclassified', 'restricted')"
    )


class CaseIndicators(models.Model):
    """Figures of cases, one query a kind; `docs/indicators.md` defines them, and says in which month a case counts."""

    _inherit = "sig.indicator"

    @api.model
    def _get_other_records(self):
        """``{kind: model}`` of the indicators whose records are no cases."""
        return {"plan_on_time": "sig.action.plan.line", **dict.fromkeys(SURVEY_KINDS, "sig.survey.wave")}

    def _measure_on_time(self, date_from, date_to):
        self._flush_figures()
        population = self._keep(self.env.execute_query(self._select_on_time(date_from, date_to)))
        figures = self._query_figures(population)
        figures[False] = figures[False]._replace(detail=self._spread(population))
        return self._share(figures)

    def _select_on_time(self, date_from, date_to):
        return SQL(
            """SELECT id, answer_id, (in_time AND missed IS NULL)::int AS num, 1 AS den FROM (%s) terms
                WHERE missed IS NOT NULL OR NOT runs OR date_deadline < %s""",
            self._find_terms(date_from, date_to), self.env.company._sig_today(),
        )  # fmt: skip

    def _measure_within_days(self, date_from, date_to):
        figures = self._query_figures(self._select_within_days(date_from, date_to))
        return self._share(figures, [self.env.company.sudo().sig_policy_days or PROCEDURE_DAYS])

    def _select_within_days(self, date_from, date_to):
        """A term counts when the days of the policy, or of the procedure (5.1), are over: not always its deadline."""
        company, policy = self.env.company, self.env.company.sudo().sig_policy_days or PROCEDURE_DAYS
        today = company._sig_today()
        ended = self._get_local_date(SQL("ended"))
        terms = SQL(
            """SELECT id, answer_id, days, runs, %(policy)s - COALESCE(days, total, 0),
                      CASE WHEN days IS NOT NULL THEN %(ended)s WHEN total IS NULL AND began IS NOT NULL THEN began
                           ELSE COALESCE(date_deadline, %(ended)s) END
                 FROM (%(terms)s) terms""",
            ended=ended, policy=policy, terms=self._find_terms(date_from - REACH, date_to + REACH),
        )  # fmt: skip
        self._flush_figures()
        rows = self.env.execute_query(terms)
        calendar = company._sig_calendar(date_from - 2 * REACH, date_to + 2 * REACH, *(row[-1] for row in rows))
        found = [
            (case_id, answer_id, int(days is not None and days <= policy))
            for case_id, answer_id, days, runs, left, day in rows
            if date_from <= (last := calendar.shift(day, left)) <= date_to and (not runs or last < today)
        ]
        return self._keep(found)

    def _keep(self, rows):
        """A query of a population that was found, rows of ``id answer_id num``: it is asked about several times."""
        columns = [list(column) for column in zip(*rows, strict=True)][:3] or [[], [], []]
        return SQL("SELECT *, 1 AS den FROM unnest(%s::int[], %s::int[], %s::int[]) term(id, answer_id, num)", *columns)

    def _measure_response_time(self, date_from, date_to):
        """Of the answers of a period; beside it, how old what was still open at its end was."""
        ages = self._get_ages(min(date_to, self.env.company._sig_today()))
        return self._share(
            {
                process_id: figure._replace(detail={"open": ages.get(process_id, [0, 0])})
                for process_id, figure in self._query_figures(self._select_response_time(date_from, date_to)).items()
            }
        )

    def _select_response_time(self, date_from, date_to):
        start, end = self._get_moments(date_from, date_to)
        return SQL(
            """SELECT id, answer_id, response_days AS num, 1 AS den
                 FROM (SELECT id, answer_id, response_days, company_id, date_answered FROM sig_pqrs
                    UNION ALL
                       SELECT pqrs_id, id, response_days, company_id, date_answered
                         FROM sig_pqrs_answer WHERE counts) given
                WHERE company_id = %s AND date_answered >= %s AND date_answered < %s""",
            self.env.company.id, start, end,
        )  # fmt: skip

    def _measure_answer_satisfaction(self, date_from, date_to):
        return self._share(self._query_figures(self._select_answer_satisfaction(date_from, date_to)))

    def _select_answer_satisfaction(self, date_from, date_to):
        """Each rating counts, whoever recorded it: one of a later answer replaces none."""
        start, end = self._get_moments(date_from, date_to)
        return SQL(
            """SELECT rated.pqrs_id AS id, ((rated.data->>'rate')::int >= 4)::int AS num, 1 AS den,
                      (SELECT given.id FROM sig_pqrs_answer given
                        WHERE given.pqrs_id = rated.pqrs_id AND given.date_answered <= rated.date
                     ORDER BY given.round DESC LIMIT 1) AS answer_id
                 FROM sig_pqrs_act rated
                WHERE rated.company_id = %s AND rated.kind = 'rated' AND rated.date >= %s AND rated.date < %s""",
            self.env.company.id, start, end,
        )  # fmt: skip

    def _measure_received(self, date_from, date_to):
        return self._share(self._query_figures(self._select_received(date_from, date_to), is_count=True))

    def _measure_overdue_backlog(self, date_from, date_to):
        return self._share(self._query_figures(self._select_overdue_backlog(date_from, date_to), is_count=True))

    def _select_overdue_backlog(self, _date_from, date_to):
        """At the end of a period; of one that is not over, what is due today or later is not overdue."""
        last = min(date_to, self.env.company._sig_today() - timedelta(days=1))
        return SQL(
            """SELECT DISTINCT id, NULL::int AS answer_id, 1 AS num, 1 AS den FROM (%s) standing
                WHERE date_deadline <= %s AND suspended IS NOT TRUE""",
            self._find_open(last), last,
        )  # fmt: skip

    def _measure_repetition(self, date_from, date_to):
        """What was erased has no client any more, and repeats no longer what it did."""
        company, (start, end) = self.env.company, self._get_moments(date_from, date_to)
        since = start - timedelta(days=company.sig_repetition_days)
        gone = Domain([("client_id", "=", False), ("anonymized_on", "!=", False), ("anonymous", "=", False)])
        reached = Domain("date_received", ">=", since) & Domain("date_received", "<", end)
        erased = self.env["sig.pqrs"].sudo().search_count(gone & reached & Domain("company_id", "=", company.id))
        figures = self._query_figures(self._select_repetition(date_from, date_to))
        return self._share(figures, [company.sig_repetition_days, company.sig_repetition_count, erased])

    def _select_repetition(self, date_from, date_to):
        """Duplicates count as received, and repeat nothing."""
        company = self.env.company
        days = timedelta(days=company.sig_repetition_days)
        window = self._select_received(date_from - days, date_to)
        start, _end = self._get_moments(date_from, date_to)
        return SQL(
            """WITH received AS (%(window)s)
               SELECT id, received.answer_id, MAX(found.num) AS num, 1 AS den
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
                 JOIN received USING (id) WHERE date_received >= %(start)s
             GROUP BY id, received.answer_id""",
            window=window, days=days, count=company.sig_repetition_count, start=start,
        )  # fmt: skip

    def _describe_open(self, number, age):
        """What stands beside the mean time to answer; see `_get_ages`."""
        if not number:
            return self.env._("Nothing was open at the end of the period")
        args = {"number": number, "age": self.env["sig.charts"]._format(age)}
        return self.env._("Open at the end: %(number)s, on average for %(age)s business days", **args)

    # -- Populations ------------------------------------------------------------------------------------------------

    def _get_moments(self, date_from, date_to):
        """Naive UTC start and end of a local period."""
        company = self.env.company
        return company._sig_midnight(date_from), company._sig_midnight(date_to + timedelta(days=1))

    def _get_local_date(self, moment):
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self.env.company.sig_tz)

    def _find_terms(self, date_from, date_to):
        """Terms whose deadline is in a period or that, suspended until then, ended in it: of the cases, and of answers
        after which another term began, or none. What ended without an answer is one when that was late; what was
        extended once its deadline had passed (that of the policy; the law's had not) is of that deadline, ``missed``.

        :return: a query with ``id answer_id date_deadline in_time days ended total runs began missed``; ``days`` of
            what was answered; ``total``, business days of the term.
        """
        start, end = self._get_moments(date_from, date_to)
        due = SQL("(date_deadline BETWEEN %s AND %s OR date_deadline IS NULL)", date_from, date_to)
        return SQL(
            """WITH missing AS (
               SELECT pqrs_id, date, (data->>'missed')::date AS missed FROM sig_pqrs_act
                WHERE company_id = %(company)s AND kind = 'extension' AND data->>'missed' IS NOT NULL),
            reached AS (
               SELECT id FROM sig_pqrs WHERE company_id = %(company)s AND %(due)s
                UNION SELECT pqrs_id FROM sig_pqrs_answer WHERE company_id = %(company)s AND counts IS TRUE AND %(due)s
                UNION SELECT pqrs_id FROM missing)
            SELECT terms.*, missed FROM (
               SELECT c.id, CASE WHEN c.date_answered IS NOT NULL THEN c.answer_id END AS answer_id, c.date_deadline,
                      c.deadline_state = 'answered_on_time' AS in_time,
                      CASE WHEN c.date_answered IS NOT NULL THEN c.response_days END AS days, c.date_answered AS ended,
                      (c.term_trace->>'total')::int AS total, c.date_answered IS NULL AS runs,
                      (c.term_trace->>'received_on')::date AS began FROM reached JOIN sig_pqrs c USING (id)
                WHERE c.date_answered IS NOT NULL OR (c.state IN %(running)s AND c.suspended IS NOT TRUE)
            UNION ALL
               SELECT a.pqrs_id, a.id, a.date_deadline, a.in_time,
                      CASE WHEN a.date_answered IS NOT NULL THEN a.response_days END, a.date_answered, NULL, FALSE,
                      a.date_from FROM sig_pqrs_answer a JOIN reached ON reached.id = a.pqrs_id
                WHERE a.company_id = %(company)s AND a.counts
            UNION ALL
               SELECT c.id, NULL, c.date_deadline, FALSE, NULL, ending.date, (c.term_trace->>'total')::int, FALSE,
                      (c.term_trace->>'received_on')::date FROM reached JOIN sig_pqrs c USING (id)
                 JOIN LATERAL (SELECT date, data FROM sig_pqrs_act act
                                WHERE act.pqrs_id = c.id AND act.kind IN %(endings)s
                             ORDER BY act.number DESC LIMIT 1) ending ON TRUE
                WHERE c.outcome IN %(unanswered)s
                  AND (%(ended_on)s > c.date_deadline
                   OR (ending.data->>'in_time' = 'false' AND ending.data->>'imported' IS NULL)
                   OR EXISTS (
                      SELECT FROM missing WHERE pqrs_id = c.id AND date <= ending.date
                         AND date >= (c.term_trace->>'received_on')::date)
                   OR EXISTS (
                      SELECT FROM sig_pqrs_communication waiting
                       WHERE waiting.pqrs_id = c.id AND waiting.purpose = 'forwarding'
                         AND waiting.state IN ('draft', 'failed', 'returned') AND waiting.date_due < %(today)s))
                  AND NOT EXISTS (
                      SELECT FROM sig_pqrs_answer a WHERE a.pqrs_id = c.id AND a.counts AND NOT a.disputed)) terms
            LEFT JOIN LATERAL (
               SELECT missed FROM missing
                WHERE pqrs_id = terms.id AND date >= began AND date <= COALESCE(ended, date) LIMIT 1) extended ON TRUE
                WHERE COALESCE(missed, date_deadline) BETWEEN %(first)s AND %(last)s
                   OR (date_deadline IS NULL AND ended >= %(start)s AND ended < %(end)s)""",
            company=self.env.company.id, running=RUNNING, endings=(*ENDINGS, "forwarded"), unanswered=UNANSWERED,
            ended_on=self._get_local_date(SQL("ending.date")), today=self.env.company._sig_today(),
            due=due, first=date_from, last=date_to, start=start, end=end,
        )  # fmt: skip

    def _find_open(self, date_to):
        """What waited for an answer when a period ended, with its deadline of today, less what extended it late since:
        what ended by then, and was taken up again since, did not.

        :return: a query with ``id answer_id suspended began date_deadline``.
        """
        _start, end = self._get_moments(date_to, date_to)
        return SQL(
            """SELECT id, answer_id, suspended, began, LEAST(date_deadline, (
                      SELECT MIN((data->>'missed')::date) FROM sig_pqrs_act
                       WHERE pqrs_id = standing.id AND kind = 'extension' AND date >= %(end)s)) AS date_deadline FROM (
               SELECT c.id, NULL::int AS answer_id, c.date_deadline, c.suspended,
                      COALESCE((c.term_trace->>'received_on')::date, %(received_on)s) AS began
                 FROM sig_pqrs c
                 JOIN (SELECT id FROM sig_pqrs WHERE company_id = %(company)s AND state IN %(running)s
                     UNION
                       SELECT id FROM sig_pqrs WHERE company_id = %(company)s AND date_answered >= %(end)s
                     UNION
                       SELECT pqrs_id FROM sig_pqrs_act
                        WHERE company_id = %(company)s AND kind IN %(endings)s AND date >= %(end)s) waited USING (id)
                WHERE c.outcome IS DISTINCT FROM 'spam'
                  AND NOT EXISTS (
                      SELECT FROM sig_pqrs_act again
                       WHERE again.company_id = %(company)s AND again.pqrs_id = c.id AND again.kind = 'reopened'
                         AND again.date >= %(end)s
                         AND COALESCE(
                             NULLIF(again.data->>'answered', '')::timestamp,
                             (SELECT MAX(ending.date) FROM sig_pqrs_act ending
                               WHERE ending.pqrs_id = c.id AND ending.kind IN %(endings)s
                                 AND ending.number < again.number)) < %(end)s)
            UNION ALL
               SELECT a.pqrs_id, a.id, a.date_deadline, FALSE, a.date_from
                 FROM sig_pqrs_answer a
                WHERE a.company_id = %(company)s AND a.counts AND a.date_answered >= %(end)s) standing
                WHERE began <= %(last)s""",
            company=self.env.company.id, running=RUNNING, endings=ENDINGS, end=end, last=date_to,
            received_on=self._get_local_date(SQL("c.date_received")),
        )  # fmt: skip

    def _get_ages(self, date_to):
        """``{process id, None, or False: [number, mean age]}`` of what was open at the end, in business days."""
        self._flush_figures()
        population = SQL("population")
        query = SQL(
            """WITH population AS (%s)
               SELECT TRUE, NULL, began, COUNT(*) FROM population GROUP BY began
            UNION ALL
               SELECT FALSE, process_id, began, COUNT(*) FROM (%s) of_processes GROUP BY process_id, began""",
            self._find_open(date_to), self._join_processes(population),
        )  # fmt: skip
        rows = self.env.execute_query(query)
        calendar = self.env.company._sig_calendar(date_to, *(began for _all, _process, began, _count in rows))
        numbers, days = Counter(), Counter()
        for is_total, process_id, began, count in rows:
            place = False if is_total else process_id
            numbers[place] += count
            days[place] += count * calendar.count(began, date_to)
        return {place: [count, days[place] / count] for place, count in numbers.items()}

    def _select_received(self, date_from, date_to):
        start, end = self._get_moments(date_from, date_to)
        return SQL(
            """SELECT c.id, (SELECT MIN(id) FROM sig_pqrs_answer WHERE pqrs_id = c.id) AS answer_id, 1 AS num, 1 AS den
                 FROM sig_pqrs c
                WHERE c.company_id = %s AND c.date_received >= %s AND c.date_received < %s
                  AND c.state != 'to_file' AND c.outcome IS DISTINCT FROM 'spam'""",
            self.env.company.id, start, end,
        )  # fmt: skip

    def _flush_figures(self):
        for name in ("sig.pqrs", "sig.pqrs.answer", "sig.pqrs.act", "sig.pqrs.communication"):
            self.env[name].flush_model()

    def _query_figures(self, population, is_count=False):
        """``{process id, None without one, or False: Figure}`` of a query with ``id answer_id num den``."""
        self._flush_figures()
        figures = SQL(
            "SUM(num), SUM(den), SUM(num * num), ARRAY_AGG(id ORDER BY id),"
            " ARRAY_AGG(id ORDER BY id) FILTER (WHERE num > 0)"
        )
        query = SQL("WITH population AS (%s) SELECT TRUE, NULL AS process_id, %s FROM population", population, figures)
        if any(indicator.by_process or indicator.process_id for indicator in self):
            query = SQL(
                """%s UNION ALL SELECT FALSE, process_id, %s FROM (%s) of_processes GROUP BY process_id""",
                query, figures, self._join_processes(SQL("population")),
            )  # fmt: skip
        found = dict.fromkeys([False, *self._get_measured_processes().ids], Figure(0, None if is_count else 0))
        for is_total, process_id, num, den, squares, ids, hits in self.env.execute_query(query):
            place, whole = False if is_total else process_id, None if is_count else float(den or 0)
            found[place] = Figure(float(num or 0), whole, ids or [], hits or [], squares=float(squares or 0))
        return found

    def _get_measured_processes(self):
        """Each has a figure, with cases or without."""
        if any(indicator.by_process for indicator in self):
            return self.env["sig.process"].search([("company_id", "=", self.env.company.id)])
        return self.process_id

    def _join_processes(self, population):
        """:return: the rows of a population with ``process_id``, of the case or of the answer whose term it is."""
        of_answer = self.env["sig.pqrs.answer"]._fields["process_ids"]
        return SQL(
            """SELECT population.*, r.process_id
                 FROM %(population)s population
            LEFT JOIN sig_pqrs_process_rel r ON r.pqrs_id = population.id AND COALESCE((
                      SELECT bool_or(process_id = r.process_id) FROM sig_pqrs_assignment
                       WHERE pqrs_id = r.pqrs_id AND is_current), TRUE)
                WHERE population.answer_id IS NULL
            UNION ALL
               SELECT population.*, r.%(process)s
                 FROM %(population)s population LEFT JOIN %(rel)s r ON r.%(answer)s = population.answer_id
                WHERE population.answer_id IS NOT NULL""",
            population=population, rel=SQL.identifier(of_answer.relation),
            answer=SQL.identifier(of_answer.column1), process=SQL.identifier(of_answer.column2),
        )  # fmt: skip

    # -- Behaviour --------------------------------------------------------------------------------------------------

    def _spread(self, population, dimensions=BEHAVIOUR):
        """``{dimension: [[id or value, all, of these], …]}`` of a query with ``id answer_id num den``.

        What is of several processes is in each.
        """
        Case, queries = self.env["sig.pqrs"], []
        for name in dimensions:
            rows, column = SQL("population JOIN sig_pqrs c USING (id)"), SQL.identifier("c", name)
            if name == "process_ids":
                rows, column = SQL("(%s) r", self._join_processes(SQL("population"))), SQL("process_id")
            elif name == "site":  # it may name whom fewer people may know of
                column = SQL("CASE WHEN c.restricted IS NOT TRUE AND c.identity_reserved IS NOT TRUE THEN c.site END")
            queries.append(SQL("SELECT %s, %s::text, SUM(den), SUM(num) FROM %s GROUP BY 2", name, column, rows))
        self._flush_figures()
        query = SQL("WITH population AS (%s) %s", population, SQL(" UNION ALL ").join(queries))
        found = {name: [] for name in dimensions}
        for name, value, den, num in self.env.execute_query(query):
            found[name].append([int(value) if value and Case._fields[name].relational else value or False, den, num])
        return found

    def _measure_plan_on_time(self, date_from, date_to):
        """What was moved or dropped once its date had passed is late in the month of that date, and in no other."""
        company = self.env.company
        missed, due = (Domain(key, ">=", date_from) & Domain(key, "<=", date_to) for key in ("date_missed", "date_due"))
        over = Domain("state", "=", "done") | Domain([("state", "=", "open"), ("date_due", "<", company._sig_today())])
        due &= over & Domain([("date_missed", "=", False), ("plan_id.state", "!=", "draft")])
        ours = Domain("company_id", "=", company.id)
        lines = self.env["sig.action.plan.line"].search(ours & (missed | due), order="id")
        by_process = dict.fromkeys(self._get_measured_processes().ids, lines[:0])
        by_process |= lines.grouped(lambda line: line.plan_id.process_id.id)
        found = {}
        for process_id, theirs in {**by_process, False: lines}.items():
            hits = theirs.filtered(lambda line: line.deadline_state == "answered_on_time" and not line.date_missed)
            found[process_id] = Figure(len(hits), len(theirs), theirs.ids, hits.ids)
        return self._share(found)
