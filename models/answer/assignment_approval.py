import hashlib
import json
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, html_sanitize

#: formulas of the digest, the current one first: acts and approvals of before hold those of their time
FORMULAS = (2, 1)


class AssignmentApproval(models.Model):
    """An approval is of what the approver read: a digest says of what, and any later change voids it.

    So it is with what waits for approval: a draft that somebody changes afterwards has to be submitted again.
    """

    _inherit = "sig.pqrs.assignment"

    submitted_by_id = fields.Many2one("res.users", "Submitted by", readonly=True)
    draft_digest = fields.Char(
        "Digest of the draft",
        compute="_compute_draft_digest",
        help="SHA-256 of what waits for approval: whoever approves sends that of the draft that they read.",
    )

    @api.depends("state")
    def _compute_draft_digest(self):
        for assignment in self:
            waits = assignment.state == "submitted"
            assignment.draft_digest = waits and assignment._origin._compute_reading()

    def _check_seen(self, digest):
        """Refuse to approve what is not what the approver read.

        :param digest: see `action_approve`.
        :return: whether the caller said what was read.
        """
        seen = self._read_seen(digest, "draft_digest")
        if seen is None:
            return False
        for assignment in self.sudo():
            if seen.get(assignment.id) != assignment._compute_reading():
                raise UserError(
                    self.env._("%s: the text changed, read it again before you approve it.", assignment.display_name)
                )
        return True

    def _store_digests(self):
        """Note what is approved, each draft's own, in one statement."""
        rows = [(assignment.id, assignment._compute_digest()) for assignment in self.sudo()]
        self.flush_recordset(["response_digest"])
        self.env.cr.execute_values(
            """UPDATE sig_pqrs_assignment SET response_digest = approved.digest
                 FROM (VALUES %s) AS approved(id, digest) WHERE sig_pqrs_assignment.id = approved.id""",
            rows,
            page_size=len(rows),
        )
        self.invalidate_recordset(["response_digest"])

    # -- The digest -------------------------------------------------------------------------------------------------

    def _compute_digest(self, formula=FORMULAS[0]):
        """SHA-256 of all that the leader approves, hexadecimal."""
        self.ensure_one()
        content = self._get_digest_content() if formula > 1 else "\n".join(self._get_digest_lines()).encode()
        return hashlib.sha256(content).hexdigest()

    def _compute_reading(self):
        """SHA-256 of all that the leader reads, hexadecimal: also who does what is promised, which may change later."""
        people = [promise.user_id.id for promise in self.sudo()._get_drafted_promises()]
        return hashlib.sha256(json.dumps([self._compute_digest(), people]).encode()).hexdigest()

    def _is_as_approved(self):
        """Whether it is what was approved, by the formula of that time."""
        return any(self._compute_digest(formula) == self.response_digest for formula in FORMULAS)

    def _get_digest_content(self):
        """The text, the annexes and pictures, the requests with their answers, what is promised: bytes."""
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
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def _get_digest_lines(self):
        """What formula 1 digested, until version 19.0.1.4.0: without pictures, and files by their SHA-1."""
        draft = self.sudo()
        return [
            html_sanitize(draft.response or ""),
            *(f"{name}\x00{sha1}" for name, sha1 in sorted((f.name, f.checksum or "") for f in draft.attachment_ids)),
            *(
                f"{request.id}\x00{request.name}\x00{request.answer or ''}\x00{request.resolution or ''}"
                for request in draft.request_ids.sorted("id")
            ),
            *(f"{promise.name}\x00{promise.date_due}" for promise in draft._get_drafted_promises()),
        ]

    def _get_drafted_promises(self):
        return self.commitment_ids.filtered(lambda commitment: commitment.state != "cancelled").sorted("id")

    # -- Changes after it was submitted, or approved ------------------------------------------------------------------

    @contextmanager
    def _following_changes(self):
        """Void what was submitted or approved, where the answer with all its parts is no longer that."""
        self._meet_approval()
        self_sudo = self.sudo()
        before = {
            assignment: (assignment.state, assignment._get_covered())
            for assignment in self_sudo
            if assignment.state in ("submitted", "approved")
        }
        yield
        self.invalidate_recordset(["draft_digest"])
        changed = self_sudo.browse(
            assignment.id
            for assignment, (state, covered) in before.items()
            if assignment.state == state and assignment._get_covered() != covered
        )
        for state, drafts in changed.grouped("state").items():
            drafts.with_env(self.env)._void(state)

    def _get_covered(self):
        """Of what a submission, or an approval, is."""
        return self._compute_reading() if self.state == "submitted" else self._compute_digest()

    def _meet_approval(self):
        """Have a change of any part meet an approval at the same moment: one of both starts again on what the other
        left.
        """
        if self:
            self.flush_recordset(["state"])
            self.env.cr.execute(
                SQL("UPDATE sig_pqrs_assignment SET state = state WHERE id IN %s", tuple(sorted(self.ids)))
            )

    def _void(self, state):
        """The user changed drafts that were submitted, or approved: they are given back, and that is told.

        :param str state: in which they were.
        """
        reason = (
            self.env._("%s changed the text, the requests or the annexes after the approval.", self.env.user.name)
            if state == "approved"
            else self.env._(
                "%s changed the text, the requests or the annexes after it was submitted.", self.env.user.name
            )
        )
        people = {
            assignment: assignment.submitted_by_id
            | (assignment.approved_by_id if state == "approved" else assignment.approval_user_id)
            for assignment in self.sudo()
        }
        self._give_back(reason)
        self._tell_void(people, reason)

    def _tell_void(self, people, reason):
        """Tell who had submitted, and whose approval it was or waited for; the responsible has an activity.

        :param dict people: ``{assignment: users}``.
        """
        People = self.env["sig.people"]
        People._mail(
            [
                (
                    user,
                    assignment.company_id,
                    own.env._("The draft changed, and is to be submitted again: %s", own.pqrs_id.name),
                    own._get_mail_text(reason),
                    People._get_url(assignment),
                )
                for assignment, users in people.items()
                for user in users - assignment.user_id - self.env.user
                for own in [assignment.with_context(lang=user.lang)]
                if assignment._sig_filter_readable_by(user)
            ]
        )
