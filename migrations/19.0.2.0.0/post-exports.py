"""A file of a person names whose answers to surveys it holds: before, waves, of which it counts as having all."""

from odoo.tools import sql


def migrate(cr, version):
    if not sql.table_exists(cr, "sig_person_export_wave_rel"):
        return
    cr.execute(
        """INSERT INTO sig_person_export_sig_survey_recipient_rel (sig_person_export_id, sig_survey_recipient_id)
           SELECT export.id, recipient.id
             FROM sig_person_export export
             JOIN sig_person_export_wave_rel link ON link.sig_person_export_id = export.id
             JOIN sig_survey_recipient recipient ON recipient.wave_id = link.sig_survey_wave_id
            WHERE export.attachment_id IS NOT NULL"""
    )
