import logging
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .. import clock

_logger = logging.getLogger(__name__)

#: cases verified together
BATCH = 1000

#: least time between nightly runs
NIGHT = timedelta(hours=12)


class ActCheck(models.Model):
    """SIG and management are notified when the faults differ from those of the run before."""

    _name = "sig.act.check"
    _description = "Verification of Acts"
    _inherit = ["sig.record.mixin"]
    _order = "id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Datetime("Started on", required=True, readonly=True)
    date_done = fields.Datetime("Finished on", readonly=True)
    case_count = fields.Integer("Cases", aggregator=None, readonly=True)
    act_count = fields.Integer("Acts", aggregator=None, readonly=True)
    last_case = fields.Integer(aggregator=None, readonly=True, exportable=False)
    faults = fields.Json(groups=fields.NO_ACCESS, help="Numbers of acts and codes, by filing number.")
    fault_count = fields.Integer("Do not hold", aggregator=None, readonly=True)
    faults_told = fields.Text("What does not hold", compute="_compute_faults_told")

    @api.depends("faults")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_faults_told(self):
        for check in self:
            check.faults_told = check._list_faults(check.sudo().faults or {})

    def _list_faults(self, faults):
        """:return: a line for each filing number; those of cases that the user may not read are counted."""
        cases = self.env["sig.pqrs"]
        domain = [("company_id", "=", self.company_id.id), ("name", "in", list(faults))]
        hidden = set(cases.sudo().search(domain).mapped("name")) - set(cases.search(domain).mapped("name"))
        again = self.env._("the acts hold again")
        lines = [f"{name}: {self._describe_faults(faults[name]) or again}" for name in faults if name not in hidden]
        counts = Counter("" if faults[name] else f": {again}" for name in hidden)
        lines += [self.env._("Restricted: %s", number) + end for end, number in sorted(counts.items())]
        return "\n".join(lines)

    def _cron_check(self):
        """Continue the open runs while time remains; without any, start one in each company that had none tonight."""
        opened = self.search([("date_done", "=", False)], order="id")
        if not opened:
            groups = self.env["sig.pqrs"]._read_group([], ["company_id"])
            checked = self.search([("date", ">", clock.now() - NIGHT)]).company_id
            opened = self._start(checked.union(*(company for (company,) in groups)) - checked)
        for check in opened:
            heads, altered = self.env["sig.act.head.export"]._read_heads(check.company_id)
            while not check.date_done:
                check._check_batch(heads, altered)
                remaining = len(opened.filtered(lambda check: not check.date_done))
                if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                    return
                self.env.invalidate_all()

    @api.model
    def _start(self, companies):
        now = clock.now()
        return self.create([{"company_id": company.id, "date": now} for company in companies])

    def _check_batch(self, heads, altered):
        """Verify the next cases, against what `_read_heads` gives; the last ones end the run."""
        Case = self.env["sig.pqrs"]
        of_company = [("company_id", "=", self.company_id.id)]
        cases = Case.search([*of_company, ("id", ">", self.last_case)], order="id", limit=BATCH)
        faults = {**(self.faults or {}), **self._find_faults(cases, heads)}
        vals = {
            "case_count": self.case_count + len(cases),
            "act_count": self.act_count + sum(cases.mapped("act_number")),
            "last_case": cases[-1:].id or self.last_case,
        }
        if len(cases) < BATCH:
            known = set(Case.search([*of_company, ("name", "in", list(heads))]).mapped("name"))
            faults.update((name, [(heads[name][0], "truncated")]) for name in heads if name not in known)
            faults.update((name, [(0, "heads_altered")]) for name in altered)
            vals["date_done"] = clock.now()
        self.write({**vals, "faults": faults, "fault_count": len(faults)})
        if self.date_done:
            self._notify_changes()

    @api.model
    def _find_faults(self, cases, heads=None):
        """``{filing number: [(number of the act, fault)]}``; heads as witnesses of `sig.pqrs.act._verify`."""
        Act, faults = self.env["sig.pqrs.act"], {}
        failed = cases._in_isolation(cases, lambda records: faults.update(Act._verify(records, heads)))
        faults.update((case, [(0, "unreadable")]) for case in failed)
        return {case.name: found for case, found in faults.items()}

    def action_check_now(self):
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG asks for the verification of all acts."))
        company, runs = self.env.company, self.sudo()
        if not runs.search_count([("company_id", "=", company.id), ("date_done", "=", False)], limit=1):
            runs._start(company)
        self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_act_check")
        return self._show_message(self.env._("The acts are being verified."))

    @api.model
    def _get_last(self, company):
        return self.sudo().search([("company_id", "=", company.id), ("date_done", "!=", False)], limit=1)

    @api.model
    def _get_fault_names(self):
        return {
            "altered": self.env._("its content was altered"),
            "note_altered": self.env._("its text was altered"),
            "note_missing": self.env._("its text is missing"),
            "false_seal": self.env._("it hides its content, and nothing allows that"),
            "broken_link": self.env._("it does not follow the one before"),
            "gap": self.env._("the one before it is missing"),
            "reordered": self.env._("it is out of order"),
            "truncated": self.env._("it was noted, and is missing"),
            "witness_mismatch": self.env._("it is not the one that was noted"),
            "beyond_head": self.env._("it comes after the last one noted"),
            "file_altered": self.env._("a file that it added was altered"),
            "file_renamed": self.env._("a file that it added was given another name"),
            "file_missing": self.env._("a file that it added is missing"),
            "message_altered": self.env._("a message that it added was altered"),
            "message_missing": self.env._("a message that it added is missing"),
            "unreadable": self.env._("the acts cannot be read"),
            "heads_altered": self.env._("the file of heads was altered, or is missing"),
        }

    @api.model
    def _describe_faults(self, found):
        names = self._get_fault_names()
        return "; ".join(
            self.env._("act %(number)s (%(fault)s)", number=number, fault=names.get(code, code))
            if number
            else names.get(code, code)
            for number, code in found
        )

    def _notify_changes(self):
        company = self.company_id
        domain = [("company_id", "=", company.id), ("date_done", "!=", False), ("id", "<", self.id)]
        before, faults = self.search(domain, limit=1).faults or {}, self.faults or {}
        changed = {name: faults.get(name, []) for name in {**before, **faults} if before.get(name) != faults.get(name)}
        if not changed:
            return
        altered = {name: found for name, found in changed.items() if found}
        for name, found in altered.items():
            _logger.error("The acts of PQRS %s of %s were altered: %s", name, company.name, found)
        localized = self._sig_in_language_of(company)
        cases = localized.env["sig.pqrs"].search([("company_id", "=", company.id), ("name", "in", list(altered))])
        cases._notify_director(
            lambda env: env._("The acts of the case were altered: find out how"),
            {case: localized._describe_faults(altered[case.name]) for case in cases},
            "sig_pqrs.activity_chain",
        )
        url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_act_check"
        rows = []
        for user in company._sig_get_top_management() | company._sig_get_director():
            own = self.with_user(user).with_context(lang=user.lang)
            subject = own.env._("The acts of all PQRS hold again")
            if self.fault_count:
                subject = own.env._("ALTERED: PQRS whose acts do not hold: %s", self.fault_count)
            rows.append((user, company, subject, own._list_faults(changed), url))
        self.env["sig.staff.notice"]._mail(rows)
