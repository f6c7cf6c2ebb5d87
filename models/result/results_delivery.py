from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError

from .. import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SurveyDelivery(models.Model):
    """The results of a wave mailed to one person (procedure 6, communication of results)."""

    _name = "sig.survey.delivery"
    _description = "Survey Results Sent"
    _inherit = ["sig.record.mixin"]
    _order = "id desc"
    _rec_name = "user_id"
    _sig_is_proof = True

    wave_id = fields.Many2one("sig.survey.wave", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="wave_id.company_id", store=True, index=True, precompute=True)
    user_id = fields.Many2one("res.users", "Recipient", required=True, readonly=True, ondelete="restrict")
    reason = fields.Char("Receives them as", readonly=True, help="The processes of the person, or the role.")
    email = fields.Char(readonly=True)
    note = fields.Text(readonly=True)
    date_requested = fields.Datetime("Requested on", required=True, readonly=True)
    date_sent = fields.Datetime("Sent on", readonly=True)
    state = fields.Selection(
        [("pending", "Waiting to be sent"), ("sent", "Sent"), ("failed", "Not sent")],
        required=True,
        default="pending",
        readonly=True,
    )
    failure = fields.Char("Why not", readonly=True)

    def _on_mail_done(self, failure=""):
        if failure:
            self.write({"state": "failed", "failure": failure[:250]})
            return
        self.write({"state": "sent", "date_sent": clock.now(), "failure": False})
        self.wave_id.filtered(lambda wave: wave.state == "closed").write({"state": "reported"})

    def _prepare_mail(self, wave, documents):
        notices, user = self.env["sig.staff.notice"], self.user_id
        localized = wave.with_context(lang=user.lang or wave.env.lang)
        subject = localized.env._("Results of the satisfaction survey: %s", wave.name)
        results = localized._get_readable_results()
        told = {"worse": localized._describe_worse(results), "figures": localized._get_figure_cards(results)}
        body = Markup(localized.env["ir.qweb"]._render("sig_pqrs.mail_survey_results", {"note": self.note, **told}))
        return {
            **notices._prepare_mail(user, wave.company_id, subject, body, notices._get_url(wave)),
            "model": self._name,
            "res_id": self.id,
            "attachment_ids": documents.ids,
        }


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    delivery_ids = fields.One2many(
        "sig.survey.delivery", "wave_id", readonly=True, copy=False, groups="sig_pqrs.group_sig_director"
    )

    def action_open_results(self):
        self.ensure_one()
        form = self.env.ref("sig_pqrs.wave_view_form_readers")
        return self._get_records_action(name=self.env._("Results"), views=[(form.id, "form")], context={})

    def _get_owners(self):
        """``{leader: their active processes}``"""
        led = self.env["sig.process"].sudo().search([("company_id", "=", self.company_id.id)]).grouped("leader_id")
        return {leader: own for leader, own in led.items() if self.company_id._sig_filter_own(leader)}

    def _send_results(self, readers, note=False):
        wave = self._check_transition("send_results")
        if not readers:
            raise UserError(self.env._("Choose at least one person."))
        published = wave._sig_as_step().with_context(lang=wave.company_id._sig_lang(), sig_published=True)
        documents = published._make_result_documents()
        common = {"wave_id": self.id, "note": note, "date_requested": clock.now()}
        deliveries = published.env["sig.survey.delivery"].create(
            [{**common, "user_id": user.id, "reason": reason, "email": user.email} for user, reason in readers.items()]
        )
        published.env["mail.mail"].create([delivery._prepare_mail(published, documents) for delivery in deliveries])
        names = ", ".join(user.name for user in readers)
        wave._message_log(body=self.env._("The results go to: %s", names), author_id=self.env.user.partner_id.id)
        self.env["ir.cron"]._sig_trigger_mails()

    def _make_result_documents(self):
        Attachment, name = self.env["ir.attachment"], self._get_file_name()
        pdf, kind = self.env["ir.actions.report"]._render_qweb_pdf("sig_pqrs.report_survey", self.ids)
        documents = Attachment._sig_create_for(self, f"{name}.{kind}", pdf)
        return documents | Attachment._sig_create_for(self, f"{name}.xlsx", self._make_workbook(), mimetype=XLSX)

    def _find_result_documents(self):
        """Files of the transaction of a delivery, with the name of the wave: that of the company may have changed."""
        files = self.env["ir.attachment"].search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        deliveries = self.env["sig.survey.delivery"].search([("wave_id", "in", self.ids)])
        made = {(each.wave_id.id, each.create_date) for each in deliveries}
        names = {wave.id: wave.name.replace("/", "-") for wave in self}
        files = files.filtered(lambda file: (file.res_id, file.create_date) in made)
        return files.filtered(lambda file: file.name.startswith(f"{names[file.res_id]} "))
