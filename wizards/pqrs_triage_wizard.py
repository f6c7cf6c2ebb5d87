from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..models.case.priority import HIGH, highest
from ..models.choices import choices_of
from .dialog import PROPOSED, get_shown

#: fields of the case that the SIG decides here
DECIDED = (
    "reason_id", "client_id", "site", "severity",
    "involves_staff", "involves_incident", "preserve_evidence", "priority",
)  # fmt: skip
#: options of such a field
OF_CASE = {"compute": "_compute_decisions", "precompute": True, **PROPOSED}
#: options of what is suggested
GUESSED = {"compute": "_compute_suggestions", "precompute": True, **PROPOSED}

#: cases of the same petitioner that are shown
DUPLICATES = 10


class PqrsTriageWizard(models.TransientModel):
    """Screen on which the SIG reads a case, classifies it and assigns it, through the steps of the case."""

    _name = "sig.pqrs.triage.wizard"
    _inherit = ["sig.output.mixin"]
    _description = "Triage of a PQRS"

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(related="pqrs_id.state", related_sudo=False)
    company_id = fields.Many2one(related="pqrs_id.company_id", related_sudo=False)
    subject = fields.Char(related="pqrs_id.subject", related_sudo=False)
    petitioner = fields.Char(compute="_compute_petition")
    channel = fields.Selection(related="pqrs_id.channel", related_sudo=False)
    date_received = fields.Datetime(related="pqrs_id.date_received", related_sudo=False)
    date_deadline = fields.Date(related="pqrs_id.date_deadline", related_sudo=False)
    deadline_state = fields.Selection(related="pqrs_id.deadline_state", related_sudo=False)
    description = fields.Text(related="pqrs_id.description", related_sudo=False)
    remedy = fields.Text(related="pqrs_id.remedy", related_sudo=False)
    annex_count = fields.Integer("Annexes", compute="_compute_petition")
    shown = fields.Json(**OF_CASE)
    duplicate_ids = fields.Many2many("sig.pqrs", string="Of the same petitioner", compute="_compute_duplicate_ids")

    type_id = fields.Many2one("sig.pqrs.type", required=True, **OF_CASE)
    former_type_id = fields.Many2one(related="pqrs_id.type_id", related_sudo=False, string="Type until now")
    reclassify_reason = fields.Char("Why the type changes")
    due_by_authority = fields.Boolean("By the authority", related="type_id.due_by_authority")
    authority_deadline = fields.Datetime("Date set by the authority")
    reason_id = fields.Many2one("sig.pqrs.reason", **OF_CASE)
    # Guessed once: the form sends them back.
    suggestion_ids = fields.Many2many("sig.pqrs.reason", **GUESSED)
    suggestion_note = fields.Html("Why they are suggested", **GUESSED)
    suggested_id = fields.Many2one(
        "sig.pqrs.reason", "Suggested reasons", compute="_compute_suggested_id", readonly=False
    )
    client_id = fields.Many2one("res.partner", **OF_CASE)
    site = fields.Char("Site or post", **OF_CASE)
    severity = fields.Selection(choices_of("sig.pqrs", "severity"), **OF_CASE)
    priority = fields.Selection(choices_of("sig.pqrs", "priority"), required=True, **OF_CASE)
    involves_staff = fields.Boolean("Involves our staff", **OF_CASE)
    involves_incident = fields.Boolean("Involves an incident", **OF_CASE)
    regulator_notice = fields.Char(related="type_id.regulator_notice", related_sudo=False)
    preserve_evidence = fields.Boolean(**OF_CASE)
    attachment_ids = fields.Many2many("ir.attachment", string="Copy of the requirement", bypass_search_access=True)
    line_ids = fields.One2many(
        "sig.pqrs.triage.wizard.line", "wizard_id", "Processes", compute="_compute_line_ids", **PROPOSED
    )
    absence_notice = fields.Text("Who is away", compute="_compute_absence_notice")

    @api.depends("pqrs_id")
    def _compute_petition(self):
        for wizard in self:
            case = wizard.pqrs_id
            wizard.petitioner = case._get_contact().name or case.petitioner if case else False
            wizard.annex_count = len(case.attachment_ids)

    @api.depends("pqrs_id")
    def _compute_duplicate_ids(self):
        """Other cases of the same petitioner that the user reads, newest first."""
        for wizard in self:
            case = wizard.pqrs_id
            domain = case._get_same_petitioner_domain(case._get_contact()) if case else Domain.FALSE
            wizard.duplicate_ids = case.search(domain, order="date_received desc, id desc", limit=DUPLICATES)

    @api.depends("pqrs_id")
    def _compute_suggestions(self):
        """Of cases without a reason; the best first."""
        for wizard in self:
            case = wizard.pqrs_id
            guesses = self.env["sig.reason.guess"]._find(case) if case and not case.reason_id else []
            wizard.suggestion_ids = self.env["sig.pqrs.reason"].union(*(guess.reason for guess in guesses))
            wizard.suggestion_note = Markup().join(self._describe_guess(guess) for guess in guesses)

    def _describe_guess(self, guess):
        link = Markup('<a href="/odoo/sig.pqrs/%s" target="_blank">%s</a>')
        args = {
            "reason": guess.reason.display_name,
            "confidence": guess.percentage,
            "cases": Markup(", ").join(link % (case.id, case.name) for case in guess.cases) or "—",
        }
        line = self.env._("%(reason)s: %(confidence)s %%. Similar: %(cases)s")
        return Markup("<div>%s</div>") % (escape(line) % args)

    @api.depends("reason_id", "suggestion_ids")
    def _compute_suggested_id(self):
        for wizard in self:
            wizard.suggested_id = wizard.reason_id & wizard.suggestion_ids._origin

    @api.onchange("suggested_id")
    def _onchange_suggested_id(self):
        self.reason_id = self.suggested_id or self.reason_id

    @api.depends("pqrs_id")
    def _compute_decisions(self):
        for wizard in self:
            for name in ("type_id", *DECIDED):
                wizard[name] = wizard.pqrs_id[name]
            wizard.shown = get_shown(wizard.pqrs_id, ("type_id", *DECIDED))

    @api.depends("reason_id", "pqrs_id")
    def _compute_line_ids(self):
        """Replace the proposal of the reason before; lines that the SIG chose stay."""
        for wizard in self:
            chosen = wizard.line_ids.filtered(lambda line: line.process_id and not line.is_proposed)
            values = wizard.reason_id._get_proposal(wizard.pqrs_id)
            commands = [Command.delete(line.id) for line in wizard.line_ids - chosen]
            if values and values["process_id"] not in chosen.process_id.ids:
                commands.append(Command.create({**values, "is_proposed": True}))
            elif not chosen:
                commands.append(Command.create({}))
            wizard.line_ids = commands

    @api.depends("line_ids.user_id", "line_ids.process_id", "line_ids.date_due")
    def _compute_absence_notice(self):
        for wizard in self:
            wizard.absence_notice = wizard.line_ids._get_absence_notice()

    @api.onchange("reason_id", "involves_staff", "involves_incident")
    def _onchange_priority(self):
        flagged = self.involves_staff or self.involves_incident
        self.priority = highest(self.priority, self.reason_id.priority, flagged and HIGH)

    def action_assign(self):
        self._take_up()
        return {"type": "ir.actions.act_window_close"}

    def action_assign_and_next(self):
        self._take_up()
        return self.env["sig.pqrs"].action_triage_next()

    def action_discard(self):
        self.ensure_one()
        return self.pqrs_id.with_context(default_step="discard").action_open_step()

    def action_open_case(self):
        """In another tab of the browser, which leaves the dialog where it is."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/odoo/sig.pqrs/{self.pqrs_id.id}", "target": "new"}

    def _take_up(self):
        self.ensure_one()
        case = self.pqrs_id
        case._check_untriaged()
        if case.state == "to_file":
            case.action_file()
        now = get_shown(self, ("type_id", *DECIDED))
        changes = {name: now[name] for name in now if now[name] != self.shown[name]}
        if changes.pop("type_id", case.type_id.id) != case.type_id.id:
            case.action_reclassify(self.type_id.id, self.reclassify_reason, self.authority_deadline)
        if not changes.keys().isdisjoint(("reason_id", "priority")):  # or the case would take that of the reason
            raised = case.priority != self.shown["priority"]
            changes["priority"] = highest(self.priority, case.priority) if raised else self.priority
        if self.due_by_authority and self.attachment_ids:
            changes["attachment_ids"] = [Command.link(attachment.id) for attachment in self.attachment_ids]
        if changes:
            case.write(changes)
        case.action_assign(self.line_ids.filtered("process_id")._get_assignments())


class PqrsTriageWizardLine(models.TransientModel):
    _name = "sig.pqrs.triage.wizard.line"
    _inherit = "sig.pqrs.assign.wizard.line"
    _description = "Process to Assign in the Triage"

    wizard_id = fields.Many2one("sig.pqrs.triage.wizard")
    is_proposed = fields.Boolean()

    @api.onchange("process_id", "user_id", "instruction", "date_due")
    def _onchange_chosen(self):
        self.is_proposed = False
