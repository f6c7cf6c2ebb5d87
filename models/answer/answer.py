import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..choices import choices_of
from ..communication.communication import ENDINGS, OF_ANSWERS, RECEIVED, TOLD

MAX_REQUESTS = 100

#: fields with the names and values of those of the case
FROM_CASE = (
    "date_deadline", "date_legal", "date_answered", "response_days", "resolution",
    "legal_state", "legal_digest", "rating_value", "rating_reason",
)  # fmt: skip

#: number or mark of a pasted line: "1." "2)" "(a)" "-" "•"
_MARK = re.compile(r"^\s*(?:[-*•–—]|\(?(?:\d{1,2}|[a-zA-Z])[.):]-?)\s+")

#: how a case that was answered is taken up again, and how any is
REOPENINGS_OF_ANSWERED = [("disagreement", "The petitioner does not agree"), ("correction", "Correction of our answer")]
REOPENINGS = [*REOPENINGS_OF_ANSWERED, ("resume", "It had ended without an answer")]


class PqrsAnswer(models.Model):
    """An answer that was given: one for each round of a case, as it was sent.

    What is drafted stands on the case. Once it has left, this record keeps its texts, letter, annexes, legal review,
    dates and stars, whatever follows: a case that was answered in time and taken up again stays answered in time.
    An attempt that fails is no round: the same answer goes another way.
    """

    _name = "sig.pqrs.answer"
    _description = "Answer to the Petitioner"
    _inherit = ["sig.files.mixin", "sig.record.mixin"]
    _order = "round desc, id desc"
    _rec_name = "round"
    _sig_is_proof = True

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    round = fields.Integer(aggregator=None, required=True, readonly=True)
    kind = fields.Selection(
        [("first", "First answer"), *REOPENINGS], "Why", required=True, default="first", readonly=True
    )
    state = fields.Selection(
        [("sent", "Given"), ("failed", "Not delivered"), ("reopened", "Reopened")],
        required=True,
        readonly=True,
        default="sent",
    )
    date_from = fields.Date("Counted from", readonly=True, help="Receipt of what it answers.")
    date_deadline = fields.Date("Deadline", readonly=True)
    date_legal = fields.Date("Legal deadline", readonly=True)
    date_answered = fields.Datetime("Answered on", readonly=True)
    in_time = fields.Boolean("In time", readonly=True)
    response_days = fields.Integer("Days to answer", readonly=True, aggregator=None)
    disputed = fields.Boolean(
        readonly=True, help="The petitioner did not agree: its term ended with it, and the next answer has its own."
    )
    counts = fields.Boolean(
        "Counts apart",
        readonly=True,
        help="Indicators count its term beside that of the case: it was disputed, or what was taken up again for a"
        " correction ended without another answer.",
    )
    opening = fields.Html(readonly=True, sanitize=False)
    closing = fields.Html(readonly=True, sanitize=False)
    body = fields.Html("Answer", readonly=True, sanitize=False)
    resolution = fields.Selection(selection=choices_of("sig.pqrs", "resolution"), readonly=True)
    process_ids = fields.Many2many("sig.process", string="Processes", readonly=True, check_company=True)
    legal_state = fields.Selection(choices_of("sig.pqrs", "legal_state"), "Legal review", readonly=True)
    legal_digest = fields.Char(readonly=True, exportable=False)
    letter_id = fields.Many2one("ir.attachment", "Answer letter", readonly=True, index="btree_not_null")
    attachment_ids = fields.Many2many(
        "ir.attachment", "sig_pqrs_answer_attachment_rel", string="Annexes", readonly=True, bypass_search_access=True
    )
    assignment_ids = fields.One2many("sig.pqrs.assignment", "answer_id", "Parts of the processes", readonly=True)
    communication_ids = fields.One2many("sig.pqrs.communication", "answer_id", "Communications", readonly=True)
    rating_value = fields.Integer("Stars", readonly=True, aggregator=None)
    rating_reason = fields.Text("Reason of the rating", readonly=True)

    _round_unique = models.UniqueIndex("(pqrs_id, round)", "A round of a case has one answer.")
    _counts_index = models.Index("(company_id, date_deadline) WHERE counts IS TRUE")
    _disputed_index = models.Index("(pqrs_id) WHERE disputed IS TRUE")

    @api.depends("round", "pqrs_id.name")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_display_name(self):
        for answer in self:
            case = answer._get_nameable("pqrs_id")
            answer.display_name = self.env._("%(case)s, answer %(round)s", case=case._get_number(), round=answer.round)

    def _get_files(self):
        return self.letter_id | self.attachment_ids

    def _is_in_time_for(self, day):
        """Whether the last of them whose term had begun before a day was given by then, or extended in time past it."""
        answer = self.filtered(lambda each: each.date_from and each.date_from < day)[-1:]
        given = answer.date_answered
        if given and answer.company_id._sig_local_date(given) <= day:
            return True
        told = answer.communication_ids.filtered(
            lambda each: each.purpose == "extension" and each.state in TOLD and not each.told_late
        )
        return bool(told and answer.date_legal and day < answer.date_legal)

    def _is_late(self):
        """Whether it was given after the legal deadline, or never reached its addressee."""
        given = self.date_answered
        return not given or self.company_id._sig_local_date(given) > self.date_legal

    def _filter_corrected(self):
        """The last given of each case, where it was taken up again for a correction."""
        given = self.filtered("date_answered").grouped("pqrs_id").values()
        last = self.browse().union(*(answers.sorted("round")[-1] for answers in given))
        return last.filtered(lambda answer: answer.state == "reopened" and not answer.disputed)

    @api.model
    def _store(self, cases):
        """Keep the answer of each case as it was given. One that had not been delivered is the same round."""
        new = cases.filtered(lambda case: not case.answer_id)
        for case in cases - new:
            case.answer_id.write(self._prepare(case))
        vals_list = []
        for case in new:
            begun = {"pqrs_id": case.id, "round": len(case.answer_ids) + 1, "date_from": case._get_term_start()}
            vals_list.append({**begun, "kind": self._get_kind(case), **self._prepare(case)})
        for case, answer in zip(new, self.create(vals_list), strict=True):
            case.answer_id = answer
        for case in cases:
            attempts = case.communication_ids.filtered(lambda each: each.purpose == "response" and not each.answer_id)
            attempts.answer_id = case.answer_id
            case._get_current_assignments().answer_id = case.answer_id

    @api.model
    def _prepare(self, case):
        return {
            "state": "sent",
            **{name: case[name] for name in FROM_CASE},
            "in_time": case.deadline_state == "answered_on_time",
            "opening": case.response_opening,
            "closing": case.response_closing,
            "body": case.response,
            "process_ids": [Command.set(case._get_current_assignments().process_id.ids)],
            "letter_id": case.letter_id.id,
            "attachment_ids": [Command.set(case._get_letter_annexes().ids)],
        }

    @api.model
    def _get_kind(self, case):
        """Of the round of a case that runs now, or ended last."""
        began, was_sent = None, False
        for act in case.act_ids.sorted("number"):
            if act.kind == "response_sent":
                was_sent = True
            elif act.kind == "reopened" and (was_sent or not began):
                began, was_sent = act, False
        data = (began.data or {}) if began else {"kind": "first"}
        # Acts of before 19.0.2.0.0 do not say the kind: the first term went on.
        return data.get("kind") or ("correction" if data.get("answered") else "resume")

    def _freeze(self, disputed):
        """What they gave stays, whatever follows; ``disputed``: their terms end with them."""
        self._own_files(["attachment_ids"])
        self.write({"state": "reopened", "disputed": disputed, "counts": disputed})
        for answer in self if disputed else ():
            answer.pqrs_id.communication_ids.filtered(lambda each: not each.answer_id).answer_id = answer

    def _take_back(self):
        """Undo answers that did not reach the petitioner, and the commitments that they made."""
        for answer in self:
            opened = answer.pqrs_id.commitment_ids.filtered(lambda each: each.state == "open")
            made = opened.filtered_domain([("date_made", "=", answer.date_answered)])
            over = made.filtered("assignment_id") if answer.state == "reopened" else made.browse()
            over._take_back("cancelled")
            (made - over)._take_back("draft")
        self.write({"state": "failed", "date_answered": False, "in_time": False})


