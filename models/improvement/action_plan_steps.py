from odoo import models, tools
from odoo.exceptions import UserError


class ActionPlanSteps(models.Model):
    """The life of a plan: started, carried out, verified; taken up again when it did not work."""

    _inherit = "sig.action.plan"
    _own_activities = ("sig_pqrs.activity_plan", "sig_pqrs.activity_verify", "sig_pqrs.activity_deadline")

    def action_start(self):
        """The plan is complete: its activities begin."""
        proven = self._check_transition("start")
        for plan in proven:
            plan._check_complete()
            plan._check_verification_date()
        for company, plans in proven.grouped("company_id").items():
            plans.write({"state": "in_progress", "date_started": company._sig_today()})
        proven.line_ids._ask_responsible()
        return True

    def _check_complete(self):
        """Refuse a plan without causes, activities, criterion, date or somebody who can verify it."""
        missing = []
        if not self.external_reference:
            if self.kind == "corrective" and not (self.cause_analysis or "").strip():
                missing.append(self.env._("the root cause"))
            if not self.line_ids.filtered(lambda line: line.state != "cancelled"):
                missing.append(self.env._("an activity"))
        if not (self.verification_criterion or "").strip():
            missing.append(self.env._("the criterion of effectiveness"))
        if not self.verification_date:
            missing.append(self.env._("the date from which it is verified"))
        if missing:
            raise UserError(
                self.env._("%(plan)s still lacks: %(what)s.", plan=self.display_name, what=", ".join(missing))
            )
        if not self._get_verifiers()[self]:
            raise UserError(self._get_no_verifier_text(self))

    def _check_verification_date(self):
        """Refuse to verify before today, or before the last activity is due."""
        for plan in self.filtered("verification_date"):
            lines = plan.line_ids.filtered(lambda line: line.state != "cancelled")
            first = max([plan.company_id._sig_today(), *lines.mapped("date_due")])
            if plan.verification_date < first:
                raise UserError(
                    self.env._(
                        "%(plan)s: its effectiveness is verified from %(date)s on at the earliest, once its activities "
                        "are done.",
                        plan=plan.display_name,
                        date=tools.format_date(self.env, first),
                    )
                )

    def action_restate(self, reason, criterion=False, verification_date=False):
        """The SIG says otherwise how or when a running plan is verified; the thread keeps what was said before.

        :param str criterion: of effectiveness; as it was without it.
        :param verification_date: from which it is verified; as it was without it.
        """
        proven = self._check_transition("restate")
        reason = self._require_text(reason)
        for plan in proven:
            vals = {
                "verification_criterion": criterion and self._require_text(criterion),
                "verification_date": plan.company_id._sig_date(verification_date),
            }
            vals = {name: value for name, value in vals.items() if value and value != plan[name]}
            if not vals:
                raise UserError(self.env._("%s: write another criterion or another date.", plan.display_name))
            plan.write(vals)
            plan._check_verification_date()
            plan._message_log(body=self.env._("How it is verified was changed: %s", reason))
        return True

    def action_finish(self):
        """All its activities are done: from its date on, its effectiveness is verified."""
        proven = self._check_transition("finish")
        for plan in proven:
            plan._check_complete()
            if plan.open_line_count:
                raise UserError(
                    self.env._(
                        "%(plan)s: activities that are not done: %(count)s.",
                        plan=plan.display_name,
                        count=plan.open_line_count,
                    )
                )
        plans = proven
        plans.write({"state": "to_verify"})
        plans._ask_verifier()
        return True

    def _ask_verifier(self):
        """Whoever verifies it now is told from when on; who did before, no longer."""
        for plan, verifier in self._get_verifiers().items():
            if not verifier:
                raise UserError(self._get_no_verifier_text(plan))
        self.activity_unlink(["sig_pqrs.activity_verify"])
        self.env["sig.people"]._schedule_activities(
            self,
            self._get_verifiers(),
            "sig_pqrs.activity_verify",
            deadlines={plan: plan.verification_date for plan in self},
        )

    def _get_no_verifier_text(self, plan):
        return self.env._(
            "%s: who would verify it is responsible for part of it. Name somebody else to verify it.",
            plan.display_name,
        )

    def action_verify(self, effective, note, verification_date=False):
        """Say whether it worked: close the plan, or take it up again.

        :param bool effective: by the criterion that was declared.
        :param str note: what was seen.
        :param verification_date: of the next time, when it did not work.
        """
        proven = self._check_transition("verify")
        note = self._require_text(note, self.env._("Write what was verified, and how."))
        if not isinstance(effective, bool):
            raise UserError(self.env._("Say whether the plan was effective."))
        for plan in proven:
            today = plan.company_id._sig_today()
            if today < plan.verification_date:
                raise UserError(
                    self.env._(
                        "%(plan)s is verified from %(date)s on.",
                        plan=plan.display_name,
                        date=tools.format_date(self.env, plan.verification_date),
                    )
                )
            plan.write(
                {
                    "effective": "yes" if effective else "no",
                    "verification_note": note,
                    "verified_by_id": self.env.uid,
                    "date_verified": today,
                    **({"state": "closed", "date_closed": today} if effective else {}),
                }
            )
        self._close_activities()
        if not effective:
            for plan in proven:
                plan._take_up(note, plan.company_id._sig_date(verification_date))
        return True

    def action_reopen(self, reason):
        """What had worked does not any more."""
        proven = self._check_transition("reopen")
        reason = self._require_text(reason)
        plans = proven
        plans._message_log_batch(
            {
                plan.id: self.env._(
                    "It had been verified on %(date)s by %(user)s: %(note)s",
                    date=tools.format_date(self.env, plan.date_verified),
                    user=plan.verified_by_id.name,
                    note=plan.verification_note,
                )
                for plan in plans
            }
        )
        plans.write({"effective": False, "verification_note": False, "verified_by_id": False, "date_verified": False})
        plans._take_up(reason)
        return True

    def _take_up(self, reason, verification_date=False):
        """Back to work: causes are analysed again and activities added; it is verified on another date."""
        for plan in self:
            plan.write(
                {
                    "state": "in_progress",
                    "date_closed": False,
                    "verification_date": verification_date,
                    "reopened_count": plan.reopened_count + 1,
                }
            )
            plan._check_verification_date()
            plan._message_log(body=self.env._("Taken up again: %s", reason))
        self.env["sig.people"]._schedule_activities(
            self,
            {plan: plan.user_id for plan in self},
            "sig_pqrs.activity_plan",
            deadlines={plan: plan.company_id._sig_today() for plan in self},
            summary={
                plan: plan.with_context(lang=plan.user_id.lang).env._(
                    "The plan was not effective: analyse its causes again"
                )
                for plan in self
            },
        )

    def action_cancel(self, reason):
        """Give the plan up: its findings wait for a decision again."""
        proven = self._check_transition("cancel")
        reason = self._require_text(reason)
        plans = proven
        plans.write({"state": "cancelled"})
        plans.line_ids.filtered(lambda line: line.state == "open")._drop(reason)
        plans._message_log_batch(dict.fromkeys(plans.ids, self.env._("Cancelled: %s", reason)))
        self._close_activities()
        plans.finding_ids._reopen()
        return True
