from odoo import models
from odoo.fields import Domain

from ...tools.charts import PERCENT
from ..people.pqrs_readers import LATE


class PqrsInput(models.Model):
    """Behaviour of PQRS (ISO 9001, 9.3.2 c.3; procedure 6)."""

    _inherit = "sig.management.section"

    def _get_input_pqrs(self, date_from, date_to):
        """How cases are spread; the section of indicators has their figures.

        :return: ``received`` and ``due``, ``{dimension: {id or value: [all, of these in time]}}``; ``restricted``:
            numbers received that management may not read, restricted in the period, and of these, closed or late then.
        """
        indicators, acts = self.env["sig.indicator"], self.env["sig.pqrs.act"]
        extended = self._get_period_domain(acts._name, "date", date_from, date_to) & Domain("kind", "=", "extension")

        def spread(population):
            rows = indicators._spread(population).items()
            return {name: {value: counts for value, *counts in values} for name, values in rows}

        return {
            "received": spread(indicators._select_received(date_from, date_to)),
            "due": spread(indicators._select_on_time(date_from, date_to)),
            "extended": len(acts._read_group(extended, ["pqrs_id"])),
            "restricted": self._count_restricted(date_from, date_to),
        }

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
        received, due, hits = (
            sum(counts[place] for counts in now[name]["type_id"].values())
            for name, place in (("received", 0), ("due", 0), ("due", 1))
        )
        readable, restricted, late = now["restricted"]
        restricted_text = restricted and self.env._(
            "restricted in the period: %(restricted)s; closed or late by then: %(late)s",
            restricted=restricted,
            late=late,
        )
        label = self.env._("Received, of restricted access")
        cards = [
            self._make_count_card(self.env._("With an extension"), now["extended"], earlier["extended"]),
            self._make_card(label, readable, earlier["restricted"][0], detail=restricted_text),
        ]
        if not received and not due:
            text = self.env._("No PQRS was received in the period, and none was due in it.")
            return {"has_data": False, "summary": text, "cards": cards}
        summary = self.env._("PQRS received: %(received)s; due in the period: %(due)s.", received=received, due=due)
        if due:
            args = {"share": self._format(100 * hits / due, 1, PERCENT), "late": due - hits}
            summary += " " + self.env._("%(share)s of those due were answered on time; %(late)s were not.", **args)
        return {"summary": summary, "cards": cards, "tables": self._get_pqrs_tables(now, earlier)}

    def _get_pqrs_tables(self, now, earlier):
        labels = [
            "*",
            self.env._("Arrived"),
            self.env._("Arrived before"),
            self.env._("Due"),
            self.env._("On time"),
            self.env._("% on time"),
        ]
        columns = {label: position for position, label in enumerate(labels)}
        titles = {
            "type_id": self.env._("By type"),
            "process_ids": self.env._("By process"),
            "channel": self.env._("By channel"),
            "reason_id": self.env._("By reason"),
        }

        def percent(part, whole):
            return self._format(100 * part / whole, 1, PERCENT) if whole else "—"

        tables = []
        for name, title in titles.items():
            before = earlier["received"][name]
            rows = [
                [label, received, before.get(key, [0])[0], due, on_time, percent(on_time, due)]
                for label, (received, due, on_time), key in self._name_pqrs(name, now)
            ]
            tables += [self._make_table(title, columns, rows)] if rows else []
        return tables

    def _name_pqrs(self, dimension, figures):
        """``[name, counts, key]``, largest first."""
        received, due = figures["received"][dimension], figures["due"][dimension]
        rows = {key: (*received.get(key, [0])[:1], *due.get(key, (0, 0))) for key in {**received, **due}}
        names = self.env["sig.case.register"]._name_values(dimension, list(rows))
        return sorted(
            ([names[key], counts, key] for key, counts in rows.items()),
            key=lambda row: (-row[1][0], -row[1][1], row[0]),
        )
