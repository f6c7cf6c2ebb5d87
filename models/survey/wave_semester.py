from collections import Counter

from odoo import models
from odoo.tools import SQL

from .question import SATISFIED
from .wave_results import NOT_ASKED

FIGURES = ("satisfaction", "nps", "response_rate")


class SurveyWave(models.Model):
    """Several waves of one semester, as one figure: a client that was asked in more than one counts once."""

    _inherit = "sig.survey.wave"

    def _get_semester_figures(self):
        """Figures for the indicators of closed waves together, each client by its latest answer.

        :return: ``{"satisfaction", "nps", "response_rate": (numerator, denominator)}``.
        """
        added, taken = Counter(), self._count_repeated() if len(self) > 1 else Counter()
        for wave in self:
            for name, pair in wave._get_indicator_figures().items():
                added.update({(name, place): number for place, number in enumerate(pair)})
        added.subtract(taken)
        return {name: (added[name, 0], added[name, 1]) for name in FIGURES}

    def _count_repeated(self):
        """What the clients that another wave counts add to the figures: ``{(figure, 0 or 1): number}``."""
        repeated = self._find_repeated()
        lines = (
            self.env["survey.user_input.line"]
            .sudo()
            ._read_group(
                [
                    ("user_input_id", "in", repeated.user_input_id.ids),
                    ("user_input_id.state", "=", "done"),
                    ("user_input_id.test_entry", "=", False),
                    ("question_id.sig_metric", "in", ("satisfaction", "recommendation")),
                    ("skipped", "=", False),
                ],
                ["question_id", "suggested_answer_id", "value_scale"],
                ["__count"],
            )
        )
        counts = Counter()
        for question, choice, score, number in lines:
            if question.sig_metric == "recommendation":
                counts["nps", 0] += number * ((score >= 9) - (score <= 6))
                counts["nps", 1] += number
            elif choice.sig_value:
                counts["satisfaction", 0] += number * (choice.sig_value in SATISFIED)
                counts["satisfaction", 1] += number
        counts["response_rate", 0] = len(repeated.filtered(lambda recipient: recipient.state == "answered"))
        counts["response_rate", 1] = len(repeated)
        return counts

    def _find_repeated(self):
        """Of the clients asked in several of the waves, all but the latest answer of each; as superuser."""
        recipients = self.env["sig.survey.recipient"].sudo()
        recipients.flush_model(["wave_id", "partner_id", "state", "date_answered"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id
                  FROM (
                        SELECT id, ROW_NUMBER() OVER (
                               PARTITION BY partner_id
                                   ORDER BY state = 'answered' DESC, date_answered DESC NULLS LAST, id DESC) AS place
                          FROM sig_survey_recipient
                         WHERE wave_id IN %s AND state NOT IN %s
                       ) asked
                 WHERE place > 1
                """,
                self._ids,
                NOT_ASKED,
            )
        )
        return recipients.browse(row[0] for row in rows)
