import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import clock

_logger = logging.getLogger(__name__)

BATCH = 50

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SurveyDelivery(models.Model):
    """The results of a wave sent to one person: who, why, when, and what became of the mail (procedure 6)."""

    _name = "sig.survey.delivery"
    _description = "Survey Results Sent"
    _order = "id desc"
    _rec_name = "user_id"

    wave_id = fields.Many2one("sig.survey.wave", "Wave", required=True, readonly=True, ondelete="cascade", index=True)
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
        batch = self.sudo().search(domain, order="wave_id, id", limit=BATCH).try_lock_for_update()
        for wave, deliveries in batch.grouped("wave_id").items():
            deliveries._send(wave)
        self.env["ir.cron"]._commit_progress(len(batch), remaining=self.sudo().search_count(domain))

    def _send(self, wave):
        """Queue the mails of one wave. Without its documents nothing is sent, and the SIG is told."""
        wave = wave.with_context(lang=wave.company_id._sig_lang(), sig_published=True)
        try:
            with self.env.cr.savepoint():
                documents = wave._get_result_documents()
        except Exception as error:
            _logger.exception("The documents of %s could not be made", wave.name)
            self._fail(self.env._("The documents could not be made: %s", error))
            wave._tell_failure(self)
            return
        for delivery in self:
            try:
                with self.env.cr.savepoint():
                    delivery._queue(wave, documents)
            except Exception as error:
                _logger.exception("The results of %s could not be sent to %s", wave.name, delivery.user_id.name)
                delivery._fail(str(error))
        self.env["sig.pqrs"]._trigger_mail_queue()

    def _fail(self, reason):
        self.write({"state": "failed", "failure": (reason or "")[:250]})

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
                "subject": subject,
                "body_html": people._render(user, subject, Markup(body), people._get_url(wave)),
                "email_from": wave.company_id.email_formatted or self.env.user.email_formatted,
                "email_to": user.email_formatted,
                "model": self._name,
                "res_id": self.id,
                "attachment_ids": documents.ids,
                "auto_delete": True,
                "headers": "{'Auto-Submitted': 'auto-generated'}",
            }
        )
        self.write({"mail_id": mail.id, "email": user.email, "failure": False})

    def action_send_again(self):
        """Send them once more, with the documents made anew."""
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("The SIG sends the results."))
        self.check_access("read")
        deliveries = self.sudo()
        if any(delivery.state == "pending" for delivery in deliveries):
            raise UserError(self.env._("It is being sent already."))
        deliveries.write({"state": "pending", "mail_id": False, "failure": False, "date_requested": clock.now()})
        self.env.ref("sig_pqrs.cron_survey_delivery").sudo()._trigger()
        return True


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        deliveries = self.env["sig.survey.delivery"].sudo()
        ids = [mail.res_id for mail in self if mail.model == deliveries._name]
        failed = failure_reason or failure_type or any(mail.state == "exception" for mail in self)
        reason = failure_reason or next((mail.failure_reason for mail in self if mail.failure_reason), "")
        result = super()._postprocess_sent_message(success_pids, success_emails, failure_reason, failure_type)
        if deliveries := deliveries.browse(ids).exists():
            if failed:
                deliveries._fail(str(reason or failure_type))
            else:
                deliveries.write({"state": "sent", "date_sent": clock.now()})
        return result


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    delivery_ids = fields.One2many(
        "sig.survey.delivery", "wave_id", readonly=True, copy=False, groups="sig_pqrs.group_sig_director"
    )

    def action_send_results(self):
        """The dialog that says who will receive the results."""
        self.ensure_one()
        self._check_is_sig()
        self._check_has_closed()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send results"),
            "res_model": "sig.survey.send.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_wave_id": self.id},
        }

    def _check_has_closed(self):
        """
        :raises UserError: for a wave whose results may still change.
        """
        if self.state not in ("closed", "reported"):
            raise UserError(self.env._("%s is not closed: its results may still change.", self.name))

    def action_print_report(self):
        """The report in PDF, as far as the current user may read the results."""
        self.ensure_one()
        return self.env.ref("sig_pqrs.report_survey_action").report_action(self, config=False)

    def action_open_results(self):
        """The results in figures, charts and words."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Results"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("sig_pqrs.wave_view_form_readers").id, "form")],
        }

    def action_open_silent(self):
        """The clients who were asked and have not answered."""
        self.ensure_one()
        self._check_is_sig()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who did not answer"),
            "res_model": "sig.survey.recipient",
            "views": [(False, "list"), (False, "form")],
            "domain": [("wave_id", "=", self.id), ("state", "not in", ("answered", "excluded"))],
        }

    def action_open_deliveries(self):
        """Who received the results, and what became of the mails."""
        self.ensure_one()
        return {
            **self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_survey_delivery"),
            "domain": [("wave_id", "=", self.id)],
        }

    def _get_owners(self):
        """The owners of the active processes of the company: ``{user: their processes}``."""
        processes = self.env["sig.process"].sudo().search([("company_id", "=", self.company_id.id)])
        owners = {}
        for process in processes.filtered("leader_id.active"):
            owners.setdefault(process.leader_id, self.env["sig.process"].sudo())
            owners[process.leader_id] |= process
        return owners

    def _get_top_management(self):
        """Who has the role of top management in the company."""
        group = self.env.ref("sig_pqrs.group_top_management").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )

    def _send_results(self, readers, note=False):
        """Have the results sent; the job makes the documents and the mails.

        :param dict readers: ``{user: why}``.
        """
        self._check_is_sig()
        self._check_has_closed()
        if not readers:
            raise UserError(self.env._("Choose at least one person."))
        wave = self.sudo()
        self.env["sig.survey.delivery"].sudo().create(
            [
                {
                    "wave_id": self.id,
                    "user_id": user.id,
                    "reason": reason,
                    "email": user.email,
                    "note": note,
                    "date_requested": clock.now(),
                }
                for user, reason in readers.items()
            ]
        )
        wave.state = "reported"
        names = ", ".join(user.name for user in readers)
        wave._message_log(body=self.env._("The results go to: %s", names), author_id=self.env.user.partner_id.id)
        self.env.ref("sig_pqrs.cron_survey_delivery").sudo()._trigger()

    def _get_result_documents(self):
        """Report and workbook as they are sent: for who does not run the surveys. Kept with the wave."""
        self.ensure_one()
        name = self._get_file_name()
        pdf, kind = self.env["ir.actions.report"]._render_qweb_pdf("sig_pqrs.report_survey", self.ids)
        return self.env["ir.attachment"].create(
            [
                {
                    "name": f"{name}.{'pdf' if kind == 'pdf' else 'html'}",
                    "raw": pdf,
                    "res_model": self._name,
                    "res_id": self.id,
                },
                {
                    "name": f"{name}.xlsx",
                    "raw": self._make_workbook(),
                    "mimetype": XLSX,
                    "res_model": self._name,
                    "res_id": self.id,
                },
            ]
        )

    def _get_personal_summary(self, user):
        """What the mail says to one person: the summary, the figures, and the dimensions of their processes."""
        results = self._get_readable_results()
        owned = self._get_owners().get(user, self.env["sig.process"])
        dimensions = self.env["sig.survey.dimension"].sudo().search([("process_ids", "in", owned.ids)])
        own = [part for part in results["dimensions"] if part["id"] in dimensions.ids and part["measures"]]
        return {
            "summary": self._get_summary(results),
            "figures": self._get_figure_cards(results),
            "dimensions": [(part["name"], self._tell_dimension(part)) for part in own],
        }

    def _tell_failure(self, deliveries):
        """The SIG is told once that the results could not be sent."""
        director = self.company_id._sig_get_director()
        if director:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The results could not be sent"),
                note=deliveries[:1].failure,
                user_id=director.id,
            )
