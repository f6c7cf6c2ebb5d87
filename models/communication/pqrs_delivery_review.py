from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.fields import Domain

from .. import clock
from ..mixin.transitions import RUNNING

#: how long mail servers try before they say that a mail did not arrive: later reports are worth nothing
LATEST_REPORT = timedelta(days=6)

#: purposes of mails that carry an answer; the earlier one is of a case that was taken up again
ANSWERS = ("response", "earlier_response")

#: acts of a client who knows the answer
KNOWING = ("client_message", "rated")


class PqrsDeliveryReview(models.Model):
    """What becomes of the answer, and of the mails to the client, once they are handed over: left, failed, returned.

    What could not be printed or queued is tried again, and a mail whose fate nobody noticed is followed. A report that
    an answer did not arrive takes it back, unless the client shows that they know it.
    """

    _inherit = "sig.pqrs"

    @api.model
    def _cron_deliver(self, batch=20):
        """Try again the letters that could not be printed and the mails that could not be made, and follow the mails
        whose fate was not noticed.
        """
        self.env["ir.cron"]._sig_resume()
        cases = (
            self
            .search(self._get_stuck_domain(), limit=batch, order="write_date, id")
            .try_lock_for_update(allow_referencing=True)
        )
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

    # -- Mails that left, or failed ---------------------------------------------------------------------------------

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
        reasons = self._log_on_identity(reason, returned)
        self._record("delivery_failed", reasons, data={"notice": purpose})
        if purpose == "response":
            self.filtered(lambda case: case._is_answered_by_mail())._take_back_answer(reasons)
        elif purpose == "earlier_response":
            self.filtered(lambda case: case.state in RUNNING)._refresh_terms()
        self._notify_director(lambda env: env._("The client was not notified"), reasons)

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

    # -- Mails that came back ---------------------------------------------------------------------------------------

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
            if purpose in ANSWERS and case._is_answer_known(purpose):
                case._doubt_report()
            else:
                case._on_mail_failed(purpose, mail=mail)
        return result

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

    def _is_answer_known(self, purpose):
        """Whether the client knows the answer, or it left too long ago for a report to say that it did not arrive.

        Anybody who got the mail can write such a report: it takes back no answer that was rated or written about.

        :param str purpose: one of `ANSWERS`.
        """
        self.ensure_one()
        answered = self.date_answered if purpose == "response" else self._get_earlier_answer()
        if not answered:
            return False
        known = any(act.kind in KNOWING and act.date >= answered for act in self.act_ids)
        return known or clock.now() - answered > LATEST_REPORT

    def _get_earlier_answer(self):
        """When it was answered before it was taken up again."""
        acts = self.act_ids.filtered(lambda act: act.kind == "reopened" and act.data.get("answered")).sorted("number")
        return acts and fields.Datetime.to_datetime(acts[-1].data["answered"])

    def _doubt_report(self):
        """The SIG looks at a report that does not hold."""
        self._notify_director(
            lambda env: env._("A mail system says that the answer did not arrive, and the client knows it: look"),
            self.env._("The answer stays delivered: the client rated it or wrote since, or it left many days ago."),
        )
