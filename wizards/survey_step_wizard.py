import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.channel.upload import Upload
from ..tools import file_kind

SCANS = ("application/pdf", "image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/tiff")


class SurveyStepWizard(models.TransientModel):
    _name = "sig.survey.step.wizard"
    _inherit = ["sig.output.mixin"]
    _description = "Step of a Surveyed Client"

    step = fields.Selection(
        [
            ("decline", "Does not want to take part"),
            ("wrong_contact", "Wrong contact"),
            ("exclude", "Leave out of the wave"),
            ("transcribe", "Transcribe the paper"),
        ],
        required=True,
        readonly=True,
    )
    recipient_ids = fields.Many2many("sig.survey.recipient", string="Clients", readonly=True)
    reason = fields.Char("Explanation")
    scan = fields.Binary("Scan of the paper", attachment=False)
    scan_name = fields.Char()

    def action_confirm(self):
        self.ensure_one()
        recipients = self.recipient_ids
        if not recipients:
            raise UserError(self.env._("Choose the clients."))
        if self.step == "transcribe":
            return recipients[0]._transcribe(self.scan_name, self.scan)
        getattr(recipients, f"action_{self.step}")(self.reason)
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _check_scan(self, name, content):
        """`FileKind` of an acceptable scan."""
        if not content:
            raise UserError(self.env._("Attach the scan or a photo of the paper."))
        try:
            raw = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise UserError(self.env._("The file could not be read. Attach it again.")) from None
        Uploads = self.env["sig.upload"]
        upload = Upload(Uploads._clean_name(name if isinstance(name, str) and name else "scan"), raw)
        if problem := Uploads._check_upload(upload):
            raise UserError(problem)
        kind = file_kind.inspect(upload.name, raw)
        if kind.mimetype not in SCANS:
            raise UserError(self.env._("“%s” is no scan: attach a PDF or a photo.", upload.name))
        return kind
