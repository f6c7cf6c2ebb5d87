from odoo import api, models


class SurveyMyDay(models.AbstractModel):
    """The surveys in the day of the SIG."""

    _inherit = "sig.my.day"

    @api.model
    def _get_sig_tiles(self):
        tiles = super()._get_sig_tiles()
        Wave = self.env["sig.survey.wave"]
        company = self.env.company
        if Wave._is_to_propose(company):
            year, semester = Wave._get_semester(company._sig_today())
            tiles.append(
                self._make_survey_tile(
                    "survey_proposed",
                    self.env._("Prepare the survey of %(semester)s", semester=Wave._get_semester_name(year, semester)),
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
