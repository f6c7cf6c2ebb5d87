from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError


class PqrsReserveTalk(models.Model):
    """What is said from now on of or with a petitioner who is reserved or anonymous: kept apart, or said by nobody."""

    _inherit = "sig.pqrs"

    def _get_private_record(self):
        """Where files and messages that name the petitioner belong: the case, or its identity under reserve."""
        self.ensure_one()
        return self.sudo().identity_ids if self.identity_reserved else self

    def _log_on_identity(self, text, instead):
        """What the cases may say of a text that may name the petitioner.

        :param str instead: what reserved cases say; the text goes to their identity.
        :return: ``{case: text}``.
        """
        reserved = self.filtered("identity_reserved")
        for identity in reserved.sudo().identity_ids if text and text != instead else ():
            identity._message_log(body=text)
        return {case: instead if case in reserved else text for case in self}

    def _record_on_identity(self, kind, text, data=None):
        """An act whose text, which may name the petitioner, is kept with the identity; the act holds its digest.

        :param dict data: ``{case: dict}``, what else the act holds.
        """
        self_sudo = self.sudo()
        self._record(
            kind,
            dict.fromkeys(self, ""),
            data={case: {**(data or {}).get(case, {}), "text": case._commit_private(text)} for case in self_sudo},
        )
        for case in self_sudo:
            case.identity_ids._message_log(body=text)

    def _redact(self, text, instead, name=None):
        """What the case may say of a text of its petitioner: under reserve nothing, before the SIG allows it.

        :param str name: field of the case that has the text once the SIG allows it; without one the text is only noted.
        """
        self.ensure_one()
        if not self.identity_reserved or not text:
            return text
        if not name:
            return self._log_on_identity(text, instead)[self]
        self.env["sig.pqrs.reserved.text"]._store(self.sudo().identity_ids, self, {name: text, "instead": instead})
        return instead

    @api.model
    def _get_comment_placeholder(self):
        """What stands in the place of the comment of a rating."""
        return self.env._("The SIG reads the comment with the identity, and decides who else does.")

    def _send_notices(self, purpose, text, **email_values):
        """Mails to who asks under reserve are kept with the identity."""
        mails = super()._send_notices(purpose, text, **email_values)
        identities = (
            self.sudo().filtered("identity_reserved").identity_ids.grouped(lambda identity: identity.pqrs_id.id)
        )
        for mail in mails:
            if mail.res_id in identities:
                identities[mail.res_id]._take_messages(mail.mail_message_id)
        return mails

    def message_post(self, **kwargs):
        """On an anonymous or reserved case nothing is said to the petitioner, nor by them under their name."""
        self_sudo = self.sudo()
        if len(self) == 1 and self._hides_petitioner() and self._involves_outsiders(kwargs):
            if self.env.su and self_sudo.identity_reserved:
                return self_sudo.identity_ids.message_post(**kwargs)
            if self.env.su and not kwargs.get("partner_ids"):
                nobody = self._without_user().with_context(
                    sig_from_outside=True, sig_from_petitioner=self._posts_for_petitioner()
                )
                return super(PqrsReserveTalk, nobody).message_post(
                    **{**kwargs, "author_id": nobody.env.user.partner_id.id, "email_from": False}
                )
            raise UserError(
                self.env._(
                    "Whom you write to would tell who asks. Under reserve, write from the identity; on an anonymous "
                    "case there is nobody to write to."
                )
            )
        return super().message_post(**kwargs)

    def _involves_outsiders(self, kwargs):
        if self._posts_for_petitioner():
            return True
        Partner = self.env["res.partner"].sudo()
        author = Partner.browse(kwargs.get("author_id") or [])
        if not author and not kwargs.get("email_from"):
            author = self.env.user.partner_id.sudo()
        recipients = Partner.browse(kwargs.get("partner_ids") or []) if kwargs.get("partner_ids") else Partner
        return bool(
            not author._sig_is_ours()
            or kwargs.get("outgoing_email_to")
            or recipients.filtered(lambda partner: not partner._sig_is_ours())
            or (author | recipients) & self.sudo().identity_ids.partner_id
        )

    def _message_log_batch(self, bodies, *args, **kwargs):
        return super(PqrsReserveTalk, self._with_system_user())._message_log_batch(bodies, *args, **kwargs)

    def _hides_petitioner(self):
        return any(case.anonymous or case.identity_reserved for case in self.sudo())

    def _with_system_user(self):
        """The cases, for a petitioner who acts on them without leaving a trace as a user."""
        if self.env.user._is_internal() or not self._hides_petitioner():
            return self
        return self._without_user()

    def _without_user(self):
        """The cases as the system; so is all that the transaction stores from now on, computed fields included."""
        nobody = self.with_user(SUPERUSER_ID)
        self.env.transaction.default_env = nobody.env
        return nobody
