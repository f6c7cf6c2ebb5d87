from odoo import api, models

from ...tools import periods
from .wave import ENDED, MONTHS


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    @api.model
    def action_propose(self):
        """Open the wave to prepare; create it, if needed, with the clients and questionnaire of the last semester."""
        self.browse().check_access("write")
        company = self.env.company
        semester = self._get_semester_to_make()
        waves = self._find_of(company, *semester) or self.create(self._prepare_proposal(company, *semester))
        return waves[:1]._get_records_action(context={})

    @api.model
    def _get_semester(self, day):
        return day.year, str(periods.semester_of(day))

    @api.model
    def _get_semester_to_make(self):
        company = self.env.company
        return self._get_late_semester(company) or self._get_semester(company._sig_today())

    @api.model
    def _find_of(self, company, year, semester):
        return self.search([("company_id", "=", company.id), ("year", "=", year), ("semester", "=", semester)])

    @api.model
    def _prepare_proposal(self, company, year, semester):
        vals = {"year": year, "semester": semester, "company_id": company.id}
        launched = [("company_id", "=", company.id), ("state", "!=", "draft")]
        if last := self.search(launched, order="year desc, semester desc, date_start, id", limit=1):
            vals["population_domain"] = last.population_domain
            if last.template_id.active:
                vals["survey_id"] = last.template_id.id
        return vals

    @api.model
    def _is_to_propose(self, company):
        today = company._sig_today()
        semester = self._get_late_semester(company) or (today.month in MONTHS.values() and self._get_semester(today))
        return bool(semester) and set(self.sudo()._find_of(company, *semester).mapped("state")) <= {"draft"}

    @api.model
    def _get_late_semester(self, company):
        """``(year, semester)``: in January and July, the one before, as long as it has no survey."""
        today = company._sig_today()
        is_late = today.month == periods.containing(today, "semester").start.month
        return self._semester_without_survey(company) if is_late else None

    @api.model
    def _semester_without_survey(self, company):
        """``(year, semester)``: the last one, if in use no wave of it is under way or was closed with answers."""
        date_from, date_to = periods.last_complete(company._sig_today(), "semester")
        year, semester = self._get_semester(date_from)
        Wave, Case = self.sudo(), self.env["sig.pqrs"].sudo()
        waves = Wave._find_of(company, year, semester)
        if waves.filtered(lambda wave: wave._is_under_way() or (wave.state in ENDED and wave.answered_count)):
            return None
        of_company, midnight = ("company_id", "=", company.id), company._sig_midnight(date_to)
        had_cases = Case.search_count([of_company, ("date_recorded", "<", midnight)], limit=1)
        was_in_use = had_cases or Wave.search_count([of_company, ("date_start", "<", date_to)], limit=1)
        return (year, semester) if was_in_use else None

    def _get_my_day_row(self, _tile):
        return {"name": self.name, "subject": self._get_choices("state")[self.state]}

    def _is_under_way(self):
        return self.state == "running" and self.date_end >= self.company_id._sig_today()

    def _remind_closing(self):
        overdue = self.filtered(lambda wave: wave.state == "running" and wave.date_end < wave.company_id._sig_today())
        waiting = overdue._without_activity("sig_pqrs.activity_survey")
        self.env["sig.staff.notice"]._notify_directors(
            waiting, "sig_pqrs.activity_survey", lambda wave: wave.env._("Close the survey")
        )
