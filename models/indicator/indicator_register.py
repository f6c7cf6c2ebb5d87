from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...tools import periods
from ...tools.report_workbook import Field, Sheet, write_report
from .. import clock

#: business day of the month by which the last one is registered in QVO
LAST_BUSINESS_DAY = 10

#: of a reference that can be looked up: “31” may be a number of anything
MINIMUM_REFERENCE = 3


class IndicatorRegister(models.Model):
    """The monthly register for QVO: a workbook with stable columns (`docs/indicators.md`)."""

    _inherit = "sig.indicator.measure"

    date_registered = fields.Datetime("Registered on", readonly=True, tracking=True)
    registered_by_id = fields.Many2one("res.users", "Registered by", readonly=True)
    registration_evidence = fields.Text("Evidence of the registration", readonly=True)
    registration_file_ids = fields.Many2many(
        "ir.attachment",
        "sig_measure_registration_rel",
        string="Files of the registration",
        readonly=True,
        bypass_search_access=True,
    )

    def action_register(self, evidence=False, attachments=False):
        """Mark confirmed measures as registered in QVO.

        :param str evidence: a reference or address in QVO.
        :param attachments: id or ids of files that the user may read.
        """
        measures = self._check_sig()
        for measure in measures:
            if measure.state != "confirmed":
                raise UserError(
                    self.env._("%s: only what is confirmed and not registered yet is registered.", measure.display_name)
                )
        if evidence and not isinstance(evidence, str):
            raise UserError(self.env._("The evidence is a text."))
        evidence = (evidence or "").strip()
        proof = self.env["sig.pqrs"]._read_evidence(attachments, evidence)
        is_reference = len(evidence) >= MINIMUM_REFERENCE and any(sign.isalnum() for sign in evidence)
        if not proof or (evidence and not is_reference):
            raise UserError(self.env._("Write or attach what shows that it is in QVO."))
        measures.write(
            {
                "state": "registered",
                "date_registered": clock.now(),
                "registered_by_id": self.env.uid,
                "registration_evidence": proof.note or False,
                "registration_file_ids": [Command.set(proof.attachments.ids)],
            }
        )
        return True

    def action_open_register(self):
        return self._open_wizard("register", self.env._("Registered in QVO"))

    def _open_wizard(self, step, name):
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_improvement_wizard")
        return {**action, "name": name, "context": {"default_step": step, "default_measure_ids": self.ids}}

    # -- The workbook -----------------------------------------------------------------------------------------------

    @api.model
    def _get_register_columns(self):
        """QVO loads by these headings: Spanish for all readers, and only ever appended to."""
        return [
            Field("Código QVO", "line", 14),
            Field("Código", "line", 14),
            Field("Indicador", "line", 38),
            Field("Proceso", "line", 22),
            Field("Periodo", "line", 11),
            Field("Desde", "date", 12),
            Field("Hasta", "date", 12),
            Field("Numerador", "amount", 12),
            Field("Denominador", "amount", 12),
            Field("Resultado", "amount", 11),
            Field("Unidad", "line", 13),
            Field("Meta", "amount", 9),
            Field("Sentido", "line", 14),
            Field("Semáforo", "line", 17),
            Field("Versión de la fórmula", "whole", 10),
            Field("Análisis", "text", 60),
            Field("Planes de acción", "line", 20),
            Field("Estado", "line", 17),
            Field("Confirmó", "line", 24),
            Field("Fecha de confirmación", "datetime", 17),
            Field("Empresa", "line", 26),
            Field("Corregida", "line", 11),
            Field("Resultado anterior", "amount", 11),
            Field("Motivo de la corrección", "text", 40),
        ]

    def _get_register_row(self, plans):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("unit", "direction", "status", "state")
        }
        confirmed = self.date_confirmed and self.company_id._sig_local(self.date_confirmed).replace(tzinfo=None)
        return [
            self.indicator_id.qvo_code or self.env._("to be confirmed"),
            self.indicator_id.code,
            self.indicator_id.name,
            self.process_id.name,
            f"{self.date_from.year}-S{periods.semester_of(self.date_from)}"
            if self._is_of_semester()
            else self.date_from.strftime("%Y-%m"),
            self.date_from,
            self.date_to,
            self.numerator if self.has_data else None,
            self.denominator if self.has_data and self.denominator else None,
            tools.float_round(self.value, 2) if self.has_data else None,
            labels["unit"].get(self.unit),
            self.target if self.has_target else None,
            labels["direction"].get(self.direction),
            labels["status"][self.status],
            self.formula_version,
            self.analysis,
            ", ".join(plans.mapped(lambda plan: plan.external_reference or plan.code or "")),
            labels["state"][self.state],
            self.confirmed_by_id.name,
            confirmed,
            self.company_id.name,
            *self._get_correction_cells(),
        ]

    def _get_correction_cells(self):
        last = self.correction_ids.sorted("id")[-1:]
        if not last:
            return [None, None, None]
        return [self.env._("corrected"), tools.float_round(last.value, 2) if last.has_data else None, last.reason]

    def _write_register(self):
        """XLSX for QVO; drafts are left out."""
        self.check_access("read")
        measures = self.sudo().filtered(lambda measure: measure.state != "draft")
        ordered = measures.with_context(lang=self._get_register_lang()).sorted(
            lambda measure: (
                measure.date_from,
                measure.indicator_id.sequence,
                measure.indicator_id.id,
                measure.process_id.name or "",
            )
        )
        Finding = self.env["sig.finding"].sudo()
        plans = {}
        for finding in Finding.search([("measure_ids", "in", measures.ids), ("plan_id", "!=", False)]):
            for measure in finding.measure_ids:
                plans[measure] = plans.get(measure, finding.plan_id) | finding.plan_id
        rows = (measure._get_register_row(plans.get(measure, Finding.plan_id)) for measure in ordered)
        register = Sheet("Indicadores", self._get_register_columns(), rows, plain=True, frozen=0)
        return write_report([register])

    @api.model
    def _get_register_lang(self):
        codes = [code for code, _name in self.env["res.lang"].get_installed() if code.startswith("es")]
        return next((code for code in ("es_CO", *codes) if code in codes), self.env.lang)

    # -- The tenth business day -------------------------------------------------------------------------------------

    @api.model
    def _get_unregistered_domain(self, company):
        """Measures of complete months that should be registered by now."""
        today = company._sig_today()
        last = periods.last_complete(today, "month")
        if today < company._sig_business_day_of_month(today, LAST_BUSINESS_DAY):
            last = periods.before(last, "month")
        return (
            Domain("company_id", "=", company.id)
            & Domain("date_to", "<=", last.end)
            & Domain("state", "!=", "registered")
            & Domain("indicator_id.active", "=", True)
            & Domain("is_breakdown", "=", False)
        )


class RegisterReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watch_steps(self):
        return [*super()._get_watch_steps(), self.env["sig.indicator"]._measure_due]
