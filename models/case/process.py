from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .transitions import DRAFTING, OPEN


class Process(models.Model):
    """A unit of the company's process map: whoever answers for its share of a case."""

    _name = "sig.process"
    _description = "Process"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    leader_id = fields.Many2one(
        "res.users",
        tracking=True,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Approves the answers of the process before they go to the SIG.",
    )
    deputy_ids = fields.Many2many(
        "res.users",
        "sig_process_deputy_rel",
        "process_id",
        "user_id",
        "Deputies",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Approve in the leader's absence.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "sig_process_member_rel",
        "process_id",
        "user_id",
        "Collaborators",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    internal_days = fields.Integer(
        "Days for the draft",
        default=8,
        help="Business days from the assignment in which the process drafts its answer.",
    )
    checklist = fields.Html("Approval checklist", help="What the leader looks at before approving.")
    assignment_ids = fields.One2many("sig.pqrs.assignment", "process_id")
    open_assignment_count = fields.Integer("Open drafts", compute="_compute_assignment_counts")
    overdue_assignment_count = fields.Integer("Overdue drafts", compute="_compute_assignment_counts")

    _code_unique = models.UniqueIndex("(company_id, code)", "Another process of the company has that code.")

    @api.depends("assignment_ids.state", "assignment_ids.deadline_state")
    def _compute_assignment_counts(self):
        counts = {
            process.id: (total, overdue)
            for process, total, overdue in self.env["sig.pqrs.assignment"]._read_group(
                [("process_id", "in", self.ids), ("state", "in", DRAFTING), ("pqrs_id.state", "in", OPEN)],
                ["process_id"],
                ["__count", "is_overdue:sum"],
            )
        }
        for process in self:
            process.open_assignment_count, process.overdue_assignment_count = counts.get(process.id, (0, 0))

    @api.constrains("internal_days")
    def _check_internal_days(self):
        if any(not 1 <= process.internal_days <= 365 for process in self):
            raise ValidationError(self.env._("A process drafts its answer in 1 to 365 business days."))

    @api.constrains("leader_id", "deputy_ids", "member_ids")
    def _check_people(self):
        collaborator = self.env.ref("sig_pqrs.group_collaborator")
        for process in self:
            people = process.leader_id | process.deputy_ids | process.member_ids
            without_role = people.sudo().filtered(lambda user: collaborator not in user.all_group_ids)
            if without_role:
                raise ValidationError(
                    self.env._(
                        "%s need a SIG role before they can work on a process.", ", ".join(without_role.mapped("name"))
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if (
            self.env["sig.pqrs.assignment"]
            .sudo()
            .with_context(active_test=False)
            .search_count([("process_id", "in", self.ids)], limit=1)
        ):
            raise UserError(self.env._("A process that has worked on cases cannot be deleted. Archive it instead."))

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"leader_id", "deputy_ids"}):
            self._hand_over_approvals()
        return result

    def _hand_over_approvals(self):
        """What waits for approval goes to who approves now."""
        waiting = (
            self.env["sig.pqrs.assignment"]
            .sudo()
            .search([("process_id", "in", self.ids), ("state", "=", "submitted"), ("pqrs_id.state", "in", OPEN)])
        )
        waiting._close_activities()
        waiting._notify_approvers()

    def _check_can_answer(self):
        """Refuse processes that nobody could approve for."""
        for process in self:
            if not process.active:
                raise UserError(self.env._("The process %s is archived.", process.name))
            if not process.leader_id:
                raise UserError(self.env._("The process %s has no leader to approve its answer.", process.name))
            if not process.leader_id.sudo().active:
                raise UserError(
                    self.env._(
                        "The leader of %(process)s, %(leader)s, is no longer active. Name another leader first.",
                        process=process.name,
                        leader=process.leader_id.sudo().name,
                    )
                )

    def action_view_cases(self):
        """The cases in which the process takes part."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_pqrs_all")
        return {**action, "domain": [("assignment_ids.process_id", "=", self.id)], "context": {}}
