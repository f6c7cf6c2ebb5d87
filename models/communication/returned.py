from datetime import timedelta

from odoo import models, tools

from ...tools.incoming_mail import IncomingMail
from .. import clock

#: how long mail servers try before they say that a mail did not arrive: later reports are worth nothing
LATEST_REPORT = timedelta(days=6)

#: acts of a client who knows the answer
KNOWING = ("client_message", "rated")


class ReturnedCommunication(models.Model):
    """What becomes of mails to the client once they are handed over: they left, failed, or came back."""

    _inherit = "sig.pqrs.communication"

    def _on_mail_done(self, failure=""):
        """Their mails left or failed. Hook of `mail.mail`."""
        if failure:
            self.filtered(lambda each: each.state in ("queued", "sent"))._fail(failure)
        else:  # "failed" and "void" too: a mail that an administrator sends again
            self.filtered(lambda each: each.state in ("queued", "failed", "void"))._record_sent()

    def _receive_bounce(self, case, address):
        """The mail server returned one of these, which are those of the case. A report that an answer did not arrive
        takes it back, unless the client shows that they know it.

        :param str address: whose mail came back, normalized; empty when the report does not say it.
        """
        returned = self._find_returned(case)
        if address and address not in {case._get_contact().mailbox, *returned._get_mailed_addresses()}:
            if returned:  # theirs may pass mails on to that address
                self.env["sig.pqrs.mail"]._ask_about_report(self.env.context.get("sig_incoming"))
            return
        if not returned:
            case._notify_director(lambda env: env._("The client was not notified"))
        elif returned.state not in ("queued", "sent"):
            return  # it is known, or the petitioner was told by another way since
        elif doubt := returned._get_doubt_about_report():
            case._notify_director(
                doubt,
                self.env._("The answer stays delivered: the client rated it or wrote since, or it left many days ago."),
            )
        else:
            returned._fail(self.env._("The mail was returned."))

    def _find_returned(self, case):
        """The communication whose mail the gateway says came back; the last that was mailed when it cannot say it."""
        message_id = self.env.context.get("sig_bounced_message_id")
        mailed = self.filtered("mail_id").sorted("id")
        if message_id:
            return mailed.filtered(lambda each: each.mail_id.mail_message_id.id == message_id)[-1:]
        underway = mailed.filtered(lambda each: each.state in ("queued", "sent"))
        return (underway & case.delivery_id) or underway[-1:]

    def _get_mailed_addresses(self):
        """The petitioner's addresses to which the mail went, normalized: the case may have another one by now."""
        mail = self.mail_id
        return {*tools.email_normalize_all(mail.email_to or ""), *mail.recipient_ids.mapped("email_normalized")}

    def _get_doubt_about_report(self):
        """Why a report does not take the answer back, as a function of an environment; nothing when it does.

        Anybody who got the mail can write such a report: it takes back no answer that was rated or written about.
        """
        if self.purpose != "response" or not self.date:
            return None
        acts, incoming = self.pqrs_id.act_ids, self.env.context.get("sig_incoming")
        if self.answer_id.disputed or any(act.kind in KNOWING and act.date >= self.date for act in acts):
            return lambda env: env._("A mail system says that the answer did not arrive, and the client knows it: look")
        came = isinstance(incoming, IncomingMail) and self.env["sig.pqrs.mail"]._get_receipt(incoming, self.company_id)
        is_late = (came or clock.now()) - self.date > LATEST_REPORT
        return is_late and (lambda env: env._("A mail system says days later that the answer did not arrive: look"))
