from odoo import models, tools


class TermExplanation(models.AbstractModel):
    """How a term was counted, in words, from the stored trace."""

    _name = "sig.term.explanation"
    _description = "Explanation of a Term"

    def _get_lines(self, case):
        """:return: sentences that explain the count to a person who is not a lawyer."""
        return list(self._iter_lines(case, case.term_trace)) if case.term_trace else []

    def _iter_lines(self, case, trace):
        received = self._format_day(trace["received_on"])
        if trace.get("authority"):
            args = {"received": received, "date": case._format_authority_deadline() or "—"}
            yield self.env._("Received on %(received)s. The authority asks for the answer by %(date)s.", **args)
            return
        if trace["received_on"] != case._get_received_on().isoformat():
            yield self.env._(
                "The petitioner disagreed with our answer on %s, which is a new request. That day does not count:"
                " day 1 is the next business day.",
                received,
            )
        else:
            yield self.env._(
                "Received on %s. The day of receipt does not count: day 1 is the next business day.", received
            )
        if trace.get("imported"):
            yield self.env._("The case was imported with its deadline: %s.", self._format_day(trace["imported"]))
        else:
            kind = case.sudo().type_id
            basis = kind.legal_basis or self.env._("company policy")
            args = {"type": kind.name, "days": trace["term"], "basis": basis}
            yield self.env._("%(type)s: %(days)s business days to answer (%(basis)s).", **args)
        if trace["policy"]:
            yield self.env._("The company answers within %s business days or less (procedure 5.1).", trace["policy"])
        for step in trace["steps"]:
            yield from self._get_step_lines(step)
        if case.suspended and trace["used"] >= trace["total"]:
            yield self.env._(
                "No business day is left: the answer is due on the first one after the information is delivered."
            )
        elif case.suspended:
            left = trace["total"] - trace["used"]
            yield self.env._("Business days left: %s. They run from the day after the information is delivered.", left)
        elif case.date_deadline:
            days = {
                kind: sum(step["days"] for step in trace["steps"] if step["kind"] == kind)
                for kind in ("counted", "extended")
            }
            if days["counted"] > (trace["policy"] or trace["term"]) + days["extended"]:  # resumed on its last day
                yield self.env._(
                    "No business day was left when it was delivered: the term ends on the first one after it."
                )
            yield self.env._("The answer is due at the end of %s.", self._format_day(case.date_deadline))
            if case.date_legal and case.date_legal != case.date_deadline:
                yield self.env._("The law would allow until %s.", self._format_day(case.date_legal))

    def _format_day(self, day):
        return tools.format_date(self.env, day, date_format="long")

    def _get_step_lines(self, step):
        if step["kind"] == "counted" and step["days"]:
            start, end = self._format_day(step["start"]), self._format_day(step["end"])
            args = {"start": start, "end": end, "days": step["days"]}
            yield self.env._("Business days counted after %(start)s and through %(end)s: %(days)s.", **args)
            skipped = [
                f"{self._format_day(day)} ({name})" if name else self._format_day(day) for day, name in step["holidays"]
            ]
            if step["weekend"]:
                skipped.insert(0, self.env._("days of weekend: %s", step["weekend"]))
            if skipped:
                yield self.env._("Not counted: %s.", "; ".join(skipped))
        elif step["kind"] == "suspended" and step["end"]:
            args = {name: self._format_day(step[name]) for name in ("start", "end")}
            yield self.env._(
                "Suspended from %(start)s, when information was required, to %(end)s, when it was delivered.", **args
            )
        elif step["kind"] == "suspended":
            yield self.env._("Suspended since %s, when information was required.", self._format_day(step["start"]))
        elif step["kind"] == "extended":
            args = {"date": self._format_day(step["start"]), "days": step["days"]}
            yield self.env._("Extended on %(date)s. Business days: %(days)s.", **args)
        elif step["kind"].endswith("_ignored"):
            yield self._get_ignored_line(step)

    def _get_ignored_line(self, step):
        """Why a requirement or an extension of the trace does not count."""
        day = self._format_day(step["start"])
        what = {
            "requirement_ignored": self.env._("The requirement of %s does not stop the term", day),
            "extension_ignored": self.env._("The extension of %s does not count", day),
            "completion_extension_ignored": self.env._(
                "The extension of %s of the time to complete does not count", day
            ),
        }
        why = {
            "not_allowed": self.env._("this type allows none"),
            "late": self.env._("it was made after the last day to require"),
            "lapsed": self.env._("the term had lapsed already"),
            "repeated": self.env._("the term was extended already"),
        }
        return f"{what[step['kind']]}: {why[step['reason']]}."
