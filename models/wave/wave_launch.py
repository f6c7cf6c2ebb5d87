from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

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
        populations = {}
        for wave in self:
            wave._check_launch()
            populations[wave] = wave._get_population()
            wave._check_population(populations[wave])
        for wave, clients in populations.items():
            wave.sudo()._launch(clients.sudo())
        self.recipient_ids.sudo()._trigger_queue()
        return True

    def _check_launch(self):
        if self.state != "draft":
            raise UserError(self.env._("%s was launched already.", self.name))
        self_sudo = self.sudo()
        if self_sudo.survey_id.sig_frozen:
            raise UserError(self.env._("%s: choose a questionnaire that is not of another wave.", self.name))
        measured = self_sudo.survey_id.question_ids.filtered(lambda question: question.sig_metric == "satisfaction")
        if not measured:
            raise UserError(self.env._("%s: the questionnaire has no question that measures satisfaction.", self.name))
        if wrong := measured.filtered(lambda question: not any(question.suggested_answer_ids.mapped("sig_value"))):
            raise UserError(self.env._("“%s” has no answers from 1 to 5.", wrong[0].title))
        self._check_not_past()

    def _check_not_past(self):
        """
        :raises UserError: for a wave whose announced end has passed.
        """
        if self.date_end < self.company_id._sig_today():
            raise UserError(
                self.env._("%s: the day until which clients may answer has passed. Choose a later one.", self.name)
            )

    def _check_population(self, clients):
        """
        :param clients: commercial entities.
        :raises UserError: when nobody would be asked, or somebody would be asked twice in the semester unnoticed.
        """
        if not clients:
            raise UserError(self.env._("%s: the filter finds no client. Nobody would be asked.", self.name))
        if self.asks_again:
            return
        others = self.sudo().search(
            [
                ("id", "!=", self.id),
                ("company_id", "=", self.company_id.id),
                ("year", "=", self.year),
                ("semester", "=", self.semester),
                ("state", "!=", "draft"),
            ]
        )
        asked = (
            self.env["sig.survey.recipient"]
            .sudo()
            .search([("wave_id", "in", others.ids), ("partner_id", "in", clients.ids), ("state", "!=", "excluded")])
        )
        if asked:
            raise UserError(
                self.env._(
                    "%(count)s of these clients are in “%(wave)s”, of the same semester. Take them out of the filter, "
                    "or mark “Ask the same clients again”.",
                    count=len(asked.partner_id),
                    wave=asked[0].wave_id.name,
                )
            )

    def _launch(self, clients):
        template = self.survey_id
        survey = template._sig_freeze(self.company_id)
        self.write(
            {
                "state": "running",
                "template_id": template.id,
                "survey_id": survey.id,
                "date_start": min(self.date_end, self.company_id._sig_today()),
            }
        )
        self.env["sig.survey.recipient"].with_context(tracking_disable=True).create(self._prepare_recipients(clients))

    def action_close(self):
        """End the wave: nobody answers any more, and the results stay as they are."""
        self._check_is_sig()
        self._lock_to_close()
        self.invalidate_recordset(["state"])
        for wave in self:
            if wave.state != "running":
                raise UserError(self.env._("%s is not running.", wave.name))
        waves = self.sudo()
        waves.recipient_ids._cancel_mails()
        waves.write({"state": "closed", "date_closed": clock.now()})
        waves._freeze_results()
        return True

    # -- An answer that comes while the wave is closed --------------------------------------------------------------

    def _hold_open(self):
        """Keep the waves from being closed until what a client answers is saved; answers do not wait for each other.

        :raises psycopg2.errors.SerializationFailure: for a wave that has changed meanwhile, as if it was closed; the
            server tries again, and finds it so.
        """
        if self:
            self.env.execute_query(
                SQL("SELECT id FROM %s WHERE id IN %s FOR SHARE", SQL.identifier(self._table), self._ids)
            )

    def _lock_to_close(self):
        """Wait for the answers that are being saved, and let no other come.

        :raises psycopg2.errors.SerializationFailure: when one was saved since this transaction began, which does not
            see it: the server tries again, and the answer counts.
        """
        if not self:
            return
        table, sheets = (SQL.identifier(self.env[name]._table) for name in (self._name, "survey.user_input"))
        self.env.execute_query(SQL("SELECT id FROM %s WHERE id IN %s FOR NO KEY UPDATE", table, self._ids))
        self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE survey_id IN %s AND state != 'done' FOR SHARE",
                sheets,
                self.sudo().survey_id._ids or (0,),
            )
        )
