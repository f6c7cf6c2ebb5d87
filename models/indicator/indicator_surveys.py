from datetime import date
from operator import methodcaller, sub

from odoo import models
from odoo.tools import SQL

from ...tools import periods
from ...tools.statistics import MINIMUM_ANSWERS
from ..result.wave_results import NOT_ASKED
from ..survey.question import SATISFIED
from ..wave.wave import ENDED, MONTHS
from .indicator import SURVEY_KINDS, Figure


class SurveyIndicators(models.Model):
    _inherit = "sig.indicator"

    def _measure_survey_satisfaction(self, date_from, _date_to):
        return self._measure_survey(date_from, "satisfaction")

    def _measure_survey_nps(self, date_from, _date_to):
        return self._measure_survey(date_from, "nps")

    def _measure_survey_response_rate(self, date_from, _date_to):
        return self._measure_survey(date_from, "response_rate")

    def _measure_survey(self, date_from, name):
        waves = self.env["sig.survey.wave"].sudo()
        waves = waves._find_of(self.env.company, date_from.year, str(periods.semester_of(date_from)))
        waves = waves.filtered(lambda wave: wave.state in ENDED)
        return self._share({False: Figure(*waves._get_semester_figures()[name], waves.ids)})

    def _get_record_model(self):
        return "sig.survey.wave" if self.kind.startswith("survey_") else super()._get_record_model()


class WaveIndicators(models.Model):
    _inherit = "sig.survey.wave"

    def action_close(self):
        result = super().action_close()
        waves = self.sudo()
        waves._in_isolation(waves, methodcaller("_measure_indicators"))
        return result

    def _measure_indicators(self):
        """Measure the semester of closed waves, and delete the open finding that it had none."""
        Finding = self.env["sig.finding"]
        for wave in self:
            company = wave.company_id
            indicators = self.env["sig.indicator"]._get_for(company)
            indicators = indicators.filtered(lambda indicator: indicator.kind in SURVEY_KINDS)
            indicators._measure(company, periods.containing(date(wave.year, MONTHS[wave.semester], 1), "semester"))
            if wave._get_results()["answered"]:
                key = Finding._get_survey_key(wave.year, wave.semester)
                Finding.search([("company_id", "=", company.id), ("key", "=", key), ("state", "=", "open")]).unlink()

    def _get_indicator_figures(self):
        """``{"satisfaction", "nps", "response_rate": (numerator, denominator)}``; zeros without answers.

        Published figures only: more people read indicators than surveys.
        """
        self.ensure_one()
        results = self._get_results()
        published = self._publish(results)
        sums = (published["satisfied"] and results["sums"]) or [0] * 6
        counts = self._get_nps_counts(results["questions"]) if published["nps"] else {}
        return {
            "satisfaction": (sums[1], sums[2]),
            "nps": (sum(number * _get_nps_sign(score) for score, number in counts.items()), sum(counts.values())),
            "response_rate": (results["answered"], results["asked"]),
        }

    def _get_semester_figures(self):
        """Figures of the waves of a semester together, each client by its latest answer; see `_get_indicator_figures`.

        None where fewer than five clients answered twice: subtraction would reveal their first answers.
        """
        figures = {wave: wave._get_indicator_figures() for wave in self}
        found = {}
        for name in ("satisfaction", "nps", "response_rate"):
            waves = self.filtered(lambda wave, name=name: figures[wave][name][1])
            found[name] = tuple(sum(figures[wave][name][place] for wave in waves) for place in (0, 1))
            if len(waves) > 1:
                taken = waves._count_repeated(name)
                found[name] = tuple(map(sub, found[name], taken)) if taken else (0, 0)
        return found

    def _count_repeated(self, name):
        """What earlier answers of the same clients add to a figure of the waves; None when few have any."""
        repeated = self._find_repeated()
        answered = repeated.filtered(lambda recipient: recipient.state == "answered")
        if name == "response_rate":
            return len(answered), len(repeated)
        if 0 < len(answered) < MINIMUM_ANSWERS:
            return None
        rows = self.env["survey.user_input.line"]._read_group(
            [
                ("user_input_id", "in", answered.user_input_id.ids),
                ("user_input_id.state", "=", "done"),
                ("user_input_id.test_entry", "=", False),
                ("question_id.sig_metric", "=", "satisfaction" if name == "satisfaction" else "recommendation"),
                ("skipped", "=", False),
            ],
            ["suggested_answer_id", "value_scale"],
            ["__count"],
        )
        if name == "nps":
            return sum(count * _get_nps_sign(score) for _choice, score, count in rows), sum(row[-1] for row in rows)
        valued = [(choice.sig_value in SATISFIED, count) for choice, _score, count in rows if choice.sig_value]
        return sum(is_satisfied * count for is_satisfied, count in valued), sum(count for _satisfied, count in valued)

    def _find_repeated(self):
        """Of clients asked in several waves, all recipients but that of the latest answer."""
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


def _get_nps_sign(score):
    """1 of promoters, −1 of detractors."""
    return (score >= 9) - (score <= 6)
