from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import clock


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    def action_launch(self):
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
        self.recipient_ids._trigger_queue()
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

    def _check_running(self):
        for wave in self:
            if wave.state != "running":
                raise UserError(self.env._("%s is not running.", wave.name))

    def _check_not_past(self):
        if self.date_end < self.company_id._sig_today():
            raise UserError(
                self.env._("%s: the day until which clients may answer has passed. Choose a later one.", self.name)
            )

    def _check_population(self, clients):
        """Refuse an empty population, and clients who have answered or declined in the semester, or are being asked."""
        if not clients:
            raise UserError(self.env._("%s: the filter finds no client. Nobody would be asked.", self.name))
        others = self.sudo()._find_of(self.company_id, self.year, self.semester) - self
        running = Domain("wave_state", "=", "running") & Domain("state", "!=", "excluded")
        asked = others.recipient_ids.search(
            Domain("wave_id", "in", others.ids)
            & Domain("partner_id", "in", clients.ids)
            & (running | Domain("state", "in", ("answered", "declined")))
        )
        if asked:
            raise UserError(
                self.env._(
                    "%(count)s of these clients answer in “%(wave)s”, of the same semester. Take them out of the "
                    "filter.",
                    count=len(asked.partner_id),
                    wave=asked[0].wave_id.name,
                )
            )

    def _launch(self, clients):
        self.write(
            {
                "state": "running",
                "template_id": self.survey_id.id,
                "survey_id": self.survey_id._sig_freeze(self.company_id).id,
                "date_start": min(self.date_end, self.company_id._sig_today()),
            }
        )
        self.env["sig.survey.recipient"].with_context(tracking_disable=True).create(self._prepare_recipients(clients))

    def action_close(self):
        waves = self._check_is_sig()
        waves._lock_to_close()
        waves.invalidate_recordset(["state"])
        waves._check_running()
        waves.recipient_ids._cancel_mails()
        waves.write({"state": "closed", "date_closed": clock.now()})
        waves._freeze_results()
        return True

    # -- An answer that comes while the wave is closed --------------------------------------------------------------

    def _hold_open(self):
        """Lock the waves against closing until the answer is saved; answers do not wait for each other.

        :raises psycopg2.errors.SerializationFailure: when the wave changed meanwhile; the server retries.
        """
        if self:
            self.env.execute_query(SQL("SELECT id FROM sig_survey_wave WHERE id IN %s FOR SHARE", self._ids))

    def _lock_to_close(self):
        """Wait for answers that are being saved, and admit no others.

        :raises psycopg2.errors.SerializationFailure: when one was saved since this transaction began; the server
            retries.
        """
        if not self:
            return
        surveys = self.survey_id
        self.env.execute_query(SQL("SELECT id FROM sig_survey_wave WHERE id IN %s FOR NO KEY UPDATE", self._ids))
        self.env.execute_query(
            SQL("SELECT id FROM survey_user_input WHERE survey_id IN %s AND state != 'done' FOR SHARE", surveys._ids)
        )

    def _prepare_recipients(self, clients):
        clients = clients.with_company(self.company_id)
        respondents = self._get_respondents(clients)
        people = clients | clients.union(*respondents.values())
        decisions = self.env["sig.privacy.consent"]._get_survey_decisions(people, self.company_id)
        values = []
        for client in clients:
            contact = respondents[client]
            email = contact.email or client.email or False
            phone = contact.phone or client.phone or False
            channel = client.sig_survey_channel or ("email" if email else "phone" if phone else "visit")
            vals = {
                "wave_id": self.id,
                "partner_id": client.id,
                "contact_id": contact.id,
                "email": email,
                "phone": phone,
                "channel": channel,
                "interviewer_id": client.sig_survey_interviewer_id.id,
                "city": client.city,
                "industry_id": client.industry_id.id,
                "queued": True,
            }
            if refusal := self.company_id._sig_get_survey_refusal(client | contact, decisions):
                vals.update(state="excluded", reason=refusal, queued=False)
            elif channel == "email" and not email:
                vals.update(state="failed", reason=self.env._("Has no email."))
            values.append(vals)
        return values

    def _get_respondents(self, clients):
        """``{client: respondent}``: the remembered contact, else the marked one, else the client."""
        marked = self.env["res.partner"].search(
            [("commercial_partner_id", "in", clients.ids), ("sig_survey_respondent", "=", True)], order="id desc"
        )
        by_client = {contact.commercial_partner_id: contact for contact in marked}
        respondents = {}
        for client in clients:
            remembered = client.sig_survey_contact_id
            valid = remembered.active and remembered.commercial_partner_id == client
            respondents[client] = remembered if valid else by_client.get(client, client)
        return respondents

    def action_send_reminders(self):
        waves = self._check_is_sig()
        waves._check_running()
        recipients = waves.recipient_ids.browse()
        for wave in waves:
            wave._check_not_past()
            recipients |= wave.recipient_ids._filter_to_remind(wave.company_id._sig_today())
        if not recipients:
            raise UserError(
                self.env._("Nobody to remind: everybody answered, was reminded enough, or was written to today.")
            )
        recipients._queue_reminders()
        return self._show_message(self.env._("Reminders on their way: %s.", len(recipients)), "success", closes=True)
