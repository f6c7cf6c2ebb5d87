import hashlib
import os

from odoo import api, models, tools
from odoo.exceptions import UserError

_CHUNK = 2**18


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _get_path(self, bin_data, sha):
        """A file cut short by a full disk or a killed process gives way: core would refuse its content for ever."""
        path = self._full_path(f"{sha[:2]}/{sha}")
        if os.path.isfile(path) and os.path.getsize(path) < len(bin_data):
            os.unlink(path)
        return super()._get_path(bin_data, sha)

    def _sig_has_content(self):
        return self._sig_read_start() is not None

    def _sig_read_start(self):
        """Its first bytes; None when its content is lost."""
        try:
            return next(self._sig_read_chunks(), b"")
        except OSError:
            return None

    def _sig_read_chunks(self):
        self.ensure_one()
        if not self.store_fname:
            # The web client asks for sizes instead of contents.
            yield self.with_context(bin_size=False).raw or b""
            return
        with open(self._full_path(self.store_fname), "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def _sig_get_size_text(self):
        return tools.human_size(self.file_size)

    def _sig_sha256(self):
        """Hexadecimal SHA-256 of the content; a dash when it is lost."""
        sha256 = hashlib.sha256()
        try:
            for chunk in self._sig_read_chunks():
                sha256.update(chunk)
        except OSError:
            return "—"
        return sha256.hexdigest()

    def _sig_copy_to(self, record):
        self.ensure_one()
        if not self._sig_has_content():
            raise UserError(self.env._("The content of “%s” is lost: attach it again.", self.name))
        # core would make large pictures smaller
        quiet = self.sudo().with_context(tools.clean_context(self.env.context), image_no_postprocess=True)
        return quiet._sig_create_for(record, self.name, self.raw, mimetype=self.mimetype)

    def _sig_create_for(self, record, name, raw, **vals):
        return self.create({"name": name, "raw": raw, "res_model": record._name, "res_id": record.id, **vals})

    @api.depends_context("uid")
    def _compute_res_name(self):
        result = super()._compute_res_name()
        if not self.env.su:
            self._sig_hide_unreadable("res_model", "res_name")
        return result
