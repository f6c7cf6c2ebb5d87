from odoo import api, models, tools
from odoo.fields import Command, Domain

from .. import clock
from ..failure import attempt
from ..mixin.transitions import ENDED
from .communication import AFTER_END, RECEIVED

#: acts of what the petitioner writes, by purpose
ACTS = {**dict.fromkeys(AFTER_END, "client_message"), "information": "information_delivered"}


class IncomingCommunication(models.Model):
    """What comes about an existing case, and waits until the SIG attends to it.

    - While information is required, what the petitioner writes delivers it: the term restarts the day after, once the
      SIG confirms it.
    - After closing, the SIG reopens, files a new case, thanks or marks it as attended to.
    - Otherwise, and when anybody else wrote, the SIG reads it.
    """

    _inherit = "sig.pqrs.communication"

    @api.model
    def _receive(self, case, author, medium, text, files=(), date=False, purpose="information", **values):
        """Store what somebody wrote about a case. A failure of what follows does not lose it.

        :param case: as superuser.
        :param files: values of attachments.
        :param str purpose: of what the petitioner wrote, if the case allows it: information while it is required, or
            a disagreement once it ended.
        """
        case.ensure_one()
        quiet = {**tools.clean_context(case.env.context), "image_no_postprocess": True}  # evidence stays as it came
        vals = {
            "pqrs_id": case.id,
            "direction": "in",
            "purpose": self._get_incoming_purpose(case, author, purpose),
            "state": "attended" if author == "automatic" else "received",
            "author": author,
            "medium": medium,
            "body": self.env["sig.tracking"]._hide(text, case) if text else False,
            "date_recorded": clock.now(),
            "date": self._get_possible_moment(case, date),
            "attachment_ids": [Command.create(file) for file in files],
            **values,
        }
        communication = self.with_env(case.env(context=quiet)).create(vals).with_env(case.env)

        def follow():
            communication._record_receipt()
            if communication.state == "received":
                communication.pqrs_id._ask_to_read(communication._get_summary())
            return True

        if not attempt(self.env.cr, follow, "What followed communication %s failed", communication.id):
            communication._in_isolation(communication, lambda each: each._record_receipt())  # an act binds it anyhow
        return communication

    @api.model
    def _get_incoming_purpose(self, case, author, purpose):
        if author != "petitioner":
            return "message"
        if case.state in ENDED:
            return purpose if purpose in AFTER_END else "late"
        return purpose if purpose == "information" and case.suspended else "message"

    @api.model
    def _get_possible_moment(self, case, date):
        """When it came; the date given by its sender is kept within what is possible."""
        earliest = case.date_answered or case.date_received
        if case.suspended and case.state not in ENDED:
            earliest = max((act.date for act in case.act_ids if act.kind == "requirement"), default=earliest)
        return min(max(date or clock.now(), earliest), clock.now())

    def _record_receipt(self):
        case = self.pqrs_id
        bound = self.env["sig.case.binding"]._bind_records(case, self.attachment_ids, self)
        kind = ACTS.get(self.purpose, "message_received")
        case._record(kind, date={case: self.date}, data={"communication": self.id, **bound})

    def action_attend(self):
        proven = self._check_transition("attend")
        for batch in proven._one_per_case():
            attended = {each.pqrs_id: {"communication": each.id} for each in batch}
            batch.pqrs_id._record("message_settled", data=attended)
        proven.with_context(sig_seen={"waiting": proven.ids})._attend()
        return True

    def _attend(self):
        """What came once the dialog of a step was open (see its ``seen``) was not read: it waits on."""
        seen = self.env.context.get("sig_seen", {"waiting": self.ids})
        read = seen.get("waiting") if isinstance(seen, dict) else ()
        waiting = self.sudo().filtered_domain(RECEIVED)
        attended = waiting.filtered(lambda each: isinstance(read, list) and each.id in read)
        attended.state = "attended"
        for case in attended.pqrs_id:
            settled = {each._get_summary() for each in attended & case.communication_ids}
            settled -= {each._get_summary() for each in case.communication_ids.filtered_domain(RECEIVED)}
            case.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "in", settled)]).unlink()

    def _get_message_kind(self):
        if self.author != "petitioner":
            return self.author
        return {"information": "delivery", "message": "other"}.get(self.purpose, self.purpose)

    def _get_summary(self):
        """What the SIG is asked to do about it, in the language of its director."""
        env = self.with_context(lang=self.company_id._sig_get_director().lang).env
        return {
            "stranger": env._("Somebody who is not the petitioner wrote about the case"),
            "disowned": env._("Somebody wrote about the case, and the mail domain disowns it: check who it is"),
            "anonymous": env._("Somebody wrote about an anonymous case: nothing proves that it is who filed it"),
            "late": env._("The petitioner wrote after the closing: reopen, file a new case or thank"),
            "disagreement": env._("The petitioner asks us to review the answer: reopen, file a new case or thank"),
            "delivery": env._("The petitioner sent information: confirm whether it is complete"),
            "other": env._("The petitioner wrote"),
        }[self._get_message_kind()]

    def _get_excerpt(self):
        names = ", ".join(self.attachment_ids.mapped("name"))
        text = (self.body or "").strip() or self.env._("(without text)")
        return "\n".join(filter(None, [text[:500], names and f"📎 {names}"]))


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def action_feedback(self, feedback=False, attachment_ids=None):
        """Who marks the activity of messages as done has attended to them, but to those that a step settles."""
        kind_id = self.env["ir.model.data"]._xmlid_to_res_id("sig_pqrs.activity_message")
        done = self.filtered(lambda row: row.res_model == "sig.pqrs" and row.activity_type_id.id == kind_id)
        cases = self.env["sig.pqrs"].browse(done.mapped("res_id")).sudo()
        summaries = {*done.mapped("summary")}
        result = super().action_feedback(feedback, attachment_ids)
        for case in cases:
            read = summaries - {*case.activity_search(["sig_pqrs.activity_message"]).mapped("summary")}
            waiting = case.communication_ids.filtered_domain(RECEIVED & Domain("purpose", "=", "message"))
            waiting.filtered(lambda each, read=read: each._get_summary() in read).state = "attended"
        return result
