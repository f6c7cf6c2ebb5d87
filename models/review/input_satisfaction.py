from functools import partial

from odoo import models
from odoo.fields import Domain

from ...tools import comparison, periods
from ...tools.charts import PERCENT
from ..charts import FORMATS
from ..indicator.indicator import Figure
from ..wave.wave import ENDED


class SatisfactionInput(models.Model):
    """Satisfaction of clients (ISO 9001, 9.3.2 c.1): published results of surveys, and ratings of answers."""

    _inherit = "sig.management.section"

    def _get_input_satisfaction(self, date_from, date_to):
        """``waves`` of the semesters that end in the period or, of a shorter one, of that in which it ends, each with
        its published results, in a report also those that closed in it; and the ``stars`` given in it, from 1 to 5.
        """
        semesters = [each for each in periods.between(date_from, date_to, "semester") if each.end <= date_to]
        of_semesters = Domain.OR(
            Domain("year", "=", start.year) & Domain("semester", "=", str(periods.semester_of(start)))
            for start, _end in semesters or [periods.containing(date_to, "semester")]
        )
        if self.review_id.kind == "report":  # that of December, too late for its own
            of_semesters |= self._get_period_domain("sig.survey.wave", "date_closed", date_from, date_to)
        ended = Domain("company_id", "=", self.env.company.id) & Domain("state", "in", ENDED)
        waves = self.env["sig.survey.wave"].search(ended & of_semesters, order="date_start, id")
        given = self._get_period_domain("sig.pqrs.act", "date", date_from, date_to) & Domain("kind", "=", "rated")
        stars = [act.data["rate"] for act in self.env["sig.pqrs.act"].search_fetch(given, ["data"])]
        return {
            "waves": [(wave, wave._get_readable_results()) for wave in waves.with_context(sig_published=True)],
            "stars": [stars.count(star) for star in range(1, 6)],
        }

    def _describe_satisfaction(self, now, _earlier):
        wave, results = now["waves"][-1] if now["waves"] else (None, None)
        survey = self.env._("No satisfaction survey was closed in the period.")
        if wave:
            args = {"wave": wave.name, "answered": results["answered"], "asked": results["asked"]}
            survey = self.env._("%(wave)s: clients who answered: %(answered)s of %(asked)s.", **args)
        rated = self.env._("No answer was rated in the period.")
        if count := sum(now["stars"]):
            args = {"rated": count, "satisfied": sum(now["stars"][3:])}
            rated = self.env._("Answers rated by clients: %(rated)s; with 4 or 5 stars: %(satisfied)s.", **args)
        return {
            "has_data": bool(wave or count),
            "summary": f"{survey} {rated}",
            "cards": self._get_satisfaction_cards(wave, results) if wave else [],
            "charts": self._get_satisfaction_charts(now["stars"], results),
            "tables": self._get_satisfaction_tables(now["waves"]),
        }

    def _get_satisfaction_cards(self, wave, results):
        """As the indicators of the semester; the verdict of change is that of its only wave."""
        Indicator = self.env["sig.indicator"]
        of_semester = wave._find_of(wave.company_id, wave.year, wave.semester).filtered(lambda one: one.state in ENDED)
        figures, is_only = of_semester._get_semester_figures(), len(of_semester) == 1
        # the one that its verdict compares it with, which may be of the same period, or of long before
        before = wave.browse([one["id"] for one in results["earlier"][-1:] if is_only]).exists()
        before = before._get_readable_results() if before else {}
        # the same light as in the section of indicators
        indicators = {one.kind: one for one in Indicator._get_for(self.env.company)}
        cards, asked = [], [(part.get("answered", 0), part.get("asked", 0)) for part in (before, results)]
        satisfied, nps = (comparison.SIGNS.get(results[name]["verdict"]) for name in ("change", "nps_change"))
        rate = comparison.compare_shares(*asked)
        for name, part, label, unit, change in (
            ("satisfaction", "satisfied", self.env._("Survey: satisfied, 4 and 5"), "percent", satisfied),
            ("nps", "nps", self.env._("Survey: NPS"), "points", nps),
            ("response_rate", "response_rate", self.env._("Survey: response rate"), "percent", rate),
        ):
            figure, earlier = Figure(*figures[name]), before[part]["value"] if before.get(part) else None
            value = figure.get_value(unit) if figure.has_data() else None
            target, Charts = wave[f"target_{name}"], self.env["sig.charts"]
            shown = Charts._get_digits(value, unit, target)
            indicator = indicators.get(f"survey_{name}")
            alert = indicator.alert_target if indicator and indicator.has_target else target
            options = {
                "change": change,
                "detail": "" if is_only else self.env._("the surveys of the semester together"),
                "missing": results["answered"] and wave._describe_missing(results, part),
                "status": value is not None and Indicator._get_light(value, "higher", target, min(target, alert)),
                "target": Charts._write_goal(target, unit),
                "key": name != "response_rate",
            }
            cards.append(self._make_card(label, value, earlier, shown, FORMATS[unit][1], "higher", **options))
        return cards

    def _get_satisfaction_charts(self, stars, results):
        charts, dimensions = [], [part for part in results["dimensions"] if part["measures"]] if results else []
        if any(part["satisfied"] for part in dimensions):
            rows = [[part["name"], part["satisfied"] and part["satisfied"]["value"], ""] for part in dimensions]
            charts.append(self._make_bars(self.env._("Satisfied by dimension of the survey"), rows, PERCENT, 1, 100))
        if any(stars):
            names = [self.env._("1 star"), *(self.env._("%s stars", star) for star in range(2, 6))]
            rows = [[name, count, ""] for name, count in zip(names, stars, strict=True)]
            charts.append(self._make_bars(self.env._("Ratings of the answers"), rows[::-1]))
        return charts

    def _get_satisfaction_tables(self, waves):
        if len(waves) < 2:
            return []

        def describe(name, each, unit="percent"):
            wave, results = each
            return wave._describe_estimate(results[name], unit)[0] or wave._describe_missing(results, name)

        columns = {
            self.env._("Survey") + "*": lambda each: each[0].name,
            self.env._("Clients who answered"): lambda each: each[1]["answered"],
            self.env._("Satisfied, 4 and 5 (%)"): partial(describe, "satisfied"),
            self.env._("NPS"): partial(describe, "nps", unit="points"),
            self.env._("Response rate"): partial(describe, "response_rate"),
        }
        return [self._make_table(self.env._("Surveys of the period"), columns, waves)]
