from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.charts import PERCENT
from ..people.pqrs_readers import LATE

#: reasons that a chart shows
SHOWN_BARS = 8


class PqrsInput(models.Model):
    """Behaviour of PQRS (ISO 9001, 9.3.2 c.3; procedure 6), in two queries."""

    _inherit = "sig.management.section"

    @api.model
    def _probe_indicator(self):
        return self.env["sig.indicator"].new({})

    def _get_input_pqrs(self, date_from, date_to):
        """``totals`` and ``dimensions`` (``{name: [[id or value, totals], …]}``), where totals are
        ``[received, due, on time, within the days of the policy, answered of those due, days to answer them]``;
        ``extended``, ``overdue`` and ``repeated``: numbers of cases; ``restricted``: numbers received that management
        may not read, restricted in the period, and of these, closed or late by then.
        """
        probe = self._probe_indicator()
        # Of a period that is not over: nothing is overdue that is due today or later.
        last = min(date_to, self.env.company._sig_today() - timedelta(days=1))
        overdue = probe._measure_overdue_backlog(date_from, last)[probe][False]
        repeated = probe._measure_repetition(date_from, date_to)[probe][False]
        dimensions = dict.fromkeys(("type_id", "process_ids", "channel", "reason_id", "month"), ())
        totals = [0] * 6
        for name, key, *numbers in self._query_pqrs(date_from, date_to):
            sums = [int(number or 0) for number in numbers]
            if not name:
                totals = sums
            else:
                dimensions[name] = [*dimensions[name], [key or False, sums]]
        return {
            "totals": totals,
            "dimensions": dimensions,
            "extended": self._count_extended(date_from, date_to),
            "overdue": int(overdue.numerator),
            "repeated": int(repeated.numerator),
            "restricted": self._count_restricted(date_from, date_to),
        }

    def _query_pqrs(self, date_from, date_to):
        """Rows of ``dimension or None, key, received, due, on time, within, answered, days``."""
        company = self.env.company
        probe = self._probe_indicator()
        self.env["sig.pqrs"].flush_model()
        self.env["sig.pqrs.answer"].flush_model()
        sums = SQL("SUM(received), SUM(due), SUM(hits), SUM(within), COUNT(days), SUM(days)")
        return self.env.execute_query(
            SQL(
                """
                WITH received AS (%(received)s), due AS (%(due)s), fact AS MATERIALIZED (
                    SELECT c.id, NULL::int AS answer_id, c.type_id, c.channel, c.reason_id,
                           TO_CHAR(c.date_received AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s, 'YYYY-MM') AS month,
                           1 AS received, 0 AS due, 0 AS hits, 0 AS within, NULL::int AS days
                      FROM received JOIN sig_pqrs c ON c.id = received.id
                 UNION ALL
                    SELECT c.id, due.answer_id, c.type_id, c.channel, c.reason_id,
                           TO_CHAR(due.date_deadline, 'YYYY-MM'), 0, 1, due.in_time::int,
                           COALESCE(due.days <= %(policy)s, FALSE)::int, due.days
                      FROM due JOIN sig_pqrs c ON c.id = due.id
                )
                SELECT CASE GROUPING(type_id, channel, reason_id, month)
                            WHEN 7 THEN 'type_id' WHEN 11 THEN 'channel' WHEN 13 THEN 'reason_id' WHEN 14 THEN 'month'
                       END,
                       COALESCE(type_id::text, channel, reason_id::text, month), %(sums)s
                  FROM fact GROUP BY GROUPING SETS ((), (type_id), (channel), (reason_id), (month))
             UNION ALL
                SELECT 'process_ids', process_id::text, %(sums)s
                  FROM (%(of_processes)s) of_process
              GROUP BY process_id
                """,
                received=probe._received_cases(date_from, date_to),
                due=probe._due_terms(date_from, date_to),
                of_processes=probe._join_processes(SQL("fact")),
                tz=company.sig_tz,
                policy=company._sig_get_policy_days(),
                sums=sums,
            )
        )

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

    # -- Words ------------------------------------------------------------------------------------------------------

    def _describe_pqrs(self, now, earlier):
        received, due, on_time, *_others = now["totals"]
        cards = self._get_pqrs_cards(now, earlier)
        if not received and not due:
            text = self.env._("No PQRS was received in the period, and none was due in it.")
            return {"has_data": False, "summary": text, "cards": cards}
        sentences = [self.env._("PQRS received: %(received)s; due in the period: %(due)s.", received=received, due=due)]
        if due:
            share = self._format(self._share(on_time, due), 1, PERCENT)
            sentences.append(
                self.env._(
                    "%(share)s of those due were answered on time; %(late)s were not.", share=share, late=due - on_time
                )
            )
        if now["overdue"]:
            sentences.append(self.env._("Overdue without an answer at the end of the period: %s.", now["overdue"]))
        return {
            "summary": " ".join(sentences),
            "cards": cards,
            "charts": self._get_pqrs_charts(now),
            "tables": self._get_pqrs_tables(now, earlier),
        }

    def _get_pqrs_cards(self, now, earlier):
        company = self.env.company
        main = self.env["sig.indicator"]._get_for(company).filtered("is_main")[:1]

        def count(name, label, **options):
            return self._make_card(label, now[name], earlier[name], direction="lower", **options)

        def ratio(label, part, whole, unit, direction, **options):
            shares = (
                self._share(one["totals"][part], one["totals"][whole], 100 if unit else 1) for one in (now, earlier)
            )
            return self._make_card(label, *shares, 1, unit, direction, **options)

        (received, due, hits, *_others), received_before = now["totals"], earlier["totals"][0]
        on_time = {"detail": self.env._("%(hits)s of %(due)s", hits=hits, due=due), "key": True}
        within_days = self.env._("Answered within %s business days", company._sig_get_policy_days())
        readable, restricted, late = now["restricted"]
        restricted_text = restricted and self.env._(
            "restricted in the period: %(restricted)s; closed or late by then: %(late)s",
            restricted=restricted,
            late=late,
        )
        return [
            self._make_card(self.env._("Number of PQRS received"), received, received_before, key=True),
            ratio(
                self.env._("Answered within their term"),
                *(2, 1, PERCENT, "higher"),
                **on_time,
                **self._judge(main, self._share(hits, due)),
            ),
            ratio(within_days, 3, 1, PERCENT, "higher"),
            ratio(self.env._("Mean time to answer (business days)"), 5, 4, "", "lower", key=True),
            count("extended", self.env._("With an extension")),
            count("overdue", self.env._("Overdue at the end of the period"), key=True),
            count(
                "repeated",
                self.env._("That repeat others"),
                detail=self.env._("Same reason, and same client or process"),
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
        charts = []
        this_month = f"{self.env.company._sig_today():%Y-%m}"
        months = [row for row in sorted(now["dimensions"]["month"]) if row[0] <= this_month]
        if len(months) > 1:
            labels = [self._name_month(month) for month, _sums in months]
            received = [sums[0] for _month, sums in months]
            if self._is_worth_drawing(received):
                charts.append(self._make_trend(self.env._("Received, by month"), labels, received))
            shares = [self._share(sums[2], sums[1]) for _month, sums in months]
            if self._is_worth_drawing(shares):
                title = self.env._("Answered on time, by month in which they were due")
                charts.append(self._make_trend(title, labels, shares, PERCENT, 0))
        rows = [[name, sums[0], ""] for name, sums, key in self._name_pqrs("reason_id", now) if sums[0] and key]
        if rows:
            charts.append(self._make_bars(self.env._("Most frequent reasons (received)"), rows[:SHOWN_BARS]))
        return charts

    @api.model
    def _name_month(self, month):
        return format_date(self.env, f"{month}-01", date_format="MMM yy")

    def _get_pqrs_tables(self, now, earlier):
        columns = [
            *("*", self.env._("Arrived"), self.env._("Arrived before"), self.env._("Due"), self.env._("On time")),
            *(self.env._("% on time"), self.env._("Mean days")),
        ]
        columns = {label: position for position, label in enumerate(columns)}
        tables = []
        titles = {
            "type_id": self.env._("By type"),
            "process_ids": self.env._("By process"),
            "channel": self.env._("By channel"),
            "reason_id": self.env._("By reason"),
        }
        for name, title in titles.items():
            before = {str(key): sums[0] for key, sums in earlier["dimensions"][name]}
            rows = [
                [
                    *(label, received, before.get(str(key), 0), due, on_time),
                    self._format(self._share(on_time, due), 1, PERCENT) if due else "—",
                    self._format(days / answered, 1) if answered else "—",
                ]
                for label, (received, due, on_time, _within, answered, days), key in self._name_pqrs(name, now)
            ]
            if rows:
                tables.append(self._make_table(title, columns, rows))
        return tables

    def _name_pqrs(self, dimension, figures):
        """``[name, totals, key]``, largest first."""
        rows = figures["dimensions"][dimension]
        names = self.env["sig.case.register"]._name_values(dimension, [key for key, _sums in rows])
        named = [[names[key], sums, key] for key, sums in rows]
        return sorted(named, key=lambda row: (-row[1][0], -row[1][1], row[0]))
