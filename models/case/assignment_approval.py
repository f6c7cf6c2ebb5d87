import hashlib
from contextlib import contextmanager

from odoo import models
from odoo.tools import html_sanitize


class AssignmentApproval(models.Model):
    """An approval is of a text and its annexes as they were: a digest says which, and any later change voids it."""

    _inherit = "sig.pqrs.assignment"

    def _store_digests(self):
        """Note what is approved, each draft's own, in one statement."""
        digests = [(assignment.id, assignment._compute_digest()) for assignment in self.sudo()]
        self.flush_recordset(["response_digest"])
        self.env.cr.execute_values(
            """UPDATE sig_pqrs_assignment SET response_digest = approved.digest
                 FROM (VALUES %s) AS approved(id, digest) WHERE sig_pqrs_assignment.id = approved.id""",
            digests,
            page_size=len(digests),
        )
        self.invalidate_recordset(["response_digest"])

    def _compute_digest(self):
        """SHA-256 of all that the leader approves, hexadecimal."""
        self.ensure_one()
        return hashlib.sha256("\n".join(self._get_digest_lines()).encode()).hexdigest()

    def _get_digest_lines(self):
        """The text, the content of annexes and pictures, the requests with their answers. Hook for more."""
        annexes = sorted((attachment.name, attachment.checksum or "") for attachment in self.sudo().attachment_ids)
        requests = self.sudo().request_ids.sorted("id")
        return [
            html_sanitize(self.response or ""),
            *(f"{name}\x00{checksum}" for name, checksum in annexes),
            *self._get_picture_lines(),
            *(
                f"{request.id}\x00{request.name}\x00{request.answer or ''}\x00{request.resolution or ''}"
                for request in requests
            ),
        ]

    def _get_picture_lines(self):
        pictures = self.sudo()._get_pictures(self.response)
        return sorted(f"{picture.name}\x00{picture._sig_sha256()}" for picture in pictures)

    # -- Changes after the approval ---------------------------------------------------------------------------------

    def _get_approved_digests(self):
        """``{assignment: digest}`` of what is approved now."""
        return {
            assignment: assignment._compute_digest() for assignment in self.sudo() if assignment.state == "approved"
        }

    @contextmanager
    def _following_changes(self):
        """Void the approvals of those whose answer, with all its parts, is no longer what was approved."""
        before = self._get_approved_digests()
        yield
        self._void_changed_approvals(before)

    def _void_changed_approvals(self, before):
        """Void the approvals of the texts that are no longer those of ``before``."""
        self.browse(
            assignment.id
            for assignment, digest in before.items()
            if assignment.state == "approved" and assignment._compute_digest() != digest
        )._void_approval()

    def _void_approval(self):
        """An approved text was changed: it is no longer what was approved."""
        if self:
            self._give_back(self.env._("The text or the annexes changed after the approval."))
