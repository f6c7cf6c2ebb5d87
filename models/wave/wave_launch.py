from operator import methodcaller

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import clock


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    launch_obstacles = fields.Text(
        "Still missing", compute="_compute_launch_obstacles", groups="sig_pqrs.group_sig_director"
    )
    unassigned_count = fields.Integer(compute="_compute_launch_obstacles", groups="sig_pqrs.group_sig_director")

    @api.depends("state", "survey_id", "date_end", "population_domain", "company_id", "year", "semester")
    def _compute_launch_obstacles(self):
        drafts = self.filtered(lambda wave: wave.state == "draft")
        (self - drafts).update({"launch_obstacles": False, "unassigned_count": 0})
        for wave in drafts:
            try:
                clients = wave._get_population()
            except ValidationError:
                clients = self.env["res.partner"]
            wave.launch_obstacles = " ".join(wave._get_launch_obstacles(clients))
            asked = [vals for vals in wave.sudo()._prepare_recipients(clients.sudo()) if "state" not in vals]
            wave.unassigned_count = sum(vals["channel"] != "email" and not vals["interviewer_id"] for vals in asked)

    def action_launch(self):
        self._check_transition("launch").lock_for_update()
        for wave in self:
            clients = wave._get_population()
            if obstacles := wave._get_launch_obstacles(clients):
                raise UserError(" ".join([f"{wave.name}:", *obstacles]))
            wave.sudo()._launch(clients.sudo())
        self.recipient_ids._trigger_queue()
        return True

    def _get_launch_obstacles(self, clients):
        """All that keeps the wave from being launched, in sentences; clients answer once a semester."""
        survey, found = self.sudo().survey_id, []
        measured = survey.question_ids.filtered(lambda question: question.sig_metric == "satisfaction")
        if survey.sig_frozen:
            found.append(self.env._("Choose a questionnaire that is not of another wave."))
        if not measured:
            found.append(self.env._("The questionnaire has no question that measures satisfaction."))
        found += [
            self.env._("“%s” has no answers from 1 to 5.", question.title)
            for question in measured
            if not any(question.suggested_answer_ids.mapped("sig_value"))
        ]
        if self.date_end and self.date_end < self.company_id._sig_today():
            found.append(self.env._("The day until which clients may answer has passed. Choose a later one."))
        if not clients:
            found.append(self.env._("The filter finds no client. Nobody would be asked."))
        if asked := self._get_asked_elsewhere(clients):
            text = self.env._(
                "%(count)s of these clients answer in “%(wave)s”, of the same semester. Take them out of the filter.",
                count=len(asked.partner_id),
                wave=asked[0].wave_id.name,
            )
            found.append(text)
        return found

    def _get_asked_elsewhere(self, clients):
        """Clients who have answered or declined in the semester, or are being asked, in another wave."""
        others = self.sudo()._find_of(self.company_id, self.year, self.semester) - self._origin
        running = Domain("wave_state", "=", "running") & Domain("state", "!=", "excluded")
        theirs = Domain([("wave_id", "in", others.ids), ("partner_id", "in", clients.ids)])
        return others.recipient_ids.search(theirs & (running | Domain("state", "in", ("answered", "declined"))))

    def _launch(self, clients):
        template, date_start = self.survey_id, min(self.date_end, self.company_id._sig_today())
        frozen = {"template_id": template.id, "survey_id": template._sig_freeze(self.company_id).id}
        self.write({"state": "running", "date_start": date_start, **frozen})
        self.env["sig.survey.recipient"].with_context(tracking_disable=True).create(self._prepare_recipients(clients))

    def action_close(self):
        waves = self._check_transition("close")
        waves._lock_to_close()
        waves.recipient_ids._cancel_mails()
        waiting = waves.recipient_ids.filtered(lambda one: one.state == "to_send" and not one.date_sent)
        unasked = waiting.filtered(lambda one: one.channel == "email" or not one.interviewer_id)
        unasked.write({"state": "failed", "reason": self.env._("Its mail had not left, or it had no interviewer.")})
        waves.write({"state": "closed", "date_closed": clock.now()})
        waves.activity_unlink(["sig_pqrs.activity_survey"])
        waves._freeze_results()
        waves._in_isolation(waves, methodcaller("_measure_indicators"))
        return True

    def _hold_open(self):
        """Lock the waves against closing until the answer is saved; answers do not wait for each other.

        :raises psycopg2.errors.SerializationFailure: when the wave changed meanwhile; the server retries.
        """
        self._lock_rows(SQL("FOR SHARE"))

    def _lock_to_close(self):
        """Wait for answers that are being saved, and admit no others.

        :raises psycopg2.errors.SerializationFailure: when one was saved since this transaction began; the server
            retries.
        """
        if not self:
            return
        surveys = self.survey_id
        self._lock_rows(SQL("FOR NO KEY UPDATE"))
        self.env.execute_query(
            SQL("SELECT id FROM survey_user_input WHERE survey_id IN %s AND state != 'done' FOR SHARE", surveys._ids)
        )

    def _prepare_recipients(self, clients):
        clients = clients.with_company(self.company_id)
        respondents = {client: client.sig_survey_contact_id.filtered("active") or client for client in clients}
        people = clients | clients.union(*respondents.values())
        decisions = self.env["sig.privacy.consent"]._get_survey_decisions(people, self.company_id)
        able = self.env["sig.survey.recipient"]._get_interviewer_domain()
        interviewers = self.company_id._sig_filter_own(clients.sig_survey_interviewer_id).filtered_domain(able)
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
                "interviewer_id": (client.sig_survey_interviewer_id & interviewers).id,
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
