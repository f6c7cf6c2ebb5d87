from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..choices import choices_of
from ..mixin.transitions import RUNNING

#: written by the drafters of the assignment; the other fields by the SIG
ANSWER_FIELDS = frozenset({"answer", "resolution"})


class PqrsRequest(models.Model):
    """One thing that the petitioner asks for ("pretensión"), answered separately by one assignment."""

    _name = "sig.pqrs.request"
    _description = "Request of a PQRS"
    _inherit = ["sig.answer.part"]
    _order = "sequence, id"
    _sig_name_length = 80
    _editable_fields = frozenset({"pqrs_id", "sequence", "name", "assignment_id", *ANSWER_FIELDS})

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True)
    sequence = fields.Integer(default=10)
    number = fields.Integer(compute="_compute_number", compute_sudo=True, string="No.")
    name = fields.Text("What is asked", required=True)
    assignment_id = fields.Many2one(
        "sig.pqrs.assignment",
        "Answered by",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('pqrs_id', '=', pqrs_id), ('is_current', '=', True)]",
    )
    is_past = fields.Boolean("Of an earlier answer", compute="_compute_is_past", compute_sudo=True)
    answer = fields.Text()
    writer_ids = fields.Many2many("res.users", "sig_pqrs_request_writer_rel", readonly=True, exportable=False)
    resolution = fields.Selection(selection=choices_of("sig.pqrs", "resolution"))

    @api.depends("assignment_id.is_current", "assignment_id.answer_id")
    def _compute_is_past(self):
        for request in self:
            assignment = request.assignment_id
            request.is_past = bool(assignment.answer_id) and not assignment.is_current

    @api.depends("sequence", "pqrs_id.request_ids.sequence")
    def _compute_number(self):
        requests = self.pqrs_id.request_ids.sorted()
        of_rounds = requests.grouped(
            lambda request: (request.pqrs_id, request.is_past and request.assignment_id.answer_id)
        )
        numbers = {request.id: number for requests in of_rounds.values() for number, request in enumerate(requests, 1)}
        for request in self:
            request.number = numbers.get(request.id, 0)

    @api.constrains("assignment_id", "pqrs_id")
    def _check_assignment(self):
        for request in self.sudo():
            assignment = request.assignment_id
            if assignment and (assignment.pqrs_id != request.pqrs_id or not assignment.is_current):
                raise ValidationError(self.env._("Choose a process to which the case is assigned."))

    @api.model_create_multi
    def create(self, vals_list):
        assignments = self._get_named(vals_list, "assignment_id")
        cases = self._get_named(vals_list, "pqrs_id")
        if not self.env.su:
            cases._check_answer_open(RUNNING)
        with assignments._following_changes(cases):
            requests = super().create(vals_list)
            requests._log_change(self.env._("Added"))
        return requests

    def _check_editable(self, vals):
        if "pqrs_id" in vals:
            raise UserError(self.env._("A request stays with its case."))
        if not vals.keys() <= ANSWER_FIELDS and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("The SIG lists the requests and gives them to the processes."))
        self.pqrs_id._check_answer_open(RUNNING)
        if any(self.mapped("is_past")):
            raise UserError(self.env._("A request that was answered stays as it was. List what is asked now apart."))
        if not vals.keys().isdisjoint(ANSWER_FIELDS):
            self.assignment_id._check_editable({})

    def _is_answered(self):
        return bool((self.answer or "").strip())

    def _get_label(self):
        return {"number": self.number, "request": self.display_name}

    def _log_edit(self, vals):
        if not vals:
            self._log_change(self.env._("Removed"))
        for request in self.sudo() if "answer" in vals else ():
            request.writer_ids |= self.env.user
        if "name" in vals:
            self._log_change(self.env._("Changed"))
        if "assignment_id" in vals:
            self._log_change(self.env._("To be answered by %s", self.assignment_id.process_id.name or "—"))

    def _log_change(self, change):
        for case, requests in self.grouped("pqrs_id").items():
            lines = "\n".join(f"{request.number}. {request.name}" for request in requests)
            case._record("requests", {case: f"{change}:\n{lines}"}, data={"count": len(requests)})

    @api.model
    def _get_faults(self, case):
        """Sentences that say which requests keep the answer from leaving; those of a process its approval covers."""
        return [
            self.env._("Request %(number)s has no process: “%(request)s”.", **request._get_label())
            for request in case._get_current_requests()
            if not request.assignment_id.is_current
        ]

    @api.model
    def _render(self, case):
        requests = case.request_ids.filtered(lambda request: request.assignment_id in case._get_approved_sections())
        if not requests:
            return False
        lang = case._get_lang()
        Qweb = self.env["ir.qweb"].with_context(lang=lang)
        return Qweb._render("sig_pqrs.response_requests", {"requests": requests.sorted().with_context(lang=lang)})
