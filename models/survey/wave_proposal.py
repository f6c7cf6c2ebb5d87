from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, models

from .wave import MONTHS


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
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": wave[:1].id,
            "views": [(False, "form")],
        }

    @api.model
    def _get_semester(self, day):
        return day.year, "1" if day.month <= 6 else "2"

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
                vals["survey_id"] = last.template_id.id
        return vals

    @api.model
    def _is_to_propose(self, company):
        """Whether it is the month of the survey and nobody has prepared it."""
        today = company.sudo()._sig_today()
        year, semester = self._get_semester(today)
        return today.month == MONTHS[semester] and not self.sudo()._find_of(company, year, semester)

    @api.model
    def _semester_without_survey(self, company):
        """The last semester that ended without a closed wave with answers, while the company already used the software.

        :return: ``{"year": int, "semester": "1" or "2", "date_from": date, "date_to": date}``, or None.
        """
        today = company.sudo()._sig_today()
        year, semester = (today.year, "1") if today.month > 6 else (today.year - 1, "2")
        date_from = date(year, 1 if semester == "1" else 7, 1)
        date_to = date_from + relativedelta(months=6, days=-1)
        closed = (
            self.sudo()
            ._find_of(company, year, semester)
            .filtered(lambda wave: wave.state in ("closed", "reported") and wave.answered_count)
        )
        if closed or not self._was_in_use(company, date_to):
            return None
        return {"year": year, "semester": semester, "date_from": date_from, "date_to": date_to}

    @api.model
    def _was_in_use(self, company, day):
        before = company.sudo()._sig_midnight(day)
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
        self.env["mail.activity"].sudo().create(
            {
                "activity_type_id": self.env.ref("sig_pqrs.activity_survey").id,
                "user_id": director.id,
                "date_deadline": company._sig_today(),
                "summary": texts.env._(
                    "Prepare the survey of %(semester)s", semester=texts._get_semester_name(year, semester)
                ),
            }
        )
        company.sig_survey_proposed = key

    @api.model
    def _done_proposing(self, company):
        """The wave exists: the activity that asked for it is done."""
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("activity_type_id", "=", self.env.ref("sig_pqrs.activity_survey").id),
                    ("res_model", "=", False),
                    ("user_id", "=", company._sig_get_director().id),
                ]
            )
        )
        activities.action_done()

    def _remind_closing(self):
        """The announced day has passed: the SIG closes the wave."""
        overdue = self.filtered(lambda wave: wave.state == "running" and wave.date_end < wave.company_id._sig_today())
        told = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", overdue.ids),
                    ("activity_type_id", "=", self.env.ref("sig_pqrs.activity_survey").id),
                ]
            )
        )
        overdue -= overdue.browse(told.mapped("res_id"))
        directors = {wave: wave.company_id._sig_get_director() for wave in overdue}
        self.env["sig.people"]._schedule_activities(
            overdue,
            directors,
            "sig_pqrs.activity_survey",
            {wave: wave.company_id._sig_today() for wave in overdue},
            {
                wave: directors[wave].with_context(lang=directors[wave].lang).env._("Close the survey")
                for wave in overdue
            },
        )


class PqrsWatch(models.Model):
    _inherit = "sig.pqrs"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self._watch_surveys]

    @api.model
    def _watch_surveys(self, company):
        Wave = self.env["sig.survey.wave"].sudo()
        Wave._propose(company)
        Wave.search([("company_id", "=", company.id), ("state", "=", "running")])._remind_closing()

    # -- My day -----------------------------------------------------------------------------------------------------

    @api.model
    def _get_sig_tiles(self):
        tiles = super()._get_sig_tiles()
        Wave = self.env["sig.survey.wave"]
        company = self.env.company
        if Wave._is_to_propose(company):
            year, semester = Wave._get_semester(company.sudo()._sig_today())
            tiles.append(
                self._make_survey_tile(
                    "survey_proposed",
                    self.env._("Survey of %(semester)s", semester=Wave._get_semester_name(year, semester)),
                    "warning",
                    [],
                )
            )
        if missing := Wave._semester_without_survey(company):
            name = Wave._get_semester_name(missing["year"], missing["semester"])
            domain = [("year", "=", missing["year"]), ("semester", "=", missing["semester"])]
            tiles.append(
                self._make_survey_tile(
                    "survey_missing",
                    self.env._("No survey was closed: %(semester)s", semester=name),
                    "danger",
                    domain,
                    method=None,
                )
            )
        return tiles

    @api.model
    def _make_survey_tile(self, key, label, tone, domain, **extra):
        """A tile about a wave that does not exist: it counts as one thing that waits, without records."""
        return {
            "key": key,
            "label": label,
            "tone": tone,
            "model": "sig.survey.wave",
            "domain": domain,
            "order": "id",
            "method": "action_propose",
            "method_label": self.env._("Prepare it"),
            "fixed_count": 1,
            "quiet": True,
            **extra,
        }

    @api.model
    def _get_my_day_tile(self, tile):
        if "fixed_count" in tile:
            return {**tile, "count": tile["fixed_count"], "records": []}
        return super()._get_my_day_tile(tile)
