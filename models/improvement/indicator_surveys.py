from datetime import date

from odoo import models

from ...tools import periods
from .figure import Figure
from .indicator import SURVEY_KINDS


class SurveyIndicators(models.Model):
    """Figures from the survey waves of a semester that are closed."""

    _inherit = "sig.indicator"

    def _measure_survey_satisfaction(self, date_from, _date_to):
        """Answers of 4 and 5, of those to questions of satisfaction."""
        return self._measure_survey(date_from, "satisfaction")

    def _measure_survey_nps(self, date_from, _date_to):
        """Share of 9 and 10 less share of 0 to 6."""
        return self._measure_survey(date_from, "nps")

    def _measure_survey_response_rate(self, date_from, _date_to):
        """Clients that answered, of those who were reached."""
        return self._measure_survey(date_from, "response_rate")

    def _measure_survey(self, date_from, name):
        waves = (
            self.env["sig.survey.wave"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.env.company.id),
                    ("year", "=", date_from.year),
                    ("semester", "=", "1" if date_from.month <= 6 else "2"),
                    ("state", "in", ("closed", "reported")),
                ]
            )
        )
        figure = Figure(*waves._get_semester_figures()[name], waves.ids)
        return self._share({False: figure})

    def _get_record_model(self):
        return "sig.survey.wave" if self.kind.startswith("survey_") else super()._get_record_model()


class WaveIndicators(models.Model):
    _inherit = "sig.survey.wave"

    def action_close(self):
        """The figures of its semester are measured at once, where nobody has confirmed them."""
        result = super().action_close()
        self._measure_indicators()
        return result

    def _measure_indicators(self):
        for wave in self.sudo().filtered(lambda wave: wave.state in ("closed", "reported")):
            company = wave.company_id
            first = date(wave.year, 1 if wave.semester == "1" else 7, 1)
            indicators = self.env["sig.indicator"]._get_for(company)
            indicators = indicators.filtered(lambda indicator: indicator.kind in SURVEY_KINDS)
            indicators._measure(company, periods.containing(first, "semester"))
