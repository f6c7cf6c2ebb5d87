from odoo import http
from odoo.addons.auth_signup.controllers.main import AuthSignupHome


class HeraLogin(AuthSignupHome):
    def get_auth_signup_qcontext(self):
        """Drop the address of which core would tell the login to anybody."""
        qcontext = super().get_auth_signup_qcontext()
        if not qcontext.get("token") and not http.request.env.user._is_internal():
            qcontext.pop("signup_email", None)
        return qcontext
