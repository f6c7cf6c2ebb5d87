"""Nonsense sent to every page of the addon, by who is logged in and who is not: an answer each time, and nothing broken."""
from odoo.tools import mute_logger

from . import fuzz
from .common import freeze_time
from .test_filing_page import URL, FilingCommon
from .test_tracking import ClientPagesCase

COUNT = 120


@freeze_time("2026-11-24 15:00:00")
class TestFuzz(FilingCommon, ClientPagesCase):
    """`dev/fuzz` sends many thousands more, to a server of several workers."""

    def setUp(self):
        super().setUp()
        self.case = self.require(self.make_own(subject="Ronda sin hacer"))
        self.foreign = self.make_case(partner_id=self.stranger.partner_id.id)
        self.known = self.env["sig.pqrs"].search([])

    def send(self, request):
        kwargs = {"data": request.body} if request.body is not None else {"data": request.data, "files": request.files or None}
        return self.opener.request(
            request.method, f"{self.base_url()}{request.path}", params=request.params, headers=request.headers,
            allow_redirects=False, timeout=60, **kwargs,
        )

    @mute_logger("odoo.http", "odoo.addons.website.models.ir_http", "odoo.addons.base.models.ir_attachment", "werkzeug")
    def fuzz(self, start, known):
        routes = fuzz.get_routes()
        self.assertGreaterEqual(len(routes), 15)
        hidden = self.get_form(URL)
        statuses = {}
        for number in range(start, start + COUNT):
            request = fuzz.draw(number, routes, known, hidden)
            status = self.send(request).status_code
            self.assertLess(status, 500, f"{number}: {request}"[:2000])
            statuses[status] = statuses.get(status, 0) + 1
        self.assertGreater(len(statuses), 5, statuses)
        self.env.invalidate_all()
        self.assertEqual(self.foreign.message_ids.mapped("message_type").count("comment"), 0)
        for case in self.env["sig.pqrs"].search([]):
            self.assertChain(case)
        return self.get_new()

    def test_public(self):
        kinds = self.kinds(self.case)
        new = self.fuzz(0, [str(self.case.id), str(self.foreign.id), "x"])
        self.assertTrue(new, "some petitions had nothing wrong")
        self.assertEqual(self.kinds(self.case), kinds)
        for case in new:
            self.assertNotIn("\x00", f"{case.subject}{case.description}{case.partner_name}")

    def test_user_of_hera(self):
        self.authenticate(self.portal.login, self.portal.login)
        kinds = self.kinds(self.foreign)
        self.fuzz(100_000, [str(self.case.id)] * 3 + [str(self.foreign.id)])
        self.assertEqual(self.kinds(self.foreign), kinds)
        self.assertEqual(self.foreign.state, "received")
