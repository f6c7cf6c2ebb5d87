from odoo import api, fields, models
from odoo.fields import Domain


class AssignmentReaders(models.Model):
    _inherit = "sig.pqrs.assignment"

    # Searched by ids of processes, for which PostgreSQL plans well.
    is_of_my_process = fields.Boolean(
        "Of my processes", compute="_compute_is_of_process", search="_search_is_of_my_process"
    )
    is_of_led_process = fields.Boolean(
        "Of the processes I lead", compute="_compute_is_of_process", search="_search_is_of_led_process"
    )
    # What the record rules of cases and acts read.
    _reader_index = models.Index(
        "(process_id, pqrs_id) INCLUDE (user_id, state, approver_id, id) WHERE active IS TRUE AND state != 'declined'"
    )

    @api.depends(
        "approver_id", "recused_user_ids",
        *(f"process_id.{name}" for name in ("member_ids", "leader_id", "deputy_ids")),
        *(f"process_id.absence_ids.{name}" for name in ("date_from", "date_to", "substitute_id")),
    )  # fmt: skip
    @api.depends_context("uid")
    def _compute_is_of_process(self):
        for name in ("is_of_my_process", "is_of_led_process"):
            found = self.sudo().filtered_domain(getattr(self, f"_search_{name}")("in", (True,)))
            for assignment in self:
                assignment[name] = assignment in found

    def _search_is_of_my_process(self, operator, _value):
        """A named approver replaces who leads, also as member; members without a conflict keep working."""
        if operator != "in":
            return NotImplemented
        Process, user_id = self.env["sig.process"], self.env.uid
        gives_way = Domain("process_id", "in", Process._get_led_ids()) | Domain("recused_user_ids", "in", user_id)
        mine = Domain("process_id", "in", Process._get_worked_in_ids())
        return mine & (Domain("approver_id", "in", (False, user_id)) | ~gives_way)

    def _search_is_of_led_process(self, operator, _value):
        if operator != "in":
            return NotImplemented
        led = Domain("process_id", "in", self.env["sig.process"]._get_led_ids())
        return (led & Domain("approver_id", "=", False)) | Domain("approver_id", "=", self.env.uid)
