from odoo import api, fields, models
from odoo.fields import Domain


class ProcessLed(models.Model):
    _inherit = "sig.process"

    # Record rules ask it of what hangs on a process.
    is_led = fields.Boolean("Led by me", compute="_compute_is_led", search="_search_is_led")

    @api.depends("leader_id", "deputy_ids", "absence_ids.date_from", "absence_ids.date_to", "absence_ids.substitute_id")
    @api.depends_context("uid")
    def _compute_is_led(self):
        led = self._filter_led_by_user()
        for process in self:
            process.is_led = process in led

    def _search_is_led(self, operator, _value):
        return Domain("id", "in", self._get_led_ids()) if operator == "in" else NotImplemented

    @api.model
    def _get_merge_references(self):
        """What is measured and planned of a process goes on with the one that answers for it; its history stays."""
        return [*super()._get_merge_references(), ("sig.indicator", "process_id")]
