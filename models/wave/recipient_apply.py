from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, LockError, UserError

from .. import clock
from .recipient import OPEN, TO_ASK

#: how long a client is taken by who opened its questionnaire
TAKEN = timedelta(minutes=30)


class SurveyRecipient(models.Model):
    """The survey applied in a visit or by phone: for that client, by that person."""

    _inherit = "sig.survey.recipient"

    applied_by_id = fields.Many2one("res.users", "Applied by", readonly=True, index="btree_not_null")
    date_applied = fields.Datetime("Opened on", readonly=True)

    def _is_applied_by(self, user):
        """Whether a user applies the survey to the client: the SIG of the company, or the interviewer.

        :param user: ``res.users``.
        """
        self.ensure_one()
        recipient = self.sudo()
        if not user._is_internal() or recipient.company_id not in user.company_ids:
            return False
        return user.has_group("sig_pqrs.group_sig_director") or (
            recipient.interviewer_id == user and user.has_group("sig_pqrs.group_interviewer")
        )

    def _may_answer(self, user):
        """Whether who is logged in may open the questionnaire of the client; whoever is not, has the link."""
        self.ensure_one()
        if user._is_internal():
            return self._is_applied_by(user)
        return user.partner_id.commercial_partner_id == self.sudo().partner_id

    def _check_may_apply(self):
        """
        :raises AccessError: for whoever is neither the SIG nor the interviewer of the clients.
        """
        self.check_access("read")
        if not self.env.su and not all(recipient._is_applied_by(self.env.user) for recipient in self):
            raise AccessError(self.env._("This client is surveyed by somebody else."))

    def action_apply(self):
        """Open the questionnaire for the client, to ask it in a visit or by phone.

        :raises UserError: when it is not asked so, was asked already, or somebody else is asking it now; by phone,
            also out of the hours in which the law lets clients be called (Ley 2300 de 2023). The SIG may go on.
        """
        self.ensure_one()
        self._check_may_apply()
        self._check_is_open()
        if self.state in ("declined", "excluded"):
            raise UserError(self.env._("%s is left out of the wave: restore it first.", self.partner_id.display_name))
        if self.channel == "email":
            raise UserError(
                self.env._("%s is asked by email. Choose visit or phone first.", self.partner_id.display_name)
            )
        if self.channel == "phone" and (refusal := self._get_call_refusal()):
            return self._refuse_call(refusal)
        return self._apply()

    def _get_call_refusal(self):
        """Why the client is not called now; empty when it may be."""
        return self.company_id.sudo()._sig_get_call_refusal(clock.now())

    def _refuse_call(self, refusal):
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise UserError(refusal)
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_survey_step_wizard")
        return {
            **action,
            "name": self.env._("Call now?"),
            "context": {"default_step": "call", "default_recipient_ids": self.ids},
        }

    def _apply(self):
        recipient = self.sudo()
        try:
            recipient.lock_for_update()
        except LockError as error:
            name = recipient.partner_id.display_name
            raise UserError(self.env._("%s is being opened by somebody else at this moment.", name)) from error
        recipient.invalidate_recordset(["applied_by_id", "date_applied"])
        if not recipient._is_free_for(self.env.user):
            raise UserError(
                self.env._(
                    "%(person)s is asking %(client)s since %(hour)s.",
                    person=recipient.applied_by_id.name,
                    client=recipient.partner_id.display_name,
                    hour=recipient.company_id._sig_local(recipient.date_applied).strftime("%H:%M"),
                )
            )
        if not recipient.user_input_id:
            recipient._create_answers()
        recipient.write({"applied_by_id": self.env.uid, "date_applied": clock.now()})
        return {"type": "ir.actions.act_url", "url": recipient.user_input_id.get_start_url(), "target": "self"}

    def _is_free_for(self, user):
        """Whether nobody but ``user`` opened the questionnaire of the client a short while ago."""
        self.ensure_one()
        taken_by, since = self.applied_by_id, self.date_applied
        return not taken_by or taken_by == user or not since or clock.now() - since >= TAKEN

    def _get_next_to_apply(self):
        """The next client of the same interviewer and wave, in the order of the list; empty when it was the last."""
        self.ensure_one()
        recipient = self.sudo()
        domain = [
            ("wave_id", "=", recipient.wave_id.id),
            ("channel", "=", recipient.channel),
            ("state", "in", TO_ASK),
            ("id", "!=", recipient.id),
            ("user_input_id", "!=", False),
            *("|", "|", ("applied_by_id", "in", (False, self.env.uid)), ("date_applied", "=", False)),
            ("date_applied", "<", clock.now() - TAKEN),
        ]
        if not self.env.user.has_group("sig_pqrs.group_sig_director") or recipient.interviewer_id == self.env.user:
            domain.append(("interviewer_id", "=", self.env.uid))
        return self.search(domain, limit=1)

    def _apply_next(self):
        """Take the next client: nobody else is given it meanwhile.

        :return: the action that opens its questionnaire; None when there is none, or it is not called now.
        """
        following = self._get_next_to_apply()
        if not following or (following.channel == "phone" and following._get_call_refusal()):
            return None
        try:
            return following._apply()
        except UserError:  # somebody took it at this very moment
            return None

    def action_transcribe(self):
        """The dialog that takes the scan of the paper, before its answers are typed."""
        self.ensure_one()
        self._check_may_apply()
        self._check_is_open()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_survey_step_wizard")
        return {
            **action,
            "name": self.env._("Transcribe the paper"),
            "context": {"default_step": "transcribe", "default_recipient_ids": self.ids},
        }

    def _transcribe(self, name, content):
        """Keep the scan, and open the questionnaire to type what it says.

        :param str name: of the file; ``content`` its base64.
        :raises UserError: for a file that is no PDF or photo.
        """
        self._check_may_apply()
        self._check_is_open()
        kind = self.env["sig.survey.step.wizard"]._check_scan(name, content)
        recipient = self.sudo()
        vals = {"scan": content, "scan_name": kind.name}
        if recipient.channel == "email":
            vals["channel"] = "visit"
        recipient.write(vals)
        return self._apply()

    # -- What becomes of it -----------------------------------------------------------------------------------------

    def _on_started(self):
        vals = {"state": "started"}
        open_ = self.filtered(lambda recipient: recipient.state in (*OPEN, "declined"))
        if self.env.user._is_internal():
            free = open_.filtered(lambda recipient: recipient._is_free_for(self.env.user))
            free.write({**vals, "applied_by_id": self.env.uid, "date_applied": clock.now()})
            open_ -= free
        open_.write(vals)

    def _on_answered(self):
        """The client answered: by itself, when nobody of ours is at the keyboard."""
        self._cancel_mails()
        vals = {"state": "answered", "date_answered": clock.now(), "reason": False, "queued": False}
        if self.env.user._is_internal():
            vals["applied_by_id"] = self.env.uid
        else:
            vals.update(channel="email", applied_by_id=False)
        self.write(vals)
