from odoo import models

from ..tools import charts


class SigCharts(models.AbstractModel):
    """What charts say, in the language of the reader: see `tools.charts`."""

    _name = "sig.charts"
    _description = "Words of the Charts"

    def _get_words(self):
        return charts.Words(
            no_data=self.env._("no data"),
            target=self.env._("Target"),
            centre=self.env._("Mean"),
            median=self.env._("Median"),
            limits=self.env._("Limits"),
            signal=self.env._("Signal"),
            interval=self.env._("{value} (between {low} and {high})"),
            span=self.env._("From {first} to {last}"),
            latest=self.env._("latest"),
            broken=self.env._("The axis does not begin at zero"),
            decimal=self._get_decimal_point(),
            rules={
                "beyond": self.env._("a point beyond the limits"),
                "side": self.env._("eight or more in a row on one side"),
                "trend": self.env._("six or more in a row in one direction"),
            },
        )

    def _get_decimal_point(self):
        return self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point or "."

    def _format(self, value, digits=1, unit=""):
        """A dash for None."""
        return "—" if value is None else charts.format_number(value, digits, self._get_decimal_point()) + unit
