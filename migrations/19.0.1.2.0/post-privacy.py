"""Files that were handed over before they knew their cases go now: no erasing would find them. Names of files that acts
bind already are bound too.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    cr.execute(
        """UPDATE sig_pqrs SET kept_pending = TRUE
            WHERE anonymized_on IS NULL
              AND id IN (SELECT pqrs_id FROM sig_pqrs_act WHERE kind = 'kept' AND data ? 'files')"""
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["sig.person.export"].search([("attachment_id", "!=", False), ("case_ids", "=", False)]).attachment_id.unlink()
    env.ref("sig_pqrs.cron_kept")._trigger()
