from uuid import uuid4

from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

#: steps of the client, by the last part of their address
STEPS = ("write", "deliver", "withdraw", "rate", "surveys")

#: no page of a client is kept, indexed, or named to another site
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}

#: of a form with files, above what `sig.upload` takes: that says what is wrong, and this only cuts
MAX_CONTENT = 64 * 1024 * 1024

#: receipts printed in an hour from one address: each is some work
MAX_RECEIPTS = 60


class ClientPages:
    """What the tracking page and HERA do alike with a case that was proved to be of who asks for it."""

    def _protect(self, response):
        response.headers.update(HEADERS)
        return response

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

    def _take_step(self, case, step, post):
        """Take a step of the client with what a form says.

        :param case: as superuser in the environment of the request.
        :return: why it was refused, in the reader's language; empty when it was taken.
        """
        try:
            with request.env.cr.savepoint():
                if step in ("write", "deliver"):
                    files = request.env["sig.upload"]._read_uploads(request.httprequest.files.getlist("attachments"))
                    getattr(case, f"_client_{step}")(post.get("text"), files, post.get("token"))
                elif step == "withdraw":
                    case._client_withdraw(post.get("text"))
                elif step == "surveys":
                    case._client_answer_surveys(post.get("allows") == "1")
                else:
                    case._client_rate(post.get("rate"), post.get("text"))
        except (AccessError, UserError) as error:
            return error.args[0]
        return ""

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
