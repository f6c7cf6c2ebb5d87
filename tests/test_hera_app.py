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

    def test_pages_that_nobody_needs_to_enter_for(self):
        worker = self.url_open("/my/pqrs/service-worker.js")
        self.assertIn("javascript", worker.headers["Content-Type"])
        self.assertEqual(worker.headers["Service-Worker-Allowed"], "/my/pqrs")
        self.assertIn("/my/pqrs/offline", worker.text)
        page, offline = (self.url_open(f"/my/pqrs/{name}") for name in ("install", "offline"))
        self.assertEqual((page.status_code, offline.status_code), (200, 200))
        self.assertIn('rel="manifest" href="/my/pqrs/manifest.webmanifest"', page.text)
        self.assertEqual(page.text.count('rel="manifest"'), 1)
        self.assertIn("hera-apple-180.png", page.text)
        self.assertIn('action="/my/pqrs/new"', offline.text, "a request is written without a connection too")

    def test_install(self):
        with open_browser(self) as browser:
            browser.go("/my/pqrs/install")
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
