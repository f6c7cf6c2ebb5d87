"""Pages of clients on an installation with a replica of the database, which may lag behind."""
from unittest.mock import patch

from odoo.addons.sig_pqrs.controllers.client_pages import ClientPages
from odoo.http import request

from .common import freeze_time
from .test_tracking import ClientPagesCase

READ = ClientPages._get_page_values


class TestReplica(ClientPagesCase):
    def setUp(self):
        super().setUp()
        self.case = self.make_own(subject="Ronda sin hacer")
        self.url = f"/my/pqrs/{self.case.id}"
        self.replica = []
        patcher = patch.object(ClientPages, "_get_page_values", self.note)
        patcher.start()
        self.addCleanup(patcher.stop)

    def note(self, case, base, own=True):
        """Where a page of a case is read."""
        self.replica.append(request.env.cr.readonly)
        return READ(self, case, base, own)

    def assertRead(self, url, *replica):
        """Each time that the page is read, whether it is from the replica."""
        self.replica.clear()
        self.assertEqual(self.get(url).status_code, 200)
        self.assertEqual(self.replica, list(replica))

    def test_who_wrote_reads_it_where_it_was_written(self):
        self.authenticate(self.portal.login, self.portal.login)
        self.assertRead(self.url, True)
        self.replica.clear()
        page = self.post(f"{self.url}/write", self.url, text="Sigue igual", token="1")
        self.assertIn("Sigue igual", page.text)
        self.assertEqual(self.replica, [True, False], "the page of the form, and the one that it leads to")
        self.assertRead(self.url, False)
        with freeze_time("2026-11-24 15:00:59"):
            self.assertRead(self.url, False)
        with freeze_time("2026-11-24 15:01:02"):
            self.assertRead(self.url, True)

    def test_what_was_refused_wrote_nothing(self):
        self.authenticate(self.portal.login, self.portal.login)
        self.post(f"{self.url}/write", self.url, text="", token="1")
        self.assertRead(self.url, True)

    def test_a_case_that_was_just_filed_opens(self):
        code = self.case.sudo()._get_tracking_code()
        page = self.post("/pqrs/track", "/pqrs/track", number=self.case.name, code=code)
        self.assertIn("Ronda sin hacer", page.text)
        self.assertEqual(self.replica, [False])
        with freeze_time("2026-11-24 15:02:00"):
            self.assertRead("/pqrs/track/case", True)

    def test_receipts_write_nothing(self):
        self.authenticate(self.portal.login, self.portal.login)
        with patch.object(self.registry["sig.receipt"], "_render", lambda _receipt, case: (str(case.env.cr.readonly).encode(), "pdf")):
            self.assertEqual(self.get(f"{self.url}/receipt").text, "True")
