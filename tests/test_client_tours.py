
from .test_tracking import ClientPagesCase


class TestClientTours(ClientPagesCase):
    """A client in a browser of the size of a phone."""

    browser_size = "360x740"
    touch_enabled = True

    def test_tracking(self):
        case = self.require(self.make_own(subject="Ronda sin hacer"))
        url = case._get_tracking_url().removeprefix(case.get_base_url())
        self.start_tour(url, "sig_pqrs_tracking")
        self.assertEqual((case.state, case.outcome), ("closed", "withdrawn"))
        self.assertIn("information_delivered", self.kinds(case))

    def test_hera(self):
        case = self.make_own(subject="Ronda sin hacer")
        answered = self.builder.send(self.make_approved(self.make_own(subject="La cámara")))
        self.start_tour("/my/pqrs", "sig_pqrs_hera", login=self.portal.login)
        self.assertEqual(len(self.see(case)["messages"]), 1)
        self.assertEqual(answered.rating_value, 5)

    def test_hera_filing(self):
        known = self.env["sig.pqrs"].search([])
        self.start_tour("/my/pqrs", "sig_pqrs_hera_filing", login=self.portal.login)
        case = self.env["sig.pqrs"].search([]) - known
        self.assertEqual((case.channel, case.partner_id, case.state), ("portal", self.portal.partner_id, "received"))

    def test_install(self):
        self.start_tour("/my/pqrs/install", "sig_pqrs_hera_install")
