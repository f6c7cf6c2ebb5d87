from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import clock


class PqrsHold(models.Model):
    """Legal hold: what a court, an authority or a claim may still ask for is not erased, whatever its age."""

    _inherit = "sig.pqrs"

    legal_hold = fields.Boolean("Under legal hold", readonly=True, copy=False)
    legal_hold_reason = fields.Text("Why it is held", readonly=True, copy=False, groups="sig_pqrs.group_sig_director")
    legal_hold_by_id = fields.Many2one("res.users", "Held by", readonly=True, copy=False)
    legal_hold_since = fields.Datetime("Held since", readonly=True, copy=False)

    _hold_index = models.Index("(company_id) WHERE legal_hold IS TRUE")

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "legal_hold"]

    def _get_transition_refusal(self, name):
        if name == "hold" and self.legal_hold:
            return self.env._("%s is under legal hold already.", self.name)
        if name == "release_hold" and not self.legal_hold:
            return self.env._("%s is not under legal hold.", self.name)
        return super()._get_transition_refusal(name)

    def action_hold(self, reason):
        """Keep all that the cases hold until the hold is released.

        :param str reason: the proceedings for which they are kept.
        """
        self._check_transition("hold")
        reason = self._require_text(reason)
        self.sudo().write(
            {
                "legal_hold": True,
                "legal_hold_reason": reason,
                "legal_hold_by_id": self.env.uid,
                "legal_hold_since": clock.now(),
            }
        )
        self._record("hold_placed", dict.fromkeys(self, reason))
        return True

    def action_release_hold(self, reason):
        """Let the retention policy apply to the cases again.

        :param str reason: how the proceedings ended.
        """
        self._check_transition("release_hold")
        reason = self._require_text(reason)
        self.sudo().write(
            {"legal_hold": False, "legal_hold_reason": False, "legal_hold_by_id": False, "legal_hold_since": False}
        )
        self._record("hold_released", dict.fromkeys(self, reason))
        return True

    @api.model
    def _find_held(self, references):
        """The cases under legal hold that some records are part of.

        :param references: pairs of model and id.
        """
        ids = {}
        for model, id_ in references:
            ids.setdefault(model, set()).add(id_)
        held = self.sudo().browse()
        for model, found in ids.items():
            if model == "sig.pqrs":
                held |= self.sudo().search([("id", "in", list(found)), ("legal_hold", "=", True)])
            elif model and model.startswith("sig.") and "pqrs_id" in self.env.get(model, self)._fields:
                records = self.env[model].sudo().with_context(active_test=False)
                held |= records.search([("id", "in", list(found)), ("pqrs_id.legal_hold", "=", True)]).pqrs_id
        return held

    @api.model
    def _check_not_held(self, references):
        """
        :raises UserError: when a record is part of a case under legal hold.
        """
        if held := self._find_held(references):
            raise UserError(
                self.env._("%s is under legal hold: nothing of it can be deleted.", ", ".join(held.mapped("name")))
            )


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_held(self):
        ours = self.filtered(lambda file: (file.res_model or "").startswith("sig.pqrs") and file.res_id)
        if ours:
            self.env["sig.pqrs"]._check_not_held((file.res_model, file.res_id) for file in ours)


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_held(self):
        ours = self.filtered(lambda message: (message.model or "").startswith("sig.pqrs") and message.res_id)
        if ours:
            self.env["sig.pqrs"]._check_not_held((message.model, message.res_id) for message in ours)
