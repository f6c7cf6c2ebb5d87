import base64

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ...tools import file_kind
from .. import clock
from ..channel.upload import Upload
from .recipient import OPEN


class SurveyRecipient(models.Model):
    _inherit = "sig.survey.recipient"

    applied_by_id = fields.Many2one("res.users", "Applied by", readonly=True, index="btree_not_null")
    call_refusal = fields.Char("Why nobody calls now", compute="_compute_call_refusal")

    @api.depends("company_id")
    def _compute_call_refusal(self):
        now = clock.now()
        for company, recipients in self.grouped("company_id").items():
            recipients.call_refusal = bool(company) and company._sig_get_call_refusal(now)

    def _is_applied_by(self, user):
        self.ensure_one()
        recipient = self.sudo()
        if not user._is_internal() or recipient.company_id not in user.company_ids:
            return False
        return user.has_group("sig_pqrs.group_sig_director") or (
            recipient.interviewer_id == user and user.has_group("sig_pqrs.group_interviewer")
        )

    def _may_answer(self, user):
        """Whether a logged-in user may open the questionnaire; anonymous visitors hold its link."""
        self.ensure_one()
        if user._is_internal():
            return self._is_applied_by(user)
        return user.partner_id.commercial_partner_id == self.sudo().partner_id

    def action_apply(self):
        """Open the questionnaire in a visit or, within legal hours (Ley 2300 de 2023), in a call."""
        self.ensure_one()
        self._check_transition("apply")._check_allow_surveys()
        if self.channel == "email":
            name = self.partner_id.display_name
            raise UserError(self.env._("%s is asked by email. Choose visit or phone first.", name))
        if self.channel == "phone" and (refusal := self.company_id._sig_get_call_refusal(clock.now())):
            raise UserError(refusal)
        return self._apply()

    def _apply(self, received=False):
        recipient = self.sudo()
        recipient._create_answers()
        recipient.write({"applied_by_id": self.env.uid, "date_answered": received})
        return {"type": "ir.actions.act_url", "url": recipient.user_input_id.get_start_url(), "target": "self"}

    def _transcribe(self, name, content, received_on):
        """Open the questionnaire for what a paper says, which counts from the day on which it was received."""
        recipient = self._check_transition("transcribe")
        start, today = recipient.sudo().wave_id.date_start, recipient.company_id._sig_today()
        if not received_on or not start <= received_on <= today:
            start = tools.format_date(self.env, start)
            raise UserError(self.env._("Write the day on which you received the paper. The survey began on %s.", start))
        channel = "visit" if recipient.channel == "email" else recipient.channel
        recipient.write({"scan": content, "scan_name": self._check_scan(name, content), "channel": channel})
        return self._apply(min(recipient.company_id._sig_moment(received_on), clock.now()))

    @api.model
    def _check_scan(self, name, content):
        """Refuse what is no scan, and return a clean name of the file."""
        if not content:
            raise UserError(self.env._("Attach the scan or a photo of the paper."))
        try:
            raw = base64.b64decode(content, validate=True)
        except ValueError:
            raise UserError(self.env._("The file could not be read. Attach it again.")) from None
        Uploads = self.env["sig.upload"]
        upload = Upload(Uploads._clean_name(name or "scan"), raw)
        if problem := Uploads._check_upload(upload):
            raise UserError(problem)
        return file_kind.inspect(upload.name, raw).name

    def _on_started(self):
        """Called for who opens the questionnaire or goes on with it: an internal user applies it."""
        opened = self.filtered(lambda recipient: recipient.state in (*OPEN, "declined"))
        opened.filtered(lambda recipient: recipient.state != "started").write({"state": "started"})
        if self.env.user._is_internal():
            opened.applied_by_id = self.env.user

    def _on_answered(self):
        """The client answered: by itself, unless an internal user is at the keyboard."""
        self._cancel_mails()
        is_internal = self.env.user._is_internal()
        applied = {"applied_by_id": self.env.uid} if is_internal else {"channel": "email", "applied_by_id": False}
        self.write({"state": "answered", "reason": False, "queued": False, **applied})
        self.filtered(lambda one: not (is_internal and one.date_answered)).date_answered = clock.now()
