from odoo import models


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def write(self, vals):
        """Keep the next numbers under another implementation: core would give date ranges numbers that cases have."""
        ours = self.filtered(lambda sequence: (sequence.code or "").startswith("sig."))
        moved = ours.filtered(lambda each: vals.get("implementation", each.implementation) != each.implementation)
        numbers = {range_: range_.number_next_actual for range_ in moved.date_range_ids}
        result = super().write(vals)
        for range_, number in numbers.items():
            range_.number_next = number
        return result
