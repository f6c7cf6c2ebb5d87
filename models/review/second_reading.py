from odoo import models

#: rows of each of its tables
SHOWN = 5


class SecondReading(models.Model):
    """One page that a general manager understands in two minutes, made of the figures of the other sections."""

    _inherit = "sig.management.section"

    def _get_input_reading(self, _date_from, _date_to):
        return {}

    def _describe_reading(self, _now, _earlier):
        pages = self.env.context.get("sig_pages") or {
            section.code: section._get_page()
            for section in self.review_id.section_ids - self
            if section.kind == "system"
        }
        changed = [card for page in pages.values() for card in page["cards"] if card["change"]]
        columns = {
            self.env._("Figure") + "*": "label",
            self.env._("Now"): "value",
            self.env._("Against the period before"): lambda card: f"{card['change']['sign']} {card['change']['text']}",
            self.env._("Where it comes from, and its part of the change") + "*": lambda card: (
                ". ".join(card["causes"]) or "—"
            ),
        }
        titles = {
            "worse": self.env._("What got worse, and why"),
            "better": self.env._("What got better"),
            "moved": self.env._("What else changed"),
        }
        by_verdict = {name: [card for card in changed if card["change"]["verdict"] == name] for name in titles}
        tables = [
            self._make_table(titles[verdict], columns, cards[:SHOWN]) for verdict, cards in by_verdict.items() if cards
        ]
        for code in ("decisions", "plans"):  # what was judged says most
            for table in pages.get(code, {}).get("tables", ()):
                rows = sorted(table["rows"], key=lambda row: row[-1] == "—")
                tables.append({**table, "rows": rows[:SHOWN], "more": ""})
        if by_verdict["worse"]:
            names = ", ".join(card["label"] for card in by_verdict["worse"])
            summary = self.env._("Worse than in the period before: %s.", names)
        else:
            summary = self.env._("Nothing got worse that a test could tell from chance, against the period before.")
        indicators = pages.get("indicators", {})
        method = self.env._(
            "Better, worse, more or less: what chance alone would seldom do (95 %). Shares by Newcombe's interval,"
            " means by Welch's test, numbers by the exact test of two counts, surveys by the verdict of the wave."
            " Else there is no detectable change; below five, of numbers in both together, nothing is compared."
        )
        return {
            "has_data": bool(tables),
            "summary": " ".join(filter(None, [summary, indicators.get("summary")])),
            "tables": tables,
            "notes": indicators.get("notes", []),
            "foot": method,
        }
