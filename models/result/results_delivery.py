import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock

_logger = logging.getLogger(__name__)

BATCH = 50

#: whose mails those with results are
DELIVERY = "sig.survey.delivery"


class SurveyDelivery(models.Model):
    """The results of a wave sent to one person: who, why, when, and what became of the mail (procedure 6)."""

    _name = "sig.survey.delivery"
    _description = "Survey Results Sent"
    _inherit = ["sig.record.mixin"]
    _order = "id desc"
    _rec_name = "user_id"
    _check_company_auto = True

    wave_id = fields.Many2one("sig.survey.wave", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="wave_id.company_id", store=True, index=True, precompute=True)
    user_id = fields.Many2one("res.users", "Recipient", required=True, readonly=True, ondelete="restrict")
    reason = fields.Char("Receives them as", readonly=True, help="The processes of the person, or the role.")
    email = fields.Char(readonly=True)
    note = fields.Text(readonly=True, help="What the SIG wrote above the results.")
    date_requested = fields.Datetime("Requested on", required=True, readonly=True)
    date_sent = fields.Datetime("Sent on", readonly=True)
    state = fields.Selection(
        [("pending", "Waiting to be sent"), ("sent", "Sent"), ("failed", "Not sent")],
        required=True,
        default="pending",
        readonly=True,
    )
    failure = fields.Char("Why not", readonly=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null", index="btree_not_null")

    _pending_index = models.Index("(wave_id, id) WHERE state = 'pending' AND mail_id IS NULL")

    @api.model
    def _cron_send(self):
        """Make the documents of each wave once, and queue the mails. Safe to run twice, and on two workers."""
        domain = [("state", "=", "pending"), ("mail_id", "=", False)]
        batch = self.search(domain, order="wave_id, id", limit=BATCH).try_lock_for_update()
        for wave, deliveries in batch.grouped("wave_id").items():
            deliveries._send(wave)
        self.env["ir.cron"]._commit_progress(len(batch), remaining=self.search_count(domain))

    def _send(self, wave):
        """Queue the mails of one wave. Without its documents nothing is sent, and the SIG is told."""
        wave = wave.with_context(lang=wave.company_id._sig_lang(), sig_published=True)
        deliveries = self.with_env(wave.env)
        try:
            with self.env.cr.savepoint():
                documents = wave._get_result_documents()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The documents of %s could not be made", wave.name)
            deliveries._fail(wave.env._("The documents could not be made. The log of the server says why."))
            wave._tell_failure(deliveries)
            return
        for delivery in deliveries:
            try:
                with self.env.cr.savepoint():
                    delivery._queue(wave, documents)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("The results of %s could not be sent to %s", wave.name, delivery.user_id.name)
                delivery._fail(wave.env._("The mail could not be prepared. The log of the server says why."))
        self.env["sig.pqrs"]._trigger_mail_queue()

    def _fail(self, reason):
        self.write({"state": "failed", "failure": (reason or "")[:250]})

    def _on_mail_left(self, purpose=False, mail=None):
        """The mail of each left: with the first, the results of its wave are sent. Hook of `mail.mail`."""
        self.write({"state": "sent", "date_sent": clock.now(), "failure": False})
        self.wave_id.filtered(lambda wave: wave.state == "closed").write({"state": "reported"})

    def _on_mail_failed(self, purpose=False, reason=False, mail=None):
        """The mail of each did not leave. Hook of `mail.mail`."""
        self._fail(reason)

    def _queue(self, wave, documents):
        user = self.user_id
        if not user.active or not user.email:
            self._fail(self.env._("%s has no email.", user.name))
            return
        people = self.env["sig.people"]
        told = wave.with_context(lang=user.lang or wave.env.lang)
        subject = told.env._("Results of the satisfaction survey: %s", wave.name)
        body = told.env["ir.qweb"]._render(
            "sig_pqrs.mail_survey_results", {"note": self.note, **told._get_personal_summary(user)}
        )
        mail = self.env["mail.mail"].create(
            {
                **people._prepare_mail(user, wave.company_id, subject, Markup(body), people._get_url(wave)),
                "model": self._name,
                "res_id": self.id,
                "attachment_ids": documents.ids,
            }
        )
        self.write({"mail_id": mail.id, "email": user.email, "failure": False})

    def action_send_again(self):
        """Send them once more, with the documents as they are today."""
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("The SIG sends the results."))
        self.check_access("read")
        deliveries = self.sudo()
        if any(delivery.state == "pending" for delivery in deliveries):
            raise UserError(self.env._("It is being sent already."))
        deliveries.write({"state": "pending", "mail_id": False, "failure": False, "date_requested": clock.now()})
        self.env["sig.pqrs"]._trigger("sig_pqrs.cron_survey_delivery")
        return True


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _sig_get_follower(self):
        """Results that were sent follow their mails."""
        return self._sig_follow(DELIVERY) if self.model == DELIVERY else super()._sig_get_follower()
