from odoo import api, models


class SurveyWave(models.Model):
    """The wave whose announced day has passed."""

    _inherit = "sig.survey.wave"

    def _remind_closing(self):
        """The announced day has passed: the SIG closes the wave."""
        overdue = self.filtered(lambda wave: wave.state == "running" and wave.date_end < wave.company_id._sig_today())
        told = overdue.activity_search(["sig_pqrs.activity_survey"])
        overdue -= overdue.browse(told.mapped("res_id"))
        self.env["sig.people"]._notify_directors(
            overdue, "sig_pqrs.activity_survey", lambda wave: wave.env._("Close the survey")
        )


class SurveyReview(models.AbstractModel):
    """The surveys in the daily review."""

    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self._watch_surveys]

    @api.model
    def _watch_surveys(self, company):
        Wave = self.env["sig.survey.wave"]
        Wave._propose(company)
        Wave.search([("company_id", "=", company.id), ("state", "=", "running")])._remind_closing()
