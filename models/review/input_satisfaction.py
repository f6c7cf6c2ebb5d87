from odoo import models
from odoo.fields import Domain

from ...tools import comparison, periods
from ...tools.charts import PERCENT
from ..charts import FORMATS
from ..wave.wave import ENDED


class SatisfactionInput(models.Model):
    """Satisfaction of clients (ISO 9001, 9.3.2 c.1): published results of surveys, and ratings of answers."""

    _inherit = "sig.management.section"

    def _get_input_satisfaction(self, date_from, date_to):
        """``waves`` of the semesters that end in the period or, of a shorter one, of that in which it ends (None where
        few answered, ``dimensions`` as pairs), and the ratings given in it: ``stars`` (numbers from 1 to 5).
        """
        semesters = [each for each in periods.between(date_from, date_to, "semester") if each.end <= date_to]
        of_semesters = Domain.OR(
            Domain("year", "=", start.year) & Domain("semester", "=", str(periods.semester_of(start)))
            for start, _end in semesters or [periods.containing(date_to, "semester")]
        )
        ended = Domain("company_id", "=", self.env.company.id) & Domain("state", "in", ENDED)
        waves = self.env["sig.survey.wave"].search(ended & of_semesters, order="date_start, id")
        given = self._get_period_domain("sig.pqrs.act", "date", date_from, date_to) & Domain("kind", "=", "rated")
        stars = [act.data["rate"] for act in self.env["sig.pqrs.act"].search_fetch(given, ["data"])]
        return {
            "waves": [self._get_wave_input(wave) for wave in waves.with_context(sig_published=True)],
            "stars": [stars.count(star) for star in range(1, 6)],
        }

    def _get_wave_input(self, wave):
        results = wave._get_readable_results()

        def read(part, name):
            return part[name]["value"] if part.get(name) else None

        return {
            **{name: wave[name] for name in ("name", "target_satisfaction", "target_nps", "target_response_rate")},
            "satisfaction": read(results, "satisfied"),
            "nps": read(results, "nps"),
            "response_rate": read(results, "response_rate"),
            "answered": results["answered"],
            "asked": results["asked"],
            "changes": {
                "satisfaction": comparison.SIGNS.get(results.get("change", {}).get("verdict")),
                "nps": comparison.SIGNS.get(results.get("nps_change", {}).get("verdict")),
            },
            "dimensions": [
                [part["name"], read(part, "satisfied")] for part in results["dimensions"] if part["measures"]
            ],
        }

    def _describe_satisfaction(self, now, earlier):
        wave = now["waves"][-1] if now["waves"] else None
        before = earlier["waves"][-1] if earlier["waves"] else {}
        survey = self.env._("No satisfaction survey was closed in the period.")
        if wave:
            survey = self.env._(
                "%(wave)s: clients who answered: %(answered)s of %(asked)s.",
                wave=wave["name"],
                answered=wave["answered"],
                asked=wave["asked"],
            )
        rated = self.env._("No answer was rated in the period.")
        if count := sum(now["stars"]):
            rated = self.env._(
                "Answers rated by clients: %(rated)s; with 4 or 5 stars: %(satisfied)s.",
                rated=count,
                satisfied=sum(now["stars"][3:]),
            )
        return {
            "has_data": bool(wave or count),
            "summary": f"{survey} {rated}",
            "cards": self._get_satisfaction_cards(wave, before) if wave else [],
            "charts": self._get_satisfaction_charts(now, wave),
            "tables": self._get_satisfaction_tables(now),
        }

    def _get_satisfaction_cards(self, wave, before):
        """The verdict of change is that of the wave, which knows whose answers it compares."""
        Indicator = self.env["sig.indicator"]
        # the same light as in the section of indicators
        indicators = {one.kind: one for one in Indicator._get_for(self.env.company)}
        hidden = self.env._("not published: it would expose few clients")
        cards, asked = [], [(part.get("answered", 0), part.get("asked", 0)) for part in (before, wave)]
        changes = {**wave["changes"], "response_rate": comparison.compare_shares(*asked)}
        for name, label, unit in (
            ("satisfaction", self.env._("Survey: satisfied, 4 and 5"), "percent"),
            ("nps", self.env._("Survey: NPS"), "points"),
            ("response_rate", self.env._("Survey: response rate"), "percent"),
        ):
            value, target, Charts = wave[name], wave[f"target_{name}"], self.env["sig.charts"]
            shown = Charts._get_digits(value, unit, target)
            indicator = indicators.get(f"survey_{name}")
            alert = indicator.alert_target if indicator and indicator.has_target else target
            options = {
                "change": changes[name],
                "missing": wave["answered"] and hidden,
                "status": value is not None and Indicator._get_light(value, "higher", target, min(target, alert)),
                "target": Charts._write_goal(target, unit),
                "key": name != "response_rate",
            }
            cards.append(self._make_card(label, value, before.get(name), shown, FORMATS[unit][1], "higher", **options))
        return cards

    def _get_satisfaction_charts(self, now, wave):
        charts = []
        if wave and any(value is not None for _name, value in wave["dimensions"]):
            rows = [[name, value, ""] for name, value in wave["dimensions"]]
            charts.append(self._make_bars(self.env._("Satisfied by dimension of the survey"), rows, PERCENT, 1, 100))
        if any(now["stars"]):
            names = [self.env._("1 star"), *(self.env._("%s stars", star) for star in range(2, 6))]
            rows = [[name, count, ""] for name, count in zip(names, now["stars"], strict=True)]
            charts.append(self._make_bars(self.env._("Ratings of the answers"), rows[::-1]))
        return charts

    def _get_satisfaction_tables(self, now):
        if len(now["waves"]) < 2:
            return []

        def describe(value, unit="percent"):
            missing = self.env._("not published: it would expose few clients")
            return missing if value is None else self.env["sig.charts"]._write_figure(value, unit)

        columns = {
            self.env._("Survey") + "*": "name",
            self.env._("Clients who answered"): "answered",
            self.env._("Satisfied, 4 and 5 (%)"): lambda wave: describe(wave["satisfaction"]),
            self.env._("NPS"): lambda wave: describe(wave["nps"], "points"),
            self.env._("Response rate"): lambda wave: describe(wave["response_rate"]),
        }
        return [self._make_table(self.env._("Surveys of the period"), columns, now["waves"])]
