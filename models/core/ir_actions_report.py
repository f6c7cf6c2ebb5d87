import logging
from io import BytesIO

from odoo import models
from odoo.tools import pdf
from odoo.tools.safe_eval import safe_eval, time

from ...tools import printed_html

_logger = logging.getLogger(__name__)

#: report whose PDF the review stores when it is closed
REVIEW = "sig_pqrs.report_management_review"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_template(self, template, values=None):
        """Printed texts of users and petitioners load nothing from elsewhere: the engine would load it from inside the
        company's network, with the session of who prints.
        """
        content = super()._render_template(template, values)
        return printed_html.keep_inside(content) if template.startswith("sig_pqrs.") else content

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """What we print says its language and title, which screen readers tell; what was stored stays as it is."""
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        report = self._get_report(report_ref)
        for record_id, printed in streams.items() if report.report_name.startswith("sig_pqrs.") else ():
            if printed["stream"] and not (printed["attachment"] and report.attachment_use):
                record = self.env[report.model].browse(record_id or ())
                printed["stream"] = report._sig_describe(printed["stream"], record)
        return streams

    def _sig_get_title(self, record):
        """The name of the report, without whom it is for, and that of its file."""
        expression = record and self.print_report_name
        name = expression and safe_eval(expression, {"object": record, "time": time})
        return " ".join(filter(None, [self.name.split(",")[0], name]))

    def _sig_describe(self, stream, record):
        try:
            reader, writer = pdf.OdooPdfFileReader(stream, strict=False), pdf.OdooPdfFileWriter()
            writer.cloneReaderDocumentRoot(reader)
            writer.addMetadata({**(reader.getDocumentInfo() or {}), "/Title": self._sig_get_title(record)})
            shown = pdf.DictionaryObject({pdf.NameObject("/DisplayDocTitle"): pdf.BooleanObject(True)})
            lang = pdf.create_string_object((self.env.lang or "en_US").replace("_", "-"))
            writer._root_object.update({pdf.NameObject("/Lang"): lang, pdf.NameObject("/ViewerPreferences"): shown})
            described = BytesIO()
            writer.write(described)
        except Exception:
            _logger.exception("The language and title of a PDF could not be written")
            return stream
        return described

    def retrieve_attachment(self, record):
        """The PDF of a closed review; core would take any file of that name on the record."""
        if self.report_name != REVIEW:
            return super().retrieve_attachment(record)
        record.check_access("read")
        return record.sudo().pdf_id if record.state == "closed" else None
