from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class EvidenceController(http.Controller):
    """The door of evidence packs: each download is by a reader of the pack, never by a link to the file."""

    @http.route("/pqrs/evidence/<int:pack_id>", type="http", auth="user", methods=["GET"], sitemap=False)
    def download(self, pack_id, **_kwargs):
        pack = request.env["sig.evidence.pack"].browse(pack_id)
        try:
            pack.check_access("read")
            file = pack.attachment_id.sudo()
        except (AccessError, MissingError):
            raise request.not_found() from None
        if pack.state != "ready" or not file:
            raise request.not_found()
        pack._log_download()
        response = request.env["ir.binary"]._get_stream_from(file).get_response(as_attachment=True)
        response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        return response
