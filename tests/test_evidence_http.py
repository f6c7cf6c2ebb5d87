"""The evidence pack as it leaves: downloaded, and printed by the real engine."""

import io
from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.addons.sig_pqrs.tools import evidence_check
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .test_evidence import EvidenceCommon


class TestEvidenceByHttp(EvidenceCommon, HttpCase):
    def test_download(self):
        case = self.make_case()
        pack = self.make_pack(case)
        self.env.flush_all()
        url, file = f"/pqrs/evidence/{pack.id}", pack.attachment_id
        own = pack.with_user(self.director)
        self.assertEachRaises(
            AccessError, lambda: own.read(["attachment_id"]), lambda: file.with_user(self.director).read(["raw"])
        )
        self.assertFalse(pack._get_mail_thread_data_attachments(), "the chatter does not show it")
        self.authenticate(self.director.login, self.director.login)
        for other in (f"/web/content/{file.id}", f"/web/content/sig.evidence.pack/{pack.id}/attachment_id"):
            self.assertNotIn(b"PK", self.url_open(other).content[:2], other)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(evidence_check.verify(io.BytesIO(response.content), digest=pack.digest).holds)
        self.assertIn(case.name, response.headers["Content-Disposition"])
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.env.invalidate_all()
        log = own.message_ids[:1]
        self.assertEqual(log.preview, f"Downloaded by {self.director.name}")
        self.assertEachRaises(UserError, log.unlink, lambda: log.write({"body": "x"}))
        for user in (self.management, self.portal):  # by its own address: `test_hostile_round`
            self.authenticate(user.login, user.login)
            self.assertIn(self.url_open(f"/web/content/{file.id}").status_code, (403, 404), user.name)

    def test_printed(self):
        cases = self.make_full_case() | self.make_case(subject="Otra", description="Una palabra " + "larga" * 900 + " y " * 4000)
        with patch("odoo.addons.sig_pqrs.models.proof.evidence_pack.AT_ONCE", 5):
            pack = self.make_pack(cases.with_context(force_report_rendering=True))
        archive = self.open(pack)
        for case in cases:
            pages = [page.extract_text() for page in PdfReader(BytesIO(archive.read(f"{case.name}/expediente.pdf"))).pages]
            text = " ".join(" ".join(pages).split())
            self.assertIn(case.subject, text)
            acts = case.sudo().act_ids.sorted("number")
            # What no act bound yet is bound once it is printed: nothing stays locked meanwhile.
            head = acts[-2] if acts[-1].kind == "kept" else acts[-1]
            self.assertIn(head.digest, text.replace(" ", ""))
            self.assertNotIn((cases - case).name, text)
            for page in pages:
                self.assertHolds(page, "FOR-SIG-PQRS-10", "Prepared by")
        self.assertEqual(self.left_out(pack), set())

    @mute_logger("odoo.addons.sig_pqrs.models.proof.evidence_pack")
    def test_without_the_engine(self):
        case = self.make_full_case()
        with patch.object(self.registry["ir.actions.report"], "get_wkhtmltopdf_state", lambda _self: "install"):
            pack = self.make_pack(case.with_context(force_report_rendering=True))
        self.assertIn("expediente.html", self.names(pack))
        self.assertEqual(self.left_out(pack, "left_out_pdf"), {"left_out_pdf"})
