from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from ..choices import choices_of
from ..communication.communication import ENDINGS, OF_ANSWERS

#: how a case that was answered is taken up again, and how any is
REOPENINGS_OF_ANSWERED = [
    ("disagreement", "The petitioner does not agree"),
    ("correction", "Correction of our answer"),
]
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
    _check_company_auto = True

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True)
    round = fields.Integer(aggregator=None, required=True, readonly=True)
    kind = fields.Selection(
        [("first", "First answer"), *REOPENINGS], "Why", required=True, default="first", readonly=True
    )
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
    response_days = fields.Integer(
        "Days to answer", readonly=True, aggregator=None, help="Business days, without those suspended."
    )
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
    assignment_ids = fields.One2many("sig.pqrs.assignment", "answer_id", "Parts of the processes", readonly=True)
    communication_ids = fields.One2many("sig.pqrs.communication", "answer_id", "Communications", readonly=True)
    rating_value = fields.Integer("Stars", readonly=True, aggregator="avg")
    rating_reason = fields.Text("Reason of the rating", readonly=True)

    _round_unique = models.UniqueIndex("(pqrs_id, round)", "A round of a case has one answer.")
    _counts_index = models.Index("(company_id, date_deadline) WHERE counts IS TRUE")
    _disputed_index = models.Index("(pqrs_id) WHERE disputed IS TRUE")

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

    def _is_answered_by(self, day):
        """Whether the last of them whose term had begun before a day was given by then."""
        answer = self.filtered(lambda each: each.date_from and each.date_from < day)[-1:]
        given = answer.date_answered
        return bool(given) and answer.company_id._sig_local_date(given) <= day

    def _is_late(self):
        """Whether it was given after the legal deadline, or never reached its addressee."""
        given = self.date_answered
        return not given or self.company_id._sig_local_date(given) > self.date_legal

    def _freeze(self, disputed):
        """Their cases are taken up again: what they gave stays, whatever becomes of drafts and annexes.

        :param bool disputed: whether their terms end with them.
        """
        self._own_files(["attachment_ids"])
        self.write({"state": "reopened", "disputed": disputed, "counts": disputed})
        for answer in self if disputed else ():
            answer.pqrs_id.communication_ids.filtered(lambda each: not each.answer_id).answer_id = answer

    def _take_back(self):
        """What did not reach the petitioner was no answer, and promised nothing."""
        made = self.assignment_ids.commitment_ids.filtered(lambda each: each.state == "open")
        made.filtered(lambda each: each.date_made == each.assignment_id.answer_id.date_answered)._take_back()
        self.write({"state": "failed", "date_answered": False, "in_time": False})


