import hashlib

from odoo import api, fields, models

from .. import clock

#: days: more than a browser keeps a draft, with its token; a filed case is found again by its uuid
KEPT_DAYS = 8


class PqrsSubmission(models.Model):
    """A petition being filed: an equal one, sent at the same time, waits for it. The digest tells neither the sender
    nor the case to who has not the token of the form.
    """

    _name = "sig.pqrs.submission"
    _description = "Submission"
    _inherit = ["sig.record.mixin"]
    _log_access = False

    digest = fields.Char(required=True, readonly=True, exportable=False)
    day = fields.Date(required=True, readonly=True, index=True)

    _digest_unique = models.UniqueIndex("(digest)")

    @api.model
    def _claim(self, secret):
        """Insert the digest in the transaction of the case. An equal submission waits for it and then fails to
        serialize; the server retries it and finds the case.

        :return: whether it is new.
        """
        self.env.cr.execute(
            "INSERT INTO sig_pqrs_submission (digest, day) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [hashlib.sha256(f"sig.pqrs.submission/{secret}".encode()).hexdigest(), clock.now().date()],
        )
        return bool(self.env.cr.rowcount)

    @api.autovacuum
    def _gc_submissions(self):
        self.env.cr.execute(
            "DELETE FROM sig_pqrs_submission WHERE day < %s", [fields.Date.subtract(clock.now().date(), days=KEPT_DAYS)]
        )
        return self.env.cr.rowcount, False
