from odoo import fields, models
from odoo.exceptions import UserError

from .. import clock

CAPACITIES = [
    ("holder", "Holder of the data"),
    ("representative", "Representative or attorney"),
    ("heir", "Heir"),
]

#: a change of these voids the check
CHECKED_FIELDS = frozenset({"partner_id", "email_from", "document_number"})


class PqrsIdentityCheck(models.Model):
    """Answers on personal data go to the holder, heirs, representative or attorney once their identity was checked: Ley
    1581 de 2012, art. 15 num. 1; Decreto 1377 de 2013, art. 20.
    """

    _inherit = "sig.pqrs"

    personal_data = fields.Boolean("About personal data", related="type_id.personal_data")
    identity_checked = fields.Boolean("Identity checked", readonly=True)
    identity_checked_by_id = fields.Many2one("res.users", "Checked by", readonly=True)
    identity_checked_on = fields.Datetime("Checked on", readonly=True)
    identity_capacity = fields.Selection(CAPACITIES, "Checked as", readonly=True)
    identity_evidence = fields.Text(
        "How it was checked",
        readonly=True,
        groups="sig_pqrs.group_sig_director",
        help="What was compared with what, for whoever asks later.",
    )

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "personal_data", "identity_checked"]

    def action_check_identity(self, capacity, evidence):
        """
        :param str capacity: ``holder representative heir``.
        :param str evidence: how it was checked; the SIG reads it, the act holds its digest.
        """
        proven = self._check_transition("check_identity")
        if not isinstance(capacity, str) or capacity not in dict(CAPACITIES):
            raise UserError(self.env._("Say whether they are the holder, a representative or an heir."))
        evidence = self._require_text(evidence, self.env._("Write how the identity was checked."))
        proven.write(
            {
                "identity_checked": True,
                "identity_checked_by_id": self.env.uid,
                "identity_checked_on": clock.now(),
                "identity_capacity": capacity,
                "identity_evidence": evidence,
            }
        )
        label = dict(self._fields["identity_capacity"]._description_selection(self.env))[capacity]
        self._record(
            "identity_checked",
            dict.fromkeys(self, label),
            data={case: {"capacity": capacity, "evidence": case._commit_private(evidence)} for case in proven},
        )
        return True

    def write(self, vals):
        if vals.keys().isdisjoint(CHECKED_FIELDS):
            return super().write(vals)
        before = self._get_checked_values()
        result = super().write(vals)
        self._void_identity_checks(before)
        return result

    def _get_checked_values(self):
        """``{id: (contact, address, document)}`` of the checked cases."""
        checked = self.sudo().filtered("identity_checked")
        contacts = {case.id: case._get_contact() for case in checked}
        return {
            id_: (contact.partner.id, contact.mailbox, contact.document_number) for id_, contact in contacts.items()
        }

    def _void_identity_checks(self, before):
        now = self._get_checked_values()
        void = self.filtered(lambda case: case.id in before and before[case.id] != now.get(case.id))
        if not void:
            return
        void.sudo().write(
            {
                "identity_checked": False,
                "identity_checked_by_id": False,
                "identity_checked_on": False,
                "identity_capacity": False,
                "identity_evidence": False,
            }
        )
        void._record(
            "identity_unchecked",
            dict.fromkeys(void, self.env._("The petitioner or the address changed after the check.")),
        )

    def _check_sendable(self, delivery):
        if self.personal_data and not self.identity_checked:
            raise UserError(
                self.env._(
                    "%s asks for personal data: check the identity of who asks before the answer is sent (Ley 1581 de "
                    "2012, art. 15).",
                    self.name,
                )
            )
        return super()._check_sendable(delivery)
