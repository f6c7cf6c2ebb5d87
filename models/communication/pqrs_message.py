import logging

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from ..mixin.transitions import ENDED

_logger = logging.getLogger(__name__)

#: what a new case takes from the one whose petitioner wrote again, besides the type and who asks
FOLLOW_UP_FIELDS = ("company_id", "anonymous", "capacity", "site", "response_medium", "restricted", "lang")

#: subtypes of what the petitioner says, and of what is said to them
FROM_CLIENT = "sig_pqrs.mt_from_client"
TO_CLIENT = "sig_pqrs.mt_to_client"

#: characters of messages that an activity shows
MAX_NOTE = 20_000

#: acts that tell of a message of the petitioner, and hold its id
MESSAGE_ACTS = ("client_message", "information_delivered")


class PqrsMessage(models.Model):
    """What the petitioner writes about a case that exists.

    - While information is required, it is its delivery: the term restarts the day after, once the SIG confirms it.
    - After closing, it waits for the SIG, who reopens, files a new case or thanks.
    - At any other time, the SIG is told.

    Of somebody else the SIG is told too, and nothing more happens. Nobody gets an answer by itself.

    Under reserve of identity all this is said in the thread of the identity, and heard there the same way. A channel
    that knows the petitioner by other means than the author (a tracking code, a page of their own) posts as superuser
    with ``sig_from_petitioner`` in the context: the message is the petitioner's, whoever its author is. With
    ``sig_delivers_nothing`` too, it is a message even while information is required.
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
        """The beginning of a message as plain text, with the names of its files."""
        text = tools.html2plaintext(message.body or "").strip() or self.env._("(without text)")
        names = ", ".join(message.attachment_ids.mapped("name"))
        return "\n".join(filter(None, [text[:500], names and f"📎 {names}"]))

    # -- What comes in ----------------------------------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        self._hear(message)
        return result

    def _hear(self, message):
        """What follows a message in the thread of the case, or in that of its identity."""
        if not self._is_from_outside(message):
            return
        try:
            with self.env.cr.savepoint():
                self.sudo()._with_system_user()._in_company_language()._on_outside_message(message.sudo())
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            # Whatever fails here, the message itself is kept.
            _logger.exception("What followed a message about PQRS %s failed", self.ids)

    @api.model
    def _is_from_outside(self, message):
        """Whether somebody who is not of the company wrote it, by hand."""
        if message.message_type not in ("email", "comment") or self.env.context.get("sig_automatic_message"):
            return False
        said_so = self.env.uid == SUPERUSER_ID and self.env.context.get("sig_from_outside")
        if said_so or self._posts_for_petitioner():
            return True
        author = message.sudo().author_id
        return not author or author.partner_share

    @api.model
    def _posts_for_petitioner(self):
        """Whether a channel says that what it posts is the petitioner's own.

        Our own people cannot say so: the web client sends what context it likes to routes that post as superuser.
        """
        trusted = self.env.uid == SUPERUSER_ID or (self.env.su and not self.env.user._is_internal())
        return bool(trusted and self.env.context.get("sig_from_petitioner"))

    def _is_by_petitioner(self, message):
        if self._posts_for_petitioner():
            return True
        if self._is_disowned():
            return False
        contact = self._get_contact()
        mailbox = tools.email_normalize(message.email_from)
        return bool(
            (contact.partner and message.author_id == contact.partner)
            or (contact.mailbox and mailbox == contact.mailbox)
        )

    def _is_disowned(self):
        """Whether what is being posted is a mail that nobody can be believed to have sent."""
        delivery = self.env["mail.thread"]._sig_get_delivery()
        company = self.sudo().company_id
        return bool(delivery and self.env["sig.mail.petition"]._is_disowned(company, delivery.incoming))

    def _on_outside_message(self, message):
        """Somebody from outside wrote about the case. Hook for channels."""
        self.ensure_one()
        by_petitioner = self._is_by_petitioner(message)
        if by_petitioner:
            message.subtype_id = self.env.ref(FROM_CLIENT)
        if not by_petitioner:
            kind = "anonymous" if self.anonymous else "disowned" if self._is_disowned() else "stranger"
        elif self.state in ENDED:
            kind = "late"
            if not self.client_message_pending:
                self.write({"client_message_pending": True, "client_message_id": message.id})
            self._record_message("client_message", message)
        elif self.suspended and not self.env.context.get("sig_delivers_nothing"):
            kind = "delivery"
            if not self.client_message_id:
                self.client_message_id = message
            self._record_message("information_delivered", message)
        else:
            kind = "other"
        summary = self._get_message_summary(self.company_id._sig_get_director(), kind)
        self._ask_about_message(summary, self._get_message_note(message))

    def _ask_about_message(self, summary, note):
        """Ask the SIG to attend to a message, beside those that wait for the same: nothing that waits is lost."""
        asked = self.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "=", summary)])
        waiting = Markup("").join(activity.note or "" for activity in asked.sorted("id"))
        if len(waiting) > MAX_NOTE:
            note = self.env._("There is more: read the messages of the case.")
        note = tools.plaintext2html(note)
        if note not in waiting:
            waiting += note
        asked.unlink()
        self._notify_director(summary, waiting, "sig_pqrs.activity_message")

    def _settle_talk(self):
        """The client got an answer to what they wrote. What else somebody wrote waits on."""
        director = self.company_id._sig_get_director()
        answered = [self._get_message_summary(director, kind) for kind in ("other", "anonymous")]
        self.activity_search(["sig_pqrs.activity_message"], additional_domain=[("summary", "in", answered)]).unlink()

    def _get_message_note(self, message):
        """What the activity on the case says of a message: under reserve, nothing that it says itself."""
        if self.identity_reserved:
            return self.env._("What it says is kept with the identity.")
        return self._get_message_text(message)

    @api.model
    def _get_message_summary(self, reader, kind):
        """What the SIG is asked to do about a message, in the language of who reads it."""
        env = self.with_context(lang=reader.lang).env
        return {
            "stranger": env._("Somebody who is not the petitioner wrote about the case"),
            "disowned": env._("Somebody wrote about the case, and the mail domain disowns it: check who it is"),
            "anonymous": env._("Somebody wrote about an anonymous case: nothing proves that it is who filed it"),
            "late": env._("The petitioner wrote after the closing: reopen, file a new case or thank"),
            "delivery": env._("The petitioner sent information: confirm whether it is complete"),
            "other": env._("The petitioner wrote"),
        }[kind]

    def _record_message(self, kind, message):
        label = dict(self.env["sig.pqrs.act"]._fields["kind"]._description_selection(self.env))[kind]
        self._record(
            kind,
            {self: ""},
            body=f"{label}.",
            date={self: self._get_message_moment(message)},
            data={"message": message.id},
        )

    def _has_unread_message(self):
        """Whether the SIG was told that somebody wrote about the case, and has not attended to it."""
        return bool(self.activity_search(["sig_pqrs.activity_message"]))

    def _get_message_moment(self, message):
        """When a message came. The date that its sender wrote is not believed beyond what is possible."""
        earliest = self.date_answered or self.date_received
        if self.suspended:
            earliest = max(act.date for act in self.act_ids if act.kind == "requirement")
        return min(max(message.date, earliest), clock.now())

    # -- Three ways out ---------------------------------------------------------------------------------------------

    def action_new_case_from_message(self):
        """File a new case of what the petitioner wrote after the closing: received when it came, with its files.

        :return: the action that opens it.
        """
        self.ensure_one()
        proven = self._check_transition("new_case_from_message")
        case = proven
        messages = case._get_waiting_messages()
        if not messages:
            raise UserError(self.env._("%s: the message is not there any more.", case.name))
        follow_up = case.create(case._prepare_follow_up(messages))
        follow_up._message_log(body=self.env._("Comes from a message about another case of the same petitioner."))
        follow_up._take_over_messages(messages)
        self._settle_message(self.env._("It goes on in a new case."), {"case": follow_up.name})
        return follow_up._get_records_action(context={})

    def action_thank(self, text):
        """Thank the petitioner for what was written after the closing, by mail or as the contact data allow.

        :param str text: what the petitioner reads.
        """
        self._check_transition("thank")
        text = self._require_text(text, self.env._("Write what the petitioner reads."))
        self._notify_client("thanks", text)
        self._settle_message(text)
        return True

    def _settle_message(self, note, bound=None):
        """What the petitioner wrote waits for nobody any more.

        :param dict bound: texts of which the act holds a commitment: not who reads the case may read them all.
        """
        bound = {
            case: {name: case._commit_private(text) for name, text in (bound or {}).items()} for case in self.sudo()
        }
        self._record("message_settled", dict.fromkeys(self, note), data=bound)
        self._forget_message()

    def _forget_message(self):
        cases = self.sudo()
        cases.write({"client_message_pending": False, "client_message_id": False})
        cases.activity_unlink(["sig_pqrs.activity_message"])

    def _on_ended(self):
        """What was delivered for a requirement completes nothing once the case has ended."""
        result = super()._on_ended()
        self.sudo().filtered(lambda case: not case.client_message_pending).write({"client_message_id": False})
        return result

    def _is_about(self, message):
        """Whether a message is of the thread of the case, or of its identity."""
        return (message.model, message.res_id) in [(self._name, self.id)] + [
            (identity._name, identity.id) for identity in self.sudo().identity_ids
        ]

    def _get_waiting_messages(self):
        """What the petitioner wrote since the first message that waits, the oldest first; in whichever thread."""
        first = self.client_message_id.id
        acts = self.act_ids.filtered(lambda act: first and act.kind in MESSAGE_ACTS)
        ids = sorted({act.data["message"] for act in acts if act.data.get("message", 0) >= first})
        return self.env["mail.message"].browse(ids).exists()

    def _get_online_channel(self):
        """By which page the petitioner writes: who has no user of HERA, on the website."""
        return "portal" if self.with_user(SUPERUSER_ID)._has_portal_user() else "web"

    def _prepare_new_case(self, text, moment, channel, subject):
        """Values of a new case of what the petitioner says besides; its type is for the caller to say.

        :param str text: as the processes may read it.
        :param datetime moment: when it was said: that is its receipt.
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

    def _prepare_follow_up(self, messages):
        """Values of the new case that messages of the petitioner give. Hook for who keeps more of the petitioner."""
        kind, first = self.type_id, messages[0]
        if kind.due_by_authority or not kind.active:
            kind = kind._get_fallback(self.company_id, "peticion", self.anonymous)
        values = self._prepare_new_case(
            self._get_follow_up_text(messages),
            self._get_message_moment(first),
            "email" if first.message_type == "email" else self._get_online_channel(),
            self.env._("Follow-up: %s", self.subject),
        )
        return {**values, "type_id": kind.id}

    def _get_follow_up_text(self, messages):
        """What the petitioner wrote, as the processes may read it."""
        if self.identity_reserved:
            return self.env._("The SIG reads the text with the identity, and decides who else does.")
        return self._join_messages(messages)

    def _join_messages(self, messages):
        texts = [tools.html2plaintext(message.body or "").strip() for message in messages]
        return "\n\n".join(filter(None, texts)) or self.env._("(without text)")

    def _take_over_messages(self, messages):
        """Keep a copy of the files with which a new case came; under reserve, with its identity and the texts."""
        record = self._get_private_record()
        files = record.sudo()._take_files(messages.attachment_ids)
        if files:
            record.attachment_ids |= files
        if self.identity_reserved:
            content = {"description": self._join_messages(messages), "instead": self.description}
            self.env["sig.pqrs.reserved.text"]._store(record, self, content)
        if self.identity_reserved and files:
            self._message_log(
                body=self.env._(
                    "The files that came with it are kept with the identity: attach those that do not tell it."
                )
            )
