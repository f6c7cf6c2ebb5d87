import logging
from functools import partial

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import config

from ..tools import printed_html
from . import pdf_engine

_logger = logging.getLogger(__name__)

#: the report of which the review keeps the file that was closed
REVIEW = "sig_pqrs.report_management_review"

#: seconds that the PDF engine may take for one of our reports; below Odoo's own limit by default
TIME_LIMIT = "sig_pqrs.pdf_time_limit"
DEFAULT_SECONDS = 90


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_template(self, template, values=None):
        """What people write, and petitioners send, reaches paper: there it loads nothing from elsewhere.

        The engine would load it from inside the company's network, with the session of who prints.
        """
        content = super()._render_template(template, values)
        return printed_html.keep_inside(content) if template.startswith("sig_pqrs.") else content

    def retrieve_attachment(self, record):
        """What was closed is the file that the review keeps: core looks for any file of that name on the record."""
        if self.report_name != REVIEW:
            return super().retrieve_attachment(record)
        record.check_access("read")
        return record.sudo().pdf_id if record.state == "closed" else None

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Whoever prints a closed review gets what was closed, whatever the context of the request asks."""
        report = self
        if self.env.context.get("report_pdf_no_attachment") and self._get_report(report_ref).report_name == REVIEW:
            report = self.with_context(report_pdf_no_attachment=False)
        return super(IrActionsReport, report)._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    # -- An end for the engine --------------------------------------------------------------------------------------

    @api.model
    def get_wkhtmltopdf_state(self):
        try:
            pdf_engine.answers()
        except pdf_engine.EngineHangs:
            return "broken"
        return super().get_wkhtmltopdf_state()

    @api.model
    def _sig_get_engine_seconds(self):
        """How long the PDF engine may take for a report: the parameter ``sig_pqrs.pdf_time_limit``, or else three
        quarters of Odoo's own limit (``limit_time_real``), at which the whole worker would be killed. Hook.
        """
        wanted = self.env["ir.config_parameter"].sudo().get_param(TIME_LIMIT) or ""
        if wanted.isdecimal() and int(wanted):
            return int(wanted)
        limit = config["limit_time_real"]
        return limit * 3 / 4 if limit and limit > 0 else DEFAULT_SECONDS

    @api.model
    def _run_wkhtmltopdf(
        self,
        bodies,
        report_ref=False,
        header=None,
        footer=None,
        landscape=False,
        specific_paperformat_args=None,
        set_viewport_size=False,
    ):
        """Our reports do not wait for ever. Once the engine was stopped, what else the transaction prints does not
        wait at all: a job is not held by the first letter, and then by each one.

        :raises UserError: when the engine was stopped.
        """
        run = partial(
            super()._run_wkhtmltopdf,
            bodies,
            report_ref,
            header,
            footer,
            landscape,
            specific_paperformat_args,
            set_viewport_size,
        )
        if not report_ref or not (self._get_report(report_ref).report_name or "").startswith("sig_pqrs."):
            return run()
        seconds = self._sig_get_engine_seconds()
        if self.env.cr not in pdf_engine.stopped_in:
            try:
                with pdf_engine.limited_to(seconds):
                    return run()
            except pdf_engine.EngineHangs:
                pdf_engine.stopped_in.add(self.env.cr)
                _logger.warning("The PDF engine was stopped: %s took more than %s s", report_ref, seconds)
        raise UserError(
            self.env._(
                "The PDF could not be made: the program that makes it did not finish and was stopped. Nothing was "
                "lost. Try again in some minutes; if it happens again, tell the administrator."
            )
        )
