from odoo import api, models

from ..mixin import transitions


class AssignmentFiles(models.Model):
    """The annexes and pictures of a draft: free while it is written, fixed once it waits, was approved or left."""

    _inherit = "sig.pqrs.assignment"
    _picture_fields = ("response",)

    def _get_approved_files(self):
        """``[(name, SHA-256)]`` of the annexes and of the pictures in the text, in an order that is always the same.

        What the leader approves besides the texts: part of the digest of the approval.
        """
        self.ensure_one()
        assignment = self.sudo()
        files = assignment.attachment_ids | assignment._get_pictures(assignment.response)
        return sorted((file.name, file._sig_sha256()) for file in files)

    def _filter_writable(self):
        """Those whose answer may still be written: their process takes part, and no answer has left or is leaving."""
        writable = self.sudo().exists().filtered(
            lambda assignment: (
                transitions.is_standing(assignment)
                and assignment.pqrs_id.state in transitions.OPEN
                and transitions.not_delivering(assignment.pqrs_id)
            )
        )
        return writable.with_env(self.env)

    @api.model
    def _filter_free_files(self, files):
        """Files of drafts being written that prove nothing yet: no approval covered them, and no message has them.

        Those of a draft that waits for its leader, or was approved, are taken out of it in its form: that voids the
        approval.
        """
        drafts = self.browse(set(files.mapped("res_id")))._filter_writable().sudo()
        drafts = drafts.filtered(lambda draft: draft.state in transitions.TO_DRAFT)
        files = files.filtered(lambda file: file.res_id in drafts.ids)
        if not files:
            return files
        # A hand that approves at the same moment waits for this one, or this one starts again on what it left.
        self.env["sig.pqrs.act"].sudo()._lock_heads(drafts.pqrs_id)
        said = self.env["mail.message"].sudo().search([("attachment_ids", "in", files.ids)])
        said -= said.sudo(False)._sig_filter_open_notes().sudo()
        approved = drafts._get_last_approvals()
        return files.filtered(
            lambda file: (
                file not in said.attachment_ids
                and (file.res_id not in approved or file.create_date > approved[file.res_id])
            )
        )

    def _get_last_approvals(self):
        """``{id: moment}`` of the last approval of each draft that ever had one, under whatever code of its process."""
        drafts = self.sudo()
        everybody = drafts.pqrs_id.with_context(active_test=False).assignment_ids
        approvals = drafts.env["sig.pqrs.act"]
        approvals = approvals.search([("pqrs_id", "in", drafts.pqrs_id.ids), ("kind", "=", "approved")], order="id")
        last = {}
        for draft in drafts:
            others = everybody.filtered(lambda other, draft=draft: other.pqrs_id == draft.pqrs_id) - draft
            foreign = set(others.process_id.mapped("code")) - {draft.process_id.code}
            own = approvals.filtered(
                lambda act, draft=draft, foreign=foreign: (
                    act.pqrs_id == draft.pqrs_id and (act.data or {}).get("process") not in foreign
                )
            )
            if own:
                last[draft.id] = own[-1].create_date
        return last
