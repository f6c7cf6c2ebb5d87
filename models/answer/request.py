from textwrap import shorten

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..choices import choices_of
from ..mixin.transitions import RUNNING

#: what the drafters of the assignment write; the rest is the SIG's
ANSWER_FIELDS = frozenset({"answer", "resolution"})

MAX_LENGTH = 5000
MAX_ANSWER_LENGTH = 50000


class PqrsRequest(models.Model):
    """One of the things that a petitioner asks for ("pretensión"), owned by one assignment and answered apart.

    The SIG lists them and gives each to an assignment, whose drafters answer it under the rules of its draft; the
    approval of the assignment covers them.
    """

    _name = "sig.pqrs.request"
    _description = "Request of a PQRS"
    _inherit = ["sig.answer.part"]
    _order = "sequence, id"

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True)
    sequence = fields.Integer(default=10)
    number = fields.Integer(compute="_compute_number", string="No.")
    name = fields.Text("What is asked", required=True)
    assignment_id = fields.Many2one(
        "sig.pqrs.assignment",
        "Answered by",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('pqrs_id', '=', pqrs_id), ('is_standing', '=', True)]",
        help="The process that answers it.",
    )
    answer = fields.Text()
    resolution = fields.Selection(selection=choices_of("sig.pqrs", "resolution"))

    @api.depends("name")
    def _compute_display_name(self):
        for request in self:
            request.display_name = shorten(request.name or "", 80, placeholder="…")

    @api.depends("sequence", "pqrs_id.request_ids.sequence")
    def _compute_number(self):
        numbers = {
            request.id: number
            for case in self.sudo().pqrs_id
            for number, request in enumerate(case.request_ids.sorted(), 1)
        }
        for request in self:
            request.number = numbers.get(request.id, 0)

    # -- Constraints ------------------------------------------------------------------------------------------------

    @api.constrains("name", "answer")
    def _check_texts(self):
        for request in self:
            if not (request.name or "").strip():
                raise ValidationError(self.env._("Write what is asked."))
            if len(request.name) > MAX_LENGTH:
                raise ValidationError(
                    self.env._("A request has %s characters at most. Put the rest in the description.", MAX_LENGTH)
                )
            if len(request.answer or "") > MAX_ANSWER_LENGTH:
                raise ValidationError(
                    self.env._(
                        "The answer to a request has %s characters at most. Put the rest in an annex.",
                        MAX_ANSWER_LENGTH,
                    )
                )

    @api.constrains("assignment_id", "pqrs_id")
    def _check_assignment(self):
        for request in self.sudo():
            assignment = request.assignment_id
            if assignment and (assignment.pqrs_id != request.pqrs_id or not assignment.is_standing):
                raise ValidationError(self.env._("Choose a process to which the case is assigned."))

    # -- CRUD -------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        assignments = self._get_named(vals_list, "assignment_id")
        cases = self._get_named(vals_list, "pqrs_id")
        if not self.env.su:
            cases._check_answer_open(RUNNING)
        with assignments._following_changes():
            requests = super().create(vals_list)
            requests._tell(self.env._("Added"))
        return requests

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._check_write_values(vals)
        owners = self._get_owner() | self._get_named([vals], "assignment_id")
        with owners._following_changes():
            result = super().write(vals)
            if "name" in vals:
                self._tell(self.env._("Changed"))
            if "assignment_id" in vals:
                self._tell(self.env._("To be answered by %s", self.assignment_id.process_id.name or "—"))
        return result

    def unlink(self):
        if not self.env.su:
            self.check_access("unlink")
            self.pqrs_id._check_answer_open(RUNNING)
            self._tell(self.env._("Removed"))
        with self._get_owner()._following_changes():
            return super().unlink()

    def _check_write_values(self, vals):
        self.check_access("write")
        if "pqrs_id" in vals:
            raise UserError(self.env._("A request stays with its case."))
        if not vals.keys() <= ANSWER_FIELDS and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("The SIG lists the requests and gives them to the processes."))
        self.pqrs_id._check_answer_open(RUNNING)
        if not vals.keys().isdisjoint(ANSWER_FIELDS):
            self.assignment_id._check_draft_editable()

    def _get_answer_text(self):
        return self.answer or ""

    def _get_label(self):
        """What a message says of a request."""
        return {"number": self.number, "request": self.display_name}

    def _tell(self, what):
        """An act on each case, and the same in its thread: the list is what the answer is held to."""
        for case, requests in self.grouped("pqrs_id").items():
            lines = "\n".join(f"{request.number}. {request.name}" for request in requests)
            case._record("requests", {case: f"{what}:\n{lines}"}, data={"count": len(requests)})
