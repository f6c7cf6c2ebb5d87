from odoo import models
from odoo.tools import float_round

from ...tools.charts import PERCENT


class IndicatorsInput(models.Model):
    """Objectives and indicators (ISO 9001, 9.3.2 c.2 and c.5), drafts included."""

    _inherit = "sig.management.section"

    def _get_input_indicators(self, date_from, date_to):
        """``{"rows": [{id, value, last, last_from, last_status, target, met, judged, periods}]}``.

        ``value`` is that of the whole period: numerators of denominators; of counts, the mean.
        """
        measures = self.env["sig.indicator.measure"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("is_breakdown", "=", False),
                ("indicator_id.active", "=", True),
                ("date_from", ">=", date_from),
                ("date_to", "<=", date_to),
            ],
            order="date_from",
        )
        by_indicator = measures.grouped("indicator_id")
        indicators = sorted(by_indicator, key=lambda indicator: (indicator.sequence, indicator.id))
        return {"rows": [self._sum_measures(indicator, by_indicator[indicator]) for indicator in indicators]}

    def _sum_measures(self, indicator, measures):
        known = measures.filtered("has_data")
        last = measures[-1]
        judged = [measure.status for measure in measures if measure.status in ("met", "near", "missed")]
        return {
            "id": indicator.id,
            "value": self._join_measures(known),
            "last": last.value if last.has_data else None,
            "last_from": last.date_from.isoformat(),
            "last_status": last.status,
            "target": last.target if last.has_target else None,
            "unit": last.unit,
            "met": judged.count("met"),
            "judged": len(judged),
            "periods": [
                [measure.date_from.isoformat(), measure.value if measure.has_data else None] for measure in measures
            ],
        }

    def _join_measures(self, measures):
        if not measures:
            return None
        denominator = sum(measures.mapped("denominator"))
        if measures[0].unit == "count" or not denominator:
            return float_round(sum(measures.mapped("value")) / len(measures), 2)
        factor = 100 if measures[0].unit in ("percent", "points") else 1
        return float_round(sum(measures.mapped("numerator")) / denominator * factor, 2)

    def _describe_indicators(self, now, earlier):
        if not now["rows"]:
            return {"has_data": False, "summary": self.env._("No indicator was measured in the period.")}
        before = {row["id"]: row for row in earlier["rows"]}
        indicators = self.env["sig.indicator"].browse(row["id"] for row in now["rows"])
        pairs = list(zip(indicators, now["rows"], strict=True))
        lights = [row["last_status"] for row in now["rows"]]
        judged_last = sum(light in ("met", "near", "missed") for light in lights)
        sentences = [
            self.env._(
                "Indicators that meet their target at the end of the period: %(met)s of %(judged)s.",
                met=lights.count("met"),
                judged=judged_last,
            )
            if judged_last
            else self.env._("At the end of the period no indicator had data to compare with its target.")
        ]
        if off := [indicator.name for indicator, row in pairs if row["last_status"] == "missed"]:
            sentences.append(self.env._("Off target: %s.", ", ".join(off)))
        shares = [[sum(row[name] for row in part["rows"]) for name in ("met", "judged")] for part in (now, earlier)]
        detail = self.env._("%(met)s of %(judged)s", met=shares[0][0], judged=shares[0][1])
        return {
            "summary": " ".join(sentences),
            "cards": [
                self._make_share_card(self.env._("Measures on target"), *shares, 0, detail=detail, key=True),
                *(self._get_indicator_card(indicator, row, before.get(row["id"])) for indicator, row in pairs),
            ],
            "charts": [self._get_indicator_chart(*pair) for pair in pairs if self._has_series(pair[1])],
        }

    def _get_indicator_card(self, indicator, row, before):
        digits, unit = self._get_indicator_format(row)
        last = self.env._("Last: no data")
        if row["last"] is not None:
            value, period = self._format(row["last"], digits, unit), self._name_month(row["last_from"][:7])
            last = self.env._("Last: %(value)s (%(period)s)", value=value, period=period)
        return self._make_card(
            indicator.name,
            row["value"],
            before and before["value"],
            digits,
            unit,
            indicator.direction,
            detail=last,
            status=row["last_status"],
            target=self._format(row["target"], 0, unit) if row["target"] is not None else "",
            repeated=indicator.kind != "plan_on_time",  # other sections have the others
        )

    def _get_indicator_format(self, row):
        if row["unit"] == "percent":
            return 1, PERCENT
        return (1, "") if row["unit"] == "days" else (0, "")

    def _has_series(self, row):
        return row["target"] is not None and self._is_worth_drawing(value for _day, value in row["periods"])

    def _get_indicator_chart(self, indicator, row):
        digits, unit = self._get_indicator_format(row)
        labels = [self._name_month(day[:7]) for day, _value in row["periods"]]
        values = [value for _day, value in row["periods"]]
        return self._make_trend(indicator.name, labels, values, unit, digits, row["target"])
