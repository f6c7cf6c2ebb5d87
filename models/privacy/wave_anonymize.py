from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import clock
from ..survey.wave import ENDED


class ResCompany(models.Model):
    """How long it is kept who answered a survey, and in which words."""

    _inherit = "res.company"

    sig_survey_retention_years = fields.Integer(
        "Keep who answered surveys for", default=5, help="Years from the closing of the wave. 0: for good."
    )
    sig_survey_retention_confirmed = fields.Boolean(
        "Retention of surveys confirmed", help="Nothing is erased before the company confirms the years."
    )

    def write(self, vals):
        """Years that change are to be confirmed again; who changed them is noted on the contact of the company."""
        years, confirmed = "sig_survey_retention_years", "sig_survey_retention_confirmed"
        if vals.keys().isdisjoint((years, confirmed)):
            return super().write(vals)
        before = {company: (company[years], company[confirmed]) for company in self}
        result = super().write(vals)
        if confirmed not in vals:
            moved = self.filtered(lambda company: company[confirmed] and company[years] != before[company][0])
            if moved:
                super(ResCompany, moved).write({confirmed: False})
        for company, values in before.items():
            if (company[years], company[confirmed]) != values:
                company._sig_log_survey_retention(values[0])
        return result

    def _sig_log_survey_retention(self, before):
        company = self.sudo().with_context(lang=self._sig_lang())
        state = (
            company.env._("confirmed") if company.sig_survey_retention_confirmed else company.env._("to be confirmed")
        )
        text = company.env._(
            "Years for which it is kept who answered surveys: %(after)s (before: %(before)s), %(state)s.",
            after=company.sig_survey_retention_years,
            before=before,
            state=state,
        )
        company.partner_id._message_log(body=text)

    @api.constrains("sig_survey_retention_years")
    def _check_sig_survey_retention_years(self):
        if any(not 0 <= company.sig_survey_retention_years <= 100 for company in self):
            raise ValidationError(self.env._("Personal data are kept from 0 to 100 years; 0 is for good."))


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    @api.onchange("sig_survey_retention_years")
    def _onchange_sig_survey_retention_years(self):
        if self.sig_survey_retention_years != self.company_id.sig_survey_retention_years:
            self.sig_survey_retention_confirmed = False


class WaveAnonymize(models.Model):
    """Erase who answered a wave, and in which words; what they chose stays, and so do the frozen results.

    A client that is a company is no person: it stays known what it answered. A person as client becomes a contact that
    nobody is, so that each still counts once.
    """

    _inherit = "sig.survey.wave"

    anonymized_on = fields.Datetime("Personal data erased on", readonly=True, copy=False)

    @api.model
    def _find_expired(self, company, day):
        """Waves whose personal data need not be kept any more, as superuser; none of a case under legal hold."""
        years = company.sudo().sig_survey_retention_years
        if not years:
            return self.sudo().browse()
        waves = self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("state", "in", ENDED)
            & Domain("anonymized_on", "=", False)
            & Domain("date_closed", "<", company.sudo()._sig_midnight(day - relativedelta(years=years)))
        )
        lines = self.env["survey.user_input.line"].sudo()
        held = lines.search(
            [("user_input_id.sig_recipient_id.wave_id", "in", waves.ids), ("sig_case_id.legal_hold", "=", True)]
        )
        return waves - held.user_input_id.sig_recipient_id.wave_id

    def _meet_erasing(self):
        """As that of cases: a copy of what was answered, and an erasing of it at the same time, meet."""
        if self:
            self.env.cr.execute(
                SQL("UPDATE sig_survey_wave SET anonymized_on = anonymized_on WHERE id IN %s", tuple(sorted(self.ids)))
            )

    def _anonymize(self):
        """Erase the personal data of ended waves; the right to has been proven."""
        waves = self.sudo().with_context(tracking_disable=True, mail_create_nolog=True)
        recipients = self.env["sig.survey.recipient"].sudo().search([("wave_id", "in", waves.ids)])
        sheets = self.env["survey.user_input"].sudo().search([("sig_recipient_id", "in", recipients.ids)])
        holders = {records._name: records for records in (recipients, sheets)}
        Erasure = self.env["sig.erasure"]
        erased = Erasure._say_erased(waves.company_id[:1])
        recipients.filtered("scan").scan = False
        self.env["ir.attachment"].sudo().search(Erasure._get_holder_domain(holders, "res_model")).unlink()
        Erasure._erase_threads(holders)
        self.env["sig.person.export"]._forget(waves=waves)
        self._replace_people(recipients, erased)
        self.env.flush_all()
        for query in (
            SQL(
                "UPDATE sig_survey_recipient SET contact_id = NULL, email = NULL, phone = NULL, reason = NULL, "
                "scan_name = NULL WHERE id = ANY(%s)",
                recipients.ids,
            ),
            SQL(
                "UPDATE survey_user_input SET partner_id = NULL, email = NULL, nickname = NULL WHERE id = ANY(%s)",
                sheets.ids,
            ),
            SQL(
                "UPDATE survey_user_input_line SET value_char_box = CASE WHEN value_char_box <> '' THEN %s END, "
                "value_text_box = CASE WHEN value_text_box <> '' THEN %s END WHERE user_input_id = ANY(%s)",
                erased,
                erased,
                sheets.ids,
            ),
        ):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        waves.write({"anonymized_on": clock.now()})

    @api.model
    def _replace_people(self, recipients, name):
        """A contact that nobody is, of that name, in the place of each person who is a client."""
        people = recipients.partner_id.filtered(lambda client: not client.is_company)
        if not people:
            return
        nobodies = self.env["res.partner"].sudo().create([{"name": name, "active": False} for _person in people])
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE sig_survey_recipient recipient SET partner_id = stand.nobody, contact_id = NULL
                     FROM unnest(%s, %s) AS stand(person, nobody)
                    WHERE recipient.partner_id = stand.person AND recipient.id = ANY(%s)""",
                people.ids,
                nobodies.ids,
                recipients.ids,
            )
        )
