from odoo import models, tools

from ..tools import charts
from ..tools.charts import PERCENT

#: decimals and sign of the units of `sig.indicator`
FORMATS = {"percent": (1, PERCENT), "days": (1, ""), "count": (0, ""), "points": (0, "")}


class SigCharts(models.AbstractModel):
    """Texts and figures of charts, in the language of the reader (see `tools.charts`)."""

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
            span=self.env._("From {first} to {last}"),
            latest=self.env._("latest"),
            broken=self.env._("The axis does not begin at zero"),
            decimal=self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point or ".",
            rules=self.env["sig.indicator.measure"]._get_choices("signal"),
        )

    def _format(self, value, digits=1, unit=""):
        """A dash for None. With one decimal or none it is the value of two, which is stored, that is rounded."""
        if value is None:
            return "—"
        value = tools.float_round(tools.float_round(value, max(digits, 2)), digits) or 0
        return tools.formatLang(self.env, value, digits=digits).replace("-", "\u2212") + unit

    def _write_figure(self, value, unit, target=None):
        """:param unit: of `FORMATS`."""
        return self._format(value, self._get_digits(value, unit, target), FORMATS[unit][1])

    def _write_goal(self, target, unit):
        """With the decimals that it was given: a goal of 97.5 is not 98."""
        return self._format(target, charts.count_decimals(target), FORMATS[unit][1])

    def _get_digits(self, value, unit, target=None):
        return charts.choose_digits(value or 0, FORMATS[unit][0], target)
