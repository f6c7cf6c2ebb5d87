from odoo import api, fields, models


class PqrsSendWizard(models.TransientModel):
    """Close and send the answer: opening, sections as approved, closing, resolution and delivery."""

    _name = "sig.pqrs.send.wizard"
    _description = "Close and Send the Answer"

    pqrs_id = fields.Many2one("sig.pqrs", required=True, default=lambda self: self.env.context.get("active_id"))
    email_from = fields.Char("Email", compute="_compute_email_from")
    opening = fields.Html(compute="_compute_parts", store=True, readonly=False)
    sections = fields.Html("Approved sections", compute="_compute_sections")
    closing = fields.Html(compute="_compute_parts", store=True, readonly=False)
    resolution = fields.Selection(
        selection=lambda self: self.env["sig.pqrs"]._fields["resolution"]._description_selection(self.env),
        compute="_compute_parts",
        store=True,
        readonly=False,
        required=True,
    )
    delivery = fields.Selection(
        selection=lambda self: self.env["sig.pqrs"]._fields["delivery_medium"]._description_selection(self.env),
        compute="_compute_parts",
        store=True,
        readonly=False,
        required=True,
    )
    date = fields.Date("Delivered on")
    proof_ids = fields.Many2many("ir.attachment", string="Proof of delivery")
    proof_note = fields.Char("Tracking number, or who received it")

    @api.depends("pqrs_id")
    def _compute_email_from(self):
        for wizard in self:
            wizard.email_from = wizard.pqrs_id._get_contact().email

    @api.depends("pqrs_id")
    def _compute_parts(self):
        for wizard in self:
            case = wizard.pqrs_id
            wizard.opening = case.response_opening
            wizard.closing = case.response_closing
            wizard.resolution = case.resolution or (not case.type_id.has_resolution and "not_applicable")
            medium = case.response_medium
            wizard.delivery = "letter" if medium == "email" and not case._get_contact().email else medium

    @api.depends("pqrs_id")
    def _compute_sections(self):
        for wizard in self:
            wizard.sections = self.env["ir.qweb"]._render(
                "sig_pqrs.response_sections", {"sections": wizard.pqrs_id._get_approved_sections()}
            )

    def action_send(self):
        self.ensure_one()
        self.pqrs_id.write(
            {
                "response_opening": self.opening,
                "response_closing": self.closing,
                "resolution": self.resolution,
            }
        )
        by_hand = self.delivery in ("letter", "hand", "phone")
        self.pqrs_id.action_send_response(
            delivery=self.delivery,
            date=by_hand and self.date,
            proof=by_hand and (self.proof_ids.ids or self.proof_note),
        )
        return {"type": "ir.actions.act_window_close"}
