import hashlib
import json
from contextlib import contextmanager
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html_sanitize

from ..mixin import transitions


class AssignmentDigest(models.Model):
    """An approval is bound to a digest of what the approver read. Any later change voids it, or the submission."""

    _inherit = "sig.pqrs.assignment"
    _picture_fields = ("response",)

    submitted_by_id = fields.Many2one("res.users", "Submitted by", readonly=True)
    draft_digest = fields.Char("Digest of the draft", compute="_compute_draft_digest", exportable=False)

    @api.depends("state")
    def _compute_draft_digest(self):
        for assignment in self:
            assignment.draft_digest = assignment.state == "submitted" and assignment._origin._compute_reading()

    def _check_seen(self, digest):
        """Refuse an approval of another draft than the one read; return whether the caller sent a digest."""
        seen = self._read_seen(digest, "draft_digest")
        for assignment in self if seen is not None else ():
            if seen.get(assignment.id) != assignment._compute_reading():
                refusal = self.env._(
                    "%s: the text changed, read it again before you approve it.", assignment.display_name
                )
                raise UserError(refusal)
        return seen is not None

    def _store_digests(self):
        field = self._fields["response_digest"]
        for assignment in self:
            field.write(assignment, assignment._compute_digest())  # flushed in one statement

    def _compute_digest(self):
        draft = self.sudo()
        content = {
            "text": html_sanitize(draft.response or ""),
            "files": draft._get_approved_files(),
            "requests": [
                [request.id, request.name, request.answer or "", request.resolution or ""]
                for request in draft.request_ids.sorted("id")
            ],
            "commitments": [[promise.name, str(promise.date_due)] for promise in draft._get_drafted_promises()],
        }
        said = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    def _compute_reading(self):
        """SHA-256 of all that the leader reads: also the responsible of each commitment, which may change later."""
        people = [promise.user_id.id for promise in self.sudo()._get_drafted_promises()]
        return hashlib.sha256(json.dumps([self._compute_digest(), people]).encode()).hexdigest()

    def _is_as_approved(self):
        return self._compute_digest() == self.response_digest

    def _get_drafted_promises(self):
        return self.commitment_ids.filtered(lambda commitment: commitment.state != "cancelled").sorted("id")

    @contextmanager
    def _following_changes(self, cases):
        """Void submissions, approvals and legal reviews whose answer, with all its parts, changes in the block."""
        self._touch_rows("state")
        self_sudo = self.sudo()
        before = {
            assignment: (assignment.state, assignment._get_covered())
            for assignment in self_sudo
            if assignment.is_current and assignment.state in ("submitted", "approved")
        }
        yield
        self.invalidate_recordset(["draft_digest"])
        changed = self_sudo.browse(
            assignment.id
            for assignment, (state, covered) in before.items()
            if assignment.state == state and assignment._get_covered() != covered
        )
        for state, drafts in changed.grouped("state").items():
            drafts._void(state)
        self.env["sig.legal.review"]._void_changed(cases)

    def _get_covered(self):
        return self._compute_reading() if self.state == "submitted" else self._compute_digest()

    def _void(self, state):
        """Return changed drafts, as superuser, that were ``submitted`` or ``approved``; notify who did or was to."""
        user = self.env.user.name
        if state == "approved":
            reason = self.env._("%s changed the text, the requests or the annexes after the approval.", user)
            people = {draft: draft.submitted_by_id | draft.approved_by_id for draft in self}
        else:
            reason = self.env._("%s changed the text, the requests or the annexes after it was submitted.", user)
            people = {draft: draft.submitted_by_id | draft.approval_user_id for draft in self}
        self._return(reason)
        self._mail_people(
            {draft: (users - draft.user_id).filtered(draft._sig_filter_readable_by) for draft, users in people.items()},
            lambda draft: draft.env._("The draft changed, and is to be submitted again: %s", draft.pqrs_id.name),
            reason,
        )

    def _get_approved_files(self):
        """Sorted ``[(name, SHA-256)]`` of the annexes and of the pictures in the text."""
        files = self.attachment_ids | self._get_pictures(self.response)
        return sorted((file.name, file._sig_sha256()) for file in files)

    @api.model
    def _filter_free_files(self, files):
        """Files of drafts being written that are newer than any approval in the case, and that no message holds.

        Files of submitted or approved drafts are removed in the form, which voids the approval.
        """
        written = [
            ("is_current", "=", True),
            ("state", "in", transitions.TO_DRAFT),
            ("pqrs_id.state", "in", transitions.OPEN),
        ]
        drafts = self.sudo().search([("id", "in", files.mapped("res_id")), *written])
        files = files.filtered(lambda file: file.res_id in drafts.ids)
        if not files:
            return files
        acts = self.env["sig.pqrs.act"].sudo()
        acts._lock_heads(drafts.pqrs_id)  # a concurrent approval waits for this transaction, or this one is retried
        said = self.env["mail.message"].sudo().search([("attachment_ids", "in", files.ids)])
        approvals = [("pqrs_id", "in", drafts.pqrs_id.ids), ("kind", "=", "approved")]
        approved_on = dict(acts._read_group(approvals, ["pqrs_id"], ["create_date:max"]))
        cases = {draft.id: draft.pqrs_id for draft in drafts}
        return files.filtered(
            lambda file: (
                file not in said.attachment_ids and file.create_date > approved_on.get(cases[file.res_id], datetime.min)
            )
        )
