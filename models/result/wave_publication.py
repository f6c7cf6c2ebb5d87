from odoo import api, fields, models

from ...tools import frozen
from ...tools.statistics import MINIMUM_ANSWERS, NOT_COMPARABLE, suppressed
from ..wave.wave import ENDED

#: version of the frozen format
FORMAT = 1

#: ``(field, its flag, part of the results)``
FIGURES = (
    ("response_rate", "has_response_rate", "response_rate"),
    ("satisfaction", "has_results", "satisfied"),
    ("nps", "has_nps", "nps"),
)


class SurveyWave(models.Model):
    """Publication: nothing from which what one to four clients said could be derived. It is removed from the data, not
    only from the screen, with whatever would reveal it by subtraction: see `statistics.suppressed`.
    """

    _inherit = "sig.survey.wave"

    results = fields.Json("Frozen results", readonly=True, copy=False, groups="sig_pqrs.group_sig_director")
    results_digest = fields.Char(
        "Digest of the results",
        readonly=True,
        copy=False,
        help="SHA-256 of the frozen results: printed on the report, it shows that they are still the same.",
    )

    def _publish(self, results):
        """Remove what fewer than five clients said, and what would reveal it: None, marked ``suppressed``."""
        results = frozen.as_json(results)
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
        """Publish no figures of a running wave: those before and after one answer would reveal it by subtraction."""
        if self.state != "running":
            return self._publish(results)
        return {
            **self._publish({**results, "questions": [], "dimensions": [], "satisfied": None, "nps": None}),
            "awaited": True,
            "change": _hide_change(),
            "nps_change": _hide_change(),
            "segments": {"city": [], "industry": [], "process": []},
        }

    def _hide_dimensions(self, results):
        """Hide questions and dimensions: dimensions add up to the whole, and questions to their dimension."""
        measured = [dimension for dimension in results["dimensions"] if dimension["measures"]]
        clients = [dimension["sums"][0] if dimension["sums"] else 0 for dimension in measured]
        for dimension, is_hidden in zip(measured, suppressed(clients), strict=True):
            questions = [
                question
                for question in results["questions"]
                if question["metric"] == "satisfaction" and question["dimension"] == dimension["id"]
            ]
            hidden = [is_hidden] * len(questions)
            if is_hidden:
                _hide(dimension)
            elif len(questions) > 1:
                hidden = suppressed([question["n"] for question in questions])
            for question, hide in zip(questions, hidden, strict=True):
                if hide:
                    _hide(question)
        for question in results["questions"]:
            if question["metric"] == "recommendation" and 0 < question["n"] < MINIMUM_ANSWERS:
                _hide(question)

    def _hide_segments(self, segments):
        hidden = suppressed([segment["answered"] for segment in segments])
        for name in ("satisfied", "nps"):
            counts = [segment[name]["n"] if segment[name] else 0 for segment in segments]
            hidden = [before or now for before, now in zip(hidden, suppressed(counts), strict=True)]
        for segment, hide in zip(segments, hidden, strict=True):
            if hide:
                _hide(segment)

    # -- Frozen results ---------------------------------------------------------------------------------------------

    def _get_results(self):
        """The complete results: the frozen ones of a closed wave, else the current ones. Not for publication."""
        self.ensure_one()
        return (self.state in ENDED and self.sudo().results) or self._compute_results()

    def _reads_everything(self):
        """Whether the user may read what few clients said: the SIG, unless for somebody else (``sig_published``)."""
        return not self.env.context.get("sig_published") and (
            self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director")
        )

    def _get_readable_results(self):
        self.check_access("read")
        results = self._get_results()
        return results if self._reads_everything() else self._publish_now(results)

    @api.readonly
    def get_results(self):
        """The results in JSON; see `_compute_results`. For users other than the SIG, without what fewer than five
        clients said (``suppressed``), and without figures while the wave runs (``awaited``).
        """
        self.ensure_one()
        return self._get_readable_results()

    def _freeze_results(self):
        for record in self:
            wave = record.sudo().with_context(lang=record.company_id._sig_lang())
            questionnaire = [
                {
                    "title": question.title,
                    "type": "page" if question.is_page else question.question_type,
                    "answers": question.suggested_answer_ids.mapped("value"),
                }
                for question in wave.survey_id.question_and_page_ids
            ]
            results = frozen.as_json({"format": FORMAT, **wave._compute_results(), "questionnaire": questionnaire})
            wave.write({"results": results, "results_digest": frozen.digest(results)})
            wave._store_figures(results)

    def _store_figures(self, results):
        """Store what everybody reads in lists: published figures only, each with a flag, as none is not zero."""
        published = self._publish_now(results)
        for name, flag, part in FIGURES:
            self[flag] = bool(published[part])
            self[name] = published[part]["value"] if published[part] else 0

    @api.model
    def _cron_figures(self):
        waves = self.search([("state", "=", "running")])
        for position, wave in enumerate(waves, 1):
            self._in_isolation(wave, lambda one: one._store_figures(one._compute_results()))
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(waves) - position):
                return


def _hide(part):
    for name in ("n", "not_applicable", "counts", "mean", "satisfied", "nps", "answered", "population", "sums"):
        if name in part:
            part[name] = None
    if "change" in part:
        part["change"] = _hide_change()
    part["suppressed"] = True


def _hide_change():
    return {"verdict": NOT_COMPARABLE, "difference": None, "low": None, "high": None}
