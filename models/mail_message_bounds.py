from odoo import api, models
from odoo.exceptions import UserError

from ..tools import html_bounds


class MailMessage(models.Model):
    """Core cleans what anybody writes before it looks at who may, for minutes when it is made for that."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._sig_bound_body(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._sig_bound_body(vals))

    @api.model
    def _sig_bound_body(self, vals):
        """Values whose HTML can be cleaned: of what is too heavy, the words alone when a step of ours writes it.

        :raises UserError: for what somebody from outside writes.
        """
        body = vals.get("body")
        if not isinstance(body, str) or len(body) <= html_bounds.MAX_ATTRIBUTES or not html_bounds.is_heavy(body):
            return vals
        if self.env.su and (vals.get("model") or "").startswith("sig."):
            return {**vals, "body": html_bounds.simplify(body)}
        if self.env.user._is_internal():
            return vals
        raise UserError(self.env._("The text has too many signs of format. Write it without format."))
