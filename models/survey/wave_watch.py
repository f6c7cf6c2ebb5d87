from odoo import api, models


class SurveyWave(models.Model):
    """The wave whose announced day has passed."""

    _inherit = "sig.survey.wave"

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
    """The surveys in the daily review."""

    _inherit = "sig.pqrs"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self._watch_surveys]

    @api.model
    def _watch_surveys(self, company):
        Wave = self.env["sig.survey.wave"].sudo()
        Wave._propose(company)
        Wave.search([("company_id", "=", company.id), ("state", "=", "running")])._remind_closing()
