from odoo import api, fields, models

from ..models.communication.communication import BY_HAND, MEDIA, WHATSAPP
from .dialog import PROPOSED


class PqrsNotifyWizard(models.TransientModel):
    """Record how the petitioner was told what waited: all of it at once, for one call or one letter tells all."""

    _name = "sig.pqrs.notify.wizard"
    _description = "Record a Notification"
    _inherit = ["sig.output.mixin"]

    pqrs_id = fields.Many2one("sig.pqrs", required=True, default=lambda self: self.env.context.get("active_id"))
    by_the_hour = fields.Boolean(related="pqrs_id.due_by_authority", related_sudo=False, string="Dated by the hour")
    waiting_ids = fields.Many2many("sig.pqrs.communication", compute="_compute_waiting_ids")
    communication_ids = fields.Many2many(
        "sig.pqrs.communication", string="What was told", compute="_compute_choice", **PROPOSED
    )
    medium = fields.Selection([*MEDIA, WHATSAPP], "Means", compute="_compute_choice", required=True, **PROPOSED)
    date = fields.Date(
        "Told on",
        compute="_compute_date",
        help="The day on which the petitioner knew it, not that on which it was printed.",
        **PROPOSED,
    )
    moment = fields.Datetime(
        "Date and hour of the delivery", help="When the client received it, not when it was printed."
    )
    reference = fields.Char("Tracking number", help="Or where it was published: the page, or the notice board.")
    received_by = fields.Char("Received by")
    proof_ids = fields.Many2many("ir.attachment", string="Proof (photo, receipt, recording)", bypass_search_access=True)

    @api.depends("pqrs_id")
    def _compute_waiting_ids(self):
        for wizard in self:
            wizard.waiting_ids = wizard.pqrs_id._get_deliverable().sudo(False)

    @api.depends("pqrs_id")
    def _compute_choice(self):
        """What must be told today, by the likely medium; what is recorded went by no mail. Or else the forwarding.

        What was written by WhatsApp is proved apart.
        """
        for wizard in self:
            wizard.pqrs_id.check_access("read")
            to_petitioner = wizard.waiting_ids.filtered(lambda each: each.purpose != "forwarding")
            by_whatsapp = to_petitioner.filtered(lambda each: each.medium == "whatsapp")
            wizard.communication_ids = (to_petitioner - by_whatsapp) or by_whatsapp or wizard.waiting_ids
            case = wizard.pqrs_id
            answer = to_petitioner.filtered(lambda each: each.purpose == "response")
            medium = (answer or wizard.communication_ids)[:1].medium
            if not medium or medium == "email":
                medium = "phone" if case and case._get_contact().phone else "letter"
            wizard.medium = medium

    @api.depends("communication_ids")
    def _compute_date(self):
        """Today, unless it is said; when a forwarding of an earlier day left, only its sender knows."""
        for wizard in self:
            company = wizard.pqrs_id.company_id or self.env.company
            forwarding = wizard.communication_ids.filtered(lambda each: each.purpose == "forwarding")
            recorded = forwarding[:1].date_recorded
            is_earlier = recorded and company._sig_local_date(recorded) < company._sig_today()
            wizard.date = not is_earlier and (wizard.date or company._sig_today())

    def action_confirm(self):
        self.ensure_one()
        self.communication_ids.action_register_delivery(
            medium=self.medium,
            date=self.moment if self.by_the_hour else self.date,
            proof=self.proof_ids.ids,
            reference=self.medium in ("letter", "publication") and self.reference,
            received_by=self.medium in BY_HAND and self.received_by,
        )
        return {"type": "ir.actions.act_window_close"}
