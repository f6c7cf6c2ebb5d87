from markupsafe import Markup

from odoo import api, fields, models, tools


class PqrsTermExplanation(models.Model):
    """How the term was counted, in words for a person who is not a lawyer: from the trace, which is stored."""

    _inherit = "sig.pqrs"

    term_explanation = fields.Html("How the term was counted", compute="_compute_term_explanation")

    @api.depends("term_trace", "date_deadline", "date_legal", "days_left")
    @api.depends_context("lang")
    def _compute_term_explanation(self):
        for case in self:
            lines = case._get_term_lines()
            case.term_explanation = (
                Markup("<ul>%s</ul>") % Markup("").join(Markup("<li>%s</li>") % line for line in lines)
                if lines
                else False
            )

    def _get_term_lines(self):
        """Sentences that explain the deadline to a person who is not a lawyer."""
        self.ensure_one()
        trace = self.term_trace
        if not trace:
            return []

        def on(day):
            return tools.format_date(self.env, day, date_format="long")

        if trace.get("authority"):
            return [
                self.env._(
                    "Received on %(received)s. The authority asks for the answer by %(date)s.",
                    received=on(trace["received_on"]),
                    date=self.authority_deadline_text or "—",
                )
            ]
        kind = self.sudo().type_id
        lines = [
            self.env._(
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
        nothing_left = self._get_counted(trace) > self._get_allowed(trace)
        if self.suspended and trace["used"] >= trace["total"]:
            lines.append(
                self.env._(
                    "No business day is left: the answer is due on the first one after the information is delivered."
                )
            )
        elif self.suspended:
            lines.append(
                self.env._(
                    "Business days left: %s. They run from the day after the information is delivered.",
                    trace["total"] - trace["used"],
                )
            )
        elif self.date_deadline:
            if nothing_left:
                lines.append(
                    self.env._(
                        "No business day was left when it was delivered: the term ends on the first one after it."
                    )
                )
            lines.append(self.env._("The answer is due at the end of %s.", on(self.date_deadline)))
            if self.date_legal and self.date_legal != self.date_deadline:
                lines.append(self.env._("The law would allow until %s.", on(self.date_legal)))
        return lines

    @api.model
    def _get_counted(self, trace):
        """Business days that were counted."""
        return sum(step["days"] for step in trace["steps"] if step["kind"] == "counted")

    @api.model
    def _get_allowed(self, trace):
        """Business days that law and company give, the extension too; a term that resumes at its end counts more."""
        extended = sum(step["days"] for step in trace["steps"] if step["kind"] == "extended")
        return (trace["policy"] or trace["term"]) + extended

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
        """Why a requirement or an extension, of the term or of the time to complete, does not count."""
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
