import logging
from datetime import timedelta
from uuid import uuid4

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

from ..models import clock
from ..models.communication.pqrs_client_steps import MAX_TEXT

_logger = logging.getLogger(__name__)

#: steps of the client, by the last part of their address
STEPS = ("write", "deliver", "withdraw", "rate", "surveys")

#: no page of a client is kept, indexed, or named to another site
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}

#: key of the session that holds when it wrote something last
WROTE = "sig_pqrs_wrote"

#: seconds by when a replica of the database has what was written
SETTLED = 60


def reads_replica(_controller, _rule, _args):
    """Whether a page may be read from a replica: not by who has just written what may not have got there yet."""
    return request.session.get(WROTE, "") < fields.Datetime.to_string(clock.now() - timedelta(seconds=SETTLED))


#: options of the route of a page that anybody opens: opening it changes nothing, for link scanners open links
READ_ROUTE = {
    "type": "http",
    "auth": "public",
    "website": True,
    "sitemap": False,
    "methods": ["GET"],
    "readonly": reads_replica,
}

#: the same of a page that only who entered opens
OWN_READ_ROUTE = {**READ_ROUTE, "auth": "user"}

#: and of what is written in it. Its method checks the token first of all, see `ClientPages._is_proven`: a session that
#: ended does not take away what was written.
FORM_ROUTE = {**READ_ROUTE, "methods": ["POST"], "readonly": False, "csrf": False}

#: of a form with files, above what `sig.upload` takes: that says what is wrong, and this only cuts
MAX_CONTENT = 64 * 1024 * 1024

#: receipts printed in an hour from one address: each is some work
MAX_RECEIPTS = 60

#: steps that clients take in an hour on one case, and from one address; and megabytes of their files on one case
MAX_STEPS = 30
MAX_STEPS_OF_ADDRESS = 90
MAX_STEPS_MB = 100

#: key of the request that holds whether it is within its limits
WITHIN_LIMITS = "sig_pqrs.within_limits"

#: key of the session that holds what was written while the page was closed, until its author opens the case again
DRAFT = "sig_pqrs_draft"


