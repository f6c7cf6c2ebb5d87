from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.choices import choices_of
from ..models.communication.communication import MEDIA
from .dialog import PROPOSED

OF_PARTS = {"compute": "_compute_parts", **PROPOSED}


class PqrsSendWizard(models.TransientModel):
    """Close and send the answer: opening, sections as approved, closing, resolution and delivery."""

    _name = "sig.pqrs.send.wizard"
    _inherit = ["sig.output.mixin"]
    _description = "Close and Send the Answer"

    pqrs_id = fields.Many2one("sig.pqrs", required=True, default=lambda self: self.env.context.get("active_id"))
    email_from = fields.Char("Email", compute="_compute_email_from")
    legal_risk = fields.Boolean(related="pqrs_id.legal_risk", related_sudo=False)
    legal_state = fields.Selection(related="pqrs_id.legal_state", related_sudo=False)
    delivery_state = fields.Selection(related="pqrs_id.delivery_state", related_sudo=False)
    legal_reviewer_id = fields.Many2one(related="pqrs_id.legal_reviewer_id", related_sudo=False)
    opening_template_id = fields.Many2one("sig.response.template", "Template of the opening", **OF_PARTS)
    closing_template_id = fields.Many2one("sig.response.template", "Template of the closing", **OF_PARTS)
    opening = fields.Html(**OF_PARTS)
    sections = fields.Html("Approved sections", compute="_compute_sections")
    shown = fields.Char("Digest of the answer shown", **OF_PARTS)
    closing = fields.Html(**OF_PARTS)
    resolution = fields.Selection(choices_of("sig.pqrs", "resolution"), required=True, **OF_PARTS)
    delivery = fields.Selection(
        MEDIA,
        required=True,
        help="By email and in HERA it closes when it has left; otherwise, when you record the delivery with its proof.",
        **OF_PARTS,
    )
    anonymous = fields.Boolean(related="pqrs_id.anonymous", related_sudo=False)

    @api.depends("pqrs_id")
    def _compute_email_from(self):
        for wizard in self:
            wizard.pqrs_id.check_access("read")
            wizard.email_from = wizard.pqrs_id and wizard.pqrs_id._get_contact().email

    @api.depends("pqrs_id")
    def _compute_parts(self):
        for wizard in self.filtered("pqrs_id"):
            case = wizard.pqrs_id
            for part in ("opening", "closing"):
                template, text = self.env["sig.response.template"]._propose(case, part)
                wizard[f"{part}_template_id"] = template
                wizard[part] = text
            wizard.shown = wizard._compute_digest()
            resolution = case.resolution or case._get_proposed_resolution()
            wizard.resolution = resolution or (not case.type_id.has_resolution and "not_applicable")
            wizard.delivery = case._get_default_medium()

    def _compute_digest(self):
        """SHA-256 of what the answer says now, and its resolution: one confirms what one read."""
        return f"{self.env['sig.legal.review']._compute_digest(self.pqrs_id, stored=True)} {self.pqrs_id.resolution}"

    @api.onchange("opening_template_id")
    def _onchange_opening_template_id(self):
        self._use_template("opening")

    @api.onchange("closing_template_id")
    def _onchange_closing_template_id(self):
        self._use_template("closing")

    def _use_template(self, part):
        if template := self[f"{part}_template_id"]:
            self[part] = template._put_into(self[part], self.pqrs_id)

    @api.depends("pqrs_id")
    def _compute_sections(self):
        for wizard in self:
            case = wizard.pqrs_id
            values = {
                "sections": case._get_approved_sections(),
                "requests": self.env["sig.pqrs.request"]._render(case),
                "commitments": self.env["sig.pqrs.commitment"]._get_promised(case),
            }
            wizard.sections = self.env["ir.qweb"]._render("sig_pqrs.response_sections", values)

    def action_preview(self):
        """The letter as it would leave now, in PDF. What was written here is kept on the case."""
        self._write_parts()
        return self.env.ref("sig_pqrs.report_response_letter_action").report_action(self.pqrs_id, config=False)

    def action_request_legal_review(self):
        """The reviewer reads the whole letter: what is written here is part of it."""
        self._write_parts()
        self.pqrs_id.action_request_legal_review()
        return {"type": "ir.actions.act_window_close"}

    def _write_parts(self):
        self.ensure_one()
        if self.shown and self.shown != self._compute_digest():
            raise UserError(self.env._("%s: the answer changed. Close this, and read it again.", self.pqrs_id.name))
        case = self.pqrs_id
        parts = {"response_opening": self.opening, "response_closing": self.closing, "resolution": self.resolution}
        if changed := {name: value for name, value in parts.items() if (value or False) != (case[name] or False)}:
            case.write(changed)
            self.shown = self._compute_digest()

    def action_send(self):
        self._write_parts()
        self.pqrs_id.action_send_response(delivery=self.delivery)
        return {"type": "ir.actions.act_window_close"}
