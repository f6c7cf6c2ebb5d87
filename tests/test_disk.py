import os
from unittest.mock import patch

from odoo.addons.base.models.ir_attachment import IrAttachment
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SigCommon
from .test_filing_page import FilingCommon

CONTENT = b"%PDF-1.4\n" + b"7" * 5000


@tagged("post_install", "-at_install")
class TestBrokenFile(SigCommon):
    """A file of which a part alone was written stands in nobody's way."""

    def test_what_was_left_is_replaced(self):
        Attachment = self.env["ir.attachment"]
        path = Attachment._full_path(self.name_of(CONTENT))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(CONTENT[:100])
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        attachment = Attachment.create({"name": "acta.pdf", "raw": CONTENT})
        attachment.invalidate_recordset()
        self.assertEqual(attachment.raw, CONTENT)

    def test_what_is_whole_stays(self):
        Attachment = self.env["ir.attachment"]
        first = Attachment.create({"name": "acta.pdf", "raw": CONTENT})
        path = Attachment._full_path(first.store_fname)
        before = os.stat(path).st_ino
        second = Attachment.create({"name": "otra.pdf", "raw": CONTENT})
        self.assertEqual((second.store_fname, os.stat(path).st_ino), (first.store_fname, before))

    def name_of(self, content):
        checksum = self.env["ir.attachment"]._compute_checksum(content)
        return f"{checksum[:2]}/{checksum}"


@tagged("post_install", "-at_install")
class TestFullDisk(FilingCommon):
    """Who sends files while they cannot be stored is told so, and keeps what they wrote."""

    def test_petition(self):
        with (
            patch.object(IrAttachment, "_file_write", side_effect=OSError(28, "No space left on device")),
            mute_logger("odoo.addons.sig_pqrs.controllers.client_pages"),
        ):
            response = self.post([("acta.pdf", CONTENT)], subject="Sin espacio")
        self.assertEqual(response.status_code, 503)
        self.assertIn("Sin espacio", response.text)
        self.assertNotRegex(response.text, r"PQRS-\d{4}")
        self.assertFalse(self.env["sig.pqrs"].search([("subject", "=", "Sin espacio")]))
