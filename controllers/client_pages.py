import logging
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

from ..models import clock

_logger = logging.getLogger(__name__)

#: steps of the client, by the last part of their address
STEPS = ("write", "deliver", "extend", "withdraw", "rate", "review", "surveys")

#: no page of a client is kept, indexed, or named to another site
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}

#: of light pages: nothing of others is loaded, or runs. The hash is that of what core's tags of bundles do on errors.
LIGHT_POLICY = (
    "default-src {own}; script-src {own} 'unsafe-hashes' 'sha256-8yDIMBSmZv57Ba62SxKgyLxU6rUm3YRxan7K7J0owqQ='; "
    "img-src {own} data: blob:; style-src {own} 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)

#: keys of the session's information when there is a captcha of core, and the servers that it needs
CAPTCHAS = {
    "recaptcha_public_key": "https://www.recaptcha.net https://www.gstatic.com https://www.google.com",
    "turnstile_site_key": "https://challenges.cloudflare.com",
}
#: of website pages: no font or script of others learns who files; a theme may ask for one, analytics for the other
SITE_POLICY = (
    "font-src {own} data:; style-src {own} 'unsafe-inline'; script-src {own} 'unsafe-inline' 'unsafe-eval' {captchas}"
)

#: session key: the case that was just filed
FILED = "sig_pqrs_filed"

#: session key: moment of the last write
WROTE = "sig_pqrs_wrote"

#: seconds after which a replica is assumed to have a write
SETTLED = 60


def reads_replica(_controller, _rule, _args):
    """Whether a page may be read from a replica: not by a session that wrote just now."""
    return request.session.get(WROTE, "") < fields.Datetime.to_string(clock.now() - timedelta(seconds=SETTLED))


#: options of public pages, which change nothing when they are opened: link scanners open links
READ_ROUTE = {
    "type": "http",
    "auth": "public",
    "website": True,
    "sitemap": False,
    "methods": ["GET"],
    "readonly": reads_replica,
}

OWN_READ_ROUTE = {**READ_ROUTE, "auth": "user"}

#: options of their forms; the method checks the token itself, see `ClientPages._is_proven`
FORM_ROUTE = {**READ_ROUTE, "methods": ["POST"], "readonly": False, "csrf": False}

#: bytes of a form with files, more than `sig.upload` accepts with a message
MAX_CONTENT = 64 * 1024 * 1024

#: receipts an hour from one address
MAX_RECEIPTS = 60

#: steps an hour on one case, and from one address; megabytes of files an hour on one case
MAX_STEPS = 30
MAX_STEPS_OF_ADDRESS = 90
MAX_STEPS_MB = 100

#: environ key: what the counting of the request told
COUNTED = "sig_pqrs.counted"


class ClientPages:
    """What tracking page and HERA share; the case was proved to be the visitor's. Both have a `_render_case`."""

    def _protect(self, response):
        response.headers.update(HEADERS)
        return response

    def _render_light(self, template, values, status=200):
        return self._guard(self._protect(request.render(template, values, status=status)), LIGHT_POLICY)

    def _render_site(self, template, values, status=200):
        response = request.render(template, values, status=status)
        if request.env.user._is_internal():  # who edits the page has the tools for it
            return response
        return self._guard(response, SITE_POLICY, captchas=" ".join(self._get_captchas()))

    def _get_captchas(self):
        session = request.env["ir.http"].get_frontend_session_info()
        return [servers for key, servers in CAPTCHAS.items() if session.get(key)]

    def _guard(self, response, policy, **origins):
        """Limit what a page may load; ``own`` in the policy are our server and its CDN."""
        website = request.website.sudo()
        cdn = urlsplit((website.cdn_activated and website.cdn_url) or "").netloc
        response.headers["Content-Security-Policy"] = policy.format(own=f"'self' {cdn}".strip(), **origins)
        return response

    def _note_writing(self):
        request.session[WROTE] = fields.Datetime.to_string(clock.now())

    def _remember_case(self, key, case, minutes, **values):
        until = fields.Datetime.add(clock.now(), minutes=minutes)
        request.session[key] = {
            **values,
            "case": case.id,
            "revision": case.tracking_revision,
            "until": fields.Datetime.to_string(until),
        }

    def _get_remembered_case(self, key):
        """The case of `_remember_case`, as superuser; empty after the time limit or a revoked code."""
        cases = request.env["sig.pqrs"].sudo()
        kept = request.session.get(key)
        if not kept or kept["until"] < fields.Datetime.to_string(clock.now()):
            return cases
        return cases.browse(kept["case"]).exists().filtered(lambda case: case.tracking_revision == kept["revision"])

    def _is_proven(self, form):
        """Take the CSRF token out of a form and check it: the refusal of core would lose what was written."""
        token = form.pop("csrf_token", None)
        return isinstance(token, str) and token.isascii() and request.validate_csrf(token)

    def _describe_unproven(self):
        return request.env._(
            "The page was open for too long, and nothing was sent. What you wrote is still here: attach your files "
            "again, if you had any, and press the button once more."
        )

    def _get_page_values(self, case, base, own=True):
        return {
            "view": case.env["sig.client.view"]._describe(case, own),
            "key": case.env["sig.client.view"]._get_draft_key(case),
            "base": base,
            "company": case.company_id,
            "own": own,
            "token": str(uuid4()),
        }

    def _answer_step(self, case, base, step, post, rating=None):
        draft = {**self._read_draft(step, post), "rating": rating}
        if not self._is_proven(post):
            return self._give_back(case, draft, self._describe_unproven(), 400)
        files = []
        if step in ("write", "deliver"):
            files = request.env["sig.upload"]._read_uploads(request.httprequest.files.getlist("attachments"))
        if refusal := self._count_once(lambda: self._count_step(case, files)):
            return self._give_back(case, draft, refusal, 429)
        if error := self._take_step(case, step, post, files, rating):
            return self._give_back(case, draft, error)
        self._note_writing()
        return self._protect(request.redirect(f"{base}?done={step}", 303))

    def _count_step(self, case, files):
        """:return: why the step is one too many; empty within the limits."""
        company, limits = case.company_id, request.env["sig.rate.limit"]
        ways = " · ".join(filter(None, (company.phone, company._sig_get_contact_email())))
        # Users are known, and an office may share an address.
        if request.env.user._is_public() and not self._take("step", MAX_STEPS_OF_ADDRESS):
            return request.env._(
                "We received too much from your connection in the last hour, and this was not sent. What you wrote is "
                "still here: send it in an hour, or reach us another way: %s.",
                ways,
            )
        megabytes = -(-sum(len(file.content) for file in files) // 2**20)
        is_within = limits._take(f"step/{case.id}", "", MAX_STEPS)
        if is_within and (not megabytes or limits._take(f"step_mb/{case.id}", "", MAX_STEPS_MB, megabytes)):
            return ""
        return request.env._(
            "We received too much on this request in the last hour, and this was not sent. What you wrote is still "
            "here: send it in an hour, or reach us another way: %s.",
            ways,
        )

    def _take(self, scope, limit):
        """Count a use from the address of the request; whether it is within the limit an hour."""
        return request.env["sig.rate.limit"]._take(scope, request.httprequest.remote_addr, limit)

    def _count_once(self, count):
        """Count a request once, however often the server retries it."""
        environ = request.httprequest.environ
        if COUNTED not in environ:
            environ[COUNTED] = count()
        return environ[COUNTED]

    def _take_step(self, case, step, post, files, rating):
        """:return: why the step was refused; empty when it was taken."""
        steps, text = case.env["sig.client.steps"], post.get("text")
        try:
            with request.env.cr.savepoint():
                if step == "withdraw":
                    steps._step_withdraw(case, text)
                elif step == "extend":
                    steps._step_extend(case)
                elif step == "surveys":
                    steps._step_surveys(case, post.get("allows") == "1")
                elif step == "rate":
                    steps._step_rate(case, post.get("rate"), text, rating)
                else:
                    steps._step_write(case, text, files, post.get("token"), step)
        except (AccessError, UserError) as error:
            return error.args[0]
        except OSError:
            return self._describe_fault()
        return ""

    def _describe_fault(self):
        _logger.exception("What a client sent could not be stored")
        return request.env._(
            "A fault of ours kept us from storing your files, and nothing was sent. What you wrote is still here: "
            "attach your files again and send it in a few minutes, or reach us another way."
        )

    def _read_draft(self, step, post):
        text, rate = (post[name] if isinstance(post.get(name), str) else "" for name in ("text", "rate"))
        return {"step": step, "text": text, "rate": rate[:1]}

    def _give_back(self, case, draft, error, status=200):
        steps = {*request.env["sig.client.view"]._get_steps(case), "surveys"}
        step = draft["step"] if draft["step"] in steps else "write"
        return self._render_case(case, status, error=error, failed=step, text=draft["text"], rate=draft["rate"])

    def _get_hera_company(self):
        """That of the website, or else the first of the client's companies that receives petitions."""
        company, user = request.env.company.sudo(), request.env.user.sudo()
        return (company | user.company_ids).filtered("sig_active")[:1] or company

    def _print_receipt(self, case):
        if not self._take("receipt", MAX_RECEIPTS):
            refusal = request.env._("There were too many downloads from here. Try again in an hour.")
            return self._render_case(case, error=refusal, failed="receipt")
        try:
            content, extension = request.env["sig.receipt"]._render(case)
        except UserError as error:
            return self._render_case(case, error=error.args[0], failed="receipt")
        types = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
        headers = [
            ("Content-Type", types[extension]),
            ("Content-Disposition", content_disposition(f"{case.name}.{extension}")),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ]
        return self._protect(request.make_response(content, headers=headers))

    def _send_file(self, case, attachment_id, own=True):
        attachment = request.env["sig.client.view"]._get_file(case, attachment_id, own)
        if not attachment:
            raise request.not_found()
        stream = request.env["ir.binary"].sudo()._get_stream_from(attachment)
        response = stream.get_response(as_attachment=True, immutable=False)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return self._protect(response)
