from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import clock
from ..communication.delivery_proof import DeliveryProof
from ..mixin import transitions


class PqrsCommitment(models.Model):
    """Something that an answer promises, with a responsible and a date.

    It is drafted with the answer of a process, or by the SIG for the whole answer. It opens when the answer reaches the
    client, and the daily review follows it until it is completed with evidence.
    """

    _name = "sig.pqrs.commitment"
    _description = "Commitment"
    _inherit = [
        "sig.answer.part", "sig.transition.mixin", "sig.deadline.mixin", "sig.files.mixin",
        "sig.thread.mixin", "sig.activity.mixin",
    ]  # fmt: skip
    _order = "date_due, id"
    _sig_name_length = 80
    _sig_keeps_messages = True
    _deadline_field = "date_due"
    _transitions = transitions.COMMITMENT
    _dialog_field = "commitment_id"
    _own_activities = ("sig_pqrs.activity_commitment", "sig_pqrs.activity_deadline")
    _editable_fields = frozenset({"pqrs_id", "assignment_id", "name", "user_id", "date_due"})
    _staff_fields = ("user_id",)

    name = fields.Char("What we commit to", required=True)
    pqrs_id = fields.Many2one(
        "sig.pqrs",
        "PQRS",
        compute="_compute_pqrs_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
    )
    assignment_id = fields.Many2one(
        "sig.pqrs.assignment", ondelete="restrict", index="btree_not_null", check_company=True
    )
    process_id = fields.Many2one(related="assignment_id.process_id", store=True, index="btree_not_null")
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date(
        "Fulfil by", required=True, help="The letter tells it to the client: it cannot be before the answer leaves."
    )
    state = fields.Selection(
        [("draft", "In the draft answer"), ("open", "To fulfil"), ("done", "Fulfilled"), ("cancelled", "Taken back")],
        default="draft",
        index=True,
        group_expand=True,
    )
    # A promise is kept in time or late.
    deadline_state = fields.Selection(
        selection_add=[
            ("overdue", "Overdue commitment"),
            ("answered_on_time", "Fulfilled on time"),
            ("answered_late", "Fulfilled late"),
        ]
    )
    date_made = fields.Datetime("Made on", readonly=True)
    date_done = fields.Datetime("Fulfilled on", readonly=True)
    evidence = fields.Text(readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_commitment_attachment_rel",
        string="Files of the evidence",
        readonly=True,
        bypass_search_access=True,
    )

    _watch_index = models.Index("(company_id, date_due) WHERE state = 'open'")

    @api.depends("assignment_id")
    def _compute_pqrs_id(self):
        for commitment in self:
            commitment.pqrs_id = commitment.assignment_id.pqrs_id or commitment.pqrs_id

    @api.depends("assignment_id")
    def _compute_user_id(self):
        for commitment in self:
            commitment.user_id = commitment.user_id or commitment.assignment_id.user_id or self.env.user

    def _get_deadline_depends(self):
        return ["state", "date_due", "date_done", "company_id"]

    def _get_user_roles(self):
        roles = super()._get_user_roles()
        led = self.assignment_id._filter_led_by_user()
        for commitment in self.sudo():
            if commitment.assignment_id & led:
                roles[commitment].add(transitions.LEADER)
            if commitment.user_id == self.env.user:
                roles[commitment].add(transitions.RESPONSIBLE)
        return roles

    @api.constrains("date_due")
    def _check_date_due(self):
        for commitment in self:
            if commitment.date_due < commitment.company_id._sig_today():
                text = self.env._("“%s”: nobody commits to a date that has passed.", commitment.display_name)
                raise ValidationError(text)

    @api.constrains("assignment_id", "pqrs_id")
    def _check_assignment(self):
        for commitment in self.sudo():
            if commitment.assignment_id and commitment.assignment_id.pqrs_id != commitment.pqrs_id:
                raise ValidationError(self.env._("A commitment is of the case of its assignment."))

    @api.model_create_multi
    def create(self, vals_list):
        assignments = self._get_named(vals_list, "assignment_id")
        cases = self._get_named([vals for vals in vals_list if not vals.get("assignment_id")], "pqrs_id")
        if not self.env.su:
            self._check_drafting(assignments, cases)
        with assignments._following_changes(cases):
            return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(commitment.state != "draft" for commitment in self):
            text = self.env._("A commitment that the client was told cannot be deleted: cancel it and say why.")
            raise UserError(text)

    def _check_editable(self, vals):
        if not vals.keys().isdisjoint({"pqrs_id", "assignment_id"}):
            raise UserError(self.env._("A commitment stays with its answer."))
        if any(commitment.state != "draft" for commitment in self):
            text = self.env._("The client was told of this commitment: it can be fulfilled or cancelled, not changed.")
            raise UserError(text)
        self._check_drafting(self.assignment_id, self.filtered(lambda commitment: not commitment.assignment_id).pqrs_id)

    @api.model
    def _check_drafting(self, assignments, cases):
        assignments.check_access("write")
        assignments._check_editable({})
        if cases and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Commitments of the whole answer are listed by the SIG."))
        cases._check_answer_open()

    def action_complete(self, evidence=False, attachments=False):
        """Record that the commitment was fulfilled, as a text, or files (ids) that the user may read, show."""
        proven = self._check_transition("complete")
        missing = self.env._("Write or attach the evidence that the commitment was fulfilled.")
        proof = DeliveryProof.gather(self.env, attachments, missing, note=evidence)
        vals = {"state": "done", "date_done": clock.now(), "evidence": proof.note or False}
        proven.write({**vals, "attachment_ids": [fields.Command.set(proof.attachments.ids)]})
        self._close_activities()
        notes = {commitment: ". ".join(filter(None, [commitment.name, proof.note])) for commitment in proven}
        self._record("commitment_done", notes, lambda each: proof.get_data(each.pqrs_id, each.attachment_ids))
        return True

    def action_drop(self, reason):
        proven = self._check_transition("drop")
        reason = self._require_text(reason)
        proven.write({"state": "cancelled"})
        self._close_activities()
        self._record("commitment_dropped", {commitment: f"{commitment.name}. {reason}" for commitment in proven})
        return True

    def action_reassign(self, user_id):
        proven = self._check_transition("reassign")
        user = proven._get_record("res.users", user_id)
        proven.pqrs_id._check_drafter(user)
        proven.assignment_id._check_may_draft(user)
        proven.pqrs_id._authorize(user)
        self._close_activities()
        proven.write({"user_id": user.id})
        proven.filtered(lambda commitment: commitment.state == "open")._schedule_responsible()
        bodies = {}
        for case, commitments in proven.grouped("pqrs_id").items():
            args = {"user": user.name, "what": "; ".join(commitments.mapped("name"))}
            bodies[case.id] = self.env._("Commitments now of %(user)s: %(what)s", **args)
        proven.pqrs_id._message_log_batch(bodies)
        return True

    @api.model
    def _get_promised(self, cases):
        """Those of the answers of cases: of approved drafts, or once the answer has left, those made with it."""
        sections = cases.sudo()._get_approved_sections()

        def is_of_answer(commitment):
            if answered := commitment.pqrs_id.date_answered:
                return commitment.date_made == answered
            return commitment.state == "draft" and commitment.assignment_id <= sections

        return self.sudo().search([("pqrs_id", "in", cases.ids)]).filtered(is_of_answer)

    def _make(self, moment):
        self.write({"state": "open", "date_made": moment})
        self._schedule_responsible()
        lines = {}
        for commitment in self:
            day = tools.format_date(self.env, commitment.date_due)
            args = {"what": commitment.name, "date": day, "user": commitment.user_id.name}
            line = self.env._("%(what)s, by %(date)s (%(user)s)", **args)
            lines.setdefault(commitment.pqrs_id, []).append(line)
        notes = {case: "\n".join(of_case) for case, of_case in lines.items()}
        self.pqrs_id._record("commitment", notes, date=moment)

    def _take_back(self, state):
        """Their answer did not arrive: they are drafts again, or cancelled with the round that is over."""
        self.write({"state": state, "date_made": False})
        self._close_activities()

    def _schedule_responsible(self):
        for commitment in self.sudo():
            commitment.pqrs_id._authorize(commitment.user_id)
        self.env["sig.staff.notice"]._schedule_activities(
            self,
            {commitment: commitment.user_id for commitment in self},
            "sig_pqrs.activity_commitment",
            {commitment: commitment.date_due for commitment in self},
            {commitment: commitment.display_name for commitment in self},
        )

    def _record(self, kind, notes, get_data=None):
        for batch in self._one_per_case():
            of_cases = {commitment.pqrs_id: notes[commitment] for commitment in batch}
            data = {commitment.pqrs_id: get_data(commitment) for commitment in batch} if get_data else None
            batch.pqrs_id._record(kind, of_cases, data=data)

    def _get_deadline_recipients(self):
        """``{commitment: user}``: the responsible; once overdue, the leader of the process, or else the SIG."""
        approvers = self.assignment_id._get_approvers()
        recipients = {}
        for commitment in self:
            overseer = approvers.get(commitment.assignment_id) or commitment.company_id._sig_get_director()
            user = commitment.company_id._sig_filter_staff(commitment.user_id)
            recipients[commitment] = overseer if commitment.deadline_state == "overdue" else user or overseer
        return recipients

    def _get_waiting_names(self):
        return self.pqrs_id.name, self.name
