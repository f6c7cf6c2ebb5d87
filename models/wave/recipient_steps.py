from odoo import models
from odoo.exceptions import UserError

from ...tools import clean_text
from .. import clock
from .recipient import OPEN, TO_ASK

#: states from which each step goes
STEPS = {
    "decline": OPEN,
    "wrong_contact": TO_ASK,
    "exclude": (*OPEN, "declined"),
    "restore": ("failed", "bounced", "wrong_contact", "declined", "excluded"),
}


class SurveyRecipient(models.Model):
    """What SIG and interviewers record of a client who is not asked, or does not answer; always with the reason."""

    _inherit = "sig.survey.recipient"

    def action_decline(self, reason):
        """The client does not want to take part in this wave."""
        self._check_may_apply()
        return self._take_step("decline", "declined", reason)

    def action_wrong_contact(self, reason):
        """Whom we have as respondent is not the one to ask."""
        self._check_may_apply()
        return self._take_step("wrong_contact", "wrong_contact", reason)

    def action_exclude(self, reason):
        """The client does not count in this wave."""
        self._check_is_sig()
        return self._take_step("exclude", "excluded", reason)

    def action_restore(self):
        """Ask the client again: with the mail as it is now, when it is asked by email.

        :raises UserError: for whoever does not allow surveys.
        """
        self._check_is_sig()
        self._check_step("restore")
        recipients = self.sudo()
        recipients._check_allow_surveys()
        recipients.write({"state": "to_send", "reason": False, "queued": True})
        recipients._trigger_queue()
        return True

    def action_send(self):
        """Send the link again to who has not answered; what was answered so far stays.

        :raises UserError: for whoever has no email.
        """
        self._check_is_sig()
        self._check_is_open()
        for recipient in self:
            if recipient.state in ("declined", "excluded"):
                raise UserError(
                    self.env._("%s is left out of the wave: restore it first.", recipient.partner_id.display_name)
                )
            if recipient.channel != "email":
                raise UserError(
                    self.env._("%s is not asked by email: change the channel first.", recipient.partner_id.display_name)
                )
            if not recipient.email:
                raise UserError(self.env._("%s has no email. Write it first.", recipient.partner_id.display_name))
        recipients = self.sudo()
        recipients.filtered(lambda recipient: recipient.state != "started").write({"state": "to_send", "reason": False})
        recipients.write({"queued": True, "resend": True})
        recipients._trigger_queue()
        return True

    def action_open_step(self):
        """The dialog of the step named by ``default_step`` in the context, on the records that are selected."""
        step = self.env.context.get("default_step")
        if step not in ("decline", "wrong_contact", "exclude"):
            raise UserError(self.env._("There is no such step."))
        self._check_step(step)
        titles = dict(self.env["sig.survey.step.wizard"]._fields["step"]._description_selection(self.env))
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_survey_step_wizard")
        return {
            **action,
            "name": titles[step],
            "context": {"default_step": step, "default_recipient_ids": self.ids},
        }

    def _check_step(self, step):
        """
        :raises UserError: when a client is in a state from which the step does not go.
        """
        self.check_access("read")
        self._check_is_open()
        labels = dict(self._fields["state"]._description_selection(self.env))
        for recipient in self:
            if recipient.state not in STEPS[step]:
                raise UserError(
                    self.env._(
                        "%(client)s: this is not possible now (it is “%(state)s”).",
                        client=recipient.partner_id.display_name,
                        state=labels[recipient.state],
                    )
                )

    def _take_step(self, step, state, reason):
        reason = self.env["sig.pqrs"]._require_text(reason)
        self._check_step(step)
        recipients = self.sudo()
        recipients._cancel_mails()
        recipients.write({"state": state, "reason": reason[:500], "queued": False})
        return True

    def _decline_by_link(self, reason, never):
        """The client, as superuser, says by its link that it does not take part.

        :param bool never: it does not want other surveys either (Ley 1581 de 2012, art. 8e).
        """
        self.wave_id._hold_open()
        self._check_step("decline")
        said = clean_text.line(reason)[:500]
        self._take_step("decline", "declined", said or self.env._("Declined by the link of the mail."))
        if never:
            people = [{"partner_id": self._get_respondent().id, "channel": "web"}]
            self.env["sig.privacy.consent"]._record(self.company_id, False, False, "form", None, people, clock.now())
