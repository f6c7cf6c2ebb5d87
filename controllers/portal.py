from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.fields import Domain
from odoo.http import request

from ..models.communication.communication import RECEIVED
from ..models.mixin.transitions import OPEN
from ..tools import clean_text
from .client_pages import FORM_ROUTE, MAX_CONTENT, OWN_READ_ROUTE, STEPS, ClientPages

PER_PAGE = 20

IS_OPEN = Domain("state", "in", OPEN)
IS_WAITING = (
    IS_OPEN
    & Domain("suspended", "=", True)
    & Domain("communication_ids", "not any", RECEIVED & Domain("purpose", "=", "information"))
)
IS_TO_RATE = Domain("state", "=", "closed") & Domain("rating_state", "in", ("asked", "reminded"))


class HeraController(ClientPages, CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        counted = {"pqrs_count": "open", "pqrs_waiting_count": "waiting", "pqrs_to_rate_count": "to_rate"}
        if wanted := [name for name in counted if name in counters]:
            cases, filters = request.env["sig.pqrs"].sudo(), self._get_filters()
            seen = request.env["sig.client.view"]._get_domain(request.env.user)
            values.update({name: cases.search_count(seen & filters[counted[name]][1]) for name in wanted})
        return values

    @http.route(["/my/pqrs", "/my/pqrs/page/<int:page>"], **OWN_READ_ROUTE)
    def hera(self, page=1, filterby="all", search="", **_kwargs):
        filters = self._get_filters()
        filterby = filterby if filterby in filters else "all"
        search = clean_text.line(search)[:100]
        cases, view = request.env["sig.pqrs"].sudo(), request.env["sig.client.view"]
        domain = view._get_domain(request.env.user) & filters[filterby][1]
        if search:
            domain &= Domain("name", "ilike", search) | Domain("subject", "ilike", search)
        chosen, total = {"filterby": filterby, "search": search}, cases.search_count(domain)
        pager = portal_pager(url="/my/pqrs", url_args=chosen, total=total, page=page, step=PER_PAGE)
        values = {
            "rows": view._get_rows(domain, pager["offset"], PER_PAGE),
            "several": view._sees_several_companies(request.env.user),
            "pager": pager,
            "filters": {name: label for name, (label, _domain) in filters.items()},
            **chosen,
            **self._get_hera_values("list"),
        }
        return self._render_light("sig_pqrs.hera_list", values)

    def _get_filters(self):
        own = request.env["sig.client.view"]._get_own_domain(request.env.user)  # for colleagues one does nothing
        return {
            "all": (request.env._("All"), Domain.TRUE),
            "open": (request.env._("Being handled"), IS_OPEN),
            "waiting": (request.env._("Those that wait for you"), own & IS_WAITING),
            "answered": (request.env._("Those answered"), Domain("outcome", "=", "answered")),
            "to_rate": (request.env._("To rate"), own & IS_TO_RATE),
        }

    def _get_hera_values(self, tab):
        return {"tab": tab, "company": self._get_hera_company()}

    @http.route("/my/pqrs/<int:case_id>", **OWN_READ_ROUTE)
    def hera_case(self, case_id, done=None, **_kwargs):
        return self._render_case(self._get_case(case_id), done=done)

    # Public: a client whose session ended is shown what they wrote.
    @http.route(f"/my/pqrs/<int:case_id>/<any({','.join(STEPS)}):step>", **FORM_ROUTE, max_content_length=MAX_CONTENT)
    def hera_step(self, case_id, step, **post):
        base = f"/my/pqrs/{case_id}"
        if request.env.user._is_public():
            page = {"base": base, "draft": self._read_draft(step, post), **self._get_hera_values("case")}
            return self._render_light("sig_pqrs.hera_ended", page, 400)
        return self._answer_step(self._get_case(case_id, own=True), base, step, post)

    @http.route("/my/pqrs/<int:case_id>/file/<int:attachment_id>", **OWN_READ_ROUTE)
    def hera_file(self, case_id, attachment_id, **_kwargs):
        case = self._get_case(case_id)
        return self._send_file(case, attachment_id, self._is_own(case))

    @http.route("/my/pqrs/<int:case_id>/receipt", **OWN_READ_ROUTE)
    def hera_receipt(self, case_id, **_kwargs):
        """The receipt has the tracking code: it is for the petitioner, not for colleagues."""
        return self._print_receipt(self._get_case(case_id, own=True))

    def _get_case(self, case_id, own=False):
        """The case, as superuser, if the user reads it; with ``own``, for the petitioner and not for colleagues."""
        case = request.env["sig.client.view"]._find(request.env.user, case_id)
        if not case or (own and not self._is_own(case)):
            raise request.not_found()
        return case

    def _is_own(self, case):
        return request.env["sig.client.view"]._is_own(case, request.env.user)

    def _render_case(self, case, status=200, **values):
        own = self._is_own(case)
        page = {**self._get_hera_values("case"), **self._get_page_values(case, f"/my/pqrs/{case.id}", own), **values}
        return self._render_light("sig_pqrs.hera_case", page, status)
