import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import is_html_empty

from .. import clock
from .pqrs_notice import MEDIA, UNTOLD
from .transitions import NOT_LEFT, RUNNING

_logger = logging.getLogger(__name__)

DELIVERIES = ("email", "portal", "letter", "hand", "phone", "publication")

#: how long mail servers try before they say that a mail did not arrive: later reports are worth nothing
LATEST_REPORT = timedelta(days=6)

#: deliveries that somebody makes, and proves
BY_HAND = ("letter", "hand", "phone")


class PqrsDelivery(models.Model):
    """The answer: how it is sent, delivered and proved, and what becomes of the mails to the client.

    The letter is stored before its mail is queued. The case closes, and is dated, when the mail has left or the proof
    of another delivery is recorded. A failure of mail or of the PDF engine leaves the case waiting, never half-done.
    """

    _inherit = "sig.pqrs"

    response_opening = fields.Html(
        "Opening of the answer", copy=False, help="What the SIG writes before the sections that the processes approved."
    )
    response_closing = fields.Html("Closing of the answer", copy=False, help="What the SIG writes after them.")
    response = fields.Html(
        "Answer",
        compute="_compute_response",
        store=True,
        copy=False,
        sanitize=False,
        help="The opening, the approved sections word for word, the requests one by one, and the closing.",
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
        default="none",
        readonly=True,
        copy=False,
        help="Whether the answer has left and reached the petitioner.",
    )
    delivery_medium = fields.Selection(MEDIA, readonly=True, copy=False, help="How the answer was delivered.")
    delivery_reference = fields.Char("Tracking number", readonly=True, copy=False, groups="sig_pqrs.group_sig_director")
    delivery_received_by = fields.Char("Received by", readonly=True, copy=False, groups="sig_pqrs.group_sig_director")
    delivery_failure = fields.Char(readonly=True, copy=False)
    delivery_proof_ids = fields.Many2many(
        "ir.attachment", "sig_pqrs_delivery_proof_rel", string="Proof of delivery", readonly=True, copy=False
    )
    letter_id = fields.Many2one(
        "ir.attachment",
        "Answer letter",
        readonly=True,
        copy=False,
        help="The letter as it was sent: it does not change afterwards.",
    )
    response_mail_id = fields.Many2one("mail.mail", readonly=True, copy=False, index="btree_not_null")

    # What is handed over before it can be printed, which the job tries again.
    _unprinted_index = models.Index("(id) WHERE letter_id IS NULL AND delivery_state IN ('pending', 'handed')")
    _delivery_index = models.Index("(company_id, id) WHERE delivery_state IN ('pending', 'failed')")

    @api.depends(
        "response_opening",
        "response_closing",
        "assignment_ids.state",
        "assignment_ids.active",
        "assignment_ids.response",
        "request_ids.sequence",
        "request_ids.name",
        "request_ids.answer",
        "request_ids.resolution",
        "request_ids.assignment_id",
    )
    def _compute_response(self):
        for case in self:
            if case.state not in RUNNING or case.delivery_state not in NOT_LEFT:
                case.response = case.response
                continue
            parts = [
                case.response_opening,
                *case._get_approved_sections().mapped("response"),
                case._render_requests(),
                case.response_closing,
            ]
            case.response = (
                Markup("").join(Markup("<div>%s</div>") % part for part in parts if not is_html_empty(part)) or False
            )

    def _get_approved_sections(self):
        return self.assignment_ids.filtered(lambda assignment: assignment.active and assignment.state == "approved")

    # -- The answer -------------------------------------------------------------------------------------------------

    def action_send_response(self, delivery="email", date=False, proof=False, reference=False, received_by=False):
        """Close and send the answer.

        By mail, the letter is stored, the mail is queued, and the case closes when it has left. By letter, by hand or
        by phone, the case closes with the proof; without it, it waits "to notify" (see `action_register_delivery`).

        :param str delivery: ``email portal letter hand phone``, or ``publication`` for anonymous cases.
        :param date: when it was delivered, for letter, hand and phone; now by default.
        :param proof: id or ids of attachments, or a text.
        :param str reference: tracking number of the letter.
        :param str received_by: who received it, or answered the call.
        """
        self._check_transition("send_response")
        if delivery not in DELIVERIES:
            raise UserError(self.env._("An answer goes by email, HERA, letter, by hand, by phone or by publication."))
        for case in self.sudo():
            case._check_sendable(delivery)
        undecided = self.sudo().filtered(lambda case: not case.resolution)
        for resolution, cases in undecided.grouped(lambda case: case._get_proposed_resolution()).items():
            cases.write({"resolution": resolution or "not_applicable"})
        self.sudo().write(
            {
                "delivery_state": "pending",
                "delivery_medium": delivery,
                "delivery_failure": False,
                "delivery_reference": False,
                "delivery_received_by": False,
                "delivery_proof_ids": [fields.Command.clear()],
            }
        )
        printed = self.sudo().filtered(lambda case: case._prepare_letter())
        if delivery == "email":
            printed._queue_response_mail()
        elif delivery not in BY_HAND:
            printed._finish_answer("published", clock.now())
        elif proof or reference or received_by:
            self._register_delivery(date, self._read_delivery(proof, reference, received_by))
        else:
            self._ask_to_notify()
            self._message_log_batch(
                dict.fromkeys(
                    self.ids, self.env._("The letter is ready. Record its delivery, with the proof, to close the case.")
                )
            )
        return True

    def action_register_delivery(self, date=False, proof=False, reference=False, received_by=False, delivery=False):
        """Record that the letter reached its addressee, with the proof; the case closes on that date.

        :param str delivery: how it was delivered in the end: ``letter hand phone``; as it was prepared by default.
        """
        self._check_transition("register_delivery")
        if delivery and delivery not in BY_HAND:
            raise UserError(self.env._("Record here what was delivered by letter, by hand or by phone."))
        proof = self._read_delivery(proof, reference, received_by)
        if delivery:
            self.sudo().write({"delivery_medium": delivery})
        self._register_delivery(date, proof)
        return True

    def action_register_return(self, reason, date=False):
        """Record that the post returned the letter: the answer was not delivered, and goes back to the SIG.

        :param date: when it came back; today by default.
        """
        self._check_transition("register_return")
        reason = self._require_text(reason)
        too_early = self.env._("A letter cannot come back before it was delivered.")
        moments = {
            case: case._get_delivery_moment(date, case.date_answered or case._get_ready_moment(), too_early)
            for case in self.sudo()
        }
        reasons = self._keep_apart(reason, self.env._("Returned by the post"))
        self._record("delivery_failed", reasons, date=moments, data={"notice": "response", "medium": "letter"})
        self.sudo()._take_back_answer(reasons)
        self._tell_director(lambda env: env._("The client was not notified"), reasons)
        return True

    def _check_answer_complete(self):
        """Refuse an answer that says nothing, leaves something open, or is not what the processes approved."""
        response = self.response  # computed now: once the answer is on its way it does not change
        sections = self._get_approved_sections()
        if not sections and is_html_empty(response):
            raise UserError(self.env._("%s: there is no answer to send.", self.name))
        if faults := list(self._get_requests_faults()):
            raise UserError("\n".join([self.env._("%s cannot be sent yet.", self.name), *faults]))
        self._check_no_blanks()
        for section in sections:
            if section._compute_digest() != section.response_digest:
                raise UserError(
                    self.env._(
                        "%s: the text or the annexes changed after the approval. Return it to be approved again.",
                        section.display_name,
                    )
                )

    def _check_sendable(self, delivery):
        self._check_answer_complete()
        if self.legal_risk:
            self._check_review_holds()
        if delivery == "publication" and not self.anonymous:
            raise UserError(self.env._("%s: only the answer to an anonymous case is published.", self.name))
        if delivery == "portal" and not self.anonymous and not self._has_portal_user():
            raise UserError(self.env._("%s: the petitioner has no HERA user. Choose another delivery.", self.name))
        if delivery == "email" and not self._get_contact().mailbox:
            raise UserError(self.env._("%s: the petitioner has no valid email. Choose another delivery.", self.name))

    def _get_ready_moment(self):
        """When there was an answer to deliver."""
        return max([self.date_received, *filter(None, self._get_approved_sections().mapped("date_approved"))])

    def _register_delivery(self, date, delivery):
        """Keep the proof and close.

        :param delivery: `DeliveryProof`.
        """
        delivery.check_free(self)
        too_early = self.env._("The answer cannot have been delivered before it was approved.")
        cases = self.sudo()
        moments = {case: case._get_delivery_moment(date, case._get_ready_moment(), too_early) for case in cases}
        cases.filtered("due_by_authority")._check_hour(date)
        delivery.adopt(cases[:1]._get_private_record())
        cases.write(delivery.get_vals("delivery_"))
        self._record(
            "delivered",
            self._keep_apart(delivery.text, ""),
            date=moments,
            data={case: delivery.get_data(case) for case in cases},
        )
        for moment, delivered in cases.grouped(lambda case: moments[case]).items():
            delivered._finish_answer("handed", moment)

    def _check_hour(self, date):
        """Refuse a past day alone for what an authority dates by the hour: its noon would be a guess."""
        for company in self.company_id if date else ():
            if company._sig_is_day(date) and company._sig_date(date) != company._sig_today():
                raise UserError(self.env._("Write the hour of the delivery too: the authority set one."))

    def _read_proof(self, proof):
        """Attachments the user may read, and the text, of a proof."""
        Attachment = self.env["ir.attachment"]
        if isinstance(proof, str):
            return Attachment.sudo(), proof.strip()
        ids = [proof] if isinstance(proof, int) else proof
        if not isinstance(ids, list | tuple) or not all(isinstance(id_, int) for id_ in ids):
            raise UserError(self.env._("The proof of delivery was not found."))
        attachments = Attachment.browse(ids).exists()
        attachments.check_access("read")
        if len(attachments) != len(set(ids)):
            raise UserError(self.env._("The proof of delivery was not found."))
        return attachments.sudo(), ""

    def _prepare_letter(self):
        """Render and store the letter; leave it for the job when the PDF engine fails.

        :return: whether the letter is there.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                content, extension = self._render_letter()
                record = self._get_private_record()
                self.letter_id = (
                    self.env["ir.attachment"]
                    .sudo()
                    .create(
                        {
                            "name": f"{self.name}.{extension}",
                            "raw": content,
                            "res_model": record._name,
                            "res_id": record.id,
                        }
                    )
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.warning("The letter of %s could not be rendered: %s", self.name, error)
            self.letter_id = False
            self.delivery_failure = self.env._("The letter could not be printed; it will be tried again.")
            self._trigger_delivery()
            return False
        return True

    def _render_letter(self):
        """The letter in the language of its addressee: content, and extension of the file."""
        report = self.env["ir.actions.report"].with_context(lang=self._get_letter_lang())
        return report._render_qweb_pdf("sig_pqrs.report_response_letter", self.ids)

    def action_download_letter(self):
        """The letter, to print it and hand it over."""
        self.ensure_one()
        self.check_access("read")
        if not self.letter_id:
            raise UserError(self.env._("The letter could not be printed; it will be tried again."))
        self.letter_id.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.letter_id.id}?download=true",
            "target": "self",
        }

    def _get_letter_date(self):
        return self.company_id.sudo()._sig_today()

    def _get_received_on(self):
        return self.company_id.sudo()._sig_local_date(self.date_received)

    def _get_received_text(self):
        """Local date and hour of receipt, in words."""
        return tools.format_datetime(self.env, self.date_received, tz=self.company_id.sudo().sig_tz, dt_format="long")

    def _get_signatory(self):
        """The user who signs the letter. Hook."""
        return self.company_id.sudo()._sig_get_director()

    def _get_letter_annexes(self):
        """The annexes that go with the letter, in the order of its sections."""
        return self._get_approved_sections().attachment_ids.sudo().sorted("id")

    def _get_letter_copies(self):
        """Who gets a copy of the letter: the service mailbox (procedure 6). Hook."""
        mailbox = self.company_id.sudo().sig_service_email
        return [mailbox] if mailbox else []

    def _queue_response_mail(self):
        """Queue the mails of the answers whose letters are stored."""
        for case in self.filtered("letter_id"):
            mail = case._create_notice("response", attachments=case._get_response_attachments())
            if mail:
                case.response_mail_id = mail
        self._trigger_mail_queue()

    def _get_response_attachments(self):
        """The letter, and the annexes of its sections."""
        return self.letter_id | self._get_letter_annexes()

    def _finish_answer(self, delivery_state, moment):
        """The answer reached the client, or left for it: date and close the cases."""
        for case in self:
            company = case.company_id
            received_on, answered_on = company._sig_local_date(case.date_received), company._sig_local_date(moment)
            case.write(
                {
                    "delivery_state": delivery_state,
                    "delivery_failure": False,
                    "date_answered": moment,
                    "state": "closed",
                    "outcome": "answered",
                    "response_days": case._count_days_used(received_on, answered_on),
                }
            )
        self._end_duties()
        self._close_activities()
        self._void_notices([("state", "in", UNTOLD)], overtaken=True)
        self._settle_notify_activities()
        self._record(
            "response_sent",
            dict.fromkeys(self, ""),
            data={
                case: {
                    "medium": case.delivery_medium,
                    "letter": case.letter_id.checksum or "",
                    "deadline": str(case.date_deadline or ""),
                    "in_time": case.deadline_state == "answered_on_time",
                }
                for case in self
            },
            date=dict.fromkeys(self, moment),
        )
        self._on_ended()
        self.env["sig.pqrs.act"]._append(self, "closed")
        self._queue_rating_requests()
        self.filtered(lambda case: case.delivery_medium == "portal")._create_notices("published")

    def _count_days_used(self, received_on, answered_on):
        trace = self.term_trace or {}
        if trace.get("authority"):
            return self.company_id._sig_calendar(received_on, answered_on).count(received_on, answered_on)
        used = trace.get("used", 0)
        if not trace.get("since"):
            return used
        since = fields.Date.to_date(trace["since"])
        return used + max(0, self.company_id._sig_calendar(since, answered_on).count(since, answered_on))

    # -- Jobs ---------------------------------------------------------------------------------------------------------

    def _trigger(self, cron):
        self.env.ref(cron).sudo()._trigger()

    def _trigger_mail_queue(self):
        self._trigger("mail.ir_cron_mail_scheduler_action")

    def _trigger_delivery(self):
        self.env.ref("sig_pqrs.cron_delivery").sudo()._trigger(clock.now() + timedelta(minutes=5))

    @api.model
    def _cron_deliver(self, batch=20):
        """Try again the letters that could not be printed and the mails that could not be made, and follow the mails
        whose fate was not noticed.
        """
        self.env["ir.cron"]._sig_resume()
        cases = self.sudo().search(self._get_stuck_domain(), limit=batch, order="write_date, id").try_lock_for_update()
        self._in_isolation(cases, lambda records: [case._in_company_language()._unstick_delivery() for case in records])
        self.env["ir.cron"]._commit_progress(len(cases))

    @api.model
    def _get_stuck_domain(self):
        by_mail = Domain("delivery_medium", "=", "email")
        settled = Domain("response_mail_id.state", "in", ("sent", "exception", "cancel"))
        unprinted = Domain("letter_id", "=", False)
        waiting = Domain("state", "=", "approved") & Domain("delivery_state", "=", "pending")
        handed = Domain("state", "=", "closed") & Domain("delivery_state", "=", "handed")
        return (handed & unprinted) | (
            waiting & (unprinted | (by_mail & (Domain("response_mail_id", "=", False) | settled)))
        )

    def _unstick_delivery(self):
        if not self.letter_id and not self._prepare_letter():
            return
        if self.delivery_medium in ("portal", "publication") and self.delivery_state == "pending":
            self._finish_answer("published", clock.now())
        if self.delivery_medium != "email":
            return
        mail = self.response_mail_id
        if not mail:
            self._queue_response_mail()
        elif mail.state == "sent":
            self._on_mail_left("response", min(mail.write_date, clock.now()))
        elif mail.state in ("exception", "cancel"):
            self._on_mail_failed("response", mail._sig_get_failure())

    # -- What becomes of a mail -------------------------------------------------------------------------------------

    def _in_company_language(self):
        """The cases, to write on them when no user does."""
        if self.env.context.get("lang") or not self:
            return self
        return self.with_context(lang=self[0].company_id._sig_lang())

    def _on_mail_left(self, purpose, moment=False, mail=None):
        """A notice left for the client. Hook of `mail.mail`.

        :param datetime moment: when it left; now by default.
        :param mail: the ``mail.mail`` itself, when its notice is to be found.
        """
        moment = moment or clock.now()
        if purpose == "response":
            # "failed" too: a mail that an administrator sends again
            waiting = self.filtered(
                lambda case: case.state == "approved" and case.delivery_state in ("pending", "failed")
            )
            waiting._finish_answer("sent", moment)
        elif purpose == "acknowledgement":
            self._record("acknowledged", dict.fromkeys(self, ""))
        elif notices := self._get_notices_of_mail(mail, ("queued", "failed")):
            notices._leave(moment)
        else:
            self._message_log_batch(dict.fromkeys(self.ids, self.env._("The notice to the client has left.")))

    def _on_mail_failed(self, purpose, reason=False, mail=None):
        """A notice did not reach the client, now or later (a bounce): an act, and back to the SIG."""
        returned = self.env._("The mail was returned.")
        reason = (reason or returned)[:250]
        if notices := self._get_notices_of_mail(mail, ("queued", "sent")):
            notices._fail(reason)
            return
        reasons = self._keep_apart(reason, returned)
        self._record("delivery_failed", reasons, data={"notice": purpose})
        if purpose == "response":
            self.filtered(lambda case: case._is_answered_by_mail())._take_back_answer(reasons)
        self._tell_director(lambda env: env._("The client was not notified"), reasons)

    def _get_notices_of_mail(self, mail, states):
        """The notices of these cases that a mail carries, in one of ``states``."""
        if not mail:
            return self.env["sig.pqrs.notice"]
        return (
            self.env["sig.pqrs.notice"]
            .sudo()
            .search([("mail_id", "in", mail.ids), ("pqrs_id", "in", self.ids), ("state", "in", states)])
        )

    def _take_back_answer(self, reasons):
        """The answer did not reach its addressee: the cases wait to be sent again.

        :param dict reasons: ``{case: text}``.
        """
        self.write({**self._get_unanswered_values(), "state": "approved", "delivery_state": "failed"})
        for case in self:
            case.delivery_failure = reasons[case]
        self.filtered(lambda case: case.rating_state != "rated").write({"rating_state": "none"})
        self._refresh_terms()
        self.notice_ids.filtered("overtaken")._wait_again()

    @api.model
    def _get_unanswered_values(self):
        """What is written on cases whose answer does not count any more."""
        return {"outcome": False, "date_answered": False, "response_days": 0, "response_mail_id": False}

    def _message_receive_bounce(self, email, partner):
        """The mail server returned what was sent to the client."""
        result = super()._message_receive_bounce(email, partner)
        returned = (
            self._in_company_language()
            .sudo()
            .filtered(lambda case: not email or case._get_contact().mailbox == tools.email_normalize(email))
        )
        mail = self._get_returned_mail()
        for case in returned:
            purpose = case._get_returned_purpose(mail)
            if purpose == "response" and case._is_answer_known():
                case._doubt_report()
            else:
                case._on_mail_failed(purpose, mail=mail)
        return result

    def _is_answer_known(self):
        """Whether the client knows the answer, or it left too long ago for a report to say that it did not arrive.

        Anybody who got the mail can write such a report: it takes back no answer that was rated or written about.
        """
        self.ensure_one()
        answered = self.date_answered
        if not answered:
            return False
        wrote = any(act.kind == "client_message" and act.date >= answered for act in self.act_ids)
        return self.rating_state == "rated" or wrote or clock.now() - answered > LATEST_REPORT

    def _doubt_report(self):
        """The SIG looks at a report that does not hold."""
        self._tell_director(
            lambda env: env._("A mail system says that the answer did not arrive, and the client knows it: look"),
            self.env._("The answer stays delivered: the client rated it or wrote since, or it left many days ago."),
        )

    def _get_returned_mail(self):
        """The mail of the message that the gateway says came back."""
        message_id = self.env.context.get("sig_bounced_message_id")
        mails = self.env["mail.mail"].sudo()
        return mails.search([("mail_message_id", "=", message_id)], limit=1) if message_id else mails

    def _get_returned_purpose(self, mail):
        """Which notice came back: that of the mail, else the answer if it has left by mail."""
        if not self.env.context.get("sig_bounced_message_id"):
            return "response" if self._is_answered_by_mail() else "acknowledgement"
        if mail.sig_purpose == "response" and mail != self.response_mail_id:
            return "earlier_response"
        return mail.sig_purpose or "message"

    def _is_answered_by_mail(self):
        return self.delivery_medium == "email" and self.delivery_state in ("pending", "sent")
