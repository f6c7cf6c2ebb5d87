from odoo import http
from odoo.http import request
from odoo.tools import consteq


class HealthController(http.Controller):
    @http.route("/sig/health", type="http", auth="public", methods=["GET"], sitemap=False, save_session=False)
    def health(self, **_kwargs):
        """What monitors ask: 200 when all is well, 503 otherwise, and the checks as JSON.

        Only with the token of the system parameter, as ``Authorization: Bearer TOKEN``; without one it does not exist.
        """
        token = request.env["ir.config_parameter"].sudo().get_param("sig_pqrs.health_token")
        given = request.httprequest.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or not consteq(given.encode(), token.encode()):
            raise request.not_found()
        checks = request.env["sig.health"]._get_health()
        well = all(check["ok"] for check in checks.values())
        return request.make_json_response(
            {"status": "pass" if well else "fail", "checks": checks},
            headers={"Cache-Control": "no-store"},
            status=200 if well else 503,
        )
