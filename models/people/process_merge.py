from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..mixin.transitions import DRAFTING, OPEN

#: settings that name a process: they name the target of a merge from then on
REFERENCES = (("sig.pqrs.reason", "process_id"), ("sig.indicator", "process_id"))


class ProcessMerge(models.Model):
    """Processes are merged instead of deleted: the history stays under the old name, with the people of the new one."""

    _inherit = "sig.process"

    merged_into_id = fields.Many2one(
        "sig.process", readonly=True, ondelete="restrict", index="btree_not_null", tracking=True, check_company=True
    )
    root_id = fields.Many2one(
        "sig.process",
        "Process today",
        compute="_compute_root_id",
        store=True,
        recursive=True,
        index=True,
        help="Into which it was merged in the end; itself when it was not. Its people answer.",
    )

    @api.depends("merged_into_id.root_id")
    def _compute_root_id(self):
        for process in self:
            process.root_id = process.merged_into_id.root_id or process._origin

    @api.constrains("merged_into_id", "active")
    def _check_merged(self):
        if self._has_cycle("merged_into_id"):
            raise ValidationError(self.env._("A process is not merged into itself, not even by others."))
        for process in self:
            if process.merged_into_id and process.active:
                raise ValidationError(
                    self.env._(
                        "%(process)s was merged into %(target)s and does not come back.",
                        process=process.name,
                        target=process.merged_into_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_merge_values(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_merge_values([vals])
        return super().write(vals)

    @api.model
    def _check_merge_values(self, vals_list):
        if not self.env.su and any({"merged_into_id", "root_id"} & vals.keys() for vals in vals_list):
            raise UserError(self.env._("Processes are merged by their own step, which moves their drafts."))

    def action_merge(self, target_id, reason, keep_people=True):
        """Merge processes into another one.

        Open drafts move to the target, unless the case waits for a draft of the target already. Other drafts and
        answers keep their process, and the people of the target read and approve them.

        :param int target_id: an active process of the same company.
        :param bool keep_people: whether leaders, deputies and members become members of the target.
        """
        self.check_access("write")
        reason = self.env["sig.transition.mixin"]._require_text(reason)
        target = self.env["sig.transition.mixin"]._get_record("sig.process", target_id)
        self._check_merge(target)
        sources, target = self.sudo(), target.sudo()
        (sources | target).lock_for_update()
        moving, staying = sources._get_drafts_to_merge(target)
        if keep_people:
            target._add_people_of(sources)
        sources.write({"active": False, "merged_into_id": target.id})
        for model, fname in REFERENCES:
            records = self.env[model].sudo().with_context(active_test=False).search([(fname, "in", sources.ids)])
            records.write({fname: target.id})
        moving._change_process(target, reason)
        staying._log_merge(target, reason)
        (moving | staying).pqrs_id._remove_outsiders()
        (moving | staying)._remove_outsiders()
        target._move_approvals()
        text = self.env._("Merged into %(target)s: %(reason)s", target=target.name, reason=reason)
        sources._message_log_batch(dict.fromkeys(sources.ids, text))
        return True

    def _add_people_of(self, sources):
        people = sources.leader_id | sources.deputy_ids | sources.member_ids
        able = self.company_id._sig_filter_staff(people - self.leader_id - self.deputy_ids - self.member_ids)
        self.write({"member_ids": [Command.link(user.id) for user in able]})

    def _check_merge(self, target):
        if not target or not target.active:
            raise UserError(self.env._("Choose an active process to merge into."))
        for process in self:
            if process == target:
                raise UserError(self.env._("A process is not merged into itself, not even by others."))
            if process.merged_into_id:
                raise UserError(
                    self.env._(
                        "%(process)s was merged into %(target)s already.",
                        process=process.name,
                        target=process.merged_into_id.name,
                    )
                )
            if process.company_id != target.company_id:
                raise UserError(self.env._("Processes of different companies are not merged."))

    def _get_drafts_to_merge(self, target):
        """Open drafts that move to the target, and those that stay because the case waits for the target already."""
        Assignment = self.env["sig.pqrs.assignment"].sudo()
        drafts = Assignment.search(
            [
                ("process_id", "in", self.ids),
                ("active", "=", True),
                ("state", "in", DRAFTING),
                ("pqrs_id.state", "in", OPEN),
            ]
        )
        taken = Assignment.search(
            [("process_id", "=", target.id), ("pqrs_id", "in", drafts.pqrs_id.ids), ("is_current", "=", True)]
        ).pqrs_id
        moving = Assignment.browse(
            theirs[0].id for case, theirs in drafts.grouped("pqrs_id").items() if case not in taken
        )
        return moving, drafts - moving


class AssignmentMerge(models.Model):
    _inherit = "sig.pqrs.assignment"

    reporting_process_id = fields.Many2one(
        related="process_id.root_id",
        string="Process in reports",
        store=True,
        precompute=True,
        index=True,
        help="Into which the process was merged: what reports and indicators count by.",
    )

    def _change_process(self, target, reason):
        former = {assignment: assignment.process_id for assignment in self}
        self.write({"process_id": target.id})
        self._record(
            "process_merged",
            notes={
                assignment: self.env._(
                    "From %(former)s to %(target)s: %(reason)s",
                    former=process.name,
                    target=target.name,
                    reason=reason,
                )
                for assignment, process in former.items()
            },
            data={assignment: {"former_process": process.code} for assignment, process in former.items()},
        )
        self._log(
            {
                assignment: self.env._("Passed on from %(former)s: %(reason)s", former=process.name, reason=reason)
                for assignment, process in former.items()
            }
        )

    def _log_merge(self, target, reason):
        self._record(
            "process_merged",
            notes={
                assignment: self.env._(
                    "%(target)s answers for %(former)s: %(reason)s",
                    former=assignment.process_id.name,
                    target=target.name,
                    reason=reason,
                )
                for assignment in self
            },
            data={assignment: {"answers": target.code} for assignment in self},
        )
