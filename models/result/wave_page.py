from datetime import date

from odoo import api, fields, models, tools

from ...tools import periods
from ...tools.charts import PERCENT
from ...tools.statistics import IMPROVED, MINIMUM_ANSWERS, NO_CHANGE, NOT_COMPARABLE, WORSE
from .. import clock
from ..wave.wave import ENDED

#: how a verdict shows: color, and a sign that does not need it
TONES = {IMPROVED: ("success", "▲"), WORSE: ("danger", "▼"), NO_CHANGE: ("muted", "="), NOT_COMPARABLE: ("muted", "")}

#: from worst to best: of five, how the parts of a scale show
MARKS, SIDES = range(1, 6), (1, 3, 5)


class SurveyWave(models.Model):
    _inherit = "sig.survey.wave"

    results_body = fields.Html("Results", compute="_compute_results_body", sanitize=False)

    @api.depends("state", "results", "analysis_ids.text")
    @api.depends_context("uid", "lang", "allowed_company_ids", "sig_published")
    def _compute_results_body(self):
        for wave in self:
            page = wave.state != "draft" and wave._get_results_page()
            wave.results_body = page and self.env["ir.qweb"]._render(
                "sig_pqrs.survey_results", {"o": wave, "page": page, "printed": False}
            )

    def _get_results_page(self):
        results = self._get_readable_results()
        return {
            "results": results,
            "published": bool(results.get("published")),
            "cut": self._get_cut(),
            "summary": self._get_summary(results),
            "conclusions": self.analysis_ids.filtered(lambda analysis: not analysis.dimension_id),
            "figures": self._get_figure_cards(results),
            "overview": self._get_overview(results),
            "dimensions": [self._get_dimension_page(results, dimension) for dimension in results["dimensions"]],
            "segments": self._get_segment_tables(results),
            "comments": self._get_comments(),
            "minimum": MINIMUM_ANSWERS,
        }

    def _get_cut(self):
        """Of a wave that ended, when it was closed: its answers are those of then."""
        start = date(self.year, 1 if self.semester == "1" else 7, 1)
        moment = (self.state in ENDED and self.date_closed) or clock.now()
        return self._describe_cut(self.company_id, moment, self._name_period(*periods.containing(start, "semester")))

    def _describe_estimate(self, estimate, unit="percent", target=None):
        """“80,0 %” and “62,7 % – 90,5 %”; both empty without answers."""
        if not estimate:
            return "", ""
        write = self.env["sig.charts"]._write_figure
        ends = (write(estimate[end], unit) for end in ("low", "high"))
        return write(estimate["value"], unit, target), " – ".join(ends)

    def _describe_missing(self, part, name="satisfied"):
        if part.get("suppressed") or part.get(f"{name}_suppressed"):
            return self.env._("not published: it would expose few clients")
        if part.get("awaited"):
            return self.env._("published when the survey is closed")
        return self.env._("no data")

    def _describe_change(self, change):
        if change.get("suppressed"):
            return {"text": self._describe_missing(change).capitalize(), "tone": "muted", "sign": ""}
        words = {
            IMPROVED: self.env._("Improved"),
            WORSE: self.env._("Worse"),
            NO_CHANGE: self.env._("No detectable change"),
            NOT_COMPARABLE: self.env._("Not comparable"),
        }
        tone, sign = TONES[change["verdict"]]
        text = words[change["verdict"]]
        if change["verdict"] in (IMPROVED, WORSE):
            difference = (
                f"{'+' if change['difference'] > 0 else ''}{self.env['sig.charts']._format(change['difference'])}"
            )
            text = self.env._("%(verdict)s (%(difference)s points)", verdict=text, difference=difference)
        return {"text": text, "tone": tone, "sign": sign}

    def _describe_target(self, estimate, target, unit):
        target_text = self.env["sig.charts"]._write_goal(target, unit)
        if not estimate:
            return {"text": self.env._("Target %s", target_text), "tone": "muted"}
        value, low, high = (tools.float_round(estimate[end], 2) for end in ("value", "low", "high"))
        if value >= target:
            if low >= target:
                text = self.env._("Target %s: met", target_text)
            else:
                text = self.env._("Target %s: met, but the margin reaches below it", target_text)
            return {"text": text, "tone": "success"}
        if high < target:
            return {"text": self.env._("Target %s: not met", target_text), "tone": "danger"}
        return {"text": self.env._("Target %s: not met, but the margin reaches it", target_text), "tone": "warning"}

    def _get_summary(self, results):
        if not results["answered"]:
            return self.env._("Clients asked: %s. None has answered.", results["asked"])
        counts = {name: results[name] for name in ("answered", "asked")}
        rate = self._describe_estimate(results["response_rate"], target=self.target_response_rate)[0]
        text = self.env._("Clients who answered: %(answered)s of %(asked)s (%(rate)s).", rate=rate, **counts)
        return " ".join(filter(None, [text, self._describe_worse(results)]))

    def _describe_worse(self, results):
        measured = [dimension for dimension in results["dimensions"] if dimension["satisfied"]]
        worse = [dimension["name"] for dimension in measured if dimension["change"]["verdict"] == WORSE]
        return self.env._("Worse than in the wave before: %s.", ", ".join(worse)) if worse else ""

    def _get_figure_cards(self, results):
        cards = []
        for label, name, target, unit, change in (
            (self.env._("Satisfied, 4 and 5 (%)"), "satisfied", self.target_satisfaction, "percent", "change"),
            (self.env._("NPS"), "nps", self.target_nps, "points", "nps_change"),
        ):
            value, interval = self._describe_estimate(results[name], unit, target)
            detail = self._describe_missing(results, name).capitalize() + "."
            if interval:
                detail = self.env._("Margin: %(interval)s. Clients: %(n)s.", interval=interval, n=results[name]["n"])
            cards.append(
                {
                    "label": label,
                    "value": value or "—",
                    "detail": detail,
                    "target": self._describe_target(results[name], target, unit),
                    "change": self._describe_change(results[change]) if results["earlier"] and value else None,
                }
            )
        rate, target = results["response_rate"], self.target_response_rate
        judged = rate and (self.state in ENDED or rate["value"] >= target)  # a survey that runs may still reach it
        certain = judged and {**rate, "low": rate["value"], "high": rate["value"]}  # a fact, not an estimate
        words = {"unreached": results["population"] - results["asked"]}
        words.update((name, results[name]) for name in ("answered", "asked"))
        answered = {
            "label": self.env._("Response rate (%)"),
            "value": self._describe_estimate(rate, target=target)[0] or "—",
            "detail": self.env._("Clients: %(answered)s of %(asked)s; not reached: %(unreached)s", **words),
            "target": self._describe_target(certain, target, "percent"),
            "change": None,
        }
        return [*cards, answered]

    def _get_overview(self, results):
        """A chart of the template ``bars``, with margins and target; none without figures."""
        rows = []
        for dimension in results["dimensions"]:
            if estimate := dimension["satisfied"]:
                note = f"n = {estimate['n']}"
                rows.append([dimension["name"], estimate["value"], note, estimate["low"], estimate["high"]])
            elif dimension["measures"]:
                rows.append([dimension["name"], None, self._describe_missing(dimension)])
        if all(row[1] is None for row in rows):
            return None
        target = self.target_satisfaction
        goal = self.env["sig.charts"]._write_goal(target, "percent")
        return {"rows": rows, "unit": PERCENT, "digits": 1, "top": 100, "target": target, "goal": goal}

    def _get_parts(self, question):
        """``[(name, place among five, share of the answers in per cent)]``, from worst to best."""
        if not question["n"]:
            return []
        counts, places, names = question["counts"], MARKS, map(str, MARKS)
        if question["metric"] == "recommendation":
            counts, places = [sum(counts[:7]), sum(counts[7:9]), sum(counts[9:])], SIDES
            names = [self.env._("Detractors (0–6)"), self.env._("Passives (7–8)"), self.env._("Promoters (9–10)")]
        shares = [100 * count / question["n"] for count in counts]
        return list(zip(names, places, shares, strict=True))

    def _get_dimension_page(self, results, dimension):
        has_earlier = bool(results["earlier"])
        questions = [question for question in results["questions"] if question["dimension"] == dimension["id"]]
        value, interval = self._describe_estimate(dimension["satisfied"])
        own = {dimension["id"]} - {False}
        analyses = self.analysis_ids.filtered(lambda one: own & {*(one.dimension_id | one.dimension_id.origin_id).ids})
        return {
            "id": dimension["id"],
            "name": dimension["name"],
            "processes": ", ".join(dimension["processes"]),
            "value": value or (dimension["measures"] and self._describe_missing(dimension).capitalize()) or "",
            "interval": interval,
            "change": self._describe_change(dimension["change"]) if has_earlier and value else None,
            "questions": [self._get_question_row(question, has_earlier) for question in questions],
            "analyses": analyses,
        }

    def _get_question_row(self, question, has_earlier):
        is_nps = question["metric"] == "recommendation"
        name, unit = ("nps", "points") if is_nps else ("satisfied", "percent")
        value, interval = self._describe_estimate(question[name], unit)
        n, not_applicable = ("—" if question[name] is None else question[name] for name in ("n", "not_applicable"))
        return {
            "title": question["title"],
            "parts": self._get_parts(question),
            "n": n,
            "not_applicable": not_applicable,
            "mean": self.env["sig.charts"]._format(question["mean"]["value"], 2) if question["mean"] else "—",
            "value": (f"NPS {value}" if is_nps else value) if value else self._describe_missing(question).capitalize(),
            "interval": interval,
            "change": self._describe_change(question["change"]) if has_earlier and value else None,
        }

    def _get_segment_tables(self, results):
        """Tables of segments of which there are at least two."""
        tables = []
        for label, column, kind in (
            (self.env._("By city"), self.env._("City"), "city"),
            (self.env._("By type of client"), self.env._("Client type"), "industry"),
        ):
            segments = [segment for segment in results["segments"][kind] if segment["answered"] != 0]
            if segments and len(results["segments"][kind]) > 1:
                rows = [self._get_segment_row(segment) for segment in segments]
                tables.append({"label": label, "column": column, "rows": rows})
        return tables

    def _get_segment_row(self, segment):
        value, interval = self._describe_estimate(segment["satisfied"])
        counts = {name: segment[name] for name in ("answered", "population")}
        return {
            "name": segment["name"],
            "answered": "—" if segment.get("suppressed") else self.env._("%(answered)s of %(population)s", **counts),
            "value": value or self._describe_missing(segment).capitalize(),
            "interval": interval,
            "nps": self._describe_estimate(segment["nps"], "points")[0] or "—",
        }
