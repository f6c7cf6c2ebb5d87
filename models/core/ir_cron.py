import logging
import random
import time

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: how often a job starts again, and the seconds after which it does, at most, the first time
TRIES = 5
PAUSE = 0.5


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        """A job of ours that meets another transaction starts again, as requests do: core lets it fail until its next
        hour. What it committed is done, and each takes up what is not.
        """
        ours = (self.sudo().ir_actions_server_id.model_id.model or "").startswith("sig.")
        for attempt in range(TRIES):
            try:
                return super()._callback(cron_name, server_action_id)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not ours or attempt + 1 == TRIES:
                    raise
                _logger.info("%s meets another transaction, and starts again", cron_name)
                time.sleep(random.uniform(0, PAUSE * 2**attempt))
        raise AssertionError

    @api.model
    def _sig_resume(self):
        """Bring back the jobs that ran by a clock that was ahead: they would stand still until that moment comes.

        What is being run by another worker is left to the next time.
        """
        self.env.execute_query(
            SQL(
                """UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC', lastcall = now() AT TIME ZONE 'UTC'
                    WHERE id IN (
                        SELECT id FROM ir_cron WHERE lastcall > now() AT TIME ZONE 'UTC' + interval '1 minute'
                           FOR NO KEY UPDATE SKIP LOCKED
                    ) RETURNING id"""
            )
        )
        self.invalidate_model(["nextcall", "lastcall"])
