from collections import Counter
from operator import methodcaller

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .. import clock
from ..failure import describe_failure
from ..mixin.transitions import ENDED, SIG, Transition

#: cases of one run; the rest are of the next one
MAX_CASES = 5000

#: fields of a line that say what is erased, in order, as ids: a case, a wave or its recipient, or mails
TARGET = ("pqrs_id", "wave_id", "recipient_id", "mail_ids")

#: lines executed in the request of the button, and in one batch of the job
AT_ONCE = 20
BATCH = 50


class AnonymizationRun(models.Model):
    """An anonymization run: simulated first, executed after approval; each line is judged again when it is executed.

    A run by retention lists what the company need not keep any more; the SIG or a monthly job simulates it. A run by
    request lists what one person asks to erase (Ley 1581 de 2012, art. 8 e), unless a legal or contractual duty asks to
    keep it (Decreto 1377 de 2013, art. 9); an administrator approves it.
    """

    _name = "sig.anonymization"
    _description = "Erasing of Personal Data"
    _inherit = ["sig.transition.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "id desc"
    _rec_name = "date"
    _sig_is_proof = True
    _editable_fields = frozenset({"reason"})
    _transitions = {
        "edit": Transition({"draft": (SIG,)}),
        "confirm": Transition({"draft": (SIG,)}),
        "retry": Transition({"running": (SIG,)}, lambda run: run.failed_count),
        "cancel": Transition({"draft": (SIG,), "running": (SIG,)}),
    }

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(
        [("retention", "Retention is over"), ("request", "The person asked for it")],
        "Why",
        required=True,
        default="retention",
        readonly=True,
    )
    date = fields.Date("As of", required=True, readonly=True)
    state = fields.Selection(
        [("draft", "Simulation"), ("running", "Running"), ("done", "Done"), ("cancelled", "Cancelled")],
        default="draft",
        index=True,
        tracking=True,
    )
    reason = fields.Text()
    user_id = fields.Many2one("res.users", "Ordered by", readonly=True)
    date_confirmed = fields.Datetime("Ordered on", readonly=True)
    line_ids = fields.One2many("sig.anonymization.line", "run_id", "Cases and surveys", readonly=True)
    pending_count = fields.Integer("To be erased", compute="_compute_counts")
    held_count = fields.Integer("Under legal hold", compute="_compute_counts")
    done_count = fields.Integer("Erased", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    unconfirmed = fields.Char("Retention to be confirmed", compute="_compute_unconfirmed")
    person = fields.Char("Of whom", readonly=True, help="Hidden in part: it is a proof, not a directory.")
    request_id = fields.Many2one(
        "sig.pqrs", "Claim", readonly=True, index="btree_not_null", ondelete="restrict", check_company=True
    )
    is_of_another = fields.Boolean("Of somebody else than who asks", readonly=True)
    answer = fields.Text("For the answer", compute="_compute_answer")

    _running_index = models.Index("(id) WHERE state = 'running'")

    @api.depends("date", "kind", "person")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            if run.kind == "request":
                run.display_name = self.env._("Erasing asked for: %s", run.person)
            else:
                run.display_name = self.env._("Erasing of personal data as of %s", run._format_day(run.date))

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["sig.anonymization.line"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        )
        counts = {(run.id, state): count for run, state, count in groups}
        for run in self:
            for name in ("pending", "held", "done", "failed"):
                run[f"{name}_count"] = counts.get((run.id, name), 0)

    @api.depends("line_ids.state", "line_ids.type_id.retention_confirmed", "company_id.sig_survey_retention_confirmed")
    @api.depends_context("lang")
    def _compute_unconfirmed(self):
        for run in self:
            lines = run.line_ids.filtered(lambda line: line.state == "pending" and not line._is_confirmed())
            names = [*lines.type_id.mapped("name"), *([self.env._("surveys")] if lines.wave_id else [])]
            run.unconfirmed = ", ".join(names)

    @api.depends("kind", "state", "line_ids.state", "line_ids.detail", "line_ids.is_of_another")
    def _compute_answer(self):
        for run in self:
            run.answer = run.kind == "request" and run.sudo()._get_answer()

    def write(self, vals):
        if not self.env.su and "reason" in vals:
            self._check_transition("edit")
        return super().write(vals)

    def _get_transition_depends(self):
        return ["kind", "user_id", "line_ids.state"]

    def _get_user_roles(self):
        """Of what a person asked for, or another user ordered, the administrator alone has any."""
        roles = super()._get_user_roles()
        if not self.env.user.has_group("sig_pqrs.group_administrator"):
            for run in self.filtered(lambda run: run.kind == "request" or run.user_id - self.env.user):
                roles[run] = set()
        return roles

    def _check_backed(self):
        lacking = self.env._("Write by which rule or decision they are erased, or who asks and where the request is.")
        self._require_text(self.reason, lacking)
        if self.request_id:
            self.env["sig.person.data"]._check_request(self.request_id)

    def action_simulate(self):
        self.check_access("write")
        company, runs = self.env.company.sudo(), self.sudo()
        return runs._simulate(company, runs._find_expired(company))._get_records_action(context={})

    def action_refresh(self):
        for run in self._check_transition("edit"):
            asked = [line._get_target() for line in run.line_ids]
            run._fill(asked if run.kind == "request" else run._find_expired(run.company_id))
        return True

    @api.model
    def _find_expired(self, company):
        """Targets of lines (see `sig.anonymization.line`) that retention does not keep today in a company."""
        today = company._sig_today()
        Pqrs, Type = self.env["sig.pqrs"], self.env["sig.pqrs.type"].with_context(active_test=False)
        expired = Pqrs.browse()
        for kind in Type.search([("retention_years", ">", 0), ("company_id", "in", (False, company.id))]):
            before = company._sig_midnight(today - relativedelta(years=kind.retention_years))
            of_kind = [("company_id", "=", company.id), ("type_id", "=", kind.id), ("date_received", "<", before)]
            cases = Pqrs.search([*of_kind, ("state", "in", ENDED), ("anonymized_on", "=", False)])
            until = cases._get_kept_until("retention")
            expired += cases.filtered(lambda case, until=until: until[case] and until[case] < today)
        waves = self.env["sig.survey.wave"]._find_expired(company, today)
        targets = [(case.id, False, False, ()) for case in expired.sorted("id")[:MAX_CASES]]
        return targets + [(False, wave.id, False, ()) for wave in waves]

    @api.model
    def _simulate(self, company, targets):
        domain = [("company_id", "=", company.id), ("state", "=", "draft"), ("kind", "=", "retention")]
        run = self.search(domain, limit=1) or self.create({"company_id": company.id, "date": company._sig_today()})
        run._fill(targets)
        return run

    @api.model
    def _simulate_request(self, person, held, request, reason):
        """List cases and surveys of a person who asks to erase them; see `_check_asked` of `sig.person.data`."""
        if not self.env.user.has_group("sig_pqrs.group_administrator"):
            raise AccessError(self.env._("Only an administrator of the SIG erases data because the person asks."))
        Data = self.env["sig.person.data"]
        company, reason = self.env.company, (reason or "").strip()
        of_another = Data._check_asked(company, person, held, request, reason)
        if not any(held):
            raise UserError(self.env._("Nothing is held on this person in %s.", company.name))
        asked = {"person": Data._mask(person), "request_id": request.id, "is_of_another": of_another, "reason": reason}
        run = self.sudo().create({"company_id": company.id, "date": company._sig_today(), "kind": "request", **asked})
        targets = [(case.id, False, False, ()) for case in held.cases]
        targets += [(False, recipient.wave_id.id, recipient.id, ()) for recipient in held.recipients.sorted("id")]
        if held.mails:
            targets.append((False, False, False, tuple(sorted(held.mails.ids))))
        run._fill(targets)
        return run.with_env(self.env)

    def _fill(self, targets):
        self.ensure_one()
        excluded = self.line_ids.filtered(lambda line: line.state == "excluded" and line._get_target() in targets)
        (self.line_ids - excluded).unlink()
        known = {line._get_target() for line in excluded}
        lines = self.env["sig.anonymization.line"].create(
            [{"run_id": self.id, **dict(zip(TARGET, each, strict=True))} for each in targets if each not in known]
        )
        lines._keep_what_may_not_be_erased()
        self.date = self.company_id._sig_today()

    def action_confirm(self):
        self.ensure_one()
        run = self._check_transition("confirm")
        self._check_backed()
        if set(self.env.context.get("lines_seen", run.line_ids.ids)) != set(run.line_ids.ids):
            raise UserError(self.env._("The list changed since you opened it: read it again before you erase."))
        # That nothing can be erased is an answer to the person too, and is recorded.
        if not self.pending_count and self.kind == "retention":
            raise UserError(self.env._("There is nothing to erase."))
        if self.unconfirmed:
            text = self.env._(
                "The company has not confirmed how long these are kept: %s. An administrator confirms it in "
                "Configuration, Types and terms, and that of surveys in Settings.",
                self.unconfirmed,
            )
            raise UserError(text)
        run.write({"user_id": self.env.uid, "date_confirmed": clock.now()})
        run.activity_unlink(["mail.mail_activity_data_todo"])
        run._start()
        return True

    def action_retry(self):
        self.ensure_one()
        run = self._check_transition("retry")
        self._check_backed()
        run.line_ids.filtered(lambda line: line.state == "failed").write({"state": "pending", "detail": False})
        run._start()
        return True

    def action_cancel(self):
        runs = self._check_transition("cancel")
        for run in runs.filtered(lambda run: run.state == "running"):
            run._record_attended(self.env.user)
        runs.write({"state": "cancelled"})
        for run in runs:
            given_up = run._sig_in_language_of(run.company_id).env._("The erasing was given up.")
            pending = run.line_ids.filtered(lambda line: line.state == "pending")
            pending.write({"state": "skipped", "detail": given_up})
            run._clear_recipients()
        return True

    def _start(self):
        self.state = "running"
        if self.pending_count <= AT_ONCE:
            self._proceed(AT_ONCE)
        else:
            self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_anonymization")

    def _proceed(self, batch):
        self.ensure_one()
        # Who cancels the run meanwhile starts again, and counts what this batch leaves.
        self._touch_rows("state")
        pending = [("run_id", "=", self.id), ("state", "=", "pending")]
        lines = self.env["sig.anonymization.line"].search(pending, limit=batch, order="id")
        self._in_isolation(
            lines - lines._keep_what_may_not_be_erased(),
            methodcaller("_anonymize"),
            lambda line, error: line.write({"state": "failed", "detail": describe_failure(error)}),
        )
        if not self.pending_count and not self.failed_count:
            self.state = "done"
            self._record_attended(self.user_id)
            self._clear_recipients()
        return len(lines)

    def _record_attended(self, user):
        """Append, in the name of a user, the one act on the claim that tells how the request ended."""
        request = self.request_id.with_user(user)
        acts = self.request_id.act_ids.filtered(lambda act: act.kind == "erasure")
        if not request or any((act.data or {}).get("run") == self.id for act in acts):
            return
        counts = Counter(self.line_ids.mapped("state"))
        data = {"run": self.id, "erased": counts["done"], "kept": counts["held"] + counts["skipped"]}
        more = {"left_out": counts["excluded"], "failed": counts["failed"], "given_up": counts["pending"]}
        data.update({name: number for name, number in more.items() if number})
        # Who acts for the person is not written again on a claim that was erased itself.
        note = self.reason.strip() if self.is_of_another and not request.anonymized_on else ""
        self.env["sig.pqrs.act"].with_user(user)._append(request, "erasure", note, data=data)

    def _clear_recipients(self):
        gone = self.line_ids.filtered(lambda line: line.state == "done" or line.run_id.request_id.anonymized_on)
        gone.write({"recipient_id": False, "mail_ids": False})

    @api.model
    def _clear_person(self, claims):
        Anonymizer = self.env["sig.anonymizer"]
        runs = self.search([("request_id", "in", claims.ids)])
        Anonymizer._delete_notes(runs)
        for run in runs:
            placeholder = Anonymizer._get_placeholder(run.company_id)
            run.write({"person": placeholder, "reason": placeholder})
        # A run that is not over still needs them: a line without recipient is the whole survey.
        over = runs.filtered(lambda run: run.state in ("done", "cancelled"))
        over.line_ids.write({"recipient_id": False, "mail_ids": False})
        concerned = Domain("pqrs_id", "in", claims.ids) | Domain("run_id", "in", runs.ids)
        self.env["sig.anonymization.line"]._clear_reasons(concerned)

    def _get_answer(self):
        env = self._sig_in_language_of(self.company_id).env
        lines = self.line_ids.filtered(lambda line: not line.is_of_another).with_env(env)
        texts = [line._get_answer() for line in lines.sorted(lambda line: (line.date_received or clock.now(), line.id))]
        if self.line_ids.filtered(lambda line: line.state in ("held", "skipped")):
            duty = env._(
                "What a law or a contract asks to keep is not erased before its time (Ley 1581 de 2012, art. 8; "
                "Decreto 1377 de 2013, art. 9)."
            )
            texts.append(duty)
            kind = self.request_id.type_id or self.env["sig.pqrs.type"]._get_fallback(self.company_id, "datos_reclamo")
            if authority := kind.with_env(env).recourse_authority:
                texts.append(env._("You may also go to the %s.", authority))
        return "\n".join(texts)

    def _cron_propose(self):
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all  # companies are few
        self._in_isolation(companies, self._propose)

    @api.model
    def _propose(self, companies):
        for company in companies:
            if targets := self._find_expired(company):
                run = self._simulate(company, targets)
                if run.pending_count and not run.activity_ids:
                    self.env["sig.staff.notice"]._notify_directors(
                        run,
                        "mail.mail_activity_data_todo",
                        lambda run: run.env._(
                            "Personal data of %s cases or surveys need not be kept any more", run.pending_count
                        ),
                    )

    def _cron_proceed(self, batch=BATCH):
        Line = self.env["sig.anonymization.line"]
        waiting = [("run_id.state", "=", "running"), ("state", "=", "pending")]
        run = Line.search(waiting, order="id", limit=1).run_id.try_lock_for_update()
        done = run._proceed(batch) if run else 0
        self.env["ir.cron"]._commit_progress(done, remaining=Line.search_count(waiting))
