from odoo import api, fields, models, tools
from odoo.fields import Command, Domain

from ...tools import periods
from ...tools.report_workbook import Field, Sheet, write_report
from .. import clock
from ..communication.delivery_proof import DeliveryProof
from .indicator_measure import ALONE

#: business day of the month by which the last one is registered in QVO
LAST_BUSINESS_DAY = 10


class QvoRegister(models.Model):
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
        measures = self._check_transition("register")
        measures |= measures._get_siblings().filtered(lambda part: part.state == "confirmed")
        missing = self.env._("Write or attach what shows that it is in QVO.")
        proof = DeliveryProof.gather(self.env, attachments, missing, note=evidence)
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

    def _get_register_columns(self):
        """``[(column, what it has of a measure)]``: QVO loads by these Spanish headings, which are only appended to."""
        findings = self.env["sig.finding"].sudo().search([("measure_ids", "in", self.ids), ("plan_id", "!=", False)])

        def label(name):
            labels = self._get_choices(name)
            return lambda one: labels.get(one[name])

        def name_period(one):
            half = periods.semester_of(one.date_from)
            return f"{one.date_from.year}-S{half}" if one._is_of_semester() else one.date_from.strftime("%Y-%m")

        def name_plans(one):
            plans = findings.filtered(lambda finding: one in finding.measure_ids).plan_id
            return ", ".join(plans.mapped(lambda plan: plan.external_reference or plan.code or ""))

        def get_local(name):
            return lambda one: one[name] and one.company_id._sig_local(one[name]).replace(tzinfo=None)

        def get_value(one):
            return tools.float_round(one.value, 2) if one.has_data else None

        def get_correction(one):
            return one.correction_ids.sorted("id")[-1:]

        return [
            (Field("Código QVO", "line", 14), lambda one: one.indicator_id.qvo_code or self.env._("to be confirmed")),
            (Field("Código", "line", 14), lambda one: one.indicator_id.code),
            (Field("Indicador", "line", 38), lambda one: one.indicator_id.name),
            (Field("Proceso", "line", 22), lambda one: one.process_id.name),
            (Field("Periodo", "line", 11), name_period),
            (Field("Desde", "date", 12), lambda one: one.date_from),
            (Field("Hasta", "date", 12), lambda one: one.date_to),
            (Field("Numerador", "amount", 12), lambda one: one.numerator if one.has_data else None),
            (Field("Denominador", "amount", 12), lambda one: one.denominator or None if one.has_data else None),
            (Field("Resultado", "amount", 11), get_value),
            (Field("Unidad", "line", 13), label("unit")),
            (Field("Meta", "amount", 9), lambda one: one.target if one.has_target else None),
            (Field("Sentido", "line", 14), label("direction")),
            (Field("Semáforo", "line", 17), label("status")),
            (Field("Versión de la fórmula", "whole", 10), lambda one: one.formula_version),
            (Field("Análisis", "text", 60), lambda one: one.analysis),
            (Field("Planes de acción", "line", 20), name_plans),
            (Field("Estado", "line", 17), label("state")),
            (Field("Confirmó", "line", 24), lambda one: one.confirmed_by_id.name),
            (Field("Fecha de confirmación", "datetime", 17), get_local("date_confirmed")),
            (Field("Empresa", "line", 26), lambda one: one.company_id.name),
            (Field("Corregida", "line", 11), lambda one: self.env._("corrected") if one.correction_ids else None),
            (Field("Resultado anterior", "amount", 11), lambda one: get_value(get_correction(one))),
            (Field("Motivo de la corrección", "text", 40), lambda one: get_correction(one).reason),
            (Field("Corte", "datetime", 17), get_local("date_measured")),
            (Field("Notas", "text", 60), lambda one: one.note),
        ]

    def _write_register(self):
        self.check_access("read")
        codes = [code for code, _name in self.env["res.lang"].get_installed() if code.startswith("es")]
        lang = next((code for code in ("es_CO", *codes) if code in codes), self.env.lang)
        measures = self.sudo().with_context(lang=lang).filtered(lambda measure: measure.state != "draft")
        columns = measures._get_register_columns()
        ordered = measures.sorted("date_from, indicator_id, process_id nulls first")
        return write_report([Sheet.of("Indicadores", columns, ordered, plain=True, frozen=0)])

    @api.model
    def _get_unregistered_domain(self, company):
        today = company._sig_today()
        last = periods.last_complete(today, "month")
        if today < company._sig_business_day_of_month(today, LAST_BUSINESS_DAY):
            last = periods.before(last, "month")
        since = company._sig_midnight(company._sig_calendar().shift(today, 1 - LAST_BUSINESS_DAY))
        is_new_survey = Domain("indicator_id.frequency", "=", "semester") & Domain("date_measured", ">=", since)
        of_company = [("company_id", "=", company.id), ("date_to", "<=", last.end), ("state", "!=", "registered")]
        return Domain([*of_company, ("indicator_id.active", "=", True)]) & ALONE & ~is_new_survey
