from werkzeug.exceptions import TooManyRequests

from odoo import http
from odoo.http import request

from .client_pages import READ_ROUTE, ClientPages

#: openings of the figures an hour from one address
MAX_READS = 600


class FiguresController(ClientPages, http.Controller):
    """What a company publishes of its petitions, on its own website, where it is switched on."""

    @http.route("/pqrs/cifras", **{**READ_ROUTE, "readonly": True})
    def figures(self, **_kwargs):
        company = self._get_publishing_company()
        figures = request.env["sig.public.figures"]._describe(company)
        return self._render_site("sig_pqrs.figures_page", {"company": company, **figures})

    @http.route("/pqrs/cifras.csv", **{**READ_ROUTE, "readonly": True})
    def open_data(self, **_kwargs):
        content = request.env["sig.public.figures"]._export(self._get_publishing_company())
        headers = [
            ("Content-Type", "text/csv; charset=utf-8"),
            ("Content-Disposition", http.content_disposition("pqrs-cifras.csv")),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers=headers)

    def _get_publishing_company(self):
        """:raises HTTPException: for a website that publishes no figures, and an address that reads too often."""
        if not request.website._sig_publishes():
            raise request.not_found()
        if not self._take("figures", MAX_READS):
            raise TooManyRequests
        return request.website.company_id
