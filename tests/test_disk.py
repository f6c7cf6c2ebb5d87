from unittest.mock import patch

from odoo.addons.base.models.ir_attachment import IrAttachment
from odoo.tools import mute_logger

from .test_filing_page import FilingCommon

CONTENT = b"%PDF-1.4\n" + b"7" * 5000


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
