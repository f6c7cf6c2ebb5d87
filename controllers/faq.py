from odoo import http
from odoo.http import request

from .client_pages import FORM_ROUTE, ClientPages

#: session key: ids of the questions that were counted as solved
SOLVED = "sig_pqrs_solved"

#: an hour from one address, which an office may share: searches while somebody types, and questions that were solved
MAX_SEARCHES = 600
MAX_SOLVED = 30

#: options of the search: a form, so that what is typed stands in no address and no log
SEARCH_ROUTE = {**FORM_ROUTE, "readonly": True}


class FaqController(ClientPages, http.Controller):
    """Answers to frequent questions, which scripts offer below the subject of a petition. What is typed is not kept."""

    @http.route("/pqrs/faq", **SEARCH_ROUTE)
    def offer(self, **form):
        return self._offer(request.website.company_id, form)

    @http.route("/my/pqrs/faq", **{**SEARCH_ROUTE, "auth": "user"})
    def hera_offer(self, **form):
        return self._offer(request.env.company, form)

    @http.route("/pqrs/faq/solved", **FORM_ROUTE)
    def solve(self, **form):
        return self._solve(request.website.company_id, form)

    @http.route("/my/pqrs/faq/solved", **{**FORM_ROUTE, "auth": "user"})
    def hera_solve(self, **form):
        return self._solve(request.env.company, form)

    def _offer(self, company, form):
        """:return: a part of a page; nothing when there is no answer to offer."""
        if not self._is_proven(form):
            return self._respond(self._describe_unproven(), 400)
        faqs, text = request.env["sig.faq"], form.get("text")
        if isinstance(text, str) and self._take("faq", MAX_SEARCHES):
            faqs = faqs._find(text, company)
        return self._protect(request.render("sig_pqrs.faq_list", {"faqs": faqs})) if faqs else self._respond("", 204)

    def _solve(self, company, form):
        if not self._is_proven(form):
            return self._respond(self._describe_unproven(), 400)
        solved, faq = request.session.get(SOLVED, []), form.get("faq")
        id_ = int(faq[:9]) if isinstance(faq, str) and faq.isascii() and faq.isdigit() else 0
        is_new = id_ not in solved and self._count_once(lambda: self._take("faq_solved", MAX_SOLVED))
        if is_new and request.env["sig.faq"]._count_solved(company, id_):
            request.session[SOLVED] = [*solved, id_]
        return self._respond("", 204)

    def _respond(self, text, status):
        return self._protect(request.make_response(text, status=status))

    def _take(self, scope, limit):
        return request.env["sig.rate.limit"]._take(scope, request.httprequest.remote_addr, limit)
