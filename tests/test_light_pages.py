import gzip
import re
from urllib.parse import urljoin

from lxml import html

from odoo.addons.sig_pqrs.tools import readable_color
from odoo.tests import BaseCase

from .common import real_clock
from .test_filing_page import URL, FilingCommon
from .test_tracking import ClientPagesCase

#: kilobytes of a page, all that it needs, as it travels
MAX_KB = 150


@real_clock
class TestLightPages(FilingCommon, ClientPagesCase):
    """Pages of clients weigh little, have the colors of the company, and ask no server of others for anything."""

    def get_addresses(self, page):
        tree = html.fromstring(page.content)
        return {
            *tree.xpath("//script/@src | //img/@src | //link[@rel != 'canonical' and @rel != 'alternate']/@href"),
            *re.findall(r"url\(['\"]?(https?:[^)'\"]+)", page.text),
        }

    def weigh(self, page):
        """Kilobytes of a page and of what it loads, compressed."""
        parts = [page.content, *(self.get(urljoin(page.url, path)).content for path in self.get_addresses(page))]
        return sum(len(gzip.compress(part)) for part in parts) / 1000

    def check(self, page):
        with self.subTest(page.url):
            self.assertEqual(page.status_code, 200)
            self.assertLess(self.weigh(page), MAX_KB)
            addresses = self.get_addresses(page)
            self.assertTrue(all(address.startswith("/") for address in addresses), addresses)
            self.assertTrue(any("sig_pqrs.assets_client" in address for address in addresses))
            policy = page.headers["Content-Security-Policy"]
            self.assertIn("default-src 'self';", policy)
            self.assertNotIn("http", policy)
            tree = html.fromstring(page.content)
            self.assertEqual(tree.findtext(".//title"), tree.find(".//meta[@property='og:title']").get("content"))
            self.assertFalse(tree.xpath("//script[not(@src)]"))
            self.assertEqual(len(tree.xpath("//main")), 1)

    def test_weight_and_servers(self):
        self.company.primary_color = "#ffd100"
        case = self.require(self.make_own(subject="Ronda sin hacer"))
        answered = self.builder.send(self.make_approved(self.make_own(subject="La cámara")))
        self.check(self.get("/pqrs/track"))
        page = self.get(case._get_tracking_url().removeprefix(case.get_base_url()))
        self.assertEqual(len(page.history), 1, "one redirect")
        self.check(page)
        self.assertIn(f"--sig-primary: {self.company._sig_get_color()}", page.text)
        self.check(self.get(f"/pqrs/rate/{answered.sudo()._rating_get_or_create().access_token}"))
        self.check(self.get("/my/pqrs/install"))
        self.authenticate(self.portal.login, self.portal.login)
        for path in ("/my/pqrs", f"/my/pqrs/{case.id}", f"/my/pqrs/{answered.id}", "/my/pqrs/new"):
            self.check(self.get(path))

    def test_pages_of_the_website(self):
        """Their policy keeps fonts and scripts of others away, but for the captcha of the company."""
        for url in ("/pqrs", URL):
            page = self.get(url)
            self.assertIn("font-src 'self' data:", page.headers["Content-Security-Policy"])
            self.assertNotIn("http", page.headers["Content-Security-Policy"])
            self.assertNotIn("fonts.gstatic.com", page.text)
            tree = html.fromstring(page.content)
            self.assertEqual(tree.findtext(".//title"), tree.find(".//meta[@property='og:title']").get("content"))
        form = html.fromstring(self.get(URL).content).find_class("sig_pqrs_form")[0]
        self.assertIn("o_no_wait_lazy_js", form.get("class"), "it is sent before any script is there")
        self.assertNotIn("data-captcha", form.attrib)
        self.env["ir.config_parameter"].set_param("recaptcha_public_key", "clave")
        page = self.get(URL)
        self.assertIn("https://www.recaptcha.net", page.headers["Content-Security-Policy"])
        form = html.fromstring(page.content).find_class("sig_pqrs_form")[0]
        self.assertEqual(form.get("data-captcha"), "sig_pqrs")
        self.assertNotIn("o_no_wait_lazy_js", form.get("class"))
        self.authenticate("sig_director", "sig_director")
        self.assertNotIn("Content-Security-Policy", self.get(URL).headers, "who may edit the page has the tools for it")


class TestReadableColor(BaseCase):
    def test_darken(self):
        for color in ("#ffd100", "#ffffff", "#00ff00", "#ff7700", "#0b5d66", "#000000", None, "", "red", "#abc"):
            dark = readable_color.darken(color, "#0b5d66")
            luminance = readable_color.get_luminance([int(dark[start : start + 2], 16) for start in (1, 3, 5)])
            self.assertGreaterEqual(1.05 / (luminance + 0.05), 4.5, color)
        self.assertEqual(readable_color.darken("#0B5D66", "#000000"), "#0b5d66", "what is dark enough stays")
