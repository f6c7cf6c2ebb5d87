from collections import Counter, defaultdict
from struct import unpack
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from ...tools.statistics import Sums
from ...tools.tally import Tally
from ..survey.question import SATISFIED

METRICS = ("satisfaction", "recommendation")

#: by what clients are told apart, beside the whole
SEGMENTS = ("city", "industry")


class Choice(NamedTuple):
    """An answer that the questionnaire offers; the value of “not applicable” is None."""

    question: int
    value: int | None
    dimension: int


class Answers(NamedTuple):
    """Answers of some clients, counted.

    :param values: ``{question: {value: answers}}``; the value of “not applicable” is None.
    :param sums: `Sums` of satisfaction by group: ``("total", 0)``, ``("dimension", id)`` or ``("process", id)``.
    :param segments: ``{"city": {name: (Sums or None, {0 to 10: answers})}, "industry": {id: …}}``.
    """

    values: dict[int, Counter]
    sums: dict[tuple[str, int], Sums]
    segments: dict[str, dict]


class SurveyWave(models.Model):
    """The complete answers of a wave: read by queries that return a row a choice, and counted in one pass."""

    _inherit = "sig.survey.wave"

    def _get_asked_questions(self):
        """The questions of satisfaction and of recommendation, in the order of the questionnaire, as superuser."""
        return (
            self.env["survey.question"]
            .sudo()
            .search_fetch(
                [("survey_id", "=", self.sudo().survey_id.id), ("sig_metric", "in", METRICS)],
                ["title", "sig_code", "sig_metric", "sig_dimension_id"],
                order="sequence, id",
            )
        )

    def _get_answers(self, questions, processes, people):
        """`Answers` of the wave to some questions: the complete ones of its clients, no tests.

        :param processes: ``{dimension id: the processes that it is about}``.
        :param people: what `_fetch_people` returns.
        """
        clients = {sheet for row in people for sheet in row["sheets"]}
        choices = self._fetch_choices()
        marks = {mark: [sheet for sheet in sheets if sheet in clients] for mark, sheets in self._fetch_marks()}
        values = defaultdict(Counter)
        for mark, choice in choices.items():
            values[choice.question][choice.value] += len(marks.get(mark, ()))
        scores = []
        for question, value, sheets in self._fetch_scores(questions):
            complete = [sheet for sheet in sheets if sheet in clients]
            values[question][value] += len(complete)
            scores.append((value, complete))
        tally = self._get_tally(choices, processes)
        counted = tally.count(clients, marks)
        sums = {group: tally.add_up(counted.values(), group) for group in tally.places}
        return Answers(
            values,
            {group: found for group, found in sums.items() if found},
            {name: self._split_answers(people, counted, tally, scores, name) for name in SEGMENTS},
        )

    def _get_tally(self, choices, processes):
        """What each choice counts for: in the whole, its dimension, and the processes of that."""
        groups = {
            dimension: [("total", 0), ("dimension", dimension), *(("process", process.id) for process in found)]
            for dimension, found in {0: (), **processes}.items()
        }
        return Tally(
            {mark: groups[choice.dimension] for mark, choice in choices.items() if choice.value},
            {mark for mark, choice in choices.items() if choice.value in SATISFIED},
        )

    def _split_answers(self, people, counted, tally, scores, name):
        """``{key: (Sums or None, {0 to 10: answers})}`` of the clients of each city, or of each type."""
        parts, points = defaultdict(list), defaultdict(Counter)
        for row in people:
            parts[row[name]] += row["sheets"]
        keys = {sheet: key for key, sheets in parts.items() for sheet in sheets}
        for value, sheets in scores:
            for key, number in Counter(keys[sheet] for sheet in sheets).items():
                points[key][value] += number
        return {
            key: (tally.add_up(map(counted.get, sheets), ("total", 0)), points[key]) for key, sheets in parts.items()
        }

    def _fetch_people(self):
        """Clients of the wave by state, channel, city and type: how many, and their complete answer sheets."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT recipient.state, recipient.channel, COALESCE(recipient.city, ''),
                       COALESCE(recipient.industry_id, 0), COUNT(*), ARRAY_REMOVE(ARRAY_AGG(sheet.id), NULL)
                  FROM sig_survey_recipient recipient
             LEFT JOIN survey_user_input sheet ON sheet.id = recipient.user_input_id
                                              AND sheet.state = 'done' AND sheet.test_entry IS NOT TRUE
                 WHERE recipient.wave_id = %s
              GROUP BY 1, 2, 3, 4
              ORDER BY 1, 2, 3, 4
                """,
                self.id,
            )
        )
        return [
            {
                "state": state,
                "channel": channel,
                "city": city.strip(),
                "industry": str(industry),
                "count": count,
                "sheets": sheets,
            }
            for state, channel, city, industry, count, sheets in rows
        ]

    def _fetch_marks(self):
        """Each choice that was made, and the answer sheets on which it was, complete or not.

        Nothing is joined: what the sheets are, and what the choices mean, is known from few rows. They are many, and
        come as bytes, four each, which are taken apart in half the time of an array.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT suggested_answer_id, STRING_AGG(INT4SEND(user_input_id), '')
                  FROM survey_user_input_line
                 WHERE survey_id = %s AND suggested_answer_id IS NOT NULL AND skipped IS NOT TRUE
              GROUP BY suggested_answer_id
                """,
                self.survey_id.id,
            )
        )
        return [(choice, unpack(f">{len(sheets) // 4}i", sheets)) for choice, sheets in rows]

    def _fetch_scores(self, questions):
        """Each point of the scale of a recommendation that was marked, and on which answer sheets, complete or not."""
        scales = questions.filtered(lambda question: question.sig_metric == "recommendation")
        if not scales:
            return []
        return self.env.execute_query(
            SQL(
                """
                SELECT question_id, value_scale, ARRAY_AGG(user_input_id)
                  FROM survey_user_input_line
                 WHERE question_id IN %s AND answer_type = 'scale' AND value_scale BETWEEN 0 AND 10
                       AND skipped IS NOT TRUE
              GROUP BY question_id, value_scale
                """,
                tuple(scales.ids),
            )
        )

    def _fetch_choices(self):
        """The choices of the questions of satisfaction, by id."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT choice.id, question.id, NULLIF(choice.sig_value, 0), COALESCE(question.sig_dimension_id, 0)
                  FROM survey_question question
                  JOIN survey_question_answer choice ON choice.question_id = question.id
                 WHERE question.survey_id = %s AND question.sig_metric = 'satisfaction'
                """,
                self.survey_id.id,
            )
        )
        return {mark: Choice(*row) for mark, *row in rows}
