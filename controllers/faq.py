from odoo import http
from odoo.http import request

from .client_pages import FORM_ROUTE, ClientPages

#: searches an hour from one address, which an office may share, while somebody types
MAX_SEARCHES = 600


class FaqController(ClientPages, http.Controller):
    """Answers to frequent questions, which scripts offer below the subject of a petition. What is typed is not kept: it
    comes as a form, so that it stands in no address and no log.
    """

    @http.route(["/pqrs/faq", "/my/pqrs/faq"], **{**FORM_ROUTE, "readonly": True})
    def offer(self, **form):
        """:return: a part of a page; nothing when there is no answer to offer."""
        if not self._is_proven(form):
            return self._respond(self._describe_unproven(), 400)
        faqs, text = request.env["sig.faq"], form.get("text")
        if isinstance(text, str) and self._take("faq", MAX_SEARCHES):
            faqs = faqs._find(text, self._get_company())
        return self._protect(request.render("sig_pqrs.faq_list", {"faqs": faqs})) if faqs else self._respond("", 204)

    def _get_company(self):
        """:raises HTTPException: where no petition is filed."""
        hera = request.httprequest.path.startswith("/my/")
        company = self._get_hera_company() if hera else request.website.company_id
        if not (company.sig_active if hera else request.website._sig_receives()):
            raise request.not_found()
        return company

    def _respond(self, text, status):
        return self._protect(request.make_response(text, status=status))
