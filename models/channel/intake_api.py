import base64
import binascii

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .upload import MAX_FILE_MB, Upload

MAX_TOKEN = 100


class IntakeApi(models.AbstractModel):
    _inherit = "sig.pqrs.intake"

    def _file_by_api(self, petition, token, files, company_id):
        self._check_integration()
        company = self.env["res.company"]._sig_get_worked_in(company_id)
        token = token.strip() if isinstance(token, str) else ""
        if not 0 < len(token) <= MAX_TOKEN or not token.isprintable():
            text = self.env._(
                "Give each petition a token of your own, of 1 to %s printable characters: it is filed once.", MAX_TOKEN
            )
            raise UserError(text)
        if not isinstance(petition, dict):
            raise UserError(self.env._("A petition is an object with the names of the form."))
        read = self._read_petition(petition, self._read_api_files(files), company)
        if read.errors:
            raise UserError("\n".join(f"{name}: {error}" for name, error in read.errors.items()))
        case = self._file_petition(read, "api", f"{self.env.uid}/{token}")
        return {
            "id": case.id,
            "number": case.name,
            "tracking_code": self.env["sig.tracking"]._derive(case),
            "date_received": fields.Datetime.to_string(case.date_received),
            "date_deadline": fields.Date.to_string(case.date_deadline),
            "state": case.state,
        }

    def _check_integration(self):
        user = self.env.user
        if not (user.has_group("sig_pqrs.group_integration") or user.has_group("sig_pqrs.group_sig_director")):
            raise AccessError(self.env._("This is for integrations and for the SIG."))

    def _read_api_files(self, files):
        if files and not isinstance(files, list | tuple):
            raise UserError(self.env._("Files are a list of objects with name and content."))
        uploads = []
        for file in files or ():
            name, content = (file.get("name"), file.get("content")) if isinstance(file, dict) else (None, None)
            if not isinstance(name, str) or not isinstance(content, str):
                raise UserError(self.env._("A file is an object with its name, and its content in base64."))
            try:
                raw = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                raise UserError(self.env._("The content of “%s” is not base64.", name[:200])) from None
            uploads.append(Upload(self.env["sig.upload"]._clean_name(name), raw[: MAX_FILE_MB * 1024 * 1024 + 1]))
        return uploads
