from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class EvidenceController(http.Controller):
    """The door of evidence packs and of personal data: each download is by a reader, never by a link to the file."""

    @http.route("/pqrs/evidence/<int:pack_id>", type="http", auth="user", methods=["GET"], sitemap=False)
    def download(self, pack_id, **_kwargs):
        pack = request.env["sig.evidence.pack"].browse(pack_id)
        try:
            pack.check_access("read")
            file = pack.attachment_id.sudo()
        except (AccessError, MissingError):
            raise request.not_found() from None
        if pack.state != "ready" or (file.res_model, file.res_id) != (pack._name, pack.id):
            raise request.not_found()
        pack._log_download()
        return self._hand_over(file)

    @http.route(
        "/pqrs/personal-data/<int:export_id>", type="http", auth="user", methods=["GET"], readonly=True, sitemap=False
    )
    def download_personal_data(self, export_id, **_kwargs):
        export = request.env["sig.person.export"].browse(export_id)
        try:
            export.check_access("read")
            file = export.attachment_id.sudo()
        except (AccessError, MissingError):
            raise request.not_found() from None
        if not file:
            raise request.not_found()
        return self._hand_over(file)

    def _hand_over(self, file):
        response = request.env["ir.binary"]._get_stream_from(file).get_response(as_attachment=True)
        response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        return response
