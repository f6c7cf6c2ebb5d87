"""Surveys of a run are lines, as its cases are. A run of which something failed goes on until it is given up; what a
run that was given up left is kept. Where a request is stands in the reason.
"""

from odoo.tools import sql


def migrate(cr, version):
    if sql.table_exists(cr, "sig_anonymization_wave_rel"):
        cr.execute(
            """INSERT INTO sig_anonymization_line (run_id, company_id, wave_id, state, detail, create_uid, create_date)
               SELECT run.id, run.company_id, wave.id,
                      CASE WHEN wave.anonymized_on IS NOT NULL THEN 'done'
                           WHEN run.state = 'done' THEN 'failed' ELSE 'pending' END,
                      CASE WHEN wave.anonymized_on IS NULL AND run.state = 'done' THEN run.wave_failure END,
                      run.create_uid, run.create_date
                 FROM sig_anonymization_wave_rel rel
                 JOIN sig_anonymization run ON run.id = rel.sig_anonymization_id
                 JOIN sig_survey_wave wave ON wave.id = rel.sig_survey_wave_id
                ORDER BY run.id, wave.id"""
        )
    if sql.column_exists(cr, "sig_anonymization", "reference"):
        cr.execute(
            r"""UPDATE sig_anonymization SET reason = concat_ws(E'\n', NULLIF(reason, ''), reference)
                 WHERE reference IS NOT NULL"""
        )
    cr.execute(
        """UPDATE sig_anonymization SET state = 'running'
            WHERE state = 'done' AND id IN (SELECT run_id FROM sig_anonymization_line WHERE state = 'failed')"""
    )
    cr.execute(
        """UPDATE sig_anonymization_line line SET state = 'skipped', detail =
                  CASE WHEN partner.lang LIKE 'es%%' THEN 'Se desistió de la supresión.'
                       ELSE 'The erasing was given up.' END
             FROM sig_anonymization run
             JOIN res_company company ON company.id = run.company_id
             JOIN res_partner partner ON partner.id = company.partner_id
            WHERE line.run_id = run.id AND run.state = 'cancelled' AND line.state = 'pending'"""
    )
