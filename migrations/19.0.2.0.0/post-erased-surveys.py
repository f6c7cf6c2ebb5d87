"""Of surveys that were erased before, the printed results go too, and who answered is known to be erased."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    waves = env["sig.survey.wave"].search([("anonymized_on", "!=", False)])
    waves._find_result_documents().unlink()
    for wave in waves:
        wave.recipient_ids.anonymized_on = wave.anonymized_on
