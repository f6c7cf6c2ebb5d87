from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError

from .. import clock
from ..mixin.transitions import OPEN
from .delivery_proof import DeliveryProof

#: fields copied to the new case of a petitioner who wrote again, besides the type and the petitioner
FOLLOW_UP_FIELDS = ("company_id", "anonymous", "capacity", "site", "response_medium", "restricted", "lang")


class PqrsMessage(models.Model):
    """The conversation with the petitioner: what came about the case and waits for the SIG, and what the SIG writes."""

    _inherit = "sig.pqrs"

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "communication_ids.state", "act_ids"]

    def _get_waiting_text(self):
        """What the petitioner wrote after the closing, or to deliver what was required, and waits."""
        waiting = self._get_waiting("late") or self._get_waiting_information()
        return "\n\n".join(message._get_excerpt() for message in waiting)

    def _get_waiting(self, purpose):
        """What the petitioner wrote and nobody has attended to, the oldest first."""
        return self.communication_ids.filtered(
            lambda each: each.state == "received" and each.purpose == purpose and each.author == "petitioner"
        ).sorted("id")

    def _get_waiting_information(self):
        """What was delivered and waits to be confirmed."""
        waits = self.suspended and self.state in OPEN
        return self._get_waiting("information") if waits else self.env["sig.pqrs.communication"]

    # -- After closing ----------------------------------------------------------------------------------------------

    def action_new_case_from_message(self):
        """File the messages after the closing, with their files, as a new case received when the first came."""
        self.ensure_one()
        case = self._check_transition("new_case_from_message")
        messages = case._get_waiting("late")
        text = (
            self.env._("The SIG reads the text with the identity, and decides who else does.")
            if case.identity_reserved
            else messages._join_texts()
        )
        kind, first = case.type_id, messages[0]
        if kind.due_by_authority or not kind.active:
            kind = kind._get_fallback(case.company_id, "peticion", case.anonymous)
        values = case._prepare_new_case(
            text,
            first.date,
            "email" if first.medium == "email" else case._get_online_channel(),
            self.env._("Follow-up: %s", case.subject),
        )
        follow_up = case.create({**values, "type_id": kind.id})
        follow_up._message_log(body=self.env._("Comes from a message about another case of the same petitioner."))
        messages._copy_to(follow_up)
        note = {self: self.env._("It goes on in a new case.")}
        self._record("message_settled", note, data={"case": case._commit_private(follow_up.name)})
        case.communication_ids._attend()
        return follow_up._get_records_action(context={})

    def action_thank(self, text):
        """Thank the petitioner, who reads ``text``, for a message after the closing."""
        proven = self._check_transition("thank")
        text = self._require_text(text, self.env._("Write what the petitioner reads."))
        self._notify_client("thanks", text)
        self._record("message_settled", dict.fromkeys(self, text))
        proven.communication_ids._attend()
        return True

    def _get_online_channel(self):
        """Channel of what the petitioner writes online: HERA for its users, else the website."""
        return "portal" if self.with_user(SUPERUSER_ID)._has_portal_user() else "web"

    def _prepare_new_case(self, text, moment, channel, subject):
        """Values, without the type, of a new case of the same petitioner. Processes may read the text."""
        values = self.read(FOLLOW_UP_FIELDS, load=False)[0]
        return {
            **{name: values[name] for name in FOLLOW_UP_FIELDS},
            **self._get_petitioner_values(),
            "origin_id": self.id,
            "channel": channel,
            "subject": subject[:500],
            "description": text,
            "date_received": moment,
            "authorized_user_ids": [fields.Command.set(self.authorized_user_ids.ids)],
        }

    # -- The SIG ----------------------------------------------------------------------------------------------------

    def action_write_to_client(self, text, attachments=()):
        """Write to the client about the case: by mail, in HERA and on the tracking page.

        :param attachments: id or ids of files that the user may read.
        """
        self.ensure_one()
        self._check_transition("write_to_client")
        text = self._require_text(text, self.env._("Write the message."))
        if refusal := self._get_writing_refusal():
            raise UserError(refusal)
        self._write_to_client(text, DeliveryProof.read_evidence(self.env, attachments).attachments)
        return True

    def _get_writing_refusal(self):
        if self.anonymous or self._get_contact().mailbox or self._has_portal_user():
            return ""
        return self.env._(
            "%s: the petitioner has neither an email nor a HERA user. Call them or send them a letter, and log a note "
            "of it; or write their email in the contact first.",
            self.name,
        )

    def _write_to_client(self, text, files=()):
        """Write a message to the client, which is mailed, or owed when there is no address.

        :param files: attachments; the right to read them has been proven.
        """
        case = self.sudo()
        # What an answer settles; messages of strangers, and what a step settles, still wait.
        answered = case.communication_ids.filtered(lambda each: each._get_message_kind() in ("other", "anonymous"))
        answered._attend()
        # Who filed an anonymous case reads it on the tracking page, and nowhere else.
        medium = "publication" if self.anonymous else False
        message = self.env["sig.pqrs.communication"]._open(case, "message", text, medium=medium)
        if files:
            message.attachment_ids = files
        if not self.anonymous:
            message._queue_mail()
            case._ask_to_notify()
        bound = self.env["sig.case.binding"]._bind_records(case, message.attachment_ids, message)
        case._record("message_sent", {}, data={"communication": message.id, **bound})
        if self.anonymous:
            message._tell({message: clock.now()}, medium)
        self.env["ir.cron"]._sig_trigger_mails()
