from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .. import clock
from ..wave.wave import ENDED


class WaveAnonymize(models.Model):
    """Erase who answered a wave, and in which words; what they chose stays, and so do the frozen results."""

    _inherit = "sig.survey.wave"

    anonymized_on = fields.Datetime("Personal data erased on", readonly=True, copy=False)

    @api.model
    def _find_expired(self, company, day):
        """Waves whose personal data need not be kept any more, those of a case under legal hold among them."""
        years = company.sig_survey_retention_years
        if not years:
            return self.browse()
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("state", "in", ENDED)
            & Domain("anonymized_on", "=", False)
            & Domain("date_closed", "<", company._sig_midnight(day - relativedelta(years=years)))
        )

    def _get_kept_until(self, kind):
        """As that of cases; no duty asks to keep what a person answered."""
        found = dict.fromkeys(self)
        for wave in self.filtered("date_closed") if kind == "retention" else ():
            years = wave.company_id.sig_survey_retention_years
            day = wave.company_id._sig_local_date(wave.date_closed)
            found[wave] = day + relativedelta(years=years) if years else None
        return found

    def _is_held(self):
        return self.recipient_ids._is_held()

    def _get_anonymization_refusal(self, kind, until):
        """As that of cases."""
        self.ensure_one()
        if self.anonymized_on:
            return self.with_context(lang=self.company_id._sig_lang()).env._("Its personal data were erased before.")
        return self.recipient_ids._get_anonymization_refusal(kind, until) or self.env[
            "sig.erasure"
        ]._get_retention_refusal(self.company_id, kind, until)

    def _anonymize(self):
        """Erase the personal data of ended waves; the right to has been proven."""
        waves = self.sudo().with_context(tracking_disable=True)
        waves.recipient_ids._anonymize()
        waves.write({"anonymized_on": clock.now()})
