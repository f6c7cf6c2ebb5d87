import logging

from odoo import api, models, tools
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from ..mixin.transitions import ENDED

_logger = logging.getLogger(__name__)

#: acts of what the petitioner writes, by purpose
ACTS = {"late": "client_message", "information": "information_delivered"}


class IncomingCommunication(models.Model):
    """What comes about an existing case, and waits until the SIG attends to it.

    - While information is required, what the petitioner writes delivers it: the term restarts the day after, once the
      SIG confirms it.
    - After closing, the SIG reopens, files a new case, thanks or marks it as attended to.
    - Otherwise, and when anybody else wrote, the SIG reads it.
    """

    _inherit = "sig.pqrs.communication"

    @api.model
    def _receive(self, case, author, medium, text, files=(), date=False, delivers=True, **values):
        """Store what somebody wrote about a case. A failure of what follows does not lose it.

        :param case: as superuser.
        :param str author: who wrote, as a value of the field.
        :param files: values of attachments.
        :param date: when it came; now by default.
        :param bool delivers: whether it may deliver the required information.
        :param values: of other fields.
        """
        case.ensure_one()
        quiet = {**tools.clean_context(case.env.context), "image_no_postprocess": True}  # evidence stays as it came
        vals = {
            "pqrs_id": case.id,
            "direction": "in",
            "purpose": self._get_incoming_purpose(case, author, delivers),
            "state": "attended" if author == "automatic" else "received",
            "author": author,
            "medium": medium,
            "body": case._hide_keys(text) if text else False,
            "date_recorded": clock.now(),
            "date": case._get_message_moment(date or clock.now()),
            "attachment_ids": [Command.create(file) for file in files],
            **values,
        }
        communication = self.with_env(case.env(context=quiet)).create(vals).with_env(case.env)
        try:
            with self.env.cr.savepoint():
                communication._follow_receipt()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("What followed communication %s failed", communication.id)
            communication._in_isolation(communication, lambda each: each._record_receipt())  # an act binds it anyhow
        return communication

    @api.model
    def _get_incoming_purpose(self, case, author, delivers):
        if author != "petitioner":
            return "message"
        if case.state in ENDED:
            return "late"
        return "information" if case.suspended and delivers else "message"

    def _follow_receipt(self):
        self._record_receipt()
        if self.state == "received":
            self.pqrs_id._ask_about_message(self)

    def _record_receipt(self):
        case = self.pqrs_id
        bound = self.env["sig.case.binding"]._bind_records(case, self.attachment_ids, self)
        kind = ACTS.get(self.purpose, "message_received")
        case._record(kind, {}, date={case: self.date}, data={"communication": self.id, **bound})

    def action_attend(self):
        """Mark what came as attended to, when there is nothing else to do about it."""
        proven = self._check_transition("attend")
        for batch in proven._one_per_case():
            batch.pqrs_id._record(
                "message_settled", {}, data={each.pqrs_id: {"communication": each.id} for each in batch}
            )
        proven._attend()
        return True

    def _attend(self):
        self.state = "attended"
        for case, messages in self.grouped("pqrs_id").items():
            case._settle_message_activities({message._get_message_kind() for message in messages})

    def _get_message_kind(self):
        """What the SIG is asked to do about it: a key of `sig.pqrs._get_message_summary`."""
        if self.author != "petitioner":
            return self.author
        return {"late": "late", "information": "delivery"}.get(self.purpose, "other")

    def _get_excerpt(self):
        names = ", ".join(self.attachment_ids.mapped("name"))
        text = (self.body or "").strip() or self.env._("(without text)")
        return "\n".join(filter(None, [text[:500], names and f"📎 {names}"]))


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def action_feedback(self, feedback=False, attachment_ids=None):
        """Who marks the activity of messages as done has attended to them, but to those that a step settles."""
        kind = self.env.ref("sig_pqrs.activity_message", raise_if_not_found=False)
        done = self.filtered(lambda activity: activity.activity_type_id == kind and activity.res_model == "sig.pqrs")
        cases = self.env["sig.pqrs"].browse(done.mapped("res_id"))
        result = super().action_feedback(feedback, attachment_ids)
        cases.sudo()._attend_without_activity()
        return result
