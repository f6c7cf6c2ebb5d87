from odoo import api, fields, models
from odoo.fields import Domain


class AssignmentReaders(models.Model):
    """Whose processes an assignment is of, for the record rules of assignments, cases and what hangs on them."""

    _inherit = "sig.pqrs.assignment"

    # Record rules ask these: they become numbers of processes, for which PostgreSQL plans well.
    is_of_my_process = fields.Boolean(
        "Of my processes", compute="_compute_is_of_process", search="_search_is_of_my_process"
    )
    is_of_led_process = fields.Boolean(
        "Of the processes I lead", compute="_compute_is_of_process", search="_search_is_of_led_process"
    )
    # What the record rules of cases and acts read.
    _reader_index = models.Index(
        "(process_id, pqrs_id) INCLUDE (user_id, state) WHERE active IS TRUE AND state != 'declined'"
    )

    @api.depends(
        "process_id.root_id.member_ids",
        "process_id.root_id.leader_id",
        "process_id.root_id.deputy_ids",
        "process_id.root_id.absence_ids.date_from",
        "process_id.root_id.absence_ids.date_to",
        "process_id.root_id.absence_ids.substitute_id",
        "approver_id",
        "recused_user_ids",
    )
    @api.depends_context("uid")
    def _compute_is_of_process(self):
        """Where an approver was named, who leads gives way, member or not; members without a conflict go on."""
        user = self.env.user
        is_leader = user.has_group("sig_pqrs.group_process_leader")
        leaderships = self.sudo().process_id._get_leaderships()
        for assignment, assignment_sudo in zip(self, self.sudo(), strict=True):
            process, approver = assignment_sudo.process_id, assignment_sudo.approver_id
            leadership = leaderships[process]
            leads = user in leadership.leaders
            gives_way = approver and approver != user and (leads or user in assignment_sudo.recused_user_ids)
            works = user in process.root_id.member_ids or user in leadership.substitutes
            assignment.is_of_led_process = user == approver or (leads and not approver)
            assignment.is_of_my_process = not gives_way and (works or (leads and is_leader))

    def _search_is_of_my_process(self, operator, _value):
        """Members, who leads with that role, and substitutes, whose role may be but that of collaborator."""
        if operator != "in":
            return NotImplemented
        return self._remember("member", self._get_of_my_process_domain)

    def _search_is_of_led_process(self, operator, _value):
        if operator != "in":
            return NotImplemented
        return self._remember("leader", self._get_of_led_process_domain)

    @api.model
    def _get_of_my_process_domain(self):
        Process = self.env["sig.process"]
        substituted = Process._get_substituted_domain()
        processes = self._search_processes(Process._get_worked_in_domain(substituted))
        _mine, others = self._search_named(Domain("process_id", "any", Process._get_led_domain(substituted)))
        return Domain("process_id", "in", processes.ids) & self._leave_out(others)

    @api.model
    def _get_of_led_process_domain(self):
        processes = self._search_processes(self.env["sig.process"]._get_led_domain())
        mine, others = self._search_named(Domain("process_id", "in", processes.ids))
        led = Domain("process_id", "in", processes.ids) & self._leave_out(others)
        return led | Domain("id", "in", mine.ids) if mine else led

    @api.model
    def _search_processes(self, domain):
        return self.env["sig.process"].sudo().with_context(active_test=False).search(domain, order="id")

    @api.model
    def _search_named(self, led):
        """Of the few that have an approver of their own: the user's to approve, and those where the user gives way.

        :param led: domain of the assignments of processes that the user leads.
        """
        user = self.env.uid
        concerned = led | Domain("approver_id", "=", user) | Domain("recused_user_ids", "in", user)
        named = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(Domain("approver_id", "!=", False) & concerned, ["approver_id"], order="id")
        )
        mine = named.filtered(lambda assignment: assignment.approver_id.id == user)
        return mine, named - mine

    @api.model
    def _leave_out(self, assignments):
        """Nothing when there is none, so that the usual query keeps the plan of its index."""
        return Domain("id", "not in", assignments.ids) if assignments else Domain.TRUE
