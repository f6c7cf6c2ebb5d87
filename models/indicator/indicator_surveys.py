import logging
from datetime import date

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import periods
from ..wave.wave import ENDED, MONTHS
from .figure import Figure
from .indicator import SURVEY_KINDS

_logger = logging.getLogger(__name__)


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
                    ("semester", "=", str(periods.semester_of(date_from))),
                    ("state", "in", ENDED),
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
        for wave in self.sudo():
            try:
                with self.env.cr.savepoint():
                    wave._measure_indicators()
                    wave._tell_confirmed_without_data()
                    wave._withdraw_missing()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("The indicators of %s were not measured", wave)
        return result

    def _get_own_period(self):
        return periods.containing(date(self.year, MONTHS[self.semester], 1), "semester")

    def _measure_indicators(self):
        for wave in self.sudo().filtered(lambda wave: wave.state in ENDED):
            company = wave.company_id
            indicators = self.env["sig.indicator"]._get_for(company)
            indicators = indicators.filtered(lambda indicator: indicator.kind in SURVEY_KINDS)
            indicators._measure(company, wave._get_own_period())

    def _tell_confirmed_without_data(self):
        """What was confirmed as “no data” stays so; the SIG is told that now there is."""
        confirmed = self.env["sig.indicator.measure"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "in", SURVEY_KINDS),
                ("date_from", "=", self._get_own_period().start),
                ("state", "!=", "draft"),
                ("has_data", "=", False),
            ]
        )
        figures = self._get_indicator_figures()
        confirmed = confirmed.filtered(lambda measure: figures[measure.kind.removeprefix("survey_")][1])
        self.env["sig.people"]._notify_directors(
            confirmed,
            "sig_pqrs.activity_sig",
            lambda measure: measure.env._(
                "%s was closed after this was confirmed without data: register the figure in QVO by hand", self.name
            ),
        )

    def _withdraw_missing(self):
        """The finding that its semester had no survey waits no longer, once somebody answered it."""
        if self._get_results()["answered"]:
            key = self.env["sig.finding"]._get_survey_key(self.year, self.semester)
            self.env["sig.finding"].search(
                [("company_id", "=", self.company_id.id), ("key", "=", key), ("state", "=", "open")]
            ).unlink()
