"""Surveys of a run are lines, as its cases are. A run of which something failed goes on until it is given up."""


def migrate(cr, version):
    cr.execute("SELECT to_regclass('sig_anonymization_wave_rel')")
    if cr.fetchone()[0]:
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
    cr.execute(
        """UPDATE sig_anonymization SET state = 'running'
            WHERE state = 'done' AND id IN (SELECT run_id FROM sig_anonymization_line WHERE state = 'failed')"""
    )
