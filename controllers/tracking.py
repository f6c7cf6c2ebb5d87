import logging
import re

from odoo import http
from odoo.http import request

from ..tools import clean_text
from .client_pages import FILED, FORM_ROUTE, MAX_CONTENT, READ_ROUTE, STEPS, ClientPages

#: session key: the case that a code opened
OPENED = "sig_pqrs_tracking"

#: minutes since the last visit for which a session opens the case
MINUTES = 120

BASE = "/pqrs/track/case"

#: session key: the number that did not go with its code
TYPED = "sig_pqrs_tracking_number"

#: wrong codes an hour from one address, which an office may share
MAX_WRONG = 60


def _has_no_code(_controller, _rule, _args):
    """Attempts are counted, which writes."""
    return "code" not in request.httprequest.args


class _HideCode(logging.Filter):
    _CODE = re.compile(r"(/pqrs/track\?\S*?code=)[^&\s]+")

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(self._CODE.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


logging.getLogger("werkzeug").addFilter(_HideCode())


class TrackingController(ClientPages, http.Controller):
    """Later addresses hold no code: the session keeps the case. A wrong code looks and costs as an unknown number."""

    @http.route("/pqrs/track", **{**READ_ROUTE, "readonly": _has_no_code})
    def track(self, number=None, code=None, wrong=None, **_kwargs):
        if code:
            return self._open(number, code)
        return self._render_form(wrong=bool(wrong), number=wrong and request.session.get(TYPED))

    @http.route("/pqrs/track", **FORM_ROUTE)
    def track_submit(self, number=None, code=None, **post):
        if not self._is_proven(post):
            return self._render_form(400, unproven=self._describe_unproven(), number=number, code=code)
        return self._open(number, code)

    @http.route("/pqrs/track/case", **READ_ROUTE)
    def case(self, done=None, **_kwargs):
        case = self._get_opened_case()
        return self._render_case(case, done=done) if case else self._redirect("/pqrs/track")

    @http.route(f"/pqrs/track/case/<any({','.join(STEPS)}):step>", **FORM_ROUTE, max_content_length=MAX_CONTENT)
    def step(self, step, **post):
        case = self._get_opened_case()
        if not case:
            return self._render_form(400, ended=True, draft=self._read_draft(step, post))
        if (number := post.get("case", case.name)) != case.name:  # of a page that was opened before another case
            return self._render_form(400, replaced=True, draft=self._read_draft(step, post), number=number)
        return self._answer_step(case, BASE, step, post)

    @http.route("/pqrs/track/case/file/<int:attachment_id>", **READ_ROUTE)
    def file(self, attachment_id, **asked):
        return self._download(asked, lambda case: self._send_file(case, attachment_id))

    @http.route("/pqrs/track/case/receipt", **READ_ROUTE)
    def receipt(self, **asked):
        return self._download(asked, self._print_receipt)

    def _download(self, asked, give):
        case = self._get_opened_case()
        if not case:
            return self._redirect("/pqrs/track")
        if (number := asked.get("case", case.name)) != case.name:
            return self._render_form(400, replaced=True, number=number)
        return give(case)

    @http.route("/pqrs/track/leave", **{**FORM_ROUTE, "readonly": True})
    def leave(self, **post):
        if not self._is_proven(post):
            if case := self._get_opened_case():
                return self._render_case(case, 400, error=self._describe_unproven(), failed="leave")
            return self._render_form(400, unproven=self._describe_unproven())
        for key in (OPENED, TYPED, FILED):
            request.session.pop(key, None)
        return self._redirect("/pqrs/track")

    def _open(self, number, code):
        if not (case := request.env["sig.tracking"]._find(number, code)):
            if not self._take("track", MAX_WRONG):
                return self._render_form(429, limited=True, number=number)
            request.session[TYPED] = clean_text.line(number)[:40] if isinstance(number, str) else ""
            return self._redirect("/pqrs/track?wrong=1")
        request.session.pop(TYPED, None)
        self._remember_case(OPENED, case, MINUTES)
        self._note_writing()  # a replica may not have a new case yet
        request.session.should_rotate = True  # against session fixation
        return self._redirect(BASE)

    def _get_opened_case(self):
        """The case that this session opened, as superuser, for longer from this visit on."""
        if case := self._get_remembered_case(OPENED).filtered(lambda case: case.state != "to_file"):
            self._remember_case(OPENED, case, MINUTES)
        return case

    def _redirect(self, url):
        # in the language of the page: without it Odoo would redirect once more
        return self._protect(request.redirect(request.env["ir.http"]._url_for(url), 303))

    def _render_form(self, status=200, **values):
        company = request.website.sudo().company_id
        if not any(each._sig_has_cases() for each in company.search([])):
            raise request.not_found()
        hosted = request.website._sig_get_companies().filtered(lambda each: each._sig_has_cases())
        written = {name: values[name] for name in ("number", "code") if isinstance(values.get(name), str)}
        page = {"company": company, "companies": hosted or company, **values, "number": "", "code": "", **written}
        return self._render_light("sig_pqrs.tracking_form", page, status)

    def _render_case(self, case, status=200, **values):
        return self._render_light("sig_pqrs.tracking_case", {**self._get_page_values(case, BASE), **values}, status)
