import logging
from typing import NamedTuple

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools.misc import consteq, hmac

from ..models import clock
from ..models.channel.upload import MAX_TOTAL_MB
from .client_pages import FILED, FORM_ROUTE, OWN_READ_ROUTE, READ_ROUTE, ClientPages

_logger = logging.getLogger(__name__)

#: action of core's captcha, when one is configured
CAPTCHA = "sig_pqrs"
#: a field that people neither see nor reach
HONEYPOT = "reference_code"
#: twice what fits, so that the form, and not the server, refuses more
MAX_REQUEST = 2 * MAX_TOTAL_MB * 1024 * 1024


def _list_in_sitemap(env, rule, _query):
    if env["website"].get_current_website()._sig_receives():
        yield {"loc": rule.rule}


#: options of pages without data of cases, which search engines list
SITE_ROUTE = {**READ_ROUTE, "sitemap": _list_in_sitemap, "readonly": True}


#: common answers an hour that one address reads
MAX_ANSWERS = 300

#: minutes for which the receipt of what was filed is shown
MINUTES = 30


class Door(NamedTuple):
    channel: str
    form: str
    receipt: str
    address: str


WEBSITE = Door("web", "sig_pqrs.filing_page", "sig_pqrs.filed_page", "/pqrs/filed")
HERA = Door("portal", "sig_pqrs.hera_filing", "sig_pqrs.hera_filed", "/my/pqrs/filed")

#: the form of HERA as a phone keeps it: of nobody
OFFLINE = HERA._replace(form="sig_pqrs.hera_offline")


