from odoo import api, models

from ...tools import periods
from .wave import ENDED, MONTHS


class SurveyWave(models.Model):
    """The waves of June and December: proposed by the daily review, made by one click (procedure 6)."""

    _inherit = "sig.survey.wave"

    @api.model
    def action_propose(self):
        """Prepare the wave of this semester as the last one was, and open it.

        :return: the action that opens it: the one that exists already, or a new one in preparation.
        """
        self.browse()._check_is_sig()
        company = self.env.company
        year, semester = self._get_semester(company._sig_today())
        wave = self._find_of(company, year, semester)
        if not wave:
            wave = self.create(self._prepare_proposal(company, year, semester))
        self._done_proposing(company)
        return wave[:1]._get_records_action(context={})

    @api.model
    def _get_semester(self, day):
        return day.year, str(periods.semester_of(day))

    @api.model
    def _find_of(self, company, year, semester):
        return self.search([("company_id", "=", company.id), ("year", "=", year), ("semester", "=", semester)])

    @api.model
    def _prepare_proposal(self, company, year, semester):
        vals = {"year": year, "semester": semester, "company_id": company.id}
        last = self.search([("company_id", "=", company.id)], limit=1)
        if last:
            vals.update(
                {
                    name: last[name]
                    for name in ("population_domain", "target_satisfaction", "target_nps", "target_response_rate")
                }
            )
            if last.template_id.active:
                vals["survey_id"] = last.template_id._sig_get_own(company).id
        return vals

    @api.model
    def _is_to_propose(self, company):
        """Whether it is the month of the survey and nobody has prepared it."""
        today = company._sig_today()
        year, semester = self._get_semester(today)
        return today.month == MONTHS[semester] and not self.sudo()._find_of(company, year, semester)

    @api.model
    def _semester_without_survey(self, company):
        """The last semester that ended without a closed wave with answers, while the company already used the software.

        :return: ``{"year": int, "semester": "1" or "2", "date_from": date, "date_to": date}``, or None.
        """
        date_from, date_to = periods.last_complete(company._sig_today(), "semester")
        year, semester = self._get_semester(date_from)
        closed = (
            self.sudo()
            ._find_of(company, year, semester)
            .filtered(lambda wave: wave.state in ENDED and wave.answered_count)
        )
        if closed or not self._was_in_use(company, date_to):
            return None
        return {"year": year, "semester": semester, "date_from": date_from, "date_to": date_to}

    @api.model
    def _was_in_use(self, company, day):
        before = company._sig_midnight(day)
        return bool(
            self.env["sig.pqrs"]
            .sudo()
            .search_count([("company_id", "=", company.id), ("date_recorded", "<", before)], limit=1)
            or self.sudo().search_count([("company_id", "=", company.id), ("date_start", "<", day)], limit=1)
        )

    @api.model
    def _get_semester_name(self, year, semester):
        """“June 2026”, in the language of the environment."""
        if semester == "1":
            return self.env._("June %(year)s", year=year)
        return self.env._("December %(year)s", year=year)

    @api.model
    def _propose(self, company):
        """Tell the SIG once a semester, with an activity."""
        year, semester = self._get_semester(company._sig_today())
        director = company._sig_get_director()
        key = f"{year}-{semester}"
        if company.sig_survey_proposed == key or not director or not self._is_to_propose(company):
            return
        texts = self.with_context(lang=director.lang)
        company.sig_survey_activity_id = (
            self.env["mail.activity"]
            .sudo()
            .create(
                {
                    "activity_type_id": self.env.ref("sig_pqrs.activity_survey").id,
                    "user_id": director.id,
                    "date_deadline": company._sig_today(),
                    "summary": texts.env._(
                        "Prepare the survey of %(semester)s", semester=texts._get_semester_name(year, semester)
                    ),
                }
            )
        )
        company.sig_survey_proposed = key

    @api.model
    def _done_proposing(self, company):
        """The wave exists: the activity that asked for it is done."""
        company.sudo().sig_survey_activity_id.filtered("active").action_done()