class AnsweredCase(models.Model):
    """The answer of a case: what is asked for and promised in it, its letter, and those that were given, by round."""

    _inherit = "sig.pqrs"

    answer_ids = fields.One2many("sig.pqrs.answer", "pqrs_id", "Answers", readonly=True)
    answer_id = fields.Many2one(
        "sig.pqrs.answer",
        "Answer of this round",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        help="The answer that was given last; none while the case is open again.",
    )
    request_ids = fields.One2many(
        "sig.pqrs.request",
        "pqrs_id",
        "Separate requests",
        help="Each one is answered apart in the letter: the answer does not leave while one has none.",
    )
    commitment_ids = fields.One2many("sig.pqrs.commitment", "pqrs_id", "Commitments")
    response_annex_ids = fields.Many2many(
        "ir.attachment", string="Annexes of the answer", compute="_compute_response_annex_ids"
    )

    @api.depends("assignment_ids.attachment_ids", "assignment_ids.state", "assignment_ids.is_current")
    @api.depends_context("uid")
    def _compute_response_annex_ids(self):
        for case in self:
            annexes = case.sudo()._get_letter_annexes()
            case.response_annex_ids = annexes.with_env(self.env)._filtered_access("read")

    def _get_letter_annexes(self):
        return self._get_approved_sections().attachment_ids.sudo().sorted("id")

    def _get_earlier_answers(self):
        return self.answer_ids.filtered(lambda answer: answer.state == "reopened")

    def _get_current_requests(self):
        """Requests of the answer that is being prepared, or was given last."""
        return self.request_ids.filtered(lambda request: not request.is_past).sorted()

    def action_download_letter(self):
        return self.delivery_id.action_download_letter()

    def action_add_requests(self, text):
        """List one request a line, for the process of the case when it is the only one; return their ids."""
        proven = self._check_transition("add_requests")
        text = self._require_text(text, self.env._("Write what is asked."))
        lines = [line for each in text.splitlines() if (line := _MARK.sub("", each).strip())]
        if len(lines) > MAX_REQUESTS:
            raise UserError(self.env._("At most %s requests at once.", MAX_REQUESTS))
        vals_list = []
        for case in proven:
            last, assignments = max(case.request_ids.mapped("sequence"), default=0), case._get_current_assignments()
            place = {"pqrs_id": case.id, "assignment_id": assignments.id if len(assignments) == 1 else False}
            vals_list += [{**place, "sequence": last + number, "name": line} for number, line in enumerate(lines, 1)]
        return self.env["sig.pqrs.request"].create(vals_list).ids

    def _ended_unfiled(self):
        """Whether it ended as no PQRS before it was filed: it would wait to be filed again, and nobody is told."""
        ended = self.outcome == "spam" and self.act_ids.filtered(lambda act: act.kind == "cancelled").sorted("number")
        return bool(ended) and (ended[-1].data or {}).get("filed") is False

    def action_reopen(self, reason, kind="disagreement", date=False, authority_deadline=False):
        """Take up again what ended, and tell the petitioner until when it is answered. Earlier answers stay.

        :param str kind: ``disagreement`` of the petitioner with the answer, which is a new request with its own term;
            ``correction`` of an answer that did not resolve what was asked, or ``resume`` of what had ended without
            one: the term goes on.
        :param date: when the petitioner disagreed; today by default.
        :param authority_deadline: date and hour that an authority sets for its new request.
        """
        Reopening, proven = self.env["sig.reopening"], self._check_transition("reopen")
        reason = self._require_text(reason)
        rounds = {case: Reopening._prepare_round(case, kind, date, authority_deadline) for case in proven}
        if kind == "resume":
            proven.answer_ids._filter_corrected().counts = False
        else:
            proven.answer_id._freeze(disputed=kind == "disagreement")
        copies = self.env["sig.case.binding"]._bind_missing(proven)
        data = {
            case: {"answered": str(case.date_answered or ""), "outcome": case.outcome or "", "kind": kind, **began}
            for case, began in rounds.items()
        }
        self._record("reopened", reason, data={case: {**data[case], **copies.get(case, {})} for case in proven})
        self._void_communications([("purpose", "in", (*ENDINGS, *OF_ANSWERS))])
        proven.delivery_id._supersede()
        proven.communication_ids._attend()
        unfiled = proven.filtered(lambda case: case._ended_unfiled())
        proven.write(Reopening._get_values(kind))
        unfiled.state = "to_file"
        for case, began in rounds.items():
            if deadline := began.get("authority_deadline"):
                case.authority_deadline = deadline
        self._close_activities(*self._own_activities, "sig_pqrs.activity_message", "sig_pqrs.activity_low_rating")
        proven._get_waiting_after_end().purpose = "message"  # what came meanwhile is of the case that is open again
        for each in proven.communication_ids.filtered_domain(RECEIVED):
            each.pqrs_id._ask_to_read(each._get_summary())
        proven._follow_assignments()
        self._refresh_terms()
        if kind != "disagreement":
            proven.communication_ids._wait_again()
        to_answer = proven.filtered(lambda case: case.state != "approved")  # of the others: close and send it
        to_answer._notify_director(lambda env: env._("Case reopened"), reason)
        proven._get_current_assignments()._ask_again()
        Reopening._notify(proven - unfiled, kind)
        return True
