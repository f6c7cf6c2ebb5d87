from datetime import timedelta

from odoo import api, models, tools
from odoo.fields import Domain

from .. import clock
from .communication import OF_ANSWERS

#: how long mail servers try before they say that a mail did not arrive: later reports are worth nothing
LATEST_REPORT = timedelta(days=6)

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
        cases = self.search(self._get_stuck_domain(), limit=batch, order="write_date, id").try_lock_for_update(
            allow_referencing=True
        )
        self._in_isolation(cases, lambda records: [case._in_company_language()._unstick_delivery() for case in records])
        self.env["ir.cron"]._commit_progress(len(cases))

    @api.model
    def _get_stuck_domain(self):
        unprinted = Domain("letter_id", "=", False)
        by_mail = Domain("delivery_id.medium", "=", "email")
        settled = Domain("delivery_id.mail_id", "=", False) | Domain(
            "delivery_id.mail_id.state", "in", ("sent", "exception", "cancel")
        )
        waiting = Domain("state", "=", "approved") & Domain("delivery_state", "=", "pending")
        handed = Domain("state", "=", "closed") & Domain("delivery_state", "=", "handed")
        return (handed & unprinted) | (waiting & (unprinted | (by_mail & settled)))

    def _unstick_delivery(self):
        if not self.letter_id:
            if not self._prepare_letter():
                return
            if self.state == "closed":  # the act that sent it had none to bind
                self._record("files_added", {}, data={self: {"letter": self.letter_id.checksum}})
        attempt = self.delivery_id
        if attempt.state != "queued":
            return
        if attempt.medium != "email":
            self._publish_answer()
        elif attempt.mail_id:
            attempt._follow_mails()
        else:
            self._queue_response_mail()

    # -- Mails that left, or failed ---------------------------------------------------------------------------------

    def _on_mail_left(self, purpose, mail=None):
        """Mails about the cases have left. Hook of `mail.mail`.

        :param mail: the ``mail.mail``.
        """
        # "failed" and "void" too: a mail that an administrator sends again.
        self._find_communications(mail, ("queued", "failed", "void"))._leave()

    def _on_mail_failed(self, purpose, reason=False, mail=None):
        """Mails did not reach the petitioners of the cases, now or later (a bounce): an act, and back to the SIG."""
        reason = reason or self.env._("The mail was returned.")
        self._find_communications(mail, ("queued", "sent"))._fail(reason)

    def _find_communications(self, mail, states):
        """The communications of the cases that a mail carries, in one of ``states``."""
        Communication = self.env["sig.pqrs.communication"].sudo()
        if not mail:
            return Communication
        return Communication.search([("mail_id", "in", mail.ids), ("pqrs_id", "in", self.ids), ("state", "in", states)])

    def _take_back_answer(self):
        """The answer did not reach its addressee: the cases wait to be sent again."""
        self.write({**self._get_unanswered_values(), "state": "approved"})
        self.filtered(lambda case: case.rating_state != "rated").write({"rating_state": "none"})
        self._void_communications([("purpose", "in", OF_ANSWERS)])
        self._refresh_terms()
        self.communication_ids.filtered(lambda each: each.overtaken and not each.answer_id)._wait_again()

    # -- Mails that came back ---------------------------------------------------------------------------------------

    def _message_receive_bounce(self, email, partner):
        """The mail server returned what was sent to the client."""
        result = super()._message_receive_bounce(email, partner)
        for case in self._in_company_language().sudo():
            case._receive_bounce(tools.email_normalize(email))
        return result

    def _receive_bounce(self, address):
        """
        :param str address: whose mail came back, normalized; empty when the report does not say it.
        """
        communication = self._find_returned()
        if address and address not in {self._get_contact().mailbox, *communication._get_mailed_addresses()}:
            return
        if not communication:
            self._notify_director(lambda env: env._("The client was not notified"))
        elif communication.state not in ("queued", "sent"):
            return  # it is known, or the petitioner was told by another way since
        elif communication._is_answer_known():
            self._doubt_report()
        else:
            communication._fail(self.env._("The mail was returned."))

    def _find_returned(self):
        """The communication whose mail the gateway says came back; the last that was mailed when it cannot say it."""
        message_id = self.env.context.get("sig_bounced_message_id")
        mailed = self.communication_ids.filtered("mail_id").sorted("id")
        if message_id:
            return mailed.filtered(lambda each: each.mail_id.mail_message_id.id == message_id)[-1:]
        underway = mailed.filtered(lambda each: each.state in ("queued", "sent"))
        return (underway & self.delivery_id) or underway[-1:]

    def _doubt_report(self):
        """The SIG looks at a report that does not hold."""
        self._notify_director(
            lambda env: env._("A mail system says that the answer did not arrive, and the client knows it: look"),
            self.env._("The answer stays delivered: the client rated it or wrote since, or it left many days ago."),
        )


class CommunicationReport(models.Model):
    _inherit = "sig.pqrs.communication"

    def _get_mailed_addresses(self):
        """The petitioner's addresses to which the mail went, normalized: the case may have another one by now."""
        mail = self.mail_id
        return {*tools.email_normalize_all(mail.email_to or ""), *mail.recipient_ids.mapped("email_normalized")}

    def _is_answer_known(self):
        """Whether the petitioner knows the answer, or it left too long ago for a report to say that it did not arrive.

        Anybody who got the mail can write such a report: it takes back no answer that was rated or written about.
        """
        if self.purpose != "response" or not self.date:
            return False
        acts = self.pqrs_id.act_ids
        known = self.answer_id.disputed or any(act.kind in KNOWING and act.date >= self.date for act in acts)
        return known or clock.now() - self.date > LATEST_REPORT
