from datetime import date
from functools import partialmethod

from odoo import models

from ...tools import periods
from ...tools.statistics import DETRACTORS, PROMOTERS
from ..result.wave_results import NOT_ASKED
from ..wave.wave import MONTHS
from .indicator import SURVEY_KINDS, Figure


class SurveyIndicators(models.Model):
    _inherit = "sig.indicator"

    def _measure_survey(self, name, date_from, _date_to):
        Wave, company = self.env["sig.survey.wave"], self.env.company
        semester = Wave._get_semester(date_from)
        waves = Wave._find_of(company, *semester).filtered(lambda wave: wave.state != "draft")
        if "running" in waves.mapped("state") or (not waves and Wave._get_late_semester(company) == semester):
            return self._share({})  # it is measured when it closes
        return self._share({False: Figure(*waves._get_semester_figures()[name], waves.ids)})

    _measure_survey_satisfaction = partialmethod(_measure_survey, "satisfaction")
    _measure_survey_nps = partialmethod(_measure_survey, "nps")
    _measure_survey_response_rate = partialmethod(_measure_survey, "response_rate")


class WaveIndicators(models.Model):
    _inherit = "sig.survey.wave"

    def _measure_indicators(self):
        """Measure the semester of closed waves, or have it corrected; delete the open finding that it had none."""
        Finding = self.env["sig.finding"]
        for wave in self:
            company = wave.company_id
            indicators = self.env["sig.indicator"]._get_for(company).filtered(lambda one: one.kind in SURVEY_KINDS)
            period = periods.containing(date(wave.year, MONTHS[wave.semester], 1), "semester")
            indicators._measure(company, period)
            same = [("company_id", "=", company.id), ("date_from", "=", period.start)]
            late = indicators.measure_ids.filtered_domain(same).filtered("today_text")
            late = late._without_activity("sig_pqrs.activity_survey")
            self.env["sig.staff.notice"]._notify_directors(
                late, "sig_pqrs.activity_survey", lambda one: one.env._("Correct the figure: the survey closed later")
            )
            if wave._get_results()["answered"]:
                key = Finding._get_survey_key(wave.year, wave.semester)
                Finding.search([("company_id", "=", company.id), ("key", "=", key), ("state", "=", "open")]).unlink()

    def _get_indicator_figures(self):
        """``{"satisfaction", "nps", "response_rate": (numerator, denominator)}``; zeros without answers.

        Published figures only: more people read indicators than surveys.
        """
        results = self._get_results()
        published = self._publish(results)
        sums = (published["satisfied"] and results["sums"]) or [0] * 6
        counts = self._get_nps_counts(results["questions"]) if published["nps"] else {}
        promoters, detractors = (sum(counts.get(score, 0) for score in scale) for scale in (PROMOTERS, DETRACTORS))
        return {
            "satisfaction": (sums[1], sums[2]),
            "nps": (promoters - detractors, sum(counts.values())),
            "response_rate": (results["answered"], results["asked"]),
        }

    def _get_semester_figures(self):
        """Figures of the waves of a semester together, in which a client answers once; see `_get_indicator_figures`."""
        figures = [wave._get_indicator_figures() for wave in self]
        found = {
            name: tuple(sum(figure[name][place] for figure in figures) for place in (0, 1))
            for name in ("satisfaction", "nps", "response_rate")
        }
        if len(self) > 1:  # who did not answer in one may be asked in the next
            asked = self.recipient_ids.filtered(lambda recipient: recipient.state not in NOT_ASKED)
            found["response_rate"] = (found["response_rate"][0], len(asked.partner_id))
        return found
