from textwrap import shorten

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .. import clock
from ..mixin import transitions
from ..mixin.deadline_mixin import PRESSING

MAX_LENGTH = 500


class PqrsCommitment(models.Model):
    """Something that an answer promises, with who does it and by when.

    It is drafted with the answer of a process, whose approval covers it, or listed by the SIG on the case. It is made
    when the answer reaches the client; then it is followed until its responsible, its leader or the SIG says, with
    evidence, that it is done.
    """

    _name = "sig.pqrs.commitment"
    _description = "Commitment"
    _check_company_auto = True
    _inherit = [
        *("sig.answer.part", "sig.transition.mixin", "sig.deadline.mixin", "sig.files.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _order = "date_due, id"
    _sig_keeps_messages = True
    _deadline_field = "date_due"
    _transitions = transitions.COMMITMENT
    _own_activities = ("sig_pqrs.activity_commitment", "sig_pqrs.activity_deadline")
    _editable_fields = frozenset({"pqrs_id", "assignment_id", "name", "user_id", "date_due"})

    name = fields.Char("What we commit to", required=True, help="As the client reads it.")
    pqrs_id = fields.Many2one(
        "sig.pqrs",
        "PQRS",
        compute="_compute_pqrs_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
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
        required=True,
        default="draft",
        readonly=True,
        index=True,
        group_expand=True,
    )
    date_made = fields.Datetime("Made on", readonly=True, help="When the client was answered.")
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
            commitment.pqrs_id = commitment.assignment_id.sudo().pqrs_id or commitment.pqrs_id

    @api.depends("assignment_id")
    def _compute_user_id(self):
        for commitment in self:
            commitment.user_id = commitment.user_id or commitment.assignment_id.sudo().user_id or self.env.user

    def _compute_display_name(self):
        for commitment in self:
            commitment.display_name = shorten(commitment.name or "", 80, placeholder="…")

    def _get_deadline_depends(self):
        return ["state", "date_due", "date_done", "company_id"]

    def _get_settled_deadline_state(self):
        if self.state == "done":
            done_on = self.company_id._sig_local_date(self.date_done)
            return "answered_on_time" if done_on <= self.date_due else "answered_late"
        return False if self.state == "open" else "not_applicable"

    def _get_user_roles(self):
        user = self.env.user
        is_sig = user.has_group("sig_pqrs.group_sig_director")
        led = self.assignment_id._get_user_roles()
        roles = {}
        for commitment in self:
            found = led.get(commitment.assignment_id, set()) & {transitions.LEADER}
            if is_sig:
                found = found | {transitions.SIG}
            if commitment.sudo().user_id == user:
                found = found | {transitions.RESPONSIBLE}
            roles[commitment] = found
        return roles

    def _get_answer_text(self):
        return self.name or ""

    # -- Constraints ------------------------------------------------------------------------------------------------

    @api.constrains("name")
    def _check_name(self):
        for commitment in self:
            if not commitment.name.strip():
                raise ValidationError(self.env._("Write what the company commits to."))
            if len(commitment.name) > MAX_LENGTH:
                raise ValidationError(self.env._("A commitment has %s characters at most.", MAX_LENGTH))

    @api.constrains("date_due")
    def _check_date_due(self):
        for commitment in self:
            if commitment.date_due < commitment.company_id._sig_today():
                raise ValidationError(
                    self.env._("“%s”: nobody commits to a date that has passed.", commitment.display_name)
                )

    @api.constrains("user_id", "pqrs_id")
    def _check_user(self):
        for commitment in self.sudo():
            commitment.pqrs_id._check_drafter(commitment.user_id)

    @api.constrains("assignment_id", "pqrs_id")
    def _check_assignment(self):
        for commitment in self.sudo():
            if commitment.assignment_id and commitment.assignment_id.pqrs_id != commitment.pqrs_id:
                raise ValidationError(self.env._("A commitment is of the case of its assignment."))

    # -- CRUD: only while the answer is drafted ---------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        assignments = self._get_named(vals_list, "assignment_id")
        if not self.env.su:
            self.browse().check_access("create")
            bare = [vals for vals in vals_list if not vals.get("assignment_id")]
            self._check_drafting(assignments, self._get_named(bare, "pqrs_id"))
        with assignments._following_changes():
            return super().create(vals_list)

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        if not vals.keys().isdisjoint({"pqrs_id", "assignment_id"}):
            raise UserError(self.env._("A commitment stays with its answer."))
        self._check_editable()
        with self._get_owner()._following_changes():
            return super().write(vals)

    def unlink(self):
        if not self.env.su:
            self.check_access("unlink")
            self._check_editable()
        with self._get_owner()._following_changes():
            return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(commitment.state != "draft" for commitment in self):
            raise UserError(
                self.env._("A commitment that the client was told cannot be deleted: cancel it and say why.")
            )

    def _check_editable(self):
        if any(commitment.state != "draft" for commitment in self):
            raise UserError(
                self.env._("The client was told of this commitment: it can be fulfilled or cancelled, not changed.")
            )
        self._check_drafting(self.assignment_id, self.filtered(lambda commitment: not commitment.assignment_id).pqrs_id)

    @api.model
    def _check_drafting(self, assignments, cases):
        """Refuse to change what the answers of assignments, or of whole cases, commit to."""
        assignments.check_access("write")
        assignments._check_draft_editable()
        if cases and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Commitments of the whole answer are listed by the SIG."))
        cases._check_answer_open()

    # -- Steps ------------------------------------------------------------------------------------------------------

    def action_complete(self, evidence=False, attachments=False):
        """Say that what was promised is done.

        :param str evidence: what shows it.
        :param attachments: id or ids of files that the user may read.
        """
        proven = self._check_transition("complete")
        proof = self._take_evidence(
            evidence, attachments, self.env._("Write or attach the evidence that the commitment was fulfilled.")
        )
        proven.write(
            {
                "state": "done",
                "date_done": clock.now(),
                "evidence": proof.note or False,
                "attachment_ids": [fields.Command.set(proof.attachments.ids)],
            }
        )
        self._close_activities()
        notes = {commitment: ". ".join(filter(None, [commitment.name, proof.note])) for commitment in proven}
        self._record("commitment_done", notes, proof.get_data)
        return True

    def action_drop(self, reason):
        """Take back what was promised."""
        proven = self._check_transition("drop")
        reason = self._require_text(reason)
        proven.write({"state": "cancelled"})
        self._close_activities()
        self._record("commitment_dropped", {commitment: f"{commitment.name}. {reason}" for commitment in proven})
        return True

    def action_reassign(self, user_id):
        """Give the commitment to somebody else.

        :param int user_id: an active user with a SIG role.
        """
        proven = self._check_transition("reassign")
        user = self._get_record("res.users", user_id)
        for case in proven.pqrs_id:
            case._check_drafter(user)
        self._close_activities()
        proven.write({"user_id": user.id})
        self.filtered(lambda commitment: commitment.state == "open")._ask_responsible()
        proven.pqrs_id._message_log_batch(
            {
                case.id: self.env._(
                    "Commitments now of %(user)s: %(what)s", user=user.sudo().name, what="; ".join(names)
                )
                for case, names in self._get_names_by_case().items()
            }
        )
        return True

    def _get_names_by_case(self):
        return {case: commitments.mapped("name") for case, commitments in self.sudo().grouped("pqrs_id").items()}

    # -- The life of a commitment -----------------------------------------------------------------------------------

    def _make(self, moment):
        """The client was told: what was drafted is now promised."""
        if not self:
            return
        self.write({"state": "open", "date_made": moment})
        self._ask_responsible()
        lines = {
            case: "\n".join(
                self.env._(
                    "%(what)s, by %(date)s (%(user)s)",
                    what=commitment.name,
                    date=tools.format_date(self.env, commitment.date_due),
                    user=commitment.user_id.name,
                )
                for commitment in commitments
            )
            for case, commitments in self.grouped("pqrs_id").items()
        }
        self.pqrs_id._record("commitment", lines, date=dict.fromkeys(self.pqrs_id, moment))

    def _take_back(self):
        """The answer that made them did not arrive: they are drafts again."""
        self.write({"state": "draft", "date_made": False})
        self._close_activities()

    def _ask_responsible(self):
        commitments = self.sudo()
        self.env["sig.people"]._schedule_activities(
            commitments,
            {commitment: commitment.user_id for commitment in commitments},
            "sig_pqrs.activity_commitment",
            deadlines={commitment: commitment.date_due for commitment in commitments},
            summary={commitment: commitment.display_name for commitment in commitments},
        )

    def _record(self, kind, notes, get_data=None):
        """An act on the case of each, one at a time for those of one case."""
        for batch in self.sudo()._one_per_case():
            cases = batch.pqrs_id.with_env(self.env)
            cases._record(
                kind,
                {commitment.pqrs_id: notes[commitment] for commitment in batch},
                data={case: get_data(case) for case in cases} if get_data else None,
            )

    # -- The daily review -------------------------------------------------------------------------------------------

    _reminded_states = ("due_soon", "due_today", "overdue")

    @api.model
    def _get_running_domain(self):
        return Domain("state", "=", "open")

    def _get_deadline_recipients(self):
        """``{commitment: user}``: the responsible; once overdue, who leads the process, else the SIG."""
        approvers = self.assignment_id._get_approvers()
        recipients = {}
        for commitment in self:
            overseer = approvers.get(commitment.assignment_id) or commitment.company_id._sig_get_director()
            late = commitment.deadline_state == "overdue" or not commitment.user_id.active
            recipients[commitment] = overseer if late else commitment.user_id
        return recipients

    def _get_waiting_line(self, _kind):
        """What a digest says of a commitment."""
        return self._make_waiting_line(self.pqrs_id, self.name, self.date_due)


class PqrsCommitments(models.Model):
    """What the answer of a case commits to."""

    _inherit = "sig.pqrs"

    commitment_ids = fields.One2many("sig.pqrs.commitment", "pqrs_id", "Commitments")
    commitment_count = fields.Integer("Number of commitments", compute="_compute_commitment_count")

    @api.depends("commitment_ids")
    def _compute_commitment_count(self):
        counts = dict(
            self.env["sig.pqrs.commitment"]._read_group([("pqrs_id", "in", self.ids)], ["pqrs_id"], ["__count"])
        )
        for case in self:
            case.commitment_count = counts.get(case._origin, 0)

    def action_view_commitments(self):
        """The commitments of the case."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_commitment")
        return {**action, "domain": [("pqrs_id", "=", self.id)], "context": {"default_pqrs_id": self.id}}

    def _get_promises(self):
        """What the answer promises: as drafted and approved; once it has left, as made with it."""
        commitments = self.env["sig.pqrs.commitment"].sudo().search([("pqrs_id", "in", self.ids)])
        sections = self.sudo()._get_approved_sections()
        return commitments.filtered(
            lambda commitment: (
                commitment.state == "draft" and (not commitment.assignment_id or commitment.assignment_id in sections)
                if not commitment.pqrs_id.date_answered
                else commitment.date_made and commitment.date_made == commitment.pqrs_id.date_answered
            )
        )

    def _check_answer_complete(self):
        result = super()._check_answer_complete()
        today = self.company_id._sig_today()
        for commitment in self._get_promises():
            if commitment.date_due < today:
                raise UserError(
                    self.env._(
                        "“%(what)s” was to be done by %(date)s, before the answer leaves: change the date.",
                        what=commitment.display_name,
                        date=tools.format_date(self.env, commitment.date_due),
                    )
                )
            if not commitment.user_id.active:
                raise UserError(
                    self.env._(
                        "“%(what)s”: %(user)s is not an active user. Choose another responsible.",
                        what=commitment.display_name,
                        user=commitment.user_id.name,
                    )
                )
        return result

    def _finish_answer(self, moments, delivery=None):
        promises = self._get_promises()
        result = super()._finish_answer(moments, delivery)
        for moment, made in promises.grouped(lambda commitment: moments[commitment.pqrs_id]).items():
            made._make(moment)
        return result

    def _take_back_answer(self):
        made = self.env["sig.pqrs.commitment"].sudo().search([("pqrs_id", "in", self.ids), ("state", "=", "open")])
        made.filtered(lambda commitment: commitment.date_made == commitment.pqrs_id.date_answered)._take_back()
        return super()._take_back_answer()


class CommitmentDigest(models.AbstractModel):
    _inherit = "sig.digest"

    @api.model
    def _get_waiting_labels(self):
        return {**super()._get_waiting_labels(), "commitments": self.env._("Commitments to fulfil")}

    @api.model
    def _get_waiting(self, company):
        """Also what each person promised."""
        waiting = super()._get_waiting(company)
        due = (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "open")
            & Domain("deadline_state", "in", PRESSING)
        )
        commitments = self.env["sig.pqrs.commitment"].search_fetch(due, ["user_id"], order="date_due, id")
        for user, theirs in commitments.grouped("user_id").items():
            self._add_waiting(waiting, user, "commitments", theirs)
        return waiting


class CommitmentReview(models.AbstractModel):
    _inherit = "sig.daily.review"

    @api.model
    def _get_watched_models(self):
        return [*super()._get_watched_models(), "sig.pqrs.commitment"]


class AssignmentCommitments(models.Model):
    """What the answer of a process commits to: drafted and approved with it."""

    _inherit = "sig.pqrs.assignment"

    commitment_ids = fields.One2many("sig.pqrs.commitment", "assignment_id", "Commitments")
