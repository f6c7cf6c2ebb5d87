from pathlib import Path

from odoo import http
from odoo.http import request
from odoo.tools import file_path

from .client_pages import ClientPages

FILE_ROUTE = {"type": "http", "auth": "public", "sitemap": False, "methods": ["GET"], "readonly": True}

ICONS = "/sig_pqrs/static/src/img/hera"


class HeraApp(ClientPages, http.Controller):
    @http.route("/my/pqrs/manifest.webmanifest", **FILE_ROUTE)
    def manifest(self, **_kwargs):
        manifest = {
            "id": "/my/pqrs",
            "name": "HERA",
            "short_name": "HERA",
            "description": request.env._("Petitions, complaints, claims and suggestions"),
            "lang": request.env.lang.replace("_", "-") if request.env.lang else "es-CO",
            "start_url": "/my/pqrs",
            "scope": "/",  # with the login page
            "display": "standalone",
            "background_color": "#F4F7F8",
            "theme_color": request.env.company._sig_get_color(),
            "icons": [
                {"src": f"{ICONS}-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
                {"src": f"{ICONS}-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
                {"src": f"{ICONS}-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
            ],
        }
        return request.make_json_response(manifest, headers={"Content-Type": "application/manifest+json"})

    @http.route("/my/pqrs/service-worker.js", **FILE_ROUTE)
    def service_worker(self, **_kwargs):
        scripts = [f"sig_pqrs/static/src/hera/{name}.js" for name in ("outbox", "service_worker")]
        return request.make_response(
            "".join(Path(file_path(script)).read_text(encoding="utf-8") for script in scripts),
            headers=[
                ("Content-Type", "text/javascript; charset=utf-8"),
                ("Service-Worker-Allowed", "/"),  # its pages in other languages
                ("Cache-Control", "no-cache"),
            ],
        )

    @http.route("/my/pqrs/install", **FILE_ROUTE, website=True)
    def install(self, **_kwargs):
        return self._render_light("sig_pqrs.hera_install", {"company": self._get_hera_company(), "tab": "install"})
