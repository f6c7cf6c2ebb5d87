from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import clock


class PqrsHold(models.Model):
    """Legal hold: what a court, an authority or a claim may still ask for is not erased, whatever its age."""

    _inherit = "sig.pqrs"

    legal_hold = fields.Boolean("Under legal hold", readonly=True)
    legal_hold_reason = fields.Text("Why it is held", readonly=True, groups="sig_pqrs.group_sig_director")
    legal_hold_by_id = fields.Many2one("res.users", "Held by", readonly=True)
    legal_hold_since = fields.Datetime("Held since", readonly=True)

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
        proven = self._check_transition("hold")
        reason = self._require_text(reason)
        proven.write(
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
        proven = self._check_transition("release_hold")
        reason = self._require_text(reason)
        proven.write(
            {"legal_hold": False, "legal_hold_reason": False, "legal_hold_by_id": False, "legal_hold_since": False}
        )
        self._record("hold_released", dict.fromkeys(self, reason))
        return True

    @api.model
    def _find_held(self, model, ids):
        """The cases under legal hold that records of a model are part of, as superuser."""
        if not self._is_case_or_part(model):
            return self.sudo().browse()
        records = self.env[model].sudo().with_context(active_test=False)
        if model == self._name:
            return records.search([("id", "in", ids), ("legal_hold", "=", True)])
        return records.search([("id", "in", ids), ("pqrs_id.legal_hold", "=", True)]).pqrs_id

    @api.model
    def _check_not_held(self, records, model_field):
        """
        :param records: that have the model and the id of what they are of.
        :raises UserError: when one is of a case under legal hold, or of a part of it.
        """
        held = self.sudo().browse()
        for model, theirs in records.filtered("res_id").grouped(model_field).items():
            held |= self._find_held(model, theirs.mapped("res_id"))
        if held:
            raise UserError(
                self.env._("%s is under legal hold: nothing of it can be deleted.", ", ".join(held.mapped("name")))
            )


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_held(self):
        self.env["sig.pqrs"]._check_not_held(self, "res_model")


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sig_held(self):
        self.env["sig.pqrs"]._check_not_held(self, "model")
