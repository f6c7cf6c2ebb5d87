import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.case.pqrs_type import TERM_FIELDS
from ..models.choices import choices_of
from ..models.term.nonworking_day import LEGAL_KINDS
from ..models.term.pqrs_term import TermMove
from .dialog import PROPOSED, active_of, get_shown

REGIME_FIELDS = tuple(name for name in TERM_FIELDS if name != "due_by_authority")
OF_TYPE = {"compute": "_compute_term", **PROPOSED}


class CalendarWizard(models.TransientModel):
    _name = "sig.calendar.wizard"
    _inherit = ["sig.output.mixin"]
    _description = "Change of Calendar or Term"

    change = fields.Selection(
        [("add", "Add a day"), ("remove", "Remove a day"), ("type", "Change a type's term")],
        required=True,
        default="add",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date = fields.Date()
    name = fields.Char("Reason")
    kind = fields.Selection(selection=choices_of("sig.nonworking.day", "kind"), default="extraordinary")
    day_id = fields.Many2one("sig.nonworking.day", default=active_of("sig.nonworking.day"), ondelete="cascade")
    type_id = fields.Many2one("sig.pqrs.type", default=active_of("sig.pqrs.type"))
    term_days = fields.Integer("Term", **OF_TYPE)
    extension_days = fields.Integer("Extension", **OF_TYPE)
    requirement_days = fields.Integer("Require within", **OF_TYPE)
    completion_months = fields.Integer("Complete within", **OF_TYPE)
    completion_extension_months = fields.Integer("Extension to complete", **OF_TYPE)
    requirement_allowed = fields.Boolean("Information may be required", **OF_TYPE)
    transfer_days = fields.Integer("Transfer within", **OF_TYPE)
    mark_days = fields.Integer("Mark within", **OF_TYPE)
    copies_days = fields.Integer("Copies within", **OF_TYPE)
    silence = fields.Selection(choices_of("sig.pqrs.type", "silence"), "Effect of silence", **OF_TYPE)
    shown = fields.Json(**OF_TYPE)
    line_ids = fields.One2many("sig.calendar.wizard.line", "wizard_id", "Open cases that move", readonly=True)
    line_count = fields.Integer(readonly=True)
    other_count = fields.Integer(readonly=True)
    previewed = fields.Char(readonly=True)

    @api.depends("type_id")
    def _compute_term(self):
        for wizard in self:
            for fname in REGIME_FIELDS:
                wizard[fname] = wizard.type_id[fname]
            wizard.shown = get_shown(wizard.type_id, REGIME_FIELDS)

    def _get_changes(self):
        """What is decided here; what another changed since this was opened stays."""
        return {fname: self[fname] for fname in REGIME_FIELDS if self[fname] != self.shown[fname]}

    def action_preview(self):
        self.ensure_one()
        self._check_complete()
        self.line_ids.unlink()
        moves = self._get_moves()
        names = ("old_date", "new_date", "old_legal", "new_legal")
        self.line_ids = [
            fields.Command.create({"pqrs_id": case.id, **dict(zip(names, move, strict=True))})
            for case, move in moves
            if case.company_id in self.env.companies
        ]
        self.line_count = len(moves)
        self.other_count = len(moves) - len(self.line_ids)
        self.previewed = self._get_signature(moves)
        return self._get_records_action(target="new", name=self.env._("Change of calendar or term"), context={})

    def action_apply(self):
        self.ensure_one()
        self._check_complete()
        if self.previewed != self._get_signature(self._get_moves()):
            return self.action_preview()
        if self.change == "add":
            self.env["sig.nonworking.day"].create(get_shown(self, ("date", "name", "kind", "company_id")))
        elif self.change == "remove":
            self.day_id.unlink()
        else:
            self.type_id.write(self._get_changes())
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_signature(self, moves):
        """:return: digest of the change and of what it moves."""
        change = get_shown(self, ("change", "company_id", "date", "kind", "day_id", "type_id", *REGIME_FIELDS))
        return hashlib.sha256(repr((change, [(case.id, *move) for case, move in moves])).encode()).hexdigest()

    def _check_complete(self):
        if self.change == "add":
            if not (self.date and self.name):
                raise UserError(self.env._("Write the date and its reason."))
            same = [("company_id", "=", self.company_id.id), ("date", "=", self.date), ("kind", "in", LEGAL_KINDS)]
            if taken := self.env["sig.nonworking.day"].search(same, limit=1):
                raise UserError(self.env._("That day is on the calendar already: %s.", taken.name))
        if self.change == "remove" and not self.day_id:
            raise UserError(self.env._("Choose the day to remove."))
        if self.change == "type":
            if not self.type_id:
                raise UserError(self.env._("Choose the type."))
            self.type_id.check_access("write")

    def _get_moves(self):
        terms = self._get_terms_of_type() if self.change == "type" else self._get_terms_of_day()
        moves = [(case, TermMove.of(case, values)) for case, values in terms]
        return [(case, move) for case, move in moves if (move.old, move.old_legal) != (move.new, move.new_legal)]

    def _get_terms_of_type(self):
        cases = self.env["sig.term.change"]._get_cases([("type_id", "=", self.type_id.id)])
        supposed = self.type_id.new(self._get_changes(), origin=self.type_id)
        return cases._get_new_terms(kinds=dict.fromkeys(cases, supposed))

    def _get_terms_of_day(self):
        removed = self.change == "remove"
        day = self.day_id if removed else self
        if day.kind == "company_closure" or (removed and day._is_doubled()):
            return []
        company = day.company_id
        cases = self.env["sig.term.change"]._get_cases_around(company, day.date)
        received = [case._get_received_on() for case in cases]
        dates = [day.date, *received, *filter(None, cases.mapped("date_legal"))]
        supposed = {"without" if removed else "extra": [day.date]}
        calendar = self.env["sig.nonworking.day"]._get_calendar(company, dates, **supposed)
        return cases._get_new_terms(calendars={company: calendar})


class CalendarWizardLine(models.TransientModel):
    _name = "sig.calendar.wizard.line"
    _description = "Case That Moves"
    _inherit = ["sig.output.mixin"]

    wizard_id = fields.Many2one("sig.calendar.wizard", required=True, ondelete="cascade")
    pqrs_id = fields.Many2one("sig.pqrs", required=True, ondelete="cascade")
    old_date = fields.Date("Today's deadline")
    new_date = fields.Date("New deadline")
    old_legal = fields.Date("Today's legal deadline")
    new_legal = fields.Date("New legal deadline")
