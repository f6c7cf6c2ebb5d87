"""Results of surveys and reports are mailed when they are sent, and no job counts who answered a running survey."""

from odoo import SUPERUSER_ID, api

JOBS = ("cron_survey_delivery", "cron_survey_figures", "cron_management_report")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in JOBS:
        if job := env.ref(f"sig_pqrs.{name}", raise_if_not_found=False):
            action = job.ir_actions_server_id
            job.unlink()
            action.unlink()
    cr.execute(
        """UPDATE sig_survey_delivery
              SET state = 'failed', failure = 'Quedó sin enviar al actualizar: envíelo de nuevo.'
            WHERE state = 'pending' AND mail_id IS NULL"""
    )
    # the last figure of the job would stand in the list until the wave is closed
    cr.execute("UPDATE sig_survey_wave SET response_rate = 0, has_response_rate = false WHERE state = 'running'")
    cr.execute("UPDATE sig_management_review SET date_mailed = write_date WHERE mail_state = 'sent'")
