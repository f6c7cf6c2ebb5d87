from urllib.parse import urlencode

from odoo import http, tools
from odoo.addons.auth_signup.controllers.main import AuthSignupHome

HERA = "/my/pqrs"


class HeraLogin(AuthSignupHome):
    def get_auth_signup_qcontext(self):
        """Drop the address of which core would tell the login to anybody. An invitation to HERA that does not work any
        more leads to the log-in, and so does a new password of a user of HERA.
        """
        qcontext = super().get_auth_signup_qcontext()
        if not qcontext.get("token") and not http.request.env.user._is_internal():
            qcontext.pop("signup_email", None)
        user = self._get_invited(qcontext.get("token"))
        is_invalid = qcontext.get("invalid_token") and qcontext.get("redirect") == HERA
        if is_invalid:
            qcontext["message"] = (
                http.request.env._("You have already chosen your password. Enter with it.")
                if user.login_date
                else http.request.env._(
                    "This link does not work any more. If you have chosen your password, enter with it. If not, ask us "
                    "for another invitation."
                )
            )
        is_new = user and not qcontext.get("invalid_token") and user._is_portal() and user.company_id.sig_active
        if is_invalid or is_new:
            qcontext["hera_login"] = f"/web/login?{urlencode({'redirect': HERA, 'login': user.login or ''})}"
        return qcontext

    def _get_invited(self, token):
        """The user of a token, as superuser; empty if the token has expired, is not ours or went to another address."""
        env = http.request.env(su=True)
        try:
            invited = token and tools.verify_hash_signed(env, "signup", token)
        except ValueError:
            invited = None
        partner = env["res.partner"].browse(invited and invited[0]).exists()
        is_same = invited and isinstance(invited[2], list) and invited[2][1] == partner.email_normalized
        return partner.user_ids[:1] if is_same else env["res.users"]
