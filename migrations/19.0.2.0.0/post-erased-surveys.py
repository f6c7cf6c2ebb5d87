"""Surveys that were erased before leave no more than now: no printed results, notes, files, cases of comments or names
of respondents who were replaced; who answered is known to be erased.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    cr.execute(
        """UPDATE sig_survey_recipient recipient
              SET anonymized_on = sheet.write_date
             FROM sig_survey_wave wave, survey_user_input sheet
            WHERE wave.id = recipient.wave_id AND sheet.sig_recipient_id = recipient.id
              AND recipient.anonymized_on IS NULL
              AND num_nonnulls(wave.anonymized_on, sheet.partner_id, sheet.email, sheet.nickname) = 0"""
    )
    cr.execute(
        """UPDATE sig_survey_recipient recipient SET anonymized_on = wave.anonymized_on
             FROM sig_survey_wave wave
            WHERE wave.id = recipient.wave_id AND wave.anonymized_on IS NOT NULL AND recipient.anonymized_on IS NULL"""
    )
    cr.execute(
        """UPDATE survey_user_input_line line SET sig_case_id = NULL
             FROM survey_user_input sheet JOIN sig_survey_recipient recipient ON recipient.id = sheet.sig_recipient_id
            WHERE line.user_input_id = sheet.id AND line.sig_case_id IS NOT NULL
              AND recipient.anonymized_on IS NOT NULL"""
    )
    cr.execute(
        """DELETE FROM mail_tracking_value value USING ir_model_fields field
            WHERE field.id = value.field_id AND field.model = 'sig.survey.recipient' AND field.name = 'contact_id'"""
    )
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    waves = env["sig.survey.wave"].search([("recipient_ids.anonymized_on", "!=", False)])
    waves._find_result_documents().unlink()
    env["sig.anonymizer"]._delete_notes(waves.filtered("anonymized_on"))
