from operator import methodcaller

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..own_fields import get_own_names

#: cases of one run; the rest are of the next one
MAX_CASES = 5000


class Anonymization(models.Model):
    """An erasing of the personal data that need not be kept any more: first a list that changes nothing, then the deed.

    The SIG makes the list, or a monthly job proposes it. Nothing is erased before the SIG says so, with a reason, and
    the company has confirmed the retention of each type (see `sig.pqrs.type`). Every case is looked at again then.
    """

    _name = "sig.anonymization"
    _description = "Erasing of Personal Data"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "date"
    _check_company_auto = True

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
        required=True,
        default="draft",
        readonly=True,
        index=True,
        tracking=True,
    )
    reason = fields.Text(help="By which rule or decision they are erased. It is kept in the act of each case.")
    user_id = fields.Many2one("res.users", "Ordered by", readonly=True)
    date_confirmed = fields.Datetime("Ordered on", readonly=True)
    line_ids = fields.One2many("sig.anonymization.line", "run_id", "Cases", readonly=True)
    pending_count = fields.Integer("To be erased", compute="_compute_counts")
    held_count = fields.Integer("Under legal hold", compute="_compute_counts")
    done_count = fields.Integer("Erased", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    wave_ids = fields.Many2many(
        "sig.survey.wave",
        "sig_anonymization_wave_rel",
        string="Surveys",
        readonly=True,
        copy=False,
        check_company=True,
    )
    wave_failure = fields.Char("Surveys that failed", readonly=True)
    surveys_unconfirmed = fields.Boolean(compute="_compute_surveys_unconfirmed")
    may_change = fields.Boolean(compute="_compute_may_change")
    message_total = fields.Integer("Messages and notes", readonly=True)
    file_total = fields.Integer("Files", readonly=True)
    mail_total = fields.Integer("Original mails", readonly=True)
    identity_total = fields.Integer("Reserved identities", readonly=True)
    unconfirmed_type_ids = fields.Many2many(
        "sig.pqrs.type", compute="_compute_unconfirmed_type_ids", string="Types whose retention is to be confirmed"
    )

    _running_index = models.Index("(id) WHERE state = 'running'")

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            day = tools.format_date(self.env, run.date, date_format="dd/MM/yyyy")
            run.display_name = self.env._("Erasing of personal data as of %s", day)

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["sig.anonymization.line"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        )
        counts = {(run.id, state): count for run, state, count in groups}
        for run in self:
            for name in ("pending", "held", "done", "failed"):
                run[f"{name}_count"] = counts.get((run.id, name), 0)

    @api.depends("line_ids.state")
    def _compute_unconfirmed_type_ids(self):
        groups = self.env["sig.anonymization.line"]._read_group(
            [("run_id", "in", self.ids), ("state", "=", "pending"), ("type_id.retention_confirmed", "=", False)],
            ["run_id"],
            ["type_id:recordset"],
        )
        kinds = {run.id: found for run, found in groups}
        for run in self:
            run.unconfirmed_type_ids = kinds.get(run.id, False)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_may_change(self):
        for run in self:
            try:
                run._check_may_change()
                run.may_change = True
            except AccessError:
                run.may_change = False

    @api.depends("wave_ids", "company_id.sig_survey_retention_confirmed")
    def _compute_surveys_unconfirmed(self):
        for run in self:
            run.surveys_unconfirmed = run.wave_ids and not run.company_id.sudo().sig_survey_retention_confirmed

    # -- Guards -----------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Simulate it: the list makes itself from the retention policy."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and (ours := get_own_names(self, vals)):
            if ours - self._get_writable_fields():
                raise UserError(self.env._("An erasing of personal data moves by its buttons alone."))
            self._check_may_change()
            self._check_state("draft")
        return super().write(vals)

    def _get_writable_fields(self):
        """What people write on a list. Hook."""
        return {"reason"}

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("It stays known which personal data were erased, by whom and why."))

    def _check_is_sig(self):
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG erases personal data."))
        self.check_access("read")

    def _check_may_erase(self):
        """Who gives the order. Hook."""
        self._check_is_sig()

    def _check_may_change(self):
        """Who changes a list, and stops or takes up again what was ordered: its orderer, or an administrator. Hook."""
        self._check_is_sig()
        if self.env.user.has_group("sig_pqrs.group_administrator"):
            return
        for run in self:
            if run.user_id and run.user_id != self.env.user:
                raise AccessError(
                    self.env._("%s ordered it: only they or an administrator may stop it or go on.", run.user_id.name)
                )

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for run in self:
            if run.state not in states:
                raise UserError(self.env._("This step is not possible now (it is “%s”).", labels[run.state]))

    # -- The list ---------------------------------------------------------------------------------------------------

    def action_simulate(self):
        """List what would be erased today in the current company, and change nothing.

        :return: the action that shows the list.
        """
        self._check_is_sig()
        company = self.env.company.sudo()
        run = self._simulate(company, *self._find_expired(company))
        return run._get_records_action(context={})

    def action_refresh(self):
        """Make the list again, as of today; what was left out stays so."""
        self._check_may_change()
        self._check_state("draft")
        for run in self.sudo():
            run._fill(*run._find_again())
        return True

    def _find_again(self):
        """What a list that is made again holds. Hook."""
        return self._find_expired(self.company_id)

    @api.model
    def _find_expired(self, company):
        """What need not be kept any more in a company today: ``{case: last day of the retention}``, and surveys."""
        today = company._sig_today()
        cases = self.env["sig.pqrs"]._find_expired(company, today, MAX_CASES)
        return cases, self.env["sig.survey.wave"]._find_expired(company, today)

    @api.model
    def _simulate(self, company, expired, waves):
        """The list of a company of what `_find_expired` gave; the one that waits already is made again."""
        domain = [("company_id", "=", company.id), ("state", "=", "draft"), ("kind", "=", "retention")]
        waiting = self.sudo().search(domain, limit=1)
        run = waiting or self.sudo().create({"company_id": company.id, "date": company._sig_today()})
        run._fill(expired, waves)
        return run.with_env(self.env)

    def _fill(self, expired, waves):
        """List the cases, and count what they hold; those that were left out before stay so."""
        self.ensure_one()
        excluded = self.line_ids.filtered(lambda line: line.state == "excluded")
        left_out = {line.pqrs_id: line._get_left_out_values() for line in excluded}
        self.line_ids.unlink()
        Line = self.env["sig.anonymization.line"].sudo()
        vals_list = []
        for case, until in expired.items():
            values = left_out.get(case) or dict(zip(("state", "detail"), self._judge(case, until), strict=True))
            vals_list.append({"run_id": self.id, "pqrs_id": case.id, "retention_until": until, **values})
        cases = Line.create(vals_list).filtered(lambda line: line.state == "pending").pqrs_id
        today = self.company_id._sig_today()
        self.write({"date": today, "wave_ids": [Command.set(waves.ids)], **self._count(cases)})

    def _get_kept_until(self, cases):
        """``{case: last day on which its personal data must be kept}``, empty for none. Hook."""
        return {case: case.retention_until for case in cases}

    def _judge(self, case, until):
        """``(state, why)`` of a case in the run: whether its personal data may be erased today. Hook.

        :param until: of `_get_kept_until`.
        """
        if case.legal_hold:
            return "held", case.legal_hold_reason
        refusal = case._get_anonymization_refusal()
        if not refusal and not (until and until < case.company_id._sig_today()):
            refusal = self.env._("It must be kept longer now.")
        return ("skipped", refusal) if refusal else ("pending", False)

    @api.model
    def _count(self, cases):
        holders = cases._get_personal_records()
        of_holders = self.env["sig.erasure"]._get_holder_domain
        return {
            "message_total": self.env["mail.message"].sudo().search_count(of_holders(holders, "model")),
            "file_total": self.env["ir.attachment"].sudo().search_count(of_holders(holders, "res_model")),
            "mail_total": len(holders["sig.pqrs.mail"]),
            "identity_total": len(holders["sig.pqrs.identity"]),
        }

    # -- Jobs -------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_propose(self):
        """Once a month, make the list of each company and tell its SIG; nothing is erased."""
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all  # companies are few
        self.env["sig.pqrs"]._in_isolation(companies, self._propose)

    @api.model
    def _propose(self, companies):
        for company in companies:
            expired, waves = self._find_expired(company)
            if expired or waves:
                self.sudo()._simulate(company, expired, waves)._tell()

    def _tell(self):
        """Tell the SIG once that the list waits."""
        if not self.activity_ids and (self.pending_count or self.wave_ids):
            self.env["sig.people"]._tell_directors(self, "mail.mail_activity_data_todo", methodcaller("_get_summary"))

    def _get_summary(self):
        """How much the list holds."""
        if not self.wave_ids:
            return self.env._("Personal data of %s cases need not be kept any more", self.pending_count)
        return self.env._(
            "Personal data of %(cases)s cases and %(waves)s surveys need not be kept any more",
            cases=self.pending_count,
            waves=len(self.wave_ids),
        )
