import hashlib

from odoo import api, fields, models

from .. import clock

#: days for which a submission is kept; a case that was filed is found again by its uuid for ever
KEPT_DAYS = 2


class PqrsSubmission(models.Model):
    """A petition on its way in: of two equal ones, sent twice or at once, the second waits for the first.

    It holds a digest that only whoever has the token of the form can make again: it tells neither who sent it nor, of
    an anonymous case, which case it became.
    """

    _name = "sig.pqrs.submission"
    _description = "Submission"
    _inherit = ["sig.record.mixin"]
    _log_access = False

    digest = fields.Char(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, index=True)

    _digest_unique = models.UniqueIndex("(digest)")

    @api.model
    def _claim(self, secret):
        """Take a submission up, in the transaction of its case.

        When another transaction holds it, this one waits for its end, and then fails to serialize: the server tries
        again and finds the case.

        :param str secret: what only this submission has.
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
