import hashlib
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import html_sanitize, is_html_empty

from ...tools import clean_text, printed_html
from .. import clock
from ..json_list import JsonList
from ..mixin.transitions import OPEN

#: petitioners that the law asks for are more than these
FEW = 10

#: similar cases that are proposed
MANY = 50

ACT = "common_answer"


class CommonAnswer(models.Model):
    """One answer to the analogous petitions of more than ten people, published and sent to each (Ley 1437 de 2011, art.
    22, as in Ley 1755 de 2015).

    It approves and delivers nothing by itself: its text is the draft of a process in each case, which its people submit
    and its leader approves there, and each case keeps its acts, term, letter and delivery.
    """

    _name = "sig.common.answer"
    _description = "Common Answer"
    _inherit = ["sig.record.mixin"]
    _order = "id desc"
    _editable_fields = frozenset({"name", "company_id", "process_id", "user_id", "case_ids", "body"})

    name = fields.Char("What it is about", required=True, help="For us: it is not published.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self._get_chosen().company_id[:1] or self.env.company
    )
    process_id = fields.Many2one("sig.process", "Process that answers", required=True, check_company=True)
    user_id = fields.Many2one(
        "res.users", "Responsible", help="Who submits the drafts, where the process has none yet. Empty: its leader."
    )
    case_ids = fields.Many2many(
        "sig.pqrs",
        "sig_common_answer_case_rel",
        string="Analogous petitions",
        required=True,
        check_company=True,
        default=lambda self: self._get_chosen(),
    )
    body = fields.Html("Text", sanitize_attributes=True, help="All read it: it names nobody, and tells of no case.")
    drafted = fields.Html("Text that is drafted", readonly=True, sanitize_attributes=True)
    state = fields.Selection([("draft", "In preparation"), ("published", "Published")], readonly=True, default="draft")
    date_published = fields.Datetime("Published on", readonly=True)
    petition_count = fields.Integer("Petitions answered", readonly=True, aggregator=None)
    assignment_ids = fields.Many2many("sig.pqrs.assignment", string="Drafts", compute="_compute_assignment_ids")
    common_digests = fields.Json(compute="_compute_assignment_ids", help="By id, of drafts with its text alone.")
    allowed_steps = JsonList(compute="_compute_assignment_ids")
    url = fields.Char("Page", compute="_compute_url")

    @api.model
    def _get_chosen(self):
        """The cases of the list from which it is begun; of one case, also the open ones that are similar."""
        cases = self.env["sig.pqrs"]
        if self.env.context.get("active_model") != "sig.pqrs" or not self.has_access("create"):
            return cases
        ids = [id_ for id_ in self.env.context.get("active_ids") or [] if isinstance(id_, int)]
        cases = cases.browse(ids).exists()._filtered_access("read")
        if len(cases) == 1:
            own = Domain("type_id.personal_data", "=", True) | Domain("type_id.due_by_authority", "=", True)
            among = Domain("state", "in", OPEN) & ~own & Domain("id", "!=", cases.id)
            text = self.env["sig.words"]._get_text(cases)
            found = self.env["sig.similar"]._find(text, cases.company_id, cases.site, domain=among, limit=MANY)
            cases = cases.union(*(similar.case for similar in found))
        return cases

    @api.depends("case_ids", "process_id", "body", "drafted")
    @api.depends_context("uid")
    def _compute_assignment_ids(self):
        """The parts of the process that the user reads, and what may be done with them together."""
        Assignment = self.env["sig.pqrs.assignment"]
        is_sig = self.env.user.has_group("sig_pqrs.group_sig_director")
        for answer in self:
            domain = Domain("pqrs_id", "in", answer.sudo().case_ids.ids) & Domain("is_current", "=", True)
            parts = Assignment.search(domain & Domain("process_id", "=", answer.process_id.id), order="pqrs_id")
            common = answer._filter_common(parts)
            whole = common.filtered(lambda part: part._has_text_alone())
            answer.assignment_ids = parts
            answer.common_digests = {str(part.id): part.draft_digest for part in whole if part.state == "submitted"}
            steps = {
                "draft": is_sig and answer.state == "draft",
                "submit": any("submit" in part.allowed_transitions for part in common),
                "approve": bool(answer._filter_approvable(whole)),
                "send": is_sig and bool(answer._filter_ready(common)),
            }
            answer.allowed_steps = [step for step, is_allowed in steps.items() if is_allowed]

    def _compute_url(self):
        for answer in self:
            answer.url = answer.state == "published" and f"{answer.get_base_url()}/pqrs/answers/{answer.id}"

    def _filter_common(self, parts):
        """Those whose draft is the common text."""
        common = self.drafted and html_sanitize(self.drafted)
        return parts.filtered(lambda part: common and html_sanitize(part.response or "") == common)

    def _filter_approvable(self, parts):
        return parts.filtered(lambda part: "approve" in part.allowed_transitions and not part.approves_in_absence)

    def _filter_ready(self, parts):
        """Cases whose answer may leave; those that were restricted since are answered apart."""
        approved = parts.filtered(lambda part: part.state == "approved").pqrs_id - self._get_answered()
        return approved.filtered(
            lambda case: (
                "send_response" in case.allowed_transitions
                and case.delivery_state == "none"
                and not self._has_own_answer(case)
            )
        )

    @api.constrains("case_ids", "body")
    def _check_petitions(self):
        for answer in self:
            if own := answer.case_ids.filtered(self._has_own_answer):
                text = self.env._(
                    "%s: personal data, restricted cases and requirements of authorities have an answer of their own.",
                    ", ".join(own.mapped("name")),
                )
                raise ValidationError(text)
            answer._check_many(answer.case_ids)
            if answer.body and ("<img" in answer.body or printed_html.find_foreign(answer.body)):
                raise ValidationError(self.env._("A common answer is published: it has text alone, without pictures."))

    def _has_own_answer(self, case):
        return case.restricted or case.type_id.personal_data or case.due_by_authority

    def _check_many(self, cases):
        people = self._count_people(cases)
        if people <= FEW:
            text = self.env._(
                "One answer is for analogous petitions of more than %(few)s people (Ley 1437 de 2011, art. 22): "
                "these are of %(count)s.",
                few=FEW,
                count=people,
            )
            raise ValidationError(text)

    def _count_people(self, cases):
        """Who asks under two addresses, or with a document one time alone, is one; who nobody knows is none."""
        documents, others = {}, []
        for case in cases:
            contact = case._get_contact()
            name = not case.anonymous and clean_text.fold(contact.name or "")
            keys = {contact.mailbox, contact.partner.id} - {"", False} or {contact.phone or name} - {"", False}
            if contact.document_key:
                documents.setdefault(contact.document_key, set()).update(keys)
            elif keys:
                same = [each for each in others if not each.isdisjoint(keys)]
                others = [each for each in others if each not in same] + [keys.union(*same)]
        documented = set().union(*documents.values())
        return len(documents) + sum(documented.isdisjoint(keys) for keys in others)

    def write(self, vals):
        if not self.env.su and any(answer.state == "published" for answer in self):
            raise UserError(self.env._("What was published does not change."))
        return super().write(vals)

    def _check_director(self):
        self.ensure_one()
        self.check_access("write")
        if is_html_empty(self.body):
            raise UserError(self.env._("Write the text of the answer."))
        self.env["sig.pqrs.act"]._lock_heads(self.sudo().case_ids)

    def action_draft(self):
        """Put the text, as the draft of the process, into each open case; those without the process are assigned to it.

        What somebody else wrote there stays.
        """
        self._check_director()
        if self.state == "published":
            raise UserError(self.env._("What was published does not change."))
        cases = self.case_ids.filtered(
            lambda case: "assign" in case.allowed_transitions and not self._has_own_answer(case)
        )
        if lacking := cases - self.assignment_ids.pqrs_id:
            lacking.action_assign([{"process_id": self.process_id.id, "user_id": self.user_id.id}])
            self.invalidate_recordset(["assignment_ids"])
        parts = self.assignment_ids.filtered(lambda part: part.pqrs_id in cases)
        free = parts.filtered(lambda part: not part._is_answered()) | self._filter_common(parts)
        for part in free:
            part.response = self.body
        self.sudo().drafted = self.body
        return self._tell_left(parts - free, self.env._("They have a draft of their own, which stays: %s"))

    def action_submit(self):
        common = self._filter_common(self.assignment_ids)
        return common.filtered(lambda part: "submit" in part.allowed_transitions).action_submit()

    def action_approve(self, digest=False):
        """Approve the drafts that have the text alone; the others are approved one by one.

        :param digest: ``common_digests`` as the approver saw them, which the form sends in the context.
        """
        self.ensure_one()
        whole = self._filter_common(self.assignment_ids).filtered(lambda part: part._has_text_alone())
        return self._filter_approvable(whole).action_approve(digest)

    def action_send(self):
        """Send the approved answers, each by the medium of its case, and publish the text.

        :raises UserError: while those of ten people or fewer have left or are ready.
        """
        self._check_director()
        answered = self._get_answered()
        ready = self._filter_ready(self._filter_common(self.assignment_ids))
        self._check_many(answered | ready)
        failures, send = [], partial(self._send, count=len(answered | ready))
        failed = self._in_isolation(ready, send, lambda case, error: failures.append(f"{case.name}: {error}"))
        answered |= ready - failed
        self._check_many(answered)
        published = self.date_published or clock.now()
        self.sudo().write({"state": "published", "date_published": published, "petition_count": len(answered)})
        return self._tell_left(failed, self.env._("They were not sent: %s"), failures)

    def _get_answered(self):
        acts = self.env["sig.pqrs.act"].sudo().search([("pqrs_id", "in", self.case_ids.ids), ("kind", "=", ACT)])
        return acts.filtered(lambda act: act.data["common"] == self.id).pqrs_id.with_env(self.env)

    def _send(self, cases, count):
        """:param count: petitions to which it goes; others of those that were looked at may have ended otherwise."""
        for case in cases._check_transition("send_response"):
            for part in ("opening", "closing"):
                template, text = self.env["sig.response.template"]._propose(case, part)
                if template:
                    case[f"response_{part}"] = text
        args = {"count": count, "number": self.id}
        note = self.env._(
            "Common answer %(number)s, to %(count)s analogous petitions (Ley 1437 de 2011, art. 22).", **args
        )
        digest = hashlib.sha256(self.drafted.encode()).hexdigest()
        cases._record(ACT, note, data={case: {"common": self.id, "text": digest} for case in cases})
        for medium, alike in cases.grouped(lambda case: case._get_default_medium()).items():
            alike.action_send_response(delivery=medium)

    def _tell_left(self, records, message, names=None):
        if not records:
            return True
        names = names or records.mapped("display_name")
        return self._show_message(message % "\n".join(names), "warning", sticky=True)


class AssignmentOfCommon(models.Model):
    _inherit = "sig.pqrs.assignment"

    common_answer_id = fields.Many2one("sig.common.answer", compute="_compute_common_answer_id")

    @api.depends("process_id", "pqrs_id")
    @api.depends_context("uid")
    def _compute_common_answer_id(self):
        Answer = self.env["sig.common.answer"]
        found = Answer.search([("case_ids", "in", self.pqrs_id.ids)]) if Answer.has_access("read") else Answer
        for part in self:
            alike = found.filtered(lambda answer, part=part: answer.process_id == part.process_id)
            part.common_answer_id = alike.filtered(lambda answer, part=part: part.pqrs_id in answer.sudo().case_ids)[:1]

    def _has_text_alone(self):
        """Whether who reads the text of the draft has read all that is approved with it."""
        return not (self.attachment_ids or self.request_ids or self._get_drafted_promises())
