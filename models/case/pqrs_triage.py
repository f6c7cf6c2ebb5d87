from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import clock
from ..mixin.transitions import UNTRIAGED

#: days back in which another case of the same petitioner may say the same, and how many of them are shown
DUPLICATE_DAYS = 90
DUPLICATE_LIMIT = 10


class PqrsTriage(models.Model):
    """Taking cases up, the one that is due first before the others: its screen is the dialog of triage."""

    _inherit = "sig.pqrs"

    def action_open_triage(self):
        """The screen on which the SIG triages the case."""
        self.ensure_one()
        self._check_untriaged()
        action = self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_triage_wizard")
        return {
            **action,
            "name": self.env._("Triage · %s", self.name),
            "context": {"default_pqrs_id": self.id, "dialog_size": "extra-large"},
        }

    @api.model
    def action_triage_next(self):
        """The triage of the case that is due first among those that nobody has taken up."""
        case = self._get_next_untriaged()
        if case:
            return case.action_open_triage()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Nothing is left to triage."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_in_tab(self):
        """The form of the case in a tab of its own, which leaves a dialog where it is."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/odoo/{self._name}/{self.id}", "target": "new"}

    def _find_duplicates(self):
        """Other recent cases of the same petitioner that the user may read, newest first; none without an identity."""
        contact = not self.anonymous and self and self._get_contact()
        identity = contact and (contact.partner, contact.mailbox, contact.document_key)
        if not identity or not any(identity):
            return self.browse()
        partner, mailbox, document = identity
        same = self._get_petitioner_domain(partner, [mailbox], [document])
        same |= Domain("id", "in", self.env["sig.pqrs.identity"].search(same).pqrs_id.ids)
        recent = Domain("date_received", ">=", clock.now() - timedelta(days=DUPLICATE_DAYS))
        return self.search(
            same & recent & Domain("company_id", "=", self.sudo().company_id.id) & Domain("id", "!=", self.id),
            order="date_received desc, id desc",
            limit=DUPLICATE_LIMIT,
        )

    @api.model
    def _get_next_untriaged(self):
        domain = Domain("state", "in", UNTRIAGED) & Domain("company_id", "in", self.env.companies.ids)
        return self.search(domain, order="date_deadline, id", limit=1)

    def _check_untriaged(self):
        """Refuse what is not there to be triaged, or not any more."""
        for case in self:
            if case.state not in UNTRIAGED:
                raise UserError(
                    self.env._(
                        "%(case)s was taken up already (it is “%(state)s”). Nothing was changed.",
                        case=case.name,
                        state=dict(self._fields["state"]._description_selection(self.env))[case.state],
                    )
                )
            case._check_transition("file" if case.state == "to_file" else "assign")