class AnsweredCase(models.Model):
    """The answers that a case was given, round by round, and how another round begins."""

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

    def _on_answered(self):
        result = super()._on_answered()
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
            case._get_current_assignments().answer_id = case.answer_id

    def _prepare_answer(self):
        return {
            "state": "sent",
            "date_deadline": self.date_deadline,
            "date_legal": self.date_legal,
            "date_answered": self.date_answered,
            "in_time": self.deadline_state == "answered_on_time",
            "response_days": self.response_days,
            "opening": self.response_opening,
            "closing": self.response_closing,
            "body": self.response,
            "resolution": self.resolution,
            "process_ids": [Command.set(self._get_current_assignments().process_id.ids)],
            "legal_state": self.legal_state,
            "legal_digest": self.legal_digest,
            "letter_id": self.letter_id.id,
            "rating_value": self.rating_value,
            "rating_reason": self.rating_reason,
            "attachment_ids": [Command.set(self._get_letter_annexes().ids)],
        }

    def _get_round(self):
        """How the round of the case began: values of its answer."""
        began, was_sent = None, False
        for act in self.act_ids.sorted("number"):
            if act.kind == "response_sent":
                was_sent = True
            elif act.kind == "reopened" and (was_sent or not began):
                began, was_sent = act, False
        data = (began.data or {}) if began else {"kind": "first"}
        # Acts of before 19.0.2.0.0 do not say the kind: the first term went on.
        kind = data.get("kind") or ("correction" if data.get("answered") else "resume")
        return {"kind": kind, "date_from": self._get_term_start()}

    def _get_corrected_answers(self):
        """The last answers of cases that were taken up again for a correction."""
        last = self.answer_ids.browse()
        for case in self:
            last |= case.answer_ids.sorted("round")[-1:]
        return last.filtered(lambda answer: answer.state == "reopened" and not answer.disputed)

    def _settle(self, state, outcome, act, reason, date=None, data=None):
        result = super()._settle(state, outcome, act, reason, date, data)
        self.sudo()._get_corrected_answers().counts = True
        return result

    # -- Another round ----------------------------------------------------------------------------------------------

    def action_reopen(self, reason, kind="disagreement", date=False, authority_deadline=False):
        """Take up again what ended, and tell the petitioner until when it is answered. Earlier answers stay.

        :param str kind: ``disagreement`` of the petitioner with the answer, which is a new request with its own term;
            ``correction`` of an answer that did not resolve what was asked, or ``resume`` of what had ended without
            one: the term goes on.
        :param date: when the petitioner disagreed; today by default.
        :param authority_deadline: date and hour that an authority sets for its new request.
        """
        proven = self._check_transition("reopen")
        reason = self._require_text(reason)
        rounds = {case: case._read_reopening(kind, date, authority_deadline) for case in proven}
        if kind == "resume":
            proven._get_corrected_answers().counts = False
        else:
            proven.answer_id._freeze(disputed=kind == "disagreement")
        copies = self.env["sig.case.binding"]._bind_missing(proven)
        self._record(
            "reopened",
            dict.fromkeys(self, reason),
            data={
                case: {
                    "answered": str(case.date_answered or ""),
                    "outcome": case.outcome or "",
                    "kind": kind,
                    **began,
                    **copies.get(case, {}),
                }
                for case, began in rounds.items()
            },
        )
        self._void_communications([("purpose", "in", (*ENDINGS, *OF_ANSWERS))])
        proven.delivery_id._supersede()
        proven.communication_ids._attend()
        proven.write(self._get_reopened_values(kind))
        for case, began in rounds.items():
            if deadline := began.get("authority_deadline"):
                case.authority_deadline = deadline
        proven._follow_assignments()
        self._refresh_terms()
        if kind != "disagreement":
            proven.communication_ids.filtered("overtaken")._wait_again()
        self._notify_director(lambda env: env._("Case reopened"), reason)
        proven._get_current_assignments()._ask_again()
        proven._tell_reopening(kind)
        return True

    def _read_reopening(self, kind, date, authority_deadline):
        """:return: what the act of another round says of its term, JSON-serializable."""
        if kind not in [name for name, _label in REOPENINGS]:
            raise UserError(self.env._("A case is taken up again for a disagreement, a correction, or to resume it."))
        if self._is_answered() and kind == "resume":
            raise UserError(
                self.env._("%s was answered: say whether the petitioner disagrees or we correct our answer.", self.name)
            )
        if not self._is_answered() and kind != "resume":
            raise UserError(self.env._("%s ended without an answer: it is resumed, and its term goes on.", self.name))
        if kind != "disagreement":
            return {}
        company = self.company_id
        day, today = company._sig_date(date) or self._get_disagreed_on(), company._sig_today()
        if day > today:
            raise UserError(self.env._("The petitioner cannot disagree in the future."))
        if day < company._sig_local_date(self.date_answered):
            raise UserError(self.env._("The petitioner cannot disagree with an answer before it was given."))
        began = {"received_on": day.isoformat()}
        if self.due_by_authority:
            deadline = authority_deadline and company._sig_moment(authority_deadline)
            if not deadline or company._sig_local_date(deadline) < day:
                raise UserError(self.env._("Write the date and hour that the authority set."))
            began["authority_deadline"] = fields.Datetime.to_string(deadline)
        return began

    def _get_disagreed_on(self):
        """:return: day of the first message after the closing that waits; today when none does."""
        waiting = self.sudo()._get_waiting("late")[:1]
        return self.company_id._sig_local_date(waiting.date) if waiting else self.company_id._sig_today()

    @api.model
    def _get_reopened_values(self, kind):
        # What did not reach its addressee before the case ended is still the answer of its round.
        another = {"answer_id": False} if kind != "resume" else {}
        if kind == "disagreement":
            another.update(response_opening=False, response_closing=False, resolution=False)
        return {
            **self._get_unanswered_values(),
            **another,
            "state": "received",
            "delivery_id": False,
            "letter_id": False,
            "legal_state": "none",
            "legal_digest": False,
            "rating_state": "none",
            "rating_value": 0,
            "rating_reason": False,
            "duplicate_of_id": False,
            "transfer_recipient": False,
            "transferred_on": False,
        }

    def _tell_reopening(self, kind):
        texts = {case: case._get_reopening_text(kind, case.date_deadline, case.suspended) for case in self}
        for text, cases in self.grouped(texts.get).items():
            cases._notify_client("reopening", text)

    def _get_reopening_text(self, kind, deadline, suspended):
        """What the petitioner is told of another round, in the language of their mails.

        :param deadline: of the answer; empty when it has none.
        :param bool suspended: whether the term waits for the petitioner.
        """
        self = self.sudo()
        self = self.with_context(lang=self._get_lang())
        by = deadline and tools.format_date(self.env, deadline, date_format="long")
        if self.authority_deadline and self.due_by_authority:
            by = self.authority_deadline_text
        why = {
            "disagreement": self.env._("You do not agree with our answer, so we study your request again."),
            "correction": self.env._("Our answer did not resolve all that you asked for, so we correct it."),
            "resume": self.env._("We have taken up your request again."),
        }[kind]
        if suspended:
            until = self.env._("The days to answer do not run until we have all that we asked you for.")
        elif not by:
            until = self.env._("We will answer as soon as possible.")
        elif deadline < self.company_id._sig_today():
            until = self.env._("The term to answer ended on %s: we will answer as soon as possible.", by)
        else:
            until = self.env._("We will answer by %s at the latest.", by)
        stays = self.env._("Our earlier answer stays where you read it.") if kind != "resume" else ""
        return " ".join(filter(None, [why, until, stays]))

    def _preview_reopening(self, kind, date=False, authority_deadline=False):
        """:return: values of the dates that the case would have; empty for a day on which nobody can disagree."""
        case = self.sudo()
        company, facts = case.company_id, case._get_term_facts()
        if kind == "disagreement":
            day, today = date or case._get_disagreed_on(), company._sig_today()
            if not case.date_answered or not company._sig_local_date(case.date_answered) <= day <= today:
                return {}
            if case.due_by_authority:
                day = authority_deadline and company._sig_local_date(authority_deadline)
                return {"date_deadline": day, "date_legal": day, "suspended": False}
            facts[case] = facts[case].renew(day, case.act_number + 1)
        [(_case, values)] = case._derive_terms(facts)
        return values

    def _apply_rating(self, rating, rate, feedback):
        result = super()._apply_rating(rating, rate, feedback)
        case = self.sudo()
        case.answer_id.write({"rating_value": case.rating_value, "rating_reason": case.rating_reason})
        return result


class AnswerAttempt(models.Model):
    _inherit = "sig.pqrs.communication"

    answer_id = fields.Many2one(
        "sig.pqrs.answer",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        help="The answer that it delivers; or, once its petitioner disputed it, that whose term it told of.",
    )
