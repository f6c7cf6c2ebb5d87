from odoo import models


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def write(self, vals):
        """A sequence of ours that an administrator gives another implementation goes on where it was.

        Core begins its date ranges again, with numbers that cases have already.
        """
        moved = self.filtered(
            lambda sequence: (
                (sequence.code or "").startswith("sig.")
                and vals.get("implementation", sequence.implementation) != sequence.implementation
            )
        )
        numbers = {range_: range_.number_next_actual for range_ in moved.date_range_ids}
        result = super().write(vals)
        for range_, number in numbers.items():
            range_.number_next = number
        return result
