from odoo import http
from odoo.http import request

from .client_pages import FORM_ROUTE, READ_ROUTE, ClientPages


class RatingController(ClientPages, http.Controller):
    """The link of a rating rates an answer and, after few stars, asks once to have it reviewed; it opens no case."""

    @http.route("/pqrs/rate/<string:token>", **READ_ROUTE)
    def rate(self, token, **_kwargs):
        return self._render(self._find(token))

    @http.route("/pqrs/rate/<string:token>", **FORM_ROUTE)
    def rate_submit(self, token, **post):
        return self._answer(self._find(token), "rate", {"text": post.get("feedback"), **post})

    @http.route("/pqrs/rate/<string:token>/review", **FORM_ROUTE)
    def review(self, token, **post):
        return self._answer(self._find(token), "review", post)

    def _find(self, token):
        if rating := request.env["sig.pqrs"]._get_rating_by_token(token):
            return rating
        raise request.not_found()

    def _get_case(self, rating):
        return request.env["sig.pqrs"].sudo().browse(rating.res_id)

    def _answer(self, rating, step, post):
        return self._answer_step(self._get_case(rating), f"/pqrs/rate/{rating.access_token}", step, post, rating)

    def _take_step(self, case, step, post, files, rating):
        if step == "review" and rating != case._get_standing_rating():
            return request.env._("This is not possible any more. Look at how your request stands now.")
        return super()._take_step(case, step, post, files, rating)

    def _give_back(self, case, draft, error, status=200):
        return self._render(draft.pop("rating"), status, error=error, failed=draft["step"], **draft)

    def _render(self, rating, status=200, **values):
        case, view = self._get_case(rating), request.env["sig.client.view"]
        stands = rating == case._get_standing_rating()
        page = {
            "base": f"/pqrs/rate/{rating.access_token}",
            "key": view._get_draft_key(case),
            "number": case.name,
            "company": case.company_id,
            "consumed": rating.consumed,
            "outcome": case.outcome,
            "may_review": stands and view._may_ask_review(case),
            "reviewed": stands and bool(view._get_disagreement(case)),
            **values,
        }
        return self._render_light("sig_pqrs.rating_page", page, status)