class ClientPages:
    """What the tracking page and HERA do alike with a case that was proved to be of who asks for it."""

    def _protect(self, response):
        response.headers.update(HEADERS)
        return response

    def _note_writing(self):
        """Have whoever writes see it in the pages that follow, see `reads_replica`."""
        request.session[WROTE] = fields.Datetime.to_string(clock.now())

    # -- The token against CSRF -------------------------------------------------------------------------------------

    def _is_proven(self, form):
        """Whether a form is of a page that this session was given. Its token is taken out of it.

        Routes to which people write check this themselves, first of all: the refusal of core would take away what
        they wrote.
        """
        token = form.pop("csrf_token", None)
        return isinstance(token, str) and token.isascii() and request.validate_csrf(token)

    def _describe_unproven(self, files=False):
        """Why a form that is not proven was refused, for who was slow.

        :param bool files: whether it had a place for files, which no browser fills in again.
        """
        if files:
            return request.env._(
                "The page was open for too long, and nothing was sent. What you wrote is still here: attach your files "
                "again, if you had any, and press the button once more."
            )
        return request.env._(
            "The page was open for too long, and nothing was sent. What you wrote is still here: press the button once "
            "more."
        )

    # -- The page of a case -----------------------------------------------------------------------------------------

    def _render_case(self, case, status=200, **values):
        """The page of the case, with ``values`` in the place of those of `_get_page_values`."""
        raise NotImplementedError

    def _get_page_values(self, case, base, own=True):
        """What the page of a case shows, before anything was done on it.

        :param str base: address of the case, of which the addresses of its steps are parts.
        :param bool own: whether the reader is who asks.
        """
        return {
            "view": case._get_client_view(own),
            "base": base,
            "own": own,
            "token": str(uuid4()),
            "done": None,
            "error": "",
            "failed": None,
            "text": "",
            "rate": None,
        }

    # -- Steps ------------------------------------------------------------------------------------------------------

    def _answer_step(self, case, base, step, post):
        """Take a step of the client, and answer with the page of their case; what is refused is given back in it."""
        draft = self._read_draft(step, post)
        if not self._is_proven(post):
            return self._give_back(case, draft, self._describe_unproven(files=step in ("write", "deliver")), 400)
        files = []
        if step in ("write", "deliver"):
            files = request.env["sig.upload"]._read_uploads(request.httprequest.files.getlist("attachments"))
        if not self._is_within_limits(case, files):
            return self._give_back(case, draft, self._describe_limit(case), 429)
        if error := self._take_step(case, step, post, files):
            return self._give_back(case, draft, error)
        self._note_writing()
        return self._protect(request.redirect(f"{base}?done={step}", 303))

    def _is_within_limits(self, case, files):
        """Whether a client may take one more step, with these files; it is counted."""
        take = request.env["sig.rate.limit"]._take
        megabytes = -(-sum(len(file.content) for file in files) // 2**20)
        return self._count_once(
            lambda: (
                take("step", request.httprequest.remote_addr, MAX_STEPS_OF_ADDRESS)
                and take(f"step/{case.id}", "", MAX_STEPS)
                and (not megabytes or take(f"step_mb/{case.id}", "", MAX_STEPS_MB, megabytes))
            )
        )

    def _count_once(self, is_within_limits):
        """Count what a request does against its limits, once, however often the server tries the request again.

        :param is_within_limits: counts it, and gives whether it may be done.
        """
        environ = request.httprequest.environ
        if WITHIN_LIMITS not in environ:
            environ[WITHIN_LIMITS] = is_within_limits()
        return environ[WITHIN_LIMITS]

    def _describe_limit(self, case):
        company = case.company_id
        ways = [company.phone, company._sig_get_contact_email()]
        return request.env._(
            "We received too much on this request in the last hour, and this was not sent. What you wrote is still "
            "here: send it in an hour, or reach us another way: %s.",
            " · ".join(way for way in ways if way),
        )

    def _take_step(self, case, step, post, files):
        """Take a step of the client with what a form says.

        :param case: as superuser in the environment of the request.
        :return: why it was refused, in the reader's language; empty when it was taken.
        """
        try:
            with request.env.cr.savepoint():
                if step in ("write", "deliver"):
                    getattr(case, f"_client_{step}")(post.get("text"), files, post.get("token"))
                elif step == "withdraw":
                    case._client_withdraw(post.get("text"))
                elif step == "surveys":
                    case._client_answer_surveys(post.get("allows") == "1")
                else:
                    case._client_rate(post.get("rate"), post.get("text"))
        except (AccessError, UserError) as error:
            return error.args[0]
        except OSError:
            return self._describe_fault()
        return ""

    def _describe_fault(self):
        """What whoever sent files is told when they cannot be stored, as on a full disk. It is logged."""
        _logger.exception("What a client sent could not be stored")
        return request.env._(
            "A fault of ours kept us from storing your files, and nothing was sent. What you wrote is still here: "
            "attach your files again and send it in a few minutes, or reach us another way."
        )

    # -- What was written and not taken -----------------------------------------------------------------------------

    def _read_draft(self, step, post):
        """What a form of a step says, to be given back; empty when it is of none."""
        if step not in STEPS:
            return {}
        text, rate = (post[name] if isinstance(post.get(name), str) else "" for name in ("text", "rate"))
        return {"step": step, "text": text[:MAX_TEXT], "rate": rate[:1]}

    def _keep_draft(self, base, draft):
        """Keep a draft for when the session opens the case at an address."""
        request.session[DRAFT] = {**draft, "base": base}

    def _open_case(self, case, base, done):
        """The page of a case, with the draft that was kept for it, once."""
        draft = request.session.get(DRAFT) or {}
        if draft.get("base") != base:
            return self._render_case(case, done=done)
        del request.session[DRAFT]
        message = request.env._(
            "This was not sent yet: look at what you wrote, attach your files again, if you had any, and send it."
        )
        return self._give_back(case, draft, message)

    def _give_back(self, case, draft, error, status=200):
        """The page of a case with what was not taken, and why: in the form of its step, or else in that of messages."""
        step = draft["step"] if draft["step"] in {*case._get_client_steps(), "surveys"} else "write"
        return self._render_case(case, status, error=error, failed=step, text=draft["text"], rate=draft["rate"])

    # -- Files ------------------------------------------------------------------------------------------------------

    def _print_receipt(self, case):
        """The receipt of the case, to be saved.

        :return: the response, and why there is none, in the reader's language.
        """
        if not request.env["sig.rate.limit"]._take("receipt", request.httprequest.remote_addr, MAX_RECEIPTS):
            return None, request.env._("There were too many downloads from here. Try again in an hour.")
        try:
            content, extension = case._render_receipt()
        except UserError as error:
            return None, error.args[0]
        types = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
        headers = [
            ("Content-Type", types[extension]),
            ("Content-Disposition", content_disposition(f"{case.name}.{extension}")),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ]
        return self._protect(request.make_response(content, headers=headers)), ""

    def _send_file(self, case, attachment_id):
        """Stream a file of the case, to be saved and never shown inside the site."""
        attachment = case._get_client_file(attachment_id)
        if not attachment:
            raise request.not_found()
        stream = request.env["ir.binary"].sudo()._get_stream_from(attachment)
        response = stream.get_response(as_attachment=True, immutable=False)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return self._protect(response)
