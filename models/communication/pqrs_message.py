import logging

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from ..mixin.transitions import ENDED

_logger = logging.getLogger(__name__)

#: fields copied to the new case of a petitioner who wrote again, besides the type and the petitioner
FOLLOW_UP_FIELDS = ("company_id", "anonymous", "capacity", "site", "response_medium", "restricted", "lang")

#: subtypes of messages by and to the petitioner
FROM_CLIENT = "sig_pqrs.mt_from_client"
TO_CLIENT = "sig_pqrs.mt_to_client"

#: characters of messages that an activity shows
MAX_NOTE = 20_000

#: acts of messages of the petitioner, whose data hold the id
MESSAGE_ACTS = ("client_message", "information_delivered")


class PqrsMessage(models.Model):
    """Messages of the petitioner about an existing case.

    - While information is required, a message delivers it: the term restarts the day after, once the SIG confirms it.
    - After closing, it waits for the SIG, who reopens, files a new case or thanks.
    - Otherwise, and for messages of anybody else, the SIG only gets an activity.

    Under reserve of identity they are in the thread of the identity, with the same effects. Channels that know the
    petitioner by other means than the author (a tracking code, a page of their own) post as superuser with
    ``sig_from_petitioner`` in the context; with ``sig_delivers_nothing`` the message delivers no required information.
    """

    _inherit = "sig.pqrs"

    client_message_pending = fields.Boolean("Wrote after closing", readonly=True)
    client_message_id = fields.Many2one(
        "mail.message",
        "Message of the petitioner",
        readonly=True,
        index="btree_not_null",
        groups="sig_pqrs.group_sig_director",
        help="The first one that waits for the SIG.",
    )
    client_message_text = fields.Text(
        "What the petitioner wrote",
        compute="_compute_client_message_text",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
    )
    _client_message_index = models.Index("(company_id, id) WHERE client_message_pending IS TRUE")

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "client_message_pending", "act_ids"]

    @api.depends("client_message_id", "act_ids")
    def _compute_client_message_text(self):
        for case in self:
            messages = case._get_waiting_messages()
            case.client_message_text = "\n\n".join(case._get_message_text(message) for message in messages) or False

    def _get_message_text(self, message):
        text = tools.html2plaintext(message.body or "").strip() or self.env._("(without text)")
        names = ", ".join(message.attachment_ids.mapped("name"))
        return "\n".join(filter(None, [text[:500], names and f"📎 {names}"]))

    # -- Incoming messages ------------------------------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        self._on_thread_message(message)
        return result

    def _bind_message(self, message):
        """Bind a message with the petitioner, and files that came with any other, unless an act of a step does."""
        kinds = {self._get_subtype_id(FROM_CLIENT): "message_received", self._get_subtype_id(TO_CLIENT): "message_sent"}
        kind = kinds.get(message.subtype_id.id)
        if kind or message.attachment_ids:
            self.env["sig.case.binding"]._record_missing(self, kind or "files_added")

    def _on_thread_message(self, message):
        """React to a message in the thread of the case or of its identity; a failure does not lose the message."""
        cases, message_sudo = self.sudo()._with_system_user(), message.sudo()
        if self._is_from_outside(message):
            try:
                with self.env.cr.savepoint():
                    cases._in_company_language()._on_outside_message(message_sudo)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("What followed a message about PQRS %s failed", self.ids)
        cases._bind_message(message_sudo)

    @api.model
    def _is_from_outside(self, message):
        """Whether somebody outside the company wrote it by hand."""
        if message.message_type not in ("email", "comment") or self.env.context.get("sig_automatic_message"):
            return False
        if self._posts_for_petitioner() or (
            self.env.uid == SUPERUSER_ID and self.env.context.get("sig_from_outside")
        ):
            return True
        author = message.sudo().author_id
        return not author or author.partner_share

    @api.model
    def _posts_for_petitioner(self):
        """Whether a channel posts in the name of the petitioner.

        The context of internal users is not believed: the web client sends any to routes that post as superuser.
        """
        trusted = self.env.uid == SUPERUSER_ID or (self.env.su and not self.env.user._is_internal())
        return bool(trusted and self.env.context.get("sig_from_petitioner"))

    def _is_by_petitioner(self, message):
        if self._posts_for_petitioner():
            return True
        if self._is_disowned():
            return False
        contact = self._get_contact()
        return bool(
            (contact.partner and message.author_id == contact.partner)
            or (contact.mailbox and tools.email_normalize(message.email_from) == contact.mailbox)
        )

    def _is_disowned(self):
        delivery = self.env["mail.thread"]._sig_get_delivery()
        company = self.sudo().company_id
        return bool(delivery and self.env["sig.mail.petition"]._is_disowned(company, delivery.incoming))

    def _on_outside_message(self, message):
        self.ensure_one()
        if not self._is_by_petitioner(message):
            kind = "anonymous" if self.anonymous else "disowned" if self._is_disowned() else "stranger"
        else:
            message.subtype_id = self.env.ref(FROM_CLIENT)
            kind = "other"
            if self.state in ENDED:
                kind = "late"
                if not self.client_message_pending:
                    self.write({"client_message_pending": True, "client_message_id": message.id})
                self._record_message("client_message", message)
            elif self.suspended and not self.env.context.get("sig_delivers_nothing"):
                kind = "delivery"
                if not self.client_message_id:
                    self.client_message_id = message
                self._record_message("information_delivered", message)
        note = (
            self.env._("What it says is kept with the identity.")
            if self.identity_reserved
            else self._get_message_text(message)
        )
        self._ask_about_message(self._get_message_summary(self.company_id._sig_get_director(), kind), note)

    def _record_message(self, kind, message):
        bound = self.env["sig.case.binding"]._bind_records(self, files=message.attachment_ids, messages=message)
        data = {"message": message.id, **bound}
        self._record(kind, {}, date={self: self._get_message_moment(message)}, data=data)

    def _ask_about_message(self, summary, note):
        """Replace the activity with this summary by one that adds the note."""
        asked = self.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "=", summary)])
        notes = Markup("").join(activity.note or "" for activity in asked.sorted("id"))
        if len(notes) > MAX_NOTE:
            note = self.env._("There is more: read the messages of the case.")
        note = tools.plaintext2html(note)
        if note not in notes:
            notes += note
        asked.unlink()
        self._notify_director(summary, notes, "sig_pqrs.activity_message")

    def _close_message_activities(self):
        """Close the activities that an answer to the petitioner settles; messages of strangers still wait."""
        director = self.company_id._sig_get_director()
        answered = [self._get_message_summary(director, kind) for kind in ("other", "anonymous")]
        self.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "in", answered)]).unlink()

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

    def _get_message_moment(self, message):
        """When a message came; the date given by its sender is kept within what is possible."""
        earliest = self.date_answered or self.date_received
        if self.suspended:
            earliest = max(act.date for act in self.act_ids if act.kind == "requirement")
        return min(max(message.date, earliest), clock.now())

    # -- After closing ----------------------------------------------------------------------------------------------

    def action_new_case_from_message(self):
        """File the messages after the closing, with their files, as a new case received when the first came."""
        self.ensure_one()
        case = self._check_transition("new_case_from_message")
        messages = case._get_waiting_messages()
        if not messages:
            raise UserError(self.env._("%s: the message is not there any more.", case.name))
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
            case._get_message_moment(first),
            "email" if first.message_type == "email" else case._get_online_channel(),
            self.env._("Follow-up: %s", case.subject),
        )
        follow_up = case.create({**values, "type_id": kind.id})
        follow_up._message_log(body=self.env._("Comes from a message about another case of the same petitioner."))
        follow_up._copy_messages(messages)
        self._settle_message(self.env._("It goes on in a new case."), {"case": case._commit_private(follow_up.name)})
        return follow_up._get_records_action(context={})

    def action_thank(self, text):
        """Thank the petitioner, who reads ``text``, for a message after the closing."""
        self._check_transition("thank")
        text = self._require_text(text, self.env._("Write what the petitioner reads."))
        self._notify_client("thanks", text)
        self._settle_message(text)
        return True

    def _settle_message(self, note, data=None):
        self._record("message_settled", dict.fromkeys(self, note), data=data)
        self._clear_client_message()

    def _clear_client_message(self):
        cases = self.sudo()
        cases.write({"client_message_pending": False, "client_message_id": False})
        cases.activity_unlink(["sig_pqrs.activity_message"])

    def _on_ended(self):
        """Information delivered before the case ended completes nothing any more."""
        result = super()._on_ended()
        self.sudo().filtered(lambda case: not case.client_message_pending).write({"client_message_id": False})
        return result

    def _is_about(self, message):
        threads = [self, *self.sudo().identity_ids]
        return (message.model, message.res_id) in [(thread._name, thread.id) for thread in threads]

    def _get_waiting_messages(self):
        """Messages of the petitioner since the first that waits, the oldest first, in either thread."""
        first = self.client_message_id.id
        acts = self.act_ids.filtered(lambda act: first and act.kind in MESSAGE_ACTS)
        ids = sorted({act.data["message"] for act in acts if act.data.get("message", 0) >= first})
        return self.env["mail.message"].browse(ids).exists()

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
        texts = [tools.html2plaintext(message.body or "").strip() for message in messages]
        return "\n\n".join(filter(None, texts)) or self.env._("(without text)")

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
