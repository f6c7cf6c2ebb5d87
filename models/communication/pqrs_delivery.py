from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from .. import clock
from ..answer.response_template import get_html_blanks
from ..mixin.transitions import NOT_LEFT, RUNNING
from .communication import BY_HAND, MEDIA, OF_ANSWERS, OVERTAKEN
from .delivery_proof import DeliveryProof


class PqrsDelivery(models.Model):
    """The answer: how it is sent, and closes the case.

    Each attempt to deliver it is a communication. The letter is stored before its mail is queued. The case closes, and
    is dated, when the mail has left or the proof of another delivery is recorded. A failure of mail or of the PDF
    engine leaves the case waiting, never half-done.
    """

    _inherit = "sig.pqrs"
    _picture_fields = ("response_opening", "response_closing")

    response_opening = fields.Html("Opening of the answer")
    response_closing = fields.Html("Closing of the answer")
    response = fields.Html(
        "Answer",
        compute="_compute_response",
        store=True,
        sanitize=False,
        help="The opening, the approved sections word for word, the requests one by one, and the closing.",
    )
    delivery_id = fields.Many2one(
        "sig.pqrs.communication", "Delivery of the answer", readonly=True, index="btree_not_null", check_company=True
    )
    delivery_state = fields.Selection(
        [
            ("none", "Not sent"),
            ("pending", "To notify"),
            ("sent", "Sent"),
            ("failed", "Not delivered"),
            ("handed", "Delivered"),
            ("published", "Published"),
        ],
        required=True,
        compute="_compute_delivery_state",
        store=True,
        precompute=True,
    )
    delivery_failure = fields.Char(related="delivery_id.failure", string="Why it was not delivered")
    letter_id = fields.Many2one("ir.attachment", "Answer letter", readonly=True, index="btree_not_null")
    letter_date = fields.Date("Date of the letter", readonly=True)

    # What is handed over before it can be printed, which the job tries again.
    _unprinted_index = models.Index("(id) WHERE letter_id IS NULL AND delivery_state IN ('pending', 'handed')")
    _delivery_index = models.Index("(company_id, id) WHERE delivery_state IN ('pending', 'failed')")

    @api.depends(
        "response_opening", "response_closing", "lang",
        *(f"assignment_ids.{name}" for name in ("state", "is_current", "response")),
        *(f"request_ids.{name}" for name in ("sequence", "name", "answer", "resolution", "assignment_id")),
    )  # fmt: skip
    def _compute_response(self):
        for case in self:
            if case.state not in RUNNING or case.delivery_state not in NOT_LEFT:
                case.response = case.response
                continue
            parts = [
                case.response_opening,
                *case._get_approved_sections().mapped("response"),
                self.env["sig.pqrs.request"]._render(case),
                case.response_closing,
            ]
            case.response = (
                Markup("").join(Markup("<div>%s</div>") % part for part in parts if not is_html_empty(part)) or False
            )

    @api.depends("delivery_id.state", "delivery_id.medium")
    def _compute_delivery_state(self):
        states = {
            "draft": "pending",
            "queued": "pending",
            "delivered": "handed",
            "failed": "failed",
            "returned": "failed",
        }
        for case in self:
            delivery = case.delivery_id
            sent = "published" if delivery.medium in ("portal", "publication") else "sent"
            case.delivery_state = {**states, "sent": sent}.get(delivery.state, "none")

    def _get_approved_sections(self):
        return self._get_current_assignments().filtered(lambda assignment: assignment.state == "approved")

    def _get_proposed_resolution(self):
        """Resolution given by the requests and by the templates of the approved sections; False when none is."""
        sections = self._get_approved_sections()
        found = {*sections.request_ids.mapped("resolution"), *sections.template_id.mapped("resolution")}
        found -= {False, "not_applicable"}
        if not found:
            return False
        return found.pop() if len(found) == 1 else "partially_upheld"

    def action_send_response(self, delivery="email", date=False, proof=False, reference=False, received_by=False):
        """Close and send the answer.

        By mail, the letter is stored, the mail is queued, and the case closes when it has left. By letter, by hand or
        by phone, the case closes with the proof; without it, it waits "to notify" (see
        `action_register_delivery` of its communication).

        :param str delivery: ``email portal letter hand phone``, or ``publication`` for anonymous cases.
        :param date: when it was delivered, for letter, hand and phone; now by default.
        :param proof: id or ids of attachments, or a text.
        :param str reference: tracking number of the letter.
        :param str received_by: who received it, or answered the call.
        """
        proven = self._check_transition("send_response")
        if delivery not in dict(MEDIA):
            raise UserError(self.env._("An answer goes by email, HERA, letter, by hand, by phone or by publication."))
        for case in proven:
            case._check_sendable(delivery)
        undecided = proven.filtered(lambda case: not case.resolution)
        for resolution, cases in undecided.grouped(lambda case: case._get_proposed_resolution()).items():
            cases.write({"resolution": resolution or "not_applicable"})
        proven.delivery_id._supersede()
        attempts = proven.env["sig.pqrs.communication"]._open(proven, "response", medium=delivery)
        for case, attempt in zip(proven, attempts, strict=True):
            case.delivery_id = attempt
        printed = self.env["sig.letter"]._store_answers(proven)
        if delivery == "email":
            printed._queue_response_mail()
        elif delivery not in BY_HAND:
            printed._publish_answer()
        elif proof or reference or received_by:
            shown = DeliveryProof.gather(self.env, proof, reference=reference, received_by=received_by)
            proven.delivery_id._register_delivery(delivery, date, shown)
        else:
            self._ask_to_notify()
            ready = self.env._("The letter is ready. Record its delivery, with the proof, to close the case.")
            printed._message_log_batch(dict.fromkeys(printed.ids, ready))
        return True

    def _publish_answer(self):
        """The answer is where its petitioner reads it: in HERA, or on the page of publications."""
        for medium, attempts in self.delivery_id.grouped("medium").items():
            attempts._record_told(dict.fromkeys(attempts, clock.now()), medium)

    def _check_answer_complete(self):
        response = self.response  # computed now: once the answer is on its way it does not change
        sections = self._get_approved_sections()
        if not sections and is_html_empty(response):
            raise UserError(self.env._("%s: there is no answer to send.", self.name))
        if faults := self.env["sig.pqrs.request"]._get_faults(self):
            raise UserError("\n".join([self.env._("%s cannot be sent yet.", self.name), *faults]))
        if blanks := get_html_blanks(self.response_opening) + get_html_blanks(self.response_closing):
            args = {"case": self.name, "blank": blanks[0]}
            raise UserError(self.env._("%(case)s: the answer still has places to fill in: %(blank)s", **args))
        for section in sections:
            if not section._is_as_approved():
                refusal = self.env._(
                    "%s: the text or the annexes changed after the approval. Return it to be approved again.",
                    section.display_name,
                )
                raise UserError(refusal)
        promises = self.env["sig.pqrs.commitment"]._get_promised(self)
        promises._check_date_due()
        promises._check_staff()

    def _check_sendable(self, delivery):
        if self.type_id.personal_data and not self.identity_checked:
            text = self.env._(
                "%s asks for personal data: check the identity of who asks before the answer is sent (Ley 1581 de "
                "2012, art. 15).",
                self.name,
            )
            raise UserError(text)
        self._check_answer_complete()
        for text in (self.response_opening, *self._get_approved_sections().mapped("response"), self.response_closing):
            self._check_shows_own(text)
        if self.legal_risk:
            self.env["sig.legal.review"]._check_holds(self)
        if delivery == "publication" and not self.anonymous:
            raise UserError(self.env._("%s: only the answer to an anonymous case is published.", self.name))
        if delivery == "portal" and not self.anonymous and not self._has_portal_user():
            raise UserError(self.env._("%s: the petitioner has no HERA user. Choose another delivery.", self.name))
        if delivery == "email" and not self._get_contact().mailbox:
            raise UserError(self.env._("%s: the petitioner has no valid email. Choose another delivery.", self.name))

    def _check_hour(self, date):
        """Refuse a past day alone for what an authority dates by the hour: its noon would be a guess."""
        for company in self.company_id if date else ():
            if company._sig_is_day(date) and company._sig_date(date) != company._sig_today():
                raise UserError(self.env._("Write the hour of the delivery too: the authority set one."))

    def _queue_response_mail(self):
        for case in self.filtered("letter_id"):
            files = case._get_response_attachments()
            for mail in self.env["sig.client.notice"]._queue(case, "response", attachments=files).values():
                case.delivery_id._set_mail(mail)
        self.env["ir.cron"]._sig_trigger_mails()

    def _get_response_attachments(self):
        return self.letter_id | self._get_letter_annexes()

    def _finish_answer(self, moments, delivery=None):
        """The answer reached its petitioner, or left for them: date and close the cases. See `_record_told`."""
        promises = self.env["sig.pqrs.commitment"]._get_promised(self)
        if delivery:
            proofs = {case: delivery.get_data(case, case.delivery_id.proof_ids) for case in self}
            self._record("delivered", self._log_on_identity(delivery.text, ""), date=moments, data=proofs)
        ended = {"state": "closed", "outcome": "answered"}
        for case, moment in moments.items():
            days = case._count_days_used(case.company_id._sig_local_date(moment))
            case.write({**ended, "date_answered": moment, "response_days": days})
        self._end_duties()
        self._close_activities()
        self._void_communications(OVERTAKEN, overtaken=True)
        self.env["sig.pqrs.answer"]._store(self)
        sent = {
            case: {
                "files": case._get_response_attachments() | case.answer_id._get_files(),
                **case.delivery_id._get_told_texts(delivery),
            }
            for case in self
        }
        bound = self.env["sig.case.binding"]._bind_each(sent)
        data = {
            case: {
                "medium": case.delivery_id.medium,
                "letter": case.letter_id.checksum or "",
                "deadline": str(case.date_deadline or ""),
                "in_time": case.deadline_state == "answered_on_time",
                **bound[case],
            }
            for case in self
        }
        self._record("response_sent", date=moments, data=data)
        self._on_ended()
        self.env["sig.pqrs.act"]._append(self, "closed")
        self._queue_rating_requests()
        self.filtered(lambda case: case.delivery_id.medium == "portal")._notify_client("published")
        for moment, made in promises.grouped(lambda commitment: moments[commitment.pqrs_id]).items():
            made._make(moment)

    @api.model
    def _get_unanswered_values(self):
        return {"outcome": False, "date_answered": False, "response_days": 0}

    def _cron_deliver(self, batch=20):
        """Try again what could not be printed or mailed, and follow the mails whose fate was not noticed."""
        unprinted = Domain("letter_id", "=", False) & Domain("anonymized_on", "=", False)
        by_mail = Domain("delivery_id.medium", "=", "email")
        gone = Domain("delivery_id.mail_id.state", "in", ("sent", "exception", "cancel"))
        settled = Domain("delivery_id.mail_id", "=", False) | gone
        waiting = Domain("state", "=", "approved") & Domain("delivery_state", "=", "pending")
        handed = Domain("state", "=", "closed") & Domain("delivery_state", "=", "handed")
        stuck = (handed & unprinted) | (waiting & (unprinted | (by_mail & settled)))
        count = self.search_count(stuck)
        for case in self.search(stuck, limit=batch, order="write_date, id"):
            locked = self.search(stuck & Domain("id", "in", case.try_lock_for_update(allow_referencing=True).ids))
            self._in_isolation(locked, lambda one: one._in_given_or_company_language()._unstick_delivery())
            left = self.search_count(stuck)
            # at once again while some leave; what cannot leave waits for the next hour
            if not self.env["ir.cron"]._commit_progress(1, remaining=left if left < count else 0):
                return

    def _unstick_delivery(self):
        if not self.letter_id:
            if not self.env["sig.letter"]._store_answers(self):
                return
            if self.state == "closed":  # the act that sent it had none to bind
                bound = self.env["sig.case.binding"]._bind_records(self, files=self.letter_id)
                self._record("files_added", data={self: {"letter": self.letter_id.checksum, **bound}})
        attempt = self.delivery_id
        if attempt.state != "queued":
            return
        if attempt.medium != "email":
            self._publish_answer()
        elif attempt.mail_id:
            attempt._follow_mails()
        else:
            self._queue_response_mail()
            if not attempt.mail_id:  # a second time
                attempt._fail(self.env._("The mail could not be made."))

    def _take_back_answer(self):
        """The answer did not reach its addressee: the cases wait to be sent again."""
        self.write({**self._get_unanswered_values(), "state": "approved"})
        self.filtered(lambda case: case.rating_state != "rated").write({"rating_state": "none"})
        self._void_communications([("purpose", "in", OF_ANSWERS)])
        self._refresh_terms()
        self.communication_ids._wait_again()

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        for case in self._in_given_or_company_language().sudo():
            case.communication_ids._receive_bounce(case, tools.email_normalize(email))
        return result

    def _in_given_or_company_language(self):
        """The cases, to write on them when no user does."""
        if self.env.context.get("lang") or not self:
            return self
        return self.with_context(lang=self[0].company_id._sig_lang())
