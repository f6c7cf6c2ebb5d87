import struct

from odoo.tests import HttpCase, tagged

from .browser import open_browser


@tagged("post_install", "-at_install")
class TestHeraApp(HttpCase):
    def test_manifest(self):
        response = self.url_open("/my/pqrs/manifest.webmanifest")
        self.assertEqual(response.headers["Content-Type"].split(";")[0], "application/manifest+json")
        manifest = response.json()
        self.assertEqual(
            (manifest["name"], manifest["short_name"], manifest["start_url"], manifest["display"]),
            ("HERA", "HERA", "/my/pqrs", "standalone"),
        )
        self.assertTrue(manifest["start_url"].startswith(manifest["scope"]))
        self.assertNotIn("714b67", str(manifest).lower(), "the colour of Odoo")
        self.assertNotIn("odoo", str(manifest).lower())
        self.assertEqual({icon["purpose"] for icon in manifest["icons"]}, {"any", "maskable"})
        for icon in manifest["icons"]:
            image = self.url_open(icon["src"])
            self.assertEqual(image.headers["Content-Type"], "image/png")
            size = "x".join(str(side) for side in struct.unpack(">II", image.content[16:24]))
            self.assertEqual(size, icon["sizes"])

    def test_install(self):
        """By who has not entered: the page says what the app is, its service worker keeps the form for when there is no network."""
        with open_browser(self) as browser:
            browser.go("/my/pqrs/install")
            links = browser.run("[...document.querySelectorAll('link[href]')].map((link) => link.getAttribute('href'))")
            self.assertEqual([link for link in links if "manifest" in link], ["/my/pqrs/manifest.webmanifest"])
            self.assertIn("/sig_pqrs/static/src/img/hera-apple-180.png", links)
            browser.wait("navigator.serviceWorker.ready.then(({active}) => active.scriptURL.endsWith('/my/pqrs/service-worker.js'))")
            browser.wait("caches.match('/my/pqrs/offline').then(Boolean)")
            # As the browser does where the app can be installed.
            browser.run(
                """(() => {
                    const event = new Event("beforeinstallprompt");
                    event.prompt = async () => { window.prompted = true; };
                    window.dispatchEvent(event);
                })()"""
            )
            self.assertTrue(browser.run("!!document.querySelector('.o_hera_install_button').offsetHeight"))
            browser.run("document.querySelector('.o_hera_install_button').click()")
            self.assertTrue(browser.run("window.prompted && !document.querySelector('.o_hera_installable')"))
