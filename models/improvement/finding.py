from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import clock
from ..mixin.transitions import SIG, Transition
from .action_plan import OPEN

#: kinds that one measure shows: they are taken back when it does not any more
MEASURE_KINDS = ("missed", "signal")


class Finding(models.Model):
    """Something in the data that requires a decision: a plan, or a reason why none is needed (procedure 6, last stage).

    `_raise` creates each once while it is undecided; new evidence is added to an open finding or a running plan.
    """

    _name = "sig.finding"
    _description = "Finding"
    _inherit = ["sig.transition.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "date_last desc, id desc"
    _rec_names_search = ["name", "reference"]
    _transitions = {"plan": Transition({"open": (SIG,)}), "dismiss": Transition({"open": (SIG,)})}

    name = fields.Char("What was found", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("missed", "Target missed"),
            ("signal", "Signal"),
            ("worsening", "Three periods worsening"),  # of before 19.0.2.0.0
            ("repetition", "Repetition"),
            ("low_rating", "Low rating"),
            ("no_survey", "Semester without survey"),
            ("backlog", "Overdue cases"),  # of before 19.0.2.0.0
        ],
        required=True,
        readonly=True,
        index=True,
    )
    reference = fields.Char("About", readonly=True, help="The measure, the case or the wave from which it arose.")
    key = fields.Char(required=True, readonly=True, exportable=False)
    date = fields.Date(
        "Detected on", required=True, readonly=True, help="The end of the period, or the last case, with which it was."
    )
    date_last = fields.Date("Last time", compute="_compute_date_last", store=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    process_id = fields.Many2one("sig.process", readonly=True, index="btree_not_null", check_company=True)
    state = fields.Selection(
        [("open", "To analyse"), ("planned", "With a plan"), ("dismissed", "Without a plan")],
        default="open",
        index=True,
        tracking=True,
        group_expand=True,
    )
    measure_ids = fields.Many2many("sig.indicator.measure", string="Measurements", readonly=True, check_company=True)
    case_ids = fields.Many2many(
        "sig.pqrs", string="Cases", readonly=True, context={"active_test": False}, check_company=True
    )
    plan_id = fields.Many2one(
        "sig.action.plan", "Action plan", readonly=True, index="btree_not_null", tracking=True, check_company=True
    )
    dismiss_reason = fields.Text("Why no plan is needed", readonly=True, tracking=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    date_decided = fields.Datetime("Decided on", readonly=True)

    _key_unique = models.UniqueIndex("(company_id, key) WHERE state = 'open'", "That finding waits already.")
    _key_index = models.Index("(company_id, key)")

    @api.depends("date", "case_ids", "measure_ids")
    def _compute_date_last(self):
        for finding in self:
            evidence = finding.measure_ids, finding.with_context(active_test=False).case_ids
            shown = any(evidence) and self._get_evidence_date(finding.company_id, *evidence)
            finding.date_last = max(filter(None, (finding.date, shown)), default=False)

    @api.model
    def _raise(self, company, rows):
        """Create findings, or add new evidence to open ones and to those of running plans.

        :param rows: dicts with ``kind key name`` and optional ``reference process_id minimum measures cases date``.
            Evidence that was decided on already raises nothing.
        :return: the new findings.
        """
        findings, first, vals_list = self.sudo(), {}, []
        again = [row for row in rows if first.setdefault(row["key"], row) is not row]  # as when a goal is raised
        known = findings.search([("company_id", "=", company.id), ("key", "in", list(first))]).grouped("key")
        for row in first.values():
            measures = row.get("measures", self.env["sig.indicator.measure"])
            cases = row.get("cases", self.env["sig.pqrs"])
            earlier = known.get(row["key"], findings.browse())
            new_measures = measures.sudo() - earlier.measure_ids
            new_cases = cases.sudo() - earlier.with_context(active_test=False).case_ids
            current = earlier.filtered(lambda one: one.state == "open" or one.plan_id.state in OPEN)[:1]
            is_new = not earlier or new_measures or new_cases
            is_retold = current.state == "open" and current.measure_ids >= measures and not cases  # in another text
            if current and (is_new or is_retold):
                current._add_evidence(new_measures, new_cases, row["name"])
            if current or not is_new or len(new_cases) < row.get("minimum", 0):
                continue
            vals_list.append(
                {
                    **{name: row.get(name, False) for name in ("kind", "key", "name", "reference", "process_id")},
                    "company_id": company.id,
                    "date": row.get("date") or self._get_evidence_date(company, new_measures, new_cases),
                    "measure_ids": [Command.set(new_measures.ids)],
                    "case_ids": [Command.set(new_cases.ids)],
                }
            )
        created = findings.create(vals_list)
        return created | self._raise(company, again) if again else created

    @api.model
    def _get_evidence_date(self, company, measures, cases):
        """End of the last period, or receipt of the last case; today without either."""
        days = [*measures.mapped("date_to"), *(company._sig_local_date(case.date_received) for case in cases)]
        return min(max(days), company._sig_today()) if days else company._sig_today()

    def _add_evidence(self, measures, cases, name):
        links = {"measure_ids": measures, "case_ids": cases}
        self.write({field: [Command.link(id_) for id_ in records.ids] for field, records in links.items()})
        if self.state == "planned":
            self.plan_id._message_log(body=self.env._("It happened again: %s", name))
        elif self.kind in MEASURE_KINDS:
            self._tell_measures()
        else:
            self.name = name

    def _tell_measures(self):
        """Date the finding by the first measure that shows it, and name it after the last."""
        shown = self.measure_ids._sig_in_language_of(self.company_id).sorted("date_to")
        self.date = self._get_evidence_date(self.company_id, shown[0], self.case_ids)
        if self.kind != "signal" or shown[-1].signal:
            self.name = self._get_measure_row(shown[-1], self.kind)["name"]

    @api.model
    def _take_back(self, measures, kinds):
        """Remove measures that no longer show a finding (``kinds``), and open findings left without any."""
        waiting = self.sudo().search(
            [("state", "=", "open"), ("kind", "in", MEASURE_KINDS), ("measure_ids", "in", measures.ids)]
        )
        for finding in waiting:
            wrong = finding.measure_ids.filtered(
                lambda measure, finding=finding: measure in kinds and finding.kind not in kinds[measure]
            )
            if wrong == finding.measure_ids:
                finding.unlink()
            elif wrong:
                finding.measure_ids -= wrong
                finding._tell_measures()

    def action_dismiss(self, reason):
        proven = self._check_transition("dismiss")
        reason = self._require_text(reason)
        proven.write({"state": "dismissed", "dismiss_reason": reason, **self._get_decision()})
        return True

    def action_plan(self, plan_id=False, vals=None):
        """Attend to findings with a plan that is worked on, or a new one of some values; return its id."""
        proven = self._check_transition("plan")
        if len(self.company_id) != 1:
            raise UserError(self.env._("One plan is of one company."))
        if plan_id:
            plan = self._get_record("sig.action.plan", plan_id)
            plan.check_access("write")
            if plan.company_id != self.company_id or plan.state not in plan._transitions["edit"].states:
                raise UserError(self.env._("Choose a plan of the company that is in preparation or in progress."))
        else:
            plan = self.env["sig.action.plan"].create(self._get_plan_values(vals or {}))
        proven.write({"state": "planned", "plan_id": plan.id, **self._get_decision()})
        return plan.id

    def _get_plan_values(self, vals):
        allowed = {"name", "kind", "process_id", "user_id", "external_reference", "external_url"}
        if not isinstance(vals, dict) or not allowed.issuperset(vals):
            raise UserError(self.env._("That is no plan."))
        if not all(vals.get(name, True) for name in ("name", "kind", "user_id")):
            raise UserError(self.env._("Write the title and the kind of the plan, and who is responsible."))
        process = self.process_id if len(self.process_id) == 1 else self.env["sig.process"]
        return {
            "name": self[:1].name,
            "process_id": process.id,
            "user_id": (process.sudo().leader_id or self.env.user).id,
            "company_id": self.company_id.id,
            "description": "\n".join(self.mapped("name")),
            **vals,
        }

    def _get_decision(self):
        return {"decided_by_id": self.env.uid, "date_decided": clock.now()}

    def _reopen(self):
        known = self._read_group([("state", "=", "open"), ("key", "in", self.mapped("key"))], ["company_id", "key"])
        for key, same in self.grouped(lambda finding: (finding.company_id, finding.key)).items():
            if key not in known:
                same[0].write({"state": "open", "plan_id": False, "decided_by_id": False, "date_decided": False})
        self._judge_measures(self.measure_ids)  # what was corrected meanwhile shows nothing any more

    def _get_my_day_row(self, tile):
        kinds = self._get_choices("kind")
        since, last = (tools.format_date(self.env, day) for day in (self.date, self.date_last))
        return {
            "name": kinds[self.kind],
            "subject": self.name,
            "date": fields.Date.to_string(self.date),
            "date_text": since if since == last else f"{since} – {last}",
        }
