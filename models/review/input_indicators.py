from odoo import models
from odoo.tools import float_round

from ...tools import periods
from ...tools.charts import PERCENT
from ..charts import FORMATS
from ..indicator.indicator import Figure
from ..indicator.indicator_cases import BEHAVIOUR

#: numbers of a moment: those of a long period are those of its end, and do not add up
AT_THE_END = ("overdue_backlog",)

#: kinds of the first page
KEYS = ("received", "on_time", "response_time", "overdue_backlog")

#: where the reason of a change is looked for
PLACES = (*BEHAVIOUR, "site")

#: what explains less per cent of a change is not told, nor more of a dimension than so many
LEAST_SHARE = 15
SHOWN_CAUSES = 2


class IndicatorsInput(models.Model):
    """Objectives and indicators (ISO 9001, 9.3.2 c.2 and c.5)."""

    _inherit = "sig.management.section"

    def _get_input_indicators(self, date_from, date_to):
        """``{indicator: {unit, figure, value, target, status, confirmed, measures, detail}}``.

        ``figure`` and ``value`` are of the whole period, calculated now by the formula of the months; of surveys, of
        the last semester. ``confirmed`` is what the months make, where all were confirmed.
        """
        company = self.env.company
        indicators = self.env["sig.indicator"]._get_for(company)
        measures = self.env["sig.indicator.measure"].search(
            [
                ("company_id", "=", company.id),
                ("is_breakdown", "=", False),
                ("indicator_id", "in", indicators.ids),
                ("date_from", ">=", date_from),
                ("date_to", "<=", date_to),
            ],
            order="date_from",
        )
        own = measures.filtered(lambda one: one.process_id == one.indicator_id.process_id)  # another's once
        by_indicator = own.grouped("indicator_id")
        monthly = indicators.filtered(lambda one: one.frequency == "month").with_company(company)
        figures = monthly._get_figures(periods.Period(date_from, date_to))
        rows = {}
        for one in indicators:
            figure = figures.get(one, {}).get(one.process_id.id)
            rows[one] = self._get_row(one, by_indicator.get(one, measures.browse()), figure, date_from, date_to)
        return {one: row for one, row in rows.items() if row["figure"]}

    def _get_row(self, indicator, measures, figure, date_from, date_to):
        last = measures[-1:]
        is_judged = last.date_to == date_to and last.formula_version == indicator.formula_version
        goal = last if is_judged or not figure else indicator
        if last and not figure:
            figure = Figure(last.numerator, None if last.unit == "count" else last.denominator)
        has_data = bool(figure) and figure.has_data()
        value = float_round(figure.get_value(goal.unit), 2) if has_data else None
        is_covered = sum((one.date_to - one.date_from).days + 1 for one in measures) == (date_to - date_from).days + 1
        is_of_goal = goal.unit != "count" or indicator.kind in AT_THE_END or self._is_of_a_month()
        return {
            "unit": goal.unit,
            "figure": figure,
            "value": value,
            "target": goal.target if goal.has_target else None,
            "status": has_data
            and goal.has_target
            and is_of_goal
            and indicator._get_light(value, goal.direction, goal.target, goal.alert_target),
            "confirmed": self._join(measures, figure) if is_covered else None,
            "measures": measures,
            "detail": (figure and figure.detail) or {},
        }

    def _is_of_a_month(self):
        return (self.review_id.date_to - self.review_id.date_from).days < 31

    def _join(self, measures, figure):
        """What confirmed months of the formula and basis of a figure make together; None where one is not."""
        known, indicator = measures.filtered("has_data"), measures.indicator_id
        if not known or not all(one._is_comparable(figure) for one in measures):
            return None
        if indicator.unit == "count":
            return known[-1].value if indicator.kind in AT_THE_END else sum(known.mapped("value"))
        figure = Figure(sum(known.mapped("numerator")), sum(known.mapped("denominator")))
        return float_round(figure.get_value(indicator.unit), 2)

    def _describe_indicators(self, now, earlier):
        lights = [row["status"] for row in now.values() if row["status"]]
        if not lights:
            summary = self.env._("In the period no indicator had data to compare with its goal.")
        else:
            args = {"met": lights.count("met"), "judged": len(lights)}
            summary = self.env._("Indicators that meet their goal in the period: %(met)s of %(judged)s.", **args)
        drafts = sum("draft" in row["measures"].mapped("state") for row in now.values())
        names_by_note = {}
        for indicator, row in now.items():
            for note in self._get_indicator_notes(row):
                names_by_note.setdefault(note, []).append(indicator.name)
        off = [indicator.name for indicator, row in now.items() if row["status"] == "missed"]
        return {
            "has_data": any(row["value"] for row in now.values()),
            "summary": f"{summary} {self.env._('Off target: %s.', ', '.join(off))}" if off else summary,
            # surveys have theirs in another section, with the test of the wave
            "cards": [
                self._get_indicator_card(one, row, earlier.get(one))
                for one, row in now.items()
                if one.frequency == "month"
            ],
            "notes": [
                *(f"{', '.join(names)}: {note}" for note, names in names_by_note.items()),
                *([self.env._("Indicators with months that are not confirmed: %s.", drafts)] if drafts else []),
            ],
            "charts": [chart for one, row in now.items() for chart in self._get_indicator_charts(one, row)],
        }

    def _get_indicator_card(self, indicator, row, before):
        figure, measures = row["figure"], row["measures"]
        Charts, goal = self.env["sig.charts"], row["target"]
        target = "" if goal is None else Charts._write_goal(goal, row["unit"])
        details = []
        if row["unit"] == "percent" and figure.denominator:
            hits, due = int(figure.numerator), int(figure.denominator)
            details.append(self.env._("%(hits)s of %(due)s", hits=hits, due=due))
        elif row["unit"] == "count" and indicator.kind in AT_THE_END:
            details.append(self.env._("at the end of the period"))
        elif row["unit"] == "count" and not self._is_of_a_month():
            details.append(self.env._("in the whole period"))
            target = target and self.env._("%s a month", target)
        if still_open := row["detail"].get("open"):
            text = indicator._describe_open(*still_open)
            details += [self.env._("business days"), text[0].lower() + text[1:]]
        if len(measures) > 1:
            last = f"{measures[-1].value_text} ({measures[-1].period_name})"
            details.append(self.env._("last measure: %s", last))
        card = self._make_figure_card(
            indicator.name,
            row["unit"],
            figure,
            before and before["figure"],
            indicator.direction,
            detail="; ".join(details),
            status=row["status"],
            target=target,
            key=indicator.kind in KEYS,
            digits=Charts._get_digits(row["value"], row["unit"], goal),
        )
        if card["change"] and card["change"]["verdict"] == "worse":
            card["causes"] = self._explain_change(indicator, before, row)
        return card

    def _explain_change(self, indicator, *rows):
        """``[text]``, one for each of `PLACES` where something explains a part of what got worse: what each value adds
        to the figure now, less what it added before. Of a figure of what is good, what is not explains its fall.

        :param rows: of the period before, and of this one.
        """
        select = getattr(indicator.with_company(self.env.company), f"_select_{indicator.kind}", None)
        if not select or indicator.process_id:  # populations are of the whole company
            return []
        is_good = indicator.direction == "higher" and rows[-1]["figure"].denominator is not None
        added, change = {name: {} for name in PLACES}, 0
        for sign, row, span in zip((-1, 1), rows, self._get_spans(), strict=True):
            figure = row["figure"]
            weight = sign / (figure.denominator or 1)
            change += weight * (figure.denominator - figure.numerator if is_good else figure.numerator)
            for name, values in indicator._spread(select(*span), PLACES).items():
                for value, cases, hits in values:
                    added[name][value] = added[name].get(value, 0) + weight * (cases - hits if is_good else hits)
        found = []
        for name, parts in added.items():
            names = self.env["sig.case.register"]._name_values(name, list(parts))
            shares = sorted(((100 * part / change, names[value]) for value, part in parts.items()), reverse=True)
            causes = [
                self.env._("%(name)s (%(share)s)", name=text, share=self._format(share, 0, PERCENT))
                for share, text in shares[:SHOWN_CAUSES]
                if share >= LEAST_SHARE
            ]
            if causes:
                title = self.env["sig.pqrs"]._fields[name]._description_string(self.env)
                found.append(f"{title}: {', '.join(causes)}")
        return found

    def _get_indicator_notes(self, row):
        """``[text]``: what is missing in the data, or differs in what was confirmed."""
        notes = self.env["sig.indicator"]._describe_doubts(row["detail"].get("doubts", {}))
        if None not in (row["confirmed"], row["value"]) and row["confirmed"] != row["value"]:
            value = self.env["sig.charts"]._write_figure(row["confirmed"], row["unit"], row["target"])
            notes.append(self.env._("The months that were confirmed make %s; their data changed since.", value))
        return notes

    def _get_indicator_charts(self, indicator, row):
        alike = row["measures"].filtered(lambda measure: measure._is_alike(row["measures"][-1:]))
        values = [measure.value if measure.has_data else None for measure in alike]
        if len({value for value in values if value is not None}) < 2:
            return []  # a level line says nothing
        digits, unit = FORMATS[row["unit"]]
        labels = [measure._get_label() for measure in alike]
        return [self._make_trend(indicator.name, labels, values, unit, digits, row["target"])]
