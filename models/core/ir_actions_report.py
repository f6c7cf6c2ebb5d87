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

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """What we print says its language and title, which screen readers tell; what was stored stays as it is."""
        content, kind = super()._render_qweb_pdf(report_ref, res_ids, data)
        report = self._get_report(report_ref)
        if kind != "pdf" or not report.report_name.startswith("sig_pqrs."):
            return content, kind
        records = self.env[report.model].browse(res_ids)
        is_stored = report.attachment_use and any(report.retrieve_attachment(record) for record in records)
        return content if is_stored else report._sig_describe(content, records), kind

    def _sig_get_title(self, records):
        """The name of the report, without whom it is for, and that of its file where it is of one record."""
        expression = len(records) == 1 and self.print_report_name
        name = expression and safe_eval(expression, {"object": records, "time": time})
        return " ".join(filter(None, [self.name.split(",")[0], name]))

    def _sig_describe(self, content, records):
        try:
            reader, writer = pdf.OdooPdfFileReader(BytesIO(content), strict=False), pdf.OdooPdfFileWriter()
            writer.cloneReaderDocumentRoot(reader)
            writer.addMetadata({**(reader.getDocumentInfo() or {}), "/Title": self._sig_get_title(records)})
            shown = pdf.DictionaryObject({pdf.NameObject("/DisplayDocTitle"): pdf.BooleanObject(True)})
            lang = pdf.create_string_object((self.env.lang or "en_US").replace("_", "-"))
            writer._root_object.update({pdf.NameObject("/Lang"): lang, pdf.NameObject("/ViewerPreferences"): shown})
            described = BytesIO()
            writer.write(described)
        except Exception:
            _logger.exception("The language and title of a PDF could not be written")
            return content
        return described.getvalue()

    def retrieve_attachment(self, record):
        """The PDF of a closed review; core would take any file of that name on the record."""
        if self.report_name != REVIEW:
            return super().retrieve_attachment(record)
        record.check_access("read")
        return record.sudo().pdf_id if record.state == "closed" else None