class FilingController(ClientPages, http.Controller):
    """Filing on the website and in HERA; it works without JavaScript."""

    @http.route("/pqrs", **SITE_ROUTE, list_as_website_content="PQRS")
    def start(self, **_kwargs):
        self._check_receives(WEBSITE)
        company = self._get_company()
        types = request.env["sig.pqrs.intake"]._get_public_types(company)
        notice = request.env["sig.privacy.notice"]._get_current(company)
        return self._render_site("sig_pqrs.start_page", {"company": company, "types": types, "notice": notice})

    @http.route("/pqrs/privacy", **SITE_ROUTE)
    def privacy(self, version=None, company=None, **_kwargs):
        companies = own = self._get_company()
        Notice, Wave = request.env["sig.privacy.notice"], request.env["sig.survey.wave"].sudo()
        if version or company:  # links of receipts and surveys, perhaps on the website of another company
            companies |= Wave.search([]).company_id | own.search([]).filtered(lambda each: each._sig_has_cases())
        company = companies.filtered(lambda each: str(each.id) == company) or own
        notice = Notice._find_published(companies, version) if version else Notice._get_current(company)
        if not notice:
            raise request.not_found()
        return self._render_site("sig_pqrs.privacy_page", {"company": notice.company_id or company, "notice": notice})

    @http.route("/pqrs/answers/<int:answer_id>", **{**READ_ROUTE, "readonly": False})  # who reads is counted
    def common_answer(self, answer_id):
        """The answer to the analogous petitions of many: Ley 1437 de 2011, art. 22."""
        hosted = [("company_id", "in", request.website._sig_get_companies().ids)]
        published = [("id", "=", answer_id), ("state", "=", "published"), *hosted]
        answer = self._take("answers", MAX_ANSWERS) and request.env["sig.common.answer"].sudo().search(published)
        if not answer:
            raise request.not_found()
        return self._render_site("sig_pqrs.common_answer_page", {"company": answer.company_id, "answer": answer})

    @http.route("/pqrs/new", **SITE_ROUTE)
    def new(self, **query):
        self._check_receives(WEBSITE)
        return self._render_form(WEBSITE, {"type": query.get("type")})

    @http.route("/pqrs/new", **FORM_ROUTE, max_content_length=MAX_REQUEST)
    def file(self, **form):
        return self._file(WEBSITE, form)

    @http.route("/my/pqrs/new", **{**OWN_READ_ROUTE, "readonly": True})
    def hera_new(self, **query):
        self._check_receives(HERA)
        return self._render_form(HERA, {"type": query.get("type")})

    # Of the public: whose session ended finds what they wrote, in the form of the website if that is of their company.
    @http.route("/my/pqrs/new", **FORM_ROUTE, max_content_length=MAX_REQUEST)
    def hera_file(self, **form):
        company = self._get_company()
        if not request.env.user._is_public():
            return self._file(HERA, form)
        if request.website._sig_receives() and form.get("company") == str(company.id):
            return self._file(WEBSITE, form)
        names = ("subject", "description", "remedy", "site", "incident_date")
        written = "\n\n".join(str(form[name]) for name in names if form.get(name))
        page = {"tab": "new", "company": company, "base": "/my/pqrs/new", "draft": {"text": written}}
        return self._render_light("sig_pqrs.hera_ended", page, 400)

    @http.route("/my/pqrs/offline", **{**READ_ROUTE, "readonly": True})
    def hera_offline(self, **_kwargs):
        """What phones keep for when there is no connection: it tells nothing of the user."""
        self._check_receives(OFFLINE)
        return self._render_form(OFFLINE, {})

    @http.route("/pqrs/filed", **READ_ROUTE)
    def filed(self, **_kwargs):
        return self._show_receipt(WEBSITE)

    @http.route("/my/pqrs/filed", **OWN_READ_ROUTE)
    def hera_filed(self, **_kwargs):
        return self._show_receipt(HERA)

    def _file(self, door, form):
        self._check_receives(door)
        if not self._is_proven(form):
            return self._render_form(door, form, {"": self._describe_unproven()}, 400, reachable=True)
        Intake = request.env["sig.pqrs.intake"]
        uploads = request.env["sig.upload"]._read_uploads(request.httprequest.files.getlist("attachments"))
        petition = Intake._read_petition(form, uploads, self._get_company(door), self._get_partner(door))
        if petition.errors:
            return self._render_form(door, form, petition.errors, 422)
        # The channel HERA would say that an anonymous petitioner is a client.
        channel = WEBSITE.channel if petition.values["anonymous"] else door.channel
        token = self._read_submission_token(form)
        case = Intake._find_petition(petition, channel, token)
        limit = request.website.sudo().sig_pqrs_hourly_limit
        if not case and not self._count_once(lambda: self._take("filing", limit)):
            address = request.httprequest.remote_addr
            _logger.warning("More than %s PQRS an hour from %s: behind a proxy, set proxy_mode", limit, address)
            return self._render_form(door, form, {}, 429, limited=True)
        try:
            with request.env.cr.savepoint():
                case = case or Intake._file_petition(
                    petition, channel, token, to_verify=not self._is_verified(door, form)
                )
        except UserError as error:
            return self._render_form(door, form, {"": error.args[0]}, 422)
        except OSError:
            return self._render_form(door, form, {"": self._describe_fault()}, 503, reachable=True)
        self._note_writing()
        if case.anonymous or case.identity_reserved:  # a session would say who it was
            return self._render_receipt(door, case)
        return self._redirect_to_receipt(door, case)

    def _redirect_to_receipt(self, door, case):
        """A reload files nothing. For this browser: who knows the session because they planted it has no cookie. A
        petition that is sent twice at once has one token, whichever is stored last.
        """
        token = hmac(request.env(su=True), FILED, case.uuid)
        self._remember_case(FILED, case, MINUTES, token=token)
        response = request.redirect(door.address, 303)
        is_secure = request.httprequest.scheme == "https"
        options = {"max_age": 60 * MINUTES, "secure": is_secure, "httponly": True, "samesite": "Lax"}
        response.set_cookie(FILED, token, **options)  # of any path: the receipt's has a language before it
        return self._protect(response)

    def _get_company(self, door=WEBSITE):
        return request.website.company_id.sudo() if door == WEBSITE else self._get_hera_company()

    def _check_receives(self, door):
        if not (request.website._sig_receives() if door == WEBSITE else self._get_company(door).sig_active):
            raise request.not_found()

    def _get_partner(self, door):
        """The contact of a user of HERA; None where another company has it for itself."""
        user, contact = request.env.user, request.env.user.partner_id
        is_shared = contact.filtered_domain(contact._check_company_domain(self._get_company(door)))
        return contact if user._is_portal() and is_shared else None

    def _is_verified(self, door, form):
        """Whether a person seems to have sent it; the SIG verifies the others."""
        if door == HERA:
            return True
        if form.get(HONEYPOT):
            return False
        try:
            request.env["ir.http"]._verify_request_recaptcha_token(CAPTCHA)
        except UserError:
            return False
        except Exception:  # a service of others stops no petition
            _logger.exception("The captcha could not be checked")
            return False
        return True

    def _read_submission_token(self, form):
        token = form.get("submission_token")
        if isinstance(token, str) and 0 < len(token) <= 100:
            return token
        # The same for all tabs of a visitor in a day: a petition that is sent twice is one case.
        session = request.session.sid[: http.STORED_SESSION_BYTES]
        return hmac(request.env(su=True), "sig_pqrs.submission", (session, str(clock.now().date())))

    def _render_form(self, door, form, errors=None, status=200, limited=False, reachable=False):
        company = self._get_company(door)
        Intake = request.env["sig.pqrs.intake"]
        partner = self._get_partner(door) if door != OFFLINE else None
        types = Intake._get_public_types(company)
        values = {
            "tab": "new",
            "company": company,
            "partner": partner,
            "types": types,
            "choices": Intake._get_petition_choices(partner),
            "form": {name: value for name, value in form.items() if isinstance(value, str)},
            "ticked": lambda name: Intake._is_ticked(form, name),
            "errors": errors or {},
            "limited": limited,
            "reachable": reachable,
            "notice": request.env["sig.privacy.notice"]._get_current(company),
            "confirmed": Intake._has_confirmed_notice(partner, company),
            "token": "" if door == OFFLINE else self._read_submission_token(form),
            "honeypot": HONEYPOT,
            "captcha": CAPTCHA if self._get_captchas() else None,
            "faq": door != OFFLINE and bool(request.env["sig.faq"]._get_published(company)),
            "texts": Intake._get_texts(),
            "offline": door == OFFLINE,
        }
        response = self._render_at(door, door.form, values, status)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _render_at(self, door, template, values, status=200):
        render = self._render_site if door == WEBSITE else self._render_light
        return render(template, values, status)

    def _show_receipt(self, door):
        case = self._get_remembered_case(FILED)
        if not case:
            request.session.pop(FILED, None)
        elif consteq(request.session[FILED]["token"], request.cookies.get(FILED, "")):
            return self._render_receipt(door, case)
        return self._protect(request.redirect(door.address.rpartition("/")[0], 303))

    def _render_receipt(self, door, case):
        case = case.with_context(lang=request.env.lang)
        values = {
            "tab": "new",
            "case": case,
            "company": case.company_id,
            "code": case.env["sig.tracking"]._derive(case),
            "standing": case._get_standing(),
            "to_verify": case.state == "to_file",
        }
        return self._protect(self._render_at(door, door.receipt, values))
