import logging
from contextlib import contextmanager

from odoo import models
from odoo.exceptions import AccessDenied, UserError

_logger = logging.getLogger(__name__)


class Waiting(list):
    """Values of mails for a job to send, so that the response does not depend on a mail server."""

    FIELDS = ("subject", "email_from", "email_to", "body_html", "auto_delete", "message_type")


class ResUsers(models.Model):
    """Does not reveal from outside who has a user: unknown logins and logins without a password cost as much as a wrong
    password, and a password reset always answers the same.
    """

    _inherit = "res.users"

    @contextmanager
    def _assert_can_auth(self, user=None):
        with super()._assert_can_auth(user=user):
            try:
                yield
            except AccessDenied:
                if isinstance(user, str) and not self._sig_has_password(user):
                    self._crypt_context().hash(user)  # what it takes to compare a password
                raise

    def _sig_has_password(self, login):
        user = self.sudo().search(self._get_login_domain(login), order=self._get_login_order(), limit=1)
        if not user:
            return False
        self.env.cr.execute("SELECT password <> '' FROM res_users WHERE id = %s", [user.id])
        return bool(self.env.cr.fetchone()[0])

    def _sig_remove_keys(self):
        """Nobody enters with what who had the user before keeps, and who gets it counts as not having entered."""
        for name in {"api_key_ids", "log_ids", "auth_passkey_key_ids", "totp_trusted_device_ids"} & self._fields.keys():
            self[name].unlink()
        self.write(dict.fromkeys({"totp_secret", "oauth_uid", "oauth_access_token"}.intersection(self._fields), False))
        self.env.cr.execute("UPDATE res_users SET password = NULL WHERE id IN %s", [self._ids])  # core hashes ""

    def reset_password(self, login):
        if self.env.user._is_internal():
            return super().reset_password(login)
        users = self.search(self._get_login_domain(login)) or self.search(self._get_email_domain(login))
        if len(users) != 1 or not users.email:
            _logger.info("No password was reset: %s users were found", len(users))
            return True
        waiting = Waiting()
        try:
            with self.env.cr.savepoint():
                super(ResUsers, self.with_context(sig_waiting=waiting)).reset_password(login)
        except UserError:
            _logger.exception("The password of user %s could not be reset", users.id)
        values = users.sudo().company_id._sig_get_mail_values()
        # after the savepoint, which also undoes mails
        self.env["mail.mail"].sudo().create([{**vals, **values} for vals in waiting])
        self.env["ir.cron"]._sig_trigger_mails()
        return True


class MailMail(models.Model):
    _inherit = "mail.mail"

    def send(self, *args, **kwargs):
        waiting = self.env.context.get("sig_waiting")
        if not isinstance(waiting, Waiting):
            return super().send(*args, **kwargs)
        waiting.extend({name: mail[name] for name in Waiting.FIELDS} for mail in self)
        return True
