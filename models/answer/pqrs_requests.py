import re

from odoo import fields, models
from odoo.exceptions import UserError

#: how a pasted line is numbered or marked: "1." "2)" "(a)" "-" "•"
_MARK = re.compile(r"^\s*(?:[-*•–—]|\(?(?:\d{1,2}|[a-zA-Z])[.):]-?)\s+")

MAX_REQUESTS = 100


class PqrsRequests(models.Model):
    """The requests of a petition, each answered on its own (see `sig.pqrs.request`)."""

    _inherit = "sig.pqrs"

    request_ids = fields.One2many(
        "sig.pqrs.request",
        "pqrs_id",
        "Separate requests",
        help="Each one is answered apart in the letter: the answer does not leave while one has none.",
    )

    def action_add_requests(self, text):
        """List what the petitioner asks for, one request a line; marks and numbers at its beginning are dropped.

        They go to the process of the case when there is one alone.

        :param str text: one request a line.
        :return: ids of the requests.
        """
        proven = self._check_transition("add_requests")
        lines = [
            _MARK.sub("", line).strip()
            for line in self._require_text(text, self.env._("Write what is asked.")).splitlines()
        ]
        lines = [line for line in lines if line]
        if len(lines) > MAX_REQUESTS:
            raise UserError(self.env._("At most %s requests at once.", MAX_REQUESTS))
        vals_list = []
        for case in proven:
            last = max(case.request_ids.mapped("sequence"), default=0)
            assignments = case._get_standing_assignments()
            vals_list += [
                {
                    "pqrs_id": case.id,
                    "sequence": last + number,
                    "name": line,
                    "assignment_id": assignments.id if len(assignments) == 1 else False,
                }
                for number, line in enumerate(lines, 1)
            ]
        return self.env["sig.pqrs.request"].create(vals_list).ids

    def _get_requests_faults(self):
        """Why the requests keep the answer from leaving, in sentences."""
        standing = self._get_standing_assignments()
        for request in self.request_ids:
            if request.assignment_id not in standing:
                yield self.env._("Request %(number)s has no process: “%(request)s”.", **request._get_label())
            elif not request._is_answered():
                yield self.env._(
                    "Request %(number)s is not answered by %(process)s: “%(request)s”.",
                    process=request.assignment_id.process_id.name,
                    **request._get_label(),
                )

    def _render_requests(self):
        """What was asked and what is answered, one by one, of the processes that have approved."""
        requests = self.request_ids.filtered(lambda request: request.assignment_id in self._get_approved_sections())
        if not requests:
            return False
        lang = self._get_letter_lang()
        return (
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render("sig_pqrs.response_requests", {"requests": requests.sorted().with_context(lang=lang)})
        )


class AssignmentRequests(models.Model):
    """The requests that a process answers."""

    _inherit = "sig.pqrs.assignment"

    request_ids = fields.One2many(
        "sig.pqrs.request",
        "assignment_id",
        "Requests to answer",
        help="Each one is answered apart in the letter: the answer does not leave while one has none.",
    )

    def _take_requests(self):
        """Give the requests that nobody owns to the process of their case, where it is alone."""
        for assignment in self.sudo():
            case = assignment.pqrs_id
            if case._get_standing_assignments() == assignment:
                case.request_ids.filtered(lambda request: not request.assignment_id).write(
                    {"assignment_id": assignment.id}
                )

    def _release_requests(self):
        """The requests of a process that no longer has the case wait for the SIG, with what was answered."""
        requests = self.sudo().request_ids
        requests.write({"assignment_id": False})
        requests.pqrs_id._message_log_batch(
            {
                case.id: self.env._(
                    "Requests without a process: %s", ", ".join(str(request.number) for request in theirs.sorted())
                )
                for case, theirs in requests.grouped("pqrs_id").items()
            }
        )
