from collections import Counter, defaultdict
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from ...tools.statistics import Sums
from ...tools.tally import Tally
from .question import SATISFIED

#: values of a scale that fit beside the question in one number
SCALE = 16

METRICS = ("satisfaction", "recommendation")


class Client(NamedTuple):
    """Where a client who answered counts, beside the whole."""

    city: str
    industry: int


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
    """The complete answers of a wave, read by one query that returns a row a choice, and counted in one pass."""

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

    def _get_answers(self, questions, processes):
        """`Answers` of the wave to some questions: the complete ones of its clients, no tests.

        :param processes: ``{dimension id: the processes that it is about}``.
        """
        self.env.flush_all()
        clients = self._fetch_clients()
        choices = self._fetch_choices()
        marks = {mark: [sheet for sheet in sheets if sheet in clients] for mark, sheets in self._fetch_marks()}
        values = defaultdict(Counter)
        for mark, choice in choices.items():
            values[choice.question][choice.value] += len(marks.get(mark, ()))
        scores = []
        for question, value in ((question, value) for question in questions.ids for value in range(11)):
            if sheets := marks.get(_get_score_mark(question, value)):
                values[question][value] += len(sheets)
                scores.append((value, sheets))
        tally = self._get_tally(choices, processes)
        counted = tally.count(clients, marks)
        sums = {group: tally.add_up(counted.values(), group) for group in tally.places}
        return Answers(
            values,
            {group: found for group, found in sums.items() if found},
            {name: self._split_answers(clients, counted, tally, scores, name) for name in Client._fields},
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

    def _split_answers(self, clients, counted, tally, scores, name):
        """``{key: (Sums or None, {0 to 10: answers})}`` of the clients of each city, or of each type."""
        keys = {sheet: getattr(client, name) for sheet, client in clients.items()}
        parts, points = defaultdict(list), defaultdict(Counter)
        for sheet, key in keys.items():
            parts[key].append(counted[sheet])
        for value, sheets in scores:
            for key, number in Counter(keys[sheet] for sheet in sheets).items():
                points[key][value] += number
        return {key: (tally.add_up(part, ("total", 0)), points[key]) for key, part in parts.items()}

    def _fetch_clients(self):
        """A `Client` of each complete answer sheet, by the id of that."""
        self.env.cr.execute(
            SQL(
                """
                SELECT sheet.id, COALESCE(BTRIM(recipient.city), ''), COALESCE(recipient.industry_id, 0)
                  FROM sig_survey_recipient recipient
                  JOIN survey_user_input sheet ON sheet.id = recipient.user_input_id
                 WHERE recipient.wave_id = %s AND sheet.state = 'done' AND sheet.test_entry IS NOT TRUE
                """,
                self.id,
            )
        )
        return {sheet: Client(city, industry) for sheet, city, industry in self.env.cr.fetchall()}

    def _fetch_marks(self):
        """What was marked, and on which answer sheets, complete or not: the id of a choice, or of a point of a scale
        what `_get_score_mark` says.

        Nothing is joined: what the sheets are, and what the choices mean, is known from few rows.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT COALESCE(suggested_answer_id, -(question_id * %s + value_scale)), ARRAY_AGG(user_input_id)
                  FROM survey_user_input_line
                 WHERE survey_id = %s AND skipped IS NOT TRUE
                   AND (suggested_answer_id IS NOT NULL OR answer_type = 'scale')
              GROUP BY 1
                """,
                SCALE,
                self.survey_id.id,
            )
        )
        return self.env.cr.fetchall()

    def _fetch_choices(self):
        """The choices of the questions of satisfaction, by id."""
        self.env.cr.execute(
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
        return {mark: Choice(*row) for mark, *row in self.env.cr.fetchall()}


def _get_score_mark(question, value):
    """How a point of a scale is told from the id of a choice."""
    return -(question * SCALE + value)
