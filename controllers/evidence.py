from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class EvidenceController(http.Controller):
    @http.route("/pqrs/evidence/<int:pack_id>", type="http", auth="user", methods=["GET"], sitemap=False)
    def download(self, pack_id, **_kwargs):
        return self._hand_over(request.env["sig.evidence.pack"].browse(pack_id))

    @http.route("/pqrs/personal-data/<int:export_id>", type="http", auth="user", methods=["GET"], sitemap=False)
    def download_personal_data(self, export_id, **_kwargs):
        return self._hand_over(request.env["sig.person.export"].browse(export_id))

    def _hand_over(self, record):
        """Stream the file of a record to who may read it, and log the download."""
        file = self._get_file(record)
        record_sudo = record.sudo()
        body = record._sig_in_language_of(record_sudo.company_id).env._("Downloaded by %s", request.env.user.name)
        record_sudo._message_log(body=body, author_id=request.env.user.partner_id.id)
        response = request.env["ir.binary"]._get_stream_from(file).get_response(as_attachment=True)
        response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        return response

    def _get_file(self, record):
        try:
            record.check_access("read")
            file = record.sudo().attachment_id
        except (AccessError, MissingError):
            raise request.not_found() from None
        if not file or (file.res_model, file.res_id) != (record._name, record.id):
            raise request.not_found()
        return file
