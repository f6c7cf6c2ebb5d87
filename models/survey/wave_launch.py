from odoo import models
from odoo.exceptions import UserError

from .. import clock


class SurveyWave(models.Model):
    """Launching and closing a wave."""

    _inherit = "sig.survey.wave"

    def action_launch(self):
        """Freeze the clients and the questionnaire; a job prepares the answer sheets and sends the mails.

        :raises UserError: when there is nobody to ask, nothing to ask, or the wave was launched already.
        """
        self._check_is_sig()
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        for wave in self:
            wave._check_launch()
        for wave in self.sudo():
            wave._launch()
        self.recipient_ids.sudo()._trigger_queue()
        return True

    def _check_launch(self):
        if self.state != "draft":
            raise UserError(self.env._("%s was launched already.", self.name))
        if self.sudo().survey_id.sig_frozen:
            raise UserError(self.env._("%s: choose a questionnaire that is not of another wave.", self.name))
        measured = self.sudo().survey_id.question_ids.filtered(lambda question: question.sig_metric == "satisfaction")
        if not measured:
            raise UserError(self.env._("%s: the questionnaire has no question that measures satisfaction.", self.name))
        if wrong := measured.filtered(lambda question: not any(question.suggested_answer_ids.mapped("sig_value"))):
            raise UserError(self.env._("“%s” has no answers from 1 to 5.", wrong[0].title))

    def _launch(self):
        clients = self._get_population()
        if not clients:
            raise UserError(self.env._("%s: the filter finds no client. Nobody would be asked.", self.name))
        template = self.survey_id
        survey = template._sig_freeze(self.company_id, self._get_questionnaire_titles(template))
        self.write(
            {
                "state": "running",
                "template_id": template.id,
                "survey_id": survey.id,
                "date_start": min(self.date_end, self.company_id._sig_today()),
            }
        )
        self.env["sig.survey.recipient"].with_context(tracking_disable=True).create(self._prepare_recipients(clients))

    def _get_questionnaire_titles(self, template):
        """What clients read as title, by language."""
        return {code: template.with_context(lang=code).title for code, _name in self.env["res.lang"].get_installed()}

    def action_close(self):
        """End the wave: nobody answers any more, and the results stay as they are."""
        self._check_is_sig()
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        for wave in self:
            if wave.state != "running":
                raise UserError(self.env._("%s is not running.", wave.name))
        waves = self.sudo()
        waves.recipient_ids._cancel_mails()
        waves.write({"state": "closed", "date_closed": clock.now()})
        waves._freeze_results()
        return True
