import logging
import random
import time

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: attempts of a job, and seconds of the longest first pause
TRIES = 5
PAUSE = 0.5


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        """Retry a job of ours on a serialization failure, as core does with requests."""
        ours = (self.sudo().ir_actions_server_id.model_id.model or "").startswith("sig.")
        for attempt in range(TRIES):
            try:
                return super()._callback(cron_name, server_action_id)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not ours or attempt + 1 == TRIES:
                    raise
                _logger.info("%s conflicts with another transaction and starts again", cron_name)
                time.sleep(random.uniform(0, PAUSE * 2**attempt))
        raise AssertionError

    @api.model
    def _sig_trigger(self, xmlid, at=None):
        self.env.ref(xmlid).sudo()._trigger(at)

    @api.model
    def _sig_trigger_mails(self):
        self._sig_trigger("mail.ir_cron_mail_scheduler_action")
