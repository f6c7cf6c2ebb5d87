from odoo import api, fields, models
from odoo.addons.sig_pqrs.models.indicator.indicator import Figure
from odoo.addons.sig_pqrs.models.review.management_section import CLAUSES
from odoo.fields import Domain

CLAUSES["commitments"] = "8.2.1"


class CommitmentsInput(models.Model):
    """What was promised to clients (ISO 9001, 8.2.1)."""

    _inherit = "sig.management.section"

    code = fields.Selection(
        selection_add=[("commitments", "Commitments to clients"), ("other",)],
        ondelete={"commitments": "set other"},
    )

    @api.model
    def _get_codes(self, kind):
        codes = super()._get_codes(kind)
        return [*codes[: codes.index("pqrs") + 1], "commitments", *codes[codes.index("pqrs") + 1 :]]

    def _get_input_commitments(self, date_from, date_to):
        due = self._get_period_domain("sig.pqrs.commitment", "date_due", date_from, date_to)
        due &= Domain("state", "in", ("open", "done"))
        return self.env["sig.pqrs.commitment"].search(due, order="date_due, id")

    def _describe_commitments(self, now, earlier):
        if not now:
            return {"has_data": False, "summary": self.env._("No commitment to a client was due in the period.")}
        shares = [Figure(len(due.filtered(lambda one: one.state == "done")), len(due)) for due in (now, earlier)]
        columns = {
            self.env._("Commitment") + "*": "name",
            self.env._("Responsible"): lambda one: one.user_id.name,
            self.env._("Due by"): lambda one: self._format_day(one.date_due),
        }
        return {
            "summary": self.env._("Commitments due in the period: %s.", len(now)),
            "cards": [self._make_figure_card(self.env._("Commitments fulfilled"), "percent", *shares, "higher")],
            "tables": [self._make_table(self.env._("Commitments"), columns, now)],
        }
