import logging
import re

from odoo import fields, http
from odoo.http import request

from .client_pages import MAX_CONTENT, STEPS, ClientPages

#: key of the session that holds the case that a code opened
OPENED = "sig_pqrs_tracking"

#: for how long a code that was typed opens its case
MINUTES = 120

#: codes tried in an hour from one address
MAX_ATTEMPTS = 30


class _HideCode(logging.Filter):
    """Keeps the code of a link out of the log in which the server writes the addresses that it is asked for."""

    _CODE = re.compile(r"(/pqrs/track\?\S*?code=)[^&\s]+")

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(self._CODE.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


logging.getLogger("werkzeug").addFilter(_HideCode())


class TrackingController(ClientPages, http.Controller):
    """Where whoever filed a case follows it with its number and code, without a user.

    The code goes no further than the request that brings it: the session keeps which case it opened, and the pages
    after have clean addresses. A wrong code and a number that does not exist look the same and cost the same.
    """

    @http.route(
        "/pqrs/track",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
        readonly=lambda _self, _rule, _args: "code" not in request.httprequest.args,  # a try is counted
    )
    def track(self, number=None, code=None, wrong=None, **_kwargs):
        if code:
            return self._open(number, code)
        return self._render_form(wrong=bool(wrong))

    @http.route("/pqrs/track", type="http", auth="public", website=True, sitemap=False, methods=["POST"])
    def track_submit(self, number=None, code=None, **_kwargs):
        return self._open(number, code)

    @http.route(
        "/pqrs/track/case", type="http", auth="public", website=True, sitemap=False, methods=["GET"], readonly=True
    )
    def case(self, done=None, **_kwargs):
        case = self._get_opened_case()
        return self._render_case(case, done=done) if case else self._redirect("/pqrs/track")

    @http.route(
        f"/pqrs/track/case/<any({','.join(STEPS)}):step>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
        max_content_length=MAX_CONTENT,
    )
    def step(self, step, **post):
        case = self._get_opened_case()
        if not case:
            return self._redirect("/pqrs/track")
        if error := self._take_step(case, step, post):
            return self._render_case(case, error=error, failed=step, text=post.get("text"), rate=post.get("rate"))
        return self._redirect(f"/pqrs/track/case?done={step}")

    @http.route(
        "/pqrs/track/case/file/<int:attachment_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
        readonly=True,
    )
    def file(self, attachment_id, **_kwargs):
        case = self._get_opened_case()
        if not case:
            raise request.not_found()
        return self._send_file(case, attachment_id)

    @http.route("/pqrs/track/case/receipt", type="http", auth="public", website=True, sitemap=False, methods=["GET"])
    def receipt(self, **_kwargs):
        case = self._get_opened_case()
        if not case:
            return self._redirect("/pqrs/track")
        response, error = self._print_receipt(case)
        return response or self._render_case(case, error=error, failed="receipt")

    @http.route("/pqrs/receipt", type="http", auth="public", website=True, sitemap=False, methods=["POST"])
    def receipt_of_code(self, number=None, code=None, **_kwargs):
        """The receipt, from the page that gave the number and the code."""
        case = self._find_case(number, code)
        if case is None:
            return self._render_form(limited=True, status=429)
        if not case:
            return self._redirect("/pqrs/track?wrong=1")
        response, error = self._print_receipt(case)
        return response or self._render_form(unprinted=error, status=503)

    @http.route(
        "/pqrs/track/leave", type="http", auth="public", website=True, sitemap=False, methods=["POST"], readonly=True
    )
    def leave(self, **_kwargs):
        request.session.pop(OPENED, None)
        return self._redirect("/pqrs/track")

    # -- The code becomes a session ---------------------------------------------------------------------------------

    def _find_case(self, number, code):
        """The case of a number and a code, as superuser; empty for a wrong pair, None after too many attempts."""
        address = request.httprequest.remote_addr
        if not request.env["sig.rate.limit"]._take("track", address, MAX_ATTEMPTS):
            return None
        return request.env["sig.pqrs"]._find_by_tracking(number, code)

    def _open(self, number, code):
        case = self._find_case(number, code)
        if case is None:
            return self._render_form(limited=True, status=429)
        if not case:
            return self._redirect("/pqrs/track?wrong=1")
        request.session[OPENED] = {
            "case": case.id,
            "revision": case.tracking_revision,
            "until": fields.Datetime.to_string(fields.Datetime.add(fields.Datetime.now(), minutes=MINUTES)),
        }
        # Whoever gave this browser its session before does not share what it opens now.
        request.session.should_rotate = True
        return self._redirect("/pqrs/track/case")

    def _get_opened_case(self):
        """The case that this session opened, as superuser; empty when it closed, or its code was made void."""
        cases = request.env["sig.pqrs"].sudo()
        opened = request.session.get(OPENED)
        if not opened or opened["until"] < fields.Datetime.to_string(fields.Datetime.now()):
            return cases
        case = cases.search([("id", "=", opened["case"]), ("state", "!=", "to_file")])
        return case.filtered(lambda case: case.tracking_revision == opened["revision"])

    def _redirect(self, url):
        return self._protect(request.redirect(url, 303))

    # -- Pages ------------------------------------------------------------------------------------------------------

    def _render_form(self, status=200, **values):
        company = request.website.sudo().company_id
        page = {"wrong": False, "limited": False, "unprinted": "", "company": company, **values}
        return self._protect(request.render("sig_pqrs.tracking_form", page, status=status))

    def _render_case(self, case, **values):
        page = {**self._get_page_values(case, "/pqrs/track/case"), **values}
        return self._protect(request.render("sig_pqrs.tracking_case", page))
