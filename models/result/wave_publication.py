from odoo import models

from ...tools import frozen
from ...tools.statistics import MINIMUM_ANSWERS, NOT_COMPARABLE, suppressed


class SurveyWave(models.Model):
    """What of the results may be read by who does not run the surveys: nothing from which few clients could be told.

    It is taken out of the data, not only left out of a screen. A part that is missing must not be found by subtracting
    the others from the whole, so others go with it: see `statistics.suppressed`.
    """

    _inherit = "sig.survey.wave"

    def _publish(self, results):
        """Results without what fewer than five clients said, and without what would tell it.

        What is left out has None for its figures, and is marked ``suppressed``.
        """
        results = frozen.as_kept(results)
        results["published"] = True
        self._hide_dimensions(results)
        for name, whole in (("satisfied", "change"), ("nps", "nps_change")):
            if results[name] and results[name]["n"] < MINIMUM_ANSWERS:
                results.update({name: None, f"{name}_suppressed": True, whole: _hide_change()})
            for wave in results["earlier"]:
                if wave[name] and wave[name]["n"] < MINIMUM_ANSWERS:
                    wave[name] = None
        for kind in ("city", "industry"):
            self._hide_segments(results["segments"][kind])
        incomplete = any(dimension.get("suppressed") for dimension in results["dimensions"])
        for segment in results["segments"]["process"]:
            if incomplete or segment["answered"] < MINIMUM_ANSWERS:
                _hide(segment)
        for part in results["questions"] + results["dimensions"]:
            if part["change"].get("restricted"):
                part["change"] = _hide_change()
        results.pop("sums")
        for dimension in results["dimensions"]:
            dimension.pop("sums")
        return results

    def _publish_now(self, results):
        """What may be read today of the wave's own results: while answers come in, only how many there are.

        Whoever reads figures before and after one answer could subtract what that client said.
        """
        if self.state != "running":
            return self._publish(results)
        results = self._publish({**results, "questions": [], "dimensions": [], "satisfied": None, "nps": None})
        results.update(
            awaited=True,
            change=_hide_change(),
            nps_change=_hide_change(),
            segments={"city": [], "industry": [], "process": []},
        )
        return results

    def _hide_dimensions(self, results):
        """Hide questions and dimensions: the answers of the dimensions add up to the whole, and those of its questions
        to each dimension."""
        measured = [dimension for dimension in results["dimensions"] if dimension["measures"]]
        clients = [dimension["sums"][0] if dimension["sums"] else 0 for dimension in measured]
        alone = [len(self._get_measuring_questions(results, dimension)) == 1 for dimension in measured]
        for dimension, hidden in zip(measured, suppressed(clients), strict=True):
            if hidden:
                _hide(dimension)
        for dimension, single in zip(measured, alone, strict=True):
            questions = self._get_measuring_questions(results, dimension)
            if dimension.get("suppressed"):
                hidden_questions = [True] * len(questions)
            elif single:
                hidden_questions = [False]
            else:
                hidden_questions = suppressed([question["n"] for question in questions])
            for question, hidden in zip(questions, hidden_questions, strict=True):
                if hidden:
                    _hide(question)
        for question in results["questions"]:
            if question["metric"] == "recommendation" and 0 < question["n"] < MINIMUM_ANSWERS:
                _hide(question)

    def _get_measuring_questions(self, results, dimension):
        return [
            question
            for question in results["questions"]
            if question["metric"] == "satisfaction" and question["dimension"] == dimension["id"]
        ]

    def _hide_segments(self, segments):
        """Hide parts of a whole: clients of one city, of one type."""
        hidden = suppressed([segment["answered"] for segment in segments])
        for name in ("satisfied", "nps"):
            counts = [segment[name]["n"] if segment[name] else 0 for segment in segments]
            hidden = [before or now for before, now in zip(hidden, suppressed(counts), strict=True)]
        for segment, hide in zip(segments, hidden, strict=True):
            if hide:
                _hide(segment)


def _hide(part):
    """Take every figure out of a part of the results."""
    for name in ("n", "not_applicable", "counts", "mean", "satisfied", "nps", "answered", "population", "sums"):
        if name in part:
            part[name] = None
    if "change" in part:
        part["change"] = _hide_change()
    part["suppressed"] = True


def _hide_change():
    return {"verdict": NOT_COMPARABLE, "difference": None, "low": None, "high": None}
