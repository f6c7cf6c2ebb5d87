from odoo import http
from odoo.addons.auth_signup.controllers.main import AuthSignupHome


class HeraLogin(AuthSignupHome):
    def get_auth_signup_qcontext(self):
        """Without the address for which core would say the login of its user, to whoever asks."""
        qcontext = super().get_auth_signup_qcontext()
        if not qcontext.get("token") and not http.request.env.user._is_internal():
            qcontext.pop("signup_email", None)
        return qcontext
