"""A copy of the database for trying things: nothing of it leads to what it was copied from, and codes hold."""
from odoo.modules.neutralize import get_neutralization_queries

from .common import SigCommon, real_clock

PRODUCTION = "https://hera.company.example"


@real_clock
class TestNeutralize(SigCommon):
    """What of it is ours: core takes mail and jobs away."""

    def test_links_and_codes(self):
        case = self.make_closed(email_from="ana@example.com")
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("web.base.url", PRODUCTION)
        parameters.set_param("web.base.url.freeze", "True")
        code = case.sudo()._get_tracking_code()
        links = (case.sudo()._get_tracking_url, case._get_rating_url, case._get_hera_url, case._get_notice_url, self.contact._get_signup_url)
        for link in links:
            self.assertTrue(link().startswith(PRODUCTION), link)
        self.env.flush_all()
        [query] = get_neutralization_queries(["sig_pqrs"])
        self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        for link in links:
            self.assertNotIn("company.example", link(), link)
        self.assertFalse(parameters.get_param("web.base.url.freeze"), "who enters the copy gives it its address")
        self.assertEqual((case.sudo()._get_tracking_code(), self.env["sig.tracking"]._find(case.name, code)), (code, case))
        self.assertChain(case)
