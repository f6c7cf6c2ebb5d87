from odoo import models, tools


class TermExplanation(models.AbstractModel):
    """How a term was counted, in words, from the stored trace."""

    _name = "sig.term.explanation"
    _description = "Explanation of a Term"

    def _get_lines(self, case):
        """:return: sentences that explain the count to a person who is not a lawyer."""
        trace = case.term_trace
        if not trace:
            return []

        def on(day):
            return tools.format_date(self.env, day, date_format="long")

        if trace.get("authority"):
            return [
                self.env._(
                    "Received on %(received)s. The authority asks for the answer by %(date)s.",
                    received=on(trace["received_on"]),
                    date=case._format_authority_deadline() or "—",
                )
            ]
        kind = case.sudo().type_id
        renewed = trace["received_on"] != case._get_received_on().isoformat()
        lines = [
            self.env._(
                "The petitioner disagreed with our answer on %s, which is a new request. That day does not count:"
                " day 1 is the next business day.",
                on(trace["received_on"]),
            )
            if renewed
            else self.env._(
                "Received on %s. The day of receipt does not count: day 1 is the next business day.",
                on(trace["received_on"]),
            ),
            self.env._("The case was imported with its deadline: %s.", on(trace["imported"]))
            if trace.get("imported")
            else self.env._(
                "%(type)s: %(days)s business days to answer (%(basis)s).",
                type=kind.name,
                days=trace["term"],
                basis=kind.legal_basis or self.env._("company policy"),
            ),
        ]
        if trace["policy"]:
            lines.append(
                self.env._("The company answers within %s business days or less (procedure 5.1).", trace["policy"])
            )
        for step in trace["steps"]:
            lines.extend(self._get_step_lines(step, on))
        if case.suspended and trace["used"] >= trace["total"]:
            lines.append(
                self.env._(
                    "No business day is left: the answer is due on the first one after the information is delivered."
                )
            )
        elif case.suspended:
            lines.append(
                self.env._(
                    "Business days left: %s. They run from the day after the information is delivered.",
                    trace["total"] - trace["used"],
                )
            )
        elif case.date_deadline:
            counted = sum(step["days"] for step in trace["steps"] if step["kind"] == "counted")
            extended = sum(step["days"] for step in trace["steps"] if step["kind"] == "extended")
            if counted > (trace["policy"] or trace["term"]) + extended:  # resumed on its last day
                lines.append(
                    self.env._(
                        "No business day was left when it was delivered: the term ends on the first one after it."
                    )
                )
            lines.append(self.env._("The answer is due at the end of %s.", on(case.date_deadline)))
            if case.date_legal and case.date_legal != case.date_deadline:
                lines.append(self.env._("The law would allow until %s.", on(case.date_legal)))
        return lines

    def _get_step_lines(self, step, on):
        if step["kind"] == "counted" and not step["days"]:
            return
        if step["kind"] == "counted":
            dates = {"start": on(step["start"]), "end": on(step["end"])}
            yield (
                self.env._("Days counted after %(start)s and through %(end)s: 1 business day.", **dates)
                if step["days"] == 1
                else self.env._(
                    "Days counted after %(start)s and through %(end)s: %(days)s business days.",
                    days=step["days"],
                    **dates,
                )
            )
            skipped = [f"{on(day)} ({name})" if name else on(day) for day, name in step["holidays"]]
            if step["weekend"]:
                days = step["weekend"]
                skipped.insert(
                    0, self.env._("1 day of weekend") if days == 1 else self.env._("%s days of weekend", days)
                )
            if skipped:
                yield self.env._("Not counted: %s.", ", ".join(skipped))
        elif step["kind"] == "suspended" and step["end"]:
            yield self.env._(
                "Suspended from %(start)s, when information was required, to %(end)s, when it was delivered.",
                start=on(step["start"]),
                end=on(step["end"]),
            )
        elif step["kind"] == "suspended":
            yield self.env._("Suspended since %s, when information was required.", on(step["start"]))
        elif step["kind"] == "extended":
            date, days = on(step["start"]), step["days"]
            yield (
                self.env._("Extended on %s by 1 business day.", date)
                if days == 1
                else self.env._("Extended on %(date)s by %(days)s business days.", date=date, days=days)
            )
        elif step["kind"].endswith("_ignored"):
            yield self._get_ignored_line(step, on)

    def _get_ignored_line(self, step, on):
        day = on(step["start"])
        lines = {
            ("requirement_ignored", "not_allowed"): self.env._(
                "The requirement of %s does not stop the term: this type allows none.", day
            ),
            ("requirement_ignored", "late"): self.env._(
                "The requirement of %s does not stop the term: it was made after the last day to require.", day
            ),
            ("requirement_ignored", "lapsed"): self.env._(
                "The requirement of %s does not stop the term: the term had lapsed already.", day
            ),
            ("extension_ignored", "not_allowed"): self.env._(
                "The extension of %s does not count: this type allows none.", day
            ),
            ("extension_ignored", "repeated"): self.env._(
                "The extension of %s does not count: the term was extended already.", day
            ),
            ("extension_ignored", "lapsed"): self.env._(
                "The extension of %s does not count: the term had lapsed already.", day
            ),
            ("completion_extension_ignored", "not_allowed"): self.env._(
                "The extension of %s of the time to complete does not count: this type allows none.", day
            ),
        }
        return lines[step["kind"], step["reason"]]
