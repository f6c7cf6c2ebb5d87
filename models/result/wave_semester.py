from collections import Counter

from odoo import models
from odoo.tools import SQL

from ...tools.statistics import MINIMUM_ANSWERS
from ..survey.question import SATISFIED
from .wave_results import NOT_ASKED

FIGURES = ("satisfaction", "nps", "response_rate")


class SurveyWave(models.Model):
    """Several waves of one semester, as one figure: a client that was asked in more than one counts once."""

    _inherit = "sig.survey.wave"

    def _get_semester_figures(self):
        """Figures for the indicators of closed waves together, each client by its latest answer.

        Where fewer than five clients answered twice there is no figure: what they said first could be told by
        subtracting it from those of the waves.

        :return: ``{"satisfaction", "nps", "response_rate": (numerator, denominator)}``.
        """
        figures = {wave: wave._get_indicator_figures() for wave in self}
        return {
            name: self._add_up_figures(name, {wave: found[name] for wave, found in figures.items()}) for name in FIGURES
        }

    def _add_up_figures(self, name, figures):
        told = self.filtered(lambda wave: figures[wave][1])
        total = [sum(figures[wave][place] for wave in told) for place in (0, 1)]
        if len(told) > 1:
            repeated = told._find_repeated()
            answered = repeated.filtered(lambda recipient: recipient.state == "answered")
            if name == "response_rate":
                taken = (len(answered), len(repeated))
            elif 0 < len(answered) < MINIMUM_ANSWERS:
                return 0, 0
            else:
                taken = self._count_answers(answered)[name]
            total = [whole - part for whole, part in zip(total, taken, strict=True)]
        return tuple(total)

    def _count_answers(self, recipients):
        """What some clients add to the figures: ``{"satisfaction", "nps": (numerator, denominator)}``."""
        lines = (
            self.env["survey.user_input.line"]
            .sudo()
            ._read_group(
                [
                    ("user_input_id", "in", recipients.user_input_id.ids),
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
        return {name: (counts[name, 0], counts[name, 1]) for name in ("satisfaction", "nps")}

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
