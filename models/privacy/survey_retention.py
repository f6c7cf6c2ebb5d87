from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..wave.wave import ENDED


class ResCompany(models.Model):
    _inherit = "res.company"

    sig_survey_retention_years = fields.Integer("Keep who answered surveys for", default=5, prefetch="sig_pqrs")
    sig_survey_retention_confirmed = fields.Boolean(
        "Retention of surveys confirmed",
        compute="_compute_sig_survey_retention_confirmed",
        store=True,
        readonly=False,
        prefetch="sig_pqrs",
    )

    @api.depends("sig_survey_retention_years")
    def _compute_sig_survey_retention_confirmed(self):
        self.sig_survey_retention_confirmed = False

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("sig_survey_retention_years", "sig_survey_retention_confirmed")):
            for company in self.sudo():
                localized = company.with_context(lang=company._sig_lang())
                confirmed = company.sig_survey_retention_confirmed
                text = localized.env._(
                    "Years for which it is kept who answered surveys: %(years)s, %(state)s.",
                    years=company.sig_survey_retention_years,
                    state=localized.env._("confirmed") if confirmed else localized.env._("to be confirmed"),
                )
                localized.partner_id._message_log(body=text)
        return result


class WaveRetention(models.Model):
    """Retention of a wave; its methods are those of `sig.pqrs`, for lines of runs."""

    _inherit = "sig.survey.wave"

    anonymized_on = fields.Datetime("Personal data erased on", readonly=True, copy=False)

    @api.model
    def _find_expired(self, company, day):
        years = company.sig_survey_retention_years
        if not years:
            return self.browse()
        closed_before = company._sig_midnight(day - relativedelta(years=years))
        of_company = [("company_id", "=", company.id), ("date_closed", "<", closed_before)]
        return self.search([*of_company, ("state", "in", ENDED), ("anonymized_on", "=", False)])

    def _get_kept_until(self, kind):
        found = dict.fromkeys(self)
        for wave in self.filtered("date_closed") if kind == "retention" else ():
            years = wave.company_id.sig_survey_retention_years
            day = wave.company_id._sig_local_date(wave.date_closed)
            found[wave] = day + relativedelta(years=years) if years else None
        return found

    def _is_held(self):
        return self.recipient_ids._is_held()

    def _get_anonymization_refusal(self, kind, until):
        refusal = self.recipient_ids._get_anonymization_refusal(kind, until)
        return refusal or self.env["sig.anonymization.line"]._get_retention_refusal(self.company_id, kind, until)


class RecipientRetention(models.Model):
    _inherit = "sig.survey.recipient"

    anonymized_on = fields.Datetime("Personal data erased on", readonly=True, copy=False)

    def _is_held(self):
        lines = self.env["survey.user_input.line"]
        of_recipients = [("user_input_id.sig_recipient_id", "in", self.ids), ("sig_case_id.legal_hold", "=", True)]
        return bool(lines.search_count(of_recipients, limit=1))

    def _get_anonymization_refusal(self, _kind, _until):
        env = self._sig_in_language_of(self.company_id).env
        if self.wave_id.filtered(lambda wave: wave.state not in ENDED):
            return env._("The survey is under way: ask again once it is closed.")
        if self._is_held():
            return env._("A proceeding or an authority asks for it: it is kept until that ends.")
        return ""
