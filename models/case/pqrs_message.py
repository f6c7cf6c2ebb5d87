import logging

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from .. import clock

_logger = logging.getLogger(__name__)

#: what a new case takes from the one whose petitioner wrote again
FOLLOW_UP_FIELDS = (
    "company_id",
    "type_id",
    "partner_id",
    "partner_name",
    "email_from",
    "phone",
    "person_type",
    "document_type",
    "document_number",
    "city",
    "client_id",
    "capacity",
    "site",
    "response_medium",
    "restricted",
)


class PqrsMessage(models.Model):
    """What the petitioner writes about a case that exists.

    - While information is required, it is its delivery: the term restarts the day after, once the SIG confirms it.
    - After closing, it waits for the SIG, who reopens, files a new case or thanks.
    - At any other time, the SIG is told.

    Of somebody else the SIG is told too, and nothing more happens. Nobody gets an answer by itself.
    """

    _inherit = "sig.pqrs"

    client_message_pending = fields.Boolean("Wrote after closing", readonly=True, copy=False)
    client_message_id = fields.Many2one(
        "mail.message",
        "Message of the petitioner",
        readonly=True,
        copy=False,
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
    origin_id = fields.Many2one(
        "sig.pqrs",
        "Comes from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Whose petitioner wrote again.",
    )

    _client_message_index = models.Index("(company_id, id) WHERE client_message_pending IS TRUE")

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "client_message_pending"]

    @api.depends("client_message_id")
    def _compute_client_message_text(self):
        for case in self:
            case.client_message_text = case._get_message_text(case.client_message_id)

    def _get_message_text(self, message, length=500):
        """The beginning of a message as plain text, with the names of its files."""
        if not message:
            return False
        text = tools.html2plaintext(message.body or "").strip() or self.env._("(without text)")
        names = ", ".join(message.attachment_ids.mapped("name"))
        return "\n".join(filter(None, [tools.misc.ustr(text)[:length], names and f"📎 {names}"]))

    # -- What comes in ----------------------------------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if self._is_from_outside(message):
            try:
                with self.env.cr.savepoint():
                    self.sudo()._in_company_language()._on_outside_message(message.sudo())
            except Exception:
                # Whatever fails here, the message itself is kept.
                _logger.exception("What followed a message about PQRS %s failed", self.ids)
        return result

    @api.model
    def _is_from_outside(self, message):
        """Whether somebody who is not of the company wrote it, by hand."""
        author = message.sudo().author_id
        return (
            message.message_type in ("email", "comment")
            and not self.env.context.get("sig_automatic_message")
            and (not author or author.partner_share)
        )

    def _is_by_petitioner(self, message):
        contact = self._get_contact()
        mailbox = tools.email_normalize(message.email_from)
        return bool(
            (contact.partner and message.author_id == contact.partner)
            or (contact.mailbox and mailbox == contact.mailbox)
        )

    def _on_outside_message(self, message):
        """Somebody from outside wrote about the case. Hook for channels."""
        self.ensure_one()
        if not self._is_by_petitioner(message):
            kind = "stranger"
        elif self.state in ("closed", "cancelled"):
            kind = "late"
            self._keep_message(message)
            self.client_message_pending = True
            self._record_message("client_message", message)
        elif self.suspended:
            kind = "delivery"
            self._keep_message(message)
            self._record_message("information_delivered", message)
        else:
            kind = "other"
        self.activity_unlink(["sig_pqrs.activity_message"])
        self._tell_director(
            lambda env: self._get_message_summary(env, kind),
            self._get_message_text(message),
            "sig_pqrs.activity_message",
        )

    @api.model
    def _get_message_summary(self, env, kind):
        """What the SIG is asked to do about a message."""
        return {
            "stranger": env._("Somebody who is not the petitioner wrote about the case"),
            "late": env._("The petitioner wrote after the closing: reopen, file a new case or thank"),
            "delivery": env._("The petitioner sent information: confirm whether it is complete"),
            "other": env._("The petitioner wrote"),
        }[kind]

    def _keep_message(self, message):
        """The first message that waits stays: what was delivered with it was delivered then."""
        if not self.client_message_id:
            self.client_message_id = message

    def _record_message(self, kind, message):
        label = dict(self.env["sig.pqrs.act"]._fields["kind"]._description_selection(self.env))[kind]
        self._record(
            kind,
            {self: ""},
            body=f"{label}.",
            date={self: self._get_message_moment(message)},
            data={"message": message.id},
        )

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
        self._check_transition("new_case_from_message")
        case = self.sudo()
        messages = case._get_waiting_messages()
        follow_up = case.create(case._prepare_follow_up(messages))
        attachments = messages.attachment_ids
        if attachments:
            copies = self.env["ir.attachment"].sudo()
            for attachment in attachments:
                copies |= attachment.copy({"res_model": self._name, "res_id": follow_up.id})
            follow_up.attachment_ids = copies
        follow_up._message_log(body=self.env._("Comes from a message about %s.", case.name))
        self._settle_message(self.env._("It goes on under filing number %s.", follow_up.name))
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": follow_up.id,
            "views": [(False, "form")],
        }

    def action_thank(self, text):
        """Thank the petitioner for what was written after the closing, by mail or as the contact data allow.

        :param str text: what the petitioner reads.
        """
        self._check_transition("thank")
        text = self.env["sig.pqrs.assignment"]._require_reason(text)
        self._notify_client("thanks", text)
        self._settle_message(text)
        return True

    def _settle_message(self, note):
        """What the petitioner wrote waits for nobody any more."""
        self._record("message_settled", dict.fromkeys(self, note))
        self._forget_message()

    def _forget_message(self):
        cases = self.sudo()
        cases.write({"client_message_pending": False, "client_message_id": False})
        cases.activity_unlink(["sig_pqrs.activity_message"])

    def _get_waiting_messages(self):
        """What the petitioner wrote since the first message that waits, the oldest first."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("id", ">=", self.client_message_id.id),
                ("message_type", "in", ("email", "comment")),
            ],
            order="id",
        )
        return messages.filtered(lambda message: self._is_from_outside(message) and self._is_by_petitioner(message))

    def _prepare_follow_up(self, messages):
        """Values of the new case that messages of the petitioner give. Hook for who keeps more of the petitioner."""
        self.ensure_one()
        texts = [tools.html2plaintext(message.body or "").strip() for message in messages]
        values = self.read(FOLLOW_UP_FIELDS, load=False)[0]
        kind = self.type_id
        if kind.due_by_authority or not kind.active:
            kind = self.env["sig.pqrs.type"].search([("code", "=", "peticion")], limit=1)
            if not kind:
                raise UserError(self.env._("Choose an active type."))
        return {
            **{name: values[name] for name in FOLLOW_UP_FIELDS},
            "type_id": kind.id,
            "channel": "email" if messages[:1].message_type == "email" else "portal",
            "origin_id": self.id,
            "subject": self.env._("After %(case)s: %(subject)s", case=self.name, subject=self.subject)[:500],
            "description": "\n\n".join(filter(None, texts)) or self.env._("(without text)"),
            "date_received": self._get_message_moment(messages[0]) if messages else clock.now(),
            "authorized_user_ids": [fields.Command.set(self.authorized_user_ids.ids)],
        }
