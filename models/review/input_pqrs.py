from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.charts import PERCENT
from ..people.pqrs_readers import LATE

#: reasons that a chart shows
SHOWN_BARS = 8


class PqrsInput(models.Model):
    """Behaviour of PQRS (ISO 9001, 9.3.2 c.3; procedure 6)."""

    _inherit = "sig.management.section"

    @api.model
    def _probe_indicator(self):
        return self.env["sig.indicator"].new({})

    def _get_input_pqrs(self, date_from, date_to):
        """Figures of the indicators: ``values`` by kind; ``due`` and of these ``hits``; ``dimensions``, ``{name: {id or
        value: [received, due, on time]}}``; ``months``, of what was received; ``restricted``: numbers received that
        management may not read, restricted in the period, and of these, closed or late by then.
        """
        probe = self.env["sig.indicator"].new({"by_process": True})
        # Of a period that is not over: nothing is overdue that is due today or later.
        last = min(date_to, self.env.company._sig_today() - timedelta(days=1))
        figures = {
            kind: getattr(probe, f"_measure_{kind}")(date_from, last if kind == "overdue_backlog" else date_to)[probe]
            for kind in ("received", "on_time", "within_days", "response_time", "overdue_backlog", "repetition")
        }
        received, due = figures["received"][False], figures["on_time"][False]
        dimensions = {}
        for figure, of_processes, places in ((received, {}, [0]), (due, figures["on_time"], [1, 2])):
            for name, rows in probe._get_behaviour(figure, of_processes).items():
                for value, *counts in rows:
                    row = dimensions.setdefault(name, {}).setdefault(str(value or ""), [0, 0, 0])
                    for place, count in zip(places, counts, strict=False):
                        row[place] = count
        units = {"on_time": "percent", "within_days": "percent"}
        values = {kind: of[False].get_value(units.get(kind)) for kind, of in figures.items() if of[False].has_data()}
        values["repetition"] = figures["repetition"][False].numerator
        values["extended"] = self._count_extended(date_from, date_to)
        return {
            "values": values,
            "due": int(due.denominator),
            "hits": int(due.numerator),
            "dimensions": dimensions,
            "months": self._count_months(probe._received_cases(date_from, date_to)),
            "restricted": self._count_restricted(date_from, date_to),
        }

    def _count_months(self, received):
        month = SQL("TO_CHAR(c.date_received AT TIME ZONE 'UTC' AT TIME ZONE %s, 'YYYY-MM')", self.env.company.sig_tz)
        query = "SELECT %s, COUNT(*) FROM (%s) received JOIN sig_pqrs c USING (id) GROUP BY 1 ORDER BY 1"
        return [list(row) for row in self.env.execute_query(SQL(query, month, received))]

    def _count_extended(self, date_from, date_to):
        acts = self._get_period_domain("sig.pqrs.act", "date", date_from, date_to)
        return len(self.env["sig.pqrs.act"]._read_group(acts & Domain("kind", "=", "extension"), ["pqrs_id"]))

    def _count_restricted(self, date_from, date_to):
        received = self._get_period_domain("sig.pqrs", "date_received", date_from, date_to)
        filed = Domain("state", "!=", "to_file") & Domain("outcome", "not in", ("spam",))
        acts = self._get_period_domain("sig.pqrs.act", "date", date_from, date_to)
        acts = self.env["sig.pqrs.act"].search(acts & Domain("kind", "=", "restricted"))
        states = {act: ((act.data or {}).get("state"), (act.data or {}).get("deadline")) for act in acts}
        late = acts.filtered(lambda act: states[act][0] in ("closed", "cancelled") or states[act][1] in LATE)
        cases = self.env["sig.pqrs"].search_count(received & filed & Domain("restricted", "=", True))
        return [cases, len(acts.pqrs_id), len(late.pqrs_id)]

    def _describe_pqrs(self, now, earlier):
        values, due, hits = now["values"], now["due"], now["hits"]
        cards = self._get_pqrs_cards(now, earlier)
        if not values["received"] and not due:
            text = self.env._("No PQRS was received in the period, and none was due in it.")
            return {"has_data": False, "summary": text, "cards": cards}
        received = int(values["received"])
        sentences = [self.env._("PQRS received: %(received)s; due in the period: %(due)s.", received=received, due=due)]
        if due:
            share = self._format(values["on_time"], 1, PERCENT)
            text = self.env._(
                "%(share)s of those due were answered on time; %(late)s were not.", share=share, late=due - hits
            )
            sentences.append(text)
        if overdue := int(values["overdue_backlog"]):
            sentences.append(self.env._("Overdue without an answer at the end of the period: %s.", overdue))
        return {
            "summary": " ".join(sentences),
            "cards": cards,
            "charts": self._get_pqrs_charts(now),
            "tables": self._get_pqrs_tables(now, earlier),
        }

    def _get_pqrs_cards(self, now, earlier):
        company = self.env.company
        main = self.env["sig.indicator"]._get_for(company).filtered("is_main")[:1]
        on_time = self.env._("%(hits)s of %(due)s", hits=now["hits"], due=now["due"])
        within = self.env._("Answered within %s business days", company._sig_get_policy_days())
        alike = self.env._("Same reason, and same client or process")
        readable, restricted, late = now["restricted"]
        restricted_text = restricted and self.env._(
            "restricted in the period: %(restricted)s; closed or late by then: %(late)s",
            restricted=restricted,
            late=late,
        )
        judged = {"detail": on_time, "key": True, **self._judge(main, now["values"].get("on_time"))}
        share, count = (1, PERCENT, "higher"), (0, "", "lower")
        cards = [
            ("received", self.env._("Number of PQRS received"), (0, "", "neutral"), {"key": True}),
            ("on_time", self.env._("Answered within their term"), share, judged),
            ("within_days", within, share, {}),
            ("response_time", self.env._("Mean time to answer (business days)"), (1, "", "lower"), {"key": True}),
            ("extended", self.env._("With an extension"), count, {}),
            ("overdue_backlog", self.env._("Overdue at the end of the period"), count, {"key": True}),
            ("repetition", self.env._("That repeat others"), count, {"detail": alike}),
        ]
        return [
            *(
                self._make_card(label, now["values"].get(name), earlier["values"].get(name), *form, **options)
                for name, label, form, options in cards
            ),
            self._make_card(
                self.env._("Received, of restricted access"), readable, earlier["restricted"][0], detail=restricted_text
            ),
        ]

    @api.model
    def _judge(self, indicator, value):
        if not indicator or not indicator.has_target or value is None:
            return {}
        unit = PERCENT if indicator.unit == "percent" else ""
        status = indicator._get_light(value, indicator.direction, indicator.target, indicator.alert_target)
        digits = 0 if float(indicator.target).is_integer() else 1
        return {"status": status, "target": self._format(indicator.target, digits, unit)}

    def _get_pqrs_charts(self, now):
        charts, months = [], dict(now["months"])
        if self._is_worth_drawing(months.values()):
            labels = [self._name_month(month) for month in months]
            charts.append(self._make_trend(self.env._("Received, by month"), labels, [*months.values()]))
        rows = [[name, counts[0], ""] for name, counts, key in self._name_pqrs("reason_id", now) if counts[0] and key]
        if rows:
            charts.append(self._make_bars(self.env._("Most frequent reasons (received)"), rows[:SHOWN_BARS]))
        return charts

    @api.model
    def _name_month(self, month):
        return format_date(self.env, f"{month}-01", date_format="MMM yy")

    def _get_pqrs_tables(self, now, earlier):
        labels = [
            *("*", self.env._("Arrived"), self.env._("Arrived before"), self.env._("Due"), self.env._("On time")),
            self.env._("% on time"),
        ]
        columns = {label: position for position, label in enumerate(labels)}
        titles = {
            "type_id": self.env._("By type"),
            "process_ids": self.env._("By process"),
            "channel": self.env._("By channel"),
            "reason_id": self.env._("By reason"),
        }
        tables = []
        for name, title in titles.items():
            before = earlier["dimensions"].get(name, {})
            rows = [
                [
                    *(label, received, before.get(key, [0])[0], due, on_time),
                    self._format(self._share(on_time, due), 1, PERCENT) if due else "—",
                ]
                for label, (received, due, on_time), key in self._name_pqrs(name, now)
            ]
            tables += [self._make_table(title, columns, rows)] if rows else []
        return tables

    def _name_pqrs(self, dimension, figures):
        """``[name, counts, key]``, largest first."""
        rows = figures["dimensions"].get(dimension, {})
        names = self.env["sig.case.register"]._name_values(dimension, list(rows))
        return sorted(
            ([names[key], counts, key] for key, counts in rows.items()),
            key=lambda row: (-row[1][0], -row[1][1], row[0]),
        )
