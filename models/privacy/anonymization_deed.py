from operator import methodcaller

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import clock
from ..failure import MAX_LENGTH, describe_failure

#: cases erased while the SIG waits, and together by the job
AT_ONCE = 20
BATCH = 50


class AnonymizationDeed(models.Model):
    """What is done with a list once somebody gives the order: in batches, each case looked at again, or apart when one
    of them fails.
    """

    _inherit = "sig.anonymization"

    # -- The order --------------------------------------------------------------------------------------------------

    def action_confirm(self):
        """Erase the personal data of the cases of the list: at once when they are few, or else by a job."""
        self.ensure_one()
        self._check_may_erase()
        self._check_state("draft")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Write the rule or decision by which they are erased."))
        self._check_has_something()
        if kinds := self.unconfirmed_type_ids:
            raise UserError(
                self.env._(
                    "The company has not confirmed how long these are kept: %s. An administrator confirms it in "
                    "Configuration, Types and terms.",
                    ", ".join(kinds.mapped("name")),
                )
            )
        if self.surveys_unconfirmed:
            raise UserError(
                self.env._(
                    "The company has not confirmed how long surveys are kept: an administrator does, in Settings."
                )
            )
        run = self.sudo()
        run.write({"state": "running", "user_id": self.env.uid, "date_confirmed": clock.now()})
        run.activity_unlink(["mail.mail_activity_data_todo"])
        if self.pending_count <= AT_ONCE:
            run._proceed(AT_ONCE)
        else:
            self.env.ref("sig_pqrs.cron_anonymization").sudo()._trigger()
        return True

    def _check_has_something(self):
        """
        :raises UserError: for a list of which nothing comes. Hook.
        """
        if not self.pending_count and not self.wave_ids:
            raise UserError(self.env._("There is nothing to erase."))

    def action_cancel(self):
        """Give a list up; of a run that has begun, or of which something failed, what was not erased stays."""
        self._check_may_change()
        self.filtered(lambda run: not run._has_failed())._check_state("draft", "running")
        self.sudo().write({"state": "cancelled"})
        return True

    def action_retry(self):
        """Take up again what failed."""
        self.ensure_one()
        self._check_may_erase()
        self._check_may_change()
        self._check_state("done")
        if not self._has_failed():
            raise UserError(self.env._("Nothing failed."))
        failed = self.sudo().line_ids.filtered(lambda line: line.state == "failed")
        failed.write({"state": "pending", "detail": False})
        self.sudo().state = "running"
        self.env.ref("sig_pqrs.cron_anonymization").sudo()._trigger()
        return True

    # -- The deed ---------------------------------------------------------------------------------------------------

    def _has_failed(self):
        """Whether the run is over and something of it could not be erased."""
        self.ensure_one()
        return self.state == "done" and bool(self.failed_count or self.wave_failure)

    def _proceed(self, batch):
        """Erase the personal data of some cases of the run.

        :return: how many lines were dealt with.
        """
        self.ensure_one()
        # Whoever gives the run up meanwhile starts again, and counts what this leaves.
        self.env.cr.execute(SQL("UPDATE sig_anonymization SET state = state WHERE id = %s", self.id))
        Line = self.env["sig.anonymization.line"].sudo()
        lines = Line.search([("run_id", "=", self.id), ("state", "=", "pending")], limit=batch, order="id")
        self.env["sig.pqrs"]._in_isolation(lines - lines._keep_refused(), self._erase, self._keep_failed)
        if not Line.search_count([("run_id", "=", self.id), ("state", "=", "pending")], limit=1):
            self._erase_waves()
            self._finish()
        return len(lines)

    def _finish(self):
        """All that could be erased was. Hook."""
        self.state = "done"

    def _say_unconfirmed(self):
        """What changed since the order was given."""
        mine = self.with_context(lang=self.company_id._sig_lang())
        return mine.env._("The company changed how long it is kept, and has not confirmed it again.")

    def _erase_waves(self):
        """Erase who answered the surveys of the run that may still be erased."""
        if self.surveys_unconfirmed:
            self.wave_failure = self._say_unconfirmed()
            return
        today = self.company_id._sig_today()
        waves = self.wave_ids & self.env["sig.survey.wave"]._find_expired(self.company_id, today)
        failures = []

        def keep_failed(wave, error):
            failures.append(f"{wave.name}: {describe_failure(error)}")

        self.env["sig.pqrs"]._in_isolation(waves, methodcaller("_anonymize"), keep_failed)
        self.wave_failure = "; ".join(failures)[:MAX_LENGTH] or False

    def _keep_failed(self, line, error):
        line.write({"state": "failed", "detail": describe_failure(error)})

    def _erase(self, lines):
        """Erase the cases of lines, in the name of who ordered it."""
        for kind, theirs in lines.grouped("type_id").items():
            cases = theirs.pqrs_id.with_user(self.user_id).with_company(self.company_id)
            data = {"run": self.id, **kind._get_retention_facts(), **self._get_act_data()}
            cases._anonymize(self._get_act_note(), data)
            theirs.write({"state": "done", "detail": False})

    def _get_act_note(self):
        """What the acts of the erasing say, without personal data. Hook."""
        return self.reason.strip()

    def _get_act_data(self):
        """What the acts of the erasing tell besides. Hook."""
        return {}

    # -- Job --------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_proceed(self, batch=BATCH):
        """Go on with the runs that were ordered."""
        running = self.sudo().search([("state", "=", "running")], order="id", limit=1).try_lock_for_update()
        done = running._proceed(batch) if running else 0
        Line = self.env["sig.anonymization.line"].sudo()
        remaining = Line.search_count([("run_id.state", "=", "running"), ("state", "=", "pending")])
        self.env["ir.cron"]._commit_progress(done, remaining=remaining)
