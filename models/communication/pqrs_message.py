from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.fields import Domain

from .. import clock
from ..mixin.transitions import OPEN
from .communication import RECEIVED

#: fields copied to the new case of a petitioner who wrote again, besides the type and the petitioner
FOLLOW_UP_FIELDS = ("company_id", "anonymous", "capacity", "site", "response_medium", "restricted", "lang")

#: characters of messages that an activity shows
MAX_NOTE = 20_000


class PqrsMessage(models.Model):
    """What came about the case (see `sig.pqrs.communication`) and waits for the SIG."""

    _inherit = "sig.pqrs"

    client_message_text = fields.Text(
        "What the petitioner wrote",
        compute="_compute_client_message_text",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="After the closing, or to deliver what was required, and nobody has attended to it.",
    )

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "communication_ids.state", "act_ids"]

    @api.depends("communication_ids.state", "state", "suspended")
    def _compute_client_message_text(self):
        for case in self:
            waiting = case._get_waiting("late") or case._get_waiting_information()
            case.client_message_text = "\n\n".join(message._get_excerpt() for message in waiting) or False

    # -- What waits -------------------------------------------------------------------------------------------------

    def _get_waiting(self, purpose):
        """What the petitioner wrote and nobody has attended to, the oldest first."""
        return self.communication_ids.filtered(
            lambda each: each.state == "received" and each.purpose == purpose and each.author == "petitioner"
        ).sorted("id")

    def _get_waiting_information(self):
        """What was delivered and waits to be confirmed."""
        waits = self.suspended and self.state in OPEN
        return self._get_waiting("information") if waits else self.env["sig.pqrs.communication"]

    def _get_message_moment(self, date):
        """When a message came; the date given by its sender is kept within what is possible."""
        earliest = self.date_answered or self.date_received
        if self.suspended:
            earliest = max((act.date for act in self.act_ids if act.kind == "requirement"), default=earliest)
        return min(max(date, earliest), clock.now())

    def _ask_about_message(self, message):
        """Ask the SIG to attend to a message: the activity of its kind is replaced by one that adds it."""
        summary = self._get_message_summary(self.company_id._sig_get_director(), message._get_message_kind())
        note = (
            self.env._("The SIG alone reads what it says, among the communications.")
            if self.identity_reserved
            else message._get_excerpt()
        )
        asked = self.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "=", summary)])
        notes = Markup("").join(activity.note or "" for activity in asked.sorted("id"))
        if len(notes) > MAX_NOTE:
            note = self.env._("There is more: read the messages of the case.")
        note = tools.plaintext2html(note)
        if note not in notes:
            notes += note
        asked.unlink()
        self._notify_director(summary, notes, "sig_pqrs.activity_message")

    @api.model
    def _get_message_summary(self, reader, kind):
        env = self.with_context(lang=reader.lang).env
        return {
            "stranger": env._("Somebody who is not the petitioner wrote about the case"),
            "disowned": env._("Somebody wrote about the case, and the mail domain disowns it: check who it is"),
            "anonymous": env._("Somebody wrote about an anonymous case: nothing proves that it is who filed it"),
            "late": env._("The petitioner wrote after the closing: reopen, file a new case or thank"),
            "delivery": env._("The petitioner sent information: confirm whether it is complete"),
            "other": env._("The petitioner wrote"),
        }[kind]

    def _attend_messages(self):
        """All that came about the cases was attended to."""
        cases = self.sudo()
        cases.communication_ids.filtered_domain(RECEIVED).state = "attended"
        cases.activity_unlink(["sig_pqrs.activity_message"])

    def _attend_answered(self):
        """What an answer to the petitioner settles; messages of strangers, and what a step settles, still wait."""
        kinds, waiting = ("other", "anonymous"), self.communication_ids.filtered_domain(RECEIVED)
        waiting.filtered(lambda message: message._get_message_kind() in kinds).state = "attended"
        self._settle_message_activities(kinds)

    def _attend_without_activity(self):
        """What the SIG marked as done was attended to, unless a step settles it."""
        for case in self:
            asked = set(case.activity_search(["sig_pqrs.activity_message"]).mapped("summary"))
            reader = case.company_id._sig_get_director()
            waiting = case.communication_ids.filtered_domain(RECEIVED & Domain("purpose", "=", "message"))
            for kind, messages in waiting.grouped(lambda each: each._get_message_kind()).items():
                if case._get_message_summary(reader, kind) not in asked:
                    messages.state = "attended"

    def _settle_message_activities(self, kinds):
        """Delete the activities of messages of some kinds, unless others of the kind wait."""
        waiting = {message._get_message_kind() for message in self.communication_ids.filtered_domain(RECEIVED)}
        reader = self.company_id._sig_get_director()
        summaries = [self._get_message_summary(reader, kind) for kind in kinds if kind not in waiting]
        self.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "in", summaries)]).unlink()

    # -- After closing ----------------------------------------------------------------------------------------------

    def action_new_case_from_message(self):
        """File the messages after the closing, with their files, as a new case received when the first came."""
        self.ensure_one()
        case = self._check_transition("new_case_from_message")
        messages = case._get_waiting("late")
        text = (
            self.env._("The SIG reads the text with the identity, and decides who else does.")
            if case.identity_reserved
            else case._join_messages(messages)
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
        follow_up._copy_messages(messages)
        self._settle_messages(self.env._("It goes on in a new case."), {"case": case._commit_private(follow_up.name)})
        return follow_up._get_records_action(context={})

    def action_thank(self, text):
        """Thank the petitioner, who reads ``text``, for a message after the closing."""
        self._check_transition("thank")
        text = self._require_text(text, self.env._("Write what the petitioner reads."))
        self._notify_client("thanks", text)
        self._settle_messages(text)
        return True

    def _settle_messages(self, note, data=None):
        self._record("message_settled", dict.fromkeys(self, note), data=data)
        self._attend_messages()

    def _get_online_channel(self):
        """Channel of what the petitioner writes online: HERA for its users, else the website."""
        return "portal" if self.with_user(SUPERUSER_ID)._has_portal_user() else "web"

    def _prepare_new_case(self, text, moment, channel, subject):
        """Values, without the type, of a new case of the same petitioner.

        :param str text: description, as processes may read it.
        :param datetime moment: receipt date.
        """
        self.ensure_one()
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

    def _join_messages(self, messages):
        return "\n\n".join(filter(None, messages.mapped("body"))) or self.env._("(without text)")

    def _copy_messages(self, messages):
        """Copy the files of the messages; under reserve, to the identity of the new case, with the texts."""
        record = self._get_private_record()
        files = record.sudo()._take_files(messages.attachment_ids)
        if files:
            record.attachment_ids |= files
        if not self.identity_reserved:
            return
        content = {"description": self._join_messages(messages), "instead": self.description}
        self.env["sig.pqrs.reserved.text"]._store(record, self, content)
        if files:
            self._message_log(
                body=self.env._(
                    "The files that came with it are kept with the identity: attach those that do not tell it."
                )
            )
            self.env["sig.case.binding"]._record_missing(self)
