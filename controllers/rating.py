from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from .client_pages import FORM_ROUTE, READ_ROUTE, ClientPages


class RatingController(ClientPages, http.Controller):
    @http.route("/pqrs/rate/<string:token>", **READ_ROUTE)
    def rate(self, token, **_kwargs):
        rating = request.env["sig.pqrs"]._get_rating_by_token(token)
        if not rating:
            raise request.not_found()
        return self._render(rating, token)

    @http.route("/pqrs/rate/<string:token>", **FORM_ROUTE)
    def rate_submit(self, token, **post):
        rating = request.env["sig.pqrs"]._get_rating_by_token(token)
        if not rating:
            raise request.not_found()
        texts = {name: post[name] if isinstance(post.get(name), str) else "" for name in ("rate", "feedback")}
        if not self._is_proven(post):
            error = None if rating.consumed else self._describe_unproven()
            return self._render(rating, token, 400, error=error, **texts)
        try:
            request.env["sig.pqrs"]._rate_from_link(rating, **texts)
        except (AccessError, UserError) as error:
            return self._render(rating, token, error=error.args[0], **texts)
        self._note_writing()
        return self._render(rating, token, thanks=True)

    def _render(self, rating, token, status=200, **values):
        case = request.env["sig.pqrs"].sudo().browse(rating.res_id)
        return self._render_light(
            "sig_pqrs.rating_page",
            {
                "token": token,
                "number": case.name,
                "company": case.company_id,
                "consumed": rating.consumed,
                "error": None,
                "thanks": False,
                "rate": None,
                "feedback": None,
                **values,
            },
            status,
        )
