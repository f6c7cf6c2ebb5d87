from odoo import api, fields, models, tools
from odoo.tools import html2plaintext

#: earlier answers to the same client that are shown, and characters of each
EARLIER, EXCERPT = 3, 300


class AssignmentBrief(models.Model):
    """What who drafts or approves an answer has beside its text; empty when the user cannot read the case."""

    _inherit = "sig.pqrs.assignment"

    return_reason = fields.Text("Why it was returned", compute="_compute_return_reason")
    brief = fields.Json(compute="_compute_brief")

    @api.depends("state", "pqrs_id.act_number")
    @api.depends_context("uid")
    def _compute_return_reason(self):
        Panel = self.env["sig.case.panel"]
        self.return_reason = False
        returned = self.filtered(lambda each: each.state == "returned")
        readable = returned.pqrs_id._filtered_access("read")
        for assignment in returned:
            refusals = Panel._get_last_refusals(assignment.pqrs_id & readable)
            act = refusals.get((assignment.process_id.sudo().code, "returned"))
            assignment.return_reason = act and act.note

    @api.depends("pqrs_id.subject", "pqrs_id.date_deadline", "pqrs_id.description", "state")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_brief(self):
        readable = self.pqrs_id._filtered_access("read")
        for assignment in self:
            case = assignment.pqrs_id & readable
            assignment.brief = assignment._get_brief(case) if case else {}

    def _get_brief(self, case):
        """:return: ``{"facts": [[label, text]], "texts": [[label, text]], "files": [{id, name}], "earlier": [{id, name,
        date, text}]}``; ``earlier`` are the last answers to the client that the user reads.
        """
        labels = {name: case._fields[name]._description_string(self.env) for name in ("type_id", "site", "remedy")}
        deadline = case._format_authority_deadline() or tools.format_date(self.env, case.date_deadline)
        facts = [
            (self.env._("Petitioner"), case.petitioner),
            (self.env._("Client"), case.client_id.name if case.client_id.name != case.petitioner else False),
            (labels["type_id"], case.type_id.name),
            (labels["site"], case.site),
            (self.env._("Received on"), tools.format_date(self.env, case._get_received_on())),
            (self.env._("Deadline"), deadline),
        ]
        texts = [
            (self.env._("What the SIG asks of the process"), self.instruction),
            (self.env._("What happened"), case.description),
            (labels["remedy"], case.remedy),
        ]
        return {
            "facts": [fact for fact in facts if fact[1]],
            "texts": [text for text in texts if text[1]],
            "files": [{"id": file.id, "name": file.name} for file in case.attachment_ids],
            "earlier": [self._get_earlier_row(answer) for answer in self._find_earlier_answers(case)],
        }

    def _find_earlier_answers(self, case):
        """The last answers given to the client that the user reads, those to the case itself first."""
        Answer = self.env["sig.pqrs.answer"]
        given = [("date_answered", "!=", False), ("id", "!=", self.answer_id.id)]
        found = Answer.search([("pqrs_id", "=", case.id), *given], limit=EARLIER)
        if case.client_id and not case.identity_reserved and len(found) < EARLIER:
            others = [("pqrs_id.client_id", "=", case.client_id.id), ("pqrs_id", "!=", case.id), *given]
            found += Answer.search(others, order="date_answered desc, id desc", limit=EARLIER - len(found))
        return found

    @api.model
    def _get_earlier_row(self, answer):
        day = answer.company_id._sig_local_date(answer.date_answered)
        text = " ".join(html2plaintext(answer.body or "").split())
        return {
            "id": answer.id,
            "name": f"{answer.pqrs_id.name} · {answer.pqrs_id.subject}",
            "date": tools.format_date(self.env, day),
            "text": text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…",
        }
