"""Acts of steps bind files and messages: no job does. What none of its acts binds yet is bound now."""

from odoo import SUPERUSER_ID, api

BATCH = 1000


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if job := env.ref("sig_pqrs.cron_kept", raise_if_not_found=False):
        action = job.ir_actions_server_id
        job.unlink()
        action.unlink()
    ids = env["sig.pqrs"].search([("anonymized_on", "=", False)], order="id").ids
    for start in range(0, len(ids), BATCH):
        env["sig.case.binding"]._record_missing(env["sig.pqrs"].browse(ids[start : start + BATCH]), "kept")
        env.flush_all()
        env.invalidate_all()
