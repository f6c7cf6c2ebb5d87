from odoo import SUPERUSER_ID, api, fields, models

RESULTS = [("taken", "Taken"), ("other", "Another of those suggested"), ("changed", "Changed to another")]


class ReasonSuggestion(models.Model):
    """What was suggested in the triage of a case and what the SIG chose, to tell how often suggestions are right."""

    _name = "sig.reason.suggestion"
    _description = "Suggested Reason"
    _inherit = ["sig.record.mixin"]
    _order = "date desc, id desc"
    _rec_name = "pqrs_id"
    _check_company_auto = True

    pqrs_id = fields.Many2one(
        "sig.pqrs", "PQRS", required=True, readonly=True, ondelete="cascade", index=True, check_company=True
    )
    company_id = fields.Many2one(related="pqrs_id.company_id", store=True, precompute=True, index=True)
    date = fields.Date(required=True, readonly=True)
    suggested_id = fields.Many2one(
        "sig.pqrs.reason", required=True, readonly=True, ondelete="cascade", check_company=True
    )
    reason_id = fields.Many2one(
        "sig.pqrs.reason", "Chosen", required=True, readonly=True, ondelete="cascade", check_company=True
    )
    confidence = fields.Integer("Confidence (%)", readonly=True, aggregator="avg")
    result = fields.Selection(RESULTS, required=True, readonly=True)

    @api.model
    def _count(self, case, likely, suggested, confidence, chosen):
        """Nobody is named: it is counted by month. Restricted cases are not counted: more people read this."""
        if likely and chosen and not case.restricted:
            result = "taken" if chosen == likely else "other" if chosen in suggested else "changed"
            links = {"pqrs_id": case.id, "suggested_id": likely.id, "reason_id": chosen.id}
            counted = {"date": case.company_id._sig_today(), "confidence": confidence, "result": result}
            self.with_user(SUPERUSER_ID).create({**links, **counted})
