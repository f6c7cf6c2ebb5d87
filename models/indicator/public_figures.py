import csv
from datetime import timedelta
from io import StringIO

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import models, tools
from odoo.fields import Domain

from ...tools import charts
from ...tools.statistics import MINIMUM_ANSWERS
from ..charts import FORMATS
from .indicator import Figure

#: months on the page; the open data are of all
SHOWN = relativedelta(months=12)

#: of a chart, in pixels: narrow, so that its letters are read on a phone
SIZE = {"width": 340, "height": 150}


class PublicFigures(models.AbstractModel):
    """What a company publishes of its petitions: figures of confirmed months, as they are inside.

    None is of one to four cases: months with fewer are told together with those that follow. What was told stays when
    months are added, so that no two editions, subtracted, are of fewer.
    """

    _name = "sig.public.figures"
    _description = "Public Figures"

    def _get_spans(self, company):
        """``{indicator: [measures of months that are told together]}``, one indicator a kind."""
        Indicator, kinds = self.env["sig.indicator"], list(self._get_names())
        shown = Indicator._get_domain_of(company) & Domain("kind", "in", kinds) & Domain("process_id", "=", False)
        confirmed = Domain("company_id", "=", company.id) & Domain("state", "!=", "draft")
        measures = self.env["sig.indicator.measure"].search(
            confirmed & Domain("indicator_id", "in", Indicator.search(shown).ids) & Domain("process_id", "=", False),
            order="date_from",
        )
        chosen = {indicator.kind: indicator for indicator in measures.indicator_id.sorted(reverse=True)}
        series = measures.grouped("indicator_id")
        return {chosen[kind]: self._join(series[chosen[kind]]) for kind in kinds if kind in chosen}

    def _join(self, measures):
        """Of the last version of the formula. After a month that is not confirmed they begin anew."""
        spans, span = [], measures.browse()
        for measure in measures.filtered(lambda one: one.formula_version == measures[-1].formula_version):
            if span and measure.date_from != span[-1].date_to + timedelta(days=1):
                span = measures.browse()
            span += measure
            if not 0 < self._count(span) < MINIMUM_ANSWERS:
                spans.append(span)
                span = measures.browse()
        return spans

    def _count(self, measures):
        """The cases behind some months of an indicator."""
        return int(sum(measures.mapped("numerator" if measures[0].unit == "count" else "denominator")))

    def _get_value(self, measures):
        """Their value together; None without data."""
        unit = measures[0].unit
        denominator = None if unit == "count" else sum(measures.mapped("denominator"))
        figure = Figure(sum(measures.mapped("numerator")), denominator)
        return tools.float_round(figure.get_value(unit), 2) if figure.has_data() else None

    def _describe(self, company):
        """``{"figures": [figure], "improvements": [plan]}`` for the page, in the language of the environment."""
        self = self.sudo()  # the public reads no model
        spans = self._get_spans(company)
        figures = [self._describe_figure(indicator, own) for indicator, own in spans.items()]
        return {"figures": figures, "improvements": self._get_improvements(company)}

    def _describe_figure(self, indicator, spans):
        shown = [span for span in spans if span[0].date_from > spans[-1][-1].date_to - SHOWN] or spans[-1:]
        figure = {"kind": indicator.kind, "name": self._get_names()[indicator.kind], "rows": []}
        if not shown:
            return figure
        months = shown[-1]
        for span in shown[-2::-1]:
            if span[-1].date_to + timedelta(days=1) != months[0].date_from:
                break  # a total is of all that its period names
            months = span + months
        cut = months[-1]._describe_cut(months.company_id, max(months.mapped("date_measured")), self._name_span(months))
        return {
            **figure,
            "text": self._word(months),
            "cut": cut,
            "chart": self._draw(indicator, shown),
            "rows": [
                {"period": self._name_span(span), "number": self._count(span), "text": self._word(span)}
                for span in shown
            ],
        }

    def _get_names(self):
        """``{kind: name}`` of what the public reads, in its order, whatever the company calls it."""
        return {
            "received": self.env._("PQRS received"),
            "on_time": self.env._("PQRS answered in time"),
            "response_time": self.env._("Mean time to answer"),
            "answer_satisfaction": self.env._("Satisfaction with the answer"),
        }

    def _name_span(self, measures):
        start, end = (one._name_period(one.date_from, one.date_to) for one in (measures[0], measures[-1]))
        return start if start == end else self.env._("%(start)s to %(end)s", start=start, end=end)

    def _word(self, measures):
        value = self._get_value(measures)
        return self.env._("No data") if value is None else measures[-1]._format_value(value)

    def _draw(self, indicator, spans):
        Charts, unit = self.env["sig.charts"], indicator.unit
        labels = [" – ".join(dict.fromkeys((span[0]._get_label(), span[-1]._get_label()))) for span in spans]
        values = [self._get_value(span) for span in spans]
        # the goal, which the public does not read, decides how the last value is written
        last = [span for span in spans if self._get_value(span) is not None][-1:] or spans[-1:]
        digits = Charts._get_digits(self._get_value(last[0]), unit, last[0][-1]._get_goal())
        if is_count := unit == "count":  # some are of several months
            values = [value / len(span) for value, span in zip(values, spans, strict=True)]
            digits = int(any(value % 1 for value in values))
        options = {"unit": FORMATS[unit][1], "digits": digits, "from_zero": is_count, **SIZE}
        return Markup(charts.trend(values, labels, Charts._get_words(), self._get_names()[indicator.kind], **options))

    def _get_improvements(self, company):
        """Plans that worked, came of cases, and have a text for the public; the latest first."""
        others = list(self.env["sig.indicator"]._get_other_records())
        of_cases = Domain("case_ids", "!=", False) | Domain("measure_ids.indicator_id.kind", "not in", others)
        shown = [("company_id", "=", company.id), ("state", "=", "closed"), ("public_text", "!=", False)]
        shown.append(("finding_ids", "any", of_cases))
        return self.env["sig.action.plan"].search(shown, order="date_closed desc, id desc")

    def _export(self, company):
        """All months as CSV (RFC 4180), numbers with a point and dates as ISO 8601.

        It begins with a byte order mark, without which spreadsheets read no accents; programs pass over it.
        """
        self = self.sudo()
        text = StringIO()
        table = csv.writer(text)
        labels = self.env._("Indicator"), self.env._("Unit"), self.env._("From"), self.env._("To"), self.env._("Cases")
        table.writerow([*labels, self.env._("Result")])
        kinds, units = self._get_names(), self.env["sig.indicator"]._get_choices("unit")
        for indicator, spans in self._get_spans(company).items():
            names = [kinds[indicator.kind], units[indicator.unit]]
            for span in spans:
                value = self._get_value(span)
                result = "" if value is None else f"{value:.2f}"
                table.writerow([*names, span[0].date_from, span[-1].date_to, self._count(span), result])
        return f"\ufeff{text.getvalue()}"
