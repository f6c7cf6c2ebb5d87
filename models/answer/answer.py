from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..choices import choices_of

#: how a round of a case began
KINDS = [
    ("first", "First answer"),
    ("disagreement", "The petitioner did not agree"),
    ("correction", "Correction of our answer"),
    ("resume", "Resumed"),
]


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
    _check_company_auto = True

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    round = fields.Integer(aggregator=None, required=True, readonly=True)
    kind = fields.Selection(KINDS, "Why", required=True, default="first", readonly=True)
    state = fields.Selection(
        [("sent", "Given"), ("failed", "Not delivered"), ("reopened", "Taken up again")],
        required=True,
        readonly=True,
        default="sent",
    )
    date_from = fields.Date("Counted from", readonly=True, help="Receipt of what it answers.")
    date_deadline = fields.Date("Deadline", readonly=True)
    date_legal = fields.Date("Legal deadline", readonly=True)
    date_answered = fields.Datetime("Answered on", readonly=True)
    in_time = fields.Boolean("In time", readonly=True)
    opening = fields.Html(readonly=True, sanitize=False)
    closing = fields.Html(readonly=True, sanitize=False)
    body = fields.Html("Answer", readonly=True, sanitize=False, help="The whole answer, as it was sent.")
    resolution = fields.Selection(selection=choices_of("sig.pqrs", "resolution"), readonly=True)
    process_ids = fields.Many2many("sig.process", string="Processes", readonly=True, check_company=True)
    legal_state = fields.Selection(choices_of("sig.pqrs", "legal_state"), "Legal review", readonly=True)
    legal_digest = fields.Char(readonly=True, help="SHA-256 of what the legal reviewer approved.")
    letter_id = fields.Many2one("ir.attachment", "Answer letter", readonly=True, index="btree_not_null")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "sig_pqrs_answer_attachment_rel",
        string="Annexes",
        readonly=True,
        bypass_search_access=True,
    )
    communication_ids = fields.One2many("sig.pqrs.communication", "answer_id", "Attempts to deliver it", readonly=True)
    rating_value = fields.Integer("Stars", readonly=True, aggregator="avg")
    rating_reason = fields.Text("Reason of the rating", readonly=True)

    _round_unique = models.UniqueIndex("(pqrs_id, round)", "A round of a case has one answer.")

    @api.depends("round", "pqrs_id.name")
    def _compute_display_name(self):
        for answer in self:
            case = answer._get_nameable("pqrs_id")
            answer.display_name = self.env._("%(case)s, answer %(round)s", case=case.name or "", round=answer.round)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Answers are made by the steps of the procedure."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Answers cannot be deleted: they are what the petitioner was told."))

    def _get_files(self):
        """The letters and their annexes."""
        return self.letter_id | self.attachment_ids

    def _freeze(self):
        """Their cases are taken up again: what they gave stays, whatever becomes of drafts and annexes."""
        self._own_files(["attachment_ids"])
        self.state = "reopened"

    def _take_back(self):
        """What did not reach the petitioner was no answer."""
        self.write({"state": "failed", "date_answered": False, "in_time": False})


class AnsweredCase(models.Model):
    """The answers that a case was given, round by round."""

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

    def _get_earlier_answers(self):
        """Answers of rounds before this one, the last first."""
        return self.answer_ids.filtered(lambda answer: answer.state == "reopened")

    def _finish_answer(self, moments, delivery=None):
        result = super()._finish_answer(moments, delivery)
        self._store_answers()
        return result

    def _store_answers(self):
        """Keep each answer as it was given. One that had not been delivered is the same round."""
        new = self.filtered(lambda case: not case.answer_id)
        for case in self - new:
            case.answer_id.write(case._prepare_answer())
        answers = self.env["sig.pqrs.answer"].create(
            [
                {"pqrs_id": case.id, "round": len(case.answer_ids) + 1, **case._get_round(), **case._prepare_answer()}
                for case in new
            ]
        )
        for case, answer in zip(new, answers, strict=True):
            case.answer_id = answer
        for case in self:
            attempts = case.communication_ids.filtered(lambda each: each.purpose == "response" and not each.answer_id)
            attempts.answer_id = case.answer_id

    def _prepare_answer(self):
        return {
            "state": "sent",
            "date_deadline": self.date_deadline,
            "date_legal": self.date_legal,
            "date_answered": self.date_answered,
            "in_time": self.deadline_state == "answered_on_time",
            "opening": self.response_opening,
            "closing": self.response_closing,
            "body": self.response,
            "resolution": self.resolution,
            "process_ids": [Command.set(self._get_standing_assignments().process_id.ids)],
            "legal_state": self.legal_state,
            "legal_digest": self.legal_digest,
            "letter_id": self.letter_id.id,
            "rating_value": self.rating_value,
            "rating_reason": self.rating_reason,
            "attachment_ids": [Command.set(self._get_letter_annexes().ids)],
        }

    def _get_round(self):
        """How the round of the case began: values of its answer."""
        reopened = self.act_ids.filtered(lambda act: act.kind == "reopened").sorted("number")[-1:]
        if not reopened or not self.answer_ids:
            return {"kind": "first", "date_from": self._get_received_on()}
        return {"kind": "disagreement", "date_from": self.company_id._sig_local_date(reopened.date)}

    def _apply_rating(self, rating, rate, feedback):
        result = super()._apply_rating(rating, rate, feedback)
        case = self.sudo()
        case.answer_id.write({"rating_value": case.rating_value, "rating_reason": case.rating_reason})
        return result


class AnswerAttempt(models.Model):
    _inherit = "sig.pqrs.communication"

    answer_id = fields.Many2one("sig.pqrs.answer", readonly=True, index="btree_not_null", check_company=True)
